//! AVSQA: one option or several, `**cone;sphere**`.

use std::sync::LazyLock;

use regex::Regex;

use crate::answer::{Answer, Step};
use crate::question::{container, marked, not_known, opening, statement, whole};
use crate::rule::FormattingRule;

pub(crate) const RULES: &[Step] = &[
    (FormattingRule::Option, |answer| whole(answer, options)),
    (FormattingRule::NotKnown, not_known),
    (FormattingRule::Container, |answer| container(answer, &CONTAINERS, options)),
    (FormattingRule::Statement, |answer| statement(answer, options)),
    (FormattingRule::Marked, |answer| marked(answer, options)),
    (FormattingRule::Opening, |answer| opening(answer, options)),
];

static CONTAINERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?is)<(?:final_)?answer>(?P<tag>[^<]{0,400})</(?:final_)?answer>",
        r"|\\boxed\{\s*(?:\\text\{)?(?P<boxed>[^{}]{0,200})\}",
        r"|#(?P<hashes>[^#\n]{1,200})#",
    ))
    .expect("the pattern is constant")
});

static SEPARATOR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)[;；,，、\n&]|\band\b").expect("the pattern is constant"));

/// Nothing but options, joined by semicolons, commas, line breaks or `and`.
fn options(answer: &Answer<'_>, text: &str) -> Option<String> {
    // Longer than all options of any list together.
    if text.trim().len() > 1_000 {
        return None;
    }
    let mut found: Vec<&str> = Vec::new();
    for piece in SEPARATOR.split(text) {
        if !piece.chars().any(char::is_alphanumeric) {
            continue;
        }
        let option = answer.choices().exact(piece)?;
        if !found.contains(&option) {
            found.push(option);
        }
    }
    (!found.is_empty()).then(|| format!("**{}**", found.join(";")))
}
