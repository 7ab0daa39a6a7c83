//! The same seed gives the same stimuli in every build: what a seed gives is written down here.
//!
//! Whoever changes a stimulus on purpose changes these lines, and the version of this crate: sets
//! are named by seed and version.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic as tests do")]

use std::path::Path;

use avibench_media::{decode_png, decode_wav};
use avibench_protocol::{Dataset, Folder, FolderState};
use sha2::{Digest as _, Sha256};

use crate::shared;

/// Hashes of a folder's data.json; of its files, in the order of records; and of the pixels and
/// samples in those that are not compressed with loss.
fn hashes(dir: &Path, folder: Folder) -> [String; 3] {
    let dataset = Dataset::open(dir).unwrap();
    let FolderState::Ready(data) = dataset.load(folder) else { panic!("{folder}") };
    let (mut files, mut content) = (Sha256::new(), Sha256::new());
    for sample in data.samples.iter().filter(|sample| !sample.is_check()) {
        let read = |medium: &str| std::fs::read(data.path.join(medium)).unwrap();
        for bytes in sample.media.iter().map(read) {
            files.update(&bytes);
        }
        for picture in &sample.media.images {
            content.update(decode_png(&read(picture)).unwrap().rgb());
        }
        for sound in &sample.media.audios {
            for sample in decode_wav(&read(sound)).unwrap().samples() {
                content.update(((sample * 32_768.0).round() as i16).to_le_bytes());
            }
        }
    }
    [data.sha256.clone(), hex::encode(files.finalize()), hex::encode(content.finalize())]
        .map(|hash| hash[..16].to_owned())
}

#[test]
fn a_seed_gives_what_it_gave() {
    let set = shared::every_kind();
    let found = [Folder::Asqa, Folder::VsqaI, Folder::VsqaV, Folder::Avsqa]
        .map(|folder| hashes(set.path(), folder));
    // No hash of clips' pixels: a decoder may change, files must not.
    let no_content = "e3b0c44298fc1c14";
    let pinned = [
        ["124804505300cde0", "a31c94ceac4a566e", "89c22d343cfc8a30"],
        ["41d8d8889df097af", "7b854d5ac234078a", "61b0df9582845c2b"],
        ["3d8e4d4a4e782ef2", "f36c17d660353c7b", no_content],
        ["8227a07a401a2549", "f7839731b334a86d", no_content],
    ];
    assert_eq!(found, pinned, "data.json, files, pixels and samples");
}
