//! Reading small files, JSON above all, with errors that name the file.
//!
//! A model's folder may come from anywhere. What its files may hold is bounded before they are
//! read, because memory that cannot be had ends the program, which no error can tell of.

use std::path::Path;

use avibench_files::SizeLimit;
use avibench_python::read_json;
use serde_json::{Map, Value};

use crate::error::FenseError;

/// How large a configuration may be; published ones have some hundred bytes.
const CONFIG_LIMIT: SizeLimit = SizeLimit::new(1 << 20, "fetch the model again");

/// The bytes of a file that is not too large.
pub(crate) fn bytes(path: &Path, limit: SizeLimit) -> Result<Vec<u8>, FenseError> {
    limit.read(path).map_err(|error| FenseError::io(path)(error.source))
}

/// The value of a JSON file, as Python would read it.
pub(crate) fn value(path: &Path) -> Result<Value, FenseError> {
    read_json(&bytes(path, CONFIG_LIMIT)?)
        .map_err(|error| FenseError::config(path, format!("is not JSON: {error}")))
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
