//! Which proxy a request goes through.

use std::fmt;

use reqwest::Url;

use crate::no_proxy::NoProxy;
use crate::variables::Variables;
use crate::{NetworkError, is_loopback};

/// The proxies that the environment names, as text: what is wrong with one matters only to those
/// who would go through it.
#[derive(Clone, Default)]
pub(crate) struct Proxies {
    http: Option<Named>,
    https: Option<Named>,
    no_proxy: NoProxy,
}

/// A variable and its value.
#[derive(Clone)]
struct Named {
    variable: &'static str,
    value: Option<String>,
}

/// A proxy that requests go through, and the variable that says so. Its `Debug` and `Display`
/// leave user name and password out.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyRoute {
    url: Url,
    variable: &'static str,
}

/// Kinds of proxies.
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
/// The port of a SOCKS proxy that names none.
pub(crate) const SOCKS_PORT: u16 = 1080;

impl Proxies {
    /// Names in lower case go first, as with curl and Python; of the variables, the one for the
    /// scheme goes before the one for all.
    pub(crate) fn new(variables: &Variables) -> Self {
        let named = |names: &[&'static str]| {
            let (variable, value) = variables.first(names)?;
            Some(Named { variable, value: value.to_str().map(str::to_owned) })
        };
        let list = variables.first(&["no_proxy", "NO_PROXY"]);
        let list = list.map(|(_, list)| list.to_string_lossy().into_owned()).unwrap_or_default();
        Self {
            http: named(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]),
            https: named(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            no_proxy: NoProxy::new(&list),
        }
    }

    pub(crate) fn route(&self, url: &Url) -> Result<Option<ProxyRoute>, NetworkError> {
        let named = match url.scheme() {
            "https" => &self.https,
            _ => &self.http,
        };
        match named {
            Some(named) if !is_loopback(url) && !self.no_proxy.covers(url) => {
                named.read().map(Some)
            }
            _ => Ok(None),
        }
    }
}

impl Named {
    fn read(&self) -> Result<ProxyRoute, NetworkError> {
        let variable = self.variable;
        let bad = |reason: String| NetworkError::Proxy { variable, reason };
        let value = self.value.as_deref().ok_or_else(|| bad("it is no text".to_owned()))?.trim();
        // Without a scheme it is an HTTP proxy, as everybody else has it, too.
        let with_scheme =
            if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
        // Desktops write `socks` for version 5.
        let with_scheme = match with_scheme.strip_prefix("socks://") {
            Some(rest) => format!("socks5h://{rest}"),
            None => with_scheme,
        };
        let mut url = Url::parse(&with_scheme).map_err(|error| bad(error.to_string()))?;
        if !SCHEMES.contains(&url.scheme()) {
            let kinds = SCHEMES.join(", ");
            return Err(bad(format!("its scheme is `{}`, which is none of {kinds}", url.scheme())));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(bad("it names no host".to_owned()));
        }
        if url.scheme().starts_with("socks") && url.port().is_none() {
            url.set_port(Some(SOCKS_PORT)).map_err(|()| bad("it names no host".to_owned()))?;
        }
        Ok(ProxyRoute { url, variable })
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = |named: &Option<Named>| named.as_ref().map(|named| named.variable);
        f.debug_struct("Proxies")
            .field("http", &variable(&self.http))
            .field("https", &variable(&self.https))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

impl ProxyRoute {
    /// The variable that names the proxy.
    #[must_use]
    pub const fn variable(&self) -> &'static str {
        self.variable
    }

    /// The proxy's address, which may hold a user name and a password.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn into_url(self) -> Url {
        self.url
    }
}

impl fmt::Display for ProxyRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.url.scheme(), self.url.host_str().unwrap_or_default())?;
        if let Some(port) = self.url.port_or_known_default() {
            write!(f, ":{port}")?;
        }
        write!(f, " ({})", self.variable)
    }
}

impl fmt::Debug for ProxyRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxyRoute({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route<const N: usize>(variables: [(&str, &str); N], url: &str) -> Option<String> {
        let proxies = Proxies::new(&variables.into());
        proxies.route(&Url::parse(url).unwrap()).unwrap().map(|route| route.to_string())
    }

    #[test]
    fn the_scheme_decides_and_empty_is_unset() {
        let shown = |text: &str| Some(text.to_owned());
        let plain = "http://a.org/v1";
        let tls = "https://a.org/v1";
        assert_eq!(route([], plain), None);
        assert_eq!(route([("HTTP_PROXY", "p:3128")], plain), shown("http://p:3128 (HTTP_PROXY)"));
        assert_eq!(route([("HTTP_PROXY", "p:3128")], tls), None);
        let both = [("HTTPS_PROXY", "https://p"), ("ALL_PROXY", "socks5://s")];
        assert_eq!(route(both, tls), shown("https://p:443 (HTTPS_PROXY)"));
        assert_eq!(route(both, plain), shown("socks5://s:1080 (ALL_PROXY)"));
        let cases = [("https_proxy", "low:1"), ("HTTPS_PROXY", "up:1")];
        assert_eq!(route(cases, tls), shown("http://low:1 (https_proxy)"));
        let empty = [("https_proxy", " "), ("HTTPS_PROXY", ""), ("all_proxy", "socks://s")];
        assert_eq!(route(empty, tls), shown("socks5h://s:1080 (all_proxy)"));
        let excepted = [("HTTP_PROXY", "p:3128"), ("no_proxy", ""), ("NO_PROXY", "a.org")];
        assert_eq!(route(excepted, plain), None);
    }

    #[test]
    fn this_machine_is_never_behind_a_proxy() {
        for here in
            ["http://127.0.0.1:8000", "https://localhost", "http://[::1]:9", "http://x.localhost"]
        {
            let all = [("ALL_PROXY", "p:1"), ("HTTP_PROXY", "::::"), ("HTTPS_PROXY", "ftp://x")];
            assert_eq!(route(all, here), None, "{here}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_said_with_its_variable_and_without_its_password() {
        for value in
            ["http://", "ftp://me:secret@p", "http://me:secret@p:99999", "::::", "http://[::1"]
        {
            let proxies = Proxies::new(&[("HTTP_PROXY", value)].into());
            let url = Url::parse("http://a.org").unwrap();
            let message = proxies.route(&url).unwrap_err().to_string();
            assert!(message.starts_with("HTTP_PROXY holds no proxy"), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
        let proxies = Proxies::new(&[("HTTP_PROXY", "http://me:secret@p:1")].into());
        let route = proxies.route(&Url::parse("http://a.org").unwrap()).unwrap();
        assert!(!format!("{route:?} {proxies:?}").contains("secret"));
    }
}
