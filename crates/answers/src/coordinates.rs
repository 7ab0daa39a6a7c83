//! One box, in the notations in which models write boxes.

use std::sync::LazyLock;

use avibench_python::LenientValue;
use regex::Regex;

use crate::number::decimal;

/// What a value says about a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BoxValue {
    /// `x_min, y_min, x_max, y_max`, in whatever scale they came.
    Corners([String; 4]),
    /// Several boxes.
    Several(Vec<[String; 4]>),
    /// There is none.
    Absent,
    /// Incomplete, no numbers, or coordinates of another kind.
    Unusable,
}

static TAGS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"</?(?:box|bbox|bounding_box)>|<\|(?:box_start|box_end)\|>")
        .expect("the pattern is constant")
});

const ABSENT: [&str; 12] = [
    "",
    "none",
    "null",
    "absent",
    "n/a",
    "na",
    "not visible",
    "not present",
    "invisible",
    "not in frame",
    "out of frame",
    "no object",
];

impl BoxValue {
    /// Reads a value as a box.
    pub(crate) fn of(value: &LenientValue) -> Self {
        match value {
            LenientValue::Absent => Self::Absent,
            LenientValue::Text(text) | LenientValue::Word(text) => Self::of_text(text),
            LenientValue::Sequence(items) => Self::of_sequence(items),
            LenientValue::Dict(fields) => of_fields(fields).map_or(Self::Unusable, Self::Corners),
            LenientValue::Number(_) | LenientValue::Flag(_) => Self::Unusable,
        }
    }

    fn of_sequence(items: &[LenientValue]) -> Self {
        if items.is_empty() {
            return Self::Absent;
        }
        if let Some(corners) = four(items) {
            return Self::Corners(corners);
        }
        match items {
            [LenientValue::Sequence(only)] => return Self::of_sequence(only),
            [LenientValue::Sequence(first), LenientValue::Sequence(second)]
                if first.len() == 2 && second.len() == 2 =>
            {
                let flat: Vec<LenientValue> = first.iter().chain(second).cloned().collect();
                return four(&flat).map_or(Self::Unusable, Self::Corners);
            }
            _ => {}
        }
        let several: Option<Vec<_>> = items.iter().map(|item| four(item.as_sequence()?)).collect();
        several.map_or(Self::Unusable, Self::Several)
    }

    fn of_text(text: &str) -> Self {
        let text = TAGS.replace_all(text, " ");
        let text = text.trim();
        if ABSENT.iter().any(|absent| absent.eq_ignore_ascii_case(text)) {
            return Self::Absent;
        }
        match LenientValue::whole(text) {
            Some(
                value @ (LenientValue::Sequence(_) | LenientValue::Dict(_) | LenientValue::Absent),
            ) => Self::of(&value),
            _ => of_pieces(text).map_or(Self::Unusable, Self::Corners),
        }
    }
}

/// Four numbers, maybe quoted.
fn four(items: &[LenientValue]) -> Option<[String; 4]> {
    let numbers: Option<Vec<String>> = items
        .iter()
        .map(|item| match item {
            LenientValue::Number(text) | LenientValue::Text(text) => decimal(text),
            _ => None,
        })
        .collect();
    numbers?.try_into().ok()
}

/// A dict whose keys name the corners.
fn of_fields(fields: &[(LenientValue, LenientValue)]) -> Option<[String; 4]> {
    let named: Option<Vec<_>> = fields
        .iter()
        .map(|(key, value)| Some((key.as_text()?.to_owned(), decimal(value.as_text()?)?)))
        .collect();
    by_name(named?)
}

/// `0.1, 0.2, 0.3, 0.4`, `(1,2),(3,4)` or `x_min=1 y_min=2 x_max=3 y_max=4`.
fn of_pieces(text: &str) -> Option<[String; 4]> {
    // Longer than any box: saves splitting whole essays.
    if text.len() > 200 {
        return None;
    }
    let pieces: Vec<&str> = text
        .split(|c: char| {
            c.is_whitespace()
                || matches!(c, ',' | ';' | ':' | '=' | '(' | ')' | '[' | ']' | '<' | '>')
        })
        .filter(|piece| !piece.is_empty())
        .collect();
    if pieces.len() == 4 {
        let numbers: Option<Vec<String>> = pieces.iter().map(|piece| decimal(piece)).collect();
        return numbers?.try_into().ok();
    }
    if pieces.len() != 8 {
        return None;
    }
    let named: Option<Vec<_>> =
        pieces.chunks_exact(2).map(|pair| Some((pair[0].to_owned(), decimal(pair[1])?))).collect();
    by_name(named?)
}

/// Sorts values by the corners that their names mean.
fn by_name(named: Vec<(String, String)>) -> Option<[String; 4]> {
    const NAMES: [[&str; 4]; 5] = [
        ["xmin", "ymin", "xmax", "ymax"],
        ["left", "top", "right", "bottom"],
        ["x1", "y1", "x2", "y2"],
        ["x0", "y0", "x1", "y1"],
        ["0", "1", "2", "3"],
    ];
    if named.len() != 4 {
        return None;
    }
    let squeezed: Vec<(String, String)> = named
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase().replace(['_', '-', ' '], ""), value))
        .collect();
    NAMES.iter().find_map(|names| {
        let corners: Option<Vec<String>> = names
            .iter()
            .map(|name| {
                squeezed.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
            })
            .collect();
        corners?.try_into().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> BoxValue {
        BoxValue::of(&LenientValue::Text(text.to_owned()))
    }

    #[test]
    fn one_box_in_many_notations() {
        let corners = BoxValue::Corners(["1", "2", "3", "4"].map(str::to_owned));
        for text in [
            "[1, 2, 3, 4]",
            "(1, 2, 3, 4)",
            "1, 2, 3, 4",
            "1 2 3 4",
            "(1,2),(3,4)",
            "[[1, 2, 3, 4]]",
            "[[1, 2], [3, 4]]",
            "<box>(1,2),(3,4)</box>",
            "<|box_start|>(1,2),(3,4)<|box_end|>",
            "x_min=1, y_min=2, x_max=3, y_max=4",
            "ymin: 2 xmin: 1 ymax: 4 xmax: 3",
            "{'x1': 1, 'y1': 2, 'x2': 3, 'y2': 4}",
            "{'x0': 1, 'y0': 2, 'x1': 3, 'y1': 4}",
            "['1', '2', '3', '4']",
            "left=1; top=2; right=3; bottom=4",
            "{0: 1, 1: 2, 2: 3, 3: 4}",
        ] {
            assert_eq!(read(text), corners, "{text}");
        }
    }

    #[test]
    fn what_is_no_box_of_corners_stays_unusable() {
        for text in [
            "[1, 2, 3]",
            "[1, 2, 3, 4, 5]",
            "x=1, y=2, w=3, h=4",
            "[a, b, c, d]",
            "10%, 20%, 30%, 40%",
            "{'x': 1, 'y': 2, 'width': 3, 'height': 4}",
            "top left",
            "1-2-3-4",
            "[True, 0, 1, 1]",
        ] {
            assert_eq!(read(text), BoxValue::Unusable, "{text}");
        }
        assert_eq!(read("None"), BoxValue::Absent);
        assert_eq!(read("[]"), BoxValue::Absent);
        assert!(matches!(read("[[1, 2, 3, 4], [5, 6, 7, 8]]"), BoxValue::Several(_)));
    }
}
