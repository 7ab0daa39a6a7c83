//! Media files in memory: read once while they are hot, together never above a bound.
//!
//! A request reserves room for all its files and for decoding the one that takes most, at once, or
//! waits without holding any, so requests cannot block each other. Files that nobody uses stay until
//! their room is wanted.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use avibench_media::check_file_bytes;
use tokio::sync::{Notify, OnceCell, Semaphore};

use super::blob::{Blob, BlockPool, PiecePool};
use super::media_file::{MediaFile, unreadable, unusable};
use super::preparation::{Bounds, Content, Preparation};
use crate::failure::Failure;

/// Beyond its time, a decoder that does not look at the clock is waited for so long. Its thread goes
/// on, and keeps its place and its memory until it ends.
const TIME_TO_STOP: Duration = Duration::from_millis(500);

/// All media files that are in memory.
#[derive(Debug)]
pub(crate) struct MediaStore {
    /// Bytes that may be held, used or idle, and taken by decoders.
    bound: u64,
    /// How far preparing one file may go.
    bounds: Bounds,
    /// Whether files stay once nobody uses them.
    keeps: bool,
    state: Mutex<State>,
    /// Whoever holds it is the next to get room: first come, first served, large or small.
    turn: tokio::sync::Mutex<()>,
    freed: Notify,
    preparation: Preparation,
    pool: Arc<PiecePool>,
    blocks: Arc<BlockPool>,
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
    /// Bytes that are reserved for decoders.
    decoding: u64,
    /// The highest that `bytes` and `decoding` together ever were.
    peak: u64,
}

#[derive(Debug)]
struct Held {
    size: u64,
    users: usize,
    last_used: u64,
    content: Arc<OnceCell<Content>>,
}

/// A request's files; their room is free again when the last of its clones is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    _files: Arc<Files>,
}

/// A request's files and what they are.
#[derive(Debug)]
pub(crate) struct Leased {
    pub(crate) lease: Lease,
    /// As many as files were asked for, in the same order.
    pub(crate) contents: Vec<Content>,
    /// Time that decoding took.
    pub(crate) took: Duration,
}

/// The use of some files.
#[derive(Debug)]
struct Files {
    store: Arc<MediaStore>,
    paths: Vec<PathBuf>,
}

/// Memory for decoding, free again when it is dropped.
#[derive(Debug)]
struct DecodingRoom {
    store: Arc<MediaStore>,
    bytes: u64,
}

/// What a request needs room for, in bytes.
#[derive(Debug, Default)]
struct Needs {
    files: Vec<(PathBuf, u64)>,
    /// For decoding one file after the other.
    decoding: u64,
}

/// What has been reserved for a request.
struct Reserved {
    lease: Lease,
    cells: Vec<Arc<OnceCell<Content>>>,
    decoding: Arc<DecodingRoom>,
}

impl MediaStore {
    /// A store that holds at most `bound` bytes, or what one request needs if that alone is more.
    /// Decoding a request's files may take `time`.
    pub(crate) fn new(bound: u64, time: Duration, preparation: Preparation) -> Arc<Self> {
        Self::of(bound, time, preparation, true)
    }

    /// The same for files that are looked at once: nothing stays.
    pub(crate) fn of_passing(bound: u64, time: Duration, preparation: Preparation) -> Arc<Self> {
        Self::of(bound, time, preparation, false)
    }

    fn of(bound: u64, time: Duration, preparation: Preparation, keeps: bool) -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Arc::new(Self {
            bound,
            bounds: Bounds::new(bound, time),
            keeps,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            freed: Notify::new(),
            preparation,
            pool: Arc::default(),
            blocks: Arc::default(),
            decoders: Arc::new(Semaphore::new(cores)),
        })
    }

    /// Waits for room and reads the files.
    pub(crate) async fn lease(self: &Arc<Self>, paths: &[PathBuf]) -> Result<Leased, Failure> {
        let needs = self.needs(paths).await?;
        let Reserved { lease, cells, decoding } = self.reserve(&needs).await;
        let mut contents = Vec::with_capacity(paths.len());
        let took = Mutex::new(Duration::ZERO);
        for (path, cell) in paths.iter().zip(cells) {
            let read = || self.read(path, (lease.clone(), Arc::clone(&decoding)), &took);
            let content = cell.get_or_try_init(read).await?.clone();
            self.state().resize(path, content.size());
            contents.push(content);
        }
        let took = took.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Leased { lease, contents, took })
    }

    /// What the headers of files let expect.
    async fn needs(self: &Arc<Self>, paths: &[PathBuf]) -> Result<Needs, Failure> {
        if paths.is_empty() {
            return Ok(Needs::default());
        }
        let (store, paths) = (Arc::clone(self), paths.to_vec());
        let task = tokio::task::spawn_blocking(move || {
            let mut needs = Needs::default();
            for path in paths {
                let metadata = std::fs::metadata(&path).map_err(|e| unreadable(&path, &e))?;
                let bytes = metadata.len();
                check_file_bytes(bytes).map_err(|error| unusable(&path, &error))?;
                let decoding = store.preparation.memory_for(&path, bytes, store.bounds);
                needs.decoding = needs.decoding.max(decoding);
                needs.files.push((path, Blob::room_for(bytes)));
            }
            Ok(needs)
        });
        task.await.map_err(|error| broke("reading", &error))?
    }

    /// Reads a file and decodes it as far as it has to be. `held` is free again once no thread works
    /// at the file any more, which may be after its time is up.
    async fn read(
        &self,
        path: &Path,
        held: (Lease, Arc<DecodingRoom>),
        took: &Mutex<Duration>,
    ) -> Result<Content, Failure> {
        let pool = Arc::clone(&self.pool);
        let file = path.to_owned();
        let reading = tokio::task::spawn_blocking(move || MediaFile::read(file, &pool));
        let file = reading.await.map_err(|error| broke("reading", &error))??;
        let place = Arc::clone(&self.decoders).acquire_owned().await;
        let place = place.map_err(|error| broke("decoding", &error))?;
        let started = Instant::now();
        let before = *took.lock().unwrap_or_else(PoisonError::into_inner);
        let bounds = self.bounds.after(before);
        let (preparation, blocks) = (self.preparation.clone(), Arc::clone(&self.blocks));
        let decoding = tokio::task::spawn_blocking(move || {
            let _until_done = (place, held);
            preparation.take_apart(file, bounds, &blocks)
        });
        // Decoders that look at the clock stop in time; this is for what others wrote.
        let decoded =
            tokio::time::timeout(bounds.left().saturating_add(TIME_TO_STOP), decoding).await;
        *took.lock().unwrap_or_else(PoisonError::into_inner) += started.elapsed();
        match decoded {
            Ok(decoded) => decoded.map_err(|error| broke("decoding", &error))?,
            Err(_) => Err(bounds.out_of_time(path)),
        }
    }

    async fn reserve(self: &Arc<Self>, needs: &Needs) -> Reserved {
        let _turn = self.turn.lock().await;
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            // Enabled before looking, so that no wake-up is missed in between.
            freed.as_mut().enable();
            let reserved = self.state().try_reserve(needs, self.bound, &self.pool);
            if let Some((cells, decoding)) = reserved {
                let store = || Arc::clone(self);
                let paths = needs.files.iter().map(|(path, _)| path.clone()).collect();
                return Reserved {
                    lease: Lease { _files: Arc::new(Files { store: store(), paths }) },
                    cells,
                    decoding: Arc::new(DecodingRoom { store: store(), bytes: decoding }),
                };
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

/// A thread or a lock that is gone.
fn broke(what: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::Medium(format!("{what} a medium broke off: {error}"))
}

impl State {
    /// Room for all files, and how much was reserved for decoding; or nothing changed.
    fn try_reserve(
        &mut self,
        needs: &Needs,
        bound: u64,
        pool: &PiecePool,
    ) -> Option<(Vec<Arc<OnceCell<Content>>>, u64)> {
        let wanted: HashMap<&PathBuf, u64> =
            needs.files.iter().map(|(path, size)| (path, *size)).collect();
        let is_decoded =
            |path: &PathBuf| self.held.get(path).is_some_and(|held| held.content.initialized());
        let decoding = if wanted.keys().all(|path| is_decoded(path)) { 0 } else { needs.decoding };
        let files: u64 = wanted
            .iter()
            .filter(|(path, _)| !self.held.contains_key(**path))
            .map(|(_, size)| size)
            .sum();
        let missing = files + decoding;
        let in_use = self.bytes - self.idle_bytes + self.decoding;
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
        while self.bytes + self.decoding + missing > bound {
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
        self.bytes += files;
        self.decoding += decoding;
        self.peak = self.peak.max(self.bytes + self.decoding);
        let cells = needs.files.iter().map(|(path, size)| {
            let held = self.held.entry(path.clone()).or_insert_with(|| Held {
                size: *size,
                users: 0,
                last_used: 0,
                content: Arc::default(),
            });
            held.users += 1;
            Arc::clone(&held.content)
        });
        Some((cells.collect(), decoding))
    }

    /// Sets a file's size to what it turned out to be.
    fn resize(&mut self, path: &Path, size: u64) {
        if let Some(held) = self.held.get_mut(path) {
            self.bytes = self.bytes - held.size + size;
            held.size = size;
            self.peak = self.peak.max(self.bytes + self.decoding);
        }
    }

    fn release(&mut self, path: &Path, keeps: bool) {
        let Some(held) = self.held.get_mut(path) else { return };
        held.users -= 1;
        if held.users > 0 {
            return;
        }
        if keeps && held.content.initialized() {
            self.clock += 1;
            held.last_used = self.clock;
            self.idle.insert(self.clock, path.to_owned());
            self.idle_bytes += held.size;
        } else {
            // What could not be read is tried again by the next one to want it.
            self.bytes -= held.size;
            self.held.remove(path);
        }
    }
}

impl Drop for DecodingRoom {
    fn drop(&mut self) {
        self.store.state().decoding -= self.bytes;
        self.store.freed.notify_waiters();
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let mut state = self.store.state();
        for path in &self.paths {
            state.release(path, self.store.keeps);
        }
        drop(state);
        self.store.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use avibench_media::{Picture, Sound, encode_png, encode_wav};

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

    /// A store of 1,000 bytes.
    fn store() -> Arc<MediaStore> {
        MediaStore::new(1_000, Duration::from_mins(1), Preparation::default())
    }

    /// A WAV file of so many bytes, 46 at least.
    fn wav(size: usize) -> Vec<u8> {
        let sound = Sound::new(8_000, vec![0.25; (size - 44) / 2]).unwrap();
        encode_wav(&sound).unwrap()
    }

    #[tokio::test]
    async fn the_bound_holds_however_many_ask() {
        let (_dir, paths) = files(&[300; 24]);
        let store = store();
        let ask = |index: usize| {
            let store = Arc::clone(&store);
            let wanted = [paths[index % 24].clone(), paths[(index + 1) % 24].clone()];
            tokio::spawn(async move {
                let Leased { lease, contents, .. } = store.lease(&wanted).await.unwrap();
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
        let store = store();
        let large = store.lease(&paths[..1]).await.unwrap();
        let waiting = store.lease(&paths[1..]);
        tokio::pin!(waiting);
        let early = tokio::time::timeout(Duration::from_millis(20), &mut waiting).await;
        assert!(early.is_err(), "there is no room beside it");
        drop(large);
        waiting.await.unwrap();
    }

    /// Pictures of 10 x 10 pixels, for each of which a decoder may want 1,200 bytes.
    fn pictures(count: usize) -> (tempfile::TempDir, Vec<PathBuf>) {
        let dir = tempfile::tempdir().unwrap();
        let png = encode_png(&Picture::filled(10, 10, [1, 2, 3]).unwrap()).unwrap();
        let write = |index: usize| {
            let path = dir.path().join(format!("{index}.png"));
            std::fs::write(&path, &png).unwrap();
            path
        };
        let paths = (0..count).map(write).collect();
        (dir, paths)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn decoders_are_part_of_the_bound_and_what_they_took_is_free_again() {
        let (_dir, paths) = pictures(24);
        // Of one picture in use and two that are decoded, and of none.
        for (bound, most) in [(3_000, 3_000), (1_000, 1_500)] {
            let store = MediaStore::new(bound, Duration::from_mins(1), Preparation::default());
            let ask = |path: &PathBuf| {
                let (store, path) = (Arc::clone(&store), path.clone());
                tokio::spawn(async move { store.lease(&[path]).await.map(drop) })
            };
            let asked: Vec<_> = paths.iter().map(ask).collect();
            for one in asked {
                one.await.unwrap().unwrap();
            }
            let peak = store.peak();
            assert!((1_200..=most).contains(&peak), "{peak} of {bound}");
            assert_eq!(store.state().decoding, 0);
        }
    }

    #[tokio::test]
    async fn decoding_takes_its_share_of_the_time_and_no_more() {
        let (_dir, paths) = pictures(1);
        let store = |time| MediaStore::new(1 << 20, time, Preparation::default());
        let took = store(Duration::from_mins(1)).lease(&paths).await.unwrap().took;
        assert!(took > Duration::ZERO && took < Duration::from_mins(1));
        let late = store(Duration::ZERO).lease(&paths).await.unwrap_err().to_string();
        assert!(late.contains("0.png") && late.contains("of the 0 s for one request"), "{late}");
    }

    #[tokio::test]
    async fn a_hot_file_is_read_once_and_twice_in_one_request_is_once() {
        let (_dir, paths) = files(&[400]);
        let store = store();
        let twice = [paths[0].clone(), paths[0].clone()];
        let Leased { lease: first, contents, .. } = store.lease(&twice).await.unwrap();
        let bytes = |content: &Content| content.file.as_ref().unwrap().bytes.beginning().as_ptr();
        assert_eq!(store.state().bytes, 400);
        drop(first);
        std::fs::write(&paths[0], wav(300)).unwrap();
        let again = store.lease(&paths).await.unwrap().contents;
        assert_eq!(bytes(&contents[0]), bytes(&again[0]));
    }

    #[tokio::test]
    async fn what_cannot_be_read_holds_no_room() {
        let (dir, mut paths) = files(&[400]);
        let odd = dir.path().join("a.xyz");
        std::fs::write(&odd, [0; 100]).unwrap();
        paths.push(odd);
        let store = store();
        assert!(matches!(store.lease(&paths).await, Err(Failure::Medium(_))));
        assert_eq!(store.state().bytes, 400, "only the good file stays");
        std::fs::remove_file(&paths[0]).unwrap();
        assert!(matches!(store.lease(&paths[..1]).await, Err(Failure::Medium(_))));
    }
}
