//! The closing table of `refine`: how the answers of each folder were formatted.

use std::fmt;

use avibench_results::Formatting;
use avibench_store::OutcomeCounts;

use super::grid::Grid;

/// A line a folder, and their sum; below it, if any request ended without a whole reply, how they did.
pub(crate) struct FormattingTable {
    rows: Vec<(&'static str, [usize; 6])>,
    replies: Vec<(&'static str, OutcomeCounts)>,
}

impl FormattingTable {
    /// A table without rows.
    pub(crate) fn new() -> Self {
        Self { rows: Vec::new(), replies: Vec::new() }
    }

    /// Adds a folder: how its answers were formatted, and how asking for the rest ended.
    pub(crate) fn add(&mut self, counts: &Formatting, tally: OutcomeCounts) {
        let numbers = [
            counts.by_rule,
            counts.by_llm,
            counts.passed_through,
            counts.unread,
            counts.unknown,
            counts.empty,
        ];
        self.rows.push((counts.folder.name(), numbers));
        self.replies.push((counts.folder.name(), tally));
    }
}

/// A line a name, and their sum. Columns of zeros say nothing, but for the first `kept`.
fn summed<const N: usize>(
    heads: [&str; N],
    kept: usize,
    rows: impl Iterator<Item = (&'static str, [usize; N])>,
) -> (Grid, [usize; N]) {
    let mut rows: Vec<(&str, [usize; N])> = rows.collect();
    let mut sums = [0; N];
    for (_, numbers) in &rows {
        for (sum, number) in sums.iter_mut().zip(numbers) {
            *sum += number;
        }
    }
    rows.push(("all", sums));
    let shown: Vec<usize> = (0..N).filter(|&column| column < kept || sums[column] > 0).collect();
    let mut grid = Grid::new(["Folder"].into_iter().chain(shown.iter().map(|&at| heads[at])));
    for (name, numbers) in rows {
        let numbers = shown.iter().map(|&column| numbers[column].to_string());
        grid.row([name.to_owned()].into_iter().chain(numbers));
    }
    (grid, sums)
}

impl fmt::Display for FormattingTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HEADS: [&str; 6] = [
            "Read\nby rule",
            "Read\nby LLM",
            "No format\nneeded",
            "Left\nunformatted",
            "Unknown\norigin",
            "Empty",
        ];
        const REPLIES: [&str; 6] =
            ["Empty", "Cut off", "Refused", "Failed", "Rejected", "Not yet\nsent"];
        let (grid, _) = summed(HEADS, 2, self.rows.iter().copied());
        write!(f, "{grid}")?;
        let of_replies = |(name, tally): &(&'static str, OutcomeCounts)| {
            let OutcomeCounts { empty, cut_off, refused, failed, rejected, .. } = *tally;
            (*name, [empty, cut_off, refused, failed, rejected, tally.not_attempted])
        };
        let (grid, sums) = summed(REPLIES, 0, self.replies.iter().map(of_replies));
        if sums.iter().any(|&sum| sum > 0) {
            write!(f, "\nRequests to the language model that ended without a whole reply\n{grid}")?;
        }
        Ok(())
    }
}
