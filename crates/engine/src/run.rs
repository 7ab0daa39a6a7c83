//! A run from beginning to end: what is asked under which label, and what the label holds.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use avibench_ablation::RewrittenMedia;
use avibench_files::FileError;
use avibench_protocol::{Folder, Position, WordingSource};
use avibench_store::{
    Ablation, DataIdentity, Identity, Label, Locking, Notice, OnDifference, OpenError, OpenLabel,
    Opening, SequenceIdentity, SessionEffort, SessionRecord, ShardIdentity, Subset,
};
use serde_json::{Map, Value};
use tokio::sync::mpsc::unbounded_channel;

use crate::ask::{Backend, ShownFiles};
use crate::broadcast::Broadcast;
use crate::estimate::Estimator;
use crate::event::{Event, Listener};
use crate::job::{FolderJobs, Job};
use crate::pool::{Budget, Crew, Driver, Ended, Limit, RetryPolicy, Rules, Slot, Tries, Window};
use crate::snapshot::Snapshot;
use crate::summary::TokenLimit;
use crate::{Packing, Price, RequestFormat, RunSummary, StopHandle};

/// What a caller makes of a model's answer before it is a prediction. The model's own words stay
/// in the journal beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// The prediction.
    pub answer: String,
    /// How it was made; it stands in the journal as `note`.
    pub note: Value,
    /// What the answer that was formatted says by a careful reading, where that is known; it stands in
    /// the journal as `reading`.
    pub reading: Option<Value>,
}

/// Makes a prediction of a model's answer.
pub type Finish = Arc<dyn Fn(&Job, &str) -> Finished + Send + Sync>;

/// Settings of a run that do not depend on the backend.
#[derive(Clone)]
pub struct RunSettings {
    /// Program and version, for run.json.
    pub program: String,
    /// The label.
    pub label: Label,
    /// Where its files go: `user_outputs/<label>`.
    pub directory: PathBuf,
    /// The model's name.
    pub model: String,
    /// The backend as the user named it: `openai`, `signal`, `exec`, ...
    pub backend: String,
    /// What requests consist of, down to how media are packed; `None` where the backend gets files
    /// or bytes as they are.
    pub request: Option<RequestFormat>,
    /// Request parameters, for run.json.
    pub parameters: Map<String, Value>,
    /// Hash of the prompt pack.
    pub prompt_pack: String,
    /// Whose words it puts questions in; none where no data set is asked.
    pub wording: Option<WordingSource>,
    /// What is withheld or exchanged. The jobs are made for it: see [`FolderJobs::ablated`].
    pub ablation: Option<Ablation>,
    /// Where media that an ablation rewrites are kept. Jobs with such media need it.
    pub rewritten: Option<Arc<RewrittenMedia>>,
    /// The random part of each folder that is asked. The jobs are those: see [`FolderJobs::drawn`].
    pub subset: Option<Subset>,
    /// The order in which samples are asked, where it matters; those that it does not name come last. Otherwise
    /// folder by folder, in the order of the data.
    pub order: Option<Arc<[(Folder, Position)]>>,
    /// What decided that order, for run.json.
    pub sequence: Option<SequenceIdentity>,
    /// Which part of the run is asked here, if others ask the rest. The jobs are those: see
    /// [`FolderJobs::only`].
    pub shard: Option<ShardIdentity>,
    /// How often every question is asked, from 1: first all of them once, then all of them again.
    pub epochs: u32,
    /// Most requests in flight.
    pub concurrency: usize,
    /// Most requests in any minute.
    pub requests_per_minute: Option<u64>,
    /// Most tokens in any minute, by estimate until the server has counted.
    pub tokens_per_minute: Option<u64>,
    /// Tries and waits.
    pub retry: RetryPolicy,
    /// Time for what is in flight when the run is to stop.
    pub grace: Duration,
    /// What tokens cost.
    pub price: Option<Price>,
    /// Most US dollars under this label; needs a price.
    pub max_cost: Option<f64>,
    /// US dollars that count towards that limit and stand in no journal of these folders, such as
    /// those that other requests about the same answers have cost.
    pub spent_elsewhere: f64,
    /// What to do where the label holds something else. [`OnDifference::Remake`] is for answers
    /// that can all be made again from their sources ([`Job::source`]), as formatted answers can.
    pub on_difference: OnDifference,
    /// Whether locks keep other writers away from the label.
    pub locking: Locking,
    /// What is made of an answer; `None` takes it as it is.
    pub finish: Option<Finish>,
}

/// A run that cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The label cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The manifest cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The thread that writes could not be started.
    #[error("cannot start the journal's thread: {0}")]
    Thread(std::io::Error),
    /// A limit on money without prices.
    #[error(
        "--max-cost needs the price of `{0}`, which no price table has; add it with --prices FILE"
    )]
    NoPrice(String),
    /// The backend would send something else than the run records.
    #[error(
        "the run records the packing {recorded}, but its backend sends {sent}; give both the same \
         request format"
    )]
    OtherRequests {
        /// The packing of the settings, `name@hash`.
        recorded: String,
        /// The packing of the backend.
        sent: String,
    },
}

/// A run that is ready to begin: its label is locked, read and compared with what is wanted.
pub struct Run {
    settings: RunSettings,
    label: OpenLabel,
    slots: Vec<Slot>,
}

impl RunSettings {
    /// A run under a label, everything else as it usually is: 8 requests in flight at most, no
    /// price, no cap.
    #[must_use]
    pub fn new(label: Label, directory: PathBuf, model: &str) -> Self {
        Self {
            program: concat!("avibench ", env!("CARGO_PKG_VERSION")).to_owned(),
            label,
            directory,
            model: model.to_owned(),
            backend: "openai".to_owned(),
            request: None,
            parameters: Map::new(),
            prompt_pack: String::new(),
            wording: None,
            ablation: None,
            rewritten: None,
            subset: None,
            order: None,
            sequence: None,
            shard: None,
            epochs: 1,
            concurrency: 8,
            requests_per_minute: None,
            tokens_per_minute: None,
            retry: RetryPolicy::default(),
            grace: Duration::from_secs(10),
            price: None,
            max_cost: None,
            spent_elsewhere: 0.0,
            on_difference: OnDifference::Refuse,
            locking: Locking::System,
            finish: None,
        }
    }

    /// How the label is opened for these folders.
    #[must_use]
    pub fn opening(&self, folders: &[FolderJobs]) -> Opening {
        Opening {
            program: self.program.clone(),
            label: self.label.clone(),
            directory: self.directory.clone(),
            identity: self.identity(folders),
            on_difference: self.on_difference,
            epochs: self.epochs,
            locking: self.locking,
        }
    }

    fn identity(&self, folders: &[FolderJobs]) -> Identity {
        let data = |folder: &FolderJobs| DataIdentity {
            sha256: folder.data_sha256.clone(),
            records: folder.samples.len(),
        };
        Identity {
            model: self.model.clone(),
            backend: self.backend.clone(),
            profile: self.packing().map(Packing::identity),
            profile_description: self.packing().map_or(Value::Null, Packing::description),
            parameters: self.parameters.clone(),
            prompt_pack: self.prompt_pack.clone(),
            wording: self.wording,
            ablation: self.ablation.clone(),
            subset: self.subset,
            sequence: self.sequence.clone(),
            shard: self.shard.clone(),
            data: folders.iter().map(|folder| (folder.folder, data(folder))).collect(),
        }
    }

    fn packing(&self) -> Option<Packing> {
        self.request.as_ref().and_then(RequestFormat::packing)
    }

    fn limit(&self, backend: &Backend) -> Limit {
        match backend.places(self.concurrency) {
            Some(places) => Limit::fixed(places),
            None => Limit::adaptive(self.concurrency),
        }
    }
}

impl Run {
    /// Locks the label and reads what it holds. Nothing is asked, and no result is changed.
    ///
    /// # Errors
    ///
    /// If another process writes under the label, if the label holds another run and
    /// [`RunSettings::on_difference`] says to refuse that, or if a limit on money has no prices.
    pub fn open(settings: RunSettings, folders: Vec<FolderJobs>) -> Result<Self, RunError> {
        if settings.max_cost.is_some() && settings.price.is_none() {
            return Err(RunError::NoPrice(settings.model));
        }
        let samples: Vec<_> = folders.iter().map(FolderJobs::samples).collect();
        let mut label = OpenLabel::open(settings.opening(&folders), &samples)?;
        let mut jobs: Vec<Arc<Job>> = Vec::new();
        for of_folder in folders {
            let Some(folder) = label.folder(of_folder.folder) else { continue };
            for precomputed in &of_folder.precomputed {
                folder.precompute(precomputed);
            }
            jobs.extend(of_folder.jobs.into_iter().map(Arc::new));
        }
        let mut slots = Vec::new();
        // Epoch by epoch, so that a run that is stopped has whole epochs.
        for repeat in 0..settings.epochs.max(1) {
            for job in &jobs {
                let Some(folder) = label.folder(job.folder) else { continue };
                let epoch = job.epoch.later_by(repeat);
                if !folder.want(epoch, job.position, job.source.as_deref()) {
                    slots.push(Slot { job: Arc::clone(job), epoch, tries: Tries::default() });
                }
            }
        }
        if let Some(order) = &settings.order {
            let places: HashMap<(Folder, Position), usize> =
                order.iter().copied().enumerate().map(|(at, place)| (place, at)).collect();
            let place = |slot: &Slot| places.get(&(slot.job.folder, slot.job.position)).copied();
            slots.sort_by_key(|slot| place(slot).unwrap_or(usize::MAX));
        }
        tracing::debug!(label = %settings.label, to_ask = slots.len(), "run is ready");
        Ok(Self { settings, label, slots })
    }

    /// How often every question is asked by all sessions under the label, this one included.
    #[must_use]
    pub fn planned_epochs(&self) -> u32 {
        self.label.planned_epochs()
    }

    /// What a person should know about the files found.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        self.label.notices()
    }

    /// Samples that will be asked.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.slots.len()
    }

    /// Asks everything that is left. Ends when that is done, when `stop` is pulled, or when
    /// nothing more can be done; whichever it is, everything that arrived is on disk, and the
    /// summary says how far it came.
    ///
    /// # Errors
    ///
    /// [`RunError::OtherRequests`] when the backend does not send what the run's settings record,
    /// and if the label's files cannot be written at the beginning or at the end. Files that cannot
    /// be written in between are no error but [`End::Unwritable`](crate::End::Unwritable).
    pub async fn execute(
        self,
        backend: impl Into<Arc<Backend>>,
        listeners: Vec<Box<dyn Listener>>,
        stop: &StopHandle,
    ) -> Result<RunSummary, RunError> {
        let Self { settings, label, slots } = self;
        let backend = backend.into();
        check_requests(settings.request.as_ref(), &backend)?;
        let warnings = warnings(&label, settings.on_difference);
        let session = label.begin(backend.hosts())?;
        let (tallies, spent) = (session.tallies().clone(), session.spent_before());

        let limit = settings.limit(&backend);
        let snapshot = Snapshot::new(limit.get(), spent, tallies, session.before().clone());
        let folders = snapshot.folders.clone();
        let mut broadcast = Broadcast::new(snapshot, listeners);
        let (sender, reports) = unbounded_channel();
        let report = move |report| {
            // Without a listener the run is over anyway.
            let _ = sender.send(report);
        };
        let (recorder, record) = session.record(report).map_err(RunError::Thread)?;
        broadcast.emit(&Event::Started {
            folders: folders.into_iter().collect(),
            epochs: settings.epochs,
            ceiling: settings.concurrency,
            hosts: backend.hosts(),
        });
        for message in warnings {
            broadcast.emit(&Event::Warned { message });
        }
        let rules = Rules {
            retry: settings.retry,
            limit,
            requests: settings.requests_per_minute.map(Window::new),
            tokens: settings.tokens_per_minute.map(Window::new),
            budget: settings.price.map(|price| {
                let before = spent.cost.unwrap_or_default() + settings.spent_elsewhere;
                Budget::new(price, settings.max_cost, before)
            }),
            grace: settings.grace,
            profile: settings.packing().map(Packing::identity),
            estimator: Estimator::new(&settings.model, settings.request.as_ref()),
            finish: settings.finish.clone(),
            rewritten: settings.rewritten.clone().map(ShownFiles::new),
        };
        let crew =
            Crew { backend, recorder, reports, broadcast: &mut broadcast, stop: stop.watch() };
        let ended = Driver::new(crew, rules, slots).run().await;
        for message in ended.remarks.sentences() {
            broadcast.emit(&Event::Warned { message });
        }
        let token_limit = TokenLimit::of(&settings.parameters);
        let summary = close(record, &broadcast, ended, token_limit)?;
        broadcast.emit(&Event::Ended { summary: Box::new(summary.clone()) });
        Ok(summary)
    }
}

/// What stands in run.json and journal is what is sent, so the two must agree.
fn check_requests(recorded: Option<&RequestFormat>, backend: &Backend) -> Result<(), RunError> {
    if backend.request_format() == recorded {
        return Ok(());
    }
    let name = |format: Option<&RequestFormat>| {
        let packing = format.and_then(RequestFormat::packing);
        packing.map_or_else(|| "none".to_owned(), Packing::identity)
    };
    Err(RunError::OtherRequests { recorded: name(recorded), sent: name(backend.request_format()) })
}

/// What a person should know about the label before anything is asked.
fn warnings(label: &OpenLabel, on_difference: OnDifference) -> Vec<String> {
    let how = match on_difference {
        OnDifference::Remake => "made anew",
        OnDifference::Force | OnDifference::Refuse => "forced",
    };
    let differences = label.differences().iter().map(|difference| format!("{how}: {difference}"));
    label.notices().iter().map(Notice::to_string).chain(differences).collect()
}

/// Notes the end of the session, and sums the run up.
fn close(
    record: SessionRecord,
    broadcast: &Broadcast,
    ended: Ended,
    token_limit: Option<TokenLimit>,
) -> Result<RunSummary, FileError> {
    let snapshot = broadcast.snapshot();
    let effort = SessionEffort {
        requests: snapshot.requests,
        retries: snapshot.retries,
        errors: snapshot.errors.clone(),
        spending: snapshot.spending,
    };
    let mut spending_total = snapshot.spending_before;
    spending_total += snapshot.spending;
    let tallies = snapshot.settled();
    let summary = RunSummary {
        folders: Snapshot::together(&tallies),
        epochs: Snapshot::by_epoch(&tallies),
        requests: snapshot.requests,
        retries: snapshot.retries,
        errors: snapshot.errors.clone(),
        troubles: ended.troubles,
        remarks: ended.remarks,
        stops: snapshot.stops,
        token_limit,
        spending: snapshot.spending,
        spending_total,
        wall: snapshot.elapsed(),
        directory: record.directory().to_owned(),
        end: ended.end,
    };
    let written = record.finish(summary.end.session_end(), &tallies, effort);
    // A disk that took no answers will take no manifest either; the first error says all.
    if !matches!(summary.end, crate::End::Unwritable { .. }) {
        written?;
    }
    Ok(summary)
}
