//! The files of a run, written and read.

use std::path::{Path, PathBuf};

use avibench_files::{FileError, FilledFile, SizeLimit, remove_if_any, remove_partial_files};
use avibench_protocol::{NotJson, read_json};
use avibench_score::Psychometrics;
use avibench_store::Label;
use serde::Serialize;

use crate::parquet_file::parquet_bytes;
use crate::{
    Detail, REPORT_SCHEMA, Report, ResultsError, Row, RunFile, SampleRow, SamplesFiles, json_lines,
    psychometric_svg,
};

/// How large a report may be, whose length hardly depends on that of the data.
pub(crate) const REPORT_LIMIT: SizeLimit = SizeLimit::new(256 << 20, "score the predictions again");

/// A report with its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRun {
    /// The report.
    pub report: Report,
    /// One row a sample and mode.
    pub rows: Vec<SampleRow>,
}

/// Writes the files of a run, which come into their places together, the report last; gives the
/// report with its [`SamplesFiles`] filled in. They are `<label>.json`, official scores in the shape
/// and the place of the original's, which has no place for captions that a stand-in rated; the rows as `<label>.samples.jsonl` and
/// `<label>.samples.parquet`; `<label>.report.json`; and, where there are psychometric curves that
/// are worth a picture, `<label>.psychometric.svg`.
///
/// # Errors
///
/// If a file cannot be written. Then those of an earlier scoring stay as they are.
pub fn write_run(
    folder: &Path,
    label: &Label,
    mut report: Report,
    rows: &[Row<'_>],
    detail: Detail,
) -> Result<Report, ResultsError> {
    // What an earlier scoring left that was killed.
    remove_partial_files(folder)?;
    let (lines, table) = (RunFile::JsonLines.name(label), RunFile::Parquet.name(label));
    let write_lines = || -> Result<(FilledFile, String), FileError> {
        let mut sha256 = String::new();
        let file = FilledFile::new(&folder.join(&lines), |writer| {
            sha256 = json_lines::write(writer, rows, detail)?;
            Ok(())
        })?;
        Ok((file, sha256))
    };
    let write_table = || -> Result<FilledFile, ResultsError> {
        let bytes = parquet_bytes(rows, detail)?;
        Ok(FilledFile::new(&folder.join(&table), |writer| writer.write_all(&bytes))?)
    };
    let (written_lines, written_table) = rayon::join(write_lines, write_table);
    let (written_lines, json_lines_sha256) = written_lines?;
    report.samples = SamplesFiles {
        json_lines_sha256,
        json_lines: lines,
        parquet: table,
        rows: rows.len(),
        detail,
    };
    let scores = RunFile::Scores.path(folder, label);
    let chart = psychometric_chart(folder, label, report.psychometrics.as_ref())?;
    let mut files = vec![json_file(&scores, &report.official.scores.in_original_form())?];
    let has_chart = chart.is_some();
    files.extend(chart);
    files.extend([
        written_lines,
        written_table?,
        json_file(&RunFile::Report.path(folder, label), &report)?,
    ]);
    FilledFile::replace_all(files)?;
    if !has_chart {
        // An earlier scoring left it, and it would be wrong now.
        remove_if_any(&RunFile::PsychometricChart.path(folder, label))?;
    }
    Ok(report)
}

fn json_file(path: &Path, content: &impl Serialize) -> Result<FilledFile, FileError> {
    FilledFile::new(path, |writer| {
        serde_json::to_writer_pretty(&mut *writer, content)?;
        writer.write_all(b"\n")
    })
}

/// The picture of the curves; `None` without curves that are worth one.
fn psychometric_chart(
    folder: &Path,
    label: &Label,
    psychometrics: Option<&Psychometrics>,
) -> Result<Option<FilledFile>, FileError> {
    let path = RunFile::PsychometricChart.path(folder, label);
    let svg = psychometrics.and_then(|found| psychometric_svg(label.as_str(), found));
    svg.map(|svg| FilledFile::new(&path, |writer| writer.write_all(svg.as_bytes()))).transpose()
}

/// Reads a report and the rows that it names. To compare with a run that is about to be
/// overwritten, read it first.
///
/// # Errors
///
/// If one of them cannot be read, is of another version, or the rows are not those of the report.
pub fn read_run(report: &Path) -> Result<StoredRun, ResultsError> {
    let found = read_report(report)?;
    let path = report.with_file_name(&found.samples.json_lines);
    let (rows, sha256) = json_lines::read(&path)?;
    joined(found, rows, &sha256, path)
}

/// Reads a report without its rows.
///
/// # Errors
///
/// If it cannot be read, or is of another version.
pub fn read_report(report: &Path) -> Result<Report, ResultsError> {
    report_in(&REPORT_LIMIT.read(report)?, report)
}

impl StoredRun {
    /// The run whose report and rows are these bytes; errors name them by these paths.
    ///
    /// # Errors
    ///
    /// If they are no report and rows of this version, or do not belong together.
    pub fn from_bytes(
        [report, rows]: [&[u8]; 2],
        [report_path, rows_path]: [&Path; 2],
    ) -> Result<Self, ResultsError> {
        let found = report_in(report, report_path)?;
        let (rows, sha256) = json_lines::read_from(rows, rows_path)?;
        joined(found, rows, &sha256, rows_path.to_owned())
    }
}

/// The report in a text, whose file is `path`.
fn report_in(text: &[u8], path: &Path) -> Result<Report, ResultsError> {
    let broken = |source| ResultsError::Report { path: path.to_owned(), source };
    let value: serde_json::Value = read_json(text).map_err(broken)?;
    // The version decides whether the rest can be understood.
    if let Some(found) = value.get("schema_version").and_then(serde_json::Value::as_u64)
        && found != u64::from(REPORT_SCHEMA)
    {
        let path = path.to_owned();
        return Err(ResultsError::Schema { path, found, expected: REPORT_SCHEMA });
    }
    let found: Report = serde_json::from_value(value)
        .map_err(|error| broken(NotJson::Content(error.to_string())))?;
    let name = &found.samples.json_lines;
    if Path::new(name).file_name() != Some(name.as_ref()) {
        let path = path.to_owned();
        return Err(ResultsError::SamplesName { path, name: name.clone() });
    }
    Ok(found)
}

/// A report with its rows, which stand in the file `path` and have this hash.
fn joined(
    report: Report,
    rows: Vec<SampleRow>,
    sha256: &str,
    path: PathBuf,
) -> Result<StoredRun, ResultsError> {
    if sha256 != report.samples.json_lines_sha256 {
        return Err(ResultsError::Stale { path });
    }
    Ok(StoredRun { report, rows })
}
