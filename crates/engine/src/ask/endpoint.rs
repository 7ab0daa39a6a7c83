//! One base URL: where requests go, by which way, and what they carry to be let in.

use std::borrow::Cow;

use avibench_network::ProxyRoute;
use percent_encoding::percent_decode_str;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use super::{HttpError, HttpSettings};
use crate::Secret;

/// Whether requests can go to a base URL.
///
/// # Errors
///
/// If it is no address of a server.
pub fn check_base_url(base: &str) -> Result<(), HttpError> {
    parsed(base).map(|_| ())
}

/// A base URL with its host and port.
fn parsed(base: &str) -> Result<(Url, String), HttpError> {
    let bad = |reason: String| HttpError::BaseUrl { url: without_secrets(base), reason };
    let url = Url::parse(base.trim()).map_err(|error| {
        let has_scheme = base.contains("://");
        bad(if has_scheme {
            error.to_string()
        } else {
            "it does not begin with http://".to_owned()
        })
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad(format!("its scheme is `{}`", url.scheme())));
    }
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => return Err(bad("it names no host".to_owned())),
    };
    Ok((url, host))
}

/// An endpoint of one replica.
#[derive(Debug)]
pub(super) struct Endpoint {
    url: Url,
    host: String,
    route: Option<ProxyRoute>,
    headers: HeaderMap,
    secrets: Vec<Secret>,
}

impl Endpoint {
    /// Completes a base URL, takes user name and password out of it, and finds the way there.
    pub(super) fn new(base: &str, settings: &HttpSettings) -> Result<Self, HttpError> {
        let (mut url, host) = parsed(base)?;
        // Accepted with and without the last part, as people paste both.
        let path = url.path().trim_end_matches('/');
        if !path.ends_with("/chat/completions") {
            url.set_path(&format!("{path}/chat/completions"));
        }
        url.set_fragment(None);
        let mut headers = HeaderMap::new();
        let mut secrets = secrets_of_query(&url);
        if let Some(basic) = basic_credentials(&url) {
            secrets.extend(secrets_of(&url));
            headers.insert(AUTHORIZATION, sensitive(&format!("Basic {basic}"))?);
        } else if let Some(key) = settings.key.as_ref().filter(|key| !key.is_empty()) {
            headers.insert(AUTHORIZATION, sensitive(&format!("Bearer {}", key.expose()))?);
        }
        for (name, value) in settings.headers.iter().map(super::ExtraHeader::parts) {
            headers.insert(name, value);
        }
        // Only an address without a host or with `file` takes neither.
        let _ = url.set_username("").and_then(|()| url.set_password(None));
        let route = settings.network.route(&url)?;
        secrets.extend(route.iter().flat_map(|route| secrets_of(route.url())));
        Ok(Self { url, host, route, headers, secrets })
    }

    /// Where requests are posted to.
    pub(super) const fn url(&self) -> &Url {
        &self.url
    }

    /// The address of another path of the same service, such as `files`.
    pub(super) fn sibling(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        let root = url.path().trim_end_matches("chat/completions").to_owned();
        url.set_path(&(root + path));
        url
    }

    /// The base URL that is meant more likely, if this one is a host without a path.
    pub(super) fn likely_base(&self) -> Option<String> {
        let is_bare = self.url.path() == "/chat/completions";
        is_bare.then(|| format!("{}://{}/v1", self.url.scheme(), self.host))
    }

    /// Host and port.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The proxy on the way.
    pub(super) const fn route(&self) -> Option<&ProxyRoute> {
        self.route.as_ref()
    }

    /// Headers that let a request in.
    pub(super) const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Whether TLS is spoken, to the server or to a proxy.
    pub(super) fn needs_tls(&self) -> bool {
        let proxy = self.route.as_ref().map(ProxyRoute::url);
        [Some(&self.url), proxy].into_iter().flatten().any(|url| url.scheme() == "https")
    }

    /// What of all this must not be told.
    pub(super) fn secrets(&self) -> impl Iterator<Item = Secret> {
        self.secrets.iter().cloned()
    }
}

fn sensitive(value: &str) -> Result<HeaderValue, HttpError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| HttpError::Key)?;
    value.set_sensitive(true);
    Ok(value)
}

/// `user:password` of an address in base64, if it has either.
fn basic_credentials(url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let user = decoded(url.username());
    let pair = format!("{user}:{}", decoded(url.password().unwrap_or_default()));
    Some(base64_simd::STANDARD.encode_to_string(pair))
}

/// The password in an address, as it is written, as it is meant and as it is sent.
fn secrets_of(url: &Url) -> Vec<Secret> {
    let mut found: Vec<Secret> =
        basic_credentials(url).as_deref().map(Secret::new).into_iter().collect();
    if let Some(password) = url.password() {
        found.extend([Secret::new(password), Secret::new(&decoded(password))]);
    }
    found
}

/// Keys in the query of an address, such as `?key=...`.
fn secrets_of_query(url: &Url) -> Vec<Secret> {
    let is_secret = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["key", "token", "secret", "sig", "password"].iter().any(|word| name.contains(word))
    };
    let raw = url.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    raw.filter(|(name, _)| is_secret(name))
        .flat_map(|(_, value)| [Secret::new(value), Secret::new(&decoded(value))])
        .collect()
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// What somebody gave as base URL, without what may be secret in it. User and password go first,
/// because a `?` may stand in a password that was not percent-encoded.
fn without_secrets(base: &str) -> String {
    let base = match (base.find("://"), base.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}{}", &base[..scheme + 3], &base[at + 1..])
        }
        (None, Some(at)) => base[at + 1..].to_owned(),
        _ => base.to_owned(),
    };
    base.split_once('?').map_or(base.as_str(), |(before, _)| before).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ExtraHeader;
    use crate::secret::Secrets;

    fn endpoint(base: &str) -> Result<Endpoint, HttpError> {
        Endpoint::new(base, &HttpSettings::new(base, "m"))
    }

    #[test]
    fn base_urls_are_completed_and_stripped() {
        for (base, url) in [
            ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1/chat/completions"),
            ("http://127.0.0.1:8000/v1/ ", "http://127.0.0.1:8000/v1/chat/completions"),
            ("https://x.org", "https://x.org/chat/completions"),
            ("https://x.org/v1/chat/completions", "https://x.org/v1/chat/completions"),
            (
                "https://x.openai.azure.com/openai/deployments/d?api-version=2024-10-21",
                "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
            ),
            ("https://x.org/v1/?a=b&c=d#e", "https://x.org/v1/chat/completions?a=b&c=d"),
            ("https://me:secret@x.org/v1", "https://x.org/v1/chat/completions"),
        ] {
            assert_eq!(endpoint(base).unwrap().url().as_str(), url);
        }
        assert_eq!(endpoint("https://a:secret@x.org:81/v1").unwrap().host(), "x.org:81");
        let likely = |base: &str| endpoint(base).unwrap().likely_base();
        assert_eq!(likely("http://a:secret@x.org:81/?key=secret").unwrap(), "http://x.org:81/v1");
        assert_eq!(likely("https://x.org/v1"), None);
        for bad in [
            "x.org/v1",
            "ftp://a:secret@x.org",
            "",
            "http://",
            "a:secret@x.org",
            "ftp://a:secret?secret@x.org",
            "http://[x?key=secret",
        ] {
            let message = endpoint(bad).unwrap_err().to_string();
            assert!(!message.contains("secret"), "{message}");
        }
    }

    #[test]
    fn what_lets_a_request_in_is_the_header_then_the_url_then_the_key() {
        let authorization = |base: &str, headers: &[(&str, &str)]| {
            let settings = HttpSettings {
                key: Some(Secret::new("the-key")),
                headers: headers
                    .iter()
                    .map(|(name, value)| ExtraHeader::new(name, Secret::new(value)).unwrap())
                    .collect(),
                ..HttpSettings::new(base, "m")
            };
            let endpoint = Endpoint::new(base, &settings).unwrap();
            let value = endpoint.headers().get(AUTHORIZATION).unwrap();
            value.to_str().unwrap().to_owned()
        };
        let (plain, with_user) = ("http://127.0.0.1", "http://me:se%20cret@127.0.0.1");
        assert_eq!(authorization(plain, &[("api-key", "other")]), "Bearer the-key");
        assert_eq!(authorization(with_user, &[]), "Basic bWU6c2UgY3JldA==");
        assert_eq!(authorization(with_user, &[("authorization", "Token t")]), "Token t");
    }

    #[test]
    fn passwords_and_keys_in_addresses_are_secrets() {
        let endpoint =
            endpoint("http://me:se%20cret-word@127.0.0.1/v1?api-version=2024-10-21&key=AIza-12345")
                .unwrap();
        let hidden = |text: &str| endpoint.secrets().collect::<Secrets>().redact(text.to_owned());
        assert_eq!(hidden("se cret-word se%20cret-word AIza-12345"), "[key] [key] [key]");
        assert_eq!(hidden("bWU6c2UgY3JldC13b3Jk"), "[key]");
        assert_eq!(hidden("2024-10-21"), "2024-10-21");
    }
}
