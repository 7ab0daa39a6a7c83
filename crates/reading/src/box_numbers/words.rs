//! Words around boxes.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::refusal::refusal;

/// Words that may stand between the numbers of one box.
const LIGHT: [&str; 66] = [
    "centered",
    "centred",
    "area",
    "has",
    "and",
    "to",
    "from",
    "at",
    "the",
    "corner",
    "corners",
    "coordinate",
    "coordinates",
    "coord",
    "coords",
    "is",
    "are",
    "with",
    "by",
    "through",
    "until",
    "point",
    "px",
    "pixel",
    "pixels",
    "percent",
    "approximately",
    "approx",
    "about",
    "around",
    "roughly",
    "its",
    "spans",
    "spanning",
    "extends",
    "extending",
    "ranges",
    "ranging",
    "axis",
    "upper",
    "lower",
    "center",
    "centre",
    "start",
    "end",
    "starting",
    "ending",
    "edge",
    "size",
    "of",
    "horizontally",
    "vertically",
    "a",
    "box",
    "bbox",
    "bounding",
    "left",
    "right",
    "top",
    "bottom",
    "between",
    "up",
    "down",
    "or_so",
    "positions",
    "value",
];

/// The same in Chinese, where words are not parted.
const LIGHT_CHINESE: [&str; 22] = [
    "左上角",
    "右下角",
    "左下角",
    "右上角",
    "左上",
    "右下",
    "左下",
    "右上",
    "坐标",
    "中心",
    "宽度",
    "高度",
    "宽",
    "高",
    "到",
    "至",
    "和",
    "为",
    "是",
    "点",
    "约",
    "的",
];

/// Which corner words before a point name.
#[expect(clippy::struct_excessive_bools, reason = "each word names an edge of its own")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Corner {
    left: bool,
    top: bool,
    pub(super) right: bool,
    pub(super) bottom: bool,
    centre: bool,
    size: bool,
}

impl Corner {
    pub(super) fn with(mut self, word: &str) -> Self {
        let word = word.to_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| word.contains(part));
        if has(&["center", "centre", "中心"]) {
            self.centre = true;
        } else if has(&["size", "width", "宽"]) {
            self.size = true;
        } else {
            self.left |= has(&["left", "左"]);
            self.right |= has(&["right", "右"]);
            self.top |= has(&["top", "upper", "上"]);
            self.bottom |= has(&["bottom", "lower", "下"]);
        }
        self
    }

    pub(super) const fn is_centre(self) -> bool {
        self.centre
    }

    pub(super) const fn is_size(self) -> bool {
        self.size
    }
}

/// Whether a word may stand between the numbers of one box.
pub(super) fn is_light(word: &str) -> bool {
    if word.is_ascii() {
        let word = word.to_ascii_lowercase();
        return LIGHT.contains(&word.as_str())
            || ["topleft", "bottomright", "topright", "bottomleft", "top_left", "bottom_right"]
                .contains(&word.as_str())
            || super::keys::is_box_key(&word);
    }
    let mut rest = word;
    while !rest.is_empty() {
        let Some(part) = LIGHT_CHINESE.iter().find(|part| rest.starts_with(**part)) else {
            return false;
        };
        rest = &rest[part.len()..];
    }
    true
}

static EXAMPLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:for example|for instance|e\.g\.|example|hypothetical|placeholder|template|sample (?:output|format|answer)|illustrat\w+|(?:would|should|might|could) look like)|例如|示例",
    )
    .expect("the pattern is constant and tested")
});

static FORM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:such as|expected format|output format|required format|in the format)|格式",
    )
    .expect("the pattern is constant and tested")
});

/// Whether words say that what follows only shows a form.
pub(crate) fn is_example(text: &str) -> bool {
    EXAMPLE.is_match(text)
}

/// Whether words name a form: what follows may be an example or an answer in that form.
pub(crate) fn is_form(text: &str) -> bool {
    FORM.is_match(text)
}

/// Refusals stand within so many bytes from the start of an answer.
const REFUSAL: usize = 2_000;

/// Whether an answer declines to answer.
pub(crate) fn declines(text: &str) -> bool {
    let mut end = text.len().min(REFUSAL);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    refusal(&text[..end]).is_some()
}

/// The byte after the last end of a sentence or line in a text; points within numbers end nothing.
pub(crate) fn sentence_end(text: &str) -> usize {
    let mut end = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        let is_end = match c {
            '\n' | '。' | '！' | '？' | '；' | ';' => true,
            ' ' => matches!(before, Some('.' | '!' | '?')),
            _ => false,
        };
        if is_end {
            end = at + c.len_utf8();
        }
        before = Some(c);
    }
    end
}
