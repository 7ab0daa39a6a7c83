//! A folder's samples and predictions in, its verdicts out.

use std::borrow::Cow;

use avibench_protocol::{Family, Folder, Prediction, Record, Sample, SampleError, Truth};

use crate::cleaning::OptionTables;
use crate::double_confirm::official as double_confirm;
use crate::family::boxes::official as boxes;
use crate::family::caption::official::{self as caption, Captions};
use crate::family::frame_boxes::official as frame_boxes;
use crate::family::full_match::official as full_match;
use crate::family::instances::official as instances;
use crate::family::retrieval::official as retrieval;
use crate::family::set_match::official as set_match;
use crate::judgement::{Judgement, without_end_of_text};
use crate::verdict::clusters;
use crate::{Attempts, FolderVerdicts, Outcome, Rule, Verdict, Warning, WarningKind};

/// What the original makes of a null label where it compares text: Python's `str(None)`.
const NULL_LABEL: &str = "None";

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
    let void = double_confirm::void_checks(samples);
    let mut records: Vec<Verdict> = samples
        .iter()
        .zip(of_samples)
        .map(|(sample, cluster)| {
            let mut warn = |kind| {
                warnings.push(Warning { folder, position: sample.position, kind });
            };
            let judgement = if void.contains(sample.id.as_str()) {
                Judgement::unjudged(Outcome::Void, Rule::VoidCheck)
            } else {
                judge_sample(sample, slots, captions, &mut tables, &mut warn)
            };
            judgement.verdict(sample, cluster)
        })
        .collect();
    if folder.double_confirms() {
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
    let extent = Attempts::of_slots(samples, slots).extent();
    FolderVerdicts {
        folder,
        records,
        clusters: ids,
        diversity,
        unscored,
        extent,
        ceiling: None,
        warnings,
    }
}

fn judge_sample(
    sample: &Sample,
    slots: &[Option<Record>],
    captions: Captions<'_>,
    tables: &mut OptionTables,
    warn: &mut dyn FnMut(WarningKind),
) -> Judgement {
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
    let judgement = judge_text(sample, &text, captions, tables, warn);
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

/// Judges the text of an answer by the metric of its folder.
fn judge_text(
    sample: &Sample,
    text: &str,
    captions: Captions<'_>,
    tables: &mut OptionTables,
    warn: &mut dyn FnMut(WarningKind),
) -> Result<Judgement, WarningKind> {
    let stops = |error: &SampleError| WarningKind::Field(error.clone());
    match (sample.folder.family(), &sample.truth) {
        (Family::FullMatch, Some(Truth::Text(label))) => {
            full_match::judge(sample, label, text, tables)
        }
        (Family::FullMatch, None) => full_match::judge(sample, NULL_LABEL, text, tables),
        (Family::SetMatch, Some(Truth::Text(label))) => Ok(set_match::judge(label, text)),
        (Family::SetMatch, None) => Ok(set_match::judge(NULL_LABEL, text)),
        (Family::Instances, Some(Truth::Counts(label))) => {
            instances::judge(sample.folder, &instances::label_counts(label), text)
        }
        (Family::Instances, Some(Truth::Other { value, error })) => {
            let counts = instances::other_counts(value).ok_or_else(|| stops(error))?;
            instances::judge(sample.folder, &counts, text).map_err(|_| stops(error))
        }
        (Family::Retrieval, Some(Truth::Indices(label))) => {
            Ok(retrieval::judge(&retrieval::Fitting::new(label), text, warn))
        }
        (Family::Retrieval, Some(Truth::Other { value, error })) => {
            let label = retrieval::Fitting::other(value).ok_or_else(|| stops(error))?;
            Ok(retrieval::judge(&label, text, warn))
        }
        (Family::Boxes, truth) => {
            let label = match truth {
                Some(Truth::Boxes { boxes: Some(boxes), size: Some(size) }) => {
                    boxes::Label::Boxes(boxes, *size)
                }
                Some(Truth::Other { value, error }) => boxes::Label::other(value, error),
                _ => boxes::Label::Absent,
            };
            boxes::judge(&label, text)
        }
        (Family::FrameBoxes, Some(Truth::FrameBoxes { frames, size })) => {
            let label = frame_boxes::Frames::new(frames.as_deref(), *size)?;
            Ok(frame_boxes::judge(&label, text))
        }
        (Family::FrameBoxes, Some(Truth::Other { value, error })) => {
            let label = frame_boxes::Frames::other(value).ok_or_else(|| stops(error))?;
            Ok(frame_boxes::judge(&label, text))
        }
        (Family::Caption, Some(Truth::References(_))) => Ok(caption::judge(sample, text, captions)),
        (_, Some(Truth::Other { error, .. })) => Err(stops(error)),
        (_, None) => Err(WarningKind::Truth("is null")),
        _ => Err(WarningKind::Truth("belongs to another task")),
    }
}
