//! The way to servers: which proxy a request takes, which certificates are trusted, and what went
//! wrong with a connection, in words.
//!
//! Everything that speaks HTTP builds its client from [`Network`], so that a variable such as
//! `HTTPS_PROXY` or `SSL_CERT_FILE` means the same for each command.

mod ca_file;
mod diagnosis;
mod loopback;
mod no_proxy;
mod proxies;
mod reach;
mod trust;
mod variables;

use std::path::PathBuf;

pub use diagnosis::Diagnosis;
pub use loopback::is_loopback;
pub use proxies::ProxyRoute;
pub use reach::Unreachable;

pub use reqwest::Url;

use proxies::Proxies;
use reqwest::Proxy;
use rustls::ClientConfig;
use variables::Variables;

/// Settings of the network that nothing can be reached with.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// A variable holds something that is no proxy.
    #[error(
        "{variable} holds no proxy that can be used ({reason}); expected something like \
         http://proxy.example:3128 or socks5h://127.0.0.1:1080, or unset {variable}"
    )]
    Proxy {
        /// The variable.
        variable: &'static str,
        /// What is wrong, without the value, which may hold a password.
        reason: String,
    },
    /// A file of certificates cannot be used.
    #[error("{origin}: {} {problem}", path.display())]
    Certificates {
        /// The flag or variable that names it.
        origin: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What is wrong and how to mend it.
        problem: String,
    },
}

/// How this process reaches servers.
#[derive(Debug, Clone)]
pub struct Network {
    proxies: Proxies,
    variables: Variables,
    ca_file: Option<PathBuf>,
}

impl Network {
    /// As the environment says: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`,
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR`, proxies also in lower case. Empty variables count as
    /// unset.
    #[must_use]
    pub fn from_env() -> Self {
        Self::new(Variables::of_process())
    }

    fn new(variables: Variables) -> Self {
        Self { proxies: Proxies::new(&variables), variables, ca_file: None }
    }

    /// As before, and the certificates in this file are trusted as well.
    #[must_use]
    pub fn with_ca_file(self, ca_file: Option<PathBuf>) -> Self {
        Self { ca_file, ..self }
    }

    /// The proxy that a request for `url` goes through; `None` if it goes there directly, as
    /// every request to this machine does.
    ///
    /// # Errors
    ///
    /// [`NetworkError::Proxy`] where the variable that counts for this address holds no proxy.
    pub fn route(&self, url: &Url) -> Result<Option<ProxyRoute>, NetworkError> {
        self.proxies.route(url)
    }

    /// The same as [`Self::route`], for a client. Addresses are to be checked with that before: where
    /// the proxy of one cannot be used, its requests go nowhere rather than past the proxy.
    #[must_use]
    pub fn proxy(&self) -> Proxy {
        let proxies = self.proxies.clone();
        Proxy::custom(move |url| match proxies.route(url) {
            Ok(route) => route.map(|route| String::from(route.into_url())),
            Err(_) => Some("http://127.0.0.1:0".to_owned()),
        })
    }

    /// TLS that trusts what this machine trusts, or what `SSL_CERT_FILE` and `SSL_CERT_DIR` name
    /// instead, and the certificates of [`Self::with_ca_file`] besides. Where TLS is not `needed`,
    /// what the machine and its variables name is not read.
    ///
    /// # Errors
    ///
    /// [`NetworkError::Certificates`] where a named file holds no certificate that can be used.
    pub fn tls(&self, needed: bool) -> Result<ClientConfig, NetworkError> {
        let mut trusted = if needed { trust::of_environment(&self.variables)? } else { Vec::new() };
        if let Some(path) = &self.ca_file {
            trusted.extend(ca_file::read("--ca-file", path)?);
        }
        Ok(if needed || !trusted.is_empty() { trust::client(trusted) } else { trust::nobody() })
    }
}
