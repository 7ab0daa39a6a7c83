//! VAR and AVR: indices of the fitting candidates, `[0, 3, 7]`.

use std::collections::HashSet;
use std::sync::LazyLock;

use avibench_python::LenientValue;
use regex::Regex;

use crate::answer::{Answer, Step};
use crate::blocks::{self, Block};
use crate::fields;
use crate::rule::{FormattingRule, RuleOutcome};
use crate::unread_reason::{Doubt, Misfit};

pub(crate) const RULES: &[Step] = &[
    (FormattingRule::Whole, |answer| blocks::whole(answer, convert)),
    (FormattingRule::Indices, indices),
    (FormattingRule::Fenced, |answer| blocks::fenced(answer, convert)),
    (FormattingRule::Assigned, |answer| blocks::assigned(answer, convert)),
    (FormattingRule::OnlyBlock, only_block),
];

/// More digits than any candidate has.
const DIGITS: usize = 4;

static NOUN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^(?:(?:the\s+)?(?:audios?|sounds?|images?|pictures?|clips?|indices|index|candidates?",
        r"|no\.|nr\.|#)[\s_#:-]*)?(?P<index>\d+)$",
    ))
    .expect("the pattern is constant")
});

static NONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^(?:the\s+)?(?:answer(?:\s+is|\s*[:=])\s*)?(?:none|no\s+match(?:es)?|nothing)",
        r"(?:\s+of\s+(?:them|these|those|the)(?:\s+(?:audios?|sounds?|images?|pictures?|clips?|candidates|options|above))?)?",
        r"(?:\s+(?:match(?:es)?|fits?))?[\s.!]*$",
    ))
    .expect("the pattern is constant")
});

static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\s*(?:[,;\n，、&]|\band\b)\s*").expect("the pattern is constant")
});

fn convert(block: &Block, _: &Answer<'_>) -> Result<String, Misfit> {
    let items = fields::unwrap(&block.value).as_sequence().ok_or(Misfit::NoList)?;
    let indices: Option<Vec<String>> =
        items.iter().map(|item| item.as_text().and_then(index)).collect();
    indices.map(|indices| write(&indices)).ok_or(Misfit::NotIndices)
}

fn write(indices: &[String]) -> String {
    format!("[{}]", indices.join(", "))
}

/// `3`, `Audio 3`, `#3`.
fn index(text: &str) -> Option<String> {
    // Longer than any index with its noun.
    if text.len() > 40 {
        return None;
    }
    let found = NOUN.captures(text.trim())?;
    let digits = &found["index"];
    if digits.len() > DIGITS {
        return None;
    }
    // Without leading zeros, which are no number in Python.
    digits.parse::<u32>().ok().map(|index| index.to_string())
}

/// The text is nothing but indices, or the word `none`.
fn indices(answer: &Answer<'_>) -> RuleOutcome {
    let text = answer.visible.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '*' | '_' | '`' | '.' | '#' | '"' | '\'')
    });
    let Some(start) = answer.visible.find(text) else {
        return RuleOutcome::Passes { reason: "the text is empty" };
    };
    let span = start..start + text.len();
    if text.len() <= 100 && NONE.is_match(text) {
        return RuleOutcome::Takes { span, text: "[]".to_owned() };
    }
    let reason = "the text is not a list of indices";
    let mut indices = Vec::new();
    for piece in SEPARATOR.split(text).filter(|piece| !piece.is_empty()) {
        if let Some(found) = index(piece) {
            indices.push(found);
            continue;
        }
        // Bare numbers may stand side by side, numbers with nouns may not.
        for word in piece.split_whitespace() {
            match index(word) {
                Some(found) if word.bytes().all(|b| b.is_ascii_digit()) => indices.push(found),
                _ => return RuleOutcome::Passes { reason },
            }
        }
    }
    if indices.is_empty() {
        return RuleOutcome::Passes { reason };
    }
    RuleOutcome::Takes { span, text: write(&indices) }
}

/// A list in prose counts only if the prose speaks of no other index.
fn only_block(answer: &Answer<'_>) -> RuleOutcome {
    let outcome = blocks::only_block(answer, &['['], convert);
    let RuleOutcome::Takes { span, text } = &outcome else { return outcome };
    let listed: HashSet<&str> =
        text.trim_matches(['[', ']']).split(", ").filter(|index| !index.is_empty()).collect();
    let block = Block { span: span.clone(), value: LenientValue::Absent };
    let strange = blocks::around(&answer.visible, &[block]).into_iter().any(|prose| {
        prose
            .split(|c: char| !c.is_ascii_digit())
            .any(|digits| !digits.is_empty() && !listed.contains(&digits))
    });
    if strange {
        return RuleOutcome::doubts(Doubt::OtherNumbers);
    }
    outcome
}
