//! Set match: one or several options, joined by `;`.

mod named;
mod open;
mod silence;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::full_match::{Asked, Choices, after_letter, choices_of, corrects};
use crate::read::Found;
use crate::text::markers::{concludes, marked};
use crate::text::places::{emphasised, places};
use crate::text::refusal::refusal;
use crate::text::sentences::{Sentence, sentences};
use crate::text::words::words;
use crate::text::{Excerpt, Pattern, pattern, trimmed};
use crate::{Question, ReadingRule, Unread, Value};

/// A longer text is more than a list of options.
const LONGEST_LIST: usize = 600;

/// `#piano#`, the form that the prompt asks for.
static HASHES: Pattern = LazyLock::new(|| pattern(r"#\s*(?P<text>[^#\n]{1,200}?)\s*#"));

/// What stands between the options of a list.
static SEPARATORS: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)\s*(?:[;；,，、/&+|\n#]|\band\b|\bund\b|\by\b|\bet\b|\be\b|和|与|及|以及|->|→|>)\s*",
    )
});

/// Numbers of options, each once, in the order of the answer.
type Set = Vec<usize>;

/// A set with where it stands.
#[derive(Debug, Clone)]
struct Decided {
    set: Set,
    rule: ReadingRule,
    span: Range<usize>,
}

/// Reads the visible part of an answer, whose offsets are those of the raw answer.
pub(crate) fn read(question: &Question<'_>, text: &str) -> Found {
    let excerpt = Excerpt::new(text);
    if question.options.is_empty() {
        let mut found = open::read(&excerpt.text);
        found.span = found.span.map(|span| excerpt.in_whole(span));
        return found;
    }
    let choices = choices_of(question.options);
    let asked = Asked::new(question.text);
    let reader = Reader { choices: &choices, asked: &asked };
    match reader.decide(&excerpt.text) {
        Ok(found) => {
            let names = found.set.iter().map(|option| choices.options[*option].clone()).collect();
            Found::value(Value::Set(names), found.rule, excerpt.in_whole(found.span))
        }
        Err(reason) => Found::unread(reason),
    }
}

/// Reads texts with the options and the question at hand.
struct Reader<'a> {
    choices: &'a Choices,
    asked: &'a Asked,
}

impl Reader<'_> {
    fn decide(&self, text: &str) -> Result<Decided, Unread> {
        if text.trim().is_empty() {
            return Err(Unread::NothingFound);
        }
        if let Some(set) = self.list(text) {
            // A list of all options repeats the question.
            let repeats = set.len() == self.choices.options.len() && set.len() > 2;
            return if repeats {
                Err(Unread::NothingFound)
            } else {
                Ok(Decided { set, rule: ReadingRule::Whole, span: trimmed(text) })
            };
        }
        let sentences = sentences(text);
        let mut found = self.in_places(text);
        if found.is_empty() {
            if let Some(found) = self.between_hashes(text) {
                return Ok(found);
            }
            found = self.explicit(text, &sentences);
        }
        if let Some(last) = found.iter().max_by_key(|found| found.span.start) {
            let is_same =
                |other: &Set| other.iter().collect::<BTreeSet<_>>() == last.set.iter().collect();
            return if found.iter().all(|found| is_same(&found.set)) || corrects(text) {
                Ok(last.clone())
            } else {
                Err(Unread::Contradictory)
            };
        }
        if sentences.iter().any(|sentence| refusal(&text[sentence.span.clone()]).is_some()) {
            return Err(Unread::Refused);
        }
        if let Some(first) = sentences.first()
            && let Some(set) = self.list(&text[first.span.clone()])
        {
            return Ok(Decided { set, rule: ReadingRule::Opening, span: first.span.clone() });
        }
        if let Some(found) = self.emphasised(text) {
            return Ok(found);
        }
        self.by_statements(text, &sentences)
    }

    /// The options of a text that is nothing but options: `red, blue and green`.
    fn list(&self, text: &str) -> Option<Set> {
        if text.len() > LONGEST_LIST {
            return None;
        }
        let strip = |c: char| c.is_whitespace() || "*_`\"'“”‘’.。[](){}$:：•-=".contains(c);
        let mut set = Set::new();
        for piece in SEPARATORS.split(text.trim_matches(strip)) {
            let piece = after_letter(piece.trim_matches(|c: char| strip(c) || c == '#'));
            if !piece.is_empty() {
                add(&mut set, [self.choices.whole(piece)?]);
            }
        }
        (!set.is_empty()).then_some(set)
    }

    /// What a place that is made for the answer says.
    fn content(&self, content: &str) -> Option<Set> {
        let first =
            sentences(content).first().map_or(content, |first| &content[first.span.clone()]);
        self.list(content)
            .or_else(|| self.list(first))
            .or_else(|| self.list(&HASHES.captures(content)?["text"]))
            .or_else(|| self.named(first))
    }

    /// What boxes, tags and fields say.
    fn in_places(&self, text: &str) -> Vec<Decided> {
        let of = |place: crate::text::places::Place| {
            let set = self.content(&text[place.content.clone()])?;
            Some(Decided { set, rule: place.rule, span: place.content })
        };
        places(text).into_iter().filter_map(of).collect()
    }

    /// All options between hashes, up to a question: `#red# and #blue#`.
    fn between_hashes(&self, text: &str) -> Option<Decided> {
        let end =
            text.find(['?', '？']).filter(|at| text[..*at].contains('#')).unwrap_or(text.len());
        let mut set = Set::new();
        let mut span: Option<Range<usize>> = None;
        for hash in HASHES.captures_iter(&text[..end]) {
            if let (Some(content), Some(more)) = (hash.name("text"), self.list(&hash["text"])) {
                let start = span.map_or(content.start(), |span| span.start);
                span = Some(start..content.end());
                add(&mut set, more);
            }
        }
        Some(Decided { set, rule: ReadingRule::Tagged, span: span? })
    }

    /// What marked answers and conclusions say.
    fn explicit(&self, text: &str, sentences: &[Sentence]) -> Vec<Decided> {
        let marked = marked(text, sentences).into_iter().filter_map(|place| {
            let set = self.content(&text[place.content.clone()])?;
            Some(Decided { set, rule: ReadingRule::Marked, span: place.content })
        });
        let concluded =
            sentences.iter().filter(|sentence| !sentence.is_question).filter_map(|sentence| {
                let whole = &text[sentence.span.clone()];
                let set = self.content(&whole[concludes(whole)?..])?;
                Some(Decided { set, rule: ReadingRule::Conclusion, span: sentence.span.clone() })
            });
        marked.chain(concluded).collect()
    }

    /// All options that are emphasised.
    fn emphasised(&self, text: &str) -> Option<Decided> {
        let mut set = Set::new();
        let mut first = None;
        for place in emphasised(text) {
            if let Some(more) = self.list(&text[place.content.clone()]) {
                first.get_or_insert(place.content);
                add(&mut set, more);
            }
        }
        Some(Decided { set, rule: ReadingRule::Emphasised, span: first? })
    }

    /// What the sentences of a text come to: the one that says something, the one that is closest to
    /// the question, or all lines if each names one option.
    fn by_statements(&self, text: &str, sentences: &[Sentence]) -> Result<Decided, Unread> {
        let mut found: Vec<(Decided, usize)> = Vec::new();
        for sentence in sentences.iter().filter(|sentence| !sentence.is_question) {
            let piece = &text[sentence.span.clone()];
            if let Some(set) = self.named(piece) {
                let span = sentence.span.clone();
                let said = Decided { set, rule: ReadingRule::Statement, span };
                found.push((said, self.asked.overlap_with(&words(piece))));
            }
        }
        let most = found.iter().map(|(_, overlap)| *overlap).max().ok_or(Unread::NothingFound)?;
        let closest: Vec<&Decided> =
            found.iter().filter(|(_, overlap)| *overlap == most).map(|(said, _)| said).collect();
        if let [only] = closest.as_slice()
            && (most > 0 || found.len() == 1)
        {
            return Ok((*only).clone());
        }
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        let is_list = lines == found.len()
            && closest.len() == found.len()
            && closest.iter().all(|said| said.set.len() == 1);
        if !is_list {
            return Err(Unread::SeveralLeft);
        }
        let mut set = Set::new();
        add(&mut set, closest.iter().flat_map(|said| said.set.iter().copied()));
        Ok(Decided { set, rule: ReadingRule::Statement, span: trimmed(text) })
    }
}

/// Adds options that the set does not have yet.
fn add(set: &mut Set, more: impl IntoIterator<Item = usize>) {
    for option in more {
        if !set.contains(&option) {
            set.push(option);
        }
    }
}
