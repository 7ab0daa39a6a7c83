//! Movements from one corner to another, in any words: `starts at the top right and ends at the
//! bottom left`.

use super::choices::Choices;
use crate::text::words::{Word, words};

/// What a text says of the next corner that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    From,
    To,
    Open,
}

/// The option of a movement between corners that `text` describes: `bottom left to top right` of `It
/// ends at the top right and began in the lower left.`
pub(super) fn movement(choices: &Choices, text: &str) -> Option<usize> {
    choices.has("bottom left to top right")?;
    let corners = corners(&words(text));
    let [(first, first_role), (second, second_role)] = corners.as_slice() else { return None };
    let is_turned = (*first_role, *second_role) == (Role::To, Role::From);
    let (from, to) = if is_turned { (second, first) } else { (first, second) };
    choices.has(&format!("{from} to {to}"))
}

/// The corners that a text names, each with its role; one that is repeated at once counts once.
fn corners(words: &[Word]) -> Vec<(String, Role)> {
    let mut corners: Vec<(String, Role)> = Vec::new();
    let mut role = Role::Open;
    let mut at = 0;
    while at < words.len() {
        let word = words[at].text.as_str();
        let next = words.get(at + 1).map_or("", |word| word.text.as_str());
        role = role_after(word).unwrap_or(role);
        let pair = height(word).zip(side(next)).or_else(|| height(next).zip(side(word)));
        let Some((height, side)) = pair else {
            at += 1;
            continue;
        };
        let corner = format!("{height} {side}");
        if corners.last().is_none_or(|(last, _)| *last != corner) {
            corners.push((corner, role));
        }
        role = Role::Open;
        at += 2;
    }
    corners
}

fn role_after(word: &str) -> Option<Role> {
    match word {
        "from" | "starts" | "start" | "starting" | "begins" | "beginning" | "begin" | "leaves"
        | "began" | "started" | "initially" | "originates" | "从" => Some(Role::From),
        "to" | "towards" | "toward" | "ends" | "end" | "ending" | "into" | "until" | "reaches"
        | "stops" | "arrives" | "arriving" | "finishes" | "ended" | "到" => Some(Role::To),
        _ => None,
    }
}

fn height(word: &str) -> Option<&'static str> {
    match word {
        "top" | "upper" | "上" => Some("top"),
        "bottom" | "lower" | "下" => Some("bottom"),
        _ => None,
    }
}

fn side(word: &str) -> Option<&'static str> {
    match word {
        "left" | "左" => Some("left"),
        "right" | "右" => Some("right"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::full_match::choices::choices_of;

    #[test]
    fn movements_are_read_in_any_words() {
        let options: Vec<String> =
            ["bottom_left_to_top_right", "top_right_to_bottom_left", "top_left_to_bottom_right"]
                .iter()
                .map(|option| (*option).to_owned())
                .collect();
        let choices = choices_of(&options);
        for (text, wanted) in [
            ("It starts at the top right and ends at the bottom left.", Some(1)),
            ("It ends at the top right and began in the lower left.", Some(0)),
            ("from upper-left to lower-right", Some(2)),
            ("从左上到右下", Some(2)),
            ("It stays at the top left.", None),
            ("top left, top right, bottom left", None),
        ] {
            assert_eq!(movement(&choices, text), wanted, "{text}");
        }
    }
}
