//! How many formatted answers of a folder went which way, as prediction file and journal tell.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use avibench_protocol::{Folder, Record};
use avibench_results::Formatting;
use avibench_store::{Outcome, read_journal, read_predictions};

use super::way::Way;

/// Counts the ways of a label's answers in `folder`; `label` is the label's folder below that of
/// formatted answers. A missing prediction file holds no answers.
pub(crate) fn count_ways(label: &Path, folder: Folder) -> anyhow::Result<Formatting> {
    let path = label.join("tasks").join(format!("{folder}.json"));
    let slots = if path.exists() { read_predictions(&path)? } else { Vec::new() };
    let journal = read_journal(&label.join("journal").join(format!("{folder}.jsonl")))
        .context("the ways of formatting cannot be counted")?;
    let mut ways = BTreeMap::new();
    for entry in &journal.entries {
        let way = match entry.outcome {
            Outcome::Answered => entry.note.as_ref().and_then(Way::from_note),
            _ => None,
        };
        // Later lines overrule earlier ones; of failures the file knows nothing.
        if let (Some(way), Some(text)) = (way, entry.prediction()) {
            ways.insert(entry.position.0, (way, text));
        }
    }
    let mut counts = Formatting::new(folder);
    let last: BTreeMap<usize, Outcome> =
        journal.entries.iter().map(|entry| (entry.position.0, entry.outcome)).collect();
    for (position, slot) in slots.iter().enumerate() {
        let is_done = slot.as_ref().is_some_and(Record::is_done);
        if !is_done && last.get(&position).is_some_and(|&outcome| outcome != Outcome::Answered) {
            counts.not_formatted += 1;
            continue;
        }
        let Some(record) = slot else { continue };
        let known = ways.get(&position).filter(|(_, text)| record.predict == *text);
        count(&mut counts, record, known.map(|(way, _)| way));
    }
    Ok(counts)
}

fn count(counts: &mut Formatting, record: &Record, way: Option<&Way>) {
    let counter = match way {
        Some(Way::Rule { .. }) => &mut counts.by_rule,
        Some(Way::Llm { .. }) => &mut counts.by_llm,
        Some(Way::PassedThrough) => &mut counts.passed_through,
        Some(Way::Unread { .. }) => &mut counts.unread,
        None if record.is_done() => &mut counts.unknown,
        // An empty reply of a refiner stands in the file as an empty answer, without a way.
        Some(Way::Void | Way::Empty) | None => return,
    };
    *counter += 1;
}
