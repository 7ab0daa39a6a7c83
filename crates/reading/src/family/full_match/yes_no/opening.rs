//! Yes or no at the start of a text.

use std::ops::Range;
use std::sync::LazyLock;

use super::word::denied_word;
use super::{Said, polarity};
use crate::family::full_match::letter::after_letter;
use crate::family::full_match::question::{About, Asked};
use crate::family::full_match::testimony::Testimony;
use crate::text::lexicon::{Polarity, is_filler, yes_no_at};
use crate::text::negation::is_idiom;
use crate::text::sentences::Sentence;
use crate::text::words::{Word, is_glued, stem, words};
use crate::text::{Pattern, pattern};
use crate::{ReadingRule, Unread};

/// So many words without content may stand before a yes or no: `Well, so yes`.
const MOST_FILLERS: usize = 6;

/// So many words behind a `no` may name what it denies.
const DENIED_WORDS: usize = 12;

/// `NoThe dog ...`, `YesNo`.
static GLUED: Pattern = LazyLock::new(|| {
    pattern(r"^[\s*]*(?P<all>(?:Yes|No|YES|NO)(?:Yes|No|YES|NO)*)(?P<next>[A-Z][a-z']|[A-Z]\s)")
});

/// `Yes no yes no ...`
static LOOP: Pattern = LazyLock::new(|| {
    pattern(r"(?i)^[\s*]*(?:(?:yes|no)[\s,./|;]*){4,}|^[\s*]*(?:(?:Yes|No)[\s,./|]*){3,}")
});

/// Yes or no at the start of a text, also glued to what follows.
///
/// # Errors
/// The text begins with both of them in turn.
pub(super) fn opening(
    asked: &Asked,
    text: &str,
    sentences: &[Sentence],
) -> Result<Option<Said>, Unread> {
    if let Some(found) = LOOP.find(text).or_else(|| GLUED.find(text)) {
        let opening = found.as_str().to_lowercase();
        if opening.contains("yes") && opening.contains("no") {
            return Err(Unread::Contradictory);
        }
    }
    if let Some(found) = GLUED.captures(text)
        && let Some(first) = found.name("all")
    {
        let value = polarity(first.as_str().to_lowercase().starts_with("yes"));
        return Ok(Some(Testimony::new(value, ReadingRule::Opening, first.range())));
    }
    let Some(first) = sentences.first() else { return Ok(None) };
    let sentence = &text[first.span.clone()];
    if let Some(value) = denied_word(sentence) {
        return Ok(Some(Testimony::new(value, ReadingRule::Opening, first.span.clone())));
    }
    let rest = after_letter(sentence);
    let offset = first.span.end - rest.len();
    Ok(opens(asked, rest).map(|(value, span)| {
        let span = offset + span.start..offset + span.end;
        Testimony::new(value, ReadingRule::Opening, span)
    }))
}

/// Yes or no at the start of a sentence. `No footsteps can be heard` opens with a no if it denies
/// what was asked about; `No audio was given` does not.
pub(super) fn opens(asked: &Asked, sentence: &str) -> Option<(Polarity, Range<usize>)> {
    let words = words(sentence);
    let at = (0..words.len().min(MOST_FILLERS + 1)).find(|&at| {
        at == MOST_FILLERS || yes_no_at(&words, at).is_some() || !is_filler(&words[at].text)
    })?;
    let (value, count) = yes_no_at(&words, at)?;
    let last = &words[at + count - 1];
    let span = words[at].span.start..last.span.end;
    let Some(next) = words.get(at + count) else { return Some((value, span)) };
    let gap = &sentence[last.span.end..next.span.start];
    let is_separated =
        gap.chars().any(|c| c == '\n' || (!c.is_whitespace() && !matches!(c, '\'' | '’' | '_')));
    let first = words[at].text.as_str();
    let stands = if first.starts_with(is_glued) {
        // A single character may be the beginning of a longer word.
        let is_only_denial = value == Polarity::No
            && count >= 2
            && !sentence[last.span.end..].contains(['不', '没', '而']);
        is_separated || is_only_denial
    } else if is_separated {
        // `There is, ...` is no answer; `It is.` is.
        let is_pronoun = matches!(first, "it" | "they" | "there" | "he" | "she") && count <= 2;
        !is_pronoun || gap.contains(['.', '!', '\n'])
    } else if value == Polarity::No && first == "no" && count == 1 {
        !is_idiom(&words, at) && denies_asked(asked, &words[at + 1..])
    } else {
        opens_without_mark(value, first, count)
    };
    stands.then_some((value, span))
}

/// Whether a phrase of `count` words answers though no comma follows it: `Yes the dog barks`,
/// `Certainly not the dog`.
fn opens_without_mark(value: Polarity, first: &str, count: usize) -> bool {
    match value {
        Polarity::Yes => matches!(first, "yes" | "yeah" | "yep" | "sí" | "oui"),
        Polarity::No => {
            matches!(first, "nope" | "nah" | "nein" | "non" | "нет" | "nay")
                || (count >= 2
                    && matches!(
                        first,
                        "not"
                            | "certainly"
                            | "definitely"
                            | "absolutely"
                            | "of"
                            | "by"
                            | "in"
                            | "far"
                    ))
        }
        Polarity::Unsure => false,
    }
}

/// Whether what a `no` stands before is what was asked about: `footsteps can be heard`.
fn denies_asked(asked: &Asked, rest: &[Word]) -> bool {
    // `No sound` says yes to the question for silence.
    if ["free", "without", "silent", "quiet"].iter().any(|word| asked.has(word)) {
        return false;
    }
    let near = &rest[..rest.len().min(DENIED_WORDS)];
    let begins = |list: &[&str]| near.iter().take(4).any(|word| list.contains(&word.text.as_str()));
    let says = |list: &[&str]| near.iter().any(|word| list.contains(&word.text.as_str()));
    near.iter().any(|word| asked.mentions(&stem(&word.text)))
        || match asked.about {
            About::Sounding => {
                begins(&["sound", "sounds", "noise", "noises"])
                    && says(&["heard", "audible", "made", "comes", "coming", "hear", "can", "from"])
            }
            About::Match => begins(&[
                "match",
                "correspondence",
                "relation",
                "connection",
                "sync",
                "correlation",
            ]),
            About::Visible | About::Other => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::sentences::sentences;

    #[test]
    fn openings_answer_if_they_are_about_the_question() {
        let asked = Asked::new("Can footsteps be heard in the hall?");
        for (text, wanted) in [
            ("Yes, they can.", Ok(Some(Polarity::Yes))),
            ("Well, no.", Ok(Some(Polarity::No))),
            ("NoThe hall is empty.", Ok(Some(Polarity::No))),
            ("No footsteps can be heard.", Ok(Some(Polarity::No))),
            ("No audio was given.", Ok(None)),
            ("No doubt, the hall is empty.", Ok(None)),
            ("Certainly not in the hall.", Ok(Some(Polarity::No))),
            ("There is, of course, a hall.", Ok(None)),
            ("没有，没听到。", Ok(Some(Polarity::No))),
            ("Yes no yes no yes no", Err(Unread::Contradictory)),
            ("YesNoThe hall", Err(Unread::Contradictory)),
            ("The hall is empty.", Ok(None)),
        ] {
            let found = opening(&asked, text, &sentences(text));
            assert_eq!(found.map(|said| said.map(|said| said.value)), wanted, "{text}");
        }
    }
}
