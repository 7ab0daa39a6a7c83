//! Instances: categories with counts, and how far off the counts are.

use std::collections::HashMap;

use avibench_protocol::{Folder, Sample};
use avibench_python::{BigInt, Value, parse_int, to_float};
use avibench_reading::{Count, Counts, Reading, ReadingValue, folded_name};

use super::InstancesParts;
use super::official::{ABSENT_HEARD, ABSENT_SEEN, MANY_SEEN};
use crate::judgement::{Judgement, excerpt};
use crate::strict_readings::question_of;
use crate::{ScoringRule, VerdictOutcome, WarningKind};

/// What is to be counted.
pub(crate) struct LabelledCounts {
    /// Categories, folded as those of answers are, and their counts; none of them is 0.
    label: Vec<(String, BigInt)>,
    is_seen: bool,
}

impl LabelledCounts {
    pub(super) fn new(sample: &Sample, label: &[(String, String)]) -> Result<Self, WarningKind> {
        let question = question_of(sample);
        let mut counts: Vec<(String, BigInt)> = Vec::new();
        for (name, count) in label {
            let count = parse_int(count)
                .map_err(|_| WarningKind::NotCounted("holds a count that is no integer"))?;
            let name = folded_name(&question, name);
            match counts.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = &*known + &count,
                None => counts.push((name, count)),
            }
        }
        // An answer that counts nothing of a kind says the same as one that does not name it.
        counts.retain(|(_, count)| *count != BigInt::from(0));
        Ok(Self { label: counts, is_seen: sample.folder == Folder::Vmic })
    }

    /// What a category that is not counted costs, and the most that a count can.
    fn absence(&self) -> f64 {
        if self.is_seen { ABSENT_SEEN } else { ABSENT_HEARD }
    }

    /// Every instance missed.
    pub(super) fn nothing(&self) -> InstancesParts {
        InstancesParts { semantic: 0.0, error: Some(self.absence()) }
    }

    /// Judges what an answer counts. Administrative keys count only where the label has them.
    pub(super) fn judge(&self, reading: &Reading) -> Judgement {
        let Some(value) = reading.value() else {
            return Judgement::unread(reading, self.nothing());
        };
        let nothing = Counts::default();
        let counts = if let ReadingValue::Counts(counts) = value { counts } else { &nothing };
        let is_labelled = |name: &str| self.label.iter().any(|(known, _)| known == name);
        let aside = counts.administrative.iter().filter(|(name, _)| is_labelled(name));
        let named: HashMap<&str, Count> =
            counts.named.iter().chain(aside).map(|(name, count)| (name.as_str(), *count)).collect();
        let hits = self.label.iter().filter(|(name, _)| named.contains_key(name.as_str())).count();
        let semantic = match (self.label.len(), named.len()) {
            (0, 0) => 1.0,
            (there, named) => 2.0 * hits as f64 / (there + named) as f64,
        };
        let errors = self.label.iter().map(|(name, count)| match named.get(name.as_str()) {
            Some(Count::Whole(read)) => self.count_error(*read, count),
            Some(Count::Unclear) | None => self.absence(),
        });
        let error = errors.sum::<f64>() / self.label.len().max(1) as f64;
        let outcome = match semantic {
            1.0 if error == 0.0 => VerdictOutcome::Right,
            0.0 => VerdictOutcome::Wrong,
            _ => VerdictOutcome::Partly,
        };
        let parts = Some(InstancesParts { semantic, error: Some(error) }.into());
        let (rule, span) = (ScoringRule::Reading, reading.evidence.span.clone());
        Judgement { outcome, parts, read: excerpt(&written(counts)), rule, span }
    }

    fn count_error(&self, read: u64, count: &BigInt) -> f64 {
        let (read, many) = (BigInt::from(read), BigInt::from(MANY_SEEN));
        if self.is_seen && read >= many && *count >= many {
            return 0.0;
        }
        // Beyond the largest float the error is at its most anyway.
        let distance = to_float(&Value::Int(read - count)).unwrap_or(f64::INFINITY);
        distance.abs().min(self.absence())
    }
}

/// Counts as JSON; a count that is not clear is null.
fn written(counts: &Counts) -> String {
    let entry = |(name, count): &(String, Count)| match count {
        Count::Whole(count) => format!("{}: {count}", crate::judgement::quoted(name)),
        Count::Unclear => format!("{}: null", crate::judgement::quoted(name)),
    };
    let entries: Vec<String> = counts.named.iter().map(entry).collect();
    format!("{{{}}}", entries.join(", "))
}
