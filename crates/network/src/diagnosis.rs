//! What went wrong with a connection, from the types of an error and its causes.

use std::error::Error;
use std::{fmt, io};

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, InvalidMessage};

use crate::ProxyRoute;
use crate::trust::is_authority_as_server;

/// What went wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// In words, without the address.
    pub reason: String,
    /// The next step, where it is known.
    pub mend: Option<String>,
}

impl Diagnosis {
    /// Of an error that a client gave for a request on this route.
    #[must_use]
    pub fn of(error: &reqwest::Error, route: Option<&ProxyRoute>) -> Self {
        let mut found = Self { reason: "no reason given".to_owned(), mend: None };
        // The last cause that has words of its own is the root.
        let mut cause = error.source();
        let mut tls = false;
        while let Some(outer) = cause {
            let inner = innermost(outer);
            if let Some(error) = inner.downcast_ref() {
                found = Self::of_tls(error);
                tls = true;
                break;
            }
            found = match inner.downcast_ref::<hyper::Error>() {
                Some(error) if error.is_parse() => Self {
                    reason: format!("what came back is no HTTP: {error}"),
                    mend: Some(
                        "if the server speaks TLS, begin the base URL with https://".to_owned(),
                    ),
                },
                _ => Self::of_io(outer, inner),
            };
            cause = inner.source();
        }
        if let Some(route) = route {
            found.take_route(route, tls, error.is_connect());
        }
        found
    }

    /// Names the proxy, where a connection could not be made.
    fn take_route(&mut self, route: &ProxyRoute, tls: bool, connecting: bool) {
        let variable = route.variable();
        if tls && route.url().scheme() != "https" || !connecting {
            self.reason = format!("{}; it went through the proxy {route}", self.reason);
            return;
        }
        self.reason = format!("{} at the proxy {route}", self.reason);
        self.mend = Some(format!(
            "check {variable}, or name the host in NO_PROXY to go there without a proxy"
        ));
    }

    /// Of a cause, `inner` where it stands inside I/O errors.
    fn of_io(outer: &(dyn Error + 'static), inner: &(dyn Error + 'static)) -> Self {
        let kind = |error: &(dyn Error + 'static)| Some(error.downcast_ref::<io::Error>()?.kind());
        match kind(inner).or(kind(outer)) {
            Some(io::ErrorKind::ConnectionRefused) => {
                Self { reason: "connection refused".to_owned(), mend: None }
            }
            _ => Self { reason: inner.to_string(), mend: None },
        }
    }

    fn of_tls(error: &rustls::Error) -> Self {
        let (reason, mend) = match error {
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => (
                "the server does not speak TLS there".to_owned(),
                "use http:// instead of https:// in the base URL".to_owned(),
            ),
            rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => (
                "the server asks for a certificate of the client, and avibench has none".to_owned(),
                "ask its keeper for a way in with a key".to_owned(),
            ),
            rustls::Error::InvalidCertificate(error) => return Self::of_certificate(error),
            other => return Self { reason: format!("TLS: {other}"), mend: None },
        };
        Self { reason, mend: Some(mend) }
    }

    fn of_certificate(error: &CertificateError) -> Self {
        let (reason, mend) = match error {
            CertificateError::ExpiredContext { time, not_after } => (
                format!(
                    "its certificate expired at {}, and now is {}",
                    utc(*not_after),
                    utc(*time)
                ),
                "have it renewed, or correct the clock of this machine".to_owned(),
            ),
            CertificateError::NotValidYetContext { time, not_before } => (
                format!(
                    "its certificate is valid from {} on, and now is {}",
                    utc(*not_before),
                    utc(*time)
                ),
                "correct the clock of this machine or of the one that made it".to_owned(),
            ),
            CertificateError::NotValidForNameContext { expected, presented } => {
                let asked = expected.to_str();
                if presented.is_empty() {
                    (
                        format!("its certificate names no host, so it is not for {asked}"),
                        format!(
                            "make it with the name, for openssl req with -addext \
                             subjectAltName={}",
                            alt_name(&asked)
                        ),
                    )
                } else {
                    let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
                    (
                        format!("its certificate is for {}, not for {asked}", names.join(", ")),
                        "use a name of the certificate in the base URL, or make one for this name"
                            .to_owned(),
                    )
                }
            }
            CertificateError::UnknownIssuer => (
                "its certificate comes from an authority that is not trusted here".to_owned(),
                "name the authority's certificate with --ca-file or SSL_CERT_FILE".to_owned(),
            ),
            error if is_authority_as_server(error) => (
                "its certificate has signed itself and is not among those trusted here".to_owned(),
                "name this very certificate with --ca-file or SSL_CERT_FILE".to_owned(),
            ),
            CertificateError::BadSignature => (
                "its certificate is not signed by the trusted authority of that name".to_owned(),
                "name the authority's present certificate with --ca-file or SSL_CERT_FILE"
                    .to_owned(),
            ),
            other => {
                return Self {
                    reason: format!("its certificate is not accepted: {other}"),
                    mend: None,
                };
            }
        };
        Self { reason, mend: Some(mend) }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        match &self.mend {
            Some(mend) => write!(f, "; {mend}"),
            None => Ok(()),
        }
    }
}

/// What stands inside I/O errors, which do not give it as their source.
fn innermost<'a>(mut cause: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    while let Some(inner) = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        cause = inner;
    }
    cause
}

fn utc(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// `DnsName("a.org")` and `IpAddress(10.0.0.1)` without their kind.
fn bare(name: &str) -> &str {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
    inner.trim_matches('"')
}

/// A host as the extension names it.
fn alt_name(host: &str) -> String {
    match host.parse::<std::net::IpAddr>() {
        Ok(address) => format!("IP:{address}"),
        Err(_) => format!("DNS:{host}"),
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::ServerName;

    use super::*;

    #[test]
    fn what_stands_inside_io_errors_is_found() {
        let tls = rustls::Error::DecryptError;
        let nested = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, tls));
        assert!(innermost(&nested).downcast_ref::<rustls::Error>().is_some());
        let plain = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(Diagnosis::of_io(&plain, innermost(&plain)).reason, "connection refused");
    }

    #[test]
    fn certificates_are_told_by_what_is_wrong_and_how_to_mend_it() {
        let at = |seconds| UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let name = |presented: &[&str]| CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("127.0.0.1").unwrap(),
            presented: presented.iter().map(|&name| name.to_owned()).collect(),
        };
        for (error, words) in [
            (
                CertificateError::ExpiredContext { time: at(86_400), not_after: at(0) },
                "expired at 1970-01-01 00:00 UTC, and now is 1970-01-02 00:00 UTC",
            ),
            (
                CertificateError::NotValidYetContext { time: at(0), not_before: at(86_400) },
                "valid from 1970-01-02 00:00 UTC on",
            ),
            (
                name(&["DnsName(\"a.org\")", "IpAddress(10.0.0.1)"]),
                "is for a.org, 10.0.0.1, not for 127.0.0.1",
            ),
            (name(&[]), "names no host"),
            (CertificateError::UnknownIssuer, "an authority that is not trusted"),
        ] {
            let found = Diagnosis::of_certificate(&error);
            assert!(found.reason.contains(words), "{found:?}");
            assert!(found.mend.is_some(), "{found:?}");
        }
        let mend = Diagnosis::of_certificate(&name(&[])).mend.unwrap();
        assert!(mend.ends_with("subjectAltName=IP:127.0.0.1"), "{mend}");
    }
}
