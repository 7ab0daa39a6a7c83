//! Double-confirm as the benchmark means it: every check counts, wherever it stands.

use crate::{MatchParts, Parts, ScoringRule, Verdict, VerdictOutcome};

/// Takes checks out of the count; a check that is wrong or missing makes every formal record of
/// its id wrong, wherever it stands. `clusters` is the number of ids.
pub(crate) fn apply(records: &mut [Verdict], clusters: usize) {
    let mut is_failed = vec![false; clusters];
    for check in records.iter_mut().filter(|record| record.is_check) {
        // Void checks have no parts.
        is_failed[check.cluster.0] |=
            check.parts.take() == Some(Parts::Match(MatchParts { correct: false }));
    }
    for record in records.iter_mut().filter(|record| is_failed[record.cluster.0]) {
        if record.parts == Some(Parts::Match(MatchParts { correct: true })) {
            record.parts = Some(Parts::Match(MatchParts { correct: false }));
            record.outcome = VerdictOutcome::Zeroed;
            record.rule = ScoringRule::DoubleConfirm;
        }
    }
}
