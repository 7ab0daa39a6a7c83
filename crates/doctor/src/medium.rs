//! All media of a data set, each decoded once from beginning to end, on all cores.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use avibench_media::{DecodedMedium, MediaError, check_file_bytes, decode_medium};
use sha2::{Digest as _, Sha256};

/// A medium as it was found.
#[derive(Debug, Clone)]
pub(crate) struct Examined {
    /// Bytes of its file, as far as it could be looked at.
    pub(crate) bytes: u64,
    /// Of its content; all zero if it could not be read.
    pub(crate) sha256: [u8; 32],
    /// What it holds, or in words why it is of no use.
    pub(crate) content: Result<DecodedMedium, String>,
}

/// Examines the files at `paths`, each once; calls `done` after each with the number of those that
/// are done. A core holds one file at a time.
pub(crate) fn examine_media(
    paths: &[PathBuf],
    done: &(dyn Fn(usize, usize) + Sync),
) -> HashMap<PathBuf, Examined> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let found = Mutex::new(HashMap::with_capacity(paths.len()));
    std::thread::scope(|scope| {
        for _ in 0..cores.min(paths.len()) {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let medium = examined(path);
                    // The map is whole between calls; a panic elsewhere does not spoil it.
                    found
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .insert(path.clone(), medium);
                    done(finished.fetch_add(1, Ordering::Relaxed) + 1, paths.len());
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn examined(path: &Path) -> Examined {
    let unread = |bytes, reason: String| Examined { bytes, sha256: [0; 32], content: Err(reason) };
    let bytes = match std::fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) => return unread(0, format!("it cannot be read: {error}")),
    };
    if let Err(error) = check_file_bytes(bytes) {
        return unread(bytes, error.to_string());
    }
    match std::fs::read(path) {
        Ok(content) => Examined {
            bytes,
            sha256: Sha256::digest(&content).into(),
            content: decode_medium(&content).map_err(|error: MediaError| error.to_string()),
        },
        Err(error) => unread(bytes, format!("it cannot be read: {error}")),
    }
}
