//! Rows as JSON Lines.

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::path::Path;

use avibench_files::{FileError, SizeLimit};
use avibench_protocol::Task;
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefMutIterator as _, ParallelIterator as _,
};
use rayon::slice::ParallelSlice as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::columns::{Column, json_columns};
use crate::{Detail, ResultsError, Row, SampleRow};

/// How large a file of rows may be, which is read line by line.
const LIMIT: SizeLimit = SizeLimit::new(16 << 30, "score the predictions again");
/// How long a line may be: an answer of 16 MiB, of which each byte takes six as an escape, and more.
const LINE_LIMIT: u64 = 128 << 20;
/// Lines that one thread makes at a time.
const LINES: usize = 64;
/// How many such pieces are made before they are written: all that is held in memory.
const PIECES: usize = 8;

/// Writes one object a line; gives the SHA-256 of what was written. Lines are made on several
/// threads and written in their order, so that the file is the same for any number of threads.
///
/// Readers that guess types look at the first lines only. So those rows come first in which some
/// column has its first value; the others follow in their order.
pub(crate) fn write(
    writer: &mut dyn Write,
    rows: &[Row<'_>],
    detail: Detail,
) -> io::Result<String> {
    let columns = &json_columns(detail);
    let first: BTreeSet<usize> = columns
        .iter()
        .filter_map(|(_, column)| rows.iter().position(|row| column.has_value(row)))
        .collect();
    let others = (0..rows.len()).filter(|index| !first.contains(index));
    let order: Vec<usize> = first.iter().copied().chain(others).collect();
    let names = names(columns)?;
    let mut hash = Sha256::new();
    let mut pieces = vec![Vec::new(); PIECES];
    for window in order.chunks(LINES * PIECES) {
        let made = pieces.par_iter_mut().zip(window.par_chunks(LINES)).with_max_len(1);
        made.try_for_each(|(piece, order)| {
            piece.clear();
            order.iter().try_for_each(|&index| line(piece, &names, columns, &rows[index]))
        })?;
        for piece in &pieces[..window.len().div_ceil(LINES)] {
            hash.update(piece);
            writer.write_all(piece)?;
        }
    }
    Ok(hex::encode(hash.finalize()))
}

/// What stands before the value of each column.
fn names(columns: &[&(&str, Column)]) -> serde_json::Result<Vec<String>> {
    let before = |(number, (name, _)): (usize, &&(&str, Column))| {
        let mark = if number == 0 { '{' } else { ',' };
        Ok(format!("{mark}{}:", serde_json::to_string(name)?))
    };
    columns.iter().enumerate().map(before).collect()
}

fn line(
    out: &mut Vec<u8>,
    names: &[String],
    columns: &[&(&str, Column)],
    row: &Row<'_>,
) -> serde_json::Result<()> {
    for (name, (_, column)) in names.iter().zip(columns) {
        out.extend_from_slice(name.as_bytes());
        column.write_json(out, row)?;
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}

/// Reads rows, in the order of modes, folders and positions, and the SHA-256 of the file.
pub(crate) fn read(path: &Path) -> Result<(Vec<SampleRow>, String), ResultsError> {
    read_from(BufReader::new(LIMIT.open(path)?), path)
}

/// The same of what stands at `path`, or is to be called so in errors.
pub(crate) fn read_from(
    mut reader: impl BufRead,
    path: &Path,
) -> Result<(Vec<SampleRow>, String), ResultsError> {
    let (mut hash, mut rows, mut line) = (Sha256::new(), Vec::new(), Vec::new());
    for number in 1.. {
        line.clear();
        let mut beginning = reader.by_ref().take(LINE_LIMIT + 1);
        match beginning.read_until(b'\n', &mut line).map_err(FileError::at("read", path))? as u64 {
            0 => break,
            1..=LINE_LIMIT => {}
            _ => return Err(ResultsError::LongLine { path: path.to_owned(), line: number }),
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
