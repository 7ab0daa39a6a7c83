//! The numbers of a sentence that may count something.

use std::ops::Range;

use super::Reader;
use super::words::WORDS;
use crate::text::lexicon::number_word;
use crate::text::negation::{is_idiom, is_negator};
use crate::text::numbers::{Number, digits, number_at};
use crate::text::words::{Word, is_glued, stem};

/// So many words behind a number may judge it: `Four is wrong`.
const JUDGED: usize = 3;

/// A number of a sentence with what it counts.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    pub(super) value: u64,
    pub(super) words: Range<usize>,
    /// It counts what was asked.
    pub(super) is_asked: bool,
    /// The sentence denies it or only expects it.
    pub(super) is_denied: bool,
}

/// A number with the words around it.
struct Surroundings<'a> {
    sentence: &'a str,
    words: &'a [Word],
    number: &'a Number,
}

impl Reader<'_> {
    /// The numbers of a sentence that may count something: 2 and 4 of `I see 2 cats and 4 dogs in the
    /// 10 seconds`.
    pub(super) fn counted(&self, sentence: &str, words: &[Word]) -> Vec<Counted> {
        let mut found = Vec::new();
        let mut is_denied = false;
        let mut at = 0;
        while at < words.len() {
            is_denied &= !ends_denial(sentence, words, at);
            let Some(number) = number_at(sentence, words, at) else {
                is_denied |= WORDS.expecting.has(&words[at].text)
                    || (is_negator(&words[at].text) && !is_idiom(words, at));
                at += 1;
                continue;
            };
            let end = number.words.end;
            let around = Surroundings { sentence, words, number: &number };
            if let Some(value) = number.value
                && !self.is_no_count(&around)
            {
                let is_judged = words[end..]
                    .iter()
                    .take(JUDGED)
                    .any(|word| matches!(word.text.as_str(), "wrong" | "incorrect" | "false"));
                found.push(Counted {
                    value,
                    words: number.words.clone(),
                    is_asked: self.counts_asked(&around),
                    is_denied: is_denied || is_judged,
                });
            }
            at = end;
        }
        found
    }

    /// Times, ordinals, names, quoted numbers, `one of the`, the pronoun `one`.
    fn is_no_count(&self, around: &Surroundings<'_>) -> bool {
        (around.number.is_digits && (around.is_written_otherwise() || self.is_label(around)))
            || around.is_measure()
            || around.is_pronoun()
            || around.is_part()
    }

    /// `frame 3`, but not `in frame 3 dogs` if dogs are asked for.
    fn is_label(&self, around: &Surroundings<'_>) -> bool {
        let before = around.word_before();
        WORDS.labels.has(before)
            && !matches!(before, "number" | "at")
            && around.gap_before().trim().is_empty()
            && !self.noun.is(around.behind(0))
    }

    /// Whether a number counts what was asked: the noun follows, or the question asks how often.
    fn counts_asked(&self, around: &Surroundings<'_>) -> bool {
        if matches!(around.first(), "once" | "twice" | "thrice") {
            return true;
        }
        let happens = (0..4).any(|at| WORDS.times.has(around.behind(at)))
            || (0..3).any(|at| self.asked.mentions(&stem(around.behind(at))));
        let is_labelled = self.noun.is(around.word_before())
            && around.gap_before().contains([':', '：', '='])
            && around.number.words.start > 0;
        // Chinese and Japanese count with a classifier.
        let is_classified = WORDS.classifiers.has(around.behind(0))
            && around.words.iter().any(|word| word.text.chars().all(is_glued));
        (self.noun.is_often && happens)
            || is_labelled
            || self.names_noun(around)
            || around.is_number_of()
            || is_classified
    }

    /// Whether the noun stands in the same phrase behind the number: `4 small brown dogs`.
    fn names_noun(&self, around: &Surroundings<'_>) -> bool {
        let (words, end) = (around.words, around.number.words.end);
        (end..words.len().min(end + 5))
            .take_while(|&at| {
                let gap = &around.sentence[words[at - 1].span.end..words[at].span.start];
                !gap.contains([',', ';', '.', ':'])
                    && !matches!(
                        words[at].text.as_str(),
                        "and" | "or" | "but" | "with" | "in" | "on" | "are" | "is" | "that" | "who"
                    )
            })
            .any(|at| self.noun.is(&words[at].text))
    }
}

/// Whether a denial ends before word `at`.
fn ends_denial(sentence: &str, words: &[Word], at: usize) -> bool {
    let gap = at
        .checked_sub(1)
        .map_or("", |before| &sentence[words[before].span.end..words[at].span.start]);
    gap.contains([',', ';', ':', '.', '，', '；', '—'])
        || matches!(words[at].text.as_str(), "but" | "yet" | "there" | "only" | "sondern" | "而")
}

impl Surroundings<'_> {
    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.text.as_str())
    }

    /// The first word of the number.
    fn first(&self) -> &str {
        self.word(self.number.words.start)
    }

    fn word_before(&self) -> &str {
        self.number.words.start.checked_sub(1).map_or("", |at| self.word(at))
    }

    /// The word that stands `offset` words behind the number.
    fn behind(&self, offset: usize) -> &str {
        self.word(self.number.words.end + offset)
    }

    /// What stands between the number and the word before it.
    fn gap_before(&self) -> &str {
        let start = self.number.words.start;
        let from = start.checked_sub(1).map_or(0, |before| self.words[before].span.end);
        &self.sentence[from..self.words[start].span.start]
    }

    /// What stands between the number and the word behind it.
    fn gap_behind(&self) -> &str {
        let end = self.number.words.end;
        let to = self.words.get(end).map_or(self.sentence.len(), |next| next.span.start);
        &self.sentence[self.words[end - 1].span.end..to]
    }

    /// Clock times, quotes, fractions, numbering, names: `0:04`, `"4"`, `4/5`, `4. red`, `#4`, `in
    /// 2020`, `mp-4`.
    fn is_written_otherwise(&self) -> bool {
        let (before, behind) = (self.gap_before(), self.gap_behind());
        let start = self.number.words.start;
        let is_clock = behind == ":" || (before == ":" && start > 0);
        let is_quoted =
            before.ends_with(['"', '“', '\'', '‘']) && behind.starts_with(['"', '”', '\'', '’']);
        let is_fraction = matches!(before, "." | "/")
            || behind == "/"
            || behind.starts_with('%')
            || behind.starts_with("px");
        let is_numbering = start == 0
            && (behind.starts_with(". ") || behind.starts_with(") "))
            && self.words.len() > 1;
        let is_name = before.ends_with(['#', '$', '€', '@', '_']);
        let is_year = matches!(self.word_before(), "in" | "of" | "since")
            && self.number.value.is_some_and(|value| (1000..2200).contains(&value));
        let is_suffix =
            before == "-" && start > 0 && number_at(self.sentence, self.words, start - 1).is_none();
        is_clock || is_quoted || is_fraction || is_numbering || is_name || is_year || is_suffix
    }

    /// `10 seconds`, `3rd`, `3D`.
    fn is_measure(&self) -> bool {
        let next = self.behind(0);
        let gap = self.gap_behind();
        let is_near = gap.trim_matches(|c: char| c.is_whitespace() || c == '-').is_empty();
        (is_near && WORDS.units.has(next))
            || (gap.is_empty() && WORDS.ordinals.has(next))
            || matches!(next, "d" | "dimensional")
    }

    /// `one can hear`, `one of the dogs`, `the white one`.
    fn is_pronoun(&self) -> bool {
        if self.first() != "one" || self.number.words.len() != 1 {
            return false;
        }
        let (before, next) = (self.word_before(), self.behind(0));
        let is_part = next == "of"
            && matches!(self.behind(1), "the" | "them" | "these" | "those" | "my" | "which");
        let stands_for_noun =
            WORDS.before_pronoun.has(before) && !(before == "the" && next == "instrument");
        WORDS.behind_pronoun.has(next) || is_part || stands_for_noun
    }

    /// `two of the cooks` counts a part, `two of the three cooks` does not.
    fn is_part(&self) -> bool {
        let whole = self.behind(2);
        self.behind(0) == "of"
            && matches!(self.behind(1), "the" | "them" | "these" | "those" | "which")
            && digits(whole).or_else(|| number_word(whole)).is_none()
    }

    /// `The number of plates is 6.`
    fn is_number_of(&self) -> bool {
        self.words[..self.number.words.start]
            .windows(2)
            .any(|pair| pair[0].text == "number" && pair[1].text == "of")
    }
}
