//! The closing table of `refine`: how the answers of each folder were formatted.

use std::fmt;

use avibench_results::Formatting;
use avibench_store::OutcomeCounts;

use super::grid::Grid;

/// A line a folder, and their sum.
pub(crate) struct FormattingTable {
    rows: Vec<(&'static str, [usize; 8])>,
}

impl FormattingTable {
    /// A table without rows.
    pub(crate) fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds a folder: how its answers were formatted, and how asking for the rest ended.
    pub(crate) fn add(&mut self, counts: &Formatting, tally: OutcomeCounts) {
        let numbers = [
            counts.by_rule,
            counts.by_llm,
            counts.passed_through,
            counts.unread,
            counts.unknown,
            tally.empty + tally.refused,
            tally.failed + tally.rejected,
            tally.not_attempted,
        ];
        self.rows.push((counts.folder.name(), numbers));
    }
}

impl fmt::Display for FormattingTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HEADS: [&str; 8] = [
            "Read\nby rule",
            "Read\nby LLM",
            "No format\nneeded",
            "Left\nunformatted",
            "Unknown\norigin",
            "No text\nin reply",
            "Failed",
            "Not yet\nsent",
        ];
        let mut sums = [0; 8];
        for (_, numbers) in &self.rows {
            for (sum, number) in sums.iter_mut().zip(numbers) {
                *sum += number;
            }
        }
        // Columns of zeros say nothing, but for the two that everybody looks for.
        let shown: Vec<usize> = (0..8).filter(|&column| column < 2 || sums[column] > 0).collect();
        let heads = shown.iter().map(|&column| HEADS[column]);
        let mut grid = Grid::new(["Folder"].into_iter().chain(heads));
        for (name, numbers) in self.rows.iter().copied().chain([("all", sums)]) {
            let numbers = shown.iter().map(|&column| numbers[column].to_string());
            grid.row([name.to_owned()].into_iter().chain(numbers));
        }
        write!(f, "{grid}")
    }
}
