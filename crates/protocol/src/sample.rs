//! A sample: one question with its media and its ground truth.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Family, Folder, MediaPaths};

/// Place of a sample in its folder's data.json, from 0. It is the sample's identity: ids repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub usize);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One record of a data.json.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The folder it stands in.
    pub folder: Folder,
    /// Its place in the folder.
    pub position: Position,
    /// The medium's id; several samples may share it. Checks carry `pre_` before it.
    pub id: String,
    /// The `task` field as it stands, if it is there.
    pub task: Option<String>,
    /// Kind of question within the folder, if it is named.
    pub subtask: Option<String>,
    /// Pseudo key of the prompt.
    pub prompt: Option<String>,
    /// Pseudo key of the option list.
    pub options: Option<String>,
    /// The question's own text; `None` (null) makes a check void.
    pub text: Option<String>,
    /// Media paths.
    pub media: MediaPaths,
    /// The ground truth; `None` if it is null or absent.
    pub truth: Option<Truth>,
    /// What a generated stimulus is, if it was generated.
    pub stimulus: Option<Stimulus>,
}

/// Ground truth by metric family.
#[derive(Debug, Clone, PartialEq)]
pub enum Truth {
    /// Full match and set match: the text as it stands.
    Text(String),
    /// Categories in file order, each with its count as text.
    Counts(Vec<(String, String)>),
    /// 0-based indices of the fitting candidates, maybe none.
    Indices(Vec<i64>),
    /// Reference captions, at least one unless the file holds an empty array.
    References(Vec<String>),
    /// Instance boxes in file order, `[x, y, w, h]` in pixels. `None` if `bbox` is absent.
    Boxes {
        /// Key such as `tuba_1` and its box.
        boxes: Option<Vec<(String, [f64; 4])>>,
        /// Width and height of the picture in pixels. `None` if `original_wh` is absent.
        size: Option<[f64; 2]>,
    },
    /// One entry a frame in file order; `None` where the object is absent.
    FrameBoxes {
        /// Key such as `frame_0` and its box. `None` if `bbox` is absent.
        frames: Option<Vec<(String, Option<[f64; 4]>)>>,
        /// Width and height of the picture in pixels. `None` if `original_wh` is absent.
        size: Option<[f64; 2]>,
    },
}

/// What a generated stimulus varies; the original's readers ignore it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stimulus {
    /// Kind of stimulus, such as `volume`.
    pub kind: String,
    /// The physical quantity that makes the question easy or hard.
    pub intensity: f64,
    /// Unit of the intensity, such as `dB`.
    pub unit: String,
    /// Everything else that the generator wrote down.
    #[serde(flatten)]
    pub rest: serde_json::Map<String, Value>,
}

/// A record that is not what the protocol says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` should be {expected}, but is {found}")]
pub struct SampleError {
    /// Path of the field within the record, such as `output.question_answer.bbox.tuba_1`.
    pub field: String,
    /// What the protocol asks for.
    pub expected: &'static str,
    /// What stands there.
    pub found: String,
}

impl Sample {
    /// Reads the record at `position` of a folder's data.json.
    pub fn from_json(
        folder: Folder,
        position: Position,
        record: &Value,
    ) -> Result<Self, SampleError> {
        let record = Field::root(record);
        record.object()?;
        let input = record.get("input");
        input.object()?;
        let question = input.get("question");
        question.optional_object()?;
        let truth = record.get("output").get("question_answer");
        record.get("output").optional_object()?;
        Ok(Self {
            folder,
            position,
            id: record.get("id").string()?,
            task: record.get("task").optional_string()?,
            subtask: record.get("subtask").optional_string()?,
            prompt: question.get("prompt").optional_string()?,
            options: question.get("options").optional_string()?,
            text: question.get("text").optional_string()?,
            media: MediaPaths {
                images: input.get("image_list").strings_or_none()?,
                audios: input.get("audio_list").strings_or_none()?,
                video: input.get("video").optional_string()?,
            },
            truth: if truth.is_null() {
                None
            } else {
                Some(Truth::from_json(folder.family(), &truth)?)
            },
            stimulus: record
                .get("stimulus")
                .value
                .and_then(|value| serde_json::from_value(value.clone()).ok()),
        })
    }

    /// Whether this is a check (`pre_<id>`) of a sensation folder. Elsewhere a `pre_` is part of
    /// an ordinary id.
    #[must_use]
    pub fn is_check(&self) -> bool {
        self.folder.has_checks() && self.id.starts_with("pre_")
    }

    /// A check that the benchmark left without question or answer. It is never asked.
    #[must_use]
    pub fn is_void(&self) -> bool {
        self.is_check() && (self.text.is_none() || self.truth.is_none())
    }
}

impl Stimulus {
    /// Whether there is nothing to sense, as between two sounds that are equally loud: what is
    /// answered then shows how a model guesses, not how fine its sense is.
    #[must_use]
    pub fn is_catch(&self) -> bool {
        self.rest.get("catch").and_then(Value::as_bool).unwrap_or(false)
    }

    /// Whether less intensity makes the question easier, as with the speed of what is counted.
    #[must_use]
    pub fn is_easier_when_lower(&self) -> bool {
        self.rest.get("easier").and_then(Value::as_str) == Some("lower")
    }
}

impl Truth {
    fn from_json(family: Family, field: &Field<'_>) -> Result<Self, SampleError> {
        Ok(match family {
            Family::FullMatch | Family::SetMatch => Self::Text(field.string()?),
            Family::Instances => {
                let counts = field.entries()?;
                let counts = counts.iter().map(|(key, field)| Ok((key.clone(), field.count()?)));
                Self::Counts(counts.collect::<Result<_, _>>()?)
            }
            Family::Retrieval => {
                Self::Indices(field.items()?.iter().map(Field::index).collect::<Result<_, _>>()?)
            }
            Family::Caption => Self::References(match field.value {
                Some(Value::String(only)) => vec![only.clone()],
                _ => field.strings()?,
            }),
            Family::Boxes => {
                let bbox = field.get("bbox");
                let read = || {
                    let boxes = bbox.entries()?;
                    boxes
                        .iter()
                        .map(|(key, field)| Ok((key.clone(), field.numbers("[x, y, w, h]")?)))
                        .collect::<Result<_, _>>()
                };
                field.object()?;
                Self::Boxes {
                    boxes: if bbox.is_null() { None } else { Some(read()?) },
                    size: field.get("original_wh").optional_numbers("[width, height]")?,
                }
            }
            Family::FrameBoxes => {
                let bbox = field.get("bbox");
                let read = || {
                    let frames = bbox.entries()?;
                    frames
                        .iter()
                        .map(|(key, field)| {
                            Ok((key.clone(), field.optional_numbers("[x, y, w, h] or null")?))
                        })
                        .collect::<Result<_, _>>()
                };
                field.object()?;
                Self::FrameBoxes {
                    frames: if bbox.is_null() { None } else { Some(read()?) },
                    size: field.get("original_wh").optional_numbers("[width, height]")?,
                }
            }
        })
    }
}

/// A value together with the way to it, so that an error can name its place.
struct Field<'a> {
    path: String,
    value: Option<&'a Value>,
}

impl<'a> Field<'a> {
    fn root(value: &'a Value) -> Self {
        Self { path: String::new(), value: Some(value) }
    }

    fn get(&self, key: &str) -> Self {
        let path =
            if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Self { path, value: self.value.and_then(|value| value.get(key)) }
    }

    fn is_null(&self) -> bool {
        matches!(self.value, None | Some(Value::Null))
    }

    fn error(&self, expected: &'static str) -> SampleError {
        let found = match self.value {
            None => "absent".to_owned(),
            Some(Value::Null) => "null".to_owned(),
            Some(Value::Bool(_)) => "a boolean".to_owned(),
            Some(Value::Number(number)) => format!("the number {number}"),
            Some(Value::String(text)) => {
                format!("the string {:?}", text.chars().take(40).collect::<String>())
            }
            Some(Value::Array(items)) => format!("an array of {}", items.len()),
            Some(Value::Object(_)) => "an object".to_owned(),
        };
        let field = if self.path.is_empty() { "the record" } else { &self.path };
        SampleError { field: field.to_owned(), expected, found }
    }

    fn object(&self) -> Result<&'a serde_json::Map<String, Value>, SampleError> {
        self.value.and_then(Value::as_object).ok_or_else(|| self.error("an object"))
    }

    fn optional_object(&self) -> Result<(), SampleError> {
        if self.is_null() { Ok(()) } else { self.object().map(drop) }
    }

    fn entries(&self) -> Result<Vec<(String, Self)>, SampleError> {
        Ok(self.object()?.keys().map(|key| (key.clone(), self.get(key))).collect())
    }

    fn items(&self) -> Result<Vec<Self>, SampleError> {
        let items = self.value.and_then(Value::as_array).ok_or_else(|| self.error("an array"))?;
        Ok(items
            .iter()
            .enumerate()
            .map(|(i, value)| Field { path: format!("{}[{i}]", self.path), value: Some(value) })
            .collect())
    }

    fn string(&self) -> Result<String, SampleError> {
        self.value.and_then(Value::as_str).map(str::to_owned).ok_or_else(|| self.error("a string"))
    }

    fn optional_string(&self) -> Result<Option<String>, SampleError> {
        if self.is_null() {
            return Ok(None);
        }
        self.string().map(Some).map_err(|_| self.error("a string or null"))
    }

    fn strings(&self) -> Result<Vec<String>, SampleError> {
        self.items()?.iter().map(Self::string).collect()
    }

    fn strings_or_none(&self) -> Result<Vec<String>, SampleError> {
        if self.is_null() { Ok(Vec::new()) } else { self.strings() }
    }

    /// A count: text as the protocol has it, or the same as a JSON integer.
    fn count(&self) -> Result<String, SampleError> {
        match self.value {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) if number.is_i64() => Ok(number.to_string()),
            _ => Err(self.error("a count such as \"2\"")),
        }
    }

    fn index(&self) -> Result<i64, SampleError> {
        self.value.and_then(Value::as_i64).ok_or_else(|| self.error("an integer index"))
    }

    fn numbers<const N: usize>(&self, expected: &'static str) -> Result<[f64; N], SampleError> {
        let items = self.value.and_then(Value::as_array).ok_or_else(|| self.error(expected))?;
        let numbers: Option<Vec<f64>> = items.iter().map(Value::as_f64).collect();
        numbers
            .and_then(|numbers| <[f64; N]>::try_from(numbers).ok())
            .ok_or_else(|| self.error(expected))
    }

    fn optional_numbers<const N: usize>(
        &self,
        expected: &'static str,
    ) -> Result<Option<[f64; N]>, SampleError> {
        if self.is_null() { Ok(None) } else { self.numbers(expected).map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(folder: Folder, record: &Value) -> Result<Sample, SampleError> {
        Sample::from_json(folder, Position(3), record)
    }

    #[test]
    fn absent_and_null_fields_are_the_same() {
        let sparse = json!({"id": "1", "input": {"question": {"text": "?"}}});
        let full = json!({"id": "1", "subtask": null, "unknown": {"a": 1},
            "input": {"pre_question": null, "video": null, "audio_list": null, "image_list": null,
                "question": {"prompt": null, "options": null, "text": "?"}},
            "output": {"pre_answer": null, "question_answer": null}});
        let sparse = read(Folder::Avqa, &sparse).unwrap();
        assert_eq!(sparse, read(Folder::Avqa, &full).unwrap());
        assert_eq!(sparse.truth, None);
        assert!(!sparse.is_void(), "only checks can be void");
    }

    #[test]
    fn a_wrong_type_deep_inside_is_named() {
        let record = json!({"id": "1", "input": {"question": {"text": "?"}},
            "output": {"question_answer": {"bbox": {"tuba_1": [1, 2, "3", 4]}, "original_wh": [9, 9]}}});
        assert_eq!(
            read(Folder::Avl, &record).unwrap_err().to_string(),
            "`output.question_answer.bbox.tuba_1` should be [x, y, w, h], but is an array of 4"
        );
        let record = json!({"id": 7, "input": {}});
        assert_eq!(
            read(Folder::Avm, &record).unwrap_err().to_string(),
            "`id` should be a string, but is the number 7"
        );
        assert_eq!(
            read(Folder::Avm, &json!([])).unwrap_err().to_string(),
            "`the record` should be an object, but is an array of 0"
        );
    }

    #[test]
    fn a_stimulus_says_what_it_varies() {
        let record = json!({"id": "1", "input": {"question": {"text": "?"}},
            "stimulus": {"kind": "speed", "intensity": 0, "unit": "px", "easier": "lower",
                "catch": true, "colour": "red"}});
        let stimulus = read(Folder::VsqaV, &record).unwrap().stimulus.unwrap();
        assert!(stimulus.is_catch() && stimulus.is_easier_when_lower());
        assert_eq!(stimulus.rest["colour"], "red");
        let record = json!({"id": "1", "input": {"question": {"text": "?"}},
            "stimulus": {"kind": "volume", "intensity": 3.5, "unit": "dB"}});
        let stimulus = read(Folder::Asqa, &record).unwrap().stimulus.unwrap();
        assert!(!stimulus.is_catch() && !stimulus.is_easier_when_lower());
    }

    #[test]
    fn checks_belong_to_sensation() {
        let record = json!({"id": "pre_1", "input": {"question": {"text": null}},
            "output": {"question_answer": "yes"}});
        assert!(read(Folder::VsqaI, &record).unwrap().is_void());
        assert!(!read(Folder::Avm, &record).unwrap().is_check());
    }
}
