//! What is to be asked: one job a sample, grouped by folder.

use std::path::Path;
use std::sync::Arc;

use avibench_protocol::{Folder, FolderData, Position, ResolvedMedia, Sample};
use avibench_store::{Ledger, LedgerError, Notice};
use serde_json::Value;

/// One question for the model.
#[derive(Debug, Clone)]
pub struct Job {
    /// The folder it belongs to.
    pub folder: Folder,
    /// Its place in the folder.
    pub position: Position,
    /// The sample itself: what its record shows beside the answer. Its truth is never looked at.
    pub sample: Arc<Sample>,
    /// The text for the model, prompt and options included.
    pub text: String,
    /// Files to send, or why they must not or cannot be sent.
    pub media: Result<ResolvedMedia, String>,
    /// An answer that is known without asking anyone.
    pub given: Option<Given>,
    /// What alone decides the answer, where that can change under one label (a raw answer to be
    /// formatted). An answer with another source in the journal is stale and asked for again; of
    /// several jobs with one source only the first is asked, and its answer serves all.
    pub source: Option<String>,
}

/// An answer that needs no model, such as one that a formatting rule could read.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The answer.
    pub answer: String,
    /// The words it was made of, if they are not the answer itself; they stay in the journal.
    pub reply: Option<String>,
    /// Where it came from; stands in the journal as `note`.
    pub note: Value,
}

impl Job {
    /// The question that `sample` asks in the words of `text`, with its media found below
    /// `task_folder`.
    #[must_use]
    pub fn new(sample: Arc<Sample>, text: String, task_folder: &Path) -> Self {
        let media = sample.media.resolve(task_folder).map_err(|error| error.to_string());
        Self { media, ..Self::without_media(sample, text) }
    }

    /// A question of text alone.
    #[must_use]
    pub fn without_media(sample: Arc<Sample>, text: String) -> Self {
        Self {
            folder: sample.folder,
            position: sample.position,
            sample,
            text,
            media: Ok(ResolvedMedia::default()),
            given: None,
            source: None,
        }
    }

    /// An answer for `sample` that nobody has to be asked for.
    #[must_use]
    pub fn given(sample: Arc<Sample>, given: Given) -> Self {
        Self { given: Some(given), ..Self::without_media(sample, String::new()) }
    }

    /// Whether the answer in `ledger` serves, so that nobody needs to be asked.
    pub(crate) fn is_answered(&self, ledger: &Ledger) -> bool {
        let source = self.source.as_deref();
        match &self.given {
            Some(given) => ledger.holds(self.position, source, &given.answer),
            None => ledger.has_answer(self.position, source),
        }
    }
}

/// The jobs of one folder.
#[derive(Debug, Clone)]
pub struct FolderJobs {
    /// The folder.
    pub folder: Folder,
    /// All its records in order: they set the length of its prediction file, and their ids prove
    /// that a file found there belongs to the same data.
    pub samples: Arc<[Arc<Sample>]>,
    /// Lower-case hex sha256 of its data.json.
    pub data_sha256: String,
    /// What is to be asked, in order of position.
    pub jobs: Vec<Job>,
}

impl FolderJobs {
    /// The jobs of a folder's first `limit` records (all without a limit), each worded by `word`.
    /// Void checks are left out: they are never asked.
    pub fn new(
        data: &FolderData,
        limit: Option<usize>,
        mut word: impl FnMut(&Sample) -> String,
    ) -> Self {
        Self::worded(data, limit, |sample| Ok(word(sample)))
    }

    /// The same where `word` may have a reason not to ask a sample, which is then rejected.
    pub fn worded(
        data: &FolderData,
        limit: Option<usize>,
        mut word: impl FnMut(&Sample) -> Result<String, String>,
    ) -> Self {
        let samples: Arc<[Arc<Sample>]> = data.samples.iter().cloned().map(Arc::new).collect();
        let jobs = samples
            .iter()
            .take(limit.unwrap_or(usize::MAX))
            .filter(|sample| !sample.is_void())
            .map(|sample| match word(sample) {
                Ok(text) => Job::new(Arc::clone(sample), text, &data.path),
                Err(reason) => {
                    let job = Job::without_media(Arc::clone(sample), String::new());
                    Job { media: Err(reason), ..job }
                }
            })
            .collect();
        Self { folder: data.folder, samples, data_sha256: data.sha256.clone(), jobs }
    }

    /// What the label in `directory` holds of this folder.
    pub(crate) fn ledger(
        &self,
        directory: &Path,
        force: bool,
        notices: &mut Vec<Notice>,
    ) -> Result<Ledger, LedgerError> {
        Ledger::read(directory, self.folder, &self.samples, force, notices)
    }
}
