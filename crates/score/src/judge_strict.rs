//! A folder's samples and predictions in, its strict verdicts out.

use avibench_protocol::{Family, Folder, Prediction, Record, Sample, Truth};

use crate::cleaning::OptionTables;
use crate::double_confirm::strict as double_confirm;
use crate::family::boxes::strict::Boxes;
use crate::family::caption::official::Captions;
use crate::family::caption::strict as caption;
use crate::family::frame_boxes::strict::{self as frame_boxes, Frames};
use crate::family::full_match::strict as full_match;
use crate::family::instances::strict::Counts;
use crate::family::retrieval::strict as retrieval;
use crate::family::set_match::strict as set_match;
use crate::judgement::Judgement;
use crate::prepared::Prepared;
use crate::verdict::clusters;
use crate::{
    Attempt, Attempts, FolderVerdicts, Outcome, Parts, Rule, Tally, Verdict, Warning, WarningKind,
};

/// Judges a folder by what the benchmark means to measure. Every sample counts except checks and
/// samples without a ground truth that can be used: what is missing or cannot be read is wrong.
/// `slots` are the predictions by position; those beyond the samples are ignored. `attempts` says
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
    slots: &[Option<Record>],
    attempts: &Attempts,
    captions: Captions<'_>,
) -> FolderVerdicts {
    let (of_samples, ids) = clusters(samples);
    let mut tables = OptionTables::default();
    let mut warnings = Vec::new();
    let judged = samples.iter().zip(of_samples).map(|(sample, cluster)| {
        let mut warn = |kind| warnings.push(Warning { folder, position: sample.position, kind });
        let answer = Prediction::at(slots, sample.position);
        let attempt = attempts.at(sample.position);
        judge_sample(sample, answer, attempt, captions, &mut tables, &mut warn)
            .verdict(sample, cluster)
    });
    let mut records: Vec<_> = judged.collect();
    let ceiling = ceiling(folder, &records, ids.len());
    double_confirm::apply(&mut records, ids.len());
    let unscored = match (folder.family(), captions) {
        (Family::Caption, Captions::Unavailable(reason)) => Some(reason.to_owned()),
        _ => None,
    };
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

/// The sums of a folder if every sample that was not asked were right; `None` if all were asked.
/// The verdicts are those before double-confirm.
fn ceiling(folder: Folder, records: &[Verdict], clusters: usize) -> Option<Tally> {
    let is_open = |record: &Verdict| record.outcome == Outcome::NotAsked;
    records.iter().any(is_open).then(|| {
        let mut records = records.to_vec();
        for record in records.iter_mut().filter(|record| is_open(record)) {
            record.outcome = Outcome::Right;
            record.parts = Some(Parts::perfect(folder.family()));
        }
        double_confirm::apply(&mut records, clusters);
        let mut tally = Tally::default();
        records.iter().filter_map(|record| record.parts.as_ref()).for_each(|p| tally.add(1.0, p));
        tally
    })
}

fn judge_sample(
    sample: &Sample,
    answer: Prediction<'_>,
    attempt: Attempt,
    captions: Captions<'_>,
    tables: &mut OptionTables,
    warn: &mut dyn FnMut(WarningKind),
) -> Judgement {
    if sample.is_void() {
        return Judgement::unjudged(Outcome::Void, Rule::VoidCheck);
    }
    if attempt == Attempt::NotPlanned {
        return Judgement::unjudged(Outcome::NotPlanned, Rule::NotPlanned);
    }
    let question = match Question::of(sample) {
        Ok(question) => question,
        Err(kind) => {
            warn(kind);
            return Judgement::unjudged(Outcome::Void, Rule::NoTruth);
        }
    };
    let prepared = match answer {
        Prediction::Text(text) => Some(Prepared::new(text)),
        Prediction::Missing => None,
        Prediction::Unusable(_) => {
            warn(WarningKind::NotText);
            None
        }
    };
    let Some(prepared) = prepared.filter(|prepared| !prepared.text.is_empty()) else {
        let missing = match attempt {
            Attempt::NotAsked => Judgement::unjudged(Outcome::NotAsked, Rule::NotAsked),
            Attempt::Asked | Attempt::NotPlanned => {
                Judgement::unjudged(Outcome::Missing, Rule::NoAnswer)
            }
        };
        let is_unrated = matches!(captions, Captions::Unavailable(_));
        let counts = !(is_unrated && matches!(question, Question::Caption));
        return Judgement { parts: counts.then(|| question.nothing()), ..missing };
    };
    match question {
        Question::FullMatch(label) => full_match::judge(sample, label, &prepared, tables),
        Question::SetMatch(label) => set_match::judge(label, &prepared),
        Question::Counts(counts) => counts.judge(&prepared),
        Question::Boxes(boxes) => boxes.judge(&prepared),
        Question::Retrieval(label) => retrieval::judge(label, &prepared),
        Question::Frames(frames) => frames.judge(&prepared),
        Question::Caption => caption::judge(sample, &prepared, captions),
    }
}

/// A ground truth that can be compared with.
enum Question<'a> {
    FullMatch(&'a str),
    SetMatch(&'a str),
    Counts(Counts),
    Boxes(Boxes),
    Retrieval(&'a [i64]),
    Frames(Frames),
    Caption,
}

impl<'a> Question<'a> {
    fn of(sample: &'a Sample) -> Result<Self, WarningKind> {
        let truth = sample.truth.as_ref().ok_or(WarningKind::NotCounted("is null"))?;
        let no_boxes = WarningKind::NotCounted("lacks `bbox` or `original_wh`");
        Ok(match (sample.folder.family(), truth) {
            (Family::FullMatch, Truth::Text(label)) => Self::FullMatch(label),
            (Family::SetMatch, Truth::Text(label)) => Self::SetMatch(label),
            (Family::Instances, Truth::Counts(label)) => {
                Self::Counts(Counts::new(sample.folder, label)?)
            }
            (Family::Retrieval, Truth::Indices(label)) => Self::Retrieval(label),
            (Family::Boxes, Truth::Boxes { boxes, size }) => {
                let (boxes, size) = boxes.as_deref().zip(*size).ok_or(no_boxes)?;
                Self::Boxes(Boxes::new(boxes, size))
            }
            (Family::FrameBoxes, Truth::FrameBoxes { frames, size }) => {
                let frames = frames.as_deref().filter(|frames| !frames.is_empty());
                let (frames, size) = frames.zip(*size).ok_or(no_boxes)?;
                Self::Frames(Frames::new(frames, size))
            }
            (Family::Caption, Truth::References(references)) => {
                let first = caption::whole_references(references).next();
                first.ok_or(WarningKind::NotCounted("has no reference caption"))?;
                Self::Caption
            }
            (_, Truth::Other { error, .. }) => {
                return Err(WarningKind::FieldNotCounted(error.clone()));
            }
            _ => return Err(WarningKind::NotCounted("belongs to another task")),
        })
    }

    /// The statistics of a question that was not answered.
    fn nothing(&self) -> Parts {
        match self {
            Self::FullMatch(_) | Self::SetMatch(_) => Parts::Match { correct: false },
            Self::Counts(counts) => counts.nothing(),
            Self::Boxes(boxes) => boxes.nothing(),
            Self::Retrieval(_) => retrieval::NOTHING,
            Self::Frames(_) => frame_boxes::NOTHING,
            Self::Caption => caption::NOTHING,
        }
    }
}
