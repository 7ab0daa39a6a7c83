//! How asking ended, as a table: the same columns wherever samples are counted by outcome.

use avibench_results::SampleCounts;
use avibench_store::AskOutcome;

use super::grid::Grid;

/// Columns for a name, so that a line of it and counts of four digits fit a terminal of 80.
pub(crate) const OUTCOME_NAME: usize = 14;

/// The head of an outcome's column.
pub(super) const fn outcome_head(outcome: AskOutcome) -> &'static str {
    match outcome {
        AskOutcome::Answered => "Answered",
        AskOutcome::Empty => "Empty",
        AskOutcome::CutOff => "Cut\noff",
        AskOutcome::Refused => "Refused",
        AskOutcome::Failed => "Failed",
        AskOutcome::Rejected => "Rejected",
        AskOutcome::NotAttempted => "Not\nasked",
    }
}

/// A row for each name; `first` is the head of the names. Outcomes that no sample has are left out, but
/// for answers; what is not known is a dash.
pub(crate) fn outcome_table(
    first: &str,
    rows: impl Iterator<Item = (String, SampleCounts)>,
) -> Grid {
    let rows: Vec<(String, SampleCounts)> = rows.collect();
    let is_shown = |outcome: &AskOutcome| {
        *outcome == AskOutcome::Answered
            || rows.iter().any(|(_, counts)| counts.get(*outcome).is_some_and(|count| count > 0))
    };
    let shown: Vec<AskOutcome> = AskOutcome::ALL.into_iter().filter(is_shown).collect();
    let heads = shown.iter().map(|&outcome| outcome_head(outcome));
    let mut grid = Grid::new([first, "Samples"].into_iter().chain(heads));
    for (name, counts) in rows {
        let number = |outcome: &AskOutcome| {
            counts.get(*outcome).map_or_else(|| "-".to_owned(), |count| count.to_string())
        };
        let numbers = shown.iter().map(number);
        grid.row([name, counts.total.to_string()].into_iter().chain(numbers));
    }
    grid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_fits_a_narrow_terminal_at_full_size() {
        let full = SampleCounts {
            total: 5864,
            answered: 5864,
            empty: 5864,
            cut_off: Some(5864),
            refused: Some(5864),
            failed: 5864,
            rejected: Some(5864),
            not_attempted: 5864,
            unrecorded: 0,
        };
        let name = "n".repeat(OUTCOME_NAME);
        let table = outcome_table("", [(name, full)].into_iter());
        assert_eq!(table.width(), 80, "{table}");
        let unknown = SampleCounts { cut_off: None, ..full };
        let table =
            outcome_table("", [("a".to_owned(), full), ("b".to_owned(), unknown)].into_iter());
        let last = table.to_string();
        let last = last.lines().last().unwrap_or_default();
        assert_eq!(last.split_whitespace().nth(4), Some("-"), "{table}");
    }
}
