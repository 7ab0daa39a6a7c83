//! What a run would do, without doing it: nothing is sent, locked or written.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use avibench_ablation::{Rewriter, Shown};
use avibench_protocol::{Folder, Position};
use avibench_store::{Epoch, Ledger, Manifest, Notice, OpenError};
use serde::{Serialize, Serializer};

use crate::ask::MediaSizes;
use crate::estimate::{ANSWER, Estimator};
use crate::failure::Failure;
use crate::job::{FolderJobs, Job, Unaskable};
use crate::price::Price;
use crate::run::{RunError, RunSettings};

/// What one folder would take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct FolderPlan {
    /// Samples that are answered already; each counts once an epoch.
    pub reused: usize,
    /// Samples whose media cannot be sent.
    pub rejected: usize,
    /// Samples whose answer is known without asking, or comes with another's.
    pub precomputed: usize,
    /// Requests, if no try fails.
    pub requests: usize,
    /// Bytes of the requests' bodies, exactly; `None` where nothing is sent over HTTP.
    pub bytes: Option<u64>,
    /// Prompt tokens, roughly.
    pub tokens_in: u64,
    /// Of these, tokens of sound.
    pub tokens_audio: u64,
    /// Completion tokens, roughly.
    pub tokens_out: u64,
    /// US dollars, roughly; `None` without a price.
    pub cost: Option<f64>,
    /// US dollars if the same requests are answered in a batch, roughly; `None` without a price, and
    /// where no batch can be made of them.
    pub batch_cost: Option<f64>,
}

/// Why a sample's request cannot be sent.
#[derive(Debug, Clone, thiserror::Error)]
pub enum UnsendableReason {
    /// It cannot even be asked.
    #[error(transparent)]
    Unaskable(#[from] Unaskable),
    /// One of its media cannot be read or made ready.
    #[error(transparent)]
    Media(#[from] Failure),
}

/// In words, as `--json` shows it.
impl Serialize for UnsendableReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A sample whose media cannot be sent.
#[derive(Debug, Clone, Serialize)]
pub struct Unsendable {
    /// Its folder.
    pub folder: Folder,
    /// Its place in the folder.
    pub position: Position,
    /// Which medium it is, and what is wrong with it.
    pub reason: UnsendableReason,
}

/// What a run would take, by folder.
#[derive(Debug, Clone, Serialize)]
pub struct DryRun {
    /// Each folder's share.
    pub folders: BTreeMap<Folder, FolderPlan>,
    /// All samples whose media cannot be sent, by folder and position.
    pub unsendable: Vec<Unsendable>,
    /// What was noticed about files of earlier sessions.
    pub notices: Vec<String>,
}

/// What is measured for the whole run, and what is found out on the way.
struct Planner<'a> {
    settings: &'a RunSettings,
    estimator: Estimator,
    sizes: MediaSizes,
    unsendable: Vec<Unsendable>,
}

impl DryRun {
    /// Looks at what the label holds and measures the media of what would be asked. Videos that
    /// the profile takes apart are decoded, each once; `measured` is told after each file how many
    /// are done, and of how many, from several threads.
    ///
    /// # Errors
    ///
    /// Fails where a run would be refused. Media that cannot be sent are no error but
    /// [`Self::unsendable`].
    pub fn new(
        settings: &RunSettings,
        folders: &[FolderJobs],
        measured: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Self, RunError> {
        let (ledgers, notices) = read_ledgers(settings, folders)?;
        let asked = folders.iter().zip(&ledgers).flat_map(|(jobs, ledger)| {
            let is_open =
                |job: &&Job| epochs_of(settings, job).any(|epoch| !is_answered(job, epoch, ledger));
            jobs.jobs.iter().filter(is_open)
        });
        let mut planner = Planner {
            settings,
            estimator: Estimator::new(&settings.model, settings.request.as_ref()),
            sizes: measure(settings, asked, measured),
            unsendable: Vec::new(),
        };
        let plans = folders
            .iter()
            .zip(&ledgers)
            .map(|(jobs, ledger)| (jobs.folder, planner.folder(jobs, ledger)))
            .collect();
        let notices = notices.iter().map(Notice::to_string).collect();
        Ok(Self { folders: plans, unsendable: planner.unsendable, notices })
    }

    /// All folders together.
    #[must_use]
    pub fn total(&self) -> FolderPlan {
        self.folders.values().copied().reduce(FolderPlan::and).unwrap_or_default()
    }

    /// Adds the requests of another dry run about the same samples: what they would send and cost.
    pub fn add_requests(&mut self, other: &Self) {
        for (folder, plan) in &other.folders {
            let added = FolderPlan { reused: 0, rejected: 0, precomputed: 0, ..*plan };
            let known = self.folders.get(folder);
            let sum = known.map_or(added, |known| known.and(added));
            self.folders.insert(*folder, sum);
        }
        self.notices.extend_from_slice(&other.notices);
    }
}

impl FolderPlan {
    fn and(self, other: Self) -> Self {
        Self {
            reused: self.reused + other.reused,
            rejected: self.rejected + other.rejected,
            precomputed: self.precomputed + other.precomputed,
            requests: self.requests + other.requests,
            bytes: self.bytes.zip(other.bytes).map(|(a, b)| a + b),
            tokens_in: self.tokens_in + other.tokens_in,
            tokens_audio: self.tokens_audio + other.tokens_audio,
            tokens_out: self.tokens_out + other.tokens_out,
            cost: self.cost.zip(other.cost).map(|(a, b)| a + b),
            batch_cost: self.batch_cost.zip(other.batch_cost).map(|(a, b)| a + b),
        }
    }
}

/// What the label holds of these folders, if a run would go on with it. Nothing is locked or written.
pub(crate) fn read_ledgers(
    settings: &RunSettings,
    folders: &[FolderJobs],
) -> Result<(Vec<Ledger>, Vec<Notice>), RunError> {
    let opening = settings.opening(folders);
    let goes_on = opening.on_difference.goes_on();
    let found = Manifest::read(&opening.directory);
    Manifest::join(found, &opening.label, opening.identity, goes_on).map_err(OpenError::from)?;
    let mut notices: Vec<Notice> = Vec::new();
    let mut ledgers = Vec::with_capacity(folders.len());
    for jobs in folders {
        let (folder, samples) = (jobs.folder, &jobs.samples);
        let ledger = Ledger::read(&opening.directory, folder, samples, goes_on, &mut notices);
        ledgers.push(ledger.map_err(OpenError::from)?);
    }
    Ok((ledgers, notices))
}

pub(crate) fn is_answered(job: &Job, epoch: Epoch, ledger: &Ledger) -> bool {
    ledger.has_answer_in(epoch, job.position, job.source.as_deref())
}

/// The epochs in which a job is asked.
pub(crate) fn epochs_of(settings: &RunSettings, job: &Job) -> impl Iterator<Item = Epoch> + use<> {
    let first = job.epoch;
    (0..settings.epochs.max(1)).map(move |repeat| first.later_by(repeat))
}

/// The sizes of all media of these jobs, each medium once.
fn measure<'a>(
    settings: &RunSettings,
    jobs: impl Iterator<Item = &'a Job>,
    measured: &(dyn Fn(usize, usize) + Sync),
) -> MediaSizes {
    let media = jobs.filter_map(|job| job.media_to_send().ok());
    let media: BTreeSet<Shown> =
        media.flat_map(|media| media.iter().cloned().collect::<Vec<_>>()).collect();
    let media: Vec<Shown> = media.into_iter().collect();
    let all = media.len();
    let rewriter = settings.rewritten.as_ref().map_or_else(Rewriter::default, |of| of.rewriter());
    MediaSizes::measure(&media, settings.request.as_ref(), &rewriter, &|done| measured(done, all))
}

impl Planner<'_> {
    fn folder(&mut self, jobs: &FolderJobs, ledger: &Ledger) -> FolderPlan {
        let request = self.settings.request.as_ref();
        let mut plan = FolderPlan { bytes: request.map(|_| 0), ..FolderPlan::default() };
        let mut sources = HashSet::new();
        for known in &jobs.precomputed {
            if known.is_in(ledger) {
                plan.reused += 1;
            } else {
                plan.precomputed += 1;
            }
        }
        for job in &jobs.jobs {
            let epochs = epochs_of(self.settings, job);
            let (all, open) = epochs.fold((0, 0), |(all, open), epoch| {
                (all + 1, open + usize::from(!is_answered(job, epoch, ledger)))
            });
            plan.reused += all - open;
            if open == 0 {
                continue;
            }
            if job.source.as_ref().is_some_and(|source| !sources.insert(source)) {
                plan.precomputed += 1;
                continue;
            }
            let sizes = job
                .media_to_send()
                .map_err(UnsendableReason::from)
                .and_then(|media| Ok(self.sizes.media(&media)?));
            match sizes {
                Err(reason) => {
                    plan.rejected += open;
                    let (folder, position) = (job.folder, job.position);
                    self.unsendable.push(Unsendable { folder, position, reason });
                }
                Ok(media) => {
                    let estimate = self.estimator.estimate(job);
                    let times = open as u64;
                    plan.requests += open;
                    plan.bytes = plan
                        .bytes
                        .zip(request)
                        .map(|(bytes, request)| bytes + times * request.length(media, &job.text));
                    plan.tokens_in += times * estimate.tokens_in;
                    plan.tokens_audio += times * estimate.tokens_audio;
                    plan.tokens_out += times * ANSWER;
                }
            }
        }
        let cost = |price: Price| price.cost(plan.tokens_in, plan.tokens_audio, plan.tokens_out);
        let price = self.settings.price;
        let is_for_batches =
            self.settings.request.as_ref().is_some_and(|of| of.packing().is_some());
        plan.batch_cost = price.filter(|_| is_for_batches).map(|price| cost(price.in_batch()));
        plan.cost = price.map(cost);
        plan
    }
}
