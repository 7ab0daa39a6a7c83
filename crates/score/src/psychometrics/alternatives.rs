//! The answers that a stimulus leaves possible.

use std::collections::BTreeSet;

use avibench_protocol::{Folder, Sample, Stimulus};

use super::PsychometricDefect;
use crate::cleaning::clean_and_squeeze;

/// Number of different answers that a stimulus leaves to a watcher who does not sense the
/// difference that its intensity grades; at least 2. `None` if the data set does not say.
///
/// # Errors
///
/// When data.json names something else than answers, fewer than two of them, or leaves out the
/// right one.
pub(super) fn alternatives(
    folder: Folder,
    sample: &Sample,
    stimulus: &Stimulus,
    truth: &str,
) -> Result<Option<usize>, PsychometricDefect> {
    let defect = |reason: String| PsychometricDefect {
        folder,
        kind: stimulus.kind.clone(),
        reason: format!("record {}, {reason}", sample.position),
    };
    let Some(listed) = stimulus.alternatives().map_err(|error| defect(error.to_string()))? else {
        return Ok(None);
    };
    let different: BTreeSet<Vec<String>> = listed.iter().map(|answer| pieces(answer)).collect();
    if different.len() < 2 {
        let count = different.len();
        return Err(defect(format!(
            "`stimulus.alternatives` names {count} answers, not two or more"
        )));
    }
    if !different.contains(&pieces(truth)) {
        let reason = format!("`stimulus.alternatives` does not name the right answer, {truth}");
        return Err(defect(reason));
    }
    Ok(Some(different.len()))
}

/// An answer as the set of its pieces, so that `cone;cube` is `cube;cone`.
fn pieces(answer: &str) -> Vec<String> {
    let mut pieces: Vec<String> = answer.split(';').map(clean_and_squeeze).collect();
    pieces.sort_unstable();
    pieces
}
