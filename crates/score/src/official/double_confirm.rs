//! Double-confirm: whoever fails the simple check has not perceived what the hard question asks.

use std::collections::HashMap;

use avibench_protocol::Sample;

use crate::verdict::formal_id;
use crate::{Outcome, Parts, Rule, Verdict};

/// Takes checks out of the count; a wrong one turns the first formal record before it that was
/// scored under its id into a wrong one.
pub(super) fn apply(samples: &[Sample], records: &mut [Verdict]) {
    let mut first_formal: HashMap<&str, usize> = HashMap::new();
    for (i, sample) in samples.iter().enumerate() {
        let id = formal_id(sample);
        if !sample.is_check() {
            if records[i].parts.is_some() {
                first_formal.entry(id).or_insert(i);
            }
            continue;
        }
        let failed = records[i].parts.take() == Some(Parts::Match { correct: false });
        if let (true, Some(&formal)) = (failed, first_formal.get(id)) {
            let formal = &mut records[formal];
            if formal.outcome == Outcome::Right {
                formal.outcome = Outcome::Zeroed;
                formal.rule = Rule::DoubleConfirm;
            }
            formal.parts = Some(Parts::Match { correct: false });
        }
    }
}
