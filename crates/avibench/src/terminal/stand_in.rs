//! The mark of numbers that rest on captions by the stand-in for FENSE, and what it says.

use avibench_results::{STAND_IN_CAUTION, STAND_IN_MARK};
use avibench_score::Estimates;

use super::grid::wrapped;

/// The mark that a number needs; mostly none.
pub(super) fn stand_in_mark(of: &Estimates, name: &str) -> &'static str {
    if of.is_by_stand_in(name) { STAND_IN_MARK } else { "" }
}

/// What the mark says, as a note below a table.
pub(super) fn stand_in_note() -> String {
    wrapped(&format!("{STAND_IN_MARK} "), STAND_IN_CAUTION)
}
