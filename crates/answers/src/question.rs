//! ASQA, VSQA and AVQA: one option or one number, `**yes**`.

use std::ops::Range;
use std::sync::LazyLock;

use avibench_python::LenientValue;
use regex::Regex;

use crate::answer::{Answer, Step};
use crate::number::{in_words, whole_number};
use crate::phrase::{is_decoration, phrase};
use crate::rule::{FormattingRule, RuleOutcome};
use crate::sentence::{
    after_counting, after_marker, after_subject, denies, sentences, wavers, without_emphasis,
};
use crate::unread_reason::Doubt;
use crate::{blocks, fields};

pub(crate) const RULES: &[Step] = &[
    (FormattingRule::Option, |answer| whole(answer, option)),
    (FormattingRule::Number, |answer| whole(answer, number)),
    (FormattingRule::NotKnown, not_known),
    (FormattingRule::Container, |answer| container(answer, &CONTAINERS, option_or_number)),
    (FormattingRule::Statement, |answer| statement(answer, option_or_number)),
    (FormattingRule::Marked, |answer| marked(answer, option_or_number)),
    (FormattingRule::Opening, |answer| opening(answer, option_or_number)),
    (FormattingRule::Emphasised, emphasised),
];

/// Reads a text that should be nothing but an answer, and writes it as the scoring wants it.
pub(crate) type Core = fn(&Answer<'_>, &str) -> Option<String>;

static CONTAINERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?is)<(?:final_)?answer>(?P<tag>[^<]{0,400})</(?:final_)?answer>",
        r"|\\boxed\{\s*(?:\\text\{)?(?P<boxed>[^{}]{0,200})\}",
    ))
    .expect("the pattern is constant")
});

static BOLD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\*\*(?P<text>[^*\n]{1,120})\*\*").expect("the pattern is constant")
});

/// `Yes, ...` and `No: ...`. Other options make poor openings: `First, I listen.`
static YES_NO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^[\s*]*(?P<answer>yes|no)[\s*]*(?:[,;:–—]|\s-\s)")
        .expect("the pattern is constant")
});

static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^(?P<number>[0-9０-９]+(?:\.0+)?|[a-z]+(?:-[a-z]+)?)",
        r"(?:\s*\((?P<again>[0-9]+|[a-z]+(?:-[a-z]+)?)\)?)?(?P<noun>(?:\s+[a-z]+){0,6})$",
    ))
    .expect("the pattern is constant")
});

/// Words after a number that make it something else than the answer.
const NOT_NOUNS: [&str; 22] = [
    "or", "and", "to", "plus", "minus", "point", "half", "hundred", "thousand", "million", "dozen",
    "but", "not", "maybe", "perhaps", "more", "less", "than", "if", "either", "between", "times",
];

fn option(answer: &Answer<'_>, text: &str) -> Option<String> {
    answer.choices().exact(text).map(|option| format!("**{option}**"))
}

/// Numbers answer questions without options only.
fn number(answer: &Answer<'_>, text: &str) -> Option<String> {
    if !answer.options.is_empty() {
        return None;
    }
    // A sign is no decoration of a number.
    let text = text.trim_matches(|c: char| is_decoration(c) && !matches!(c, '-' | '–' | '—'));
    if text.len() > 120 {
        return None;
    }
    let found = NUMBERED.captures(text)?;
    let value = whole_number(&found["number"])?;
    if let Some(again) = found.name("again")
        && whole_number(again.as_str()) != Some(value)
    {
        return None;
    }
    let strange = |word: &str| {
        let word = word.to_ascii_lowercase();
        in_words(&word).is_some() || (NOT_NOUNS.contains(&word.as_str()) && word != "times")
    };
    if found["noun"].split_whitespace().any(strange) {
        return None;
    }
    Some(format!("**{value}**"))
}

fn option_or_number(answer: &Answer<'_>, text: &str) -> Option<String> {
    option(answer, text).or_else(|| number(answer, text))
}

/// The answer in a sentence that says nothing else.
fn said(answer: &Answer<'_>, core: Core, sentence: &str) -> Option<String> {
    core(answer, sentence).or_else(|| {
        let counted = if answer.options.is_empty() { after_counting(sentence) } else { None };
        [after_marker(sentence), after_subject(sentence), counted]
            .into_iter()
            .flatten()
            .find_map(|rest| core(answer, rest))
    })
}

fn taken(answer: &Answer<'_>, text: String) -> RuleOutcome {
    let shown = answer.visible.trim();
    let start = answer.visible.len() - answer.visible.trim_start().len();
    RuleOutcome::Takes { span: start..start + shown.len(), text }
}

/// The whole text is the answer.
pub(crate) fn whole(answer: &Answer<'_>, core: Core) -> RuleOutcome {
    match core(answer, &answer.visible) {
        Some(text) => taken(answer, text),
        None => RuleOutcome::Passes { reason: "the text is not just an answer" },
    }
}

/// The text says that the answer is not known.
pub(crate) fn not_known(answer: &Answer<'_>) -> RuleOutcome {
    let known = phrase(&answer.visible).filter(|text| {
        matches!(text.as_str(), "i dont know" | "i do not know" | "dont know" | "idk")
    });
    match known {
        Some(_) => taken(answer, "i dont know".to_owned()),
        None => RuleOutcome::Passes { reason: "the text does not just say that it does not know" },
    }
}

/// The answer stands where answers are put for machines: in `places` or in a JSON object.
pub(crate) fn container(answer: &Answer<'_>, places: &Regex, core: Core) -> RuleOutcome {
    let mut contents: Vec<(Range<usize>, Option<String>)> = places
        .captures_iter(&answer.visible)
        .filter_map(|found| {
            let text = found.iter().skip(1).flatten().next()?.as_str();
            let range = found.get(0)?.range();
            let content =
                said(answer, core, text).filter(|_| stands_alone(&answer.visible, &range));
            Some((range, content))
        })
        .collect();
    if contents.is_empty() {
        contents = blocks::values(&answer.visible)
            .into_iter()
            .map(|block| {
                let value = fields::unwrap(&block.value);
                (block.span, of_value(answer, value, core))
            })
            .collect();
    }
    let mut taken: Option<(Range<usize>, String)> = None;
    for (span, content) in contents {
        let Some(text) = content else {
            return RuleOutcome::doubts(Doubt::OtherContent);
        };
        match taken {
            Some((_, before)) if before != text => {
                return RuleOutcome::doubts(Doubt::DifferentAnswers);
            }
            _ => taken = Some((span, text)),
        }
    }
    taken.map_or(
        RuleOutcome::Passes { reason: "no place that is made for the answer" },
        |(span, text)| RuleOutcome::Takes { span, text },
    )
}

/// `#` opens and closes alike: in `#cube#sphere#` one cannot know which is which.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    !text[range.clone()].starts_with('#')
        || !(text[..range.start].ends_with(char::is_alphanumeric)
            || text[range.end..].starts_with(char::is_alphanumeric))
}

fn of_value(answer: &Answer<'_>, value: &LenientValue, core: Core) -> Option<String> {
    match value {
        LenientValue::Sequence(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(LenientValue::as_text).collect();
            core(answer, &texts?.join(";"))
        }
        value => said(answer, core, value.as_text()?),
    }
}

/// The text is one sentence that says the answer.
pub(crate) fn statement(answer: &Answer<'_>, core: Core) -> RuleOutcome {
    let text = without_emphasis(&answer.visible);
    let reason = "the text is not one sentence that says the answer";
    match sentences(&text).as_slice() {
        [only] => match said(answer, core, text[only.clone()].trim()) {
            None => RuleOutcome::Passes { reason },
            Some(answered) if names_another(answer, &text, &answered) => {
                RuleOutcome::doubts(Doubt::AnotherNamed)
            }
            Some(answered) => taken(answer, answered),
        },
        _ => RuleOutcome::Passes { reason },
    }
}

/// Sentences are marked as the answer, and nothing after them takes it back.
pub(crate) fn marked(answer: &Answer<'_>, core: Core) -> RuleOutcome {
    let text = without_emphasis(&answer.visible);
    let mut found: Option<(Range<usize>, String)> = None;
    for range in sentences(&text) {
        let Some(rest) = after_marker(&text[range.clone()]) else { continue };
        let Some(answered) = core(answer, rest) else {
            return RuleOutcome::doubts(Doubt::MarkedOtherwise);
        };
        match found {
            Some((_, before)) if before != answered => {
                return RuleOutcome::doubts(Doubt::DifferentMarked);
            }
            _ => found = Some((range, answered)),
        }
    }
    let Some((span, answered)) = found else {
        return RuleOutcome::Passes { reason: "no sentence is marked as the answer" };
    };
    let after = &text[span.end..];
    if wavers(after) || names_another(answer, after, &answered) {
        return RuleOutcome::doubts(Doubt::MarkedTakenBack);
    }
    RuleOutcome::Takes { span, text: answered }
}

/// The first sentence is the answer, and nothing after it takes it back.
pub(crate) fn opening(answer: &Answer<'_>, core: Core) -> RuleOutcome {
    let text = without_emphasis(&answer.visible);
    let sentences = sentences(&text);
    let Some(first) = sentences.first() else {
        return RuleOutcome::Passes { reason: "the text is empty" };
    };
    let clause = YES_NO.captures(&text).and_then(|found| {
        let answered = core(answer, &found["answer"])?;
        Some((found.get(0)?.range(), answered))
    });
    let sentence = || Some((first.clone(), core(answer, text[first.clone()].trim())?));
    let Some((span, answered)) = clause.or_else(sentence) else {
        return RuleOutcome::Passes { reason: "the text does not begin with an answer" };
    };
    let rest = &text[span.end..];
    if wavers(rest) || names_another(answer, rest, &answered) {
        return RuleOutcome::doubts(Doubt::TakenBack);
    }
    RuleOutcome::Takes { span, text: answered }
}

/// Whether a text names an option, or a number, that is not the one answered.
fn names_another(answer: &Answer<'_>, text: &str, answered: &str) -> bool {
    let bare = answered.trim_matches('*');
    let parts: Vec<&str> = bare.split(';').collect();
    if answer.choices().mentioned(text).iter().any(|option| !parts.contains(option)) {
        return true;
    }
    bare.bytes().all(|b| b.is_ascii_digit())
        && crate::phrase::words(text).iter().any(|word| {
            let is_number = word.bytes().any(|b| b.is_ascii_digit()) || in_words(word).is_some();
            is_number && whole_number(word).map(|value| value.to_string()).as_deref() != Some(bare)
        })
}

/// Exactly one option is emphasised, no other is named, nothing is denied.
fn emphasised(answer: &Answer<'_>) -> RuleOutcome {
    let found: Vec<_> = BOLD
        .captures_iter(&answer.visible)
        .filter_map(|found| Some((found.get(0)?.range(), answer.choices().exact(&found["text"])?)))
        .collect();
    let Some((span, option)) = found.last() else {
        return RuleOutcome::Passes { reason: "no option is emphasised" };
    };
    let text = &answer.visible;
    let wanted = format!("**{option}**");
    // Emphasis alone says nothing: its sentence must be the answer, or say it.
    let bare = without_emphasis(text);
    let says_it = sentences(&bare)
        .into_iter()
        .find(|range| range.start <= span.start && span.start < range.end)
        .and_then(|range| said(answer, self::option, bare[range].trim()))
        .is_some_and(|found| found == wanted);
    let mentioned = answer.choices().mentioned(text);
    if !says_it || mentioned.len() != 1 || denies(text) || wavers(text) || text.contains('?') {
        return RuleOutcome::doubts(Doubt::MoreThanEmphasis);
    }
    RuleOutcome::Takes { span: span.clone(), text: wanted }
}
