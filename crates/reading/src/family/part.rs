//! The part of an answer that was made to hold it: before a run-on, in tags, in a box.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::ReadingRule;

/// A part of the text and why it is the one to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) span: Range<usize>,
    pub(super) rule: ReadingRule,
}

/// A turn of a conversation that the model went on to invent after its answer.
static NEXT_TURN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?im)^[ \t>*#]*(?:question(?: ?\d+)?|user|human|q ?\d*|next question|instruction|input|",
        r"问题|用户|提问|質問|질문|pregunta|frage)\b?[ \t*]*[:：]",
        r"|^[ \t]*###? ?(?:user|human|question|instruction|input)\b",
    ))
    .expect("the pattern is constant and tested")
});

static TAGS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)<(?P<close>/)?(?:final_?)?(?:answer|caption|output|result|response|final|",
        r"description|counts?|sentence)>|<\|begin_of_box\|>|(?P<end><\|end_of_box\|>)",
    ))
    .expect("the pattern is constant and tested")
});

/// The text with blanks for the marks of code fences, so that offsets stay.
pub(super) fn without_fences(text: &str) -> std::borrow::Cow<'_, str> {
    static FENCE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)```(?:[A-Za-z0-9_+-]{1,16}[ \t]*$)?|^[ \t]*~~~[A-Za-z]*[ \t]*$")
            .expect("the pattern is constant and tested")
    });
    if !text.contains("```") && !text.contains("~~~") {
        return text.into();
    }
    let mut bytes = text.as_bytes().to_vec();
    for fence in FENCE.find_iter(text) {
        bytes[fence.range()].fill(b' ');
    }
    // Whole matches were blanked, so no character was cut in half.
    String::from_utf8(bytes).map_or_else(|_| text.into(), Into::into)
}

/// The text before a question that the model asks itself after its answer.
pub(super) fn before_next_turn(text: &str) -> Range<usize> {
    let next = NEXT_TURN.find_iter(text).find(|turn| {
        text[..turn.start()].chars().any(char::is_alphanumeric)
            || has_brackets(&text[..turn.start()])
    });
    0..next.map_or(text.len(), |turn| turn.start())
}

fn has_brackets(text: &str) -> bool {
    text.contains('[') || text.contains('{')
}

/// The part of the text that is the answer proper; the last one if there are several.
pub(super) fn proper(text: &str) -> Part {
    let whole = before_next_turn(text);
    let shown = &text[whole.clone()];
    if let Some(span) = tagged(shown) {
        return Part { span, rule: ReadingRule::Tagged };
    }
    if let Some(span) = boxed(shown) {
        return Part { span, rule: ReadingRule::Boxed };
    }
    Part { span: whole, rule: ReadingRule::Whole }
}

/// The content of the last tag that holds anything.
fn tagged(text: &str) -> Option<Range<usize>> {
    let mut found = None;
    let mut open: Option<usize> = None;
    for tag in TAGS.captures_iter(text) {
        let Some(whole) = tag.get(0) else { continue };
        // `<answer>...<answer>` closes too.
        let start = open.take();
        if let Some(start) = start.filter(|start| !text[*start..whole.start()].trim().is_empty()) {
            found = Some(start..whole.start());
        } else if tag.name("close").or(tag.name("end")).is_none() {
            open = Some(whole.end());
        }
    }
    let unclosed = open.map(|start| start..text.len());
    unclosed.filter(|span| !text[span.clone()].trim().is_empty()).or(found)
}

/// The content of the last `\boxed{...}`, without `\text{...}` in it.
fn boxed(text: &str) -> Option<Range<usize>> {
    let at = text.rfind("\\boxed")?;
    let open = at + text[at..].find('{')?;
    if !text[at + "\\boxed".len()..open].trim().is_empty() {
        return None;
    }
    let mut span = open + 1..closing_brace(text, open);
    for command in ["\\text{", "\\textbf{", "\\mathrm{", "\\textit{"] {
        let inner = text[span.clone()].trim_start();
        if inner.starts_with(command) {
            let open = span.end - inner.len() + command.len() - 1;
            span = open + 1..closing_brace(&text[..span.end], open);
        }
    }
    (!text[span.clone()].trim().is_empty()).then_some(span)
}

/// Where the brace that opens at `open` is closed, or the end.
fn closing_brace(text: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return at,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_made_for_the_answer_is_found() {
        for (text, part) in [
            ("plain", "plain"),
            ("so <answer>[2, 7]</answer> it is", "[2, 7]"),
            ("<answer>1</answer> no <answer> 2 </answer>", " 2 "),
            ("<answer>open end", "open end"),
            ("<answer></answer>after", "<answer></answer>after"),
            (r"thus $\boxed{[1, 4]}$", "[1, 4]"),
            (r"\boxed{\text{A {b} c.}}", "A {b} c."),
            ("[4]\n\nQuestion: which?\nAnswer: [0]", "[4]\n\n"),
            ("A dog.\n\nUser: next\nAssistant: x", "A dog.\n\n"),
            ("Question: which?", "Question: which?"),
        ] {
            assert_eq!(&text[proper(text).span], part, "{text}");
        }
    }
}
