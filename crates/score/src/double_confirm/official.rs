//! Double-confirm as the original applies it.

use std::collections::{HashMap, HashSet};

use avibench_protocol::{Family, Sample};

use crate::{MatchParts, Parts, ScoringRule, Verdict, VerdictOutcome};

/// Ids of the checks that do not count in a folder: where one check is void, every check of the same
/// id goes with it. The whole data.json is looked through, answered or not. Set match has no such
/// rule.
pub(crate) fn void_checks(samples: &[Sample]) -> HashSet<&str> {
    let void = samples
        .iter()
        .filter(|sample| sample.folder.family() == Family::FullMatch && sample.is_void());
    void.map(|sample| sample.id.as_str()).collect()
}

/// Takes checks out of the count; a wrong one turns the first formal record before it that was
/// scored under its id into a wrong one.
pub(crate) fn apply(samples: &[Sample], records: &mut [Verdict]) {
    let mut first_formal: HashMap<&str, usize> = HashMap::new();
    for (i, sample) in samples.iter().enumerate() {
        let id = sample.formal_id();
        if !sample.is_check() {
            if records[i].parts.is_some() {
                first_formal.entry(id).or_insert(i);
            }
            continue;
        }
        let failed = records[i].parts.take() == Some(Parts::Match(MatchParts { correct: false }));
        if let (true, Some(&formal)) = (failed, first_formal.get(id)) {
            let formal = &mut records[formal];
            if formal.outcome == VerdictOutcome::Right {
                formal.outcome = VerdictOutcome::Zeroed;
                formal.rule = ScoringRule::DoubleConfirm;
            }
            formal.parts = Some(Parts::Match(MatchParts { correct: false }));
        }
    }
}
