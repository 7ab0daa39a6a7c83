//! What is known of each sample beside its verdict.

use std::borrow::Cow;
use std::collections::BTreeMap;

use avibench_protocol::{Family, Folder, Options, Position, Sample, Truth, options_of};
use avibench_python::to_str;
use avibench_results::{About, Detail, Row, ScoringMode, Texts, rows};
use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};
use serde_json::{Map, Value, json};

use crate::{Assessment, Assessor};

/// The texts of samples, by position.
pub(crate) type FolderTexts<'a> = BTreeMap<Folder, Vec<Texts<'a>>>;

impl Assessor<'_> {
    /// The texts of all samples, if rows hold them.
    pub(crate) fn texts<'a>(
        &'a self,
        assessment: &'a Assessment,
        detail: Detail,
    ) -> FolderTexts<'a> {
        if detail == Detail::Slim {
            return BTreeMap::new();
        }
        let refined = &assessment.refined;
        let of_folder = |(folder, samples): (Folder, &'a [Sample])| {
            let slots = |all: &'a BTreeMap<Folder, Vec<Option<String>>>| {
                all.get(&folder).map_or(&[][..], Vec::as_slice)
            };
            let (raw, refined) = (slots(&assessment.raw), slots(refined));
            let of_sample = |sample: &'a Sample| Texts {
                reasoning: assessment.recorded.reasoning(folder, sample.position),
                ..texts(sample, raw, refined)
            };
            (folder, samples.iter().map(of_sample).collect())
        };
        let folders: Vec<(Folder, &[Sample])> = assessment
            .folders()
            .map(|folder| (folder, self.samples(folder).unwrap_or_default()))
            .collect();
        folders.into_par_iter().with_max_len(1).map(of_folder).collect()
    }

    /// One row a sample and mode.
    pub(crate) fn rows<'a>(
        &'a self,
        program: &'a str,
        assessment: &'a Assessment,
        texts: &'a FolderTexts<'a>,
    ) -> Vec<Row<'a>> {
        let records = [&assessment.official, &assessment.strict]
            .map(|verdicts| verdicts.iter().map(|folder| folder.records.len()).sum::<usize>());
        let mut all = Vec::with_capacity(records.iter().sum());
        for mode in [ScoringMode::Official, ScoringMode::Strict] {
            let about = |folder: Folder, position: Position| {
                let samples = self.samples(folder).unwrap_or_default();
                let Some(sample) = samples.get(position.0) else { return About::default() };
                let texts = texts.get(&folder).and_then(|texts| texts.get(position.0));
                About { texts, ..about(program, assessment, mode, folder, sample) }
            };
            all.extend(rows(mode, assessment.verdicts(mode), about));
        }
        all
    }
}

fn about<'a>(
    program: &'a str,
    assessment: &'a Assessment,
    mode: ScoringMode,
    folder: Folder,
    sample: &'a Sample,
) -> About<'a> {
    let position = sample.position;
    let recorded = &assessment.recorded;
    let fluency = &assessment.fluency[usize::from(mode == ScoringMode::Strict)];
    let is_caption = folder.family() == Family::Caption;
    About {
        label: assessment.label.as_str(),
        program,
        id: &sample.id,
        subtask: sample.subtask.as_deref(),
        stimulus: sample.stimulus.as_ref(),
        reading: match mode {
            ScoringMode::Official => None,
            ScoringMode::Strict => {
                let readings = assessment.readings.get(&folder);
                readings.and_then(|readings| readings.get(position.0)?.as_ref())
            }
        },
        ask_outcome: assessment
            .endings
            .get(&folder)
            .and_then(|endings| Some((*endings.get(position.0)?)?.outcome)),
        origin: recorded.origin(folder, position),
        provenance: recorded.provenance(folder, position),
        finish_reason: recorded.finish_reason(folder, position),
        usage: recorded.usage(folder, position),
        fluency: fluency.get(position.0).and_then(Option::as_ref).filter(|_| is_caption),
        texts: None,
    }
}

fn texts<'a>(
    sample: &'a Sample,
    raw: &'a [Option<String>],
    refined: &'a [Option<String>],
) -> Texts<'a> {
    let answer = |slots: &'a [Option<String>]| slots.get(sample.position.0)?.as_deref();
    Texts {
        question: sample.text.as_deref(),
        options: match options_of(sample) {
            Options::List(list) => Some(json!(list).to_string()),
            Options::None | Options::Unresolved(_) | Options::Unusable(_) => None,
        },
        truth: sample.truth.as_ref().map(truth_text),
        raw_answer: answer(raw),
        refined_answer: answer(refined),
        reasoning: None,
    }
}

/// The ground truth as a row has it: the label itself, or JSON where it is no text.
fn truth_text(truth: &Truth) -> Cow<'_, str> {
    fn object<T>(entries: &[(String, T)], value: impl Fn(&T) -> Value) -> Value {
        Value::Object(
            entries.iter().map(|(key, of)| (key.clone(), value(of))).collect::<Map<_, _>>(),
        )
    }
    match truth {
        Truth::Text(text) => text.into(),
        // As Python writes it.
        Truth::Other { value, .. } => to_str(value).into(),
        Truth::Counts(counts) => object(counts, |count| json!(count)).to_string().into(),
        Truth::Indices(indices) => json!(indices).to_string().into(),
        Truth::References(references) => json!(references).to_string().into(),
        Truth::Boxes { boxes, size } => {
            let boxes = boxes.as_ref().map(|boxes| object(boxes, |corners| json!(corners)));
            json!({"bbox": boxes, "original_wh": size}).to_string().into()
        }
        Truth::FrameBoxes { frames, size } => {
            let frames = frames.as_ref().map(|frames| object(frames, |corners| json!(corners)));
            json!({"bbox": frames, "original_wh": size}).to_string().into()
        }
    }
}
