//! How a reading stands in journals and rows:
//! `{"kind": "option", "value": "yes", "by": "rules", "version": 2, "rule": "opening", "span": [0, 3]}`
//! or `{"unread": "refused", "by": "rules", ...}`.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::{
    Boxes, Convention, Corners, Count, Counts, Evidence, FrameBox, NamedBox, Read, Reader, Reading,
    ReadingRule, Unread, Value,
};

#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Json>,
    /// Administrative keys of counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    aside: Option<Json>,
    /// How boxes are written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    convention: Option<Convention>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unread: Option<Unread>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bare: Option<String>,
    by: By,
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<ReadingRule>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    span: Option<(usize, usize)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    seen: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Rules,
    Model,
}

impl Serialize for Reading {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Reading {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        Self::try_from(wire).map_err(serde::de::Error::custom)
    }
}

impl From<&Reading> for Wire {
    fn from(reading: &Reading) -> Self {
        let (by, version, rule, model) = match &reading.evidence.reader {
            Reader::Rules { version, rule } => (By::Rules, *version, Some(*rule), None),
            Reader::Model { model, version } => (By::Model, *version, None, Some(model.clone())),
        };
        let (mut aside, mut convention) = (None, None);
        let (kind, value, unread) = match &reading.read {
            // The value is there, and null: a reader that looks for nothing else finds none.
            Read::Unread(reason) => (None, Some(Json::Null), Some(*reason)),
            Read::Value(value) => (Some(value.kind().to_owned()), Some(json_of(value)), None),
        };
        match reading.value() {
            Some(Value::Counts(counts)) if !counts.administrative.is_empty() => {
                aside = Some(json_of_counts(&counts.administrative));
            }
            Some(Value::Boxes(boxes)) => convention = Some(boxes.convention),
            Some(Value::Frames(_, of_frames)) => convention = Some(*of_frames),
            _ => {}
        }
        Self {
            kind,
            value,
            aside,
            convention: convention.filter(|found| *found != Convention::default()),
            unread,
            bare: reading.bare.clone(),
            by,
            version,
            rule,
            model,
            span: reading.evidence.span.as_ref().map(|span| (span.start, span.end)),
            seen: reading.evidence.seen.clone(),
        }
    }
}

impl TryFrom<Wire> for Reading {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        let reader = match wire.by {
            By::Rules => Reader::Rules {
                version: wire.version,
                rule: wire.rule.ok_or("a reading by rules names no rule")?,
            },
            By::Model => Reader::Model {
                version: wire.version,
                model: wire.model.ok_or("a reading by a model does not name the model")?,
            },
        };
        let read = match (wire.kind, wire.value, wire.unread) {
            (None, None, Some(reason)) => Read::Unread(reason),
            (Some(kind), Some(value), None) => {
                let aside = wire.aside.unwrap_or(Json::Null);
                let convention = wire.convention.unwrap_or_default();
                Read::Value(
                    value_of(&kind, value, &aside, convention)
                        .ok_or("the value of a reading does not fit its kind")?,
                )
            }
            _ => return Err("a reading has either a kind and a value, or is unread"),
        };
        let span: Option<Range<usize>> = wire.span.map(|(start, end)| start..end);
        let evidence = Evidence { reader, span, seen: wire.seen };
        Ok(Self { read, bare: wire.bare, evidence })
    }
}

/// A value as journals hold it.
pub(crate) fn json_of(value: &Value) -> Json {
    match value {
        Value::Option(text) | Value::Number(text) | Value::Caption(text) => json!(text),
        Value::Set(options) => json!(options),
        Value::Indices(indices) => json!(indices),
        Value::Counts(counts) => json_of_counts(&counts.named),
        Value::Boxes(boxes) => Json::Object(
            boxes.boxes.iter().map(|found| (found.name.clone(), json!(found.numbers))).collect(),
        ),
        Value::Frames(frames, _) => Json::Object(
            frames
                .iter()
                .map(|(frame, found)| {
                    let value = match found {
                        FrameBox::Absent => Json::Null,
                        FrameBox::Box(numbers) => json!(numbers),
                        FrameBox::Unreadable => json!([]),
                    };
                    (format!("frame_{frame}"), value)
                })
                .collect(),
        ),
    }
}

fn json_of_counts(counts: &[(String, Count)]) -> Json {
    let of = |count: &Count| match count {
        Count::Whole(count) => json!(count),
        Count::Unclear => Json::Null,
    };
    Json::Object(counts.iter().map(|(name, count)| (name.clone(), of(count))).collect())
}

fn value_of(kind: &str, value: Json, aside: &Json, convention: Convention) -> Option<Value> {
    let text = |value: Json| match value {
        Json::String(text) => Some(text),
        _ => None,
    };
    Some(match kind {
        "option" => Value::Option(text(value)?),
        "number" => Value::Number(text(value)?),
        "caption" => Value::Caption(text(value)?),
        "set" => Value::Set(serde_json::from_value(value).ok()?),
        "indices" => Value::Indices(serde_json::from_value(value).ok()?),
        "counts" => Value::Counts(Counts {
            named: counts_of(value.as_object()?)?,
            administrative: match aside {
                Json::Object(aside) => counts_of(aside)?,
                _ => Vec::new(),
            },
        }),
        "boxes" => {
            let boxes = value.as_object()?.iter().map(|(name, numbers)| {
                let numbers = match numbers {
                    Json::Null => None,
                    numbers => Some(four(numbers)?),
                };
                Some(NamedBox { name: name.clone(), numbers })
            });
            Value::Boxes(Boxes { boxes: boxes.collect::<Option<_>>()?, convention })
        }
        "frames" => {
            let frames = value.as_object()?.iter().map(|(key, found)| {
                let frame = key.strip_prefix("frame_")?.parse().ok()?;
                let found = match found {
                    Json::Null => FrameBox::Absent,
                    Json::Array(numbers) if numbers.is_empty() => FrameBox::Unreadable,
                    numbers => FrameBox::Box(four(numbers)?),
                };
                Some((frame, found))
            });
            Value::Frames(frames.collect::<Option<BTreeMap<_, _>>>()?, convention)
        }
        _ => return None,
    })
}

fn counts_of(counts: &Map<String, Json>) -> Option<Vec<(String, Count)>> {
    let counts = counts.iter().map(|(name, count)| {
        let count = match count {
            Json::Null => Count::Unclear,
            count => Count::Whole(count.as_u64()?),
        };
        Some((name.clone(), count))
    });
    counts.collect()
}

fn four(numbers: &Json) -> Option<Corners> {
    serde_json::from_value(numbers.clone()).ok()
}
