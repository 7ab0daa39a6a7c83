//! Numbers as pages show them, each with the place in the report that it comes from.

use avibench_results::{STAND_IN_CAUTION, STAND_IN_MARK};
use avibench_score::Estimate;
use maud::{Markup, html};

/// What stands where there is no number.
pub(crate) const NOTHING: &str = "–";

/// A share as percent with two decimals, or a dash.
pub(crate) fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| format!("{:.2}", value * 100.0))
}

/// A number that is percent already.
pub(crate) fn points(value: Option<f64>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| format!("{value:.2}"))
}

/// A cell with a number. `place` is its JSON pointer in the report of run `run`, for whoever wants to
/// look it up; `scale` is what the report's number is multiplied with.
pub(crate) fn cell(run: usize, place: &str, value: Option<f64>, scale: f64) -> Markup {
    let shown = points(value.map(|value| value * scale));
    html! { td.number data-run=(run) data-place=(place) data-scale=(scale) { (shown) } }
}

/// A cell with a count.
pub(crate) fn count_cell(run: usize, place: &str, count: Option<usize>) -> Markup {
    let shown = count.map_or_else(|| NOTHING.to_owned(), |count| count.to_string());
    html! { td.number data-run=(run) data-place=(place) data-scale="count" { (shown) } }
}

/// A cell with a number and its interval below, with the mark of numbers that rest on captions by the
/// stand-in for FENSE where `is_by_stand_in`.
pub(crate) fn estimate_cell(
    run: usize,
    place: &str,
    estimate: &Estimate,
    scale: f64,
    is_by_stand_in: bool,
) -> Markup {
    let value = points(estimate.value.map(|value| value * scale));
    html! {
        td.number {
            span data-run=(run) data-place={ (place) "/value" } data-scale=(scale) { (value) }
            @if is_by_stand_in && estimate.value.is_some() { (stand_in_mark()) }
            @if let (Some(low), Some(high)) = (estimate.low, estimate.high) {
                span.interval {
                    span data-run=(run) data-place={ (place) "/low" } data-scale=(scale) {
                        (points(Some(low * scale)))
                    }
                    "–"
                    span data-run=(run) data-place={ (place) "/high" } data-scale=(scale) {
                        (points(Some(high * scale)))
                    }
                }
            }
        }
    }
}

/// The mark of numbers that rest on captions by the stand-in for FENSE.
pub(crate) fn stand_in_mark() -> Markup {
    html! { span.mark title="rests on captions by the stand-in for FENSE" { (STAND_IN_MARK) } }
}

/// What the mark says, below tables that bear it.
pub(crate) fn stand_in_note() -> Markup {
    html! { p.note.stand-in { strong { (STAND_IN_MARK) } " " (STAND_IN_CAUTION) } }
}

/// `1 sample`, `5,864 samples`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// A count with commas between thousands.
pub(crate) fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(percent(Some(0.612_345)), "61.23");
        assert_eq!(percent(None), "–");
        assert_eq!(counted(1, "sample"), "1 sample");
        assert_eq!(counted(5_864, "sample"), "5,864 samples");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(0), "0");
    }
}
