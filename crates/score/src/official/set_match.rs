//! Set match: several options joined by `;`, in any order.

use avibench_python::{lower, strip};

use super::judge::Judgement;

pub(super) fn judge(label: &str, text: &str) -> Judgement {
    let read = sorted_pieces(&text.replace(['*', '#'], ""));
    Judgement::of_match(read == sorted_pieces(label), read.join("; "))
}

fn sorted_pieces(text: &str) -> Vec<String> {
    let text = lower(text);
    let mut pieces: Vec<String> =
        strip(&text).split(';').map(|piece| strip(piece).to_owned()).collect();
    pieces.sort_unstable();
    pieces
}
