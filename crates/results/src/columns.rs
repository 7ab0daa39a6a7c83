//! The columns of both files: the fields of a row in their order.

use std::borrow::Cow;

use avibench_answers::{Provenance, ProvenanceKind};
use avibench_reading::{Read, Reader, Reading, ReadingValue};
use avibench_score::{CaptionMeasure, Parts};

use crate::{Detail, Row};

/// How a column is read from a row.
pub(crate) enum Column {
    Text(for<'r> fn(&'r Row<'_>) -> Cow<'r, str>),
    MaybeText(for<'r> fn(&'r Row<'_>) -> Option<Cow<'r, str>>),
    Integer(fn(&Row<'_>) -> Option<u64>),
    Real(fn(&Row<'_>) -> Option<f64>),
    Flag(fn(&Row<'_>) -> Option<bool>),
    /// An object, which JSON Lines hold and Parquet does not.
    Object(for<'r> fn(&Row<'r>) -> Option<&'r Reading>),
    /// A part of that object, which Parquet holds as text and JSON Lines do not.
    Part(for<'r> fn(&'r Reading) -> Option<Cow<'r, str>>),
}

use CaptionMeasure::{Fense, StandIn};
use Column::{Flag, Integer, MaybeText, Object, Part, Real, Text};

/// How many of the last columns are texts, which slim rows lack.
const TEXTS: usize = 6;

/// The columns of rows of this detail that stand in JSON Lines.
pub(crate) fn json_columns(detail: Detail) -> Vec<&'static (&'static str, Column)> {
    columns(detail).iter().filter(|(_, column)| column.is_in_json_lines()).collect()
}

/// The columns of rows of this detail that stand in Parquet.
pub(crate) fn parquet_columns(detail: Detail) -> Vec<&'static (&'static str, Column)> {
    columns(detail).iter().filter(|(_, column)| column.is_in_parquet()).collect()
}

fn columns(detail: Detail) -> &'static [(&'static str, Column)] {
    match detail {
        Detail::Full => &COLUMNS,
        Detail::Slim => &COLUMNS[..COLUMNS.len() - TEXTS],
    }
}

static COLUMNS: [(&str, Column); 66] = [
    ("label", Text(|row| row.about.label.into())),
    ("mode", Text(|row| row.mode.name().into())),
    ("stage", Text(|row| row.folder.stage().name().into())),
    ("task", Text(|row| row.folder.task().name().into())),
    ("folder", Text(|row| row.folder.name().into())),
    ("position", Integer(|row| Some(row.verdict.position.0 as u64))),
    ("id", Text(|row| row.about.id.into())),
    ("cluster", Text(|row| format!("{}/{}", row.folder.name(), row.cluster).into())),
    ("subtask", MaybeText(|row| row.about.subtask.map(Cow::from))),
    ("stimulus_kind", MaybeText(|row| row.about.stimulus.map(|s| s.kind.as_str().into()))),
    ("intensity", Real(|row| row.about.stimulus.map(|stimulus| stimulus.intensity))),
    ("unit", MaybeText(|row| row.about.stimulus.map(|stimulus| stimulus.unit.as_str().into()))),
    ("is_check", Flag(|row| Some(row.verdict.is_check))),
    ("counted", Flag(|row| Some(row.verdict.parts.is_some()))),
    ("ask_outcome", MaybeText(|row| Some(row.about.ask_outcome?.key().into()))),
    ("outcome", Text(|row| row.verdict.outcome.name().into())),
    ("rule", Text(|row| row.verdict.rule.name().into())),
    ("score", Real(|row| row.parts().map(Parts::score))),
    ("correct", Flag(correct)),
    ("semantic", Real(semantic)),
    ("category_f1", Real(category_f1)),
    ("iou", Real(iou)),
    ("error", Real(error)),
    ("hit_at_1", Real(|row| Some(hits(row)?.0))),
    ("hit_at_3", Real(|row| Some(hits(row)?.1))),
    ("f1", Real(f1)),
    ("discount", Real(discount)),
    ("similarity", Real(|row| row.caption(Fense).map(|caption| caption.similarity))),
    ("fluency_error", Flag(|row| row.caption(Fense).map(|caption| caption.fluency_error))),
    ("fense", Real(|row| row.caption_rating(Fense))),
    ("p_add_tail", Real(|row| row.fluency(0))),
    ("p_repeat_event", Real(|row| row.fluency(1))),
    ("p_repeat_adv", Real(|row| row.fluency(2))),
    ("p_remove_conj", Real(|row| row.fluency(3))),
    ("p_remove_verb", Real(|row| row.fluency(4))),
    ("p_error", Real(|row| row.fluency(5))),
    ("stand_in_similarity", Real(|row| row.caption(StandIn).map(|caption| caption.similarity))),
    ("stand_in_fault", Flag(|row| row.caption(StandIn).map(|caption| caption.fluency_error))),
    ("stand_in", Real(|row| row.caption_rating(StandIn))),
    ("read", Text(|row| row.verdict.read.as_str().into())),
    ("span_start", Integer(|row| Some(row.verdict.span.as_ref()?.start as u64))),
    ("span_end", Integer(|row| Some(row.verdict.span.as_ref()?.end as u64))),
    ("reading", Object(|row| row.about.reading)),
    ("reading_kind", Part(|reading| Some(reading.value()?.kind().into()))),
    ("reading_value", Part(value_text)),
    ("reading_unread", Part(unread)),
    ("reading_by", Part(|reading| Some(reader(reading).0.into()))),
    ("reading_rule", Part(|reading| reader(reading).1)),
    ("provenance", MaybeText(|row| Some(provenance(row)?.name().into()))),
    ("formatter", MaybeText(|row| row.about.provenance?.formatter())),
    ("finish_reason", MaybeText(|row| row.about.finish_reason.map(Cow::from))),
    ("tokens_in", Integer(|row| row.about.usage?.tokens_in)),
    ("tokens_out", Integer(|row| row.about.usage?.tokens_out)),
    ("tokens_reasoning", Integer(|row| row.about.usage?.tokens_reasoning)),
    ("latency_ms", Real(|row| row.about.usage?.latency_ms)),
    ("tries", Integer(|row| row.about.usage?.tries)),
    ("model", MaybeText(|row| row.about.origin?.model.as_deref().map(Cow::from))),
    ("packing", MaybeText(|row| row.about.origin?.packing.as_deref().map(Cow::from))),
    ("prompt_pack", MaybeText(|row| row.about.origin?.prompt_pack.as_deref().map(Cow::from))),
    ("program", Text(|row| row.about.program.into())),
    ("question", MaybeText(|row| row.about.texts?.question.map(Cow::from))),
    ("options", MaybeText(|row| row.about.texts?.options.as_deref().map(Cow::from))),
    ("truth", MaybeText(|row| row.about.texts?.truth.as_deref().map(Cow::from))),
    ("raw_answer", MaybeText(|row| row.about.texts?.raw_answer.map(Cow::from))),
    ("refined_answer", MaybeText(|row| row.about.texts?.refined_answer.map(Cow::from))),
    ("reasoning", MaybeText(|row| row.about.texts?.reasoning.map(Cow::from))),
];

fn correct(row: &Row<'_>) -> Option<bool> {
    match row.parts()? {
        Parts::Match(parts) => Some(parts.correct),
        _ => None,
    }
}

fn semantic(row: &Row<'_>) -> Option<f64> {
    match row.parts()? {
        Parts::Instances(parts) => Some(parts.semantic),
        _ => None,
    }
}

fn category_f1(row: &Row<'_>) -> Option<f64> {
    match row.parts()? {
        Parts::Boxes(parts) => Some(parts.category_f1),
        _ => None,
    }
}

fn iou(row: &Row<'_>) -> Option<f64> {
    match row.parts()? {
        Parts::Boxes(parts) => Some(parts.iou),
        Parts::Frames(parts) => Some(parts.iou),
        _ => None,
    }
}

fn error(row: &Row<'_>) -> Option<f64> {
    match row.parts()? {
        Parts::Instances(parts) => parts.error,
        Parts::Boxes(parts) => Some(parts.error),
        _ => None,
    }
}

/// Whether the first index is right, and one of the first three.
fn hits(row: &Row<'_>) -> Option<(f64, f64)> {
    let share = |hit: bool| f64::from(u8::from(hit));
    match row.parts()? {
        Parts::Retrieval(parts) => Some((share(parts.hit_at_1), share(parts.hit_at_3))),
        Parts::Ranking(parts) => Some((parts.hit_at_1, parts.hit_at_3)),
        _ => None,
    }
}

fn f1(row: &Row<'_>) -> Option<f64> {
    match row.parts()? {
        Parts::Retrieval(parts) => Some(parts.f1),
        Parts::Ranking(parts) => Some(parts.f1),
        _ => None,
    }
}

fn discount(row: &Row<'_>) -> Option<f64> {
    match row.parts()? {
        Parts::Retrieval(parts) => Some(parts.discount),
        _ => None,
    }
}

fn provenance(row: &Row<'_>) -> Option<ProvenanceKind> {
    row.about.provenance.map(Provenance::kind)
}

/// Its value as text: an option, number or caption itself, JSON where it is no text.
fn value_text(reading: &Reading) -> Option<Cow<'_, str>> {
    reading.value().map(ReadingValue::text)
}

fn unread(reading: &Reading) -> Option<Cow<'_, str>> {
    match &reading.read {
        Read::Unread(reason) => Some(reason.name().into()),
        Read::Value(_) => None,
    }
}

/// Who read it, and by which rule or which model.
fn reader(reading: &Reading) -> (&'static str, Option<Cow<'_, str>>) {
    match &reading.evidence.reader {
        Reader::Rules { rule, .. } => ("rules", Some(rule.name().into())),
        Reader::Model { model, .. } => ("model", Some(model.into())),
    }
}

impl Column {
    /// Whether the column stands in JSON Lines.
    const fn is_in_json_lines(&self) -> bool {
        !matches!(self, Part(_))
    }

    /// Whether the column stands in Parquet.
    const fn is_in_parquet(&self) -> bool {
        !matches!(self, Object(_))
    }

    /// Whether a row has a value in this column.
    pub(crate) fn has_value(&self, row: &Row<'_>) -> bool {
        match self {
            Text(_) => true,
            MaybeText(get) => get(row).is_some(),
            Integer(get) => get(row).is_some(),
            Real(get) => get(row).is_some(),
            Flag(get) => get(row).is_some(),
            Object(get) => get(row).is_some(),
            Part(get) => row.about.reading.and_then(get).is_some(),
        }
    }

    /// Writes a row's value as JSON.
    pub(crate) fn write_json(&self, line: &mut Vec<u8>, row: &Row<'_>) -> serde_json::Result<()> {
        match self {
            Text(get) => serde_json::to_writer(line, &get(row)),
            MaybeText(get) => write_maybe(line, get(row).as_ref()),
            Integer(get) => write_maybe(line, get(row).as_ref()),
            Real(get) => write_maybe(line, get(row).as_ref()),
            Flag(get) => write_maybe(line, get(row).as_ref()),
            Object(get) => write_maybe(line, get(row)),
            Part(get) => write_maybe(line, row.about.reading.and_then(get).as_ref()),
        }
    }
}

/// Most columns of a row are null.
fn write_maybe(
    line: &mut Vec<u8>,
    value: Option<&impl serde::Serialize>,
) -> serde_json::Result<()> {
    if let Some(value) = value {
        return serde_json::to_writer(line, value);
    }
    line.extend_from_slice(b"null");
    Ok(())
}
