//! Records of data.json.

use avibench_protocol::{Folder, MediaPaths};
use serde_json::{Map, Value, json};

use super::plan::Planned;
use crate::kind::{Check, Made};

/// The prompt key that a folder's records name.
pub(super) fn prompt_key(folder: Folder) -> String {
    format!("prompt_{}", folder.name().to_lowercase())
}

/// A record as the benchmark lays it out.
pub(super) fn record(
    folder: Folder,
    id: &str,
    subtask: Option<&str>,
    question: (Option<&str>, Option<&str>),
    media: &MediaPaths,
    truth: &Value,
) -> Map<String, Value> {
    let (text, options) = question;
    let list = |paths: &[String]| if paths.is_empty() { Value::Null } else { json!(paths) };
    let value = json!({
        "id": id,
        "task": folder.name(),
        "subtask": subtask,
        "input": {
            "pre_question": null,
            "question": {"prompt": prompt_key(folder), "text": text, "options": options},
            "video": media.video,
            "audio_list": list(&media.audios),
            "image_list": list(&media.images),
        },
        "output": {"pre_answer": null, "question_answer": truth},
    });
    match value {
        Value::Object(record) => record,
        // The literal above is an object.
        _ => Map::new(),
    }
}

/// A formal question with what was varied in it.
pub(super) fn formal(planned: &Planned, made: &Made, media: &MediaPaths) -> Value {
    let subtask = planned.subtask;
    let mut record = record(
        subtask.folder,
        &planned.id(),
        Some(subtask.name),
        (Some(&made.question), subtask.options),
        media,
        &Value::String(planned.answer.clone()),
    );
    let mut stimulus = Map::new();
    stimulus.insert("kind".to_owned(), subtask.name.into());
    stimulus.insert("intensity".to_owned(), (libm::round(made.intensity * 1e6) / 1e6).into());
    stimulus.insert("unit".to_owned(), subtask.unit.into());
    let [hardest, .., easiest] = subtask.intensities;
    if hardest > easiest {
        stimulus.insert("easier".to_owned(), "lower".into());
    }
    if made.intensity == 0.0 {
        // Nothing to sense: such a record belongs on no psychometric curve.
        stimulus.insert("catch".to_owned(), true.into());
    }
    let alternatives = made.alternatives.clone().unwrap_or_else(|| subtask.answers.list());
    stimulus.insert("alternatives".to_owned(), alternatives.into());
    stimulus.extend(made.facts.clone());
    record.insert("stimulus".to_owned(), Value::Object(stimulus));
    Value::Object(record)
}

/// The check of a formal question.
pub(super) fn check(planned: &Planned, check: &Check, media: &MediaPaths) -> Value {
    Value::Object(record(
        planned.subtask.folder,
        &format!("pre_{}", planned.id()),
        Some(planned.subtask.name),
        (Some(check.text), check.options),
        media,
        &Value::String(check.answer.to_owned()),
    ))
}
