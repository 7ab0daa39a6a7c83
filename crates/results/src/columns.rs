//! The columns of the Parquet file: the fields of a row in their order.

use crate::SampleRow;

/// How a column is read from a row.
pub(crate) enum Column {
    Text(fn(&SampleRow) -> &str),
    Integer(fn(&SampleRow) -> Option<u64>),
    Real(fn(&SampleRow) -> Option<f64>),
    Flag(fn(&SampleRow) -> Option<bool>),
}

use Column::{Flag, Integer, Real, Text};

/// Names are those of the JSON Lines file.
pub(crate) const COLUMNS: [(&str, Column); 36] = [
    ("mode", Text(|row| row.mode.name())),
    ("task", Text(|row| row.task.name())),
    ("folder", Text(|row| row.folder.name())),
    ("position", Integer(|row| Some(row.position as u64))),
    ("id", Text(|row| &row.id)),
    ("cluster", Text(|row| &row.cluster)),
    ("is_check", Flag(|row| Some(row.is_check))),
    ("counted", Flag(|row| Some(row.counted))),
    ("outcome", Text(|row| &row.outcome)),
    ("rule", Text(|row| &row.rule)),
    ("score", Real(|row| row.score)),
    ("correct", Flag(|row| row.correct)),
    ("semantic", Real(|row| row.semantic)),
    ("category_f1", Real(|row| row.category_f1)),
    ("iou", Real(|row| row.iou)),
    ("error", Real(|row| row.error)),
    ("hit_at_1", Real(|row| row.hit_at_1)),
    ("hit_at_3", Real(|row| row.hit_at_3)),
    ("f1", Real(|row| row.f1)),
    ("discount", Real(|row| row.discount)),
    ("similarity", Real(|row| row.similarity)),
    ("fluency_error", Flag(|row| row.fluency_error)),
    ("fense", Real(|row| row.fense)),
    ("p_add_tail", Real(|row| row.p_add_tail)),
    ("p_repeat_event", Real(|row| row.p_repeat_event)),
    ("p_repeat_adv", Real(|row| row.p_repeat_adv)),
    ("p_remove_conj", Real(|row| row.p_remove_conj)),
    ("p_remove_verb", Real(|row| row.p_remove_verb)),
    ("p_error", Real(|row| row.p_error)),
    ("read", Text(|row| &row.read)),
    ("span_start", Integer(|row| row.span_start)),
    ("span_end", Integer(|row| row.span_end)),
    ("tokens_in", Integer(|row| row.usage.tokens_in)),
    ("tokens_out", Integer(|row| row.usage.tokens_out)),
    ("latency_ms", Real(|row| row.usage.latency_ms)),
    ("tries", Integer(|row| row.usage.tries)),
];
