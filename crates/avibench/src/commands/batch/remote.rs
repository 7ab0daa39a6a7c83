//! An export and the service that it is with.

use std::path::{Path, PathBuf};

use avibench_batch::{BatchStatus, Submission};
use avibench_engine::Http;
use clap::Args;
use tokio::runtime::Runtime;

use crate::commands::connection::RouteArgs;
use crate::commands::locks::LockArgs;
use crate::terminal::Grid;

/// The export and the way to the service.
#[derive(Debug, Args)]
pub(super) struct RemoteArgs {
    /// An export that `avibench batch export` made
    #[arg(value_name = "EXPORT")]
    pub(super) export: PathBuf,
    #[command(flatten)]
    pub(super) route: RouteArgs,
    #[command(flatten)]
    pub(super) locks: LockArgs,
}

/// An export that is open, and everything that leads to its service.
pub(super) struct Opened {
    pub(super) http: Http,
    pub(super) submission: Submission,
    pub(super) runtime: Runtime,
}

impl RemoteArgs {
    pub(super) fn open(&self) -> anyhow::Result<Opened> {
        let http = Http::new(self.route.http("batch")?)?;
        let submission =
            Submission::open(&self.export, &http, avibench_build::PROGRAM, self.locks.locking())?;
        Ok(Opened { http, submission, runtime: Runtime::new()? })
    }
}

impl Opened {
    /// Asks how far the batches are.
    pub(super) fn look(&mut self) -> anyhow::Result<Vec<Option<BatchStatus>>> {
        Ok(self.submission.look(&self.http, self.runtime.handle())?)
    }
}

/// How far the batches of an export are, a line each.
pub(super) fn status_table(submission: &Submission) -> Grid {
    let mut grid = Grid::new(["File", "Requests", "Answered", "Failed", "Status"]).with_texts([4]);
    for (file, exported) in submission.files().iter().zip(&submission.manifest().files) {
        let count = |count: Option<u64>| count.map_or_else(|| "–".to_owned(), |n| n.to_string());
        let status = match (&file.status, file.is_fetched) {
            (Some(status), true) => format!("{status}, fetched"),
            (Some(status), false) => status.clone(),
            (None, _) if file.batch_id.is_some() => "submitted".to_owned(),
            (None, _) if file.file_id.is_some() => "uploaded".to_owned(),
            (None, _) => "not submitted".to_owned(),
        };
        grid.row([
            file.name.clone(),
            exported.requests.to_string(),
            count(file.counts.map(|counts| counts.completed)),
            count(file.counts.map(|counts| counts.failed)),
            status,
        ]);
    }
    grid
}

/// What is wrong with batches as a whole.
pub(super) fn warn_of_errors(statuses: &[Option<BatchStatus>], export: &Path) {
    for status in statuses.iter().flatten() {
        for error in &status.errors {
            crate::terminal::warning(format!("{} of {}: {error}", status.id, export.display()));
        }
    }
}
