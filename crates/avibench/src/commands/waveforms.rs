//! What the sounds of a data set look like, for pages.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use avibench_pages::Waveforms;
use avibench_protocol::FolderData;

use crate::terminal::{self, Measuring, counted};

/// Where waveforms are kept, in the folder of scores. The name has no ending that makes a label of it.
const WAVEFORMS: &str = ".waveforms-cache";

/// What sounds look like; decoded once, then kept among the scores.
pub(crate) fn waveforms(folders: &[FolderData], eval_dir: &Path) -> Waveforms {
    let mut paths = BTreeSet::new();
    for data in folders {
        for sample in &data.samples {
            // Only what lies within its task folder is looked into.
            if let Ok(files) = sample.media.resolve(&data.path) {
                let media = sample.media.audios.iter().chain(&sample.media.video);
                let is_there = files.audios.len() + usize::from(files.video.is_some());
                paths.extend(media.take(is_there).map(|name| data.path.join(name)));
            }
        }
    }
    let paths: Vec<PathBuf> = paths.into_iter().collect();
    let decoding = Measuring::new("looking at sounds");
    let done = AtomicUsize::new(0);
    let tell = || decoding.tell(done.fetch_add(1, Ordering::Relaxed) + 1, paths.len());
    let cache = eval_dir.join(WAVEFORMS);
    let begun = Instant::now();
    let (waveforms, counts) = Waveforms::of_files(&paths, &cache, tell);
    decoding.clear();
    if let Some(error) = counts.not_kept {
        terminal::warning(format!(
            "the next page has to look at {} again: {error}",
            counted(counts.decoded, "sound")
        ));
    } else if counts.decoded > 0 {
        terminal::note(format!(
            "waveforms: {} decoded in {}; the next page has them from {}",
            counted(counts.decoded, "sound"),
            terminal::duration(begun.elapsed()),
            cache.display()
        ));
    }
    waveforms
}
