//! Retrieval: indices of the candidates that fit.

use std::collections::HashSet;

use avibench_python::{BigInt, Dict, Value, equal_int, is_digit, parse_int, set_order};

use super::RetrievalParts;
use crate::cleaning::clean;
use crate::judgement::{Judgement, graded, trimmed_span};
use crate::{Parts, ScoringRule, Verdict, WarningKind};

/// Answers with more indices than this are discounted.
pub(super) const MOST_INDICES: usize = 6;
pub(super) const DISCOUNT: f64 = 0.3;
/// The share of repeated index lists up to which they are free of charge.
const FREE_REPEATS: f64 = 0.8;

/// What fits, as a Python set.
pub(super) struct Fitting {
    indices: HashSet<BigInt>,
    /// Distinct elements, those that no index equals included.
    elements: usize,
}

impl Fitting {
    pub(super) fn new(label: &[i64]) -> Self {
        let indices: HashSet<BigInt> = label.iter().copied().map(BigInt::from).collect();
        Self { elements: indices.len(), indices }
    }

    /// A label that the protocol does not allow, such as text among the indices, which none of
    /// them equals; `None` if Python can make no set of it.
    pub(super) fn other(label: &Value) -> Option<Self> {
        let mut elements = Dict::default();
        let is_set = match label {
            Value::List(items) => {
                items.iter().all(|item| elements.insert(item.clone(), Value::None))
            }
            Value::Dict(dict) => dict.keys().all(|key| elements.insert(key.clone(), Value::None)),
            _ => false,
        };
        let indices = elements.keys().filter_map(equal_int).collect();
        is_set.then_some(Self { indices, elements: elements.len() })
    }
}

pub(super) fn judge(label: &Fitting, text: &str, warn: &mut dyn FnMut(WarningKind)) -> Judgement {
    let cleaned = clean(text).replace('\n', " ");
    let mut numbers = Vec::new();
    for piece in cleaned.split(' ').filter(|p| !p.is_empty() && p.chars().all(is_digit)) {
        match parse_int(piece) {
            Ok(number) => numbers.push(number),
            Err(_) => warn(WarningKind::NotIndex(piece.chars().take(40).collect())),
        }
    }
    numbers.sort_unstable();
    let indices = set_order(&numbers);
    let hit_within = |k: usize| indices.iter().take(k).any(|index| label.indices.contains(index));
    let hits = indices.iter().filter(|index| label.indices.contains(index)).count();
    let f1 = match (indices.len(), label.elements) {
        (0, 0) => 1.0,
        (named, fitting) => 2.0 * hits as f64 / (named + fitting) as f64,
    };
    let (hit_at_1, hit_at_3) = (hit_within(1), hit_within(3));
    let outcome = graded(f1, 1.0);
    let discount = if indices.len() > MOST_INDICES { DISCOUNT } else { 1.0 };
    let read: Vec<String> = indices.iter().map(BigInt::to_string).collect();
    let read = format!("[{}]", read.join(", "));
    let parts = RetrievalParts { hit_at_1, hit_at_3, f1, discount, indices };
    let (rule, span) = (ScoringRule::SetOfIndices, trimmed_span(text));
    Judgement { outcome, parts: Some(parts.into()), read, rule, span }
}

/// Factor on a folder's parts for answers that repeat each other, 0.8 to 1.
pub(super) fn diversity(records: &[Verdict]) -> f64 {
    let mut distinct = HashSet::new();
    let mut samples = 0;
    for record in records {
        if let Some(Parts::Retrieval(RetrievalParts { indices, .. })) = &record.parts {
            distinct.insert(indices.as_slice());
            samples += 1;
        }
    }
    repeat_factor(distinct.len(), samples)
}

/// The factor on official scores of a retrieval folder with so many samples that count and so many
/// distinct answers to them, 0.8 to 1.
#[must_use]
pub fn repeat_factor(distinct: usize, samples: usize) -> f64 {
    if samples == 0 {
        return 1.0;
    }
    let repeats = 1.0 - distinct as f64 / samples as f64;
    1.0 - (repeats.max(FREE_REPEATS) - FREE_REPEATS)
}
