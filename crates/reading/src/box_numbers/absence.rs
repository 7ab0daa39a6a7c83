//! Words that say that an object is not there.

use std::sync::LazyLock;

use regex::Regex;

/// Whole texts that say so.
static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:none|null|nil|nan|undefined|absent|invisible|n/?a|no|nothing|empty|missing|false|-+|–|—|∅|x|无|没有|不可见|不存在|未出现|不在画面中|out[ -]of[ -](?:frame|view|sight|shot)|off[ -]?(?:screen|camera|frame)|hidden|gone|occluded|fully occluded|object absent|0|\[\s*\]|\(\s*\)|\{\s*\})$",
    )
    .expect("the pattern is constant and tested")
});

/// Parts of a text that say so.
static WITHIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:not|never|isn'?t|aren'?t|is no longer|no longer|cannot be|can'?t be|barely not)\s+(?:\w+\s+){0,2}?(?:visible|present|shown|seen|there|in (?:the )?(?:frame|view|shot|picture|scene)|detected|found|appear\w*|on screen|in sight|located|identified|observed)\b",
        r"|\b(?:does not|doesn'?t|did not|didn'?t|has not|hasn'?t)\s+(?:\w+\s+){0,2}?(?:appear|show|exist|be seen|entered|enter)\w*",
        r"|\b(?:absent|invisible|null|none|n/a|missing|disappear(?:s|ed)?|vanish(?:es|ed)?|gone|out of (?:the )?(?:frame|view|sight|shot|picture)|off[ -]?screen|off[ -]?camera|(?:left|leaves|has left|exited|exits) (?:the )?(?:frame|scene|view|picture|shot))\b",
        r"|\b(?:fully|completely|entirely|totally) (?:occluded|hidden|obscured|covered)\b",
        r"|\bno\s+(?:\w+\s+){0,3}?(?:visible|present|detected|seen|found|shown|box|bounding box|detection|object|in (?:the )?(?:frame|view))\b",
        r"|\bno (?:sign|trace) of\b",
        r"|看不到|看不见|不可见|没有出现|未出现|不存在|消失|不在画面|未检测到|没有|无",
    ))
    .expect("the pattern is constant and tested")
});

/// Whether a text without a box says that there is none.
pub(crate) fn says_absent(text: &str) -> bool {
    let bare =
        text.trim_matches(|c: char| c.is_whitespace() || "*_`\"'“”‘’.。,，;；!:：|".contains(c));
    WHOLE.is_match(bare) || WITHIN.is_match(text) || is_bare_absence(bare)
}

/// `no dog`, `no violin here`.
fn is_bare_absence(text: &str) -> bool {
    let mut words = text.split_whitespace();
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("no")) && words.count() <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absence_in_many_words() {
        for text in [
            "None",
            "null",
            "not visible",
            "absent",
            "N/A",
            "-",
            "the cart is gone",
            "The dog is not present in this frame",
            "out of frame",
            "no dog",
            "No dog visible",
            "is no longer in view",
            "the dog has left the frame",
            "fully occluded",
            "看不到",
            "doesn't appear",
            "no bounding box",
            "object not detected",
            "Not in frame",
            "[]",
            "**None**",
            "invisible",
            "The dog cannot be seen",
        ] {
            assert!(says_absent(text), "{text}");
        }
        for text in ["", "same as before", "left half", "partially occluded", "behind the car"] {
            assert!(!says_absent(text), "{text}");
        }
    }
}
