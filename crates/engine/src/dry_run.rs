//! What a run would do, without doing it: nothing is sent, locked or written.

use std::collections::{BTreeMap, HashSet};

use avibench_protocol::Folder;
use avibench_store::{Ledger, Manifest, Notice};
use serde::Serialize;

use crate::ask::base64_length;
use crate::estimate::{ANSWER, Estimate};
use crate::job::FolderJobs;
use crate::run::{RunError, RunSettings};

/// What one folder would take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct FolderPlan {
    /// Samples that are answered already.
    pub reused: usize,
    /// Samples whose media cannot be sent.
    pub rejected: usize,
    /// Samples whose answer is known without asking, or comes with another's.
    pub precomputed: usize,
    /// Requests, if no try fails.
    pub requests: usize,
    /// Bytes to send: media in base64 and text, without the frame of the request.
    pub bytes: u64,
    /// Prompt tokens, roughly.
    pub tokens_in: u64,
    /// Of these, tokens of sound.
    pub tokens_audio: u64,
    /// Completion tokens, roughly.
    pub tokens_out: u64,
    /// US dollars, roughly; `None` without a price.
    pub cost: Option<f64>,
}

/// What a run would take, by folder.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DryRun {
    /// Each folder's share.
    pub folders: BTreeMap<Folder, FolderPlan>,
    /// What was noticed about files of earlier sessions.
    pub notices: Vec<String>,
}

impl DryRun {
    /// Looks at what the label holds and at the sizes of the media. Fails where a run would be
    /// refused.
    pub fn new(settings: &RunSettings, folders: &[FolderJobs]) -> Result<Self, RunError> {
        let opening = settings.opening(folders);
        let goes_on = opening.on_difference.goes_on();
        let found = Manifest::read(&opening.directory);
        Manifest::join(found, &opening.label, opening.identity, goes_on)?;
        let mut notices: Vec<Notice> = Vec::new();
        let mut plans = BTreeMap::new();
        for jobs in folders {
            let (folder, samples) = (jobs.folder, &jobs.samples);
            let ledger = Ledger::read(&opening.directory, folder, samples, goes_on, &mut notices)?;
            plans.insert(jobs.folder, plan(settings, jobs, &ledger));
        }
        let notices = notices.iter().map(Notice::to_string).collect();
        Ok(Self { folders: plans, notices })
    }

    /// All folders together.
    #[must_use]
    pub fn total(&self) -> FolderPlan {
        let mut total = FolderPlan { cost: Some(0.0), ..FolderPlan::default() };
        for plan in self.folders.values() {
            total.reused += plan.reused;
            total.rejected += plan.rejected;
            total.precomputed += plan.precomputed;
            total.requests += plan.requests;
            total.bytes += plan.bytes;
            total.tokens_in += plan.tokens_in;
            total.tokens_audio += plan.tokens_audio;
            total.tokens_out += plan.tokens_out;
            total.cost = total.cost.zip(plan.cost).map(|(sum, cost)| sum + cost);
        }
        total
    }
}

fn plan(settings: &RunSettings, jobs: &FolderJobs, ledger: &Ledger) -> FolderPlan {
    let mut plan = FolderPlan::default();
    let mut sources = HashSet::new();
    for known in &jobs.precomputed {
        if known.is_in(ledger) {
            plan.reused += 1;
        } else {
            plan.precomputed += 1;
        }
    }
    for job in &jobs.jobs {
        let source = job.source.as_ref();
        if ledger.has_answer(job.position, source.map(String::as_str)) {
            plan.reused += 1;
        } else if source.is_some_and(|source| !sources.insert(source)) {
            plan.precomputed += 1;
        } else if job.media.is_err() {
            plan.rejected += 1;
        } else {
            let estimate = Estimate::of(job);
            plan.requests += 1;
            plan.bytes += base64_length(estimate.media_bytes) + estimate.text_bytes;
            plan.tokens_in += estimate.tokens_in;
            plan.tokens_audio += estimate.tokens_audio;
            plan.tokens_out += ANSWER;
        }
    }
    plan.cost =
        settings.price.map(|price| price.cost(plan.tokens_in, plan.tokens_audio, plan.tokens_out));
    plan
}
