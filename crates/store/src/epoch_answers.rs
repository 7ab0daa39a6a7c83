//! What the journal says of a further epoch of a folder. There is no prediction file of it: the journal
//! is the only place where its answers stand.

use avibench_protocol::Position;

use crate::{AskOutcome, Entry};

/// What became of the samples of a folder in one epoch.
#[derive(Debug, Clone)]
pub(crate) struct EpochAnswers {
    /// By position.
    slots: Vec<EpochSlot>,
}

/// What became of a sample.
#[derive(Debug, Clone, Default)]
struct EpochSlot {
    outcome: Option<AskOutcome>,
    /// What the journal says its answer was made of.
    source: Option<String>,
}

impl EpochAnswers {
    /// Nothing is known of so many samples.
    pub(crate) fn new(samples: usize) -> Self {
        Self { slots: vec![EpochSlot::default(); samples] }
    }

    /// Takes in what a line says: an answer replaces what was there, a failure no answer.
    pub(crate) fn apply(&mut self, entry: &Entry) {
        let Some(slot) = self.slots.get_mut(entry.position.0) else { return };
        if entry.outcome == AskOutcome::NotAttempted {
            return;
        }
        slot.outcome = Some(AskOutcome::standing(slot.outcome, entry.outcome));
        if entry.outcome.has_answer() {
            slot.source.clone_from(&entry.source);
        }
    }

    /// How the sample ended; `None` if nobody asked it.
    pub(crate) fn outcome(&self, position: Position) -> Option<AskOutcome> {
        self.slots.get(position.0)?.outcome
    }

    /// Whether the sample has an answer that was not made of another source than `source`.
    pub(crate) fn has_answer(&self, position: Position, source: Option<&str>) -> bool {
        let Some(slot) = self.slots.get(position.0) else { return false };
        let is_fresh = match (source, slot.source.as_deref()) {
            (Some(wanted), Some(known)) => wanted == known,
            _ => true,
        };
        slot.outcome.is_some_and(AskOutcome::has_answer) && is_fresh
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use avibench_protocol::{Folder, FolderData, Record, Sample};
    use proptest::prelude::*;
    use serde::de::IgnoredAny;
    use serde_json::{Value, json};

    use super::*;
    use crate::{Asked, Epoch, Ledger, read_answers, read_further_answers, read_journal};

    const SAMPLES: usize = 4;

    /// A line of a journal without its number: epoch, position, and what became of it.
    type Told = (u32, usize, u8);

    fn line(number: usize, (epoch, position, kind): Told) -> String {
        let (outcome, answer) = match kind {
            0 => ("failed", Value::Null),
            1 => ("empty", Value::Null),
            _ => ("answered", json!(format!("answer {number}"))),
        };
        let mut line = json!({"v": 1, "position": position, "id": position.to_string(),
            "outcome": outcome, "answer": answer, "time": "2026-01-01T00:00:00Z"});
        if epoch > 1 {
            line["v"] = json!(3);
            line["epoch"] = json!(epoch);
        }
        line.to_string()
    }

    fn samples() -> Vec<Sample> {
        let sample = |i: usize| {
            let record = json!({"id": i.to_string(), "input": {"question": {"text": "?"}}});
            Sample::from_json(Folder::Avm, Position(i), &record).unwrap()
        };
        (0..SAMPLES).map(sample).collect()
    }

    /// What every reader says of a journal with these lines, by epoch.
    fn read(lines: &[String]) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("journal")).unwrap();
        let text = lines.join("\n");
        std::fs::write(root.path().join("journal/AVM.jsonl"), format!("{text}\n")).unwrap();
        let samples = samples();
        let shared: Arc<[Arc<Sample>]> = samples.iter().cloned().map(Arc::new).collect();
        let mut notices = Vec::new();
        let ledger = Ledger::read(root.path(), Folder::Avm, &shared, false, &mut notices).unwrap();
        let run = Asked::read(root.path().to_owned());
        let data = FolderData {
            folder: Folder::Avm,
            path: root.path().to_owned(),
            samples: samples.clone(),
            sha256: String::new(),
        };
        let journal = run.journal(Folder::Avm).unwrap().unwrap();
        let of_run = journal.lines::<IgnoredAny>().unwrap();
        let further = read_further_answers(root.path(), Folder::Avm, &samples).unwrap();
        let texts = |slots: Vec<Option<Record>>| -> Vec<Option<Value>> {
            let mut texts: Vec<_> =
                slots.into_iter().map(|slot| slot.map(|record| record.predict)).collect();
            texts.resize(SAMPLES, None);
            texts
        };
        Epoch::all(3)
            .map(|epoch| {
                let outcomes: Vec<_> =
                    (0..SAMPLES).map(|at| ledger.outcome_in(epoch, Position(at))).collect();
                let (answers, asked) = if epoch.is_first() {
                    let answers = read_answers(root.path(), Folder::Avm, &samples).unwrap();
                    (answers.unwrap(), run.folder(&data))
                } else {
                    let answers = further.get(&epoch).cloned().unwrap_or_default();
                    (answers, run.epoch_by(&data, epoch, &of_run.further))
                };
                let endings: Vec<_> =
                    (0..SAMPLES).map(|at| asked.ending(Position(at), &[])).collect();
                format!("{outcomes:?} {:?} {endings:?}", texts(answers))
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

        #[test]
        fn epochs_read_the_same_however_their_lines_interleave(
            told in proptest::collection::vec((1_u32..=3, 0..SAMPLES, 0_u8..4), 1..24),
            seeds in proptest::collection::vec(any::<u32>(), 24),
        ) {
            let lines: Vec<(u32, String)> = told
                .iter()
                .enumerate()
                .map(|(number, told)| (told.0, line(number, *told)))
                .collect();
            let whole: Vec<String> = lines.iter().map(|(_, line)| line.clone()).collect();
            // Lines of an epoch keep their order among themselves.
            let mut queues: Vec<std::collections::VecDeque<String>> = (1..=3)
                .map(|epoch| {
                    let of_epoch = lines.iter().filter(|(of, _)| *of == epoch);
                    of_epoch.map(|(_, line)| line.clone()).collect()
                })
                .collect();
            let mut mixed = Vec::new();
            for seed in seeds.into_iter().cycle() {
                queues.retain(|queue| !queue.is_empty());
                if queues.is_empty() {
                    break;
                }
                let chosen = seed as usize % queues.len();
                mixed.extend(queues[chosen].pop_front());
            }
            let (of_whole, of_mixed) = (read(&whole), read(&mixed));
            prop_assert_eq!(&of_whole, &of_mixed);
            // An epoch by itself says the same as among others.
            for epoch in 1..=3 {
                let alone: Vec<String> = lines
                    .iter()
                    .filter(|(of, _)| *of == epoch)
                    .map(|(_, line)| line.clone())
                    .collect();
                if !alone.is_empty() {
                    let place = epoch as usize - 1;
                    prop_assert_eq!(&read(&alone)[place], &of_whole[place]);
                }
            }
        }
    }

    #[test]
    fn a_line_of_a_further_epoch_is_of_a_version_that_older_programs_refuse() {
        let of = |epoch: Epoch| {
            let entry = Entry::new(Position(0), "0".to_owned(), AskOutcome::Answered);
            serde_json::to_value(entry.in_epoch(epoch)).unwrap()
        };
        let first = of(Epoch::FIRST);
        assert_eq!((&first["v"], first.get("epoch")), (&json!(1), None));
        let second = of(Epoch::FIRST.later_by(1));
        assert_eq!((&second["v"], second.get("epoch")), (&json!(3), Some(&json!(2))));
    }

    #[test]
    fn an_epoch_out_of_range_is_no_line() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("AVM.jsonl");
        let good = line(0, (2, 0, 2));
        let bad = good.replace("\"epoch\":2", "\"epoch\":101");
        std::fs::write(
            &path,
            format!("{good}\n{bad}\n{}\n", good.replace("\"epoch\":2", "\"epoch\":0")),
        )
        .unwrap();
        let journal = read_journal(&path).unwrap();
        assert_eq!((journal.entries.len(), journal.further.len()), (0, 1));
        assert_eq!(journal.damaged.len(), 2);
    }
}
