//! Dicts that wrap an answer, and records whose fields say what is what.

use avibench_python::LenientValue;

const WRAPPERS: [&str; 20] = [
    "answer",
    "answers",
    "final_answer",
    "result",
    "results",
    "output",
    "response",
    "prediction",
    "predictions",
    "bbox",
    "bboxes",
    "boxes",
    "frames",
    "instances",
    "detections",
    "indices",
    "matches",
    "counts",
    "option",
    "choice",
];

const TALK: [&str; 9] = [
    "reasoning",
    "reason",
    "explanation",
    "thought",
    "thoughts",
    "rationale",
    "analysis",
    "confidence",
    "description",
];

/// What a dict such as `{"reasoning": "...", "answer": [0, 3]}` is about; the value itself if it
/// wraps nothing.
pub(crate) fn unwrap(value: &LenientValue) -> &LenientValue {
    value.as_dict().and_then(wrapped).unwrap_or(value)
}

fn wrapped(entries: &[(LenientValue, LenientValue)]) -> Option<&LenientValue> {
    let mut inner = None;
    for (key, value) in entries {
        let key = key.as_text()?;
        let is_among = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(key));
        if is_among(&WRAPPERS) && inner.is_none() {
            inner = Some(value);
        } else if !is_among(&TALK) {
            return None;
        }
    }
    inner
}

/// The one field of a record that has one of these names; `None` also if several have.
pub(crate) fn field<'a>(
    record: &'a [(LenientValue, LenientValue)],
    names: &[&str],
) -> Option<&'a LenientValue> {
    let mut found = record.iter().filter(|(key, _)| {
        key.as_text().is_some_and(|key| names.iter().any(|name| name.eq_ignore_ascii_case(key)))
    });
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

/// Field names under which records name a category.
pub(crate) const NAME: [&str; 10] = [
    "category",
    "label",
    "name",
    "class",
    "object",
    "source",
    "instrument",
    "type",
    "instance",
    "sound",
];

/// Field names under which records hold a box with x before y. `box_2d` is not among them: those
/// who write it put y first.
pub(crate) const BOX: [&str; 7] =
    ["bbox", "box", "bbox_2d", "bounding_box", "boundingbox", "coordinates", "coords"];

/// Splits `[{"category": "dog", "count": 2}, {"cat": 3}]` into names and values.
pub(crate) fn pairs<'a>(
    value: &'a LenientValue,
    content: &[&str],
) -> Option<Vec<(&'a LenientValue, &'a LenientValue)>> {
    match value {
        LenientValue::Dict(entries) => {
            Some(entries.iter().map(|(key, value)| (key, value)).collect())
        }
        LenientValue::Sequence(records) if !records.is_empty() => {
            records.iter().map(|record| pair(record, content)).collect()
        }
        _ => None,
    }
}

fn pair<'a>(
    record: &'a LenientValue,
    content: &[&str],
) -> Option<(&'a LenientValue, &'a LenientValue)> {
    match record {
        LenientValue::Dict(fields) if fields.len() == 1 => Some((&fields[0].0, &fields[0].1)),
        LenientValue::Dict(fields) => Some((field(fields, &NAME)?, field(fields, content)?)),
        LenientValue::Sequence(items) => match items.as_slice() {
            [name @ LenientValue::Text(_), value] => Some((name, value)),
            _ => None,
        },
        _ => None,
    }
}
