//! Which sample asks what: a question is its text with the hashes of its media, and several
//! samples may ask the same.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use avibench_prompts::PromptPack;
use avibench_protocol::{Dataset, Folder, FolderState};
use sha2::{Digest as _, Sha256};

/// A sample: folder and position.
pub(super) type Place = (Folder, usize);
/// A question: text, and hashes of images, audio clips and video.
pub(super) type Question = (String, Vec<String>);

/// All samples of a data set that are asked.
pub(super) struct Questions {
    pub(super) of: BTreeMap<Place, Question>,
    pub(super) askers: HashMap<Question, Vec<Place>>,
}

impl Questions {
    /// As the profile `gateway` sends them.
    pub(super) fn of(data: &Path) -> Self {
        let dataset = Dataset::open(data).unwrap();
        let mut of = BTreeMap::new();
        let mut askers: HashMap<Question, Vec<Place>> = HashMap::new();
        for folder in Folder::ALL {
            let FolderState::Ready(data) = dataset.load(folder) else { continue };
            for sample in data.samples.iter().filter(|sample| !sample.is_void()) {
                let mut media = sample.media.resolve(&data.path).unwrap();
                if media.video.is_some() {
                    media.audios.clear();
                }
                let hash = |path: &Path| hex::encode(Sha256::digest(std::fs::read(path).unwrap()));
                let hashes = media.iter().map(hash).collect();
                let text = PromptPack::embedded().prompt(sample).unwrap().text;
                let place = (folder, sample.position.0);
                let question = (text, hashes);
                askers.entry(question.clone()).or_default().push(place);
                of.insert(place, question);
            }
        }
        assert!(of.len() > 100, "a smoke set has all folders");
        Self { of, askers }
    }
}
