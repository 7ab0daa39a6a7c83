//! A count: digits or words, and what they count.

mod counted;
mod noun;
mod piece;
mod place;
mod several;
mod whole;
mod words;
mod zero;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use noun::AskedNoun;
use piece::{Piece, sum};
use whole::whole;

use super::layout::{is_list_item, table_row};
use super::letter::after_letter;
use super::question::Asked;
use super::testimony::{Testimony, after_correction, corrects, settled};
use crate::read::Found;
use crate::text::markers::{concludes, led, marked};
use crate::text::numbers::number_at;
use crate::text::places::emphasised;
use crate::text::refusal::refusal;
use crate::text::sentences::{Sentence, sentences};
use crate::text::words::words;
use crate::text::{Pattern, pattern, trimmed};
use crate::{Question, ReadingRule, Unread, Value};

type Said = Testimony<u64>;

/// So many characters of an answer are searched for numbers that were not taken.
const SEARCHED: usize = 4_000;

/// Words with which a sentence tells how to answer, as where a model repeats its prompt.
static INSTRUCTS: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:please\s+)?(?:give|answer|respond|reply|choose|state|provide|write|use|output|return)\b",
    )
});

/// A sentence that gives a total concludes.
static TOTAL: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:in total|a total of|altogether|in all|total(?:s|ing)?|combined|all together)\b|总共|一共|共计|共有|合计",
    )
});

/// Reads an answer to a question without options.
pub(super) fn read(question: &Question<'_>, text: &str) -> Found {
    let asked = Asked::new(question.text);
    let noun = AskedNoun::new(&asked);
    let reader = Reader { asked: &asked, noun: &noun };
    match reader.decide(text) {
        Ok(said) => {
            let seen = alternatives(text, Some(said.value));
            Found::value(Value::Number(said.value.to_string()), said.rule, said.span).seen(seen)
        }
        Err(reason) => Found::unread(reason).seen(alternatives(text, None)),
    }
}

/// Reads texts with the question at hand.
struct Reader<'a> {
    asked: &'a Asked,
    noun: &'a AskedNoun,
}

impl Reader<'_> {
    fn decide(&self, text: &str) -> Result<Said, Unread> {
        if text.trim().is_empty() {
            return Err(Unread::NothingFound);
        }
        if let Some(value) = whole(text) {
            return Ok(Testimony::new(value, ReadingRule::Whole, trimmed(text)));
        }
        if let Some(found) = self.in_places(text) {
            return found;
        }
        if let Some(row) = table_row(self.asked, text)
            && let Some(value) =
                text[row.clone()].split('|').rev().find_map(|cell| whole(cell.trim()))
        {
            return Ok(Testimony::new(value, ReadingRule::Container, row));
        }
        if let Some((value, span)) = self.field(text) {
            return Ok(Testimony::new(value, ReadingRule::Container, span));
        }
        let sentences = sentences(text);
        if let Some(found) = self.explicit(text, &sentences) {
            return found;
        }
        if let Some(found) = self.opening(text, &sentences) {
            return Ok(found);
        }
        let bold: Vec<Said> = emphasised(text)
            .into_iter()
            .filter_map(|place| {
                let value = whole(&text[place.content.clone()])?;
                Some(Testimony::new(value, ReadingRule::Emphasised, place.content))
            })
            .collect();
        if let Some(found) = settled(text, &bold) {
            return Ok(found);
        }
        if sentences.iter().any(|sentence| refusal(&text[sentence.span.clone()]).is_some()) {
            return Err(Unread::Refused);
        }
        self.by_statements(text, &sentences)
    }

    /// What marked answers, conclusions, totals and corrections come to; `None` if there are none.
    fn explicit(&self, text: &str, sentences: &[Sentence]) -> Option<Result<Said, Unread>> {
        let mut explicit: Vec<Said> = Vec::new();
        let mut is_vague = false;
        let mut add = |piece, rule, span| match piece {
            Piece::One { value, .. } => explicit.push(Testimony::new(value, rule, span)),
            Piece::Vague => is_vague = true,
            Piece::Several | Piece::Nothing => {}
        };
        for place in marked(text, sentences) {
            add(self.content(&text[place.content.clone()]), ReadingRule::Marked, place.content);
        }
        for sentence in sentences.iter().filter(|sentence| !sentence.is_question) {
            let whole = &text[sentence.span.clone()];
            let total = || TOTAL.is_match(whole).then_some(0);
            if let Some(at) = concludes(whole).or_else(total) {
                let piece = self.content(&whole[at..]);
                add(piece, ReadingRule::Conclusion, sentence.span.clone());
            }
        }
        explicit.extend(sentences.iter().filter_map(|sentence| {
            let value = self.corrected(&text[sentence.span.clone()])?;
            Some(Testimony::new(value, ReadingRule::Conclusion, sentence.span.clone()))
        }));
        if !sentences.first().is_some_and(|first| is_list_item(text, first)) {
            explicit.extend(led(text, sentences).into_iter().filter_map(|place| {
                let value = whole(&text[place.content.clone()])?;
                Some(Testimony::new(value, ReadingRule::Marked, place.content))
            }));
        }
        explicit.sort_by_key(|said| said.span.start);
        let Some(last) = explicit.last() else {
            return is_vague.then_some(Err(Unread::SeveralLeft));
        };
        if let Some(found) = settled(text, &explicit) {
            return Some(Ok(found));
        }
        // A marked answer stands above a conclusion on the way to it.
        let marks: Vec<Said> =
            explicit.iter().filter(|said| said.rule == ReadingRule::Marked).cloned().collect();
        Some(match settled(text, &marks) {
            Some(found) if found.span.end >= last.span.start => Ok(found),
            _ if corrects(&text[..last.span.start]) => Ok(last.clone()),
            _ => Err(Unread::Contradictory),
        })
    }

    /// What a sentence adds up or corrects itself to: 6 of `4 + 2 = 6` and of `5, no, wait, 6`.
    fn corrected(&self, sentence: &str) -> Option<u64> {
        sum(sentence).or_else(|| {
            let rest = &sentence[after_correction(sentence)?..];
            self.content(rest.trim_start_matches([',', ':', ' ', '.', '-'])).one()
        })
    }

    /// The number that the first sentence or its first clause is: `Four, as far as I can see.`
    fn opening(&self, text: &str, sentences: &[Sentence]) -> Option<Said> {
        let (first, others) = sentences.split_first()?;
        let sentence = &text[first.span.clone()];
        let rest = after_letter(sentence);
        // One item of a list is no answer.
        if is_list_item(text, first) && others.first().is_some_and(|next| is_list_item(text, next))
        {
            return None;
        }
        // `I see 0 attachments in your message.`
        if refusal(sentence).is_some() {
            return None;
        }
        let clause =
            rest.split([',', ':', ';', '(', '，', '：', '—', '–']).next().unwrap_or_default();
        let value = whole(sentence)
            .or_else(|| whole(rest))
            .or_else(|| whole(clause.split(" - ").next()?).filter(|_| self.counts_one(rest)))?;
        let takes_back = |sentence: &Sentence| corrects(&text[sentence.span.clone()]);
        (!others.iter().any(takes_back))
            .then(|| Testimony::new(value, ReadingRule::Opening, first.span.clone()))
    }

    /// Whether a sentence has no two different counts.
    fn counts_one(&self, sentence: &str) -> bool {
        let counted = self.counted(sentence, &words(sentence));
        counted.iter().map(|found| found.value).collect::<BTreeSet<_>>().len() <= 1
    }

    /// What the sentences of a text come to. A number that counts something else is the answer only
    /// of a short text.
    fn by_statements(&self, text: &str, sentences: &[Sentence]) -> Result<Said, Unread> {
        let mut asked: Vec<Said> = Vec::new();
        let mut others: Vec<Said> = Vec::new();
        let (mut says_several, mut is_vague) = (false, false);
        let says = |sentence: &&Sentence| {
            !sentence.is_question && !INSTRUCTS.is_match(&text[sentence.span.clone()])
        };
        for sentence in sentences.iter().filter(says) {
            match self.piece(&text[sentence.span.clone()]) {
                Piece::One { value, is_asked } => {
                    let span = sentence.span.clone();
                    let said = Testimony::new(value, ReadingRule::Statement, span);
                    if is_asked { asked.push(said) } else { others.push(said) }
                }
                Piece::Several => says_several = true,
                Piece::Vague => is_vague = true,
                Piece::Nothing => {}
            }
        }
        if is_vague {
            return Err(Unread::SeveralLeft);
        }
        if !asked.is_empty() {
            return settled(text, &asked).ok_or(Unread::SeveralLeft);
        }
        if says_several {
            return Err(Unread::SeveralLeft);
        }
        match settled(text, &others) {
            Some(found) if sentences.len() <= 2 => Ok(found),
            None if others.is_empty() => Err(Unread::NothingFound),
            _ => Err(Unread::SeveralLeft),
        }
    }
}

/// The numbers that a text names besides the one that was taken.
fn alternatives(text: &str, taken: Option<u64>) -> Vec<String> {
    let head = text.char_indices().nth(SEARCHED).map_or(text, |(end, _)| &text[..end]);
    let words = words(head);
    let values: BTreeSet<u64> = (0..words.len())
        .filter_map(|at| number_at(head, &words, at)?.value)
        .filter(|value| Some(*value) != taken)
        .collect();
    values.into_iter().map(|value| value.to_string()).collect()
}
