//! Questions of a run that its label holds no answer to yet.

use avibench_store::Notice;

use crate::dry_run::{epochs_of, is_answered, read_ledgers};
use crate::job::{FolderJobs, Job};
use crate::run::{RunError, RunSettings};

/// What a run would ask. Nothing is locked or written to find out.
#[derive(Debug)]
pub struct Unanswered {
    /// The folders with the jobs that are left, each with its epoch. A folder that is asked several times
    /// stands there once an epoch, the first epoch of all folders before the second.
    pub folders: Vec<FolderJobs>,
    /// Samples that are answered already; each counts once an epoch.
    pub reused: usize,
    /// What a person should know about the files found.
    pub notices: Vec<Notice>,
}

impl Unanswered {
    /// Looks at what the label holds.
    ///
    /// # Errors
    ///
    /// Fails where a run would be refused.
    pub fn find(settings: &RunSettings, folders: &[FolderJobs]) -> Result<Self, RunError> {
        let (ledgers, notices) = read_ledgers(settings, folders)?;
        let mut reused = 0;
        let mut left = Vec::new();
        for repeat in 0..settings.epochs.max(1) {
            for (folder, ledger) in folders.iter().zip(&ledgers) {
                let open = |job: &Job| {
                    let epoch = epochs_of(settings, job).nth(repeat as usize)?;
                    let is_open = !is_answered(job, epoch, ledger);
                    is_open.then(|| Job { epoch, ..job.clone() })
                };
                let jobs: Vec<Job> = folder.jobs.iter().filter_map(open).collect();
                reused += folder.jobs.len() - jobs.len();
                left.push(FolderJobs { jobs, ..folder.clone() });
            }
        }
        let folders = left;
        Ok(Self { folders, reused, notices })
    }
}
