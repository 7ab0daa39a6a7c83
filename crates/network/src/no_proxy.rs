//! `NO_PROXY`: what is reached without a proxy.

use std::net::IpAddr;

use ipnet::IpNet;
use reqwest::Url;

/// The entries of `NO_PROXY`, separated by commas or white space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NoProxy(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    hosts: Hosts,
    /// Counts only for this port.
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Hosts {
    All,
    Address(IpAddr),
    Network(IpNet),
    /// A name and all names below it, in lower case, without a dot at either end.
    Domain(String),
}

impl NoProxy {
    pub(crate) fn new(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace());
        Self(entries.filter_map(Entry::new).collect())
    }

    /// Whether `url` is reached directly.
    pub(crate) fn covers(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let port = url.port_or_known_default();
        self.0
            .iter()
            .any(|entry| (entry.port.is_none() || entry.port == port) && entry.hosts.contain(&host))
    }
}

impl Entry {
    fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if let Some(hosts) = Hosts::numeric(text) {
            return Some(Self { hosts, port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => match port.parse() {
                Ok(port) => (host, Some(port)),
                Err(_) => (text, None),
            },
            None => (text, None),
        };
        let hosts = match Hosts::numeric(host) {
            Some(hosts) => hosts,
            None if host == "*" => Hosts::All,
            None => {
                let name = host.strip_prefix('*').unwrap_or(host);
                let name = name.trim_matches('.').to_ascii_lowercase();
                if name.is_empty() {
                    return None;
                }
                Hosts::Domain(name)
            }
        };
        Some(Self { hosts, port })
    }
}

impl Hosts {
    /// An address, with or without brackets, or a network.
    fn numeric(text: &str) -> Option<Self> {
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        let address =
            bare.parse().ok().map(|address: IpAddr| Self::Address(address.to_canonical()));
        address.or_else(|| text.parse().ok().map(Self::Network))
    }

    fn contain(&self, host: &str) -> bool {
        let address = || host.parse().ok().map(|address: IpAddr| address.to_canonical());
        match self {
            Self::All => true,
            Self::Address(one) => address() == Some(*one),
            Self::Network(network) => address().is_some_and(|address| network.contains(&address)),
            Self::Domain(name) => host
                .strip_suffix(name.as_str())
                .is_some_and(|before| before.is_empty() || before.ends_with('.')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_cover_hosts_suffixes_networks_and_ports() {
        for (list, covered, others) in [
            ("*", &["http://a.org", "https://10.0.0.1"][..], &[][..]),
            (
                "example.com",
                &["http://example.com", "https://a.b.EXAMPLE.com./x"],
                &["http://notexample.com", "http://example.com.org"],
            ),
            (
                ".example.com",
                &["http://example.com", "http://a.example.com"],
                &["http://xexample.com"],
            ),
            ("*.example.com", &["http://a.example.com"], &["http://example.org"]),
            ("a.org:8000", &["http://a.org:8000", "http://b.a.org:8000"], &["http://a.org"]),
            ("a.org:443", &["https://a.org/v1"], &["http://a.org/v1"]),
            ("10.0.0.0/8", &["http://10.9.8.7:80"], &["http://11.0.0.1", "http://10.example"]),
            ("10.1.2.3", &["http://10.1.2.3"], &["http://10.1.2.4"]),
            ("10.1.2.3:8000", &["http://10.1.2.3:8000"], &["http://10.1.2.3"]),
            ("fe80::/10", &["http://[fe80::1]:80"], &["http://[2001:db8::1]"]),
            ("[2001:db8::1]:81", &["http://[2001:db8::1]:81"], &["http://[2001:db8::1]"]),
            ("2001:db8::1", &["http://[2001:db8::1]:81"], &["http://[2001:db8::2]"]),
            (
                " a.org ,, b.org c.org",
                &["http://a.org", "http://b.org", "http://c.org"],
                &["http://d.org"],
            ),
            ("", &[], &["http://a.org"]),
            (",. ,", &[], &["http://a.org"]),
        ] {
            let list_read = NoProxy::new(list);
            let covers = |url: &&str| list_read.covers(&Url::parse(url).unwrap());
            assert!(covered.iter().all(covers), "{list}: {covered:?}");
            assert!(!others.iter().any(covers), "{list}: {others:?}");
        }
    }
}
