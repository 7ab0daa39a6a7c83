//! Set match: several options joined by `;`, in any order.

use crate::ScoringRule;
use crate::cleaning::clean_and_squeeze;
use crate::judgement::Judgement;
use crate::prepared::Prepared;

/// Judges an answer that is not empty: its pieces between semicolons, each cleaned, must be those
/// of the label, as often as there; pieces without a word are none.
///
/// The prompt asks for the answer between `#` marks: if exactly two stand in the answer with
/// something between them, what stands around them is prose.
pub(super) fn judge(label: &str, answer: &Prepared<'_>) -> Judgement {
    let text = answer.text.as_ref();
    let marks: Vec<usize> = text.match_indices('#').map(|(at, _)| at).take(3).collect();
    let place = match marks.as_slice() {
        &[open, close] if !pieces(&text[open + 1..close]).is_empty() => open + 1..close,
        _ => 0..text.len(),
    };
    let read = pieces(&text[place.clone()]);
    let correct = read == pieces(label);
    Judgement::of_match(correct, read.join("; "), ScoringRule::EqualPieces, answer.span(place))
}

fn pieces(text: &str) -> Vec<String> {
    let pieces = text.split(';').map(clean_and_squeeze);
    let mut pieces: Vec<String> = pieces.filter(|piece| !piece.is_empty()).collect();
    pieces.sort_unstable();
    pieces
}
