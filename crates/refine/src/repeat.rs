//! Repeats of a sample of answers: formatted answers are left alone; the replies are kept beside
//! them, so that an interrupted repeat goes on.

use std::collections::BTreeMap;
use std::path::PathBuf;

use avibench_engine::{FolderJobs, Job, RunSummary};
use avibench_protocol::{Folder, FolderData, Position, Prediction, Record};
use avibench_score::{Attempts, Captions, FolderVerdicts, judge_official, judge_strict_by_rules};
use avibench_store::{Label, read_answers, read_predictions};
use serde_json::json;

use crate::agreement::Repeats;
use crate::plan::Planner;
use crate::refiner::source;
use crate::replies::Replies;
use crate::{
    Agreement, Effort, Execution, Formatter, LabelPlan, RefineError, RefineMode, RefineNote,
};

/// How often what is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepeatSettings {
    /// How often the language model is asked, 2 or more.
    pub repeats: u32,
    /// Answers in the sample, at most.
    pub size: usize,
    /// Seed of the sample.
    pub seed: u64,
}

/// How repeating a label's sample ended.
#[derive(Debug)]
pub enum Repeated {
    /// No answer needs the language model.
    NothingToAsk,
    /// A repeat did not come to its end; the same call goes on there.
    Stopped(Box<RunSummary>),
    /// All repeats are done.
    Done {
        /// Answers in the sample.
        sample: usize,
        /// Agreement by folder.
        folders: Vec<Agreement>,
    },
}

impl RepeatSettings {
    /// The sampled jobs among those for the language model: the same for the same seed.
    fn sample(&self, folders: &[FolderJobs]) -> Vec<Job> {
        let asked = folders.iter().flat_map(|folder| &folder.jobs);
        let mut drawn: Vec<(String, &Job)> =
            asked.map(|job| (source(&json!([self.seed, job.folder, job.position])), job)).collect();
        drawn.sort_by(|a, b| a.0.cmp(&b.0));
        drawn.truncate(self.size);
        drawn.into_iter().map(|(_, job)| job.clone()).collect()
    }
}

impl Formatter<'_> {
    /// Repeats a label's sample; `execute` executes each repeat's run, `tell` hears the notes.
    ///
    /// # Errors
    ///
    /// If the answers cannot be read, a run cannot begin, or `execute` fails.
    pub async fn repeat<E: From<RefineError>>(
        &self,
        label: &Label,
        settings: &RepeatSettings,
        mut execute: impl AsyncFnMut(Execution) -> Result<RunSummary, E>,
        mut tell: impl FnMut(RefineNote),
    ) -> Result<Repeated, E> {
        let mut notes = Vec::new();
        let plan = self.plan_with(label, &Replies::default(), None, &mut notes);
        notes.drain(..).for_each(&mut tell);
        let plan = plan?;
        let sample = settings.sample(&plan.folders);
        if sample.is_empty() {
            return Ok(Repeated::NothingToAsk);
        }
        let mut texts: BTreeMap<Folder, Repeats<String>> = BTreeMap::new();
        for number in 1..=settings.repeats {
            let directory = self.repeat_directory(label, number);
            let mut known = Replies::default();
            known.add(&directory, &mut notes);
            notes.drain(..).for_each(&mut tell);
            let folders = self.chosen(&plan, &sample, &known);
            let to_send = folders.iter().map(|folder| folder.jobs.len()).sum();
            let effort = Effort {
                for_model: to_send,
                to_send,
                to_format: sample.len(),
                ..Effort::default()
            };
            let repeat =
                LabelPlan { folders: folders.clone(), effort, ..LabelPlan::new(label.clone()) };
            let summary = execute(self.execution_in(directory.clone(), repeat)).await?;
            if !summary.is_complete() {
                return Ok(Repeated::Stopped(Box::new(summary)));
            }
            for folder in &folders {
                let path = directory.join("tasks").join(format!("{}.json", folder.folder));
                let slots = read_predictions(&path).map_err(RefineError::from)?;
                texts.entry(folder.folder).or_default().push(replied(folder, &slots));
            }
            let (found, repeats) = (sample.len() - to_send, settings.repeats);
            tell(match found {
                0 => RefineNote::RepeatDone { number, repeats },
                _ => RefineNote::RepeatContinued { number, repeats, found, directory },
            });
        }
        let mut folders = Vec::new();
        for (folder, texts) in &texts {
            if let Some(data) = self.folders.iter().find(|data| data.folder == *folder) {
                let [official, strict] = self.scores(label, data, texts)?;
                folders.push(Agreement::of(*folder, texts, [&official, &strict]));
            }
        }
        Ok(Repeated::Done { sample: sample.len(), folders })
    }

    /// Where a repeat's files go.
    fn repeat_directory(&self, label: &Label, number: u32) -> PathBuf {
        self.directory(label).join("repeats").join(number.to_string())
    }

    /// The folders of a plan that the sample touches, with nothing but the sample. Where this very
    /// repeat has a reply already, nobody is asked.
    fn chosen(&self, plan: &LabelPlan, sample: &[Job], known: &Replies) -> Vec<FolderJobs> {
        let mut folders = Vec::new();
        for folder in &plan.folders {
            let (mut precomputed, mut jobs) = (Vec::new(), Vec::new());
            let mut of_folder: Vec<&Job> =
                sample.iter().filter(|job| job.folder == folder.folder).collect();
            of_folder.sort_by_key(|job| job.position);
            for job in of_folder {
                let source = job.source.as_ref();
                match source.and_then(|source| Some((source, known.get(source)?))) {
                    Some((source, reply)) => {
                        let refiner = &self.settings.refiner;
                        precomputed.push(refiner.reuse(&job.sample, source.clone(), reply));
                    }
                    None => jobs.push(job.clone()),
                }
            }
            if !(precomputed.is_empty() && jobs.is_empty()) {
                folders.push(FolderJobs { precomputed, jobs, ..folder.clone() });
            }
        }
        folders
    }

    /// Scores every repeat of a folder, officially and strictly: what rules read stays the same,
    /// the sample changes.
    fn scores(
        &self,
        label: &Label,
        data: &FolderData,
        repeats: &Repeats<String>,
    ) -> Result<[Repeats<f64>; 2], RefineError> {
        let directory = self.settings.outputs.join(label.as_str());
        let slots = read_answers(&directory, data.folder, &data.samples)?.unwrap_or_default();
        let none = Replies::default();
        let rules = Planner {
            mode: RefineMode::Rules,
            pack: self.pack,
            refiner: &self.settings.refiner,
            replies: &none,
        };
        let mut base: Vec<Option<Record>> = vec![None; data.samples.len()];
        for known in rules.folder(data, &slots).jobs.precomputed {
            let sample = &data.samples[known.position.0];
            base[known.position.0] = Some(Record::answered(sample, known.answer));
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
            let attempts = Attempts::of_slots(&data.samples, &slots);
            let verdicts = [
                judge_official(data.folder, &data.samples, &slots, captions()),
                judge_strict_by_rules(data.folder, &data.samples, &slots, &attempts, captions()),
            ];
            for (scores, verdicts) in scores.iter_mut().zip(&verdicts) {
                scores.push(of_sample(verdicts, texts));
            }
        }
        Ok(scores)
    }
}

/// What a repeat left at the sampled positions.
fn replied(folder: &FolderJobs, slots: &[Option<Record>]) -> BTreeMap<Position, String> {
    let known = folder.precomputed.iter().map(|known| known.position);
    known
        .chain(folder.jobs.iter().map(|job| job.position))
        .filter_map(|position| match Prediction::at(slots, position) {
            Prediction::Text(text) => Some((position, text.to_owned())),
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
