//! An answer without its wrapping: end markers, code fences and a leading `answer=`.

use std::borrow::Cow;
use std::ops::Range;

use avibench_python::is_space;

use crate::judgement::without_end_of_text;

const FENCE: &str = "```";
/// Words after a fence that name a language even if the content follows on the same line.
const LANGUAGES: [&str; 8] = ["json", "json5", "jsonc", "python", "py", "text", "txt", "plaintext"];

/// The text inside the wrapping.
pub(crate) struct Prepared<'a> {
    /// Without white space around it; empty if nothing was answered.
    pub(crate) text: Cow<'a, str>,
    /// Whether a fence or an `answer=` was taken off.
    pub(crate) was_wrapped: bool,
}

impl<'a> Prepared<'a> {
    /// Takes the wrapping off. Fences inside become blanks.
    pub(crate) fn new(answer: &'a str) -> Self {
        let unmarked = without_end_of_text(answer);
        let has_fences = unmarked.contains(FENCE);
        let unfenced = if has_fences { Cow::Owned(blank_fences(&unmarked)) } else { unmarked };
        let trimmed = trimmed(&unfenced, 0..unfenced.len());
        let assigned = after_assignment(&unfenced[trimmed.clone()]);
        let range = match assigned {
            Some(offset) => self::trimmed(&unfenced, trimmed.start + offset..trimmed.end),
            None => trimmed,
        };
        let text = match unfenced {
            Cow::Borrowed(text) => Cow::Borrowed(&text[range]),
            Cow::Owned(text) => Cow::Owned(text[range].to_owned()),
        };
        Self { text, was_wrapped: has_fences || assigned.is_some() }
    }
}

/// `range` without the white space at its ends.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let start = range.end - text[range.clone()].trim_start_matches(is_space).len();
    let end = start + text[start..range.end].trim_end_matches(is_space).len();
    start..end
}

/// Where the text after `answer=` starts; any case, spaces around the sign.
fn after_assignment(text: &str) -> Option<usize> {
    let word = text.get(..6).filter(|word| word.eq_ignore_ascii_case("answer"))?;
    let rest = text[word.len()..].trim_start_matches(is_space).strip_prefix('=')?;
    // `answer == yes` compares, it does not assign.
    (!rest.starts_with('=')).then_some(text.len() - rest.len())
}

/// Blanks over fences and the languages that they name.
fn blank_fences(text: &str) -> String {
    let mut blanked = String::with_capacity(text.len());
    let mut rest = text;
    let mut opens = true;
    while let Some(found) = rest.find(FENCE) {
        blanked.push_str(&rest[..found]);
        let after = &rest[found..];
        let mut width = after.len() - after.trim_start_matches('`').len();
        if opens {
            width += language(&after[width..]);
        }
        opens = !opens;
        blanked.extend(std::iter::repeat_n(' ', width));
        rest = &after[width..];
    }
    blanked.push_str(rest);
    blanked
}

/// Bytes of the language that an opening fence names: a word alone on its line with content below,
/// or a usual name.
fn language(after: &str) -> usize {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-');
    let width = after.find(|c| !is_part(c)).unwrap_or(after.len());
    let (word, rest) = after.split_at(width);
    let content = rest.split(FENCE).next().unwrap_or_default();
    let is_alone = rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
    let is_usual = LANGUAGES.iter().any(|name| word.eq_ignore_ascii_case(name));
    let has_content = !content.trim().is_empty();
    if has_content && (is_alone || is_usual) { width } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappings_are_taken_off() {
        for (answer, text) in [
            ("yes", "yes"),
            ("  yes\n", "yes"),
            ("yes<|endoftext|>", "yes"),
            ("answer=yes", "yes"),
            (" Answer  =\n yes ", "yes"),
            ("```json\n{\"a\": 1}\n```", "{\"a\": 1}"),
            ("```json {\"a\": 1}```", "{\"a\": 1}"),
            ("```yes```", "yes"),
            ("```\nyes\n```", "yes"),
            ("```python\nanswer = {}\n```", "{}"),
            ("answer=```[0, 3]```", "[0, 3]"),
            ("````text\nyes\n````", "yes"),
            ("```yes\n```", "yes"),
            ("answer", "answer"),
            ("answer == 1", "answer == 1"),
            ("äöüäöü=1", "äöüäöü=1"),
            ("``` ```", ""),
            ("", ""),
        ] {
            assert_eq!(Prepared::new(answer).text, text, "{answer:?}");
        }
        assert_eq!(Prepared::new("ye<|endoftext|>s").text, "yes");
    }
}
