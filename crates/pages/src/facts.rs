//! What the pages of tasks show beyond the report: how scores are spread, what is mistaken for what.

use std::collections::{BTreeMap, HashMap};

use avibench_protocol::{Family, FolderData, Sample, Task, Truth};
use avibench_reading::{Count, ReadingValue};
use avibench_results::{SampleRow, ScoringMode, StoredRun};
use avibench_score::VerdictOutcome;

use crate::browser::rows_of;

/// Bars of a spread from 0 to 1: ten, each with its lower end but the last, which has both.
pub(crate) const BARS: usize = 10;
/// Labels that a table of confusions names; the others share a row and a column.
const LABELS: usize = 12;

/// What is known of a run's answers to a task.
#[derive(Debug, Default)]
pub(crate) struct TaskFacts {
    /// Strict and official scores of the formal samples that count, in [`BARS`] bars.
    pub(crate) scores: [Option<Spread>; 2],
    /// Boxes: overlap with the truth.
    pub(crate) overlap: Option<Spread>,
    /// Options and short answers: what was answered where something was right.
    pub(crate) confusion: Option<Confusion>,
    /// Counts: how far off they are.
    pub(crate) counts: Option<CountErrors>,
    /// Formal samples by strict outcome.
    pub(crate) outcomes: BTreeMap<&'static str, usize>,
}

/// Values from 0 to 1 in bars.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spread {
    pub(crate) bars: [usize; BARS],
}

/// Right labels against read ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Confusion {
    /// Rows and the first columns, the most frequent first.
    pub(crate) labels: Vec<String>,
    /// Whether the last label stands for several.
    pub(crate) has_others: bool,
    /// For each right label how often each label was read, then how often none.
    pub(crate) counts: Vec<Vec<usize>>,
}

/// Answered counts less right ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CountErrors {
    /// From -3 (and below) to 3 (and above).
    pub(crate) off_by: [usize; 7],
    /// Things that are there and were not named.
    pub(crate) not_named: usize,
    /// Things that were named and are not there.
    pub(crate) not_there: usize,
}

impl Spread {
    fn add(&mut self, value: f64) {
        let bar = (value.clamp(0.0, 1.0) * BARS as f64) as usize;
        self.bars[bar.min(BARS - 1)] += 1;
    }

    pub(crate) fn total(&self) -> usize {
        self.bars.iter().sum()
    }
}

impl TaskFacts {
    /// The facts of a task, from the folders that hold it. Public pages have no labels to confuse.
    pub(crate) fn of(
        run: &StoredRun,
        task: Task,
        folders: &[FolderData],
        with_labels: bool,
    ) -> Self {
        let mut facts = Self::default();
        let mut pairs: Vec<(String, Option<String>)> = Vec::new();
        for &folder in task.folders() {
            for (slot, mode) in [(0, ScoringMode::Strict), (1, ScoringMode::Official)] {
                for row in rows_of(run, mode, folder).iter().filter(|row| row.counted) {
                    if let Some(score) = row.score {
                        facts.scores[slot].get_or_insert_default().add(score);
                    }
                }
            }
            let samples = folders.iter().find(|data| data.folder == folder);
            for row in rows_of(run, ScoringMode::Strict, folder).iter().filter(|row| !row.is_check)
            {
                *facts.outcomes.entry(row.outcome.name()).or_default() += 1;
                if !row.counted {
                    continue;
                }
                if let Some(iou) = row.iou {
                    facts.overlap.get_or_insert_default().add(iou);
                }
                let sample = samples.and_then(|data| data.samples.get(row.position));
                match folder.family() {
                    Family::FullMatch | Family::SetMatch if with_labels => {
                        pairs.extend(confused(row));
                    }
                    Family::Instances => {
                        if let Some(sample) = sample {
                            count_errors(facts.counts.get_or_insert_default(), row, sample);
                        }
                    }
                    _ => {}
                }
            }
        }
        facts.confusion = Confusion::of(&pairs);
        facts
    }
}

/// The right label and the one that was read, of a sample that was answered.
fn confused(row: &SampleRow) -> Option<(String, Option<String>)> {
    let truth = row.truth.clone()?;
    if matches!(row.outcome, VerdictOutcome::Missing | VerdictOutcome::NotAsked) {
        return None;
    }
    let read = row.reading.as_ref().and_then(|reading| reading.value());
    let read = read.map(|value| match value {
        ReadingValue::Set(options) => options.join("; "),
        other => other.text().into_owned(),
    });
    // The label is compared without case; so are rows and columns.
    let read = match read {
        Some(read) if read.eq_ignore_ascii_case(truth.trim()) => Some(truth.clone()),
        _ if matches!(row.outcome, VerdictOutcome::Right | VerdictOutcome::Zeroed) => {
            Some(truth.clone())
        }
        other => other,
    };
    Some((truth, read))
}

fn count_errors(errors: &mut CountErrors, row: &SampleRow, sample: &Sample) {
    let Some(Truth::Counts(truth)) = &sample.truth else { return };
    let Some(ReadingValue::Counts(read)) = row.reading.as_ref().and_then(|r| r.value()) else {
        return;
    };
    let fold = |name: &str| name.trim().to_lowercase();
    let named: HashMap<String, Count> =
        read.named.iter().map(|(name, count)| (fold(name), *count)).collect();
    for (name, right) in truth {
        let Ok(right) = right.trim().parse::<i64>() else { continue };
        match named.get(&fold(name)) {
            Some(Count::Whole(count)) => {
                let off = i64::try_from(*count).unwrap_or(i64::MAX).saturating_sub(right);
                errors.off_by[(off.clamp(-3, 3) + 3) as usize] += 1;
            }
            Some(Count::Unclear) => {}
            None => errors.not_named += usize::from(right > 0),
        }
    }
    let there: Vec<String> = truth.iter().map(|(name, _)| fold(name)).collect();
    errors.not_there += named.keys().filter(|name| !there.contains(name)).count();
}

impl Confusion {
    /// `None` unless there are labels that recur: a table of a thousand single answers says nothing.
    fn of(pairs: &[(String, Option<String>)]) -> Option<Self> {
        let mut frequency: HashMap<&str, usize> = HashMap::new();
        for (truth, _) in pairs {
            *frequency.entry(truth).or_default() += 1;
        }
        let mut labels: Vec<(&str, usize)> = frequency.into_iter().collect();
        labels.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        if labels.len() < 2 || labels.len() * 2 > pairs.len() {
            return None;
        }
        let has_others = labels.len() > LABELS;
        let mut names: Vec<String> =
            labels.iter().take(LABELS).map(|(label, _)| (*label).to_owned()).collect();
        let known: HashMap<String, usize> =
            names.iter().enumerate().map(|(at, name)| (name.clone(), at)).collect();
        // What nothing has for a truth was read at times all the same.
        let has_foreign = pairs.iter().any(|(truth, read)| {
            !known.contains_key(truth)
                || read.as_ref().is_some_and(|read| !known.contains_key(read))
        });
        if has_foreign {
            names.push("others".to_owned());
        }
        let others = names.len() - 1;
        let mut counts = vec![vec![0; names.len() + 1]; names.len()];
        for (truth, read) in pairs {
            let row = known.get(truth).copied().unwrap_or(others);
            let column = read
                .as_ref()
                .map_or(names.len(), |read| known.get(read).copied().unwrap_or(others));
            counts[row][column] += 1;
        }
        Some(Self { labels: names, has_others: has_others || has_foreign, counts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_holds_every_value() {
        let mut spread = Spread::default();
        for value in [0.0, 0.05, 0.1, 0.99, 1.0, -0.2] {
            spread.add(value);
        }
        assert_eq!(spread.bars, [3, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
        assert_eq!(spread.total(), 6);
    }

    #[test]
    fn confusions_count_what_was_read_for_what_is_right() {
        let pair = |truth: &str, read: Option<&str>| (truth.to_owned(), read.map(str::to_owned));
        let pairs = vec![
            pair("yes", Some("yes")),
            pair("yes", Some("no")),
            pair("yes", None),
            pair("no", Some("no")),
            pair("no", Some("maybe")),
        ];
        let found = Confusion::of(&pairs).unwrap();
        assert_eq!(found.labels, ["yes", "no", "others"]);
        assert_eq!(found.counts, [vec![1, 1, 0, 1], vec![0, 1, 1, 0], vec![0, 0, 0, 0]]);
        let single: Vec<_> = (0..10).map(|at| pair(&at.to_string(), None)).collect();
        assert_eq!(Confusion::of(&single), None, "labels that do not recur make no table");
    }
}
