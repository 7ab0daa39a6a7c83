//! Files and batches at a service, as its JSON tells of them.

use std::fmt;
use std::path::PathBuf;

use avibench_engine::{Failure, Http, UploadedFile};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Entries of a page of a list.
const PAGE: &str = "100";
/// Most pages that are looked through for what an interrupted command left.
const PAGES: usize = 1_000;

/// How far a batch is, by the service's word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchCounts {
    /// Requests in it.
    pub total: u64,
    /// Those that were answered.
    pub completed: u64,
    /// Those that were not.
    pub failed: u64,
}

/// What a service says of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchStatus {
    /// Its name there.
    pub id: String,
    /// `validating`, `in_progress`, `completed`, ...
    pub status: String,
    /// How far it is, where that is said.
    pub counts: Option<BatchCounts>,
    /// The files with what came of it, in the order of answers and errors.
    pub outputs: Vec<String>,
    /// What is wrong with it as a whole.
    pub errors: Vec<String>,
}

/// A step of submitting, for whoever wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubmitStep {
    /// A file is going to be uploaded.
    Uploading {
        /// The file.
        file: String,
        /// Its length.
        bytes: u64,
    },
    /// A file was uploaded by an earlier command that was interrupted before it noted that.
    FoundFile {
        /// The file.
        file: String,
        /// Its name at the service.
        id: String,
    },
    /// A batch was made of a file.
    Created {
        /// The file.
        file: String,
        /// The name of the batch at the service.
        id: String,
    },
    /// A batch was made by an earlier command that was interrupted before it noted that.
    FoundBatch {
        /// The file.
        file: String,
        /// The name of the batch at the service.
        id: String,
    },
    /// Results were fetched.
    Fetched {
        /// The file that they are in.
        path: PathBuf,
        /// Its length.
        bytes: u64,
    },
}

impl fmt::Display for SubmitStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uploading { file, bytes } => write!(f, "uploading {file} ({bytes} bytes)"),
            Self::FoundFile { file, id } => {
                write!(f, "{file} was uploaded before the last command was interrupted: {id}")
            }
            Self::Created { file, id } => write!(f, "{file} is submitted as {id}"),
            Self::FoundBatch { file, id } => {
                write!(f, "{file} was submitted before the last command was interrupted: {id}")
            }
            Self::Fetched { path, bytes } => {
                write!(f, "fetched {} ({bytes} bytes)", path.display())
            }
        }
    }
}

/// A service that does not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// It does not answer, or with an error.
    #[error("cannot {action} at {host}: {failure}")]
    Failed {
        /// What was asked for.
        action: String,
        /// Host and port.
        host: String,
        /// What went wrong.
        failure: Box<Failure>,
    },
    /// Its answer lacks something.
    #[error(
        "cannot {action} at {host}: its answer has no `{field}`; does it offer OpenAI's batch interface?"
    )]
    Incomplete {
        /// What was asked for.
        action: String,
        /// Host and port.
        host: String,
        /// What is missing.
        field: &'static str,
    },
}

/// A service with files and batches.
pub(crate) struct Remote<'a> {
    http: &'a Http,
}

impl BatchStatus {
    /// Whether nothing more comes of it.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        ["completed", "failed", "expired", "cancelled", "canceled"].contains(&self.status.as_str())
    }

    fn read(batch: &Value) -> Option<Self> {
        let text = |name: &str| batch.get(name).and_then(Value::as_str).map(str::to_owned);
        let errors = batch.pointer("/errors/data").and_then(Value::as_array);
        let words = |error: &Value| {
            let words = error.get("message").and_then(Value::as_str).unwrap_or("no reason given");
            let line = error.get("line").and_then(Value::as_u64);
            line.map_or_else(|| words.to_owned(), |line| format!("line {line}: {words}"))
        };
        Some(Self {
            id: text("id")?,
            status: text("status")?,
            counts: batch
                .get("request_counts")
                .and_then(|counts| serde_json::from_value(counts.clone()).ok()),
            outputs: ["output_file_id", "error_file_id"].into_iter().filter_map(text).collect(),
            errors: errors.into_iter().flatten().map(words).collect(),
        })
    }
}

impl<'a> Remote<'a> {
    pub(crate) const fn new(http: &'a Http) -> Self {
        Self { http }
    }

    /// Host and port.
    pub(crate) fn host(&self) -> String {
        self.http.hosts().next().unwrap_or_default().to_owned()
    }

    fn failed(&self, action: &str) -> impl FnOnce(Failure) -> RemoteError {
        let (action, host) = (action.to_owned(), self.host());
        move |failure| RemoteError::Failed { action, host, failure: Box::new(failure) }
    }

    fn id(&self, document: &Value, action: &str) -> Result<String, RemoteError> {
        let id = document.get("id").and_then(Value::as_str).filter(|id| is_name(id));
        id.map(str::to_owned).ok_or_else(|| self.incomplete(action, "id"))
    }

    fn incomplete(&self, action: &str, field: &'static str) -> RemoteError {
        RemoteError::Incomplete { action: action.to_owned(), host: self.host(), field }
    }

    /// Uploads a file; its name at the service.
    pub(crate) async fn upload(&self, file: UploadedFile<'_>) -> Result<String, RemoteError> {
        let action = format!("upload {}", file.path.display());
        let uploaded = self.http.upload(file).await.map_err(self.failed(&action))?;
        self.id(&uploaded, &action)
    }

    /// The name at the service of an uploaded file that was given the name `name`, if there is one.
    pub(crate) async fn find_file(&self, name: &str) -> Result<Option<String>, RemoteError> {
        let query = [("purpose", "batch")];
        self.find("files", &query, |file| {
            file.get("filename").and_then(Value::as_str) == Some(name)
        })
        .await
    }

    /// Makes a batch of an uploaded file.
    pub(crate) async fn create(
        &self,
        file: &str,
        endpoint: &str,
        window: &str,
        tag: &Value,
    ) -> Result<String, RemoteError> {
        let action = "create a batch";
        let document = json!({"input_file_id": file, "endpoint": endpoint,
            "completion_window": window, "metadata": tag});
        let created = self.http.post("batches", &document).await.map_err(self.failed(action))?;
        self.id(&created, action)
    }

    /// The name of a batch with these words in its metadata, if there is one.
    pub(crate) async fn find_batch(&self, tag: &Value) -> Result<Option<String>, RemoteError> {
        self.find("batches", &[], |batch| batch.get("metadata") == Some(tag)).await
    }

    /// Looks through a list, newest or oldest first, page by page.
    async fn find(
        &self,
        path: &str,
        query: &[(&str, &str)],
        is_it: impl Fn(&Value) -> bool,
    ) -> Result<Option<String>, RemoteError> {
        let action = format!("list {path}");
        let mut after: Option<String> = None;
        for _ in 0..PAGES {
            let page = after.as_deref().map(|after| ("after", after));
            let query: Vec<_> =
                query.iter().copied().chain([("limit", PAGE)]).chain(page).collect();
            let list = self.http.get(path, &query).await.map_err(self.failed(&action))?;
            let entries = list.get("data").and_then(Value::as_array);
            let entries = entries.ok_or_else(|| self.incomplete(&action, "data"))?;
            if let Some(entry) = entries.iter().find(|entry| is_it(entry)) {
                return Ok(Some(self.id(entry, &action)?));
            }
            let has_more = list.get("has_more").and_then(Value::as_bool).unwrap_or(false);
            let last = entries.last().and_then(|entry| entry.get("id")).and_then(Value::as_str);
            match last {
                Some(last) if has_more && after.as_deref() != Some(last) => {
                    after = Some(last.to_owned());
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// How far a batch is.
    pub(crate) async fn status(&self, batch: &str) -> Result<BatchStatus, RemoteError> {
        let action = format!("look up {batch}");
        let path = format!("batches/{batch}");
        let document = self.http.get(&path, &[]).await.map_err(self.failed(&action))?;
        BatchStatus::read(&document).ok_or_else(|| self.incomplete(&action, "status"))
    }

    /// Gives the content of a file at the service to `take`.
    pub(crate) async fn content(
        &self,
        file: &str,
        take: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), RemoteError> {
        let action = format!("fetch {file}");
        let path = format!("files/{file}/content");
        self.http.fetch(&path, take).await.map_err(self.failed(&action))
    }
}

/// Whether a service's name for something can stand in a path.
pub(crate) fn is_name(id: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    !id.is_empty() && id.len() <= 512 && id.chars().all(is_plain) && !id.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_says_of_a_batch_is_read_as_far_as_it_goes() {
        let batch = json!({"id": "batch_1", "status": "expired", "output_file_id": "file-2",
            "error_file_id": null, "request_counts": {"total": 3, "completed": 1, "failed": 0},
            "errors": {"data": [{"message": "bad", "line": 2}, {}]}});
        let status = BatchStatus::read(&batch).unwrap();
        assert!(status.has_ended());
        assert_eq!(status.outputs, ["file-2"]);
        assert_eq!(status.errors, ["line 2: bad", "no reason given"]);
        assert_eq!(status.counts, Some(BatchCounts { total: 3, completed: 1, failed: 0 }));
        let status = BatchStatus::read(&json!({"id": "b", "status": "in_progress"})).unwrap();
        assert!(!status.has_ended() && status.counts.is_none());
        assert!(BatchStatus::read(&json!({"id": "b"})).is_none());
    }

    #[test]
    fn names_that_lead_elsewhere_are_none() {
        assert!(is_name("file-abc_1") && is_name("batch_67"));
        for bad in ["", "../x", "a/b", "a?b", "..", &"x".repeat(600)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
