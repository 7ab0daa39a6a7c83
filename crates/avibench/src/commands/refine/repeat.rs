//! `refine --judge-repeat N`: how often the language model agrees with itself, and what that does
//! to scores. Formatted answers are left alone; the replies are kept beside them, so that an
//! interrupted repeat goes on.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use avibench_engine::{Backend, FolderJobs, Given, Job as EngineJob};
use avibench_protocol::{Folder, FolderData, Position, Prediction, Record};
use avibench_score::{Captions, FolderVerdicts, judge_official, judge_strict};
use avibench_store::{Label, read_predictions};
use clap::Args;
use serde_json::json;

use super::Mode;
use super::label::{Formatter, LabelPlan};
use super::plan::{Effort, Planner};
use super::refiner::source;
use super::replies::Replies;
use crate::commands::session;
use crate::exit::Exit;
use crate::terminal::{self, RepeatTable, RepeatedFolder};

/// Whether and how to repeat.
#[derive(Debug, Clone, Args)]
pub(crate) struct RepeatArgs {
    /// Instead of formatting, send a sample of answers to the language model N times and say how
    /// often it agrees with itself, and how much scores move
    #[arg(long = "judge-repeat", value_name = "N", value_parser = clap::value_parser!(u32).range(2..=100))]
    repeats: Option<u32>,
    /// Answers in that sample, at most
    #[arg(long = "judge-sample", default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    size: u32,
    /// Seed of that sample
    #[arg(long = "judge-seed", default_value_t = 0, value_name = "SEED")]
    seed: u64,
}

/// Replies to the sampled answers of a folder: formatted texts by position, one map a repeat.
type Repeats = Vec<BTreeMap<Position, String>>;

impl RepeatArgs {
    /// Whether to repeat at all.
    pub(super) const fn is_asked(&self) -> bool {
        self.repeats.is_some()
    }

    /// The sampled jobs among those for the language model: the same for the same seed.
    fn sample(&self, folders: &[FolderJobs]) -> Vec<EngineJob> {
        let asked =
            folders.iter().flat_map(|folder| &folder.jobs).filter(|job| job.given.is_none());
        let mut drawn: Vec<(String, &EngineJob)> =
            asked.map(|job| (source(&json!([self.seed, job.folder, job.position])), job)).collect();
        drawn.sort_by(|a, b| a.0.cmp(&b.0));
        drawn.truncate(self.size as usize);
        drawn.into_iter().map(|(_, job)| job.clone()).collect()
    }
}

impl Formatter<'_> {
    /// Repeats a label's sample and prints what came of it.
    pub(super) async fn repeat(&self, label: &Label, args: &RepeatArgs) -> anyhow::Result<Exit> {
        let repeats = args.repeats.unwrap_or(0);
        let plan = self.fresh().plan(label)?;
        let sample = args.sample(&plan.folders);
        if sample.is_empty() {
            terminal::note(format!("{label}: no answer needs the language model"));
            return Ok(Exit::Done);
        }
        let mut texts: BTreeMap<Folder, Repeats> = BTreeMap::new();
        for number in 1..=repeats {
            let directory = self.job.refined.refined_dir.join(label.as_str()).join("repeats");
            let directory = directory.join(number.to_string());
            let mut known = Replies::default();
            known.add(&directory);
            let folders = chosen(&plan, &sample, |job| self.with_reply(job, &known));
            let to_send = folders
                .iter()
                .flat_map(|folder| &folder.jobs)
                .filter(|job| job.given.is_none())
                .count();
            let effort = Effort {
                for_model: to_send,
                to_send,
                to_format: sample.len(),
                ..Effort::default()
            };
            let backend: Backend = self.backend(&effort)?;
            let settings = self.settings(label, directory.clone())?;
            let summary = self.execute(settings, folders.clone(), backend).await?;
            if !summary.is_complete() {
                return session::close(&summary, "");
            }
            for folder in &folders {
                let slots = read_predictions(
                    &directory.join("tasks").join(format!("{}.json", folder.folder)),
                )?;
                texts.entry(folder.folder).or_default().push(replied(folder, &slots));
            }
            let there = sample.len() - to_send;
            terminal::note(match there {
                0 => format!("{label}: repeat {number} of {repeats} is done"),
                _ => format!(
                    "{label}: repeat {number} of {repeats}: {there} replies were there already \
                     (remove {} to ask anew)",
                    directory.display()
                ),
            });
        }
        let mut table = RepeatTable::new(repeats);
        for (folder, repeats) in &texts {
            let raw = self.job.outputs.output_dir.join(label.as_str()).join("tasks");
            if let Some(data) = self.folders.iter().find(|data| data.folder == *folder) {
                table.add(*folder, &self.judge(data, &raw, repeats)?);
            }
        }
        writeln!(
            anstream::stdout(),
            "{label}: {} answers sent to {} {repeats} times\n{table}",
            sample.len(),
            self.refiner.model
        )?;
        Ok(Exit::Done)
    }

    /// The same without replies of earlier runs.
    fn fresh(&self) -> Formatter<'_> {
        Formatter { replies: Replies::default(), ..*self }
    }

    /// The job, answered if this very repeat has its reply already.
    fn with_reply(&self, job: &EngineJob, known: &Replies) -> EngineJob {
        let reply = job.source.as_deref().and_then(|source| known.get(source));
        let given = reply.map(|reply| Given {
            reply: Some(reply.to_owned()),
            ..(self.refiner.finish())(job, reply)
        });
        EngineJob { given, ..job.clone() }
    }

    /// Scores every repeat of a folder: what rules read stays the same, the sample changes.
    fn judge(
        &self,
        data: &FolderData,
        raw: &Path,
        repeats: &Repeats,
    ) -> anyhow::Result<RepeatedFolder> {
        let slots = read_predictions(&raw.join(format!("{}.json", data.folder)))?;
        let none = Replies::default();
        let rules =
            Planner { mode: Mode::Rules, pack: self.pack, refiner: self.refiner, replies: &none };
        let mut base: Vec<Option<Record>> = vec![None; data.samples.len()];
        for job in rules.folder(data, &slots).jobs.jobs {
            if let Some(given) = job.given {
                base[job.position.0] = Some(Record::answered(&job.sample, given.answer));
            }
        }
        let mut scores = [Vec::new(), Vec::new()];
        for texts in repeats {
            let mut slots = base.clone();
            for (position, text) in texts {
                slots[position.0] =
                    Some(Record::answered(&data.samples[position.0], text.as_str()));
            }
            // No caption goes to a language model.
            let captions = || Captions::Rated(&[]);
            let verdicts = [
                judge_official(data.folder, &data.samples, &slots, captions()),
                judge_strict(data.folder, &data.samples, &slots, captions()),
            ];
            for (scores, verdicts) in scores.iter_mut().zip(&verdicts) {
                scores.push(of_sample(verdicts, texts));
            }
        }
        Ok(RepeatedFolder { texts: repeats.clone(), scores })
    }
}

/// The folders of a plan that the sample touches, with nothing but the sample to ask.
fn chosen(
    plan: &LabelPlan,
    sample: &[EngineJob],
    job: impl Fn(&EngineJob) -> EngineJob,
) -> Vec<FolderJobs> {
    plan.folders
        .iter()
        .map(|folder| {
            let of_folder = sample.iter().filter(|job| job.folder == folder.folder);
            let mut jobs: Vec<EngineJob> = of_folder.map(&job).collect();
            jobs.sort_by_key(|job| job.position);
            FolderJobs { jobs, ..folder.clone() }
        })
        .filter(|folder| !folder.jobs.is_empty())
        .collect()
}

/// What a repeat left at the sampled positions.
fn replied(folder: &FolderJobs, slots: &[Option<Record>]) -> BTreeMap<Position, String> {
    folder
        .jobs
        .iter()
        .filter_map(|job| match Prediction::at(slots, job.position) {
            Prediction::Text(text) => Some((job.position, text.to_owned())),
            _ => None,
        })
        .collect()
}

/// Scores of the sampled records that count.
fn of_sample(
    verdicts: &FolderVerdicts,
    sample: &BTreeMap<Position, String>,
) -> BTreeMap<Position, f64> {
    sample
        .keys()
        .filter_map(|position| Some((*position, verdicts.records.get(position.0)?.score()?)))
        .collect()
}
