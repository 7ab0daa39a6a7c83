//! Rows as JSON Lines.

use std::io::{self, BufRead as _, BufReader, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use avibench_files::FileError;

use crate::{ResultsError, SampleRow};

/// Writes one object a line; gives the SHA-256 of what was written.
pub(crate) fn write(writer: &mut dyn Write, rows: &[SampleRow]) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut line = Vec::new();
    for row in rows {
        line.clear();
        serde_json::to_writer(&mut line, row)?;
        line.push(b'\n');
        hash.update(&line);
        writer.write_all(&line)?;
    }
    Ok(hex::encode(hash.finalize()))
}

/// Reads rows and the SHA-256 of the file.
pub(crate) fn read(path: &Path) -> Result<(Vec<SampleRow>, String), ResultsError> {
    let file = std::fs::File::open(path).map_err(FileError::at("read", path))?;
    let mut reader = BufReader::new(file);
    let (mut hash, mut rows, mut line) = (Sha256::new(), Vec::new(), Vec::new());
    for number in 1.. {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(FileError::at("read", path))? == 0 {
            break;
        }
        hash.update(&line);
        rows.push(serde_json::from_slice(&line).map_err(|source| ResultsError::Row {
            path: path.to_owned(),
            line: number,
            source,
        })?);
    }
    Ok((rows, hex::encode(hash.finalize())))
}
