//! Hears what a worker says on its standard error, and writes it into the log.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::BufReader;
use tokio::process::ChildStderr;
use tokio::task::JoinHandle;

use super::bounded_lines::{BoundedLines, LineError};
use super::worker_log::WorkerLog;
use crate::failure::{Failure, excerpt};
use crate::secret::Secrets;

/// Longest line that a worker may write to its standard error, in bytes.
const LIMIT: usize = 1 << 20;

/// Listens to a worker until it is dropped.
#[derive(Debug)]
pub(crate) struct WorkerEars {
    /// The last line that is not blank.
    last_words: Arc<Mutex<String>>,
    /// `None` once it has ended.
    listener: Option<JoinHandle<Result<(), LineError>>>,
}

impl WorkerEars {
    pub(crate) fn open(
        number: usize,
        errors: ChildStderr,
        log: Arc<WorkerLog>,
        secrets: Secrets,
    ) -> Self {
        let last_words = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&last_words);
        let listener = tokio::spawn(async move {
            let mut lines = BoundedLines::new(BufReader::new(errors), LIMIT);
            while let Some(line) = lines.next().await? {
                let line = secrets.redact(String::from_utf8_lossy(&line).into_owned());
                log.write(number, &line);
                if !line.trim().is_empty() {
                    *heard.lock().unwrap_or_else(PoisonError::into_inner) = excerpt(&line);
                }
            }
            Ok(())
        });
        Self { last_words, listener: Some(listener) }
    }

    /// Returns when the worker has closed its standard error, or with the failure that its way to
    /// write there is.
    pub(crate) async fn heard(&mut self) -> Option<Failure> {
        let Some(listener) = &mut self.listener else { return std::future::pending().await };
        let ended = listener.await;
        self.listener = None;
        match ended {
            Ok(Err(error @ LineError::TooLong(_))) => {
                Some(Failure::Worker(format!("the worker wrote {error} to its standard error")))
            }
            _ => None,
        }
    }

    /// The last words of a worker that has ended, which may still be on their way; or the failure that
    /// its way to write them is, which ended it.
    pub(crate) async fn last_words(&mut self) -> Result<String, Failure> {
        if self.listener.is_some() {
            let heard = tokio::time::timeout(Duration::from_millis(200), self.heard()).await;
            if let Ok(Some(failure)) = heard {
                return Err(failure);
            }
        }
        Ok(self.last_words.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Drop for WorkerEars {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}
