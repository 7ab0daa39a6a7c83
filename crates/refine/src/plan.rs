//! What is to be done with each answer of a folder: read by a rule, sent to a language model, or
//! left as it is.

use std::collections::HashSet;
use std::sync::Arc;

use avibench_answers::{FormattingRule, Provenance, RuleReading, format};
use avibench_engine::{FolderJobs, Job, text_tokens};
use avibench_prompts::PromptPack;
use avibench_protocol::{FolderData, Options, Prediction, Record, Sample, options_of};
use avibench_store::Precomputed;

use crate::replacement::given_source;
use crate::replies::Replies;
use crate::{Effort, RefineMode, Refiner};

/// Tokens of a request beside its text.
const FRAME: u64 = 20;

/// How answers are formatted.
pub(crate) struct Planner<'a> {
    pub(crate) mode: RefineMode,
    pub(crate) pack: &'a PromptPack,
    pub(crate) refiner: &'a Refiner,
    pub(crate) replies: &'a Replies,
}

/// A folder's answers, each with its provenance, and what formatting them takes.
pub(crate) struct FolderPlan {
    pub(crate) jobs: FolderJobs,
    pub(crate) effort: Effort,
    /// Positions whose `predict` is no text.
    pub(crate) unusable: Vec<usize>,
}

/// What is to be done with one answer.
enum Step {
    /// It is known what it becomes.
    Known(Precomputed),
    /// A language model is to be asked.
    Ask(Job),
}

/// Options that a question offers, as ground truths spell them.
pub(crate) fn offered(sample: &Sample) -> &'static [String] {
    match options_of(sample) {
        Options::List(list) => list,
        Options::None | Options::Unresolved(_) | Options::Unusable(_) => &[],
    }
}

impl Planner<'_> {
    /// Plans a folder; slots beyond the data are dropped.
    pub(crate) fn folder(&self, data: &FolderData, slots: &[Option<Record>]) -> FolderPlan {
        let samples: Arc<[Arc<Sample>]> = data.samples.iter().cloned().map(Arc::new).collect();
        let mut effort = Effort::default();
        let mut sent = HashSet::new();
        let mut unusable = Vec::new();
        let (mut precomputed, mut jobs) = (Vec::new(), Vec::new());
        for sample in samples.iter() {
            match Prediction::at(slots, sample.position) {
                Prediction::Missing => {}
                Prediction::Unusable(_) => unusable.push(sample.position.0),
                Prediction::Text(raw) => match self.step(sample, raw, &mut effort) {
                    Step::Known(answer) => precomputed.push(answer),
                    Step::Ask(job) => jobs.push(job),
                },
            }
        }
        for job in &jobs {
            effort.for_model += 1;
            effort.to_send += usize::from(sent.insert(job.source.clone()));
        }
        let data_sha256 = data.sha256.clone();
        let jobs = FolderJobs { folder: data.folder, samples, data_sha256, precomputed, jobs };
        FolderPlan { jobs, effort, unusable }
    }

    fn step(&self, sample: &Arc<Sample>, raw: &str, effort: &mut Effort) -> Step {
        let known = |answer: String, provenance: &Provenance| {
            let note = provenance.note();
            let source = Some(given_source(raw, &note));
            let position = sample.position;
            Step::Known(Precomputed { position, answer, reply: None, source, note, reading: None })
        };
        if sample.is_void() {
            return known(raw.to_owned(), &Provenance::Void);
        }
        if raw.is_empty() {
            return known(String::new(), &Provenance::Empty);
        }
        let formatted = format(sample.folder, raw, offered(sample));
        if matches!(
            formatted.reading,
            RuleReading::Read { rule: FormattingRule::PassedThrough, .. }
        ) {
            return known(raw.to_owned(), &Provenance::PassedThrough);
        }
        effort.to_format += 1;
        let request = || self.pack.refine_text(sample, raw).unwrap_or_else(|| raw.to_owned());
        match (formatted.reading, self.mode) {
            (RuleReading::Read { rule, version, span }, RefineMode::Hybrid | RefineMode::Rules) => {
                effort.by_rule += 1;
                effort.spared_in += FRAME + text_tokens(&request());
                effort.spared_out += text_tokens(&formatted.text);
                known(formatted.text, &Provenance::Rule { rule, version, span })
            }
            (RuleReading::Unread { reason }, RefineMode::Rules) => {
                known(raw.to_owned(), &Provenance::Unformatted { reason })
            }
            (RuleReading::Unread { .. }, RefineMode::Hybrid) | (_, RefineMode::Llm) => {
                self.llm_step(sample, request())
            }
        }
    }

    fn llm_step(&self, sample: &Arc<Sample>, text: String) -> Step {
        let source = self.refiner.source(&text);
        match self.replies.get(&source) {
            Some(reply) => Step::Known(self.refiner.reuse(sample, source, reply)),
            None => Step::Ask(Job {
                source: Some(source),
                ..Job::without_media(Arc::clone(sample), text)
            }),
        }
    }
}
