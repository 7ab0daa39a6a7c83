//! Set match: several options joined by `;`, in any order.

use avibench_python::{lower, strip};

use crate::ScoringRule;
use crate::judgement::{Judgement, trimmed_span};

pub(super) fn judge(label: &str, text: &str) -> Judgement {
    let read = sorted_pieces(&text.replace(['*', '#'], ""));
    let correct = read == sorted_pieces(label);
    Judgement::of_match(correct, read.join("; "), ScoringRule::EqualPieces, trimmed_span(text))
}

fn sorted_pieces(text: &str) -> Vec<String> {
    let text = lower(text);
    let mut pieces: Vec<String> =
        strip(&text).split(';').map(|piece| strip(piece).to_owned()).collect();
    pieces.sort_unstable();
    pieces
}
