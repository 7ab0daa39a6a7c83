//! What is to be done with each answer of a folder: read by a rule, sent to a language model, or
//! left as it is.

use std::collections::HashSet;
use std::sync::Arc;

use avibench_answers::{Provenance, Reading, Rule, clean_refined, format};
use avibench_engine::{FolderJobs, Given, Job, text_tokens};
use avibench_prompts::PromptPack;
use avibench_protocol::{FolderData, Options, Prediction, Record, Sample, options_of};
use serde_json::json;

use crate::refiner::source;
use crate::replies::Replies;
use crate::{Effort, Mode, Refiner};

/// Tokens of a request beside its text.
const FRAME: u64 = 20;

/// How answers are formatted.
pub(crate) struct Planner<'a> {
    pub(crate) mode: Mode,
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

/// Options that a question offers, as ground truths spell them.
fn offered(sample: &Sample) -> &'static [String] {
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
        let mut jobs = Vec::new();
        for sample in samples.iter() {
            match Prediction::at(slots, sample.position) {
                Prediction::Missing => {}
                Prediction::Unusable(_) => unusable.push(sample.position.0),
                Prediction::Text(raw) => jobs.push(self.job(sample, raw, &mut effort)),
            }
        }
        for job in jobs.iter().filter(|job: &&Job| job.given.is_none()) {
            effort.for_model += 1;
            effort.to_send += usize::from(sent.insert(job.source.clone()));
        }
        let data_sha256 = data.sha256.clone();
        let jobs = FolderJobs { folder: data.folder, samples, data_sha256, jobs };
        FolderPlan { jobs, effort, unusable }
    }

    fn job(&self, sample: &Arc<Sample>, raw: &str, effort: &mut Effort) -> Job {
        let given = |text: String, provenance: &Provenance| {
            let note = provenance.note();
            let source = source(&json!([raw, note]));
            let given = Given { answer: text, reply: None, note };
            Job { source: Some(source), ..Job::given(Arc::clone(sample), given) }
        };
        if sample.is_void() {
            return given(raw.to_owned(), &Provenance::Void);
        }
        if raw.is_empty() {
            return given(String::new(), &Provenance::Empty);
        }
        let formatted = format(sample.folder, raw, offered(sample));
        if matches!(formatted.reading, Reading::Read { rule: Rule::PassedThrough, .. }) {
            return given(raw.to_owned(), &Provenance::PassedThrough);
        }
        effort.to_format += 1;
        let request = || self.pack.refine_text(sample, raw).unwrap_or_else(|| raw.to_owned());
        match (formatted.reading, self.mode) {
            (Reading::Read { rule, version, span }, Mode::Hybrid | Mode::Rules) => {
                effort.by_rule += 1;
                effort.spared_in += FRAME + text_tokens(&request());
                effort.spared_out += text_tokens(&formatted.text);
                given(formatted.text, &Provenance::Rule { rule, version, span })
            }
            (Reading::Unread { reason }, Mode::Rules) => {
                given(raw.to_owned(), &Provenance::Unformatted { reason })
            }
            (Reading::Unread { .. }, Mode::Hybrid) | (_, Mode::Llm) => {
                self.llm_job(sample, request())
            }
        }
    }

    fn llm_job(&self, sample: &Arc<Sample>, text: String) -> Job {
        let source = self.refiner.source(&text);
        let job = if let Some(reply) = self.replies.get(&source) {
            let given = Given {
                answer: clean_refined(sample.folder, reply),
                reply: Some(reply.to_owned()),
                note: Provenance::llm(&self.refiner.model).note(),
            };
            Job::given(Arc::clone(sample), given)
        } else {
            Job::without_media(Arc::clone(sample), text)
        };
        Job { source: Some(source), ..job }
    }
}
