//! What is to be asked: one job a sample, grouped by folder.

use std::borrow::Cow;
use std::convert::Infallible;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use avibench_ablation::{Exchange, ShownMedia};
use avibench_protocol::{Folder, FolderData, MediaPathError, Position, ResolvedMedia, Sample};
use avibench_store::{Ablation, AblationKind, Epoch, FolderSamples, Precomputed, Subset};

/// Why a sample cannot be asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unaskable {
    /// One of its media must not or cannot be sent.
    #[error(transparent)]
    Medium(Arc<MediaPathError>),
    /// There is no text that asks it.
    #[error(transparent)]
    Wording(Arc<dyn Error + Send + Sync>),
    /// The ablation has nothing to exchange its media with.
    #[error(
        "no other id of the folder has the same kinds of media, so there is nothing to exchange \
         under --ablate {kind}"
    )]
    NoPartner {
        /// The kind of ablation.
        kind: AblationKind,
    },
}

/// One question for the model.
#[derive(Debug, Clone)]
pub struct Job {
    /// The folder it belongs to.
    pub folder: Folder,
    /// Its place in the folder.
    pub position: Position,
    /// The epoch that its answer belongs to; that of its first answer where a run repeats every job
    /// ([`RunSettings::epochs`](crate::RunSettings::epochs)).
    pub epoch: Epoch,
    /// The sample itself: what its record shows beside the answer. Its truth is never looked at.
    pub sample: Arc<Sample>,
    /// The text for the model, prompt and options included.
    pub text: String,
    /// Files to send, or why they must not or cannot be sent.
    pub media: Result<ResolvedMedia, Unaskable>,
    /// What is sent in place of the media, under an ablation.
    pub shown: Option<Arc<ShownMedia>>,
    /// What alone decides the answer, where that can change under one label (a raw answer to be
    /// formatted). An answer with another source in the journal is stale and asked for again; of
    /// several jobs with one source only the first is asked, and its answer serves all.
    pub source: Option<String>,
}

impl Job {
    /// The question that `sample` asks in the words of `text`, with its media found below
    /// `task_folder`.
    #[must_use]
    pub fn new(sample: Arc<Sample>, text: String, task_folder: &Path) -> Self {
        let media =
            sample.media.resolve(task_folder).map_err(|error| Unaskable::Medium(Arc::new(error)));
        Self { media, ..Self::without_media(sample, text) }
    }

    /// A question of text alone.
    #[must_use]
    pub fn without_media(sample: Arc<Sample>, text: String) -> Self {
        Self {
            folder: sample.folder,
            position: sample.position,
            epoch: Epoch::FIRST,
            sample,
            text,
            media: Ok(ResolvedMedia::default()),
            shown: None,
            source: None,
        }
    }

    /// The media that are sent, or why they must not or cannot be.
    pub(crate) fn media_to_send(&self) -> Result<Cow<'_, ShownMedia>, Unaskable> {
        let media = self.media.as_ref().map_err(Clone::clone)?;
        Ok(self.shown.as_deref().map_or_else(|| Cow::Owned(media.into()), Cow::Borrowed))
    }

    /// The same question under an ablation. `partner` has the media that it gets of another, if
    /// any are exchanged.
    fn ablated(
        self,
        kind: AblationKind,
        partner: Option<Result<ResolvedMedia, Unaskable>>,
    ) -> Self {
        let Ok(own) = &self.media else { return self };
        if kind == AblationKind::Text {
            let text = withheld(own) + &self.text;
            return Self { text, media: Ok(ResolvedMedia::default()), ..self };
        }
        match partner.transpose() {
            Ok(partner) => {
                let shown = Arc::new(ShownMedia::new(kind, own, partner.as_ref()));
                Self { shown: Some(shown), ..self }
            }
            Err(reason) => Self { media: Err(reason), ..self },
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
    /// Answers that are known without asking, in order of position.
    pub precomputed: Vec<Precomputed>,
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
        Self::worded(data, limit, |sample| Ok::<_, Infallible>(word(sample)))
    }

    /// The same where `word` may have a reason not to ask a sample, which is then rejected.
    pub fn worded<E: Error + Send + Sync + 'static>(
        data: &FolderData,
        limit: Option<usize>,
        mut word: impl FnMut(&Sample) -> Result<String, E>,
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
                    Job { media: Err(Unaskable::Wording(Arc::new(reason))), ..job }
                }
            })
            .collect();
        let data_sha256 = data.sha256.clone();
        Self { folder: data.folder, samples, data_sha256, precomputed: Vec::new(), jobs }
    }

    /// The same questions under an ablation. `data` is the folder that the jobs are of.
    #[must_use]
    pub fn ablated(mut self, ablation: &Ablation, data: &FolderData) -> Self {
        let Ablation { kind, seed, .. } = *ablation;
        let exchange = Exchange::new(kind, data.folder, &data.samples, seed.unwrap_or_default());
        let media_of = |position: usize| {
            let resolved = data.samples[position].media.resolve(&data.path);
            resolved.map_err(|error| Unaskable::Medium(Arc::new(error)))
        };
        let ablated = |job: Job| {
            let partner = match exchange.partner(job.position.0) {
                Some(partner) => Some(media_of(partner)),
                None if Exchange::is_of(kind, &job.sample.media) => {
                    Some(Err(Unaskable::NoPartner { kind }))
                }
                None => None,
            };
            job.ablated(kind, partner)
        };
        self.jobs = self.jobs.into_iter().map(ablated).collect();
        self
    }

    /// Only the questions of a random part of the folder. `data` is the folder that the jobs are of.
    #[must_use]
    pub fn drawn(mut self, subset: &Subset, data: &FolderData) -> Self {
        let is_drawn = subset.of(data.folder, &data.samples);
        self.jobs.retain(|job| is_drawn.get(job.position.0).copied().unwrap_or(false));
        self
    }

    /// Only the questions, and the known answers, of samples that are marked, by position.
    #[must_use]
    pub fn only(mut self, marked: &[bool]) -> Self {
        let is_marked = |position: Position| marked.get(position.0).copied().unwrap_or(false);
        self.jobs.retain(|job| is_marked(job.position));
        self.precomputed.retain(|known| is_marked(known.position));
        self
    }

    /// The folder's records, for opening its label.
    #[must_use]
    pub fn samples(&self) -> FolderSamples {
        FolderSamples {
            folder: self.folder,
            samples: Arc::clone(&self.samples),
            data_sha256: self.data_sha256.clone(),
        }
    }
}

/// What is said before a question that is asked without its media.
fn withheld(media: &ResolvedMedia) -> String {
    let counted = |count: usize, noun: &str| match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        _ => Some(format!("{count} {noun}s")),
    };
    let video = usize::from(media.video.is_some());
    let kinds = [
        counted(media.images.len(), "picture"),
        counted(media.audios.len(), "sound"),
        counted(video, "video"),
    ];
    let kinds: Vec<String> = kinds.into_iter().flatten().collect();
    if kinds.is_empty() {
        return String::new();
    }
    format!(
        "What this question is about ({}) is withheld. Answer from the text alone, in the format \
         that it asks for.\n\n",
        kinds.join(", ")
    )
}
