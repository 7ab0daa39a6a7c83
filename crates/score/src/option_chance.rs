//! What guessing among the listed options scores on a data set, beside the table's guess baselines.

use std::collections::HashSet;

use avibench_protocol::{Family, Folder, Options, Sample, Stage, Task, options_of};
use serde::{Deserialize, Serialize};

/// From this distance on, in points, a data set is off the table.
const NOTEWORTHY: f64 = 0.5;

/// The expected score, in percent, of drawing one of the distinct options of each formal record.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OptionChance {
    /// The task.
    pub task: Task,
    /// Formal records.
    pub records: usize,
    /// Of these, records with an option list.
    pub listed: usize,
    /// Whether the folder has as many records as the published one.
    pub is_full_size: bool,
    /// Over all formal records; those without a list count 0.
    pub over_all: f64,
    /// Over the records with a list.
    pub over_listed: f64,
}

impl OptionChance {
    /// Works it out for a folder: `None` unless its answers are one of several options, a guess
    /// baseline stands in the table, and the data set has a formal record with a list.
    #[must_use]
    pub fn of(folder: Folder, samples: &[Sample]) -> Option<Self> {
        if folder.family() != Family::FullMatch || folder.stage() == Stage::Sensation {
            return None;
        }
        let mut sum = 0.0;
        let (mut records, mut listed) = (0_usize, 0_usize);
        for sample in samples.iter().filter(|sample| !sample.is_check()) {
            records += 1;
            if let Options::List(list) = options_of(sample) {
                let distinct: HashSet<&String> = list.iter().collect();
                if !distinct.is_empty() {
                    listed += 1;
                    sum += 100.0 / distinct.len() as f64;
                }
            }
        }
        (listed > 0).then(|| Self {
            task: folder.task(),
            records,
            listed,
            is_full_size: samples.len() == folder.published_records(),
            over_all: sum / records as f64,
            over_listed: sum / listed as f64,
        })
    }

    /// Where a full-size set is off the guess baseline of its task, which is `table`, in words: once over all formal records and once
    /// over those with a list.
    #[must_use]
    pub fn off_the_table(&self, table: f64) -> Option<String> {
        let is_off = |chance: f64| (chance - table).abs() > NOTEWORTHY;
        if !self.is_full_size || !(is_off(self.over_all) || is_off(self.over_listed)) {
            return None;
        }
        Some(format!(
            "guess baseline of {}: {table:.2}% in the table; guessing among the options of this \
             data set scores {:.2}% over all {} formal records, {:.2}% over the {} with a \
             list",
            self.task, self.over_all, self.records, self.over_listed, self.listed
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use avibench_protocol::Position;
    use serde_json::json;

    fn samples(folder: Folder, keys: &[Option<&str>], times: usize) -> Vec<Sample> {
        let sample = |(i, key): (usize, Option<&str>)| {
            let record = json!({"id": i.to_string(), "output": {"question_answer": "yes"},
                "input": {"question": {"text": "?", "options": key}}});
            Sample::from_json(folder, Position(i), &record).unwrap()
        };
        keys.iter().copied().cycle().take(times).enumerate().map(sample).collect()
    }

    #[test]
    fn only_options_of_the_table_are_worked_out() {
        let asqa = samples(Folder::Asqa, &[Some("options_sound_order")], 4);
        assert_eq!(OptionChance::of(Folder::Asqa, &asqa), None);
        let open = samples(Folder::Avqa, &[None, Some("no such key")], 4);
        assert_eq!(OptionChance::of(Folder::Avqa, &open), None);
        let three = samples(Folder::Avm, &[Some("avm_options_list")], 250);
        let three = OptionChance::of(Folder::Avm, &three).unwrap();
        assert!(three.is_full_size && (three.over_all - 100.0 / 3.0).abs() < 1e-9);
        assert_eq!(three.off_the_table(100.0 / 3.0), None);
    }

    #[test]
    fn a_full_size_set_off_the_table_is_told_with_and_without_records_without_a_list() {
        let keys = [Some("avqa_options_list_is"), None, Some("avqa_options_list_is")];
        let few = OptionChance::of(Folder::Avqa, &samples(Folder::Avqa, &keys, 9)).unwrap();
        assert_eq!((few.records, few.listed), (9, 6));
        assert!((few.over_all - 200.0 / 9.0).abs() < 1e-9);
        assert!((few.over_listed - 100.0 / 3.0).abs() < 1e-9);
        assert_eq!(few.off_the_table(21.35), None);
        let full = Folder::Avqa.published_records();
        let full = OptionChance::of(Folder::Avqa, &samples(Folder::Avqa, &keys, full)).unwrap();
        assert_eq!(
            full.off_the_table(21.35).unwrap(),
            "guess baseline of AVQA: 21.35% in the table; guessing among the options of this data \
             set scores 22.25% over all 469 formal records, 33.33% over the 313 with a list"
        );
    }
}
