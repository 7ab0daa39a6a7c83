//! Yes, no or not sure as a text of its own.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::opening::opens;
use super::polarity;
use crate::family::full_match::letter::{after_letter, behind_letter};
use crate::family::full_match::question::Asked;
use crate::family::full_match::statement::statement;
use crate::text::lexicon::{Polarity, yes_no_at};
use crate::text::negation::is_negator;
use crate::text::refusal::refusal;
use crate::text::sentences::sentences;
use crate::text::words::words;
use crate::text::{Pattern, pattern};

/// A longer text is more than a word.
const LONGEST_WORD: usize = 200;

/// `not yes`, `anything but no`.
static DENIED: Pattern = LazyLock::new(|| {
    pattern(
        r#"(?i)(?:\bnot|\bcannot be|\bcan['’]t be|\bisn['’]t|\banything but|\bnever|(?:\bnot|n['’]t|\bnever)\s+(?:say|answer|call it|choose|pick|go with|reply|be))\s+(?:a\s+)?["'“‘*]*(?P<word>yes|no)\b["'”’*]*\s*(?:$|[.,;!])"#,
    )
});

/// `It would be wrong to say yes.`
static JUDGED_BEFORE: Pattern = LazyLock::new(|| {
    pattern(
        r#"(?i)\b(?P<how>wrong|incorrect|mistaken|a mistake|false|misleading|untrue|right|correct|fair|safe|true)\s+to\s+(?:say|answer|reply|claim|respond|pick|choose|conclude)(?:\s+with)?\s*:?\s*["'“‘*]*(?P<word>yes|no)\b"#,
    )
});

/// `"Yes" would be wrong here.`
static JUDGED_BEHIND: Pattern = LazyLock::new(|| {
    pattern(
        r#"(?i)["'“‘*]*\b(?P<word>yes|no)\b["'”’*]*\s+(?:would be|is|was|would have been|seems|has to be|must be|cannot be|can['’]t be)\s+(?:the\s+)?(?P<how>wrong|incorrect|false|mistaken|inaccurate|out|right|correct|true|accurate|appropriate)\b"#,
    )
});

/// The value of a text that is nothing but yes, no or not sure: `No.`, `(B) no`, `No, no!`
pub(super) fn whole(text: &str) -> Option<Polarity> {
    if text.len() > LONGEST_WORD {
        return None;
    }
    match text.trim() {
        "✅" | "✔" | "✔️" | "👍" | "✓" | "☑" => Some(Polarity::Yes),
        "❌" | "✗" | "✘" | "👎" | "✖" | "✖️" => Some(Polarity::No),
        text => only(text).or_else(|| only(behind_letter(text)?)),
    }
}

fn only(text: &str) -> Option<Polarity> {
    let words = words(text);
    let (value, count) = yes_no_at(&words, 0)?;
    let rest = &words[count..];
    // `Yes yes`, `No, no.`, but not `It is not no`.
    let repeats = (0..rest.len()).all(|at| yes_no_at(rest, at) == Some((value, 1)))
        && !(count > 1 && is_negator(&words[count - 1].text));
    (rest.is_empty() || repeats).then_some(value)
}

/// The value of a short text that should be the answer: a word, an opening, or a statement.
pub(super) fn piece(asked: &Asked, content: &str) -> Option<Polarity> {
    let content = after_letter(content)
        .trim_matches(|c: char| c.is_whitespace() || "\"'“”‘’*`_:：,，-–—".contains(c));
    if let Some(value) = whole(content) {
        return Some(value);
    }
    let found = sentences(content);
    let sentence = &content[found.first()?.span.clone()];
    if let Some(value) = denied_word(sentence) {
        return Some(value);
    }
    if let Some((value, _)) = opens(asked, sentence) {
        return Some(value);
    }
    if refusal(sentence).is_some() {
        return None;
    }
    statement(asked, sentence).map(polarity)
}

/// What a sentence says that judges or denies one of the words: no of `not yes`, of `It would be wrong
/// to say yes` and of `"No" is correct`.
pub(super) fn denied_word(sentence: &str) -> Option<Polarity> {
    let judged = JUDGED_BEHIND.captures(sentence).or_else(|| JUDGED_BEFORE.captures(sentence));
    if let Some(found) = judged {
        let affirms = matches!(
            found["how"].to_lowercase().as_str(),
            "right" | "correct" | "true" | "accurate" | "appropriate" | "fair" | "safe"
        );
        return Some(polarity(found["word"].eq_ignore_ascii_case("yes") == affirms));
    }
    let found = DENIED.captures(sentence)?;
    Some(polarity(found["word"].eq_ignore_ascii_case("no")))
}

/// A sentence without the words that deny one: `I would` of `I would not say yes.`
pub(super) fn without_denial(sentence: &str) -> Cow<'_, str> {
    DENIED.replace(sentence, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_alone_are_read_in_every_language_and_behind_letters() {
        for (text, wanted) in [
            ("Yes.", Some(Polarity::Yes)),
            ("(B) no", Some(Polarity::No)),
            ("No, no!", Some(Polarity::No)),
            ("不是", Some(Polarity::No)),
            ("Oui", Some(Polarity::Yes)),
            ("I'm not sure", Some(Polarity::Unsure)),
            ("❌", Some(Polarity::No)),
            ("It is not no", None),
            ("Yes no", None),
            ("Yes, it barks", None),
            ("dog", None),
        ] {
            assert_eq!(whole(text), wanted, "{text}");
        }
    }

    #[test]
    fn denied_words_are_the_other_one() {
        for (text, wanted) in [
            ("not yes.", Some(Polarity::No)),
            ("It is anything but no.", Some(Polarity::Yes)),
            ("It would be wrong to say yes", Some(Polarity::No)),
            ("\"No\" would be wrong here.", Some(Polarity::Yes)),
            ("\"Yes\" is correct.", Some(Polarity::Yes)),
            ("It is safe to answer no", Some(Polarity::No)),
            ("Yes, it barks", None),
        ] {
            assert_eq!(denied_word(text), wanted, "{text}");
        }
    }
}
