//! What is known of each sample beside its verdict.

use std::collections::BTreeMap;

use avibench_answers::Provenance;
use avibench_protocol::{
    Family, Folder, Options, Position, Prediction, Record, Sample, Truth, options_of,
};
use avibench_python::to_str;
use avibench_results::{About, Detail, SampleRow, ScoringMode, Texts, rows};
use avibench_store::read_predictions;
use serde_json::{Map, Value, json};

use crate::{Assessment, Assessor};

impl Assessor<'_> {
    /// One row a sample and mode.
    pub(crate) fn rows(
        &self,
        program: &str,
        assessment: &Assessment,
        detail: Detail,
    ) -> Vec<SampleRow> {
        let raw: BTreeMap<Folder, Vec<Option<Record>>> = match detail {
            Detail::Full => {
                let folders = assessment.folders();
                folders.map(|folder| (folder, self.raw_answers(assessment, folder))).collect()
            }
            Detail::Slim => BTreeMap::new(),
        };
        let mut all = Vec::new();
        for mode in [ScoringMode::Official, ScoringMode::Strict] {
            let about = |folder: Folder, position: Position| {
                let samples = self.samples(folder).unwrap_or_default();
                let Some(sample) = samples.get(position.0) else { return About::default() };
                let texts = match detail {
                    Detail::Full => {
                        texts(sample, slots_of(&raw, folder), slots_of(&assessment.refined, folder))
                    }
                    Detail::Slim => Texts::default(),
                };
                About { texts, ..about(program, assessment, mode, folder, sample) }
            };
            all.extend(rows(mode, assessment.verdicts(mode), &about));
        }
        all
    }

    /// The answers as the model wrote them. A file that is not there or cannot be read leaves them
    /// out: nothing is computed from them.
    fn raw_answers(&self, assessment: &Assessment, folder: Folder) -> Vec<Option<Record>> {
        let tasks = self.settings.outputs.join(assessment.label.as_str()).join("tasks");
        read_predictions(&tasks.join(format!("{folder}.json"))).unwrap_or_default()
    }
}

fn slots_of(all: &BTreeMap<Folder, Vec<Option<Record>>>, folder: Folder) -> &[Option<Record>] {
    all.get(&folder).map_or(&[], Vec::as_slice)
}

fn about(
    program: &str,
    assessment: &Assessment,
    mode: ScoringMode,
    folder: Folder,
    sample: &Sample,
) -> About {
    let position = sample.position;
    let recorded = &assessment.recorded;
    let fluency = &assessment.fluency[usize::from(mode == ScoringMode::Strict)];
    let is_caption = folder.family() == Family::Caption;
    let provenance = recorded.provenance(folder, position);
    let stimulus = sample.stimulus.as_ref();
    About {
        label: assessment.label.as_str().to_owned(),
        program: program.to_owned(),
        id: sample.id.clone(),
        subtask: sample.subtask.clone(),
        stimulus_kind: stimulus.map(|stimulus| stimulus.kind.clone()),
        intensity: stimulus.map(|stimulus| stimulus.intensity),
        unit: stimulus.map(|stimulus| stimulus.unit.clone()),
        provenance: provenance.map(Provenance::kind),
        formatter: provenance.and_then(Provenance::formatter),
        finish_reason: recorded.finish_reason(folder, position).map(str::to_owned),
        usage: recorded.usage(folder, position),
        fluency: fluency.get(position.0).copied().flatten().filter(|_| is_caption),
        texts: Texts::default(),
    }
}

fn texts(sample: &Sample, raw: &[Option<Record>], refined: &[Option<Record>]) -> Texts {
    let answer = |slots: &[Option<Record>]| match Prediction::at(slots, sample.position) {
        Prediction::Text(text) => Some(text.to_owned()),
        Prediction::Unusable(_) | Prediction::Missing => None,
    };
    Texts {
        question: sample.text.clone(),
        options: match options_of(sample) {
            Options::List(list) => Some(json!(list).to_string()),
            Options::None | Options::Unresolved(_) | Options::Unusable(_) => None,
        },
        truth: sample.truth.as_ref().map(truth_text),
        raw_answer: answer(raw),
        refined_answer: answer(refined),
    }
}

/// The ground truth as a row has it: the label itself, or JSON where it is no text.
fn truth_text(truth: &Truth) -> String {
    fn object<T>(entries: &[(String, T)], value: impl Fn(&T) -> Value) -> Value {
        Value::Object(
            entries.iter().map(|(key, of)| (key.clone(), value(of))).collect::<Map<_, _>>(),
        )
    }
    match truth {
        Truth::Text(text) => text.clone(),
        // As Python writes it.
        Truth::Other { value, .. } => to_str(value),
        Truth::Counts(counts) => object(counts, |count| json!(count)).to_string(),
        Truth::Indices(indices) => json!(indices).to_string(),
        Truth::References(references) => json!(references).to_string(),
        Truth::Boxes { boxes, size } => {
            let boxes = boxes.as_ref().map(|boxes| object(boxes, |corners| json!(corners)));
            json!({"bbox": boxes, "original_wh": size}).to_string()
        }
        Truth::FrameBoxes { frames, size } => {
            let frames = frames.as_ref().map(|frames| object(frames, |corners| json!(corners)));
            json!({"bbox": frames, "original_wh": size}).to_string()
        }
    }
}
