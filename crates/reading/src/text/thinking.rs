//! The thinking of a model before its answer.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Captures;

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

/// A reply whose thinking is told from its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SplitReply<'a> {
    /// What the model thought before it answered, without the tags around it.
    pub thinking: Option<&'a str>,
    /// The answer: all of the text where no thinking precedes it, nothing where the thinking does
    /// not end.
    pub answer: &'a str,
}

/// Tells the thinking at the beginning of a reply from the answer after it.
///
/// Thinking is what stands in tags before anything else is said. Chat templates often hold the
/// opening tag, so that only the closing one arrives. Tags in the middle of an answer, and quoted
/// ones, belong to the answer.
#[must_use]
pub fn split_thinking(text: &str) -> SplitReply<'_> {
    let whole = SplitReply { thinking: None, answer: text };
    let tags = || THINKING.captures_iter(text).filter(|found| !is_quoted(text, found));
    let Some(first) = tags().next() else { return whole };
    let opens = first.name("open").filter(|open| text[..open.start()].trim().is_empty());
    let Some(open) = opens else {
        // A closing tag without an opening one, of those that chat templates open.
        return match first.name("close") {
            Some(close) if TEMPLATE_CLOSES.is_match(close.as_str()) => {
                split_at(text, 0, close.range())
            }
            _ => whole,
        };
    };
    let name = tag_name(open.as_str());
    let closes = || tags().filter_map(|found| found.name("close"));
    let same = closes().find(|close| tag_name(close.as_str()) == name);
    let end = same.or_else(|| closes().next()).map(|close| close.range());
    // What opens the answer ends the thinking, too.
    let end = end.or_else(|| {
        let answer = tags().find_map(|found| found.name("answer"))?;
        Some(answer.start()..answer.start())
    });
    match end {
        Some(end) => split_at(text, open.end(), end),
        None => SplitReply { thinking: Some(text[open.end()..].trim()), answer: "" },
    }
}

/// Closing tags that come without their opening ones.
static TEMPLATE_CLOSES: Pattern = LazyLock::new(|| pattern(r"(?i)think|thought|channel\|>final"));

fn split_at(text: &str, start: usize, end: Range<usize>) -> SplitReply<'_> {
    let thinking = text[start..end.start].trim();
    SplitReply { thinking: Some(thinking), answer: text[end.end..].trim_start() }
}

/// Letters of a tag alone: those of `<think>` and `</think>` are the same.
fn tag_name(tag: &str) -> String {
    tag.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether a tag stands in quotes, as one does that is spoken of.
fn is_quoted(text: &str, tag: &Captures<'_>) -> bool {
    const QUOTES: [char; 7] = ['`', '"', '\'', '“', '”', '‘', '’'];
    let is_quote = |c: Option<char>| c.is_some_and(|c| QUOTES.contains(&c));
    let tag = tag.get_match();
    is_quote(text[..tag.start()].chars().next_back()) && is_quote(text[tag.end()..].chars().next())
}

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
pub(crate) fn breaks_off_aloud(text: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinking_is_told_from_the_answer_after_it() {
        let harmony = "<|channel|>analysis<|message|>no<|end|><|start|>assistant<|channel|>final<|message|>yes";
        for (text, thinking, answer) in [
            ("yes", None, "yes"),
            (" yes\n", None, " yes\n"),
            ("<think>A handful is 5.</think>\n\n**3**", Some("A handful is 5."), "**3**"),
            ("\n<think>\n\n</think>\n\nyes\n", Some(""), "yes\n"),
            ("<thinking>a</thinking>b", Some("a"), "b"),
            ("<THINK>a</Think>b", Some("a"), "b"),
            ("◁think▷no◁/think▷yes", Some("no"), "yes"),
            ("[THINK]no[/THINK]yes", Some("no"), "yes"),
            ("no, it is\n</think>\n\nyes", Some("no, it is"), "yes"),
            ("<think>never ends, yes", Some("never ends, yes"), ""),
            ("<think>so <answer>no</answer>", Some("so"), "<answer>no</answer>"),
            ("<think>the tag `</think>` ends it</think>3", Some("the tag `</think>` ends it"), "3"),
            ("<think>a </reason> b</think>c", Some("a </reason> b"), "c"),
            ("It says `<think>` and `</think>`.", None, "It says `<think>` and `</think>`."),
            ("A <think> tag, then </think>.", None, "A <think> tag, then </think>."),
            ("`<think>x</think>` is shown", None, "`<think>x</think>` is shown"),
            ("What [/INST] means", None, "What [/INST] means"),
        ] {
            assert_eq!(split_thinking(text), SplitReply { thinking, answer }, "{text}");
        }
        assert_eq!(split_thinking(harmony).answer, "yes");
        let split = split_thinking(harmony);
        assert!(split.thinking.is_some_and(|thinking| thinking.starts_with("no")), "{split:?}");
    }
}
