//! Batches of requests: each is answered line by line as if its requests had come one by one, with the
//! faults that the plan has for them, in an order and as far as the options say.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek as _, SeekFrom, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::api_error::ApiError;
use crate::batch_lines::{BatchLine, LineProblem, Lines, error_line, result_line, validate};
use crate::options::BatchServing;
use crate::request::unix_seconds;
use crate::routes::{State, answer};
use crate::stored_files::{FileInWork, StoredFile, no_such, on_disk};

/// Most batches that are remembered.
const MOST_BATCHES: usize = 1_000;

/// All batches of a server.
#[derive(Debug, Default)]
pub(crate) struct Batches {
    batches: Mutex<BTreeMap<u64, Batch>>,
}

/// A batch as it stands.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    number: u64,
    input: StoredFile,
    endpoint: String,
    window: String,
    metadata: Value,
    status: &'static str,
    times: BTreeMap<&'static str, u64>,
    total: usize,
    completed: usize,
    failed: usize,
    output: Option<String>,
    errors: Option<String>,
    problems: Vec<LineProblem>,
    cancel: Arc<AtomicBool>,
}

impl Batch {
    /// Its name.
    pub(crate) fn id(&self) -> String {
        format!("batch_{:08x}", self.number)
    }

    /// As clients see it.
    pub(crate) fn to_json(&self) -> Value {
        let mut batch = json!({"id": self.id(), "object": "batch", "endpoint": self.endpoint,
            "input_file_id": self.input.id, "completion_window": self.window, "status": self.status,
            "output_file_id": self.output, "error_file_id": self.errors, "metadata": self.metadata,
            "request_counts": {"total": self.total, "completed": self.completed,
                "failed": self.failed}});
        for name in [
            "created_at",
            "in_progress_at",
            "finalizing_at",
            "completed_at",
            "failed_at",
            "expired_at",
            "cancelling_at",
            "cancelled_at",
            "expires_at",
        ] {
            batch[name] = json!(self.times.get(name));
        }
        let problems: Vec<Value> = self.problems.iter().map(LineProblem::to_json).collect();
        batch["errors"] = if problems.is_empty() {
            Value::Null
        } else {
            json!({"object": "list", "data": problems})
        };
        batch
    }
}

impl Batches {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Batch>> {
        // Each change is whole.
        self.batches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a batch of an uploaded file.
    pub(crate) fn create(
        &self,
        input: StoredFile,
        endpoint: String,
        window: String,
        metadata: Value,
    ) -> Result<Batch, ApiError> {
        let mut batches = self.lock();
        if batches.len() >= MOST_BATCHES {
            let message = format!("this server remembers {MOST_BATCHES} batches, and has as many");
            return Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, message));
        }
        let number = batches.keys().next_back().map_or(1, |last| last + 1);
        let batch = Batch {
            number,
            input,
            endpoint,
            window,
            metadata,
            status: "validating",
            times: BTreeMap::from([("created_at", unix_seconds())]),
            total: 0,
            completed: 0,
            failed: 0,
            output: None,
            errors: None,
            problems: Vec::new(),
            cancel: Arc::default(),
        };
        batches.insert(number, batch.clone());
        Ok(batch)
    }

    /// All of them, newest first, as OpenAI lists them.
    pub(crate) fn list(&self) -> Vec<Batch> {
        self.lock().values().rev().cloned().collect()
    }

    /// The batch of a name.
    pub(crate) fn get(&self, id: &str) -> Result<Batch, ApiError> {
        let found = self.lock().values().find(|batch| batch.id() == id).cloned();
        found.ok_or_else(|| no_such("batch", id))
    }

    /// Asks a batch to end early.
    pub(crate) fn cancel(&self, id: &str) -> Result<Batch, ApiError> {
        let batch = self.get(id)?;
        batch.cancel.store(true, Ordering::Release);
        self.change(batch.number, |batch| {
            if ["validating", "in_progress"].contains(&batch.status) {
                batch.status = "cancelling";
                batch.times.insert("cancelling_at", unix_seconds());
            }
        });
        self.get(id)
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut Batch)) {
        if let Some(batch) = self.lock().get_mut(&number) {
            change(batch);
        }
    }

    fn enter(&self, number: u64, status: &'static str, time: &'static str) {
        self.change(number, |batch| {
            batch.status = status;
            batch.times.insert(time, unix_seconds());
        });
    }
}

/// Answers a batch to its end.
pub(crate) async fn work(state: Arc<State>, batch: Batch) {
    let number = batch.number;
    let path = batch.input.path.clone();
    let longest = state.options().max_body_bytes;
    let validated = tokio::task::spawn_blocking(move || validate(&path, longest)).await;
    let offsets = match validated {
        Ok(Ok(offsets)) => offsets,
        Ok(Err(problems)) => return fail(&state, number, problems),
        Err(_) => {
            return fail(&state, number, vec![LineProblem::of_file("the file cannot be read")]);
        }
    };
    state.batches().change(number, |batch| batch.total = offsets.len());
    if !batch.cancel.load(Ordering::Acquire) {
        state.batches().enter(number, "in_progress", "in_progress_at");
    }
    if let Err(error) = answer_all(&state, &batch, offsets).await {
        fail(&state, number, vec![LineProblem::of_file(&error.message)]);
    }
}

fn fail(state: &State, number: u64, problems: Vec<LineProblem>) {
    state.batches().change(number, |batch| batch.problems = problems);
    state.batches().enter(number, "failed", "failed_at");
}

async fn answer_all(state: &Arc<State>, batch: &Batch, offsets: Vec<u64>) -> Result<(), ApiError> {
    let BatchServing { shuffle, stop_after, .. } = state.options().batches;
    let order = order(offsets, shuffle);
    let mut output = ResultFile::new(state, "output")?;
    let mut errors = ResultFile::new(state, "error")?;
    let mut lines = Lines::new(File::open(&batch.input.path).map_err(|error| on_disk(&error))?);
    let mut ended = ("completed", "completed_at");
    for (count, offset) in order.into_iter().enumerate() {
        let id = format!("batch_req_{:x}_{count}", batch.number);
        let line = lines.at(offset).map_err(|error| on_disk(&error))?;
        let BatchLine { custom_id, body, .. } = line;
        if batch.cancel.load(Ordering::Acquire) {
            ended = ("cancelled", "cancelled_at");
        } else if stop_after.is_some_and(|most| count >= most) {
            ended = ("expired", "expired_at");
        }
        if ended.0 == "completed" {
            let reply = answer(state, body).await;
            let (is_answer, line) = result_line(&id, &custom_id, &reply);
            if is_answer {
                output.write(&line)?;
            } else {
                errors.write(&line)?;
            }
            state.batches().change(batch.number, |batch| {
                batch.completed += usize::from(is_answer);
                batch.failed += usize::from(!is_answer);
            });
        } else {
            let code = if ended.0 == "expired" { "batch_expired" } else { "batch_cancelled" };
            errors.write(&error_line(&id, &custom_id, code))?;
            state.batches().change(batch.number, |batch| batch.failed += 1);
        }
    }
    state.batches().enter(batch.number, "finalizing", "finalizing_at");
    let (output, errors) = (output.keep(batch)?, errors.keep(batch)?);
    state.batches().change(batch.number, |batch| {
        (batch.output, batch.errors) = (output, errors);
    });
    state.batches().enter(batch.number, ended.0, ended.1);
    Ok(())
}

/// The places of requests in the order in which they are answered.
fn order(offsets: Vec<u64>, shuffle: Option<u64>) -> Vec<u64> {
    let Some(seed) = shuffle else { return offsets };
    let mut keyed: Vec<_> = offsets
        .into_iter()
        .map(|offset| {
            let digest = Sha256::new()
                .chain_update(seed.to_le_bytes())
                .chain_update(offset.to_le_bytes())
                .finalize();
            (<[u8; 32]>::from(digest), offset)
        })
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, offset)| offset).collect()
}

/// A file of results while it is written.
struct ResultFile<'a> {
    file: FileInWork<'a>,
    out: BufWriter<File>,
    kind: &'static str,
    is_empty: bool,
}

impl<'a> ResultFile<'a> {
    fn new(state: &'a State, kind: &'static str) -> Result<Self, ApiError> {
        let file = state.files().begin()?;
        let out = File::create(file.path()).map_err(|error| on_disk(&error))?;
        Ok(Self { file, out: BufWriter::new(out), kind, is_empty: true })
    }

    fn write(&mut self, line: &Value) -> Result<(), ApiError> {
        let mut text = line.to_string().into_bytes();
        text.push(b'\n');
        self.file.grow(text.len() as u64)?;
        self.is_empty = false;
        self.out.write_all(&text).map_err(|error| on_disk(&error))
    }

    /// The name of the file, if there is anything in it.
    fn keep(mut self, batch: &Batch) -> Result<Option<String>, ApiError> {
        self.out.flush().map_err(|error| on_disk(&error))?;
        if self.is_empty {
            return Ok(None);
        }
        let name = format!("{}_{}.jsonl", batch.id(), self.kind);
        Ok(Some(self.file.keep(name, "batch_output".to_owned()).id))
    }
}

impl Lines {
    fn new(file: File) -> Self {
        Self { reader: BufReader::with_capacity(1 << 16, file) }
    }

    /// The line that begins at a place which was validated.
    fn at(&mut self, offset: u64) -> io::Result<BatchLine> {
        self.reader.seek(SeekFrom::Start(offset))?;
        self.next_line()
    }
}
