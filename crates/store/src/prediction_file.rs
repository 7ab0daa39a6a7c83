//! Prediction files `tasks/<FOLDER>.json`, interchangeable with the original's.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use avibench_files::{FileError, SizeLimit, write_atomic};
use avibench_protocol::{NotJson, Position, Record, json_kind, read_json};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// An answer of 16 MiB, the most that is read of a reply, to each of sixty-four questions.
const LIMIT: SizeLimit = SizeLimit::new(1 << 30, "remove or restore the file");

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

/// A prediction file as far as it holds records.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Predictions {
    /// Records; index = position. Arrays shorter than the data are fine.
    pub slots: Vec<Option<Record>>,
    /// Slots that hold neither a record nor null, and what they hold. They read as null.
    pub without_record: Vec<(Position, &'static str)>,
}

impl Predictions {
    /// Reads a prediction file, of which a slot that holds no record costs no other.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is no JSON array.
    pub fn read(path: &Path) -> Result<Self, PredictionError> {
        let bytes = LIMIT.read(path)?;
        // Nearly every file is an array of records in plain JSON, which are read as they come.
        if let Ok(slots) = serde_json::from_slice::<Vec<Slot>>(&bytes) {
            let slots = slots.into_iter().map(|Slot(record)| record).collect();
            return Ok(Self { slots, without_record: Vec::new() });
        }
        let root = read_json(&bytes)
            .map_err(|reason| PredictionError::NotJson { path: path.to_owned(), reason })?;
        let Value::Array(slots) = root else {
            return Err(PredictionError::Shape {
                path: path.to_owned(),
                expected: ExpectedShape::Array,
                found: json_kind(&root),
            });
        };
        let mut predictions = Self::default();
        for (position, slot) in slots.into_iter().enumerate() {
            if !matches!(slot, Value::Null | Value::Object(_)) {
                predictions.without_record.push((Position(position), json_kind(&slot)));
            }
            predictions.slots.push(match slot {
                Value::Object(_) => serde_json::from_value(slot).ok(),
                _ => None,
            });
        }
        Ok(predictions)
    }
}

/// Reads a prediction file; index = position. Arrays shorter than the data are fine.
///
/// # Errors
///
/// The file cannot be read, or is no array of records and nulls.
pub fn read_predictions(path: &Path) -> Result<Vec<Option<Record>>, PredictionError> {
    let Predictions { slots, without_record } = Predictions::read(path)?;
    match without_record.first() {
        None => Ok(slots),
        Some(&(Position(position), found)) => Err(PredictionError::Shape {
            path: path.to_owned(),
            expected: ExpectedShape::Slot { position },
            found,
        }),
    }
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
    use avibench_protocol::Prediction;

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

    #[test]
    fn a_slot_without_a_record_costs_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("AVM.json");
        let content = r#"[3, {"predict": "a"}, ["AVM", null, "1", "b"], null, {"predict": "c"}]"#;
        std::fs::write(&path, content).unwrap();
        let found = Predictions::read(&path).unwrap();
        let without = [(Position(0), "a number"), (Position(2), "an array")];
        assert_eq!(found.without_record, without);
        let answered: Vec<bool> = found.slots.iter().map(Option::is_some).collect();
        assert_eq!(answered, [false, true, false, false, true]);
        assert!(read_predictions(&path).is_err());
    }
}
