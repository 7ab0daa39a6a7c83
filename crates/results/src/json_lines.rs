//! Rows as JSON Lines.

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, BufReader, Write};
use std::path::Path;

use avibench_files::FileError;
use avibench_protocol::Task;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::columns::columns;
use crate::{Detail, ResultsError, SampleRow};

/// Writes one object a line; gives the SHA-256 of what was written.
///
/// Readers that guess types look at the first lines only. So those rows come first in which some
/// column has its first value; the others follow in their order.
pub(crate) fn write(
    writer: &mut dyn Write,
    rows: &[SampleRow],
    detail: Detail,
) -> io::Result<String> {
    let columns = columns(detail);
    let first: BTreeSet<usize> = columns
        .iter()
        .filter_map(|(_, column)| rows.iter().position(|row| column.has_value(row)))
        .collect();
    let others = (0..rows.len()).filter(|index| !first.contains(index));
    let mut hash = Sha256::new();
    let mut line = Vec::new();
    for index in first.iter().copied().chain(others) {
        line.clear();
        for (number, (name, column)) in columns.iter().enumerate() {
            line.push(if number == 0 { b'{' } else { b',' });
            serde_json::to_writer(&mut line, name)?;
            line.push(b':');
            column.write_json(&mut line, &rows[index])?;
        }
        line.extend_from_slice(b"}\n");
        hash.update(&line);
        writer.write_all(&line)?;
    }
    Ok(hex::encode(hash.finalize()))
}

/// Reads rows, in the order of modes, folders and positions, and the SHA-256 of the file.
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
        rows.push(row(&line).map_err(|source| ResultsError::Row {
            path: path.to_owned(),
            line: number,
            source,
        })?);
    }
    rows.sort_by_key(|row: &SampleRow| (row.mode, row.folder, row.position));
    Ok((rows, hex::encode(hash.finalize())))
}

/// Reads one row. Rows of versions before 0.2 lack the fields `label`, `stage` and `program`, so that
/// these are added: the stage follows from the task, the others stay empty.
fn row(line: &[u8]) -> serde_json::Result<SampleRow> {
    serde_json::from_slice(line).or_else(|error| {
        let mut value: Value = serde_json::from_slice(line)?;
        let task = value.get("task").cloned().map(serde_json::from_value::<Task>);
        let (Some(fields), Some(Ok(task))) = (value.as_object_mut(), task) else {
            return Err(error);
        };
        fields.entry("stage").or_insert(serde_json::to_value(task.stage())?);
        for name in ["label", "program"] {
            fields.entry(name).or_insert_with(|| "".into());
        }
        serde_json::from_value(value)
    })
}
