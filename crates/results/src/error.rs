//! Why results could not be written or read.

use std::path::PathBuf;

use avibench_files::FileError;
use avibench_protocol::NotJson;
use avibench_score::Misaligned;

/// Why results could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// The system refused.
    #[error(transparent)]
    File(#[from] FileError),
    /// Official and strict verdicts are not of the same samples.
    #[error(transparent)]
    Misaligned(#[from] Misaligned),
    /// A report that is none.
    #[error("{}: not a report: {source}; score the predictions again", path.display())]
    Report {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: NotJson,
    },
    /// A report of another program version.
    #[error("{}: report schema {found}, but this program reads {expected}; score the predictions again", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// The schema in the file.
        found: u64,
        /// The schema that can be read.
        expected: u32,
    },
    /// A row that is none.
    #[error("{}, line {line}: not a sample row: {source}; score the predictions again", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A row longer than any answer makes one.
    #[error("{}, line {line}: a line of more than 128 MiB is no sample row; score the predictions again", path.display())]
    LongLine {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// Rows that belong to another report.
    #[error("{}: written after the report that names it; keep both files of a run together, or score again", path.display())]
    Stale {
        /// The samples file.
        path: PathBuf,
    },
    /// A report that names a file outside its own folder.
    #[error("{}: names the samples file `{name}`, which is no plain file name", path.display())]
    SamplesName {
        /// The report.
        path: PathBuf,
        /// What it names.
        name: String,
    },
    /// The Parquet writer refused.
    #[error("cannot build the Parquet table: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
}
