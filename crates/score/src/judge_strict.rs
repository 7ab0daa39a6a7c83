//! A folder's samples and predictions in, its strict verdicts out.

use avibench_protocol::{Folder, Record, Sample};
use avibench_reading::{Convention, Reading};

use crate::double_confirm::strict as double_confirm;
use crate::family::{StrictJudging, TaskFamily, for_family};
use crate::judgement::Judgement;
use crate::strict_readings::{StrictAnswers, read_by_rules, settle_conventions};
use crate::verdict::clusters;
use crate::{
    Attempt, Attempts, Captions, FolderVerdicts, ScoringRule, Tally, Verdict, VerdictOutcome,
    Warning, WarningKind,
};

/// Judges a folder by what the benchmark means to measure. Every sample counts except checks and
/// samples without a ground truth that can be used: what is missing or unread is wrong. `answers`
/// are the readings by position; samples beyond them are missing. `attempts` says
/// what was planned and asked: samples outside the plan do not count, and samples that were not
/// asked count as wrong unless nothing of the task was asked, when it has no score. `captions`
/// matters only for the caption folder, and holds the ratings of
/// [`strict_caption_pairs`](crate::strict_caption_pairs).
///
/// A perfect set of answers to what was planned scores exactly 1 (captions apart), and deleting an
/// answer never raises a score.
#[must_use]
pub fn judge_strict(
    folder: Folder,
    samples: &[Sample],
    answers: &StrictAnswers<'_>,
    attempts: &Attempts,
    captions: Captions<'_>,
) -> FolderVerdicts {
    let (of_samples, ids) = clusters(samples);
    let mut warnings = Vec::new();
    let judged = samples.iter().zip(of_samples).map(|(sample, cluster)| {
        let mut warn = |kind| warnings.push(Warning { folder, position: sample.position, kind });
        let reading = answers.readings.get(sample.position.0).and_then(Option::as_ref);
        let attempt = attempts.at(sample.position);
        let judging = &StrictJudging { captions, answers };
        judge_sample(sample, reading, attempt, judging, &mut warn).verdict(sample, cluster)
    });
    let mut records: Vec<_> = judged.collect();
    let ceiling = ceiling(folder, &records, ids.len());
    double_confirm::apply(&mut records, ids.len());
    let unscored = for_family!(folder.family(), F => F::unscored(captions));
    FolderVerdicts {
        folder,
        records,
        clusters: ids,
        diversity: 1.0,
        unscored,
        extent: attempts.extent(),
        ceiling,
        warnings,
    }
}

/// The same for answers that stand in a prediction file: they are read by rules, and boxes are meant
/// as the folder alone shows.
#[must_use]
pub fn judge_strict_by_rules(
    folder: Folder,
    samples: &[Sample],
    slots: &[Option<Record>],
    attempts: &Attempts,
    captions: Captions<'_>,
) -> FolderVerdicts {
    let readings = read_by_rules(samples, slots);
    let conventions = settle_conventions([(samples, readings.as_slice())], Convention::default());
    let answers = StrictAnswers::new(&readings, &conventions);
    judge_strict(folder, samples, &answers, attempts, captions)
}

/// The sums of a folder if every sample that was not asked were right; `None` if all were asked.
/// The verdicts are those before double-confirm.
fn ceiling(folder: Folder, records: &[Verdict], clusters: usize) -> Option<Tally> {
    let is_open = |record: &Verdict| record.outcome == VerdictOutcome::NotAsked;
    records.iter().any(is_open).then(|| {
        let mut records = records.to_vec();
        for record in records.iter_mut().filter(|record| is_open(record)) {
            record.outcome = VerdictOutcome::Right;
            record.parts = Some(for_family!(folder.family(), F => F::perfect().into()));
        }
        double_confirm::apply(&mut records, clusters);
        let mut tally = Tally::new(folder.family());
        records.iter().filter_map(|record| record.parts.as_ref()).for_each(|p| tally.add(1.0, p));
        tally
    })
}

fn judge_sample(
    sample: &Sample,
    reading: Option<&Reading>,
    attempt: Attempt,
    judging: &StrictJudging<'_>,
    warn: &mut dyn FnMut(WarningKind),
) -> Judgement {
    if sample.is_void() {
        return Judgement::unjudged(VerdictOutcome::Void, ScoringRule::VoidCheck);
    }
    if attempt == Attempt::NotPlanned {
        return Judgement::unjudged(VerdictOutcome::NotPlanned, ScoringRule::NotPlanned);
    }
    for_family!(sample.folder.family(), F => {
        judge_planned::<F>(sample, reading, attempt, judging, warn)
    })
}

/// Judges a sample that the run planned to ask by the metric of its folder.
fn judge_planned<F: TaskFamily>(
    sample: &Sample,
    reading: Option<&Reading>,
    attempt: Attempt,
    judging: &StrictJudging<'_>,
    warn: &mut dyn FnMut(WarningKind),
) -> Judgement {
    let truth = match F::truth(sample) {
        Ok(truth) => truth,
        Err(kind) => {
            warn(kind);
            return Judgement::unjudged(VerdictOutcome::Void, ScoringRule::NoTruth);
        }
    };
    let Some(reading) = reading else {
        let missing = match attempt {
            Attempt::NotAsked => {
                Judgement::unjudged(VerdictOutcome::NotAsked, ScoringRule::NotAsked)
            }
            Attempt::Asked | Attempt::NotPlanned => {
                Judgement::unjudged(VerdictOutcome::Missing, ScoringRule::NoAnswer)
            }
        };
        return Judgement {
            parts: F::unanswered(&truth, judging.captions).map(Into::into),
            ..missing
        };
    };
    F::judge_strict(sample, &truth, reading, judging)
}
