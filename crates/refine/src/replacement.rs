//! Whether formatting would replace answers that another refiner formatted.

use std::collections::BTreeMap;
use std::path::Path;

use avibench_answers::Provenance;
use avibench_engine::FolderJobs;
use avibench_protocol::{Prediction, Record};
use avibench_store::{
    Entry, Identity, IdentityDifference, IdentityPart, JournalError, Manifest, read_journal,
};
use serde_json::{Value, json};

use crate::refiner::source;

/// How a manifest names the mode.
const MODE_PREFIX: &str = "refine ";

/// In what the refiner of `now` differs from the one that left `found`; nothing if `found` holds no
/// answers.
pub(crate) fn refiner_differences(found: &Manifest, now: &Identity) -> Vec<IdentityDifference> {
    let answers: usize = found.folders.values().map(|tally| tally.answered).sum();
    if answers == 0 {
        return Vec::new();
    }
    let was = &found.identity;
    let mode = |identity: &Identity| {
        let name = &identity.backend;
        name.strip_prefix(MODE_PREFIX).unwrap_or(name).to_owned()
    };
    if mode(was) != mode(now) {
        return vec![IdentityDifference {
            what: IdentityPart::Mode,
            was: mode(was),
            now: mode(now),
        }];
    }
    if mode(now) == crate::RefineMode::Rules.name() {
        // Rules look at neither model nor prompts.
        return Vec::new();
    }
    // Other data are refused before, if the answers are to them.
    // The answers of a shard are those of the run that asked, whatever these have become.
    let bare =
        |identity: &Identity| Identity { data: BTreeMap::new(), shard: None, ..identity.clone() };
    bare(was).differences(&bare(now))
}

/// The first rule of a folder that has changed since it read an answer that is still the same.
pub(crate) fn rule_difference(
    directory: &Path,
    jobs: &FolderJobs,
    slots: &[Option<Record>],
) -> Result<Option<IdentityDifference>, JournalError> {
    let journal = read_journal(&directory.join("journal").join(format!("{}.jsonl", jobs.folder)))?;
    // Later lines overrule earlier ones.
    let known: BTreeMap<usize, &Entry> =
        journal.entries.iter().map(|entry| (entry.position.0, entry)).collect();
    let precomputed = jobs.precomputed.iter().map(|known| (known.position, Some(&known.note)));
    let asked = jobs.jobs.iter().map(|job| (job.position, None));
    let changed = precomputed.chain(asked).find_map(|(position, now)| {
        let entry = known.get(&position.0).filter(|e| e.outcome.has_answer())?;
        let Prediction::Text(raw) = Prediction::at(slots, position) else { return None };
        let was = entry.note.as_ref()?;
        let same_answer = entry.source.as_ref() == Some(&given_source(raw, was));
        same_answer.then(|| changed_rule(was, now)).flatten()
    });
    Ok(changed)
}

/// What changed between the rule that read an answer and what would be made of it now: `now` is
/// `None` for an answer that goes to the language model.
fn changed_rule(was: &Value, now: Option<&Value>) -> Option<IdentityDifference> {
    let Provenance::Rule { rule, version, .. } = Provenance::from_note(was)? else { return None };
    let difference = |now: String| IdentityDifference {
        what: IdentityPart::Rule(rule.name().to_owned()),
        was: format!("version {version}"),
        now,
    };
    match now.map(Provenance::from_note) {
        Some(Some(Provenance::Rule { rule: other, version: now, .. })) if other == rule => {
            (now != version).then(|| difference(format!("version {now}")))
        }
        Some(Some(Provenance::Rule { rule: other, .. })) => {
            Some(difference(format!("rule `{other}`")))
        }
        _ => Some(difference("in doubt".to_owned())),
    }
}

/// What decides an answer that needs no language model.
pub(crate) fn given_source(raw: &str, note: &Value) -> String {
    source(&json!([raw, note]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_changed_is_named() {
        let rule = |version: u32| json!({"way": "rule", "rule": "option", "version": version, "span": {"start": 0, "end": 3}});
        let unread = json!({"way": "unread", "reason": "two answers"});
        let told = |now: Option<&Value>| changed_rule(&rule(1), now).map(|d| d.to_string());
        assert_eq!(told(Some(&rule(1))), None);
        assert_eq!(
            told(Some(&rule(2))).as_deref(),
            Some("rule `option` was version 1, now version 2")
        );
        let doubt = "rule `option` was version 1, now in doubt";
        assert_eq!(told(Some(&unread)).as_deref(), Some(doubt));
        assert_eq!(told(None).as_deref(), Some(doubt));
        assert_eq!(changed_rule(&unread, Some(&rule(2))), None);
    }
}
