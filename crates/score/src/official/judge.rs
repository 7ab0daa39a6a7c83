//! A folder's samples and predictions in, its verdicts out.

use avibench_protocol::{Family, Folder, Prediction, Record, Sample, Truth};

use super::{Captions, boxes, caption, double_confirm, frame_boxes, full_match, instances};
use super::{retrieval, set_match};
use crate::verdict::clusters;
use crate::{FolderVerdicts, Outcome, Parts, Verdict, Warning, WarningKind};

/// A marker that some models leave in their answers; it is deleted before anything is read.
pub const END_OF_TEXT: &str = "<|endoftext|>";

/// From this overlap on a box counts as right in an [`Outcome`]; no number depends on it.
pub(super) const RIGHT_IOU: f64 = 0.99;

/// What one answer is, before any check of the same id has its say.
pub(super) struct Judgement {
    pub(super) outcome: Outcome,
    /// `None` if the record does not count.
    pub(super) parts: Option<Parts>,
    pub(super) read: String,
}

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
    let mut records: Vec<Verdict> = samples
        .iter()
        .zip(of_samples)
        .map(|(sample, cluster)| {
            let mut warn = |kind| {
                warnings.push(Warning { folder, position: sample.position, kind });
            };
            let judgement = judge_sample(sample, slots, captions, &mut warn);
            let Judgement { outcome, parts, read } = judgement.unwrap_or(Judgement {
                outcome: Outcome::Missing,
                parts: None,
                read: String::new(),
            });
            let is_check = sample.is_check();
            let position = sample.position;
            Verdict { position, cluster, is_check, outcome, parts, read }
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

/// `None`: the record counts as missing.
fn judge_sample(
    sample: &Sample,
    slots: &[Option<Record>],
    captions: Captions<'_>,
    warn: &mut dyn FnMut(WarningKind),
) -> Option<Judgement> {
    let family = sample.folder.family();
    if family == Family::FullMatch && sample.is_void() {
        return Some(Judgement { outcome: Outcome::Void, parts: None, read: String::new() });
    }
    let text = match Prediction::at(slots, sample.position) {
        Prediction::Missing => return None,
        Prediction::Unusable(_) => {
            warn(WarningKind::NotText);
            return None;
        }
        Prediction::Text(text) => text.replace(END_OF_TEXT, ""),
    };
    let Some(truth) = &sample.truth else {
        warn(WarningKind::Truth("is null"));
        return None;
    };
    let judgement = match (family, truth) {
        (Family::FullMatch, Truth::Text(label)) => Ok(full_match::judge(sample, label, &text)),
        (Family::SetMatch, Truth::Text(label)) => Ok(set_match::judge(label, &text)),
        (Family::Instances, Truth::Counts(label)) => instances::judge(sample.folder, label, &text),
        (Family::Retrieval, Truth::Indices(label)) => Ok(retrieval::judge(label, &text, warn)),
        (Family::Boxes, Truth::Boxes { boxes, size }) => {
            Ok(boxes::judge(boxes.as_deref().zip(*size), &text))
        }
        (Family::FrameBoxes, Truth::FrameBoxes { frames, size }) => {
            frame_boxes::judge(frames.as_deref(), *size, &text)
        }
        (Family::Caption, Truth::References(_)) => Ok(caption::judge(sample, text, captions)),
        _ => Err(WarningKind::Truth("belongs to another task")),
    };
    judgement.map_err(warn).ok()
}
