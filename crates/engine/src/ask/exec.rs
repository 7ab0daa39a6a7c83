//! Worker programs as a backend: so many at a time, restarted when they die or hang.
//!
//! Each of the places that questions wait for starts its worker at its first question. A worker
//! that fails, hangs or is out of step is dropped, and its place starts another at the next question.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use avibench_files::FileError;
use avibench_protocol::SYSTEM_PROMPT;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::media_store::MediaStore;
use super::preparation::Preparation;
use super::worker::{Answered, Worker, WorkerStart};
use super::worker_log::WorkerLog;
use super::{Asked, Question};
use crate::failure::Failure;
use crate::secret::Secrets;

/// The Python program that serves adapters which were written for the original, as a text that
/// `python3 -c` takes. Its arguments are the adapter's file and the path of the model.
pub const PYTHON_WORKER: &str = include_str!("../../python/avibench_worker.py");

/// Deaths in a row, none of the workers ever having answered, after which the program is taken to
/// be broken.
const STILLBORN: u32 = 3;
/// Deaths in a row after which it is taken to have broken.
const DEATHS: u32 = 20;

/// How to run worker programs.
#[derive(Debug, Clone)]
pub struct ExecSettings {
    /// Program and arguments; no shell is involved.
    pub command: Vec<String>,
    /// How many to run.
    pub workers: usize,
    /// The model's name, for workers that serve several.
    pub model: String,
    /// Request parameters, handed on as they are.
    pub parameters: Map<String, Value>,
    /// Time for an answer, with checking the question's media.
    pub timeout: Duration,
    /// Most bytes of media in memory while they are checked, unless one question alone needs more.
    pub inflight_bytes: u64,
    /// Time to load the model, before the first answer.
    pub startup: Duration,
    /// Where their standard error goes.
    pub log: PathBuf,
    /// Environment variables that they do not get, such as the one that holds an API key.
    pub withheld: Vec<String>,
    /// What they may know and must not be told on: it is taken out of all that they say.
    pub secrets: Secrets,
}

/// Settings that no worker can be run with.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// The command cannot be split.
    #[error(
        "`{0}` is no command: expected a program and its arguments, such as \
         exec:python worker.py"
    )]
    Command(String),
    /// The log cannot be written.
    #[error(transparent)]
    Log(#[from] FileError),
}

/// A backend of worker programs.
#[derive(Debug)]
pub struct Exec {
    settings: ExecSettings,
    start: WorkerStart,
    log: Arc<WorkerLog>,
    free: Semaphore,
    seats: Mutex<Seats>,
    next_id: AtomicU64,
    /// Media while they are checked.
    media: Arc<MediaStore>,
    /// Media that have been found to be whole.
    whole: Mutex<HashSet<PathBuf>>,
}

#[derive(Debug)]
struct Seats {
    /// Places that are not in use, each with its worker if that is running.
    idle: Vec<(usize, Option<Worker>)>,
    deaths: u32,
    ever_answered: bool,
}

/// A place in use. Its worker is lost if the question is dropped half-way: its answer would be
/// taken for that to the next one.
struct Seat<'a> {
    exec: &'a Exec,
    number: usize,
    worker: Option<Worker>,
}

impl ExecSettings {
    /// A command as program and arguments, split as a shell would.
    pub fn split(command: &str) -> Result<Vec<String>, ExecError> {
        shlex::split(command)
            .filter(|words| !words.is_empty())
            .ok_or_else(|| ExecError::Command(command.to_owned()))
    }
}

impl Exec {
    /// Opens the log; nothing is started yet.
    pub fn new(settings: ExecSettings) -> Result<Self, ExecError> {
        let log = Arc::new(WorkerLog::open(&settings.log)?);
        let workers = settings.workers.max(1);
        // The last is taken first.
        let idle = (1..=workers).rev().map(|number| (number, None)).collect();
        let start = WorkerStart {
            command: settings.command.clone(),
            workers,
            withheld: settings.withheld.clone(),
            secrets: settings.secrets.clone(),
        };
        Ok(Self {
            start,
            log,
            free: Semaphore::new(workers),
            seats: Mutex::new(Seats { idle, deaths: 0, ever_answered: false }),
            next_id: AtomicU64::new(0),
            media: MediaStore::of_passing(
                settings.inflight_bytes,
                settings.timeout,
                Preparation::default(),
            ),
            whole: Mutex::default(),
            settings,
        })
    }

    /// How many questions can be answered at a time.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.settings.workers.max(1)
    }

    pub(super) async fn ask(&self, question: &Question) -> Result<Asked, Failure> {
        let took = self.check_media(question).await?;
        let broke = |_| Failure::Worker("the workers are gone".to_owned());
        let _place = self.free.acquire().await.map_err(broke)?;
        let mut seat =
            self.take_seat().ok_or_else(|| Failure::Worker("no worker is free".into()))?;
        let mut request = self.request(question)?;
        let mut known = seat.worker.take();
        if let Some(worker) = &mut known
            && !worker.is_in_step().await
        {
            known = None;
        }
        let mut worker = match known {
            Some(worker) => worker,
            None => Worker::start(seat.number, &self.start, Arc::clone(&self.log))?,
        };
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        // Ids differ between tries, what is asked does not.
        let hash = hex::encode(Sha256::digest(request.to_string()));
        request["id"] = id.into();
        let Self { settings, .. } = self;
        let timeout = settings.timeout.saturating_sub(took);
        let answered = worker.ask(id, &request.to_string(), timeout, settings.startup).await;
        // Checking the media is part of the time that is told.
        let answered = answered.map_err(|failure| match failure {
            Failure::Timeout { after } => Failure::Timeout { after: after + took },
            other => other,
        });
        let mut seats = self.seats();
        match answered {
            Ok(Answered { reply, latency }) => {
                (seats.deaths, seats.ever_answered) = (0, true);
                drop(seats);
                seat.worker = Some(worker);
                Ok(Asked { reply, request: hash, latency })
            }
            // It is alive and said so.
            Err(failure @ Failure::Answerless(_)) => {
                (seats.deaths, seats.ever_answered) = (0, true);
                drop(seats);
                seat.worker = Some(worker);
                Err(failure)
            }
            Err(failure) => {
                seats.deaths += 1;
                let most = if seats.ever_answered { DEATHS } else { STILLBORN };
                if seats.deaths >= most {
                    let times = seats.deaths;
                    return Err(Failure::Settings(format!(
                        "workers failed {times} times in a row, last: {failure}; see {}",
                        settings.log.display()
                    )));
                }
                Err(failure)
            }
        }
    }

    /// Refuses media that are of no use, as for servers: a worker gets them as files. The time that it
    /// took.
    async fn check_media(&self, question: &Question) -> Result<Duration, Failure> {
        let whole = || self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let unknown = question.media.iter().filter(|path| !whole().contains(*path));
        let unknown: Vec<PathBuf> = unknown.map(Path::to_owned).collect();
        let checked = self.media.lease(&unknown).await?;
        whole().extend(unknown);
        Ok(checked.took)
    }

    /// The request without its id.
    ///
    /// # Errors
    ///
    /// If the path of a medium cannot be written in JSON.
    fn request(&self, question: &Question) -> Result<Value, Failure> {
        let path = |path: &Path| {
            path.to_str().map(str::to_owned).ok_or_else(|| {
                let shown = path.display();
                Failure::Medium(format!(
                    "the path {shown} is not UTF-8, so it cannot be handed to a worker as JSON; \
                     rename the file or its folder"
                ))
            })
        };
        let paths = |list: &[PathBuf]| list.iter().map(|p| path(p)).collect::<Result<Vec<_>, _>>();
        Ok(json!({
            "id": null,
            "model": self.settings.model,
            "system": SYSTEM_PROMPT,
            "text": question.text,
            "images": paths(&question.media.images)?,
            "audios": paths(&question.media.audios)?,
            "video": question.media.video.as_deref().map(path).transpose()?,
            "parameters": self.settings.parameters,
        }))
    }

    fn seats(&self) -> std::sync::MutexGuard<'_, Seats> {
        // Whole between calls, whatever panicked elsewhere.
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_seat(&self) -> Option<Seat<'_>> {
        let (number, worker) = self.seats().idle.pop()?;
        Some(Seat { exec: self, number, worker })
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let seat = (self.number, self.worker.take());
        self.exec.seats().idle.push(seat);
    }
}
