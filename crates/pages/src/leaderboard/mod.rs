//! The page of the leaderboard: one HTML file for everybody. It holds numbers and what entries say of
//! themselves, and nothing of the benchmark's questions.

mod chart;
mod document;
mod publications;
mod rank_sets;
mod ranking;
mod rows;
mod score_table;
mod text;
mod version_section;

use std::io::{self, Write};

use avibench_leaderboard::Board;
use maud::html;

pub use self::rank_sets::{RankSets, RankedNumber};

use self::document::write_document;
use self::rows::versions;
use self::version_section::{reading_notes, version_section};

/// The page of a leaderboard.
#[derive(Debug)]
pub struct LeaderboardPage<'a> {
    board: &'a Board,
    rank_sets: Vec<RankSets>,
}

impl<'a> LeaderboardPage<'a> {
    /// A page of these entries, beside the rows that the paper published. Ranks that rest on more than the
    /// document come with it.
    #[must_use]
    pub fn new(board: &'a Board, rank_sets: Vec<RankSets>) -> Self {
        Self { board, rank_sets }
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let versions = versions(self.board);
        let entries = self.board.entries.len();
        let body = html! {
            h1 { "AVI-Bench leaderboard" }
            p.lead {
                "How well omni-modal language models see, hear and reason over both: "
                (entries) @if entries == 1 { " entry" } @else { " entries" }
                " in the document, and the rows that the paper published. Scores are percent."
            }
            @for (at, version) in versions.iter().enumerate() { (version_section(at, version, &self.rank_sets)) }
            (reading_notes())
        };
        let names: Vec<&str> = versions.iter().map(|version| version.name.as_str()).collect();
        write_document(out, &names, &body)
    }
}
