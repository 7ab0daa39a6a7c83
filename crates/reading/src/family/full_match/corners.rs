//! Movements from one corner to another, in any words: `starts at the top right and ends at the
//! bottom left`.

use crate::text::words::words;

use super::choices::{Choices, folded};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    From,
    To,
    Open,
}

/// The option of a movement between corners that `text` describes.
pub(crate) fn movement(choices: &Choices, text: &str) -> Option<usize> {
    choices.has("bottom left to top right")?;
    let words = words(text);
    let mut corners: Vec<(String, Role)> = Vec::new();
    let mut role = Role::Open;
    let mut at = 0;
    while at < words.len() {
        let word = words[at].text.as_str();
        role = match word {
            "from" | "starts" | "start" | "starting" | "begins" | "beginning" | "begin"
            | "leaves" | "began" | "started" | "initially" | "originates" | "从" => Role::From,
            "to" | "towards" | "toward" | "ends" | "end" | "ending" | "into" | "until"
            | "reaches" | "stops" | "arrives" | "arriving" | "finishes" | "ended" | "到" => {
                Role::To
            }
            _ => role,
        };
        let vertical = |word: &str| match word {
            "top" | "upper" | "上" => Some("top"),
            "bottom" | "lower" | "下" => Some("bottom"),
            _ => None,
        };
        let horizontal = |word: &str| match word {
            "left" | "左" => Some("left"),
            "right" | "右" => Some("right"),
            _ => None,
        };
        let next = words.get(at + 1).map_or("", |word| word.text.as_str());
        let pair = vertical(word).zip(horizontal(next)).or_else(|| {
            let (side, height) = (horizontal(word)?, vertical(next)?);
            Some((height, side))
        });
        if let Some((height, side)) = pair {
            let corner = format!("{height} {side}");
            if corners.last().is_none_or(|(last, _)| *last != corner) {
                corners.push((corner, role));
            }
            role = Role::Open;
            at += 2;
        } else {
            at += 1;
        }
    }
    let [first, second] = corners.as_slice() else { return None };
    let (from, to) = match (first.1, second.1) {
        (Role::To, Role::From) => (&second.0, &first.0),
        _ => (&first.0, &second.0),
    };
    let wanted = format!("{from} to {to}");
    choices.options.iter().position(|option| folded(option) == wanted)
}
