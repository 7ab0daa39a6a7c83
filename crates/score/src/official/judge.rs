//! A folder's samples and predictions in, its verdicts out.

use std::borrow::Cow;

use avibench_protocol::{Family, Folder, Prediction, Record, Sample, Truth};

use super::{Captions, boxes, caption, double_confirm, frame_boxes, full_match, instances};
use super::{retrieval, set_match};
use crate::cleaning::OptionTables;
use crate::judgement::{Judgement, without_end_of_text};
use crate::verdict::clusters;
use crate::{FolderVerdicts, Outcome, Rule, Verdict, Warning, WarningKind};

/// Judges a folder as the original evaluator does. `slots` are the predictions by position; those
/// beyond the samples are ignored, and samples beyond the slots are missing. `captions` matters
/// only for the caption folder.
#[must_use]
pub fn judge_official(
    folder: Folder,
    samples: &[Sample],
    slots: &[Option<Record>],
    captions: Captions<'_>,
) -> FolderVerdicts {
    let (of_samples, ids) = clusters(samples);
    let mut warnings = Vec::new();
    let mut tables = OptionTables::default();
    let mut records: Vec<Verdict> = samples
        .iter()
        .zip(of_samples)
        .map(|(sample, cluster)| {
            let mut warn = |kind| {
                warnings.push(Warning { folder, position: sample.position, kind });
            };
            judge_sample(sample, slots, captions, &mut tables, &mut warn).verdict(sample, cluster)
        })
        .collect();
    if folder.has_checks() {
        double_confirm::apply(samples, &mut records);
    }
    let diversity = match folder.family() {
        Family::Retrieval => retrieval::diversity(&records),
        _ => 1.0,
    };
    let unscored = match (folder.family(), captions) {
        (Family::Caption, Captions::Unavailable(reason)) => Some(reason.to_owned()),
        _ => None,
    };
    FolderVerdicts { folder, records, clusters: ids, diversity, unscored, warnings }
}

fn judge_sample(
    sample: &Sample,
    slots: &[Option<Record>],
    captions: Captions<'_>,
    tables: &mut OptionTables,
    warn: &mut dyn FnMut(WarningKind),
) -> Judgement {
    if sample.folder.family() == Family::FullMatch && sample.is_void() {
        return Judgement::unjudged(Outcome::Void, Rule::VoidCheck);
    }
    match Prediction::at(slots, sample.position) {
        Prediction::Missing => Judgement::unjudged(Outcome::Missing, Rule::NoAnswer),
        Prediction::Unusable(_) => {
            warn(WarningKind::NotText);
            Judgement::unjudged(Outcome::Missing, Rule::NoAnswer)
        }
        Prediction::Text(answer) => judge_answer(sample, answer, captions, tables, warn),
    }
}

/// Judges one answer, whatever stands in the others.
pub(crate) fn judge_answer(
    sample: &Sample,
    answer: &str,
    captions: Captions<'_>,
    tables: &mut OptionTables,
    warn: &mut dyn FnMut(WarningKind),
) -> Judgement {
    let text = without_end_of_text(answer);
    let Some(truth) = &sample.truth else {
        warn(WarningKind::Truth("is null"));
        return Judgement::unjudged(Outcome::Missing, Rule::NoTruth);
    };
    let judgement = match (sample.folder.family(), truth) {
        (Family::FullMatch, Truth::Text(label)) => {
            Ok(full_match::judge(sample, label, &text, tables))
        }
        (Family::SetMatch, Truth::Text(label)) => Ok(set_match::judge(label, &text)),
        (Family::Instances, Truth::Counts(label)) => instances::judge(sample.folder, label, &text),
        (Family::Retrieval, Truth::Indices(label)) => Ok(retrieval::judge(label, &text, warn)),
        (Family::Boxes, Truth::Boxes { boxes, size }) => {
            Ok(boxes::judge(boxes.as_deref().zip(*size), &text))
        }
        (Family::FrameBoxes, Truth::FrameBoxes { frames, size }) => {
            frame_boxes::judge(frames.as_deref(), *size, &text)
        }
        (Family::Caption, Truth::References(_)) => {
            Ok(caption::judge(sample, text.as_ref(), captions))
        }
        _ => Err(WarningKind::Truth("belongs to another task")),
    };
    let mut judgement = judgement.unwrap_or_else(|kind| {
        warn(kind);
        Judgement::unjudged(Outcome::Missing, Rule::NoTruth)
    });
    if matches!(text, Cow::Owned(_)) {
        // Offsets in a changed copy are none in the answer.
        judgement.span = None;
    }
    judgement
}
