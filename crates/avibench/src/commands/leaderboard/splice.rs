//! `avibench leaderboard add` and `remove`: an entry put into a document, or taken out of it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use avibench_files::write_atomic;
use avibench_leaderboard::{LEADERBOARD_LIMIT, Removal, SpliceError, add, remove};
use clap::Args;

use super::check::listed;
use crate::exit::Exit;
use crate::terminal;

/// Add an entry to a document; all other bytes stay as they are
///
/// The entry comes last, laid out as the document is. Nothing is written if the id is taken or the
/// document would not be valid.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench leaderboard add leaderboard.json entry.json")]
pub(super) struct Add {
    /// The document, such as `results.json`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The entry, as `leaderboard entry` prints it; `/dev/stdin` reads it from a pipe
    #[arg(value_name = "ENTRY")]
    entry: PathBuf,
}

/// Remove an entry from a document; all other bytes stay as they are
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench leaderboard remove leaderboard.json my-model")]
pub(super) struct Remove {
    /// The document, such as `results.json`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The entry's id
    #[arg(value_name = "ID")]
    id: String,
    /// Also remove the only entry of a document
    #[arg(long)]
    leave_empty: bool,
}

impl Add {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let document = LEADERBOARD_LIMIT.read(&self.file)?;
        let entry = LEADERBOARD_LIMIT.read(&self.entry)?;
        match add(&document, &entry) {
            Ok(changed) => {
                write(&self.file, &changed)?;
                terminal::note(format!("added the entry to {}", self.file.display()));
                Ok(Exit::Done)
            }
            Err(error) => refused(error, &self.file, &self.entry, &unchanged(&self.file)),
        }
    }
}

impl Remove {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let document = LEADERBOARD_LIMIT.read(&self.file)?;
        let removal = if self.leave_empty { Removal::LeaveEmpty } else { Removal::KeepChart };
        match remove(&document, &self.id, removal) {
            Ok(changed) => {
                write(&self.file, &changed)?;
                terminal::note(format!("removed `{}` from {}", self.id, self.file.display()));
                Ok(Exit::Done)
            }
            Err(error) => refused(error, &self.file, &self.file, &unchanged(&self.file)),
        }
    }
}

fn write(file: &Path, content: &[u8]) -> anyhow::Result<()> {
    // A link stays one: what it points to is replaced.
    let target = std::fs::canonicalize(file)
        .with_context(|| format!("cannot find {} any more", file.display()))?;
    Ok(write_atomic(&target, |out| out.write_all(content))?)
}

fn unchanged(document: &Path) -> String {
    format!("{} stays as it is", document.display())
}

/// Says why nothing was written: findings one below the other, each with its place in the file it is
/// about, then what that means.
pub(super) fn refused(
    error: SpliceError,
    document: &Path,
    entry: &Path,
    consequence: &str,
) -> anyhow::Result<Exit> {
    let (file, findings, what) = match &error {
        SpliceError::Entry(found) => (entry, found, "the entry is not valid"),
        SpliceError::Document(found) => (document, found, "the document has no array `entries`"),
        SpliceError::Result(found) => {
            (document, found, "the document would not be valid with this change")
        }
        _ => return Err(error).context(consequence.to_owned()),
    };
    terminal::warning(format!("{what}; {consequence}"));
    terminal::note(listed(file, findings));
    Ok(Exit::SomeFailed)
}
