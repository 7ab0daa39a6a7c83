//! `avibench leaderboard build`: the page of a document.

use std::path::PathBuf;

use anyhow::Context as _;
use avibench_files::write_atomic;
use avibench_leaderboard::{Board, LEADERBOARD_LIMIT, add};
use avibench_pages::LeaderboardPage;
use clap::Args;

use super::check::{entry_count, listed};
use super::rank_sets::rank_sets;
use super::splice::refused;
use crate::exit::Exit;
use crate::terminal;

/// Make the leaderboard's page: tables that can be sorted, and the chart of L4 over release dates
///
/// One HTML file that needs nothing else and reads without JavaScript. Rows that the paper published
/// stand beside the entries, each number with its source.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench leaderboard build leaderboard.json --out site")]
pub(super) struct Build {
    /// The document, such as `results.json`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Entries to show as well, as `leaderboard entry` prints them; the document stays as it is
    #[arg(value_name = "ENTRY")]
    entries: Vec<PathBuf>,
    /// Public bundle of an entry that names its SHA-256: the page then says which entries share a rank; may be
    /// repeated
    #[arg(long, value_name = "BUNDLE")]
    bundle: Vec<PathBuf>,
    /// Folder for `index.html`
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Build {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let mut document = LEADERBOARD_LIMIT.read(&self.file)?;
        for path in &self.entries {
            match add(&document, &LEADERBOARD_LIMIT.read(path)?) {
                Ok(more) => document = more,
                Err(error) => {
                    return refused(error, &self.file, path, "no page was made")
                        .with_context(|| format!("cannot show {}", path.display()));
                }
            }
        }
        let board = match Board::read(&document) {
            Ok(board) => board,
            Err(found) => {
                let violations: Vec<_> = found.violations().cloned().collect();
                terminal::warning("the document is not valid, so that no page was made");
                terminal::note(listed(&self.file, &violations));
                return Ok(Exit::SomeFailed);
            }
        };
        let path = self.out.join("index.html");
        let page = LeaderboardPage::new(&board, rank_sets(&board, &self.bundle)?);
        write_atomic(&path, |out| page.write(out))?;
        let entries = entry_count(board.entries.len());
        terminal::note(format!("page of {entries}: {}", path.display()));
        Ok(Exit::Done)
    }
}
