//! Yes or no: by a word, or by what a statement says to the question.

mod conclusion;
mod field;
mod lists;
mod offer;
mod opening;
mod word;

use std::sync::LazyLock;

use conclusion::conclusions;
use field::in_places;
use lists::without_lists;
use offer::{is_about_itself, offers};
use opening::{opening, opens};
use word::{denied_word, piece, whole, without_denial};

use super::layout::{table_row, ticked, weighed};
use super::letter::after_letter;
use super::question::Asked;
use super::statement::statement;
use super::testimony::{Testimony, corrects, settled};
use crate::read::Found;
use crate::text::lexicon::Polarity;
use crate::text::markers::{led, marked};
use crate::text::places::emphasised;
use crate::text::refusal::{Refusal, refusal};
use crate::text::sentences::{Sentence, sentences};
use crate::text::words::words;
use crate::text::{Pattern, pattern, trimmed};
use crate::{Question, ReadingRule, Unread, Value};

type Said = Testimony<Polarity>;

/// Words with which a text tells of a first idea.
static FIRST_THOUGHT: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:at first|first (?:glance|thought|impression|idea)|initially|one (?:might|may|could) (?:think|say|expect)|it would be (?:wrong|tempting|easy) to|not because|i thought)\b",
    )
});

/// Reads an answer to a yes/no question.
pub(super) fn read(question: &Question<'_>, text: &str) -> Found {
    let asked = Asked::new(question.text);
    let text = &without_lists(text);
    match decide(&asked, text) {
        Ok(said) => {
            let seen = alternatives(text, said.value);
            let name = name(said.value);
            if question.options.iter().any(|option| option == name) {
                Found::value(Value::Option(name.to_owned()), said.rule, said.span).seen(seen)
            } else {
                Found::unread(Unread::NothingFound).seen(seen)
            }
        }
        Err(reason) => Found::unread(reason),
    }
}

const fn name(value: Polarity) -> &'static str {
    match value {
        Polarity::Yes => "yes",
        Polarity::No => "no",
        Polarity::Unsure => "not sure",
    }
}

const fn polarity(yes: bool) -> Polarity {
    if yes { Polarity::Yes } else { Polarity::No }
}

fn decide(asked: &Asked, text: &str) -> Result<Said, Unread> {
    if text.trim().is_empty() {
        return Err(Unread::NothingFound);
    }
    if let Some(value) = whole(text) {
        return Ok(Testimony::new(value, ReadingRule::Whole, trimmed(text)));
    }
    if let Some(found) = in_places(asked, text) {
        return found;
    }
    if let Some(found) = in_layout(asked, text) {
        return Ok(found);
    }
    let sentences = sentences(text);
    let opening = opening(asked, text, &sentences)?;
    match (opening, concluded(asked, text, &sentences)?) {
        // `Hard to say. ... Answer: No.`
        (Some(open), Some(end)) if open.value == Polarity::Unsure => Ok(end),
        (Some(open), Some(end)) if open.value != end.value => {
            if corrects(&text[..end.span.end]) {
                Ok(end)
            } else {
                Err(Unread::Contradictory)
            }
        }
        (Some(open), _) => answered(asked, text, &sentences, open),
        (None, Some(end)) => Ok(end),
        (None, None) => by_statements(asked, text, &sentences),
    }
}

/// A ticked box, the only row of a table about what was asked, or the largest of some weights.
fn in_layout(asked: &Asked, text: &str) -> Option<Said> {
    if let Some((value, span)) = ticked(text, whole) {
        return Some(Testimony::new(value, ReadingRule::Marked, span));
    }
    if let Some(row) = table_row(asked, text)
        && let Some(value) = text[row.clone()].split('|').rev().find_map(|cell| whole(cell.trim()))
    {
        return Some(Testimony::new(value, ReadingRule::Container, row));
    }
    let all = [Polarity::Yes, Polarity::No, Polarity::Unsure];
    let (best, span) = weighed(text, &all.map(name))?;
    Some(Testimony::new(all[best], ReadingRule::Container, span))
}

/// What marked answers and conclusions come to.
///
/// # Errors
/// They differ, and nothing says that the last one corrects the others.
fn concluded(asked: &Asked, text: &str, sentences: &[Sentence]) -> Result<Option<Said>, Unread> {
    let marks: Vec<Said> = marked(text, sentences)
        .into_iter()
        .filter_map(|place| {
            let value = piece(asked, &text[place.content.clone()])?;
            Some(Testimony::new(value, ReadingRule::Marked, place.content))
        })
        .collect();
    let led = led(text, sentences).into_iter().filter_map(|place| {
        let value = whole(&text[place.content.clone()])?;
        Some(Testimony::new(value, ReadingRule::Marked, place.content))
    });
    let mut explicit = conclusions(asked, text, sentences);
    explicit.extend(marks.iter().cloned().chain(led));
    explicit.sort_by_key(|said| said.span.start);
    let Some(last) = explicit.last() else { return Ok(None) };
    if let Some(found) = settled(text, &explicit) {
        return Ok(Some(found));
    }
    let before = &text[..last.span.start];
    if corrects(before) || FIRST_THOUGHT.is_match(before) {
        return Ok(Some(last.clone()));
    }
    // What is marked as the answer stands above what was concluded on the way to it.
    settled(text, &marks)
        .filter(|found| found.span.end >= last.span.start)
        .map(Some)
        .ok_or(Unread::Contradictory)
}

/// The yes or no that opens a text, unless the rest declines: `No, the audio is missing.`
fn answered(asked: &Asked, text: &str, sentences: &[Sentence], open: Said) -> Result<Said, Unread> {
    let yes = open.value == Polarity::Yes;
    let parts: Vec<&str> = sentences.iter().map(|sentence| &text[sentence.span.clone()]).collect();
    let is_supported = parts.iter().any(|part| statement(asked, part) == Some(yes));
    let first = parts.first().copied().unwrap_or_default();
    let refuses = match refusal(first) {
        None => false,
        Some(Refusal::Declines) => true,
        // `I would not say yes` denies a word.
        Some(Refusal::CannotTell) => {
            (open.value == Polarity::No || !is_supported)
                && refusal(&without_denial(first)).is_some()
        }
    };
    // `Yes, I can compare them for you.` answers another question.
    let evades = || {
        is_about_itself(asked, &text[open.span.end.min(text.len())..])
            || parts.iter().any(|part| refusal(part) == Some(Refusal::Declines) || offers(part))
    };
    if refuses || (!is_supported && evades()) { Err(Unread::Refused) } else { Ok(open) }
}

/// Neither an opening nor a conclusion: refusals, emphasised words, statements.
fn by_statements(asked: &Asked, text: &str, sentences: &[Sentence]) -> Result<Said, Unread> {
    let bold: Vec<Said> = emphasised(text)
        .into_iter()
        .filter_map(|place| {
            let value = whole(after_letter(&text[place.content.clone()]))?;
            Some(Testimony::new(value, ReadingRule::Emphasised, place.content))
        })
        .collect();
    if let Some(found) = settled(text, &bold) {
        let contradicts = sentences.iter().any(|sentence| {
            statement(asked, &text[sentence.span.clone()])
                .is_some_and(|yes| yes != (found.value == Polarity::Yes))
        });
        return if contradicts && bold.len() == 1 { Err(Unread::Contradictory) } else { Ok(found) };
    }
    if sentences.iter().any(|sentence| refusal(&text[sentence.span.clone()]).is_some()) {
        return Err(Unread::Refused);
    }
    let mut said: Vec<Said> = Vec::new();
    for sentence in sentences.iter().filter(|sentence| !sentence.is_question) {
        let whole = &text[sentence.span.clone()];
        let value = denied_word(whole)
            .or_else(|| opens(asked, after_letter(whole)).map(|(value, _)| value))
            .or_else(|| statement(asked, whole).map(polarity));
        said.extend(
            value.map(|value| Testimony::new(value, ReadingRule::Statement, sentence.span.clone())),
        );
    }
    if said.is_empty() {
        return Err(Unread::NothingFound);
    }
    settled(text, &said).ok_or(Unread::SeveralLeft)
}

/// The yes and no that a text names besides the one that was taken, each once.
fn alternatives(text: &str, taken: Polarity) -> Vec<String> {
    let words = words(text);
    let mut seen: Vec<String> = Vec::new();
    for word in &words {
        let other = match word.text.as_str() {
            "yes" => Polarity::Yes,
            "no" => Polarity::No,
            _ => continue,
        };
        if other != taken && !seen.contains(&word.text) {
            seen.push(word.text.clone());
        }
    }
    seen
}
