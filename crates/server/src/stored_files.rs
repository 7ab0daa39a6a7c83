//! Files that clients upload and batches leave: on disk in a temporary folder, within a limit.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::api_error::ApiError;
use crate::data_uri::excerpt;
use crate::request::unix_seconds;

/// Most files at a time.
const MOST_FILES: usize = 1_000;

/// All files of a server.
#[derive(Debug)]
pub(crate) struct StoredFiles {
    /// Most bytes of all files together.
    limit: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Made for the first file; it goes with the server.
    folder: Option<TempDir>,
    files: BTreeMap<u64, StoredFile>,
    next: u64,
    /// Bytes of all files, those that are being written included.
    used: u64,
}

/// A file that is whole.
#[derive(Debug, Clone)]
pub(crate) struct StoredFile {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) purpose: String,
    pub(crate) bytes: u64,
    pub(crate) path: PathBuf,
    created: u64,
}

/// A file that is being written. Dropped, it leaves nothing.
#[derive(Debug)]
pub(crate) struct FileInWork<'a> {
    files: &'a StoredFiles,
    number: u64,
    path: PathBuf,
    bytes: u64,
    is_kept: bool,
}

impl StoredFile {
    /// As clients see it.
    pub(crate) fn to_json(&self) -> Value {
        json!({"id": self.id, "object": "file", "bytes": self.bytes, "created_at": self.created,
            "filename": self.name, "purpose": self.purpose, "status": "processed"})
    }
}

impl StoredFiles {
    /// Files that together take at most `limit` bytes.
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between calls.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a file.
    pub(crate) fn begin(&self) -> Result<FileInWork<'_>, ApiError> {
        let mut state = self.state();
        if state.files.len() >= MOST_FILES {
            let message = format!("there are {MOST_FILES} files already; delete some");
            return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message));
        }
        if state.folder.is_none() {
            state.folder = Some(TempDir::new().map_err(|error| on_disk(&error))?);
        }
        state.next += 1;
        let number = state.next;
        let folder = state.folder.as_ref().map_or(Path::new(""), TempDir::path);
        let path = folder.join(number.to_string());
        Ok(FileInWork { files: self, number, path, bytes: 0, is_kept: false })
    }

    /// All files with this purpose, oldest first.
    pub(crate) fn list(&self, purpose: Option<&str>) -> Vec<StoredFile> {
        let state = self.state();
        let files = state.files.values();
        files.filter(|file| purpose.is_none_or(|wanted| file.purpose == wanted)).cloned().collect()
    }

    /// The file of a name.
    pub(crate) fn get(&self, id: &str) -> Result<StoredFile, ApiError> {
        let found = self.state().files.values().find(|file| file.id == id).cloned();
        found.ok_or_else(|| no_such("file", id))
    }

    /// Removes a file.
    pub(crate) fn delete(&self, id: &str) -> Result<(), ApiError> {
        let file = self.get(id)?;
        let mut state = self.state();
        state.files.retain(|_, kept| kept.id != id);
        state.used = state.used.saturating_sub(file.bytes);
        // It goes with the folder at the latest.
        let _ = std::fs::remove_file(&file.path);
        Ok(())
    }
}

impl FileInWork<'_> {
    /// Where it is written.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes room for so many bytes more.
    pub(crate) fn grow(&mut self, bytes: u64) -> Result<(), ApiError> {
        let mut state = self.files.state();
        if state.used.saturating_add(bytes) > self.files.limit {
            let message = format!(
                "the files of this server may take {} bytes in all; delete some",
                self.files.limit
            );
            return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message));
        }
        state.used += bytes;
        self.bytes += bytes;
        Ok(())
    }

    /// Keeps the file, which is whole now.
    pub(crate) fn keep(mut self, name: String, purpose: String) -> StoredFile {
        self.is_kept = true;
        let file = StoredFile {
            id: format!("file-{:08x}", self.number),
            name,
            purpose,
            bytes: self.bytes,
            path: self.path.clone(),
            created: unix_seconds(),
        };
        self.files.state().files.insert(self.number, file.clone());
        file
    }
}

impl Drop for FileInWork<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            let mut state = self.files.state();
            state.used = state.used.saturating_sub(self.bytes);
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// An error of the disk.
pub(crate) fn on_disk(error: &io::Error) -> ApiError {
    let message = format!("the server cannot keep the file: {error}");
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, message)
}

/// What is asked for is not there.
pub(crate) fn no_such(what: &str, id: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, format!("there is no {what} {}", excerpt(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_keep_to_the_limit_and_leave_nothing_behind() {
        let files = StoredFiles::new(10);
        let mut first = files.begin().unwrap();
        std::fs::write(first.path(), "1234567").unwrap();
        first.grow(7).unwrap();
        let first = first.keep("a.jsonl".to_owned(), "batch".to_owned());
        let mut second = files.begin().unwrap();
        second.grow(3).unwrap();
        let refused = second.grow(1).unwrap_err();
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
        let path = second.path().to_owned();
        std::fs::write(&path, "123").unwrap();
        drop(second);
        assert!(!path.exists(), "what is not kept goes");
        assert_eq!(files.list(Some("batch")).len(), 1);
        assert!(files.list(Some("other")).is_empty());
        files.delete(&first.id).unwrap();
        assert!(!first.path.exists() && files.get(&first.id).is_err());
        files.begin().unwrap().grow(10).unwrap();
    }
}
