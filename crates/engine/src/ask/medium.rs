//! Media files in memory: read once while they are hot, together never above a bound.
//!
//! A request reserves room for all its files at once, or waits without holding any, so requests
//! cannot block each other. Files that nobody uses stay until their room is wanted.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};
use tokio::sync::{Notify, OnceCell};

use crate::failure::Failure;

/// One file's content.
#[derive(Debug, Clone)]
pub(crate) struct MediaFile {
    pub(crate) path: PathBuf,
    pub(crate) mime: &'static str,
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) sha256: [u8; 32],
}

/// All media files that are in memory.
#[derive(Debug)]
pub(crate) struct MediaStore {
    /// Bytes that may be held, used or idle.
    bound: u64,
    state: Mutex<State>,
    /// Whoever holds it is the next to get room: first come, first served, large or small.
    turn: tokio::sync::Mutex<()>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct State {
    held: HashMap<PathBuf, Held>,
    /// Files without a user, by when they were last used.
    idle: BTreeMap<u64, PathBuf>,
    clock: u64,
    /// Bytes of everything in `held`.
    bytes: u64,
    /// Bytes of what stands in `idle`.
    idle_bytes: u64,
    /// The highest `bytes` ever was.
    peak: u64,
}

#[derive(Debug)]
struct Held {
    size: u64,
    users: usize,
    last_used: u64,
    content: Arc<OnceCell<MediaFile>>,
}

/// A request's files; their room is free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    store: Arc<MediaStore>,
    paths: Vec<PathBuf>,
}

impl MediaStore {
    /// A store that holds at most `bound` bytes, or one request's files if those alone are more.
    pub(crate) fn new(bound: u64) -> Arc<Self> {
        Arc::new(Self {
            bound,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            freed: Notify::new(),
        })
    }

    /// Waits for room and reads the files.
    pub(crate) async fn lease(
        self: &Arc<Self>,
        paths: &[PathBuf],
    ) -> Result<(Lease, Vec<MediaFile>), Failure> {
        let mut sized = Vec::with_capacity(paths.len());
        for path in paths {
            let metadata = tokio::fs::metadata(path).await.map_err(|e| unreadable(path, &e))?;
            sized.push((path.clone(), metadata.len()));
        }
        let (lease, cells) = self.reserve(&sized).await;
        let mut files = Vec::with_capacity(paths.len());
        for ((path, size), cell) in sized.into_iter().zip(cells) {
            files.push(cell.get_or_try_init(|| read(path, size)).await?.clone());
        }
        Ok((lease, files))
    }

    async fn reserve(
        self: &Arc<Self>,
        sized: &[(PathBuf, u64)],
    ) -> (Lease, Vec<Arc<OnceCell<MediaFile>>>) {
        let _turn = self.turn.lock().await;
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            // Enabled before looking, so that no wake-up is missed in between.
            freed.as_mut().enable();
            if let Some(cells) = self.state().try_reserve(sized, self.bound) {
                let paths = sized.iter().map(|(path, _)| path.clone()).collect();
                return (Lease { store: Arc::clone(self), paths }, cells);
            }
            freed.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between calls; a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The most bytes ever held.
    #[cfg(test)]
    pub(crate) fn peak(&self) -> u64 {
        self.state().peak
    }
}

impl State {
    /// Room for all files, or nothing changed.
    fn try_reserve(
        &mut self,
        sized: &[(PathBuf, u64)],
        bound: u64,
    ) -> Option<Vec<Arc<OnceCell<MediaFile>>>> {
        let wanted: HashMap<&PathBuf, u64> =
            sized.iter().map(|(path, size)| (path, *size)).collect();
        let missing: u64 = wanted
            .iter()
            .filter(|(path, _)| !self.held.contains_key(**path))
            .map(|(_, size)| size)
            .sum();
        let in_use = self.bytes - self.idle_bytes;
        let wanted_idle: u64 = wanted
            .keys()
            .filter_map(|path| self.held.get(*path))
            .filter(|held| held.users == 0)
            .map(|held| held.size)
            .sum();
        if in_use > 0 && in_use + wanted_idle + missing > bound {
            return None;
        }
        for path in wanted.keys() {
            if let Some(held) = self.held.get_mut(*path).filter(|held| held.users == 0) {
                self.idle.remove(&held.last_used);
                self.idle_bytes -= held.size;
            }
        }
        while self.bytes + missing > bound {
            let Some((_, oldest)) = self.idle.pop_first() else { break };
            if let Some(held) = self.held.remove(&oldest) {
                self.bytes -= held.size;
                self.idle_bytes -= held.size;
            }
        }
        self.bytes += missing;
        self.peak = self.peak.max(self.bytes);
        let cells = sized.iter().map(|(path, size)| {
            let held = self.held.entry(path.clone()).or_insert_with(|| Held {
                size: *size,
                users: 0,
                last_used: 0,
                content: Arc::default(),
            });
            held.users += 1;
            Arc::clone(&held.content)
        });
        Some(cells.collect())
    }

    fn release(&mut self, path: &Path) {
        let Some(held) = self.held.get_mut(path) else { return };
        held.users -= 1;
        if held.users > 0 {
            return;
        }
        if held.content.initialized() {
            self.clock += 1;
            held.last_used = self.clock;
            self.idle.insert(self.clock, path.to_owned());
            self.idle_bytes += held.size;
        } else {
            // It could not be read: the next one to want it tries again.
            self.bytes -= held.size;
            self.held.remove(path);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.store.state();
        for path in &self.paths {
            state.release(path);
        }
        drop(state);
        self.store.freed.notify_waiters();
    }
}

async fn read(path: PathBuf, size: u64) -> Result<MediaFile, Failure> {
    let task = tokio::task::spawn_blocking(move || {
        let bytes = read_whole(&path, size).map_err(|e| unreadable(&path, &e))?;
        let mime = mime_of(&path, &bytes).ok_or_else(|| {
            Failure::Medium(format!(
                "medium {} is of no known kind: expected PNG, JPEG, WebP, GIF, WAV, MP3, FLAC, \
                 Ogg, MP4, WebM, MOV, MKV or AVI",
                path.display()
            ))
        })?;
        let sha256 = Sha256::digest(&bytes).into();
        Ok(MediaFile { path, mime, bytes, sha256 })
    });
    task.await.unwrap_or_else(|e| Err(Failure::Medium(format!("reading a medium broke off: {e}"))))
}

/// The whole file in one allocation of the size that was reserved for it.
fn read_whole(path: &Path, size: u64) -> io::Result<Arc<[u8]>> {
    let changed = || io::Error::other("it changed while it was read");
    let mut file = File::open(path)?;
    let mut bytes: Arc<[u8]> = std::iter::repeat_n(0, size as usize).collect();
    let room = Arc::get_mut(&mut bytes).ok_or_else(changed)?;
    file.read_exact(room).map_err(|e| match e.kind() {
        io::ErrorKind::UnexpectedEof => changed(),
        _ => e,
    })?;
    if file.read(&mut [0])? > 0 { Err(changed()) } else { Ok(bytes) }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::Medium(format!("cannot read medium {}: {error}", path.display()))
}

/// The mime type, by content where that tells, else by the file's name.
pub(crate) fn mime_of(path: &Path, bytes: &[u8]) -> Option<&'static str> {
    let at = |start: usize, magic: &[u8]| bytes.get(start..start + magic.len()) == Some(magic);
    if at(0, b"\x89PNG") {
        return Some("image/png");
    }
    if at(0, b"\xff\xd8\xff") {
        return Some("image/jpeg");
    }
    if at(0, b"GIF8") {
        return Some("image/gif");
    }
    if at(0, b"RIFF") {
        return match bytes.get(8..12) {
            Some(b"WEBP") => Some("image/webp"),
            Some(b"AVI ") => Some("video/x-msvideo"),
            _ => Some("audio/wav"),
        };
    }
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    Some(match extension.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "bmp" => "image/bmp",
        "wav" => "audio/wav",
        "mp3" => "audio/mpeg",
        "flac" => "audio/flac",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "m4a" => "audio/mp4",
        "aac" => "audio/aac",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "mov" => "video/quicktime",
        "mkv" => "video/x-matroska",
        "avi" => "video/x-msvideo",
        _ => return None,
    })
}
