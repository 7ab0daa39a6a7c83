//! `submission.json`: what of an export was uploaded where, and the steps that lead on from there.
//!
//! Every step is noted before it is done. A command that was interrupted in the middle of one looks at
//! the service, before it does it again, whether it was done: files by the name that they were given,
//! batches by their metadata.

use std::path::{Path, PathBuf};

use avibench_engine::{Http, UploadedFile};
use avibench_files::{FileError, FilledFile, SizeLimit, write_atomic};
use avibench_protocol::{NotJson, read_json_as};
use avibench_store::{LockError, Locking, RunLock};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use crate::export_manifest::{ExportManifest, ExportManifestError, ExportedFile};
use crate::remote::{BatchCounts, BatchStatus, Remote, RemoteError, SubmitStep, is_name};

const VERSION: u32 = 1;
const STATE: &str = "submission.json";
const STATE_LIMIT: SizeLimit = SizeLimit::new(64 << 20, "restore it from a copy");

/// A step that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Intent {
    Upload,
    Create,
}

/// What became of a file of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmittedFile {
    /// Its name in the folder of the export.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    intent: Option<Intent>,
    /// Its name at the service, once it was uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_id: Option<String>,
    /// The name of its batch, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_id: Option<String>,
    /// What the service last said of the batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// How far it was then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<BatchCounts>,
    /// The files with what came of it, in the folder of the export.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fetched: Vec<String>,
    /// Whether everything that comes of it has been fetched.
    #[serde(default)]
    pub is_fetched: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    version: u32,
    program: String,
    /// Names the export.
    export: String,
    /// Host and port of the service.
    host: String,
    files: Vec<SubmittedFile>,
}

/// An export on its way through a service. It holds a lock on the folder of the export.
#[derive(Debug)]
pub struct Submission {
    folder: PathBuf,
    manifest: ExportManifest,
    state: State,
    _lock: RunLock,
}

/// An export that cannot be submitted, followed or fetched.
#[derive(Debug, thiserror::Error)]
pub enum SubmissionError {
    /// The folder is no export.
    #[error(transparent)]
    Export(#[from] ExportManifestError),
    /// Another process works on it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The state cannot be used.
    #[error("{}: {reason}; restore it from a copy", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: NotJson,
    },
    /// The state is not of this export.
    #[error(
        "{} belongs to another export, or a newer program wrote it; restore the folder, or export again",
        path.display()
    )]
    OtherExport {
        /// The file.
        path: PathBuf,
    },
    /// It was submitted elsewhere.
    #[error(
        "this export was submitted to {submitted}, and --base-url leads to {found}; name the same service, \
         or export again for another"
    )]
    OtherHost {
        /// Where it was submitted to.
        submitted: String,
        /// Where the flag leads to.
        found: String,
    },
    /// Only OpenAI's form can be submitted.
    #[error(
        "requests in Gemini's form are uploaded with Google's own tools; bring what comes back in with \
         `avibench batch import`"
    )]
    Gemini,
    /// Nothing was submitted.
    #[error("this export has not been submitted; `avibench batch submit {}` does that", .0.display())]
    NotSubmitted(PathBuf),
    /// The service fails.
    #[error("{0}. What was done is noted; run the same command again to go on")]
    Remote(#[from] RemoteError),
}

impl Submission {
    /// Opens an export for `http`. Nothing is sent. `program` is noted in the state.
    ///
    /// # Errors
    ///
    /// If the folder is no export in OpenAI's form, another process works on it, or it was submitted
    /// to another service.
    pub fn open(
        folder: &Path,
        http: &Http,
        program: &str,
        locking: Locking,
    ) -> Result<Self, SubmissionError> {
        let manifest = ExportManifest::read(folder)?;
        if manifest.format != avibench_engine::BatchFormat::OpenAi {
            return Err(SubmissionError::Gemini);
        }
        let lock = RunLock::acquire(folder, locking)?;
        let host = Remote::new(http).host();
        let state = match read_state(folder)? {
            Some(state) => state,
            None => State {
                version: VERSION,
                program: program.to_owned(),
                export: manifest.digest(),
                host: host.clone(),
                files: manifest.files.iter().map(SubmittedFile::untouched).collect(),
            },
        };
        let names = |files: &[SubmittedFile]| {
            files.iter().map(|file| file.name.clone()).collect::<Vec<_>>()
        };
        let wanted: Vec<String> = manifest.files.iter().map(|file| file.name.clone()).collect();
        if state.version > VERSION
            || state.export != manifest.digest()
            || names(&state.files) != wanted
        {
            return Err(SubmissionError::OtherExport { path: folder.join(STATE) });
        }
        let is_begun = state.files.iter().any(SubmittedFile::is_begun);
        if is_begun && state.host != host {
            return Err(SubmissionError::OtherHost { submitted: state.host, found: host });
        }
        let state = State { host, ..state };
        Ok(Self { folder: folder.to_owned(), manifest, state, _lock: lock })
    }

    /// Whether an export was submitted, and its results are not all fetched.
    ///
    /// # Errors
    ///
    /// If its state cannot be read.
    pub fn is_under_way(folder: &Path) -> Result<bool, SubmissionError> {
        let state = read_state(folder)?;
        let is_open = |file: &SubmittedFile| file.is_begun() && !file.is_fetched;
        Ok(state.is_some_and(|state| state.files.iter().any(is_open)))
    }

    /// What the export holds.
    #[must_use]
    pub const fn manifest(&self) -> &ExportManifest {
        &self.manifest
    }

    /// What became of each file.
    #[must_use]
    pub fn files(&self) -> &[SubmittedFile] {
        &self.state.files
    }

    /// Uploads what is not uploaded, and makes a batch of each file that has none. `window` is the time
    /// that the service may take, such as `24h`.
    ///
    /// # Errors
    ///
    /// If a file was changed, or the service fails. What was done until then is noted.
    pub fn submit(
        &mut self,
        http: &Http,
        window: &str,
        runtime: &Handle,
        tell: &dyn Fn(&SubmitStep),
    ) -> Result<(), SubmissionError> {
        let remote = Remote::new(http);
        for at in 0..self.state.files.len() {
            let exported = self.manifest.files[at].clone();
            let file = self.upload(at, &exported, &remote, runtime, tell)?;
            self.create(at, &file, &remote, window, runtime, tell)?;
        }
        Ok(())
    }

    /// Uploads a file unless that was done; its name at the service.
    fn upload(
        &mut self,
        at: usize,
        exported: &ExportedFile,
        remote: &Remote<'_>,
        runtime: &Handle,
        tell: &dyn Fn(&SubmitStep),
    ) -> Result<String, SubmissionError> {
        if let Some(id) = self.state.files[at].file_id.clone() {
            return Ok(id);
        }
        let name = format!("avibench-{}-{}", self.state.export, exported.name);
        let mut found = None;
        if self.state.files[at].intent == Some(Intent::Upload) {
            found = runtime.block_on(remote.find_file(&name))?;
        }
        let id = if let Some(id) = found {
            tell(&SubmitStep::FoundFile { file: exported.name.clone(), id: id.clone() });
            id
        } else {
            let path = self.folder.join(&exported.name);
            check(&path, exported)?;
            self.note(at, |file| file.intent = Some(Intent::Upload))?;
            tell(&SubmitStep::Uploading { file: exported.name.clone(), bytes: exported.bytes });
            let file = UploadedFile { path: &path, name: &name, purpose: "batch" };
            runtime.block_on(remote.upload(file))?
        };
        self.note(at, |file| {
            file.file_id = Some(id.clone());
            file.intent = None;
        })?;
        Ok(id)
    }

    /// Makes a batch of an uploaded file unless there is one.
    fn create(
        &mut self,
        at: usize,
        file: &str,
        remote: &Remote<'_>,
        window: &str,
        runtime: &Handle,
        tell: &dyn Fn(&SubmitStep),
    ) -> Result<(), SubmissionError> {
        if self.state.files[at].batch_id.is_some() {
            return Ok(());
        }
        let name = self.state.files[at].name.clone();
        let tag = json!({"avibench_export": self.state.export, "avibench_file": name});
        let mut found = None;
        if self.state.files[at].intent == Some(Intent::Create) {
            found = runtime.block_on(remote.find_batch(&tag))?;
        }
        let step = if let Some(id) = found {
            SubmitStep::FoundBatch { file: name, id }
        } else {
            self.note(at, |file| file.intent = Some(Intent::Create))?;
            let id = self.create_at(remote, file, window, &tag, runtime)?;
            SubmitStep::Created { file: name, id }
        };
        if let SubmitStep::FoundBatch { id, .. } | SubmitStep::Created { id, .. } = &step {
            self.note(at, |file| {
                file.batch_id = Some(id.clone());
                file.intent = None;
            })?;
        }
        tell(&step);
        Ok(())
    }

    fn create_at(
        &self,
        remote: &Remote<'_>,
        file: &str,
        window: &str,
        tag: &Value,
        runtime: &Handle,
    ) -> Result<String, SubmissionError> {
        let endpoint = &self.manifest.endpoint;
        Ok(runtime.block_on(remote.create(file, endpoint, window, tag))?)
    }

    /// Asks the service how far each batch is, in the order of the files; none for a file without one.
    ///
    /// # Errors
    ///
    /// If nothing was submitted, or the service fails.
    pub fn look(
        &mut self,
        http: &Http,
        runtime: &Handle,
    ) -> Result<Vec<Option<BatchStatus>>, SubmissionError> {
        if !self.state.files.iter().any(SubmittedFile::is_begun) {
            return Err(SubmissionError::NotSubmitted(self.folder.clone()));
        }
        let remote = Remote::new(http);
        let mut all = Vec::new();
        for at in 0..self.state.files.len() {
            let id = self.state.files[at].batch_id.clone().filter(|id| is_name(id));
            let status = id.map(|id| runtime.block_on(remote.status(&id))).transpose()?;
            if let Some(status) = &status {
                let file = &mut self.state.files[at];
                file.status = Some(status.status.clone());
                file.counts = status.counts;
            }
            all.push(status);
        }
        self.write()?;
        Ok(all)
    }

    /// Fetches the results of batches that have ended, each once. All result files of this export that
    /// are on this machine now.
    ///
    /// # Errors
    ///
    /// If a file cannot be written, or the service fails.
    pub fn fetch(
        &mut self,
        http: &Http,
        statuses: &[Option<BatchStatus>],
        runtime: &Handle,
        tell: &dyn Fn(&SubmitStep),
    ) -> Result<Vec<PathBuf>, SubmissionError> {
        for (at, status) in statuses.iter().enumerate().take(self.state.files.len()) {
            let Some(status) = status.as_ref().filter(|status| status.has_ended()) else {
                continue;
            };
            if self.state.files[at].is_fetched {
                continue;
            }
            let mut fetched = Vec::new();
            for (part, id) in status.outputs.iter().filter(|id| is_name(id)).enumerate() {
                let name = format!("results-{:03}-{}.jsonl", at + 1, part + 1);
                self.fetch_file(http, id, &name, runtime, tell)?;
                fetched.push(name);
            }
            self.note(at, |file| {
                file.fetched = fetched;
                file.is_fetched = true;
            })?;
        }
        let names = self.state.files.iter().flat_map(|file| &file.fetched);
        Ok(names.filter(|name| is_name(name)).map(|name| self.folder.join(name)).collect())
    }

    /// Fetches a file, line by line, and takes keys out that a service may have put in.
    fn fetch_file(
        &self,
        http: &Http,
        id: &str,
        name: &str,
        runtime: &Handle,
        tell: &dyn Fn(&SubmitStep),
    ) -> Result<(), SubmissionError> {
        /// Longer lines are no results, and are cut where this many bytes have come.
        const LINE: usize = 32 << 20;
        let path = self.folder.join(name);
        let remote = Remote::new(http);
        let mut failed = None;
        let mut bytes = 0;
        let file = FilledFile::new(&path, |out| {
            let mut line = Vec::new();
            let mut write = |line: &mut Vec<u8>| {
                let text = String::from_utf8_lossy(line).into_owned();
                line.clear();
                let clean = http.secrets().redact(text);
                bytes += clean.len() as u64;
                out.write_all(clean.as_bytes())
            };
            let fetched = runtime.block_on(remote.content(id, |piece| {
                for part in piece.split_inclusive(|&byte| byte == b'\n') {
                    line.extend_from_slice(part);
                    if part.ends_with(b"\n") || line.len() > LINE {
                        write(&mut line)?;
                    }
                }
                Ok(())
            }));
            if let Err(error) = fetched {
                failed = Some(error);
                return Err(std::io::ErrorKind::Interrupted.into());
            }
            write(&mut line)
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
        file?.replace()?;
        tell(&SubmitStep::Fetched { path, bytes });
        Ok(())
    }

    fn note(
        &mut self,
        at: usize,
        change: impl FnOnce(&mut SubmittedFile),
    ) -> Result<(), SubmissionError> {
        change(&mut self.state.files[at]);
        self.write()
    }

    fn write(&self) -> Result<(), SubmissionError> {
        Ok(write_atomic(&self.folder.join(STATE), |out| {
            serde_json::to_writer_pretty(&mut *out, &self.state)?;
            out.write_all(b"\n")
        })?)
    }
}

impl SubmittedFile {
    fn untouched(file: &ExportedFile) -> Self {
        Self {
            name: file.name.clone(),
            intent: None,
            file_id: None,
            batch_id: None,
            status: None,
            counts: None,
            fetched: Vec::new(),
            is_fetched: false,
        }
    }

    fn is_begun(&self) -> bool {
        self.intent.is_some() || self.file_id.is_some() || self.batch_id.is_some()
    }
}

fn read_state(folder: &Path) -> Result<Option<State>, SubmissionError> {
    let path = folder.join(STATE);
    let Some(bytes) = STATE_LIMIT.read_if_any(&path)? else { return Ok(None) };
    let state = read_json_as(&bytes);
    state.map(Some).map_err(|reason| SubmissionError::Format { path, reason })
}

/// Looks whether a file is still the one that was exported.
fn check(path: &Path, exported: &ExportedFile) -> Result<(), SubmissionError> {
    let at = || FileError::at("read", path);
    let mut file = std::fs::File::open(path).map_err(at())?;
    let mut digest = Hashing(Sha256::new());
    std::io::copy(&mut file, &mut digest).map_err(at())?;
    if hex::encode(digest.0.finalize()) == exported.sha256 {
        return Ok(());
    }
    Err(ExportManifestError::Changed { path: path.to_owned() }.into())
}

/// Hashes what is written to it.
struct Hashing(Sha256);

impl std::io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
