//! Reading small files, JSON above all, with errors that name the file.
//!
//! A model's folder may come from anywhere. What its files may hold is bounded before they are
//! read, because memory that cannot be had ends the program, which no error can tell of.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use avibench_python::read_json;
use serde_json::{Map, Value};

use crate::error::FenseError;

/// The most bytes a configuration may have; published ones have some hundred.
const LARGEST_CONFIG: u64 = 1 << 20;

/// The bytes of a file that may have `most` of them.
pub(crate) fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, FenseError> {
    let file = File::open(path).map_err(FenseError::io(path))?;
    // A pipe could be read for ever.
    if !file.metadata().map_err(FenseError::io(path))?.is_file() {
        return Err(FenseError::config(path, "is no file"));
    }
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(FenseError::io(path))?;
    if bytes.len() as u64 > most {
        return Err(FenseError::config(path, format!("is larger than {most} bytes")));
    }
    Ok(bytes)
}

/// The value of a JSON file, as Python would read it.
pub(crate) fn value(path: &Path) -> Result<Value, FenseError> {
    read_json(&bytes(path, LARGEST_CONFIG)?)
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
