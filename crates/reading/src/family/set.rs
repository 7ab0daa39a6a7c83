//! Set match: one or several options, joined by `;`.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::full_match::{Asked, Choices, Mention, choices_of, mentions};
use crate::read::Found;
use crate::text::places::{concludes, emphasised, marked, places};
use crate::text::refusal::refusal;
use crate::text::sentences::sentences;
use crate::text::unwrapped;
use crate::text::words::{Word, stem, words};
use crate::{Question, ReadingRule, Unread, Value};

static HASHES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"#\s*(?P<text>[^#\n]{1,200}?)\s*#").expect("the pattern is constant")
});

static SEPARATORS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\s*(?:[;；,，、/&+|\n#]|\band\b|\bund\b|\by\b|\bet\b|\be\b|和|与|及|以及|->|→|>)\s*",
    )
    .expect("the pattern is constant")
});

/// Reads the visible part of an answer, whose offsets are those of the raw answer.
pub(crate) fn read(question: &Question<'_>, text: &str) -> Found {
    if question.options.is_empty() {
        return read_open(text);
    }
    let choices = choices_of(question.options);
    let asked = Asked::new(question.text);
    let reader = Reader { choices: &choices, asked: &asked };
    match reader.decide(text) {
        Ok((options, rule, span)) => {
            let names = options.iter().map(|option| choices.options[*option].clone()).collect();
            Found::value(Value::Set(names), rule, span)
        }
        Err(reason) => Found::unread(reason),
    }
}

/// Pieces longer than this are prose.
const PIECE_BYTES: usize = 60;

/// Without options, what stands between semicolons is what the answer says: between the marks that
/// the prompt asks for, or as the whole answer.
fn read_open(text: &str) -> Found {
    if refusal(text).is_some() {
        return Found::unread(Unread::Refused);
    }
    let marked = HASHES.captures(text).and_then(|found| found.name("text"));
    let (whole, rule) = match marked {
        Some(marked) => (marked.as_str(), ReadingRule::Tagged),
        None => (text, ReadingRule::Whole),
    };
    let mut set: Vec<String> = Vec::new();
    for piece in unwrapped(whole).split([';', '；']).map(unwrapped).filter(|p| !p.is_empty()) {
        if !set.iter().any(|known| known.eq_ignore_ascii_case(piece)) {
            set.push(piece.to_owned());
        }
    }
    if set.is_empty() || set.iter().any(|piece| piece.len() > PIECE_BYTES) {
        return Found::unread(Unread::NothingFound);
    }
    let start = text.len() - text.trim_start().len();
    let span = marked.map_or(start..start + text.trim().len(), |marked| marked.range());
    Found::value(Value::Set(set), rule, span)
}

type Set = Vec<usize>;
type Decided = (Set, ReadingRule, Range<usize>);

struct Reader<'a> {
    choices: &'a Choices,
    asked: &'a Asked,
}

impl Reader<'_> {
    fn decide(&self, text: &str) -> Result<Decided, Unread> {
        if text.trim().is_empty() {
            return Err(Unread::NothingFound);
        }
        let start = text.len() - text.trim_start().len();
        let all = start..start + text.trim().len();
        if let Some(set) = self.list(text) {
            // A list of all options repeats the question.
            let repeats = set.len() == self.choices.options.len() && set.len() > 2;
            return if repeats {
                Err(Unread::NothingFound)
            } else {
                Ok((set, ReadingRule::Whole, all))
            };
        }
        let mut found: Vec<Decided> = Vec::new();
        for place in places(text) {
            if let Some(set) = self.content(&text[place.content.clone()]) {
                found.push((set, place.rule, place.content));
            }
        }
        if found.is_empty() {
            let mut pieces: Set = Vec::new();
            let mut span: Option<Range<usize>> = None;
            let end =
                text.find(['?', '？']).filter(|at| text[..*at].contains('#')).unwrap_or(text.len());
            for hash in HASHES.captures_iter(&text[..end]) {
                if let (Some(content), Some(set)) = (hash.name("text"), self.list(&hash["text"])) {
                    let whole = content.range();
                    span = Some(span.map_or(whole.clone(), |known| known.start..whole.end));
                    add(&mut pieces, set);
                }
            }
            if let Some(span) = span {
                return Ok((pieces, ReadingRule::Tagged, span));
            }
        }
        let sentences = sentences(text);
        if found.is_empty() {
            for place in marked(text, &sentences) {
                if let Some(set) = self.content(&text[place.content.clone()]) {
                    found.push((set, ReadingRule::Marked, place.content));
                }
            }
            for sentence in sentences.iter().filter(|sentence| !sentence.is_question) {
                let whole = &text[sentence.span.clone()];
                if let Some(set) = concludes(whole).and_then(|at| self.content(&whole[at..])) {
                    found.push((set, ReadingRule::Conclusion, sentence.span.clone()));
                }
            }
        }
        if let Some(last) = found.iter().max_by_key(|(_, _, span)| span.start) {
            let same =
                |other: &Set| other.iter().collect::<BTreeSet<_>>() == last.0.iter().collect();
            return if found.iter().all(|(set, ..)| same(set))
                || super::full_match::corrects_itself(text)
            {
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
            return Ok((set, ReadingRule::Opening, first.span.clone()));
        }
        let bold: Set = emphasised(text)
            .into_iter()
            .filter_map(|place| self.list(&text[place.content]))
            .fold(Vec::new(), |mut set, more| {
                add(&mut set, more);
                set
            });
        if let (false, Some(first)) = (
            bold.is_empty(),
            emphasised(text)
                .into_iter()
                .find(|place| self.list(&text[place.content.clone()]).is_some()),
        ) {
            return Ok((bold, ReadingRule::Emphasised, first.content));
        }
        self.by_statements(text, &all)
    }

    /// A text that is nothing but options.
    fn list(&self, text: &str) -> Option<Set> {
        if text.len() > 600 {
            return None;
        }
        let strip = |c: char| c.is_whitespace() || "*_`\"'“”‘’.。[](){}$:：•-=".contains(c);
        let text = text.trim_matches(strip);
        let mut set = Vec::new();
        for piece in SEPARATORS.split(text) {
            let piece = piece.trim_matches(|c: char| strip(c) || c == '#');
            let piece = super::full_match::without_letter(piece);
            if piece.is_empty() {
                continue;
            }
            let option = self.choices.whole(piece)?;
            add(&mut set, vec![option]);
        }
        (!set.is_empty()).then_some(set)
    }

    fn content(&self, content: &str) -> Option<Set> {
        let first =
            sentences(content).first().map_or(content, |first| &content[first.span.clone()]);
        self.list(content)
            .or_else(|| self.list(first))
            .or_else(|| {
                let hash = HASHES.captures(content)?;
                self.list(&hash["text"])
            })
            .or_else(|| self.named(first))
    }

    /// The options that a sentence names and does not deny.
    fn named(&self, sentence: &str) -> Option<Set> {
        let words = words(sentence);
        let mut found = mentions(self.choices, sentence, &words);
        // `All but the green one stay silent`
        let silent = words.iter().any(is_silent);
        let spared = (1..words.len()).find(|&at| {
            let all = |word: &Word| {
                matches!(
                    word.text.as_str(),
                    "all" | "every" | "everything" | "everyone" | "each" | "none"
                )
            };
            matches!(words[at].text.as_str(), "but" | "except")
                && words[at.saturating_sub(3)..at].iter().any(all)
        });
        if let Some(at) = spared
            && (silent || words[..at].iter().any(|word| word.text == "none"))
        {
            for mention in &mut found {
                mention.is_denied = mention.words.start < at;
            }
        } else if silent {
            deny_silent(sentence, &words, &mut found);
        }
        // A question for the first or the last one wants one of several.
        let wants = ["first", "last", "loudest"]
            .iter()
            .find(|word| self.asked.words.iter().any(|asked| asked == *word));
        let options: BTreeSet<usize> = found
            .iter()
            .filter(|mention| !mention.is_denied)
            .map(|mention| mention.option)
            .collect();
        if let Some(wanted) = wants
            && options.len() > 1
        {
            return self.nearest(sentence, &words, &found, wanted);
        }
        let mut set = Vec::new();
        for mention in found.iter().filter(|mention| !mention.is_denied) {
            add(&mut set, vec![mention.option]);
        }
        (!set.is_empty()).then_some(set)
    }

    /// The option in the clause with the wanted word: `the cone sounds first, then the cube`.
    fn nearest(
        &self,
        sentence: &str,
        words: &[Word],
        found: &[Mention],
        wanted: &str,
    ) -> Option<Set> {
        let place = words.iter().position(|word| {
            word.text == wanted
                || (wanted == "last" && matches!(word.text.as_str(), "finally" | "second" | "end"))
        })?;
        // Only the clause with the word counts.
        let breaks = |at: usize| {
            at > 0
                && (sentence[words[at - 1].span.end..words[at].span.start]
                    .contains([',', ';', ':', '.'])
                    || matches!(words[at].text.as_str(), "and" | "but" | "while" | "then"))
        };
        let start = (0..=place).rev().find(|at| breaks(*at)).unwrap_or(0);
        let end = (place + 1..words.len()).find(|at| breaks(*at)).unwrap_or(words.len());
        let stands = found.iter().filter(|mention| {
            !mention.is_denied && mention.words.start >= start && mention.words.start < end
        });
        let near = stands.min_by_key(|mention| {
            let before = place.checked_sub(mention.words.end - 1);
            // What stands before the word is nearer than what stands behind it.
            before.map_or_else(|| 2 * (mention.words.start - place) + 1, |distance| 2 * distance)
        })?;
        Some(vec![near.option])
    }

    fn by_statements(&self, text: &str, all: &Range<usize>) -> Result<Decided, Unread> {
        let mut sets: Vec<(Set, usize, Range<usize>)> = Vec::new();
        for sentence in sentences(text).iter().filter(|sentence| !sentence.is_question) {
            let piece = &text[sentence.span.clone()];
            if let Some(set) = self.named(piece) {
                let stems: BTreeSet<String> =
                    words(piece).iter().map(|word| stem(&word.text)).collect();
                sets.push((set, self.asked.overlap(&stems), sentence.span.clone()));
            }
        }
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        match sets.len() {
            0 => Err(Unread::NothingFound),
            1 => sets
                .pop()
                .map(|(set, _, span)| (set, ReadingRule::Statement, span))
                .ok_or(Unread::NothingFound),
            _ => {
                let most = sets.iter().map(|(_, overlap, _)| *overlap).max().unwrap_or(0);
                let closest: Vec<_> =
                    sets.iter().filter(|(_, overlap, _)| *overlap == most).collect();
                if let ([only], true) = (closest.as_slice(), most > 0) {
                    return Ok((only.0.clone(), ReadingRule::Statement, only.2.clone()));
                }
                if lines == sets.len()
                    && sets.iter().all(|(set, ..)| set.len() == 1)
                    && closest.len() == sets.len()
                {
                    let mut joined = Vec::new();
                    for (set, ..) in sets {
                        add(&mut joined, set);
                    }
                    return Ok((joined, ReadingRule::Statement, all.clone()));
                }
                Err(Unread::SeveralLeft)
            }
        }
    }
}

fn is_silent(word: &Word) -> bool {
    matches!(word.text.as_str(), "silent" | "mute" | "muted" | "quiet" | "silence" | "inaudible")
}

/// Denies the options that a clause calls silent: `the white one is silent, the black one is not`.
fn deny_silent(sentence: &str, words: &[Word], found: &mut [Mention]) {
    let mut begin = 0;
    let mut was_silent = false;
    for at in 1..=words.len() {
        let ends = at == words.len()
            || sentence[words[at - 1].span.end..words[at].span.start]
                .contains([',', ';', ':', '.'])
            || matches!(words[at].text.as_str(), "but" | "while" | "whereas");
        if !ends {
            continue;
        }
        let clause = &words[begin..at];
        let negators =
            clause.iter().filter(|word| crate::text::negation::is_negator(&word.text)).count();
        let silent = clause.iter().any(is_silent);
        // A clause that only denies refers to the silence before it.
        let refers = !silent
            && was_silent
            && negators > 0
            && clause.last().is_some_and(|word| crate::text::negation::is_negator(&word.text));
        for mention in found
            .iter_mut()
            .filter(|mention| mention.words.start >= begin && mention.words.start < at)
        {
            if silent || refers {
                mention.is_denied = negators % 2 == 0;
            }
        }
        was_silent |= silent;
        begin = at;
    }
}

fn add(set: &mut Set, more: Set) {
    for option in more {
        if !set.contains(&option) {
            set.push(option);
        }
    }
}
