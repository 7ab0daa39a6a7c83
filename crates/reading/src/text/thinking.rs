//! The thinking of a model before its answer.

use std::sync::LazyLock;

use super::visible::blanked;
use super::{Pattern, pattern};

/// The answer breaks off within its thinking, so that nothing of it is an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unfinished;

/// What opens and closes thinking, and what opens the answer after it.
static THINKING: Pattern = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?P<open><\|?(?:think|thinking|thought|thoughts|reasoning|reason|reflection|analysis|scratchpad|seed:think|begin_of_thought|start_thinking)\|?>",
        r"|◁think▷|\[think(?:ing)?\]|<\|channel\|>analysis<\|message\|>|<think\n)",
        r"|(?P<close><?/\|?(?:think|thinking|thought|thoughts|reasoning|reason|reflection|analysis|scratchpad|seed:think)\|?>",
        r"|◁/think▷|\[/INST\]|\[/think(?:ing)?\]|<\|end_of_thought\|>|<\|end_thinking\|>|<\|channel\|>final<\|message\|>)",
        r"|(?P<answer><(?:final_?)?answer>|<\|begin_of_solution\|>)",
    ))
});

/// Thinking that a model writes without tags around it.
static THINKS_ALOUD: Pattern = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^\W*(?:(?:okay|ok|alright|hmm|so|well|got it|right)[,.]?\s+)?(?:(?:so|now)[,]?\s+)?",
        r"(?:the user (?:wants|is asking|asks|asked|would like|has asked|needs|provided)|i need to (?:figure|determine|find|check|look|analy|see|listen|count|think)|let me (?:think|see|start|go|look|analy|break|count|listen|check|examine|try)|let's (?:see|think|break|start|look|go|analy|count|tackle)|first,? (?:i|let)|用户|好的，|我需要|让我)",
    ))
});

/// The last words of an answer that breaks off after all.
static ANSWERS: Pattern =
    LazyLock::new(|| pattern(r"(?i)\b(?:final|answer|conclusion|verdict)\b[^.\n]{0,40}$"));

/// `raw` with blanks in the place of its thinking, and the byte where the thinking ends.
///
/// # Errors
/// Thinking is opened and neither closed nor ended by a tag for the answer.
pub(super) fn without_thinking(raw: &str) -> Result<(String, usize), Unfinished> {
    let mut thoughts = Vec::new();
    let mut opened = None;
    let mut until = 0;
    for found in THINKING.captures_iter(raw) {
        if let Some(open) = found.name("open") {
            opened = opened.or(Some(open.start()));
        } else if let Some(close) = found.name("close") {
            // Chat templates often hold the opening tag, so that only the closing one arrives.
            thoughts.push(opened.take().unwrap_or(until)..close.end());
            until = close.end();
        } else if let Some(answer) = found.name("answer")
            && let Some(start) = opened.take()
        {
            thoughts.push(start..answer.start());
            until = answer.start();
        }
    }
    match opened {
        Some(_) => Err(Unfinished),
        None => Ok((blanked(raw.to_owned(), thoughts), until)),
    }
}

/// Whether a text without tags thinks aloud and does not come to an end: `The user wants to know if
/// the whale is visible. Frame 1: water and`.
pub(super) fn breaks_off_aloud(text: &str) -> bool {
    THINKS_ALOUD.is_match(text) && !is_finished(text)
}

/// Whether a text ends as sentences, literals and tags end.
fn is_finished(text: &str) -> bool {
    let end = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`'));
    let last_line = end.lines().last().unwrap_or_default();
    ANSWERS.is_match(end)
        || end.ends_with([
            '.', '!', '?', '。', '！', '？', '}', ']', ')', '>', '"', '”', '\'', '#', '$',
        ])
        || last_line.split_whitespace().take(5).count() <= 4
}
