//! Which addresses are this machine.

use std::net::IpAddr;

use reqwest::Url;

/// Whether an address is on this machine, whoever resolves it: `localhost` and names below it,
/// 127.0.0.0/8, `::1`, and the unspecified addresses, which reach this machine as well.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        let address = address.to_canonical();
        return address.is_loopback() || address.is_unspecified();
    }
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_many_names() {
        for here in [
            "http://127.0.0.1:8000/v1",
            "http://127.8.9.10/",
            "http://localhost",
            "https://LocalHost.:81",
            "http://a.b.localhost",
            "http://[::1]:8000",
            "http://[::ffff:127.0.0.1]",
            "http://0.0.0.0:8000",
            "http://me:secret@127.0.0.1",
            "http://2130706433/",
        ] {
            assert!(is_loopback(&Url::parse(here).unwrap()), "{here}");
        }
        for elsewhere in [
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://notlocalhost",
            "http://10.0.0.1",
            "http://[::2]",
            "http://127.0.0.1@10.0.0.1/",
        ] {
            assert!(!is_loopback(&Url::parse(elsewhere).unwrap()), "{elsewhere}");
        }
    }
}
