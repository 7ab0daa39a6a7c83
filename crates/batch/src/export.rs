//! Writing a run's requests into files, one request in memory at a time.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use avibench_engine::{
    BatchFormat, Failure, FolderJobs, HttpError, Job, PackedRequest, Packer, RunError, RunSettings,
    Unanswered,
};
use avibench_files::{FileError, FilledFile, remove_partial_files};
use avibench_protocol::{Folder, Position};
use avibench_store::{LockError, Notice, RunLock};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use crate::custom_id::CustomId;
use crate::export_manifest::{ExportManifest, ExportedFile, MANIFEST, stretches};
use crate::index::{self, IndexLine};
use crate::limits::ExportLimits;

/// The path of the service that requests of OpenAI's form are for.
const ENDPOINT: &str = "/v1/chat/completions";
/// The file that a lock leaves.
const LOCK: &str = ".lock";

/// What is exported where.
#[derive(Clone)]
pub struct Export<'a> {
    /// The run whose requests they are.
    pub settings: &'a RunSettings,
    /// The form of the requests.
    pub format: BatchFormat,
    /// Limits of one file.
    pub limits: ExportLimits,
    /// The folder to make.
    pub folder: PathBuf,
    /// Most bytes of media in memory, with what decoding them takes, unless one request alone needs more.
    pub media_bytes: u64,
    /// Time for decoding the media of one request.
    pub media_time: Duration,
}

/// What was exported.
#[derive(Debug)]
pub struct ExportSummary {
    /// What the export holds; none if there was nothing to export, and nothing was written.
    pub manifest: Option<ExportManifest>,
    /// Samples that are answered already.
    pub reused: usize,
    /// Samples whose requests are in no file.
    pub left_out: Vec<LeftOut>,
    /// What a person should know about the files of the label.
    pub notices: Vec<Notice>,
}

/// A sample whose request is in no file.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{folder} {position}: {reason}")]
pub struct LeftOut {
    /// Its folder.
    pub folder: Folder,
    /// Its place there.
    pub position: Position,
    /// Why.
    pub reason: LeftOutReason,
}

/// Why a request is in no file.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LeftOutReason {
    /// It cannot be made.
    #[error(transparent)]
    Unsendable(Failure),
    /// It alone is larger than a file may be.
    #[error(
        "its request takes {bytes} bytes, and a file may have {limit}; raise --max-mb, or ask it with \
         `avibench run`"
    )]
    TooLarge {
        /// Bytes of its line.
        bytes: u64,
        /// Most bytes of a file.
        limit: u64,
    },
}

/// Requests that cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A run would be refused.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A batch cannot have these parameters.
    #[error(transparent)]
    Parameters(#[from] HttpError),
    /// The backend gets no requests.
    #[error(
        "the backend `{0}` runs on this machine and takes no batches; ask it with `avibench run`, or \
         export for --backend openai"
    )]
    NoRequests(String),
    /// The folder holds an export.
    #[error("{} holds an export already; name another folder with --out", .0.display())]
    Exists(PathBuf),
    /// Another process works in the folder.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// No request can be made, whatever its media.
    #[error("{0}")]
    Settings(Failure),
}

impl Export<'_> {
    /// Writes the requests that a run of `folders` would send, all files or none. `written` is told after
    /// each request how many are done, and of how many. It blocks, and must not be called on a thread of
    /// `runtime`.
    ///
    /// # Errors
    ///
    /// [`ExportError`]; nothing is left of the export then.
    pub fn write(
        &self,
        folders: &[FolderJobs],
        runtime: &Handle,
        written: &dyn Fn(usize, usize),
    ) -> Result<ExportSummary, ExportError> {
        let packer = Packer::new(self.settings, self.format, self.media_bytes, self.media_time)?;
        let no_requests = || ExportError::NoRequests(self.settings.backend.clone());
        let packer = packer.ok_or_else(no_requests)?;
        if self.folder.join(MANIFEST).exists() {
            return Err(ExportError::Exists(self.folder.clone()));
        }
        let lock = RunLock::acquire(&self.folder, self.settings.locking)?;
        let summary = self.write_files(packer, folders, runtime, written);
        drop(lock);
        if !matches!(&summary, Ok(ExportSummary { manifest: Some(_), .. })) {
            // A folder that was made for nothing goes again; one that holds anything stays.
            let _ = std::fs::remove_file(self.folder.join(LOCK))
                .and_then(|()| std::fs::remove_dir(&self.folder));
        }
        summary
    }

    fn write_files(
        &self,
        packer: Packer,
        folders: &[FolderJobs],
        runtime: &Handle,
        written: &dyn Fn(usize, usize),
    ) -> Result<ExportSummary, ExportError> {
        let identity = self.settings.opening(folders).identity;
        let selection = folders.iter().map(|jobs| (jobs.folder, stretches(jobs))).collect();
        let Unanswered { folders, reused, notices } = Unanswered::find(self.settings, folders)?;
        let jobs: Vec<Job> = folders.into_iter().flat_map(|folder| folder.jobs).collect();
        let mut source = Source {
            export: self,
            packer,
            runtime,
            all: jobs.len(),
            jobs: jobs.into_iter(),
            next: None,
            index: Vec::new(),
            left_out: Vec::new(),
            written,
        };
        let (mut filled, mut files) = (Vec::new(), Vec::new());
        remove_partial_files(&self.folder)?;
        while source.has_next()? {
            let name = format!("requests-{:03}.jsonl", files.len() + 1);
            let (file, exported) = source.fill(&self.folder, name)?;
            filled.push(file);
            files.push(exported);
        }
        let Source { index, left_out, .. } = source;
        if files.is_empty() {
            return Ok(ExportSummary { manifest: None, reused, left_out, notices });
        }
        let (index_file, exported_index) = index::fill(&self.folder, &index)?;
        let manifest = ExportManifest {
            version: ExportManifest::version_of(self.settings.epochs),
            program: self.settings.program.clone(),
            created: Timestamp::now(),
            label: self.settings.label.clone(),
            format: self.format,
            endpoint: ENDPOINT.to_owned(),
            identity,
            epochs: self.settings.epochs.max(1),
            selection,
            limits: self.limits,
            files,
            index: exported_index,
            tokens_in: index.iter().map(|line| line.tokens_in).sum(),
            tokens_audio: index.iter().map(|line| line.tokens_audio).sum(),
        };
        // The manifest comes last: a folder without one is no export.
        filled.push(index_file);
        filled.push(manifest.fill(&self.folder)?);
        FilledFile::replace_all(filled)?;
        Ok(ExportSummary { manifest: Some(manifest), reused, left_out, notices })
    }
}

/// Requests in their order, made when they are wanted.
struct Source<'a> {
    export: &'a Export<'a>,
    packer: Packer,
    runtime: &'a Handle,
    all: usize,
    jobs: std::vec::IntoIter<Job>,
    /// The one that is made and not written yet.
    next: Option<Line>,
    index: Vec<IndexLine>,
    left_out: Vec<LeftOut>,
    written: &'a dyn Fn(usize, usize),
}

/// A request with what stands around it in its line.
struct Line {
    id: CustomId,
    before: String,
    request: PackedRequest,
    after: &'static str,
}

impl Line {
    fn length(&self) -> u64 {
        self.before.len() as u64 + self.request.length() + self.after.len() as u64
    }
}

impl Source<'_> {
    /// Makes the next request that can be written, if there is one.
    fn has_next(&mut self) -> Result<bool, ExportError> {
        while self.next.is_none() {
            let Some(job) = self.jobs.next() else { return Ok(false) };
            match self.runtime.block_on(self.packer.pack(&job)) {
                Ok(request) => {
                    let line = self.line(&job, request);
                    let (bytes, limit) = (line.length(), self.export.limits.bytes);
                    if bytes > limit {
                        self.leave_out(&job, LeftOutReason::TooLarge { bytes, limit });
                    } else {
                        self.next = Some(line);
                    }
                }
                Err(failure @ Failure::Settings(_)) => return Err(ExportError::Settings(failure)),
                Err(failure) => self.leave_out(&job, LeftOutReason::Unsendable(failure)),
            }
        }
        Ok(true)
    }

    fn leave_out(&mut self, job: &Job, reason: LeftOutReason) {
        self.left_out.push(LeftOut { folder: job.folder, position: job.position, reason });
    }

    fn line(&self, job: &Job, request: PackedRequest) -> Line {
        let label = &self.export.settings.label;
        let id = CustomId::new(job.folder, job.position, job.epoch, &request.hash, label);
        let (before, after) = match self.export.format {
            BatchFormat::OpenAi => {
                let rest = format!(r#""method":"POST","url":"{ENDPOINT}","body":"#);
                (format!(r#"{{"custom_id":"{id}",{rest}"#), "}\n")
            }
            BatchFormat::Gemini => (format!(r#"{{"key":"{id}","request":"#), "}\n"),
        };
        Line { id, before, request, after }
    }

    /// Fills one file with as many requests as it may hold.
    fn fill(
        &mut self,
        folder: &Path,
        name: String,
    ) -> Result<(FilledFile, ExportedFile), ExportError> {
        let mut broken = None;
        let mut held = ExportLimits { requests: 0, bytes: 0 };
        let mut sha256 = String::new();
        let file = FilledFile::new(&folder.join(&name), |out| {
            let mut out = Hashed { out, digest: Sha256::new() };
            loop {
                match self.has_next() {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        broken = Some(error);
                        return Err(io::ErrorKind::Interrupted.into());
                    }
                }
                let fits = |line: &mut Line| self.export.limits.admits(held, line.length());
                let Some(line) = self.next.take_if(fits) else { break };
                held.requests += 1;
                held.bytes += line.length();
                let Line { id, before, request, after } = line;
                self.index.push(IndexLine {
                    custom_id: id.to_string(),
                    request: request.hash.clone(),
                    tokens_in: request.tokens_in,
                    tokens_audio: request.tokens_audio,
                });
                out.write_all(before.as_bytes())?;
                request.write(&mut out)?;
                out.write_all(after.as_bytes())?;
                (self.written)(self.index.len() + self.left_out.len(), self.all);
            }
            sha256 = hex::encode(out.digest.finalize());
            Ok(())
        });
        match (file, broken) {
            (_, Some(error)) => Err(error),
            (Err(error), None) => Err(error.into()),
            (Ok(file), None) => {
                let ExportLimits { requests, bytes } = held;
                Ok((file, ExportedFile { name, bytes, requests, sha256 }))
            }
        }
    }
}

/// Hashes what goes by.
struct Hashed<'a> {
    out: &'a mut dyn Write,
    digest: Sha256,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
