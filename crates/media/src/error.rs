//! What can go wrong between bytes and pixels or samples.

use thiserror::Error;

/// Why a medium could not be made or read.
///
/// Decoders see bytes, not files: whoever has the path puts it in front of the message.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum MediaError {
    /// The file has no bytes.
    #[error("the file is empty (0 bytes); fetch it again")]
    Empty,
    /// The bytes are no medium.
    #[error("the file is {what}, not a medium{}", and_then(mend))]
    NotMedium {
        /// What it is, with its article.
        what: &'static str,
        /// What to do about it; empty if there is nothing special to do.
        mend: &'static str,
    },
    /// The bytes are not what they should be: foreign, truncated or corrupt.
    #[error("not a readable {format} file: {reason}")]
    Malformed {
        /// The format that was expected, as a person calls it.
        format: &'static str,
        /// What the decoder ran into.
        reason: String,
    },
    /// The bytes are sound, but their coding is none that is built in.
    #[error("{what} is not supported; {hint}")]
    Unsupported {
        /// The coding and where it was met, such as `video codec HEVC (hvc1)`.
        what: String,
        /// What would help.
        hint: String,
    },
    /// Decoding would need more memory than is allowed for one medium.
    #[error("{what} is {found}, more than the limit of {limit}; shorten or shrink the file")]
    TooLarge {
        /// The quantity that is limited, with its unit.
        what: &'static str,
        /// Its value.
        found: u64,
        /// The largest value that is accepted.
        limit: u64,
    },
    /// Decoding would need more memory than it was given.
    #[error("decoding it takes more than {} MiB of memory", limit >> 20)]
    OutOfMemory {
        /// Bytes that it was given.
        limit: u64,
    },
    /// Decoding took more time than it was given.
    #[error("decoding it took too long, and was stopped")]
    OutOfTime,
    /// The file holds no such track.
    #[error("the file has no {0} track")]
    NoTrack(&'static str),
    /// A picture, sound or clip that was to be built contradicts itself.
    #[error("{0}")]
    Invalid(String),
    /// An encoder refused; the input is the program's own, so this names a limit of the encoder.
    #[error("cannot encode {format}: {reason}")]
    Encode {
        /// The format that was to be written.
        format: &'static str,
        /// What the encoder said.
        reason: String,
    },
    /// The external `ffmpeg` program could not be started or gave up.
    #[error("the ffmpeg program failed: {0}")]
    Ffmpeg(String),
}

/// A mend behind what is wrong.
fn and_then(mend: &str) -> String {
    if mend.is_empty() { String::new() } else { format!("; {mend}") }
}

impl MediaError {
    #[expect(clippy::needless_pass_by_value, reason = "`map_err` hands errors over by value")]
    pub(crate) fn malformed(format: &'static str, reason: impl ToString) -> Self {
        Self::Malformed { format, reason: reason.to_string() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "`map_err` hands errors over by value")]
    pub(crate) fn encode(format: &'static str, reason: impl ToString) -> Self {
        Self::Encode { format, reason: reason.to_string() }
    }
}
