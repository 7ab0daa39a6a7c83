//! A wall around decoders that others wrote.
//!
//! Their authors promise errors for hostile input, but an index out of bounds deep inside a young
//! codec would otherwise end a run of thousands of samples. A panic becomes an error of this one
//! medium. The closures own or only read what they work on, so nothing half-changed outlives one.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::MediaError;

/// Runs a decoder; a panic inside it is [`MediaError::Malformed`].
pub(crate) fn contained<T>(
    format: &'static str,
    decode: impl FnOnce() -> Result<T, MediaError>,
) -> Result<T, MediaError> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| {
        Err(MediaError::malformed(format, "it breaks the decoder; the file is likely damaged"))
    })
}
