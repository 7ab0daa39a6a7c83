//! What media would take in a request: sizes as they are sent, without sending them.
//!
//! A file that goes out as it is costs a look at its size. A video that is taken apart has to be
//! decoded and its frames encoded, as only that tells their sizes; equal content is decoded once,
//! wherever it lies, and only sizes are kept.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use avibench_ablation::{Rewriter, Rewriting, Rewritten, Shown, ShownMedia};

use super::blob::{BlockPool, PiecePool};
use super::media_file::{MediaFile, MediaSize};
use super::packing::LoadedMedia;
use super::preparation::{Bounds, Content, Preparation};
use super::request_format::RequestFormat;
use crate::failure::Failure;

type Sizes = Result<Content<MediaSize>, Failure>;

/// The sizes of media files under one preparation.
#[derive(Debug)]
pub(crate) struct MediaSizes {
    sizes: HashMap<Shown, Sizes>,
}

struct Measuring<'a> {
    rewriter: &'a Rewriter,
    preparation: Preparation,
    pool: PiecePool,
    blocks: BlockPool,
    /// By sha256 of the file.
    decoded: Mutex<HashMap<[u8; 32], Content<MediaSize>>>,
}

impl MediaSizes {
    /// Measures these media on all cores, as `request` sends them or, without one, as they are;
    /// calls `done` after each with the number of those that are done. A core holds one at a time.
    /// What cannot be read, rewritten or decoded is remembered with its reason.
    pub(crate) fn measure(
        media: &[Shown],
        request: Option<&RequestFormat>,
        rewriter: &Rewriter,
        done: &(dyn Fn(usize) + Sync),
    ) -> Self {
        let ffmpeg = request.and_then(RequestFormat::installed_ffmpeg);
        let measuring = Measuring {
            rewriter,
            preparation: request.map_or_else(Preparation::default, |r| r.preparation(ffmpeg)),
            pool: PiecePool::default(),
            blocks: BlockPool::default(),
            decoded: Mutex::default(),
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let results = Mutex::new(HashMap::with_capacity(media.len()));
        std::thread::scope(|scope| {
            for _ in 0..cores.min(media.len()) {
                scope.spawn(|| {
                    while let Some(medium) = media.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let sizes = match medium {
                            Shown::File(path) => measuring.sizes(path),
                            Shown::Rewritten(rewriting) => measuring.rewritten(rewriting),
                        };
                        lock(&results).insert(medium.clone(), sizes);
                        done(finished.fetch_add(1, Ordering::Relaxed) + 1);
                    }
                });
            }
        });
        Self { sizes: results.into_inner().unwrap_or_else(PoisonError::into_inner) }
    }

    /// A question's media, all of which have been measured; otherwise why one cannot be sent.
    pub(crate) fn media(&self, media: &ShownMedia) -> Result<LoadedMedia<MediaSize>, Failure> {
        let sizes = |medium: &Shown| match self.sizes.get(medium) {
            Some(sizes) => sizes.clone(),
            None => Err(Failure::Medium(format!("{medium:?} was not measured"))),
        };
        // Nothing is made of images and audio clips but another file.
        let files = |media: &[Shown]| {
            let files = media.iter().map(|medium| sizes(medium).map(|content| content.file));
            files.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()
        };
        Ok(LoadedMedia {
            images: files(&media.images)?,
            audios: files(&media.audios)?,
            video: media.video.as_ref().map(sizes).transpose()?,
        })
    }
}

impl Measuring<'_> {
    fn rewritten(&self, rewriting: &Rewriting) -> Sizes {
        let own = rewriting.sources().next().unwrap_or(Path::new(""));
        match self.rewriter.rewrite(rewriting)? {
            Rewritten::Unchanged => self.sizes(own),
            Rewritten::Made(bytes) => {
                let made = MediaFile::made(own.to_owned(), bytes.into())?;
                Ok(self
                    .preparation
                    .take_apart(made, Bounds::default(), &self.blocks)?
                    .map(|file| MediaSize::from(&file)))
            }
        }
    }

    fn sizes(&self, path: &Path) -> Sizes {
        let size = MediaSize::of_file(path)?;
        if !self.preparation.applies_to(size.mime) {
            return Ok(Content::whole(size));
        }
        let file = MediaFile::read(path.to_owned(), &self.pool)?;
        let hash = file.sha256;
        if let Some(known) = lock(&self.decoded).get(&hash) {
            return Ok(known.clone());
        }
        let content =
            self.preparation.take_apart(file, Bounds::default(), &self.blocks)?.map(|file| {
                let size = MediaSize::from(&file);
                self.pool.recycle(file.bytes);
                size
            });
        lock(&self.decoded).insert(hash, content.clone());
        Ok(content)
    }
}

/// The maps are whole between calls; a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
