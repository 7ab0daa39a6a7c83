//! The columns of both files: the fields of a row in their order.

use avibench_answers::ProvenanceKind;

use crate::{Detail, SampleRow};

/// How a column is read from a row.
pub(crate) enum Column {
    Text(fn(&SampleRow) -> &str),
    MaybeText(fn(&SampleRow) -> Option<&str>),
    Integer(fn(&SampleRow) -> Option<u64>),
    Real(fn(&SampleRow) -> Option<f64>),
    Flag(fn(&SampleRow) -> Option<bool>),
}

use Column::{Flag, Integer, MaybeText, Real, Text};

/// How many of the last columns are texts, which slim rows lack.
const TEXTS: usize = 5;

/// The columns of rows of this detail.
pub(crate) fn columns(detail: Detail) -> &'static [(&'static str, Column)] {
    match detail {
        Detail::Full => &COLUMNS,
        Detail::Slim => &COLUMNS[..COLUMNS.len() - TEXTS],
    }
}

static COLUMNS: [(&str, Column); 51] = [
    ("label", Text(|row| &row.label)),
    ("mode", Text(|row| row.mode.name())),
    ("stage", Text(|row| row.stage.name())),
    ("task", Text(|row| row.task.name())),
    ("folder", Text(|row| row.folder.name())),
    ("position", Integer(|row| Some(row.position as u64))),
    ("id", Text(|row| &row.id)),
    ("cluster", Text(|row| &row.cluster)),
    ("subtask", MaybeText(|row| row.subtask.as_deref())),
    ("stimulus_kind", MaybeText(|row| row.stimulus_kind.as_deref())),
    ("intensity", Real(|row| row.intensity)),
    ("unit", MaybeText(|row| row.unit.as_deref())),
    ("is_check", Flag(|row| Some(row.is_check))),
    ("counted", Flag(|row| Some(row.counted))),
    ("outcome", Text(|row| row.outcome.name())),
    ("rule", Text(|row| row.rule.name())),
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
    ("provenance", MaybeText(|row| row.provenance.map(ProvenanceKind::name))),
    ("formatter", MaybeText(|row| row.formatter.as_deref())),
    ("finish_reason", MaybeText(|row| row.finish_reason.as_deref())),
    ("tokens_in", Integer(|row| row.usage.tokens_in)),
    ("tokens_out", Integer(|row| row.usage.tokens_out)),
    ("latency_ms", Real(|row| row.usage.latency_ms)),
    ("tries", Integer(|row| row.usage.tries)),
    ("program", Text(|row| &row.program)),
    ("question", MaybeText(|row| row.question.as_deref())),
    ("options", MaybeText(|row| row.options.as_deref())),
    ("truth", MaybeText(|row| row.truth.as_deref())),
    ("raw_answer", MaybeText(|row| row.raw_answer.as_deref())),
    ("refined_answer", MaybeText(|row| row.refined_answer.as_deref())),
];

impl Column {
    /// Whether a row has a value in this column.
    pub(crate) fn has_value(&self, row: &SampleRow) -> bool {
        match self {
            Text(_) => true,
            MaybeText(get) => get(row).is_some(),
            Integer(get) => get(row).is_some(),
            Real(get) => get(row).is_some(),
            Flag(get) => get(row).is_some(),
        }
    }

    /// Writes a row's value as JSON.
    pub(crate) fn write_json(&self, line: &mut Vec<u8>, row: &SampleRow) -> serde_json::Result<()> {
        match self {
            Text(get) => serde_json::to_writer(line, get(row)),
            MaybeText(get) => serde_json::to_writer(line, &get(row)),
            Integer(get) => serde_json::to_writer(line, &get(row)),
            Real(get) => serde_json::to_writer(line, &get(row)),
            Flag(get) => serde_json::to_writer(line, &get(row)),
        }
    }
}
