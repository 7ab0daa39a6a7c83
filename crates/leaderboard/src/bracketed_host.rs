//! What may stand in brackets in an address: an IPv6 address, as Python's `ipaddress` reads one, or an
//! address of a future version (RFC 3986).

/// Whether `urlparse` of Python 3.11 takes `host`, which stood in brackets.
pub(crate) fn is_accepted(host: &str) -> bool {
    if let Some(future) = host.strip_prefix('v') {
        return future.split_once('.').is_some_and(|(version, address)| {
            !version.is_empty()
                && version.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !address.is_empty()
        });
    }
    // A zone, such as `%eth0`, may follow.
    let (address, zone) = match host.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (host, None),
    };
    !zone.is_some_and(|zone| zone.is_empty() || zone.contains('%')) && is_ipv6(address)
}

fn is_ipv6(address: &str) -> bool {
    let mut parts: Vec<&str> = address.split(':').take(10).collect();
    if parts.len() < 3 {
        return false;
    }
    if let Some(last) = parts.last().copied().filter(|last| last.contains('.')) {
        if !is_ipv4(last) {
            return false;
        }
        // It stands for two groups.
        parts.pop();
        parts.extend(["0", "0"]);
    }
    if parts.len() > 9 {
        return false;
    }
    let (first, last) = (parts[0], parts[parts.len() - 1]);
    let mut gaps = (1..parts.len() - 1).filter(|&at| parts[at].is_empty());
    let groups = match (gaps.next(), gaps.next()) {
        (Some(_), Some(_)) => return false,
        (Some(gap), None) => {
            let before = gap - usize::from(first.is_empty());
            let after = parts.len() - gap - 1 - usize::from(last.is_empty());
            let is_open = (first.is_empty() && before > 0) || (last.is_empty() && after > 0);
            if is_open || before + after > 7 {
                return false;
            }
            let behind = gap + 1..gap + 1 + after;
            let ahead = gap - before..gap;
            parts[ahead].iter().chain(&parts[behind]).copied().collect::<Vec<_>>()
        }
        (None, _) => {
            if parts.len() != 8 {
                return false;
            }
            parts
        }
    };
    groups.iter().all(|group| {
        matches!(group.len(), 1..=4) && group.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn is_ipv4(address: &str) -> bool {
    let mut octets = 0;
    address.split('.').all(|octet| {
        octets += 1;
        octets <= 4
            && matches!(octet.len(), 1..=3)
            && octet.bytes().all(|byte| byte.is_ascii_digit())
            && (octet == "0" || !octet.starts_with('0'))
            && octet.parse::<u16>().is_ok_and(|number| number < 256)
    }) && octets == 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_taken_as_python_takes_them() {
        for host in [
            "::",
            "::1",
            "1::",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
            "::1.2.3.4",
            "1:2:3:4:5:6:1.2.3.4",
            "fe80::1%eth0",
            "fe80::1%é",
            "ABCD::",
            "v1.a",
            "vF.:",
            "v1..",
        ] {
            assert!(is_accepted(host), "{host}");
        }
        for host in [
            "",
            ":",
            ":::",
            "1",
            "1:2",
            "1.2.3.4",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1::2::3",
            "1:2:3:4:5:6:7:8::",
            ":1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:",
            ":1::2",
            "1::2:",
            "12345::",
            "g::",
            "::1.2.3",
            "::01.2.3.4",
            "::1.2.3.256",
            "::1.2.3.4.5",
            "::1%",
            "::1%a%b",
            "v.a",
            "v1.",
            "V1.a",
            "vg.a",
            "::1 ",
            "::-1",
        ] {
            assert!(!is_accepted(host), "{host}");
        }
    }
}
