//! Further headers that a person wants sent with every request.

use reqwest::header::{HeaderName, HeaderValue};

use super::HttpError;
use crate::Secret;

/// Headers that the request itself decides, and why nobody else may.
const OWN: [(&str, &str); 17] = [
    ("content-length", MEASURED),
    ("transfer-encoding", MEASURED),
    ("content-type", "requests are JSON, and the program says so itself"),
    ("content-encoding", "requests are sent as they are"),
    ("host", "it follows from --base-url"),
    ("accept", "the program says itself which answers it reads"),
    ("accept-encoding", "the program says itself which answers it reads"),
    ("range", "answers are read whole"),
    ("connection", CONNECTION),
    ("keep-alive", CONNECTION),
    ("proxy-connection", CONNECTION),
    ("te", CONNECTION),
    ("trailer", CONNECTION),
    ("upgrade", CONNECTION),
    ("expect", CONNECTION),
    ("http2-settings", CONNECTION),
    (
        "proxy-authorization",
        "a proxy's user name and password belong into the variable that names it",
    ),
];
const MEASURED: &str = "the length of a request is measured, not set";
const CONNECTION: &str = "it is about the connection, which the program keeps itself";

/// A header with a value that is kept as secret as a key.
#[derive(Debug, Clone)]
pub struct ExtraHeader {
    name: HeaderName,
    value: Secret,
    sent: HeaderValue,
}

impl ExtraHeader {
    /// Checks a header.
    ///
    /// # Errors
    ///
    /// [`HttpError::Header`] where the name is none, is one that the program sets itself, or the
    /// value cannot be sent.
    pub fn new(name: &str, value: Secret) -> Result<Self, HttpError> {
        let bad = |reason| HttpError::Header { name: name.to_owned(), reason };
        let read = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| bad("this is no name of a header"))?;
        if let Some((_, reason)) = OWN.iter().find(|(own, _)| read == *own) {
            return Err(bad(reason));
        }
        if value.is_empty() {
            return Err(bad("its value is empty"));
        }
        let mut sent = HeaderValue::from_str(value.expose())
            .map_err(|_| bad("its value holds characters that cannot be sent"))?;
        sent.set_sensitive(true);
        Ok(Self { name: read, value, sent })
    }

    /// The name, in lower case.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    pub(super) const fn value(&self) -> &Secret {
        &self.value
    }

    /// As it goes out.
    pub(super) fn parts(&self) -> (HeaderName, HeaderValue) {
        (self.name.clone(), self.sent.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_checked_and_its_value_never_shown() {
        let of = |name: &str, value: &str| ExtraHeader::new(name, Secret::new(value));
        assert_eq!(of("Api-Key", "0123456789\n").unwrap().name(), "api-key");
        assert!(of("Authorization", "Bearer x").is_ok());
        for name in
            ["Content-Length", "HOST", "content-type", "Proxy-Authorization", "a b", "", "ä"]
        {
            let message = of(name, "0123456789").unwrap_err().to_string();
            assert!(message.starts_with(&format!("--header {name}: ")), "{message}");
            assert!(!message.contains("0123"), "{message}");
        }
        let message = of("x", "secret\nvalue").unwrap_err().to_string();
        assert!(!message.contains("secret"), "{message}");
        assert!(of("x", " ").is_err());
        assert!(!format!("{:?}", of("x", "secret-value").unwrap()).contains("secret-value"));
    }
}
