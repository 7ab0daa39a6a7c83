//! Reading small JSON files with errors that name the file.

use std::path::Path;

use serde_json::{Map, Value};

use crate::error::FenseError;

/// The value of a JSON file.
pub(crate) fn value(path: &Path) -> Result<Value, FenseError> {
    let bytes = std::fs::read(path).map_err(FenseError::io(path))?;
    serde_json::from_slice(&bytes).map_err(|error| FenseError::config(path, error.to_string()))
}

/// The fields of a JSON file that holds one object.
pub(crate) fn object(path: &Path) -> Result<Map<String, Value>, FenseError> {
    match value(path)? {
        Value::Object(fields) => Ok(fields),
        _ => Err(FenseError::config(path, "is not a JSON object")),
    }
}

/// The fields of a JSON file, or none if there is no such file.
pub(crate) fn optional_object(path: &Path) -> Result<Map<String, Value>, FenseError> {
    if path.exists() { object(path) } else { Ok(Map::new()) }
}
