//! Questions of a run that its label holds no answer to yet.

use avibench_store::Notice;

use crate::dry_run::{is_answered, read_ledgers};
use crate::job::FolderJobs;
use crate::run::{RunError, RunSettings};

/// What a run would ask. Nothing is locked or written to find out.
#[derive(Debug)]
pub struct Unanswered {
    /// The folders with the jobs that are left.
    pub folders: Vec<FolderJobs>,
    /// Samples that are answered already.
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
    pub fn find(settings: &RunSettings, folders: Vec<FolderJobs>) -> Result<Self, RunError> {
        let (ledgers, notices) = read_ledgers(settings, &folders)?;
        let mut reused = 0;
        let left = folders.into_iter().zip(&ledgers).map(|(mut folder, ledger)| {
            let before = folder.jobs.len();
            folder.jobs.retain(|job| !is_answered(job, ledger));
            reused += before - folder.jobs.len();
            folder
        });
        let folders = left.collect();
        Ok(Self { folders, reused, notices })
    }
}
