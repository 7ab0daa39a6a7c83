//! A folder's samples and predictions in, its verdicts out.

use std::borrow::Cow;

use avibench_protocol::{Folder, Prediction, Record, Sample};

use crate::cleaning::OptionTables;
use crate::double_confirm::official as double_confirm;
use crate::family::{Judging, TaskFamily as _, for_family};
use crate::judgement::{Judgement, without_end_of_text};
use crate::verdict::clusters;
use crate::{
    Attempts, Captions, FolderVerdicts, ScoringRule, Verdict, VerdictOutcome, Warning, WarningKind,
};

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
                Judgement::unjudged(VerdictOutcome::Void, ScoringRule::VoidCheck)
            } else {
                let judging = &mut Judging { captions, tables: &mut tables, warn: &mut warn };
                judge_sample(sample, slots, judging)
            };
            judgement.verdict(sample, cluster)
        })
        .collect();
    if folder.double_confirms() {
        double_confirm::apply(samples, &mut records);
    }
    let (diversity, unscored) =
        for_family!(folder.family(), F => (F::diversity(&records), F::unscored(captions)));
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

fn judge_sample(sample: &Sample, slots: &[Option<Record>], judging: &mut Judging<'_>) -> Judgement {
    match Prediction::at(slots, sample.position) {
        Prediction::Missing => Judgement::unjudged(VerdictOutcome::Missing, ScoringRule::NoAnswer),
        Prediction::Unusable(_) => {
            (judging.warn)(WarningKind::NotText);
            Judgement::unjudged(VerdictOutcome::Missing, ScoringRule::NoAnswer)
        }
        Prediction::Text(answer) => judge_answer(sample, answer, judging),
    }
}

/// Judges one answer by the metric of its folder, whatever stands in the others.
pub(crate) fn judge_answer(sample: &Sample, answer: &str, judging: &mut Judging<'_>) -> Judgement {
    let text = without_end_of_text(answer);
    let judgement =
        for_family!(sample.folder.family(), F => F::judge_official(sample, &text, judging));
    let mut judgement = judgement.unwrap_or_else(|kind| {
        (judging.warn)(kind);
        Judgement::unjudged(VerdictOutcome::Missing, ScoringRule::NoTruth)
    });
    if matches!(text, Cow::Owned(_)) {
        // Offsets in a changed copy are none in the answer.
        judgement.span = None;
    }
    judgement
}
