//! Lists of the options yes, no and not sure.

use std::sync::LazyLock;

use crate::text::{Pattern, pattern};

/// The options one after the other: `yes, no or not sure`, `yes/no`, `(A) yes (B) no (C) not sure`.
static LISTS: Pattern = LazyLock::new(|| {
    let letter = r#"(?:\(?[A-Da-d1-3][.):：]\)?\s*)?["'`*“‘]*"#;
    let close = r#"["'`*”’]*"#;
    let gap = r"\s*(?:,|/|\||;|\n|\bor\b|\band\b|、|或|\s)+\s*";
    pattern(&format!(
        r"(?i)(?:available options are[:：]?\s*)?[\[(]?{letter}yes{close}(?:{gap}{letter}no\b{close}(?:{gap}(?:or\s+)?{letter}(?:not sure|unsure|uncertain|unknown){close})|\s*(?:/|\||\bor\b)\s*{letter}no\b{close})[\])]?"
    ))
});

/// The options as the prompt lists them.
static LISTED: Pattern =
    LazyLock::new(|| pattern(r"(?i)available options are[:：]?\s*\[[^\]\n]{0,300}\]\.?"));

/// `text` with blanks in the place of lists of the options, which are no answers. Offsets stay what
/// they are.
pub(super) fn without_lists(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for list in LISTS.find_iter(text).chain(LISTED.find_iter(text)) {
        bytes[list.range()].fill(b' ');
    }
    // Whole matches were blanked, so that no character was cut in half.
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_options_are_blanked() {
        for (text, wanted) in [
            ("yes/no: no", ": no"),
            ("Available options are: [yes, no, not sure]. No", "No"),
            ("(A) yes (B) no (C) not sure\nB", "B"),
            ("Yes, no doubt", "Yes, no doubt"),
            ("Is it yes or no?", "Is it ?"),
        ] {
            let blanked = without_lists(text);
            assert_eq!(blanked.len(), text.len());
            assert_eq!(blanked.split_whitespace().collect::<Vec<_>>().join(" "), wanted);
        }
    }
}
