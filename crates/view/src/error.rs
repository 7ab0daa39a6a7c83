//! Why nothing can be viewed.

use std::io;

/// Why nothing can be viewed.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The port is taken or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}: {source} (--port 0 takes any free one)")]
    Bind {
        /// The port asked for.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no random numbers to make a token of.
    #[error("the system gives no random numbers, so that nobody could be kept out: {0}")]
    Random(getrandom::Error),
}
