//! A run from beginning to end: what is asked under which label, and what the label holds.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use avibench_files::{FileError, remove_partial_files};
use avibench_protocol::WordingSource;
use avibench_store::{
    DataIdentity, Difference, Identity, Label, Ledger, LedgerError, LockError, Manifest,
    ManifestError, Notice, Recorder, RunLock, Session, Spending, Tally,
};
use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::sync::mpsc::unbounded_channel;

use crate::ask::Backend;
use crate::broadcast::Broadcast;
use crate::event::{Event, Listener};
use crate::job::{FolderJobs, Job};
use crate::pool::{Budget, Crew, Driver, Ended, Limit, RetryPolicy, Rules, Slot, Window};
use crate::{Given, Packing, Price, RunSummary, StopHandle};

/// What a caller makes of a model's answer before it is a prediction; the raw answer is kept in
/// the journal beside it.
pub type Finish = Arc<dyn Fn(&Job, &str) -> Given + Send + Sync>;

/// Everything about a run but whom it asks.
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
    /// How media are packed; none where paths or bytes are handed over as they are.
    pub profile: Option<Packing>,
    /// Request parameters, for run.json.
    pub parameters: Map<String, Value>,
    /// Hash of the prompt pack.
    pub prompt_pack: String,
    /// Whose words it puts questions in; none where no data set is asked.
    pub wording: Option<WordingSource>,
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
    /// Goes on where the label holds something else.
    pub force: bool,
    /// Whether all answers can be made anew from their sources ([`Job::source`]), as formatted
    /// answers can: then nothing that the label holds stands in the way, and what was made of
    /// other sources is dropped and made again.
    pub remake: bool,
    /// What is made of an answer; `None` takes it as it is.
    pub finish: Option<Finish>,
}

/// A run that cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Somebody else writes under this label.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The label holds another run.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A journal or prediction file stands in the way.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
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
}

/// A run that is ready to begin: locked, read, checked.
pub struct Run {
    settings: RunSettings,
    manifest: Manifest,
    forced: Vec<Difference>,
    notices: Vec<Notice>,
    ledgers: Vec<Ledger>,
    slots: Vec<Slot>,
    folders: BTreeMap<avibench_protocol::Folder, Tally>,
    spent: Spending,
    lock: Arc<RunLock>,
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
            profile: None,
            parameters: Map::new(),
            prompt_pack: String::new(),
            wording: None,
            concurrency: 8,
            requests_per_minute: None,
            tokens_per_minute: None,
            retry: RetryPolicy::default(),
            grace: Duration::from_secs(10),
            price: None,
            max_cost: None,
            force: false,
            remake: false,
            finish: None,
        }
    }

    /// Whether it goes on whatever the label holds.
    pub(crate) const fn overrules(&self) -> bool {
        self.force || self.remake
    }

    pub(crate) fn identity(&self, folders: &[FolderJobs]) -> Identity {
        let data = |folder: &FolderJobs| DataIdentity {
            sha256: folder.data_sha256.clone(),
            records: folder.samples.len(),
        };
        Identity {
            model: self.model.clone(),
            backend: self.backend.clone(),
            profile: self.profile.map(Packing::identity),
            profile_description: self.profile.map_or(Value::Null, Packing::description),
            parameters: self.parameters.clone(),
            prompt_pack: self.prompt_pack.clone(),
            wording: self.wording,
            data: folders.iter().map(|folder| (folder.folder, data(folder))).collect(),
        }
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
    pub fn open(settings: RunSettings, folders: Vec<FolderJobs>) -> Result<Self, RunError> {
        if settings.max_cost.is_some() && settings.price.is_none() {
            return Err(RunError::NoPrice(settings.model));
        }
        let lock = RunLock::acquire(&settings.directory)?;
        let found = Manifest::read(&settings.directory);
        let identity = settings.identity(&folders);
        let (manifest, forced) =
            Manifest::join(found, &settings.label, identity, settings.overrules())?;
        let mut run = Self {
            settings,
            manifest,
            forced,
            notices: Vec::new(),
            ledgers: Vec::with_capacity(folders.len()),
            slots: Vec::new(),
            folders: BTreeMap::new(),
            spent: Spending::default(),
            lock: Arc::new(lock),
        };
        for jobs in folders {
            run.take_folder(jobs)?;
        }
        Ok(run)
    }

    fn take_folder(&mut self, jobs: FolderJobs) -> Result<(), RunError> {
        let overrules = self.settings.overrules();
        let mut ledger = jobs.ledger(&self.settings.directory, overrules, &mut self.notices)?;
        let mut tally = Tally::untouched(jobs.jobs.len());
        let mut reused = vec![false; jobs.samples.len()];
        for job in jobs.jobs {
            if job.is_answered(&ledger) {
                tally.reuse();
                reused[job.position.0] = true;
            } else {
                let ledger = self.ledgers.len();
                self.slots.push(Slot { job, ledger, tries: crate::pool::Tries::default() });
            }
        }
        if self.settings.remake {
            ledger.keep_only(&reused);
        }
        self.folders.insert(jobs.folder, tally);
        self.spent += ledger.spent();
        self.ledgers.push(ledger);
        Ok(())
    }

    /// What a person should know about the files found.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Samples that will be asked.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.slots.len()
    }

    /// Asks everything that is left. Ends when that is done, when `stop` is pulled, or when
    /// nothing more can be done; whichever it is, everything that arrived is on disk, and the
    /// summary says how far it came.
    pub async fn execute(
        self,
        backend: Backend,
        listeners: Vec<Box<dyn Listener>>,
        stop: &StopHandle,
    ) -> Result<RunSummary, RunError> {
        let Self {
            settings,
            mut manifest,
            forced,
            notices,
            mut ledgers,
            slots,
            folders,
            spent,
            lock,
        } = self;
        let begun = Instant::now();
        manifest.sessions.push(Session {
            program: settings.program.clone(),
            hosts: backend.hosts(),
            started: Timestamp::now().to_string(),
            forced: forced.clone(),
            ..Session::default()
        });
        manifest.folders.extend(folders.clone());
        manifest.spending = spent;
        for folder in [settings.directory.clone(), settings.directory.join("tasks")] {
            remove_partial_files(&folder)?;
        }
        for ledger in &mut ledgers {
            ledger.open()?;
        }
        manifest.write(&settings.directory)?;

        let limit = settings.limit(&backend);
        let mut broadcast = Broadcast::new(limit.get(), spent, listeners);
        let (sender, reports) = unbounded_channel();
        let report = move |report| {
            // Without a listener the run is over anyway.
            let _ = sender.send(report);
        };
        let recorder =
            Recorder::start(ledgers, Arc::clone(&lock), report).map_err(RunError::Thread)?;
        broadcast.emit(&Event::Started {
            folders: folders.into_iter().collect(),
            ceiling: settings.concurrency,
            hosts: backend.hosts(),
        });
        let warnings = notices.iter().map(Notice::to_string);
        let how = if settings.remake { "made anew" } else { "forced" };
        for message in warnings.chain(forced.iter().map(|d| format!("{how}: {d}"))) {
            broadcast.emit(&Event::Warned { message });
        }
        let rules = Rules {
            retry: settings.retry,
            limit,
            requests: settings.requests_per_minute.map(Window::new),
            tokens: settings.tokens_per_minute.map(Window::new),
            budget: settings.price.map(|price| Budget::new(price, settings.max_cost, spent.cost)),
            grace: settings.grace,
            profile: settings.profile.map(Packing::identity),
            finish: settings.finish.clone(),
        };
        let crew = Crew {
            backend: Arc::new(backend),
            recorder,
            reports,
            broadcast: &mut broadcast,
            stop: stop.watch(),
        };
        let ended = Driver::new(crew, rules, slots).run().await;

        let summary = summarise(&settings, &broadcast, ended, begun.elapsed());
        note_session(&mut manifest, &summary);
        // A disk that took no answers will take no manifest; the first error says all.
        let written = manifest.write(&settings.directory);
        if !matches!(summary.end, crate::End::Unwritable { .. }) {
            written?;
        }
        drop(lock);
        broadcast.emit(&Event::Ended { summary: Box::new(summary.clone()) });
        Ok(summary)
    }
}

fn summarise(
    settings: &RunSettings,
    broadcast: &Broadcast,
    ended: Ended,
    wall: Duration,
) -> RunSummary {
    let snapshot = broadcast.snapshot();
    let mut spending_total = snapshot.spending_before;
    spending_total += snapshot.spending;
    RunSummary {
        end: ended.end,
        folders: snapshot.folders.clone(),
        requests: snapshot.requests,
        retries: snapshot.retries,
        errors: snapshot.errors.clone(),
        troubles: ended.troubles,
        spending: snapshot.spending,
        spending_total,
        wall,
        directory: settings.directory.clone(),
    }
}

fn note_session(manifest: &mut Manifest, summary: &RunSummary) {
    manifest.folders.extend(summary.folders.clone());
    manifest.spending = summary.spending_total;
    if let Some(session) = manifest.sessions.last_mut() {
        session.ended = Some(Timestamp::now().to_string());
        session.end = Some(summary.end.name().to_owned());
        session.seconds = summary.wall.as_secs_f64();
        session.requests = summary.requests;
        session.retries = summary.retries;
        session.errors.clone_from(&summary.errors);
        session.spending = summary.spending;
    }
}
