//! Prediction files `tasks/<FOLDER>.json`, interchangeable with the original's.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use avibench_files::{FileError, write_atomic};
use avibench_protocol::{NotJson, Record, json_kind, read_json};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// A prediction file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PredictionError {
    /// It could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is no JSON.
    #[error("{} is not JSON: {reason}; remove or restore the file", path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        reason: NotJson,
    },
    /// It is JSON of another shape.
    #[error("{} should hold {expected}, but holds {found}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// What belongs there.
        expected: ExpectedShape,
        /// What stands there.
        found: &'static str,
    },
}

/// What a prediction file holds where it is well formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedShape {
    /// The file is an array.
    Array,
    /// Each slot of it is a record or null.
    Slot {
        /// Its place, from 0.
        position: usize,
    },
}

impl fmt::Display for ExpectedShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Array => f.write_str("a JSON array of records"),
            Self::Slot { position } => write!(f, "a record or null at {position}"),
        }
    }
}

/// Reads a prediction file; index = position. Arrays shorter than the data are fine.
pub fn read_predictions(path: &Path) -> Result<Vec<Option<Record>>, PredictionError> {
    let bytes = std::fs::read(path).map_err(FileError::at("read", path))?;
    // Nearly every file is an array of records in plain JSON, which are read as they come.
    if let Ok(slots) = serde_json::from_slice::<Vec<Slot>>(&bytes) {
        return Ok(slots.into_iter().map(|Slot(record)| record).collect());
    }
    let root = read_json(&bytes)
        .map_err(|reason| PredictionError::NotJson { path: path.to_owned(), reason })?;
    let shape = |expected, found| PredictionError::Shape { path: path.to_owned(), expected, found };
    let Value::Array(slots) = root else {
        return Err(shape(ExpectedShape::Array, json_kind(&root)));
    };
    slots
        .into_iter()
        .enumerate()
        .map(|(position, slot)| match slot {
            Value::Null => Ok(None),
            Value::Object(_) => Ok(serde_json::from_value(slot).ok()),
            other => Err(shape(ExpectedShape::Slot { position }, json_kind(&other))),
        })
        .collect()
}

/// A record or null, and nothing that could only be taken for one.
struct Slot(Option<Record>);

impl<'de> Deserialize<'de> for Slot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Slots;
        impl<'de> Visitor<'de> for Slots {
            type Value = Slot;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a record or null")
            }

            fn visit_unit<E>(self) -> Result<Slot, E> {
                Ok(Slot(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Slot, A::Error> {
                Record::deserialize(MapAccessDeserializer::new(fields))
                    .map(|record| Slot(Some(record)))
            }
        }
        deserializer.deserialize_any(Slots)
    }
}

/// Writes a prediction file atomically: a JSON array, one slot a line.
pub fn write_predictions(path: &Path, slots: &[Option<Record>]) -> Result<(), FileError> {
    write_atomic(path, |out| {
        out.write_all(b"[")?;
        for (position, slot) in slots.iter().enumerate() {
            out.write_all(if position == 0 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut *out, slot).map_err(io::Error::from)?;
        }
        out.write_all(b"\n]\n")
    })
}

#[cfg(test)]
mod tests {
    use avibench_protocol::{Position, Prediction};

    use super::*;

    #[test]
    fn files_of_the_original_are_read_as_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tasks/AVM.json");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(
            &path,
            r#"[null, {"task": "AVM", "subtask": null, "id": "1", "predict": ""},
               {"task": "AVM", "subtask": null, "id": "2", "predict": null},
               {"task": "AVM", "subtask": "s", "id": "3", "predict": "yes"},
               {"id": "4", "predict": 5}]"#,
        )
        .unwrap();
        let slots = read_predictions(&path).unwrap();
        let done: Vec<bool> =
            slots.iter().map(|slot| slot.as_ref().is_some_and(Record::is_done)).collect();
        assert_eq!(done, [false, false, false, true, true]);
        assert_eq!(Prediction::at(&slots, Position(1)), Prediction::Text(""));
        assert_eq!(Prediction::at(&slots, Position(2)), Prediction::Missing);
        assert!(matches!(Prediction::at(&slots, Position(4)), Prediction::Unusable(_)));
        assert_eq!(Prediction::at(&slots, Position(9)), Prediction::Missing);

        write_predictions(&path, &slots).unwrap();
        assert_eq!(read_predictions(&path).unwrap(), slots);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(
            "\n{\"task\":\"AVM\",\"subtask\":\"s\",\"id\":\"3\",\"predict\":\"yes\"},\n"
        ));
    }

    #[test]
    fn what_only_python_reads_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("AVM.json");
        let content = "\u{feff}[{\"predict\": \"a\\udc00\", \"cost\": NaN}, {\"predict\": NaN}]";
        std::fs::write(&path, content).unwrap();
        let slots = read_predictions(&path).unwrap();
        assert_eq!(Prediction::at(&slots, Position(0)), Prediction::Text("a\u{fffd}"));
        assert!(matches!(Prediction::at(&slots, Position(1)), Prediction::Unusable(_)));
    }

    #[test]
    fn shapes_are_checked() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("AVM.json");
        for (content, message) in [
            ("{}", "should hold a JSON array of records, but holds an object"),
            ("[null, 3]", "should hold a record or null at 1, but holds a number"),
            ("[nul", "is not JSON"),
        ] {
            std::fs::write(&path, content).unwrap();
            let error = read_predictions(&path).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
