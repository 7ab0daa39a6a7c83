//! What moved between two scorings, and why.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use avibench_protocol::{Family, Folder, Task};
use avibench_reading::{Read, Unread};
use avibench_score::{ScoringRule, VerdictOutcome, rests_on_captions};
use serde::Serialize;

use crate::changes::{Change, changes};
use crate::{Report, SampleRow, ScoringMode, StoredRun};

/// Scores this near are the same.
const SAME: f64 = 1e-9;

/// Everything that moved between two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff {
    /// Whether both were scored against the same data.
    pub same_data: bool,
    /// Whether both were scored by the same versions of the rules.
    pub same_scoring: bool,
    /// Versions of the level formulas before and after, if they differ: then levels do not compare.
    pub levels_versions: Option<[u32; 2]>,
    /// Whether both levels rest on the same guess baselines; reports from before there were any rest
    /// on none.
    pub same_baselines: bool,
    /// What rated captions before and after, if it was FENSE in one scoring and its stand-in in the other:
    /// then AVC and what rests on it are left out.
    pub caption_raters: Option<[String; 2]>,
    /// What the two scorings rest on, where that changed: it may be why numbers did.
    pub changes: Vec<Change>,
    /// Tasks, stages, `overall` and levels that changed, by mode.
    pub headlines: Vec<HeadlineMove>,
    /// Verdicts that changed, in the order of modes, folders and positions.
    pub verdicts: Vec<Move>,
}

/// A number that changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeadlineMove {
    /// The mode.
    pub mode: ScoringMode,
    /// A task's key, a stage, `overall` or a level.
    pub name: String,
    /// Its old value.
    pub before: Option<f64>,
    /// Its new value.
    pub after: Option<f64>,
}

/// A verdict that changed: outcome, score, or whether it is there and counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Move {
    /// The mode.
    pub mode: ScoringMode,
    /// The folder.
    pub folder: Folder,
    /// Place in `data.json`.
    pub position: usize,
    /// The sample's id.
    pub id: String,
    /// The old verdict; null if the sample is new.
    pub before: Option<ComparedVerdict>,
    /// The new verdict; null if the sample is gone.
    pub after: Option<ComparedVerdict>,
}

/// What a verdict was, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedVerdict {
    /// What became of the sample.
    pub outcome: VerdictOutcome,
    /// The rule that read the answer.
    pub rule: ScoringRule,
    /// Its score.
    pub score: Option<f64>,
    /// The answer as it was understood.
    pub read: String,
    /// Why it is unread in strict scoring; null if it is not, and in rows of strict version 1.
    pub unread: Option<Unread>,
}

impl fmt::Display for ComparedVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unread.filter(|_| self.outcome == VerdictOutcome::Unread) {
            Some(reason) => write!(f, "{} ({})", self.outcome, reason.name()),
            None => write!(f, "{}", self.outcome),
        }
    }
}

/// Verdicts of a folder that moved in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveKind {
    /// The mode.
    pub mode: ScoringMode,
    /// The folder.
    pub folder: Folder,
    /// From what to what: outcomes, with the reason why an answer is unread.
    pub what: String,
    /// Places in `data.json`.
    pub positions: Vec<usize>,
}

impl Diff {
    /// Every verdict that moved, by kind, in the order of modes and folders; the most frequent kind
    /// of a folder comes first.
    #[must_use]
    pub fn kinds(&self) -> Vec<MoveKind> {
        let side = |side: &Option<ComparedVerdict>| {
            side.as_ref().map_or_else(|| "absent".to_owned(), ToString::to_string)
        };
        let mut kinds: BTreeMap<(ScoringMode, Folder, String), Vec<usize>> = BTreeMap::new();
        for moved in &self.verdicts {
            let what = format!("{} -> {}", side(&moved.before), side(&moved.after));
            kinds.entry((moved.mode, moved.folder, what)).or_default().push(moved.position);
        }
        let kind = |((mode, folder, what), positions)| MoveKind { mode, folder, what, positions };
        let mut kinds: Vec<MoveKind> = kinds.into_iter().map(kind).collect();
        kinds.sort_by_key(|kind| (kind.mode, kind.folder, std::cmp::Reverse(kind.positions.len())));
        kinds
    }
}

/// Compares two scorings. Linear in the number of rows.
#[must_use]
pub fn diff(before: &StoredRun, after: &StoredRun) -> Diff {
    type Key = (ScoringMode, Folder, usize);
    let key = |row: &SampleRow| -> Key { (row.mode, row.folder, row.position) };
    let mut old: HashMap<Key, &SampleRow> = before.rows.iter().map(|row| (key(row), row)).collect();
    let mut verdicts: Vec<Move> = Vec::new();
    for row in &after.rows {
        let earlier = old.remove(&key(row));
        if earlier.is_none_or(|earlier| moved(earlier, row)) {
            verdicts.push(Move::new(
                row,
                earlier.map(ComparedVerdict::new),
                Some(ComparedVerdict::new(row)),
            ));
        }
    }
    verdicts.extend(
        old.into_values().map(|gone| Move::new(gone, Some(ComparedVerdict::new(gone)), None)),
    );
    let caption_raters = caption_raters(&before.report, &after.report);
    if caption_raters.is_some() {
        verdicts.retain(|moved| moved.folder.family() != Family::Caption);
    }
    verdicts.sort_by_key(|moved| (moved.mode, moved.folder, moved.position));
    let versions = [&before.report, &after.report].map(|report| report.scoring.levels_version);
    let baselines = |report: &Report| -> Vec<(Task, f64)> {
        report.guess_baselines.iter().map(|known| (known.task, known.percent)).collect()
    };
    Diff {
        same_data: before.report.data == after.report.data,
        same_scoring: before.report.scoring == after.report.scoring,
        levels_versions: (versions[0] != versions[1]).then_some(versions),
        same_baselines: baselines(&before.report) == baselines(&after.report),
        changes: changes(&before.report, &after.report),
        headlines: headlines(&before.report, &after.report, caption_raters.is_some()),
        caption_raters,
        verdicts,
    }
}

/// What rated captions in both, if it was FENSE in one and its stand-in in the other.
fn caption_raters(before: &Report, after: &Report) -> Option<[String; 2]> {
    let has_captions = |report: &&Report| report.official.estimates.task("avc").is_some();
    let is_same = before.has_stand_in_captions() == after.has_stand_in_captions();
    if is_same || ![before, after].iter().all(has_captions) {
        return None;
    }
    // Reports from before raters were named know FENSE alone.
    let name = |report: &Report| {
        report.captions.as_ref().map_or_else(|| "FENSE".to_owned(), ToString::to_string)
    };
    Some([name(before), name(after)])
}

fn moved(before: &SampleRow, after: &SampleRow) -> bool {
    let same_score = match (before.score, after.score) {
        (Some(before), Some(after)) => (before - after).abs() <= SAME,
        (before, after) => before.is_none() && after.is_none(),
    };
    before.outcome != after.outcome || before.id != after.id || !same_score
}

impl Move {
    fn new(
        row: &SampleRow,
        before: Option<ComparedVerdict>,
        after: Option<ComparedVerdict>,
    ) -> Self {
        let (mode, folder, position) = (row.mode, row.folder, row.position);
        Self { mode, folder, position, id: row.id.clone(), before, after }
    }
}

impl ComparedVerdict {
    fn new(row: &SampleRow) -> Self {
        let unread = row.reading.as_ref().and_then(|reading| match reading.read {
            Read::Unread(reason) => Some(reason),
            Read::Value(_) => None,
        });
        let (outcome, rule, score) = (row.outcome, row.rule, row.score);
        Self { outcome, rule, score, read: row.read.clone(), unread }
    }
}

fn headlines(before: &Report, after: &Report, captions_differ: bool) -> Vec<HeadlineMove> {
    let mut moves = Vec::new();
    for mode in [ScoringMode::Official, ScoringMode::Strict] {
        let (old, new) = (numbers(before, mode), numbers(after, mode));
        let mut names: Vec<&String> = new.iter().map(|(name, _)| name).collect();
        names.extend(old.iter().map(|(name, _)| name).filter(|name| !contains(&new, name)));
        for name in names {
            if captions_differ && rests_on_captions(name) {
                continue;
            }
            let (before, after) = (value(&old, name), value(&new, name));
            let same = match (before, after) {
                (Some(before), Some(after)) => (before - after).abs() <= SAME,
                (before, after) => before.is_none() && after.is_none(),
            };
            if !same {
                moves.push(HeadlineMove { mode, name: name.clone(), before, after });
            }
        }
    }
    moves
}

/// Name and value of every task, stage, Overall and level of a mode: some twenty.
fn numbers(report: &Report, mode: ScoringMode) -> Vec<(String, Option<f64>)> {
    let estimates = &report.mode(mode).estimates;
    let tasks = estimates.tasks.iter().map(|task| (task.key.clone(), task.headline.value));
    let named = estimates.stages.iter().chain(&estimates.levels);
    tasks
        .chain(named.map(|named| (named.name.clone(), named.estimate.value)))
        .chain([("overall".to_owned(), estimates.overall.value)])
        .collect()
}

fn contains(numbers: &[(String, Option<f64>)], name: &str) -> bool {
    numbers.iter().any(|(known, _)| known == name)
}

fn value(numbers: &[(String, Option<f64>)], name: &str) -> Option<f64> {
    numbers.iter().find(|(known, _)| known == name).and_then(|(_, value)| *value)
}
