//! One option of a list.

mod comparison;
mod lists;
mod order;
mod passing;
mod piece;

use std::ops::Range;

use lists::without_lists;
use piece::Piece;

use super::choices::{Choices, choices_of, folded, mentions};
use super::layout::{ticked, weighed};
use super::letter::{after_letter, behind_letter};
use super::question::Asked;
use super::testimony::{Testimony, corrects, settled};
use crate::read::Found;
use crate::text::markers::{concludes, led, marked};
use crate::text::places::{emphasised, places};
use crate::text::refusal::refusal;
use crate::text::sentences::{Sentence, sentences};
use crate::text::trimmed;
use crate::text::words::words;
use crate::{Question, ReadingRule, Unread, Value};

type Said = Testimony<usize>;

/// So many characters of an answer are searched for options that were not taken.
const SEARCHED: usize = 4_000;

/// Reads an answer to a question with options other than yes and no.
pub(super) fn read(question: &Question<'_>, text: &str) -> Found {
    let choices = choices_of(question.options);
    let asked = Asked::new(question.text).without(&choices.options);
    let reader = Reader { choices: &choices, asked: &asked };
    match reader.decide(text) {
        Ok(said) => {
            let seen = reader.alternatives(text, Some(said.value));
            let option = choices.options[said.value].clone();
            Found::value(Value::Option(option), said.rule, said.span).seen(seen)
        }
        Err(reason) => Found::unread(reason).seen(reader.alternatives(text, None)),
    }
}

/// Reads texts with the options and the question at hand.
struct Reader<'a> {
    choices: &'a Choices,
    asked: &'a Asked,
}

impl Reader<'_> {
    fn decide(&self, text: &str) -> Result<Said, Unread> {
        if text.trim().is_empty() {
            return Err(Unread::NothingFound);
        }
        if let Some(value) = self.whole(text) {
            return Ok(Testimony::new(value, ReadingRule::Whole, trimmed(text)));
        }
        if let Some(found) = self.in_places(text) {
            return found;
        }
        if let Some((value, span)) = ticked(text, |option| self.choices.whole(option)) {
            return Ok(Testimony::new(value, ReadingRule::Marked, span));
        }
        if let Some((value, span)) = weighed(text, &self.choices.options) {
            return Ok(Testimony::new(value, ReadingRule::Container, span));
        }
        let text = &without_lists(text, self.choices);
        let sentences = sentences(text);
        if let Some(found) = self.explicit(text, &sentences) {
            return found;
        }
        if let Some(found) = self.opening(text, &sentences) {
            return Ok(found);
        }
        if sentences.iter().any(|sentence| refusal(&text[sentence.span.clone()]).is_some()) {
            return Err(Unread::Refused);
        }
        if let Some(found) = self.emphasised(text, &sentences) {
            return Ok(found);
        }
        self.by_statements(text, &sentences)
    }

    /// The option that a text is as a whole: `(B) red`.
    fn whole(&self, text: &str) -> Option<usize> {
        self.choices.whole(text).or_else(|| self.choices.whole(behind_letter(text)?))
    }

    /// What a place that is made for the answer says: `(A) left because ...`.
    fn content(&self, content: &str) -> Option<usize> {
        let content = after_letter(content);
        let line = content.trim_start().lines().next().unwrap_or_default();
        let clause = content
            .split([',', ';', '.', '\n', '(', '，', '。', '—', '–'])
            .next()
            .unwrap_or_default();
        [content, line, clause]
            .into_iter()
            .find_map(|part| self.choices.whole(part))
            .or_else(|| self.piece(content).one())
    }

    /// What boxes, tags and fields say; `None` if there are none.
    fn in_places(&self, text: &str) -> Option<Result<Said, Unread>> {
        let mut declines = false;
        let mut found = Vec::new();
        for place in places(text) {
            let content = &text[place.content.clone()];
            match self.content(content) {
                Some(value) => found.push(Testimony::new(value, place.rule, place.content)),
                None => declines |= refusal(content).is_some(),
            }
        }
        if found.is_empty() {
            return declines.then_some(Err(Unread::Refused));
        }
        Some(settled(text, &found).ok_or(Unread::Contradictory))
    }

    /// What marked answers and conclusions come to; `None` if there are none.
    fn explicit(&self, text: &str, sentences: &[Sentence]) -> Option<Result<Said, Unread>> {
        let marked = marked(text, sentences).into_iter().filter_map(|place| {
            let value = self.content(&text[place.content.clone()])?;
            Some(Testimony::new(value, ReadingRule::Marked, place.content))
        });
        let concluded =
            sentences.iter().filter(|sentence| !sentence.is_question).filter_map(|sentence| {
                let whole = &text[sentence.span.clone()];
                let value = self.piece(&whole[concludes(whole)?..]).one()?;
                Some(Testimony::new(value, ReadingRule::Conclusion, sentence.span.clone()))
            });
        let led = led(text, sentences).into_iter().filter_map(|place| {
            let value = self.whole(&text[place.content.clone()])?;
            Some(Testimony::new(value, ReadingRule::Marked, place.content))
        });
        let mut explicit: Vec<Said> = marked.chain(concluded).chain(led).collect();
        explicit.sort_by_key(|said| said.span.start);
        let last = explicit.last()?;
        if let Some(found) = settled(text, &explicit) {
            return Some(Ok(found));
        }
        // A marked answer stands above a conclusion on the way to it.
        let marks: Vec<Said> =
            explicit.iter().filter(|said| said.rule == ReadingRule::Marked).cloned().collect();
        let above = settled(text, &marks).filter(|found| {
            found.span.start >= last.span.start
                || corrects(text)
                || (marks.len() < explicit.len() && found.span.end >= last.span.start)
        });
        Some(above.ok_or(Unread::Contradictory))
    }

    /// The option that the first sentence or its first clause is: `Red, as the car is.`
    fn opening(&self, text: &str, sentences: &[Sentence]) -> Option<Said> {
        let (first, others) = sentences.split_first()?;
        let rest = after_letter(&text[first.span.clone()]);
        let as_whole = self.choices.whole(rest);
        let value = as_whole.or_else(|| self.choices.whole(first_clause(rest)?))?;
        let names_rival = || {
            mentions(self.choices, rest, &words(rest))
                .iter()
                .any(|mention| mention.option != value && !mention.is_denied && !mention.is_weak)
        };
        if as_whole.is_none() && names_rival() {
            return None;
        }
        let takes_back = |sentence: &Sentence| {
            let piece = &text[sentence.span.clone()];
            corrects(piece)
                || piece.to_lowercase().starts_with("no,")
                || (concludes(piece).is_some()
                    && self.piece(piece).one().is_some_and(|other| other != value))
        };
        (!others.iter().any(takes_back))
            .then(|| Testimony::new(value, ReadingRule::Opening, first.span.clone()))
    }

    /// The option that is emphasised, unless its sentence says another one or none.
    fn emphasised(&self, text: &str, sentences: &[Sentence]) -> Option<Said> {
        let bold: Vec<Said> = emphasised(text)
            .into_iter()
            .filter_map(|place| {
                let content = &text[place.content.clone()];
                let value = self.choices.whole(after_letter(content))?;
                // A heading is emphasised too: `**First sound:** a drum`.
                let is_heading = text[place.whole.end..].trim_start().starts_with(':')
                    || content.trim_end().ends_with(':');
                (!is_heading).then(|| Testimony::new(value, ReadingRule::Emphasised, place.content))
            })
            .collect();
        let found = settled(text, &bold)?;
        let sentence = sentences.iter().find(|sentence| sentence.span.contains(&found.span.start));
        let agrees =
            sentence.is_none_or(|sentence| match self.piece(&text[sentence.span.clone()]) {
                Piece::One(value) => value == found.value,
                Piece::Several => true,
                Piece::Nothing => false,
            });
        agrees.then_some(found)
    }

    /// What the sentences of a text come to. Where they differ, the one that is closest to the
    /// question counts, if there is just one.
    fn by_statements(&self, text: &str, sentences: &[Sentence]) -> Result<Said, Unread> {
        let mut found: Vec<(Said, usize)> = Vec::new();
        let mut says_several = false;
        for sentence in sentences.iter().filter(|sentence| !sentence.is_question) {
            let piece = &text[sentence.span.clone()];
            match self.piece(piece) {
                Piece::One(value) => {
                    let span = sentence.span.clone();
                    let said = Testimony::new(value, ReadingRule::Statement, span);
                    found.push((said, self.asked.overlap_with(&words(piece))));
                }
                Piece::Several => says_several = true,
                Piece::Nothing => {}
            }
        }
        let with_overlap = |least: usize| {
            let close = found.iter().filter(|(_, overlap)| *overlap >= least);
            let said: Vec<Said> = close.map(|(said, _)| said.clone()).collect();
            settled(text, &said)
        };
        let most = found.iter().map(|(_, overlap)| *overlap).max();
        match (with_overlap(0), most) {
            (Some(_), Some(0)) if says_several && found.len() == 1 => Err(Unread::SeveralLeft),
            (Some(said), _) => Ok(said),
            (None, Some(most)) if most > 0 => with_overlap(most).ok_or(Unread::SeveralLeft),
            (None, None) if !says_several => Err(Unread::NothingFound),
            (None, _) => Err(Unread::SeveralLeft),
        }
    }

    /// The options that a text names besides the one that was taken.
    fn alternatives(&self, text: &str, taken: Option<usize>) -> Vec<String> {
        let head = text.char_indices().nth(SEARCHED).map_or(text, |(end, _)| &text[..end]);
        let mut named: Vec<usize> = mentions(self.choices, head, &words(head))
            .iter()
            .map(|mention| mention.option)
            .filter(|option| Some(*option) != taken)
            .collect();
        named.sort_unstable();
        named.dedup();
        named.into_iter().map(|option| self.choices.options[option].clone()).collect()
    }
}

/// The clause with which a sentence opens. `First, I listen` opens a list of steps and `Left: piano` a
/// list of places, so that neither is an answer.
fn first_clause(sentence: &str) -> Option<&str> {
    let end =
        sentence.find([',', ':', ';', '–', '—', '(', '，', '：']).or_else(|| sentence.find(" - "));
    let Some(end) = end else { return Some(sentence) };
    let clause = &sentence[..end];
    let is_step = sentence[end..].starts_with(':')
        || matches!(
            folded(clause).as_str(),
            "first" | "last" | "right" | "sound" | "noise" | "clear" | "normal"
        );
    (!is_step).then_some(clause)
}

/// Word ranges of the clauses of a sentence.
fn clauses(sentence: &str, words: &[crate::text::words::Word]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut begin = 0;
    for at in 1..=words.len() {
        let ends = at == words.len() || {
            let gap =
                sentence.get(words[at - 1].span.end..words[at].span.start).unwrap_or_default();
            gap.contains([',', ';', ':', '，', '；', '(', ')', '。', '.'])
                || matches!(
                    words[at].text.as_str(),
                    "and"
                        | "but"
                        | "while"
                        | "whereas"
                        | "then"
                        | "though"
                        | "although"
                        | "because"
                )
        };
        if ends {
            found.push(begin..at);
            begin = at;
        }
    }
    found
}
