//! Media of a sample: paths as data.json names them, and the files they may stand for.

use std::io;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Media paths as data.json gives them, relative to the task folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaPaths {
    /// Images in the order of the question.
    pub images: Vec<String>,
    /// Audio clips in the order of the question.
    pub audios: Vec<String>,
    /// At most one video.
    pub video: Option<String>,
}

/// Media as existing files inside the task folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResolvedMedia {
    /// Images in the order of the question.
    pub images: Vec<PathBuf>,
    /// Audio clips in the order of the question.
    pub audios: Vec<PathBuf>,
    /// At most one video.
    pub video: Option<PathBuf>,
}

/// A medium that must not or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum MediaPathError {
    /// The path leads out of the task folder.
    #[error(
        "medium `{medium}` leaves its task folder {}; it was not read: correct the path in data.json",
        folder.display()
    )]
    Escapes {
        /// As data.json has it.
        medium: String,
        /// The task folder.
        folder: PathBuf,
    },
    /// No such file.
    #[error("medium `{medium}` is missing: expected {}; unpack the dataset's media there", path.display())]
    Missing {
        /// As data.json has it.
        medium: String,
        /// Where it should be.
        path: PathBuf,
    },
    /// Something other than a file, or one that cannot be looked at.
    #[error("medium `{medium}` cannot be read: {source}")]
    Unreadable {
        /// As data.json has it.
        medium: String,
        /// What the system said.
        source: io::Error,
    },
}

impl MediaPaths {
    /// All paths: images, audios, video, the order in which they are sent.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.images.iter().chain(&self.audios).map(String::as_str).chain(self.video.as_deref())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Finds every file below `task_folder`. A path that leaves the folder, by `..`, by being
    /// absolute or through a symlink, is refused before anything is opened.
    pub fn resolve(&self, task_folder: &Path) -> Result<ResolvedMedia, MediaPathError> {
        let all = |paths: &[String]| {
            paths.iter().map(|path| resolve(task_folder, path)).collect::<Result<Vec<_>, _>>()
        };
        Ok(ResolvedMedia {
            images: all(&self.images)?,
            audios: all(&self.audios)?,
            video: self.video.as_deref().map(|path| resolve(task_folder, path)).transpose()?,
        })
    }
}

impl ResolvedMedia {
    /// All files: images, audios, video.
    pub fn iter(&self) -> impl Iterator<Item = &Path> {
        self.images.iter().chain(&self.audios).chain(&self.video).map(PathBuf::as_path)
    }
}

fn resolve(task_folder: &Path, medium: &str) -> Result<PathBuf, MediaPathError> {
    let escapes =
        || MediaPathError::Escapes { medium: medium.to_owned(), folder: task_folder.to_owned() };
    let relative = Path::new(medium);
    // A backslash separates folders on Windows only; there `..\` must not slip through.
    if relative.components().any(|c| !matches!(c, Component::Normal(_) | Component::CurDir)) {
        return Err(escapes());
    }
    let path = task_folder.join(relative);
    let unreadable = |source| MediaPathError::Unreadable { medium: medium.to_owned(), source };
    let real = match path.canonicalize() {
        Ok(real) => real,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(MediaPathError::Missing { medium: medium.to_owned(), path });
        }
        Err(error) => return Err(unreadable(error)),
    };
    let root = task_folder.canonicalize().map_err(unreadable)?;
    if !real.starts_with(&root) {
        return Err(escapes());
    }
    if !real.is_file() {
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidInput, "not a file")));
    }
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> MediaPaths {
        MediaPaths { video: Some(path.to_owned()), ..MediaPaths::default() }
    }

    #[test]
    fn a_path_stays_inside_its_task_folder() {
        let root = tempfile::tempdir().unwrap();
        let task = root.path().join("AVM");
        std::fs::create_dir_all(task.join("input")).unwrap();
        std::fs::write(task.join("input/a.mp4"), b"x").unwrap();
        std::fs::write(root.path().join("secret"), b"x").unwrap();
        assert!(of("./input/a.mp4").resolve(&task).unwrap().video.is_some());
        for bad in ["../secret", "/etc/passwd", "./input/../../secret", "../../../../etc/passwd"] {
            assert!(
                matches!(of(bad).resolve(&task), Err(MediaPathError::Escapes { .. })),
                "{bad} was not refused"
            );
        }
        assert!(matches!(of("input/b.mp4").resolve(&task), Err(MediaPathError::Missing { .. })));
        assert!(matches!(of("input").resolve(&task), Err(MediaPathError::Unreadable { .. })));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(root.path().join("secret"), task.join("input/link"))
                .unwrap();
            assert!(matches!(of("input/link").resolve(&task), Err(MediaPathError::Escapes { .. })));
        }
    }
}
