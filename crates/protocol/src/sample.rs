//! A sample: one question with its media and its ground truth.

use std::fmt;

use avibench_python::{Json, Value, from_python, json_of_serde, to_str};
use serde::{Deserialize, Serialize};

use crate::field::{Field, written};
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

/// One record of a data.json, read as the original reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The folder it stands in.
    pub folder: Folder,
    /// Its place in the folder.
    pub position: Position,
    /// The medium's id, whatever its type, as Python's `str` writes it; several samples may share
    /// it. Checks carry `pre_` before it.
    pub id: String,
    /// The `task` field as Python's `str` writes it; `None` if it is null or absent.
    pub task: Option<String>,
    /// Kind of question within the folder, if it is named.
    pub subtask: Option<String>,
    /// Pseudo key of the prompt, normally text; `None` if it is null or absent.
    pub prompt: Option<Value>,
    /// Pseudo key of the option list, normally text; `None` if it is null or absent.
    pub options: Option<Value>,
    /// The question's own text as Python's `str` writes it; `None` if it is null or absent, which
    /// makes a check void.
    pub text: Option<String>,
    /// Whether the question has no `text` at all: then it cannot be asked, while null is asked as
    /// `None`.
    pub lacks_text: bool,
    /// Media paths.
    pub media: MediaPaths,
    /// The ground truth; `None` if it is null or absent.
    pub truth: Option<Truth>,
    /// What a generated stimulus is, if it was generated.
    pub stimulus: Option<Stimulus>,
    /// Why there is no stimulus although the record describes one.
    pub stimulus_defect: Option<SampleError>,
    /// Why the sample cannot be asked, in whatever words. Scoring minds only the ground truth.
    pub defect: Option<SampleError>,
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
    /// Not what the protocol says. Official scoring does with it what the original would; strict
    /// scoring cannot count the sample.
    Other {
        /// As data.json has it.
        value: Value,
        /// What is wrong with it.
        error: SampleError,
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
    pub rest: serde_json::Map<String, serde_json::Value>,
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

impl SampleError {
    /// A prompt key that is no text.
    #[must_use]
    pub fn prompt_key(key: &Value) -> Self {
        Self::new("input.question.prompt", "a string or null", Some(key))
    }

    /// A question without text.
    #[must_use]
    pub fn no_text() -> Self {
        Self::new("input.question.text", "a string", None)
    }

    /// A `task` that is not the folder's.
    #[must_use]
    pub fn other_task(task: Option<&str>) -> Self {
        Self::new("task", "the name of the folder", task.map(Value::from).as_ref())
    }

    /// An option key that is no text.
    #[must_use]
    pub fn options_key(key: &Value) -> Self {
        Self::new("input.question.options", "a string or null", Some(key))
    }

    pub(crate) fn new(field: &str, expected: &'static str, found: Option<&Value>) -> Self {
        let found = match found {
            None => "absent".to_owned(),
            Some(value @ (Value::Int(_) | Value::Float(_))) => {
                format!("the number {}", to_str(value))
            }
            Some(Value::Str(text)) => {
                format!("the string {:?}", text.chars().take(40).collect::<String>())
            }
            Some(Value::List(items)) => format!("an array of {}", items.len()),
            Some(Value::Bool(_)) => "a boolean".to_owned(),
            Some(Value::Dict(_)) => "an object".to_owned(),
            // JSON has no other types.
            Some(_) => "null".to_owned(),
        };
        Self { field: field.to_owned(), expected, found }
    }
}

impl Sample {
    /// Reads a record that is to be as the protocol says.
    ///
    /// # Errors
    /// The first field that is not.
    pub fn from_json(
        folder: Folder,
        position: Position,
        record: &serde_json::Value,
    ) -> Result<Self, SampleError> {
        let sample = Self::read(folder, position, &json_of_serde(record));
        match (&sample.defect, &sample.truth) {
            (Some(error), _) | (None, Some(Truth::Other { error, .. })) => Err(error.clone()),
            _ => Ok(sample),
        }
    }

    /// Reads the record at `position` of a folder's data.json. What the original puts through
    /// `str`, `int` or arithmetic may be of any type that these take; what it could not use either
    /// is named in [`Sample::defect`] or [`Truth::Other`] and costs only this sample.
    #[must_use]
    pub fn read(folder: Folder, position: Position, record: &Json<'_>) -> Self {
        let record = Field::root(record);
        let input = record.get("input");
        let question = input.get("question");
        let output = record.get("output");
        let truth = output.get("question_answer");
        let text = question.get("text");
        let media = || {
            Ok(MediaPaths {
                images: input.get("image_list").strings_or_none()?,
                audios: input.get("audio_list").strings_or_none()?,
                video: input.get("video").optional_string()?,
            })
        };
        let media = record
            .object()
            .and_then(|_| input.object())
            .and_then(|_| question.optional_object())
            .and_then(|()| media());
        let stimulus = record.get("stimulus");
        let (stimulus, stimulus_defect) = match Stimulus::read(&stimulus) {
            Ok(stimulus) => (stimulus, None),
            Err(defect) => (None, Some(defect)),
        };
        let (media, defect) = match media {
            Ok(media) => (media, None),
            Err(defect) => (MediaPaths::default(), Some(defect)),
        };
        Self {
            folder,
            position,
            id: record.get("id").value.map_or_else(|| to_str(&Value::None), written),
            task: record.get("task").written(),
            subtask: record.get("subtask").written(),
            prompt: question.get("prompt").present(),
            options: question.get("options").present(),
            text: text.written(),
            lacks_text: text.value.is_none(),
            media,
            truth: match record.object() {
                Err(error) => Some(Truth::Other { value: Value::None, error }),
                Ok(_) if truth.is_null() => None,
                Ok(_) => Some(Truth::read(folder.family(), &truth)),
            },
            stimulus,
            stimulus_defect,
            defect,
        }
    }

    /// The pseudo key of the option list, if it is text.
    #[must_use]
    pub fn options_key(&self) -> Option<&str> {
        self.options.as_ref().and_then(Value::as_str)
    }

    /// Whether this is a check (`pre_<id>`) of a folder that double-confirms. Elsewhere a `pre_` is
    /// part of an ordinary id.
    #[must_use]
    pub fn is_check(&self) -> bool {
        self.folder.double_confirms() && self.id.starts_with("pre_")
    }

    /// The id that a check shares with its formal question: without the `pre_` of checks.
    #[must_use]
    pub fn formal_id(&self) -> &str {
        let formal = if self.is_check() { self.id.strip_prefix("pre_") } else { None };
        formal.unwrap_or(&self.id)
    }

    /// Width and height of the picture in pixels, where the ground truth names them.
    #[must_use]
    pub const fn picture_size(&self) -> Option<[f64; 2]> {
        match &self.truth {
            Some(Truth::Boxes { size, .. } | Truth::FrameBoxes { size, .. }) => *size,
            _ => None,
        }
    }

    /// A check that the benchmark left without question or answer. It is never asked.
    #[must_use]
    pub fn is_void(&self) -> bool {
        self.is_check() && (self.text.is_none() || self.truth.is_none())
    }
}

impl Stimulus {
    /// Reads the description of a stimulus; `None` if it is null or absent.
    fn read(field: &Field<'_>) -> Result<Option<Self>, SampleError> {
        if field.is_null() {
            return Ok(None);
        }
        let intensity = field.get("intensity");
        let number = intensity.value.and_then(|value| from_python(value).as_f64());
        let is_rest = |key: &str| !matches!(key, "kind" | "intensity" | "unit");
        let rest = field.object()?.iter().filter(|(key, _)| is_rest(key));
        Ok(Some(Self {
            kind: field.get("kind").string()?,
            intensity: number.ok_or_else(|| intensity.error("a number"))?,
            unit: field.get("unit").string()?,
            rest: rest.map(|(key, value)| (key.to_string(), from_python(value))).collect(),
        }))
    }

    /// Whether there is nothing to sense, as between two sounds that are equally loud: what is
    /// answered then shows how a model guesses, not how fine its sense is.
    #[must_use]
    pub fn is_catch(&self) -> bool {
        self.rest.get("catch").and_then(serde_json::Value::as_bool).unwrap_or(false)
    }

    /// Whether less intensity makes the question easier, as with the speed of what is counted.
    #[must_use]
    pub fn is_easier_when_lower(&self) -> bool {
        self.rest.get("easier").and_then(serde_json::Value::as_str) == Some("lower")
    }

    /// The answers that remain possible to a watcher who senses everything but the difference that
    /// the intensity grades: three names where three figures stand in a row, though the option list
    /// holds five. `None` if the set does not say, as sets of generators before 0.2.0.
    ///
    /// # Errors
    ///
    /// When the field holds something else than a list of strings.
    pub fn alternatives(&self) -> Result<Option<Vec<String>>, SampleError> {
        let Some(found) = self.rest.get("alternatives").filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let listed = found.as_array().and_then(|values| values.iter().map(text).collect());
        listed.map(Some).ok_or_else(|| SampleError {
            field: "stimulus.alternatives".to_owned(),
            expected: "a list of strings",
            found: found.to_string(),
        })
    }
}

impl Truth {
    fn read(family: Family, field: &Field<'_>) -> Self {
        Self::of_protocol(family, field).unwrap_or_else(|error| Self::Other {
            value: field.value.map_or(Value::None, Json::to_value),
            error,
        })
    }

    fn of_protocol(family: Family, field: &Field<'_>) -> Result<Self, SampleError> {
        Ok(match family {
            Family::FullMatch | Family::SetMatch => {
                Self::Text(field.written().ok_or_else(|| field.error("a label"))?)
            }
            Family::Instances => {
                let counts = field.entries()?;
                let counts =
                    counts.iter().map(|(key, field)| Ok(((*key).to_owned(), field.count()?)));
                Self::Counts(counts.collect::<Result<_, _>>()?)
            }
            Family::Retrieval => {
                Self::Indices(field.items()?.iter().map(Field::index).collect::<Result<_, _>>()?)
            }
            Family::Caption => Self::References(match field.value {
                Some(Json::Str(only)) => vec![only.clone().into_owned()],
                // Null references are skipped as empty ones are.
                _ => field
                    .items()?
                    .iter()
                    .filter(|item| !item.is_null())
                    .map(Field::string)
                    .collect::<Result<_, _>>()?,
            }),
            Family::Boxes => {
                let bbox = field.get("bbox");
                let read = || {
                    let boxes = bbox.entries()?;
                    boxes
                        .iter()
                        .map(|(key, field)| Ok(((*key).to_owned(), field.numbers("[x, y, w, h]")?)))
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
                            let numbers = field.optional_numbers("[x, y, w, h] or null")?;
                            Ok(((*key).to_owned(), numbers))
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(folder: Folder, record: &serde_json::Value) -> Result<Sample, SampleError> {
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
        assert_eq!(
            read(Folder::Avm, &json!([])).unwrap_err().to_string(),
            "`the record` should be an object, but is an array of 0"
        );
    }

    /// Python writes, counts and calculates with more types than the protocol names.
    #[test]
    fn other_types_are_read_as_python_reads_them() {
        let read = |folder: Folder, truth: serde_json::Value| {
            let record = json!({"id": 7, "subtask": 1.5, "output": {"question_answer": truth},
                "input": {"question": {"text": true, "prompt": 3, "options": ["a"]}}});
            read(folder, &record).map(|sample| {
                assert_eq!((sample.id.as_str(), sample.subtask.as_deref()), ("7", Some("1.5")));
                assert_eq!(sample.text.as_deref(), Some("True"));
                assert_eq!(sample.prompt, Some(Value::from(3)));
                sample.truth.unwrap()
            })
        };
        for (label, text) in [
            (json!(4), "4"),
            (json!(4.0), "4.0"),
            (json!(false), "False"),
            (json!(["a", null]), "['a', None]"),
            (json!({"a": 1}), "{'a': 1}"),
        ] {
            for folder in [Folder::Avqa, Folder::Avsqa] {
                assert_eq!(read(folder, label.clone()), Ok(Truth::Text(text.to_owned())));
            }
        }
        let counts = json!({"a": 2, "b": 2.9, "c": true, "d": " 3 "});
        let counted = [("a", "2"), ("b", "2"), ("c", "1"), ("d", " 3 ")];
        let counted = counted.map(|(key, count)| (key.to_owned(), count.to_owned()));
        assert_eq!(read(Folder::Amic, counts), Ok(Truth::Counts(counted.to_vec())));
        assert_eq!(read(Folder::Var, json!([2.0, true, 0])), Ok(Truth::Indices(vec![2, 1, 0])));
        let captions = read(Folder::Avc, json!(["a", null, ""]));
        assert_eq!(captions, Ok(Truth::References(vec!["a".to_owned(), String::new()])));
        for (folder, truth, error) in [
            (Folder::Amic, json!({"a": null}), ".a` should be a count such as \"2\", but is null"),
            (Folder::Amic, json!(3), "` should be an object, but is the number 3"),
            (Folder::Var, json!(["3"]), "[0]` should be an integer index, but is the string \"3\""),
            (Folder::Avc, json!([1]), "[0]` should be a string, but is the number 1"),
        ] {
            let error = format!("`output.question_answer{error}");
            assert_eq!(read(folder, truth).unwrap_err().to_string(), error);
        }
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
    fn a_stimulus_that_cannot_be_read_is_named_and_costs_nothing_else() {
        for (stimulus, defect) in [
            (json!(null), None),
            (
                json!({"kind": "volume", "intensity": true, "unit": "dB"}),
                Some("`stimulus.intensity` should be a number, but is a boolean"),
            ),
            (
                json!({"kind": "volume", "intensity": 1}),
                Some("`stimulus.unit` should be a string, but is absent"),
            ),
            (json!("loud"), Some("`stimulus` should be an object, but is the string \"loud\"")),
        ] {
            let record =
                json!({"id": "1", "input": {"question": {"text": "?"}}, "stimulus": stimulus});
            let sample = read(Folder::Asqa, &record).unwrap();
            assert_eq!((sample.stimulus, sample.defect), (None, None));
            assert_eq!(sample.stimulus_defect.map(|defect| defect.to_string()).as_deref(), defect);
        }
    }

    #[test]
    fn checks_belong_to_folders_that_double_confirm() {
        let record = json!({"id": "pre_1", "input": {"question": {"text": null}},
            "output": {"question_answer": "yes"}});
        assert!(read(Folder::VsqaI, &record).unwrap().is_void());
        assert!(read(Folder::Avm, &record).unwrap().is_void());
        let record = json!({"id": "pre_1", "input": {"question": {"text": null}}});
        assert!(!read(Folder::Avc, &record).unwrap().is_check());
    }
}
