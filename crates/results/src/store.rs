//! The files of a run, written and read.

use std::path::{Path, PathBuf};

use avibench_files::{FileError, write_atomic};
use avibench_score::Psychometrics;
use avibench_store::Label;

use crate::parquet_file::parquet_bytes;
use crate::{
    Detail, REPORT_SCHEMA, Report, ResultsError, RunFile, SampleRow, SamplesFiles, json_lines,
    psychometric_svg,
};

/// A report with its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRun {
    /// The report.
    pub report: Report,
    /// One row a sample and mode.
    pub rows: Vec<SampleRow>,
}

/// Writes `<label>.psychometric.svg` and gives its path. Without curves that are worth a picture
/// there is none, and one of an earlier scoring, which would be wrong now, is removed.
pub fn write_psychometric_chart(
    folder: &Path,
    label: &Label,
    psychometrics: Option<&Psychometrics>,
) -> Result<Option<PathBuf>, ResultsError> {
    let path = RunFile::PsychometricChart.path(folder, label);
    match psychometrics.and_then(|found| psychometric_svg(label.as_str(), found)) {
        Some(svg) => {
            write_atomic(&path, |writer| writer.write_all(svg.as_bytes()))?;
            Ok(Some(path))
        }
        None => match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(FileError::at("remove", &path)(error).into())
            }
            _ => Ok(None),
        },
    }
}

/// Writes `<label>.json`: official scores in the shape and the place of the original's.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write_score_file(folder: &Path, label: &Label, report: &Report) -> Result<(), ResultsError> {
    write_atomic(&RunFile::Scores.path(folder, label), |writer| {
        serde_json::to_writer_pretty(&mut *writer, &report.official.scores)?;
        writer.write_all(b"\n")
    })?;
    Ok(())
}

/// Writes `<label>.samples.jsonl`, `<label>.samples.parquet` and, last, `<label>.report.json`, each
/// atomically; fills in the report's [`SamplesFiles`].
pub fn write_run(
    folder: &Path,
    label: &Label,
    mut report: Report,
    rows: &[SampleRow],
    detail: Detail,
) -> Result<Report, ResultsError> {
    let (lines, table) = (RunFile::JsonLines.name(label), RunFile::Parquet.name(label));
    let mut sha256 = String::new();
    write_atomic(&folder.join(&lines), |writer| {
        sha256 = json_lines::write(writer, rows, detail)?;
        Ok(())
    })?;
    let bytes = parquet_bytes(rows, detail)?;
    write_atomic(&folder.join(&table), |writer| writer.write_all(&bytes))?;
    report.samples = SamplesFiles {
        json_lines: lines,
        json_lines_sha256: sha256,
        parquet: table,
        rows: rows.len(),
        detail,
    };
    write_atomic(&RunFile::Report.path(folder, label), |writer| {
        serde_json::to_writer_pretty(&mut *writer, &report)?;
        writer.write_all(b"\n")
    })?;
    Ok(report)
}

/// Reads a report and the rows that it names. To compare with a run that is about to be
/// overwritten, read it first.
pub fn read_run(report: &Path) -> Result<StoredRun, ResultsError> {
    let text = std::fs::read(report).map_err(FileError::at("read", report))?;
    let broken = |source| ResultsError::Report { path: report.to_owned(), source };
    let value: serde_json::Value = serde_json::from_slice(&text).map_err(broken)?;
    // The version decides whether the rest can be understood.
    if let Some(found) = value.get("schema_version").and_then(serde_json::Value::as_u64)
        && found != u64::from(REPORT_SCHEMA)
    {
        let path = report.to_owned();
        return Err(ResultsError::Schema { path, found, expected: REPORT_SCHEMA });
    }
    let found: Report = serde_json::from_value(value).map_err(broken)?;
    let name = &found.samples.json_lines;
    if Path::new(name).file_name() != Some(name.as_ref()) {
        let path = report.to_owned();
        return Err(ResultsError::SamplesName { path, name: name.clone() });
    }
    let path = report.with_file_name(name);
    let (rows, sha256) = json_lines::read(&path)?;
    if sha256 != found.samples.json_lines_sha256 {
        return Err(ResultsError::Stale { path });
    }
    Ok(StoredRun { report: found, rows })
}
