//! A wall around the libraries that read models, which others wrote.
//!
//! Files are checked before a library sees them, so that none of them should fail otherwise than
//! with an error. If one does all the same, only captions are left without a score. What a
//! closure had begun to build goes with its panic, so nothing half-done outlives it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::FenseError;
use crate::models::ModelFiles;

/// Runs what reads or applies models; a panic inside it is [`FenseError::Broken`].
pub(crate) fn contained<T>(
    files: &ModelFiles,
    work: impl FnOnce() -> Result<T, FenseError>,
) -> Result<T, FenseError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let (sentence, checkpoint) = (files.sentence.clone(), files.checkpoint.clone());
        Err(FenseError::Broken { sentence, checkpoint })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_that_names_the_models() {
        let files = ModelFiles {
            sentence: "sbert".into(),
            checkpoint: "echecker.ckpt".into(),
            base: "echecker_base".into(),
        };
        let broken = || -> Result<(), FenseError> {
            let none: [u8; 0] = [];
            let at = files.sentence.components().count();
            Err(FenseError::ModelsMissing(none[at].to_string()))
        };
        let error = contained(&files, broken).unwrap_err().to_string();
        assert!(error.contains("sbert") && error.contains("echecker.ckpt"), "{error}");
        assert_eq!(contained(&files, || Ok(7)).unwrap(), 7);
    }
}
