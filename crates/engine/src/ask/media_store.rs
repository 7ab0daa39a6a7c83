//! Media files in memory: read once while they are hot, together never above a bound.
//!
//! A request reserves room for all its files at once, or waits without holding any, so requests
//! cannot block each other. Files that nobody uses stay until their room is wanted.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use avibench_media::{Container, MediumKind};
use tokio::sync::{Notify, OnceCell, Semaphore};

use super::blob::{Blob, PiecePool};
use super::media_file::{MediaFile, unreadable};
use super::preparation::{Content, Preparation};
use crate::failure::Failure;

/// All media files that are in memory.
#[derive(Debug)]
pub(crate) struct MediaStore {
    /// Bytes that may be held, used or idle.
    bound: u64,
    state: Mutex<State>,
    /// Whoever holds it is the next to get room: first come, first served, large or small.
    turn: tokio::sync::Mutex<()>,
    freed: Notify,
    preparation: Preparation,
    pool: Arc<PiecePool>,
    /// Decoders that may run at a time.
    decoders: Arc<Semaphore>,
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
    content: Arc<OnceCell<Content>>,
}

/// A request's files; their room is free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    store: Arc<MediaStore>,
    paths: Vec<PathBuf>,
}

impl MediaStore {
    /// A store that holds at most `bound` bytes, or one request's files if those alone are more.
    pub(crate) fn new(bound: u64, preparation: Preparation) -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Arc::new(Self {
            bound,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            freed: Notify::new(),
            preparation,
            pool: Arc::default(),
            decoders: Arc::new(Semaphore::new(cores)),
        })
    }

    /// Waits for room and reads the files.
    pub(crate) async fn lease(
        self: &Arc<Self>,
        paths: &[PathBuf],
    ) -> Result<(Lease, Vec<Content>), Failure> {
        let mut sized = Vec::with_capacity(paths.len());
        for path in paths {
            let metadata = tokio::fs::metadata(path).await.map_err(|e| unreadable(path, &e))?;
            let is_video = is_video(path);
            let room = Blob::room_for(metadata.len()) + self.preparation.room(is_video);
            sized.push((path.clone(), room));
        }
        let (lease, cells) = self.reserve(&sized).await;
        let mut contents = Vec::with_capacity(paths.len());
        for (path, cell) in paths.iter().zip(cells) {
            let content = cell.get_or_try_init(|| self.read(path)).await?.clone();
            self.state().resize(path, content.size());
            contents.push(content);
        }
        // Room that was kept for more than there was is free again.
        self.freed.notify_waiters();
        Ok((lease, contents))
    }

    async fn read(&self, path: &Path) -> Result<Content, Failure> {
        let path = path.to_owned();
        let pool = Arc::clone(&self.pool);
        let task = tokio::task::spawn_blocking(move || MediaFile::read(path, &pool));
        let broke = |e| Failure::Medium(format!("reading a medium broke off: {e}"));
        let file = task.await.map_err(broke)??;
        self.preparation.prepare(file, &self.decoders).await
    }

    async fn reserve(
        self: &Arc<Self>,
        sized: &[(PathBuf, u64)],
    ) -> (Lease, Vec<Arc<OnceCell<Content>>>) {
        let _turn = self.turn.lock().await;
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            // Enabled before looking, so that no wake-up is missed in between.
            freed.as_mut().enable();
            if let Some(cells) = self.state().try_reserve(sized, self.bound, &self.pool) {
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

/// Whether a file is likely a video, by its name: this only says how much room to keep.
fn is_video(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension
        .and_then(Container::of_extension)
        .is_none_or(|container| container.usual_kind() == MediumKind::Video)
}

impl State {
    /// Room for all files, or nothing changed.
    fn try_reserve(
        &mut self,
        sized: &[(PathBuf, u64)],
        bound: u64,
        pool: &PiecePool,
    ) -> Option<Vec<Arc<OnceCell<Content>>>> {
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
                let content = Arc::into_inner(held.content).and_then(OnceCell::into_inner);
                if let Some(content) = content {
                    content.recycle(pool);
                }
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

    /// Sets a file's size to what it turned out to be.
    fn resize(&mut self, path: &Path, size: u64) {
        if let Some(held) = self.held.get_mut(path) {
            self.bytes = self.bytes - held.size + size;
            held.size = size;
            self.peak = self.peak.max(self.bytes);
        }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use avibench_media::{Sound, encode_wav};

    use super::*;

    fn files(sizes: &[usize]) -> (tempfile::TempDir, Vec<PathBuf>) {
        let dir = tempfile::tempdir().unwrap();
        let write = |(index, &size): (usize, &usize)| {
            let path = dir.path().join(format!("{index}.wav"));
            std::fs::write(&path, wav(size)).unwrap();
            path
        };
        let paths = sizes.iter().enumerate().map(write).collect();
        (dir, paths)
    }

    /// A WAV file of so many bytes, 46 at least.
    fn wav(size: usize) -> Vec<u8> {
        let sound = Sound::new(8_000, vec![0.25; (size - 44) / 2]).unwrap();
        encode_wav(&sound).unwrap()
    }

    #[tokio::test]
    async fn the_bound_holds_however_many_ask() {
        let (_dir, paths) = files(&[300; 24]);
        let store = MediaStore::new(1_000, Preparation::default());
        let ask = |index: usize| {
            let store = Arc::clone(&store);
            let wanted = [paths[index % 24].clone(), paths[(index + 1) % 24].clone()];
            tokio::spawn(async move {
                let (lease, contents) = store.lease(&wanted).await.unwrap();
                assert!(contents.iter().all(|content| content.size() == 300));
                tokio::time::sleep(Duration::from_millis(1)).await;
                drop(lease);
            })
        };
        let asked: Vec<_> = (0..100).map(ask).collect();
        for one in asked {
            one.await.unwrap();
        }
        let peak = store.peak();
        assert!((600..=1_000).contains(&peak), "{peak}");
        let state = store.state();
        assert_eq!(state.bytes, state.idle_bytes, "nobody uses anything");
    }

    #[tokio::test]
    async fn more_than_the_bound_goes_alone() {
        let (_dir, paths) = files(&[5_000, 50]);
        let store = MediaStore::new(1_000, Preparation::default());
        let (large, _) = store.lease(&paths[..1]).await.unwrap();
        let waiting = store.lease(&paths[1..]);
        tokio::pin!(waiting);
        let early = tokio::time::timeout(Duration::from_millis(20), &mut waiting).await;
        assert!(early.is_err(), "there is no room beside it");
        drop(large);
        waiting.await.unwrap();
    }

    #[tokio::test]
    async fn a_hot_file_is_read_once_and_twice_in_one_request_is_once() {
        let (_dir, paths) = files(&[400]);
        let store = MediaStore::new(1_000, Preparation::default());
        let twice = [paths[0].clone(), paths[0].clone()];
        let (first, contents) = store.lease(&twice).await.unwrap();
        let bytes = |content: &Content| content.file.as_ref().unwrap().bytes.beginning().as_ptr();
        assert_eq!(store.state().bytes, 400);
        drop(first);
        std::fs::write(&paths[0], wav(300)).unwrap();
        let (_second, again) = store.lease(&paths).await.unwrap();
        assert_eq!(bytes(&contents[0]), bytes(&again[0]));
    }

    #[tokio::test]
    async fn what_cannot_be_read_holds_no_room() {
        let (dir, mut paths) = files(&[400]);
        let odd = dir.path().join("a.xyz");
        std::fs::write(&odd, [0; 100]).unwrap();
        paths.push(odd);
        let store = MediaStore::new(1_000, Preparation::default());
        assert!(matches!(store.lease(&paths).await, Err(Failure::Medium(_))));
        assert_eq!(store.state().bytes, 400, "only the good file stays");
        std::fs::remove_file(&paths[0]).unwrap();
        assert!(matches!(store.lease(&paths[..1]).await, Err(Failure::Medium(_))));
    }
}
