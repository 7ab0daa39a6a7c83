//! Why models could not be fetched.

use std::path::{Path, PathBuf};
use std::time::Duration;

use avibench_fense::FenseError;
use avibench_network::NetworkError;

/// Why models could not be fetched. Every message names the file or address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// They are not on this machine and must not be fetched, or what is there cannot be read.
    #[error(transparent)]
    Models(#[from] FenseError),
    /// A proxy or certificates that cannot be used.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file could not be fetched.
    #[error("{url}: {reason}")]
    Download {
        /// The address.
        url: String,
        /// The status or the network's complaint, and what to do next.
        reason: String,
    },
    /// The models are not on this machine, and the server that has them cannot be reached.
    #[error(
        "the models of FENSE are not on this machine, and {address} {} ({reason}){}: run \
         `avibench fense fetch` where there is a network",
        when(*ago), if ago.is_some() { ", so that it was not tried again" } else { "" }
    )]
    Unreachable {
        /// The server's address.
        address: String,
        /// Why.
        reason: String,
        /// How long ago that was; `None` if it was just now.
        ago: Option<Duration>,
    },
    /// A file's contents are not what its publisher announced.
    #[error(
        "{}: sha256 is {found}, expected {expected}; the file is damaged or another one; fetch it again",
        path.display()
    )]
    Checksum {
        /// The file.
        path: PathBuf,
        /// The published hash, lowercase hex.
        expected: String,
        /// The hash of what is there, lowercase hex.
        found: String,
    },
}

/// When a server could not be reached.
fn when(ago: Option<Duration>) -> String {
    match ago.map(|ago| ago.as_secs() / 60) {
        None => "cannot be reached".to_owned(),
        Some(0) => "could not be reached a moment ago".to_owned(),
        Some(1) => "could not be reached a minute ago".to_owned(),
        Some(minutes) => format!("could not be reached {minutes} minutes ago"),
    }
}

impl FetchError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn download(url: &str, reason: impl Into<String>) -> Self {
        Self::Download { url: url.to_owned(), reason: reason.into() }
    }
}
