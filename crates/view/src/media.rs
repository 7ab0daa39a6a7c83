//! Media of the data set: only what its samples name, and only within their task folders.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use avibench_media::{Container, MediaFormat, RECOGNISED_BY};
use avibench_protocol::{Folder, FolderData, MediaPaths};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tower::ServiceExt as _;
use tower_http::services::ServeFile;

use crate::answer;
use crate::routes::Shared;

/// Where media are served from.
pub(crate) const BASE: &str = "/media/";

/// The names of all media by folder and by the path that pages ask for.
#[derive(Debug, Default)]
pub(crate) struct MediaNames(HashMap<(Folder, String), String>);

impl MediaNames {
    pub(crate) fn of(folders: &[FolderData]) -> Self {
        let mut names = HashMap::new();
        for data in folders {
            for name in data.samples.iter().flat_map(|sample| sample.media.iter()) {
                names.insert((data.folder, asked_as(name)), name.to_owned());
            }
        }
        Self(names)
    }

    /// The file behind a path, if samples of the folder name it and it lies within the task folder.
    fn file(&self, data: &FolderData, path: &str) -> Option<PathBuf> {
        let name = self.0.get(&(data.folder, path.to_owned()))?;
        let alone = MediaPaths { images: vec![name.clone()], ..MediaPaths::default() };
        alone.resolve(&data.path).ok()?.images.pop()
    }
}

/// As pages write a name into addresses: without empty parts and those that stay where they are.
fn asked_as(name: &str) -> String {
    let parts = name.split('/').filter(|part| !part.is_empty() && *part != ".");
    parts.collect::<Vec<_>>().join("/")
}

/// The type of a file by its bytes; `None` for what is no medium, whatever a sample calls it.
fn type_of(path: &Path) -> Option<mime::Mime> {
    let mut beginning = Vec::new();
    let file = File::open(path).ok()?;
    file.take(RECOGNISED_BY as u64).read_to_end(&mut beginning).ok()?;
    let container = Container::of(&beginning).ok()?;
    MediaFormat { container, kind: container.usual_kind() }.mime().parse().ok()
}

/// Answers with a medium, or the part of it that is asked for.
pub(crate) async fn medium(
    State(shared): State<Shared>,
    axum::extract::Path((stage, name, path)): axum::extract::Path<(String, String, String)>,
    request: Request,
) -> Response {
    let missing = || answer::text(StatusCode::NOT_FOUND, "no sample has this medium");
    let is_asked =
        |data: &&FolderData| data.folder.stage().name() == stage && data.folder.name() == name;
    let found = tokio::task::spawn_blocking({
        let shared = shared.clone();
        let data = shared.settings.folders.iter().position(|data| is_asked(&data));
        move || {
            let file = shared.media.file(&shared.settings.folders[data?], &path)?;
            let kind = type_of(&file)?;
            Some((file, kind))
        }
    })
    .await;
    let Ok(Some((file, kind))) = found else { return missing() };
    match ServeFile::new_with_mime(file, &kind).oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
    .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use avibench_protocol::{Position, Sample};
    use serde_json::json;

    #[test]
    fn only_media_of_samples_within_their_folder_are_found() {
        let root = tempfile::tempdir().unwrap();
        let task = root.path().join("AVM");
        std::fs::create_dir_all(task.join("a")).unwrap();
        for file in ["a/b.png", "secret.txt"] {
            std::fs::write(task.join(file), "x").unwrap();
        }
        std::fs::write(root.path().join("outside.png"), "x").unwrap();
        let record = json!({"id": "1", "output": {}, "input": {"question": {"text": "?"},
            "image_list": ["./a//b.png", "../outside.png", "missing.png"]}});
        let sample = Sample::from_json(Folder::Avm, Position(0), &record).unwrap();
        let data = FolderData {
            folder: Folder::Avm,
            path: task,
            samples: vec![sample],
            sha256: String::new(),
        };
        let names = MediaNames::of(std::slice::from_ref(&data));
        assert!(names.file(&data, "a/b.png").is_some());
        for path in
            ["secret.txt", "../outside.png", "outside.png", "missing.png", "a/../a/b.png", ""]
        {
            assert_eq!(names.file(&data, path), None, "{path}");
        }
    }
}
