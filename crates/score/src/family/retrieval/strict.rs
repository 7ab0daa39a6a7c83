//! Retrieval: indices of the candidates that fit, the surest first.

use std::collections::HashSet;

use avibench_reading::{Reading, ReadingValue};

use super::RankingParts;
use super::official::{DISCOUNT, MOST_INDICES};
use crate::ScoringRule;
use crate::judgement::{Judgement, graded};

/// No hit.
pub(super) const NOTHING: RankingParts = RankingParts { hit_at_1: 0.0, hit_at_3: 0.0, f1: 0.0 };

/// Judges the indices that an answer names. One that says that nothing fits hits a label without
/// indices.
pub(super) fn judge(label: &[i64], reading: &Reading) -> Judgement {
    let Some(value) = reading.value() else {
        return Judgement::unread(reading, NOTHING);
    };
    let (rule, span) = (ScoringRule::Reading, reading.evidence.span.clone());
    let ReadingValue::Indices(indices) = value else {
        let parts = Some(NOTHING.into());
        return Judgement { outcome: graded(0.0, 1.0), parts, read: String::new(), rule, span };
    };
    let label: HashSet<i64> = label.iter().copied().collect();
    let fits = |index: &u64| i64::try_from(*index).is_ok_and(|index| label.contains(&index));
    let discount = if indices.len() > MOST_INDICES.max(label.len()) { DISCOUNT } else { 1.0 };
    let both_empty = indices.is_empty() && label.is_empty();
    let hit_within = |k: usize| {
        let hit = both_empty || indices.iter().take(k).any(fits);
        if hit { discount } else { 0.0 }
    };
    let hits = indices.iter().filter(|index| fits(index)).count();
    let f1 = match indices.len() + label.len() {
        0 => 1.0,
        both => 2.0 * hits as f64 / both as f64,
    };
    let f1 = f1 * discount;
    let parts = RankingParts { hit_at_1: hit_within(1), hit_at_3: hit_within(3), f1 };
    let read: Vec<String> = indices.iter().map(u64::to_string).collect();
    let read = format!("[{}]", read.join(", "));
    Judgement { outcome: graded(f1, 1.0), parts: Some(parts.into()), read, rule, span }
}
