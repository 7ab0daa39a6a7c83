//! The file of doubts about ground truths: the one file that people change here.

use std::path::Path;
use std::sync::Mutex;

use avibench_assess::{Doubts, DoubtsError, TruthDoubt};
use avibench_protocol::{Folder, FolderData};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::answer;
use crate::routes::Shared;

/// Where doubts are read and noted.
pub(crate) const ADDRESS: &str = "/doubts";
/// Characters of a note.
const LONGEST_NOTE: usize = 2_000;

/// A doubt as a page sends it; without a note it is taken back.
#[derive(Debug, Deserialize)]
struct Sent {
    folder: Folder,
    position: usize,
    data_sha256: String,
    note: Option<String>,
}

/// Why a doubt is not noted.
#[derive(Debug, thiserror::Error)]
enum NotNoted {
    #[error("this is no doubt as the pages send it: {0}")]
    NotSent(serde_json::Error),
    #[error(
        "the data set has no sample {folder} {position} in the version that the page is about; load the page again"
    )]
    NoSample { folder: Folder, position: usize },
    #[error("a note has at most {LONGEST_NOTE} characters; shorten it")]
    TooLong,
    #[error(transparent)]
    File(#[from] DoubtsError),
}

/// The doubts of the file; none if there is no file yet.
fn read(path: &Path) -> Result<Doubts, DoubtsError> {
    match Doubts::read(path) {
        Err(DoubtsError::File(error)) if error.source.kind() == std::io::ErrorKind::NotFound => {
            Ok(Doubts::default())
        }
        found => found,
    }
}

/// Changes the file, which others may have changed in the meantime.
fn change(path: &Path, folders: &[FolderData], sent: &[u8]) -> Result<(), NotNoted> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let sent: Sent = serde_json::from_slice(sent).map_err(NotNoted::NotSent)?;
    let Sent { folder, position, data_sha256, note } = sent;
    let data = folders.iter().find(|data| data.folder == folder && data.sha256 == data_sha256);
    let sample = data.and_then(|data| data.samples.get(position));
    let Some(sample) = sample else { return Err(NotNoted::NoSample { folder, position }) };
    if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        return Err(NotNoted::TooLong);
    }
    let id = Some(sample.id.clone());
    let is_taken_back = note.is_none();
    let doubt = TruthDoubt { folder, position, data_sha256, id, note: note.unwrap_or_default() };
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut doubts = read(path)?;
    if is_taken_back {
        doubts.take_back(&doubt);
    } else {
        doubts.note(doubt);
    }
    // A link stays one: the file that it leads to is changed.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    doubts.write(&target).map_err(|error| NotNoted::File(error.into()))
}

/// Answers with all doubts.
pub(crate) async fn doubts(State(shared): State<Shared>) -> Response {
    let read = tokio::task::spawn_blocking(move || read(&shared.settings.doubts)).await;
    match read {
        Ok(Ok(doubts)) => answer::json(&doubts),
        Ok(Err(error)) => answer::problem(&error),
        Err(error) => answer::problem(&error),
    }
}

/// Notes a doubt, or takes one back.
pub(crate) async fn note(State(shared): State<Shared>, sent: Bytes) -> Response {
    let changed = tokio::task::spawn_blocking(move || {
        change(&shared.settings.doubts, &shared.settings.folders, &sent)
    });
    match changed.await {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(error)) => answer::problem(&error),
        Err(error) => answer::problem(&error),
    }
}
