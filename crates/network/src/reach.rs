//! Whether a server can be reached at all, found out in little time.

use std::io;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::mpsc;
use std::time::Duration;

use crate::{Network, NetworkError, ProxyRoute, Url};

/// Why no connection could be opened.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// The settings of the network cannot be used.
    #[error(transparent)]
    Settings(#[from] NetworkError),
    /// Name server, proxy or server did not answer in time.
    #[error("{hop} did not answer within {} s", within.as_secs_f64())]
    Silent {
        /// Host and port that the connection was to be opened to: the server's, or the proxy's.
        hop: String,
        /// How long was waited.
        within: Duration,
    },
    /// The name is not known, or the connection was refused.
    #[error("{hop}: {source}")]
    Refused {
        /// Host and port that the connection was to be opened to.
        hop: String,
        /// What the system said.
        source: io::Error,
    },
}

impl Network {
    /// Opens a connection to the server of `url`, or to the proxy on the way there, and closes it again.
    ///
    /// Takes no longer than `within`, whatever name servers do: an HTTP client waits for a silent one for
    /// as long as the system likes.
    ///
    /// # Errors
    ///
    /// If that does not succeed in time.
    pub fn reach(&self, url: &Url, within: Duration) -> Result<(), Unreachable> {
        let hop = self.route(url)?.map_or_else(|| url.clone(), ProxyRoute::into_url);
        let host = hop.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = hop.port_or_known_default().unwrap_or(crate::proxies::SOCKS_PORT);
        let shown = format!("{host}:{port}");
        let (sender, receiver) = mpsc::channel();
        // Looking up a name cannot be stopped, so that the thread is left alone after that time.
        std::thread::spawn(move || {
            let connect = || -> io::Result<()> {
                let mut failure =
                    io::Error::new(io::ErrorKind::NotFound, "the name has no address");
                for address in (host.as_str(), port).to_socket_addrs()? {
                    match TcpStream::connect_timeout(&address, within) {
                        Ok(_) => return Ok(()),
                        Err(error) => failure = error,
                    }
                }
                Err(failure)
            };
            // Nobody listens any more once the time is over.
            let _ = sender.send(connect());
        });
        match receiver.recv_timeout(within) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(source)) if source.kind() != io::ErrorKind::TimedOut => {
                Err(Unreachable::Refused { hop: shown, source })
            }
            _ => Err(Unreachable::Silent { hop: shown, within }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    const WITHIN: Duration = Duration::from_secs(5);

    #[test]
    fn a_server_that_listens_is_reached_and_one_that_does_not_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let url = Url::parse(&format!("http://{address}/models")).unwrap();
        let network = Network::from_env();
        network.reach(&url, WITHIN).unwrap();
        drop(listener);
        let error = network.reach(&url, WITHIN).unwrap_err();
        assert!(matches!(error, Unreachable::Refused { .. }), "{error}");
        assert!(error.to_string().starts_with(&address.to_string()), "{error}");
    }
}
