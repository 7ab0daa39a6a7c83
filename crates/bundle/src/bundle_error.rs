//! Why a bundle cannot be made or read.

use std::path::PathBuf;

use avibench_assess::AssessError;
use avibench_files::FileError;
use avibench_protocol::{Folder, NotJson};
use avibench_results::ResultsError;

/// Why a bundle cannot be made, read or recomputed.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The system refused, or a file is too large.
    #[error(transparent)]
    File(#[from] FileError),
    /// The label has no scores that can be read.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// The file is no bundle that can be used.
    #[error("{}: {problem}; get the bundle again, or make it again with `avibench bundle`", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: BundleProblem,
    },
    /// What was scored lacks what a bundle needs.
    #[error("{}: {problem}; score the label again with this version, then bundle it", path.display())]
    Incomplete {
        /// The report.
        path: PathBuf,
        /// What it lacks.
        problem: String,
    },
    /// The ZIP writer refused.
    #[error("cannot pack {member}: {source}; bundle the label in the public form, which is small")]
    Packing {
        /// The member.
        member: String,
        /// What the writer said.
        source: zip::result::ZipError,
    },
    /// Answers cannot be judged anew.
    #[error("verdicts cannot be made anew: {0}")]
    Assess(#[from] AssessError),
}

/// What is wrong with a file that should be a bundle. Nothing of it was written to disk.
#[derive(Debug, thiserror::Error)]
pub enum BundleProblem {
    /// It does not end as a ZIP file of this program does.
    #[error(
        "it does not end as a bundle does, so it is another file, was cut off, or something was put behind its end"
    )]
    Ending,
    /// Its list of members is longer than that of any bundle.
    #[error("it lists {members} members in {bytes} bytes; no bundle has more than {most} members")]
    Directory {
        /// How many.
        members: usize,
        /// Length of the list.
        bytes: u64,
        /// How many a bundle may have.
        most: usize,
    },
    /// The same name stands twice in its list.
    #[error("it lists the same name more than once")]
    Duplicate,
    /// Members overlap, or something lies between them.
    #[error(
        "its members do not lie one behind the other, so that something is hidden in it or stands in it twice"
    )]
    Gaps,
    /// The ZIP reader refused.
    #[error("it cannot be read as a ZIP file: {0}")]
    Zip(#[source] zip::result::ZipError),
    /// A name that no member of its form has.
    #[error("it holds `{0}`, which no bundle of its form has")]
    Name(String),
    /// A member that is no plain file.
    #[error("`{0}` in it is a link, a folder or encrypted, not a plain file")]
    Kind(String),
    /// A member that is not there.
    #[error("`{0}` is missing in it")]
    Missing(String),
    /// A member that is larger than any of its kind, or all of them together.
    #[error("`{member}` in it and the members before it take more than {most} MiB when unpacked")]
    Size {
        /// The member.
        member: String,
        /// The most that is unpacked, in MiB.
        most: u64,
    },
    /// A member that cannot be unpacked, or has another length than the list says.
    #[error("`{member}` in it is damaged: {reason}")]
    Damaged {
        /// The member.
        member: String,
        /// What was found.
        reason: String,
    },
    /// A member whose hash is another one.
    #[error("`{member}` in it was changed: its SHA-256 is {found}, but {by} says {expected}")]
    Changed {
        /// The member.
        member: String,
        /// The member that tells the hash.
        by: &'static str,
        /// The hash there.
        expected: String,
        /// The hash of what is there.
        found: String,
    },
    /// JSON that is none, or not what belongs there.
    #[error("`{member}` in it cannot be understood: {reason}")]
    Json {
        /// The member.
        member: String,
        /// What is wrong.
        reason: NotJson,
    },
    /// A line that is no sample.
    #[error("line {line} of `{member}` in it cannot be understood: {reason}")]
    Line {
        /// The member.
        member: &'static str,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A bundle of another version, or no bundle.
    #[error(
        "it says of itself that it is `{kind}` of version {version}; this program reads `{expected}` of version 1"
    )]
    Version {
        /// What it says it is.
        kind: String,
        /// The version.
        version: u32,
        /// What it should be.
        expected: &'static str,
    },
    /// A list of members that does not fit the bundle.
    #[error("its list of members does not name `{0}` exactly once")]
    Unlisted(String),
    /// Something in it contradicts something else in it.
    #[error("`{member}` in it contradicts itself: {reason}")]
    Contradiction {
        /// The member.
        member: &'static str,
        /// What does not fit.
        reason: String,
    },
    /// Official and strict verdicts of a folder are not of the same samples.
    #[error("the modes of {0} in it are not about the same samples")]
    Misaligned(Folder),
    /// The rows or the report of a private bundle.
    #[error("in it, {0}")]
    Rows(#[source] Box<ResultsError>),
}
