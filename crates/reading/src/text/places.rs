//! Where answers stand: boxes, tags, fields of JSON, emphasis.

use std::ops::Range;
use std::sync::LazyLock;

use super::{Pattern, pattern};
use crate::ReadingRule;

/// A place in a text that is made for the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) rule: ReadingRule,
    /// Bytes of the content.
    pub(crate) content: Range<usize>,
    /// Bytes of the place with what opens and closes it.
    pub(crate) whole: Range<usize>,
}

/// Tags around an answer.
static TAGS: Pattern = LazyLock::new(|| {
    pattern(concat!(
        r"(?is)<(?:final_?)?answer>(?P<a>.*?)(?:</?(?:final_?)?answer>|\z)",
        r"|<\|begin_of_box\|>(?P<b>.*?)(?:<\|end_of_box\|>|\z)",
        r"|\[answer\](?P<c>.*?)(?:\[/answer\]|\z)",
        r"|<(?:output|response|result|conclusion|choice|final)>(?P<d>.*?)(?:</(?:output|response|result|conclusion|choice|final)>|\z)",
    ))
});

/// A field of JSON or of a Python literal whose key names the answer.
static FIELD: Pattern = LazyLock::new(|| {
    pattern(concat!(
        r#"(?i)["'“](?:final[_ ]?|correct[_ ]?|predicted[_ ]?)?(?:answers?|result|prediction|output|response|choice|option|verdict|label|value|conclusion|decision|count|total|number|selected(?:[_ ]?option)?)["'”]\s*[:：=]\s*"#,
        r#"(?:"(?P<a>(?:[^"\\\n]|\\.)*)"|'(?P<b>(?:[^'\\\n]|\\.)*)'|“(?P<c>[^”\n]*)”|(?P<d>-?[\w.]+)|(?P<e>\[[^\]\n]*\]))"#,
    ))
});

/// Bold text.
static EMPHASIS: Pattern =
    LazyLock::new(|| pattern(r"\*\*(?P<a>[^*\n]{1,160})\*\*|__(?P<b>[^_\n]{1,160})__"));

/// Commands of LaTeX around the text in a box.
const COMMANDS: [&str; 5] = ["\\text{", "\\textbf{", "\\mathrm{", "\\mathbf{", "\\textit{"];

/// A box that holds more characters is not closed.
const LONGEST_BOX: usize = 2_000;

/// The places of `text` that are made for machines: boxes, then tags, and fields of JSON where there
/// is neither. `<answer>red</answer>` is one with the content `red`.
pub(crate) fn places(text: &str) -> Vec<Place> {
    let mut found = boxed(text);
    found.extend(matches(&TAGS, ReadingRule::Tagged, text));
    if found.is_empty() && text.contains('{') {
        found = matches(&FIELD, ReadingRule::Container, text).collect();
    }
    found
}

/// Emphasised pieces: `red` in `It is **red**.`
pub(crate) fn emphasised(text: &str) -> Vec<Place> {
    matches(&EMPHASIS, ReadingRule::Emphasised, text).collect()
}

/// The matches of a pattern; the group that took part in one holds the content.
fn matches(pattern: &Pattern, rule: ReadingRule, text: &str) -> impl Iterator<Item = Place> {
    pattern.captures_iter(text).filter_map(move |found| {
        let (whole, content) = (found.get(0)?, found.iter().skip(1).flatten().next()?);
        Some(Place { rule, content: content.range(), whole: whole.range() })
    })
}

/// `\boxed{...}` with balanced braces; `\text{...}` inside is taken off.
fn boxed(text: &str) -> Vec<Place> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(offset) = text[from..].find("\\boxed") {
        let start = from + offset;
        let behind = start + "\\boxed".len();
        let open = text.len() - text[behind..].trim_start_matches(' ').len();
        from = open;
        if !text[open..].starts_with('{') {
            continue;
        }
        // What is not closed ends with its line.
        let end = closing_brace(text, open)
            .or_else(|| Some(open + text[open..].find('\n')?))
            .unwrap_or(text.len());
        let whole = start..text.len().min(end + 1);
        let content = without_commands(text, open + 1..end);
        found.push(Place { rule: ReadingRule::Boxed, content, whole });
        from = end;
    }
    found
}

/// Where the brace that opens at byte `open` is closed.
fn closing_brace(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    text[open..].char_indices().take(LONGEST_BOX).find_map(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(open + at)
    })
}

/// The bytes inside commands of LaTeX: `red` of `\text{red}`.
fn without_commands(text: &str, mut content: Range<usize>) -> Range<usize> {
    for command in COMMANDS {
        let inside = &text[content.clone()];
        if let Some(rest) = inside.trim_start().strip_prefix(command) {
            let start = content.end - rest.len();
            content = start..rest.rfind('}').map_or(content.end, |at| start + at);
        }
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_tags_and_fields_are_places() {
        for (text, wanted) in [
            (r"So \boxed{\text{red}}.", vec!["red"]),
            (r"\boxed{a{b}c} and \boxed {d}", vec!["a{b}c", "d"]),
            ("<answer>red</answer> blue", vec!["red"]),
            ("<answer>red", vec!["red"]),
            ("<|begin_of_box|>red<|end_of_box|>", vec!["red"]),
            (r#"{"reasoning": "no", "answer": "red"}"#, vec!["red"]),
            ("{'final_answer': 4}", vec!["4"]),
            (r"\boxed{open", vec!["open"]),
            ("The answer is red.", vec![]),
        ] {
            let found: Vec<_> =
                places(text).into_iter().map(|place| &text[place.content]).collect();
            assert_eq!(found, wanted, "{text}");
        }
    }

    #[test]
    fn bold_pieces_are_emphasised() {
        let text = "It is **red** and __blue__, not *green*.";
        let found: Vec<_> =
            emphasised(text).into_iter().map(|place| &text[place.content]).collect();
        assert_eq!(found, ["red", "blue"]);
    }
}
