//! Rewritten media on disk: made once, found again by what they are made of, and removed, the
//! longest unused first, where they would take more than they may.
//!
//! A file is named by the sha256 of how it was made and of the content of what it was made of.
//! Several processes may share a folder: files come whole or not at all, and one that another
//! process removed is made again.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use avibench_files::{FileError, remove_partial_files, write_atomic};
use avibench_media::MediumKind;
use sha2::{Digest as _, Sha256};

use crate::rewriter::{Source, extension};
use crate::{RewriteError, Rewriter, Rewriting, Rewritten};

/// Raised when the same rewriting makes other bytes than before, or files are named otherwise.
const VERSION: &[u8] = b"avibench rewritten media 2\0";

/// A folder of rewritten media.
#[derive(Debug)]
pub struct RewrittenMedia {
    folder: PathBuf,
    /// Bytes that its files may take; what is in use may take more.
    limit: u64,
    rewriter: Rewriter,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What files of the data set hold.
    known: HashMap<PathBuf, Content>,
    /// How many users a file of the folder has.
    in_use: HashMap<PathBuf, usize>,
    /// Held by whoever makes a file, so that nobody makes it a second time.
    making: HashMap<PathBuf, Arc<Mutex<()>>>,
}

#[derive(Debug, Clone, Copy)]
struct Content {
    sha256: [u8; 32],
    kind: MediumKind,
}

/// A file that is there as long as this is held.
#[derive(Debug)]
pub struct Kept {
    path: PathBuf,
    /// None for a file of the data set.
    folder: Option<Arc<RewrittenMedia>>,
}

impl Kept {
    /// A file that nobody removes.
    #[must_use]
    pub fn file(path: PathBuf) -> Self {
        Self { path, folder: None }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            folder.release(&self.path);
        }
    }
}

impl RewrittenMedia {
    /// Media in `folder`, which is made when something is put there, of at most `limit` bytes
    /// unless what is in use at a time takes more.
    #[must_use]
    pub fn new(folder: PathBuf, limit: u64, rewriter: Rewriter) -> Arc<Self> {
        Arc::new(Self { folder, limit, rewriter, state: Mutex::default() })
    }

    /// Who makes its media.
    #[must_use]
    pub fn rewriter(&self) -> Rewriter {
        self.rewriter.clone()
    }

    /// A file with the rewritten medium, made unless it is there. It may take as long as decoding
    /// and encoding a video does.
    ///
    /// # Errors
    ///
    /// [`RewriteError`] where the medium cannot be read or rewritten, or the folder not be written.
    pub fn get(self: &Arc<Self>, rewriting: &Rewriting) -> Result<Kept, RewriteError> {
        let mut sources = Vec::new();
        let mut hash = Sha256::new_with_prefix(VERSION);
        hash.update(rewriting.name());
        let mut kind = None;
        for path in rewriting.sources() {
            let (content, read) = self.look_at(path)?;
            hash.update(content.sha256);
            kind.get_or_insert(content.kind);
            sources.push((path, read));
        }
        let Some(extension) = kind.and_then(|kind| extension(rewriting, kind)) else {
            let own = rewriting.sources().next().unwrap_or(Path::new(""));
            return Ok(Kept::file(own.to_owned()));
        };
        let name = format!("{}.{extension}", hex::encode(hash.finalize()));
        let kept = self.keep(self.folder.join(name));
        let turn = Arc::clone(self.state().making.entry(kept.path.clone()).or_default());
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        if is_there(&kept.path) {
            return Ok(kept);
        }
        let sources = sources.into_iter().map(|(path, read)| match read {
            Some(read) => Ok(read),
            None => self.rewriter.read(path),
        });
        let sources = sources.collect::<Result<Vec<_>, _>>()?;
        if let Rewritten::Made(bytes) = self.rewriter.rewrite_read(rewriting, &sources)? {
            self.make_room(bytes.len() as u64)?;
            write_atomic(&kept.path, |file| file.write_all(&bytes))?;
        }
        Ok(kept)
    }

    /// What a file of the data set holds, and the file itself if it had to be read for that.
    fn look_at<'a>(&self, path: &'a Path) -> Result<(Content, Option<Source<'a>>), RewriteError> {
        if let Some(content) = self.state().known.get(path) {
            return Ok((*content, None));
        }
        let read = self.rewriter.read(path)?;
        let content =
            Content { sha256: Sha256::digest(&read.bytes).into(), kind: read.format.kind };
        self.state().known.insert(path.to_owned(), content);
        Ok((content, Some(read)))
    }

    fn keep(self: &Arc<Self>, path: PathBuf) -> Kept {
        *self.state().in_use.entry(path.clone()).or_default() += 1;
        Kept { path, folder: Some(Arc::clone(self)) }
    }

    fn release(&self, path: &Path) {
        let mut state = self.state();
        let users = state.in_use.get_mut(path).map_or(0, |users| {
            *users -= 1;
            *users
        });
        if users == 0 {
            state.in_use.remove(path);
            state.making.remove(path);
        }
    }

    /// Removes files that nobody uses, the longest unused first, until `wanted` bytes more fit.
    fn make_room(&self, wanted: u64) -> Result<(), FileError> {
        // Held all the while: a file that is found in use stays.
        let state = self.state();
        remove_partial_files(&self.folder)?;
        let mut files = files_of(&self.folder)?;
        let mut taken: u64 = files.iter().map(|file| file.bytes).sum();
        files.retain(|file| !state.in_use.contains_key(&file.path));
        files.sort_by_key(|file| file.used);
        for file in files {
            if taken.saturating_add(wanted) <= self.limit {
                break;
            }
            match std::fs::remove_file(&file.path) {
                Ok(()) => {}
                // Another process was quicker.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(FileError::at("remove", &file.path)(error)),
            }
            taken -= file.bytes;
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The maps are whole between calls; a panic elsewhere does not spoil them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Stored {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

/// The rewritten media in a folder; nothing else that may lie there.
fn files_of(folder: &Path) -> Result<Vec<Stored>, FileError> {
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FileError::at("list", folder)(error)),
    };
    let stored = listed.flatten().filter_map(|entry| {
        let path = entry.path();
        let is_ours = path.file_stem().is_some_and(|stem| {
            stem.len() == 64 && stem.as_encoded_bytes().iter().all(u8::is_ascii_hexdigit)
        });
        let metadata = entry.metadata().ok().filter(|found| is_ours && found.is_file())?;
        Some(Stored { path, bytes: metadata.len(), used: metadata.modified().ok()? })
    });
    Ok(stored.collect())
}

/// Whether a file is there; if so, it counts as used now.
fn is_there(path: &Path) -> bool {
    let Ok(file) = std::fs::File::options().append(true).open(path) else { return false };
    // A file system that keeps no times removes in any order.
    let _ = file.set_modified(SystemTime::now());
    true
}
