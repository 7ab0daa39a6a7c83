//! A count: digits or words, and what they count.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::question::Asked;
use super::testimony::{Testimony, corrects, settled};
use super::yes_no::{after_letter, is_list_item};
use crate::read::Found;
use crate::text::negation::{is_idiom, is_negator};
use crate::text::numbers::{Number, number_at};
use crate::text::places::{concludes, emphasised, led, marked, places};
use crate::text::refusal::refusal;
use crate::text::sentences::{Sentence, sentences};
use crate::text::words::{Word, is_glued, stem, words};
use crate::{Question, ReadingRule, Unread, Value};

type Said = Testimony<u64>;

/// Reads an answer to a question without options.
pub(crate) fn read(question: &Question<'_>, text: &str) -> Found {
    let asked = Asked::new(question.text);
    let reader = Reader { asked: &asked };
    match reader.decide(text) {
        Ok(said) => {
            let seen = alternatives(text, said.value);
            Found::value(Value::Number(said.value.to_string()), said.rule, said.span).seen(seen)
        }
        Err(reason) => Found::unread(reason).seen(alternatives(text, u64::MAX)),
    }
}

struct Reader<'a> {
    asked: &'a Asked,
}

/// A number of a sentence with what it counts.
#[derive(Debug, Clone)]
struct Counted {
    value: u64,
    words: Range<usize>,
    /// It counts what was asked.
    is_asked: bool,
    is_denied: bool,
}

/// What a sentence says.
enum Piece {
    One(u64, bool),
    Several,
    /// A bound or a range.
    Vague,
    Nothing,
}

/// Units and names after or before a number that make it no count.
const UNITS: &[&str] = &[
    "second",
    "seconds",
    "sec",
    "secs",
    "s",
    "ms",
    "millisecond",
    "milliseconds",
    "minute",
    "minutes",
    "min",
    "hz",
    "khz",
    "db",
    "fps",
    "px",
    "pixels",
    "percent",
    "degrees",
    "degree",
    "bpm",
    "kg",
    "cm",
    "mm",
    "m",
    "meters",
    "metres",
    "km",
    "years",
    "year",
    "am",
    "pm",
    "o'clock",
    "秒",
    "分",
    "秒钟",
];
const LABELS: &[&str] = &[
    "frame",
    "frames",
    "image",
    "picture",
    "step",
    "option",
    "figure",
    "question",
    "part",
    "section",
    "scene",
    "clip",
    "channel",
    "track",
    "at",
    "number",
    "no",
    "line",
    "point",
    "error",
    "code",
    "status",
    "http",
    "segment",
    "timestamp",
    "second",
    "minute",
    "version",
    "note",
];
const ORDINALS: &[&str] = &["st", "nd", "rd", "th"];
const TIMES: &[&str] = &[
    "time",
    "times",
    "occasion",
    "occasions",
    "spot",
    "spots",
    "place",
    "places",
    "point",
    "points",
    "location",
    "locations",
    "instance",
    "instances",
    "次",
    "回",
    "处",
    "個",
    "个",
    "遍",
    "veces",
    "fois",
    "mal",
    "vezes",
    "раз",
    "раза",
    "kali",
];
const CLASSIFIERS: &[&str] = &[
    "个", "個", "种", "種", "只", "隻", "名", "位", "人", "条", "件", "把", "次", "声", "下", "辆",
    "台", "张", "本", "つ", "人", "匹", "回", "本", "台",
];

static BOUNDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:\b(?:at least|at most|more than|less than|fewer than|up to|over|under|as many as|no more than|no fewer than|no less than|greater than|upwards of|minimum of|maximum of|or more|or fewer|or so|and more|or less)\b|[<>≥≤]|\d\s*\+|至少|至多|最多|不少于|超过|以上|以下|左右|多于|少于|\bmindestens\b|\bhöchstens\b|\bal menos\b|\bau moins\b|\bpelo menos\b|\bне менее\b)",
    ))
    .expect("the pattern is constant")
});

static RANGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:between\s+(?:\d+|[a-z]+)\s+and\s+(?:\d+|[a-z]+)\b|(?P<a>\d+)\s*(?:-|–|—|to|or|~|到|至)\s*(?P<b>\d+)\b",
        r"|(?:one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:to|or)\s+(?:one|two|three|four|five|six|seven|eight|nine|ten)\b)",
    ))
    .expect("the pattern is constant")
});

/// A sentence that gives a total concludes.
static TOTAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:in total|a total of|altogether|in all|total(?:s|ing)?|combined|all together)\b|总共|一共|共计|共有|合计").expect("the pattern is constant")
});

static ONLY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:about|approximately|around|roughly|exactly|only|just|precisely|approx\.?|circa|a total of|in total|total of|in all|there (?:is|are|were|was)|i (?:can )?(?:count|see|hear|counted|heard|saw)|it is|it's|they are|that is|that's|we (?:see|hear|count)|~|≈|约|大约|共|一共|总共|共有|有|=)\s*").expect("the pattern is constant")
});

impl Reader<'_> {
    fn decide(&self, text: &str) -> Result<Said, Unread> {
        let said = |value, rule, span: Range<usize>| Testimony { value, rule, span };
        if text.trim().is_empty() {
            return Err(Unread::NothingFound);
        }
        let start = text.len() - text.trim_start().len();
        let all = start..start + text.trim().len();
        if let Some(value) = self.whole(text) {
            return Ok(said(value, ReadingRule::Whole, all));
        }
        if let Some(found) = self.in_places(text) {
            return found;
        }
        let sentences = sentences(text);
        let mut explicit: Vec<Said> = Vec::new();
        let mut vague = false;
        for place in marked(text, &sentences) {
            let content = &text[place.content.clone()];
            match self.content(content) {
                Piece::One(value, _) => {
                    explicit.push(said(value, ReadingRule::Marked, place.content))
                }
                Piece::Vague => vague = true,
                Piece::Several | Piece::Nothing => {}
            }
        }
        for sentence in sentences.iter().filter(|sentence| !sentence.is_question) {
            let whole = &text[sentence.span.clone()];
            let total = TOTAL.is_match(whole).then_some(0);
            if let Some(at) = concludes(whole).or(total) {
                match self.content(&whole[at..]) {
                    Piece::One(value, _) => {
                        explicit.push(said(value, ReadingRule::Conclusion, sentence.span.clone()))
                    }
                    Piece::Vague => vague = true,
                    Piece::Several | Piece::Nothing => {}
                }
            }
        }
        explicit.extend(led(text, &sentences).into_iter().filter_map(|place| {
            let value = self
                .whole(&text[place.content.clone()])
                .filter(|_| !is_list_item(text, &sentences[0]))?;
            Some(said(value, ReadingRule::Marked, place.content))
        }));
        explicit.sort_by_key(|said| said.span.start);
        if vague && explicit.is_empty() {
            return Err(Unread::SeveralLeft);
        }
        if let Some(found) = settled(text, &explicit) {
            return Ok(found);
        }
        if let Some(last) = explicit.last() {
            let marks: Vec<Said> =
                explicit.iter().filter(|said| said.rule == ReadingRule::Marked).cloned().collect();
            return match settled(text, &marks) {
                Some(found) if found.span.end >= last.span.start => Ok(found),
                _ if corrects(&text[..last.span.start]) => Ok(last.clone()),
                _ => Err(Unread::Contradictory),
            };
        }
        if let Some(found) = self.opening(text, &sentences) {
            return Ok(found);
        }
        let bold: Vec<Said> = emphasised(text)
            .into_iter()
            .filter_map(|place| {
                let value = self.whole(&text[place.content.clone()])?;
                Some(said(value, ReadingRule::Emphasised, place.content))
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

    /// A text that is a number and nothing else, what it counts aside.
    fn whole(&self, text: &str) -> Option<u64> {
        if text.len() > 200 {
            return None;
        }
        self.only(text).or_else(|| {
            let rest = after_letter(text);
            (rest.len() < text.len() && !rest.trim().is_empty()).then(|| self.only(rest)).flatten()
        })
    }

    fn only(&self, text: &str) -> Option<u64> {
        let mut text = text
            .trim_matches(|c: char| c.is_whitespace() || "*_`\"'“”‘’.。,，!！$#:：()".contains(c));
        if text.starts_with(['-', '−', '<', '>', '≥', '≤'])
            || text.ends_with(['+', '%', '?', '？'])
            || BOUNDS.is_match(text)
            || RANGE.is_match(text)
        {
            return None;
        }
        while let Some(lead) = ONLY.find(text).filter(|lead| lead.end() > 0) {
            text = &text[lead.end()..];
        }
        let words = words(text);
        let (value, end) = match number_at(text, &words, 0) {
            Some(number) => (number.value?, number.words.end),
            None => (zero_word(&words)?, 1),
        };
        let rest = &words[end..];
        let fine = |at: usize| {
            let word = &rest[at];
            let again = number_at(text, &words, end + at);
            if let Some(again) = again {
                // `four (4)`
                return again.value == Some(value);
            }
            !UNITS.contains(&word.text.as_str())
                && !ORDINALS.contains(&word.text.as_str())
                && !is_negator(&word.text)
                && !matches!(
                    word.text.as_str(),
                    "or" | "and"
                        | "plus"
                        | "minus"
                        | "to"
                        | "point"
                        | "half"
                        | "more"
                        | "less"
                        | "than"
                        | "of"
                        | "of the"
                        | "but"
                        | "if"
                        | "hundred"
                        | "thousand"
                        | "maybe"
                        | "perhaps"
                        | "can"
                        | "sees"
                        | "could"
                        | "might"
                )
        };
        (rest.len() <= 6 && (0..rest.len()).all(fine)).then_some(value)
    }

    /// What a place that is made for the answer says.
    fn content(&self, content: &str) -> Piece {
        let rest = after_letter(content);
        let clause = rest
            .trim_start()
            .split(['\n', ',', ';', '.', '(', '，', '。', '—', '–'])
            .next()
            .unwrap_or_default();
        let hyphen = clause.split(" - ").next().unwrap_or_default();
        for piece in [content, rest, clause, hyphen] {
            if let Some(value) = self.whole(piece) {
                return Piece::One(value, true);
            }
        }
        self.piece(rest)
    }

    fn in_places(&self, text: &str) -> Option<Result<Said, Unread>> {
        let mut declined = false;
        let mut vague = false;
        let mut found = Vec::new();
        for place in places(text) {
            let content = &text[place.content.clone()];
            match self.content(content) {
                Piece::One(value, _) => {
                    found.push(Testimony { value, rule: place.rule, span: place.content })
                }
                Piece::Vague => vague = true,
                Piece::Several | Piece::Nothing => declined |= refusal(content).is_some(),
            }
        }
        if found.is_empty() {
            return match (vague, declined) {
                (true, _) => Some(Err(Unread::SeveralLeft)),
                (_, true) => Some(Err(Unread::Refused)),
                _ => None,
            };
        }
        Some(settled(text, &found).ok_or(Unread::Contradictory))
    }

    /// The first sentence is the number.
    fn opening(&self, text: &str, sentences: &[Sentence]) -> Option<Said> {
        let first = sentences.first()?;
        let sentence = &text[first.span.clone()];
        let rest = after_letter(sentence);
        let clause =
            rest.split([',', ':', ';', '(', '，', '：', '—', '–']).next().unwrap_or_default();
        let hyphen = clause.split(" - ").next().unwrap_or_default();
        // One item of a list is no answer.
        if sentences.len() > 1 && is_list_item(text, first) && is_list_item(text, &sentences[1]) {
            return None;
        }
        let value =
            self.whole(sentence).or_else(|| self.whole(rest)).or_else(|| self.whole(hyphen))?;
        let more = sentences[1..].iter().any(|sentence| corrects(&text[sentence.span.clone()]));
        (!more).then(|| Testimony { value, rule: ReadingRule::Opening, span: first.span.clone() })
    }

    fn by_statements(&self, text: &str, sentences: &[Sentence]) -> Result<Said, Unread> {
        let mut asked: Vec<Said> = Vec::new();
        let mut others: Vec<Said> = Vec::new();
        let (mut several, mut vague) = (false, false);
        for sentence in sentences.iter().filter(|sentence| !sentence.is_question) {
            match self.piece(&text[sentence.span.clone()]) {
                Piece::One(value, is_asked) => {
                    let said = Testimony {
                        value,
                        rule: ReadingRule::Statement,
                        span: sentence.span.clone(),
                    };
                    if is_asked { asked.push(said) } else { others.push(said) }
                }
                Piece::Several => several = true,
                Piece::Vague => vague = true,
                Piece::Nothing => {}
            }
        }
        if vague {
            return Err(Unread::SeveralLeft);
        }
        if !asked.is_empty() {
            return settled(text, &asked).ok_or(Unread::SeveralLeft);
        }
        if several {
            return Err(Unread::SeveralLeft);
        }
        match settled(text, &others) {
            Some(found) if sentences.len() <= 2 => Ok(found),
            None if others.is_empty() => Err(Unread::NothingFound),
            _ => Err(Unread::SeveralLeft),
        }
    }

    /// What one sentence says.
    fn piece(&self, sentence: &str) -> Piece {
        let words = words(sentence);
        if words.len() > 120 {
            return Piece::Nothing;
        }
        let counted = self.counted(sentence, &words);
        let stands: Vec<&Counted> = counted.iter().filter(|found| !found.is_denied).collect();
        if !stands.is_empty()
            && BOUNDS
                .find_iter(sentence)
                .any(|bound| !sentence[..bound.start()].to_lowercase().ends_with("all "))
            && vague_bound(sentence, &words, &stands)
        {
            return Piece::Vague;
        }
        if let Some(range) = RANGE.captures(sentence)
            && !stands.is_empty()
        {
            let inside = range.get(0).map_or(0..0, |found| found.range());
            if stands.iter().any(|found| inside.contains(&words[found.words.start].span.start)) {
                return Piece::Vague;
            }
        }
        // `3 out of 4`: the first counts.
        for pair in stands.windows(2) {
            let between: Vec<&str> = words[pair[0].words.end..pair[1].words.start]
                .iter()
                .map(|word| word.text.as_str())
                .collect();
            if between == ["out", "of"]
                || between == ["of"]
                || between == ["of", "the"]
                || between == ["out", "of", "the"]
                || between == ["out", "of", "all"]
            {
                return Piece::One(pair[0].value, true);
            }
        }
        // `4 squares + 2 triangles = 6 shapes`
        if let Some(sum) = sum(sentence) {
            return Piece::One(sum, true);
        }
        // Of a set only its size is told: `Of the 5 instruments, 2 are sounding`.
        let sized = |found: &Counted| {
            found.words.start.checked_sub(1).is_some_and(|at| {
                words[at].text == "of"
                    || (at > 0 && words[at].text == "the" && words[at - 1].text == "of")
            })
        };
        let stands: Vec<&Counted> = if stands.iter().all(|found| sized(found)) {
            stands
        } else {
            stands.into_iter().filter(|found| !sized(found)).collect()
        };
        let mut asked: BTreeSet<u64> =
            stands.iter().filter(|found| found.is_asked).map(|found| found.value).collect();
        if asked.is_empty() && self.denies_in_a_clause(sentence, &words, &counted) {
            asked.insert(0);
        }
        if asked.len() == 1 {
            return asked.first().map_or(Piece::Nothing, |value| Piece::One(*value, true));
        }
        let all: BTreeSet<u64> = stands.iter().map(|found| found.value).collect();
        match (asked.len(), all.len()) {
            (0, 0) => self.zero(&words).map_or(Piece::Nothing, |_| Piece::One(0, true)),
            (0, 1) => all.first().map_or(Piece::Nothing, |value| Piece::One(*value, false)),
            _ => {
                // A total stands above its parts.
                let total = words.iter().position(|word| {
                    matches!(
                        word.text.as_str(),
                        "total" | "altogether" | "overall" | "all" | "共" | "total:"
                    )
                });
                let near = total.and_then(|at| {
                    stands.iter().min_by_key(|found| found.words.start.abs_diff(at))
                });
                near.map_or(Piece::Several, |found| Piece::One(found.value, true))
            }
        }
    }

    /// Whether a clause without a number says zero of what was asked.
    fn denies_in_a_clause(&self, sentence: &str, words: &[Word], counted: &[Counted]) -> bool {
        let mut begin = 0;
        for at in 1..=words.len() {
            let ends = at == words.len()
                || sentence[words[at - 1].span.end..words[at].span.start]
                    .contains([',', ';', ':', '—', '，', '；'])
                || words[at].text == "but";
            if ends {
                let clause = begin..at;
                let has_number = counted.iter().any(|found| clause.contains(&found.words.start));
                if !has_number && at - begin >= 2 && self.zero(&words[clause]).is_some() {
                    return true;
                }
                begin = at;
            }
        }
        false
    }

    /// The numbers of a sentence that may count something.
    fn counted(&self, sentence: &str, words: &[Word]) -> Vec<Counted> {
        let mut found = Vec::new();
        let mut at = 0;
        let mut scope = false;
        while at < words.len() {
            let gap = at
                .checked_sub(1)
                .map_or("", |before| &sentence[words[before].span.end..words[at].span.start]);
            if gap.contains([',', ';', ':', '.', '，', '；', '—'])
                || matches!(words[at].text.as_str(), "but" | "there" | "sondern" | "而")
            {
                scope = false;
            }
            let Some(number) = number_at(sentence, words, at) else {
                if is_negator(&words[at].text) && !is_idiom(words, at) {
                    scope = true;
                }
                at += 1;
                continue;
            };
            let end = number.words.end;
            if let Some(value) =
                number.value.filter(|_| !self.is_no_count(sentence, words, &number))
            {
                let is_asked = self.counts_asked(sentence, words, &number);
                found.push(Counted {
                    value,
                    words: number.words.clone(),
                    is_asked,
                    is_denied: scope,
                });
            }
            at = end;
        }
        found
    }

    /// Times, ordinals, names, quoted numbers, `one of the`, the pronoun `one`.
    fn is_no_count(&self, sentence: &str, words: &[Word], number: &Number) -> bool {
        let (start, end) = (number.words.start, number.words.end);
        let word = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
        let before_gap =
            start.checked_sub(1).map_or(&sentence[..words[start].span.start], |before| {
                &sentence[words[before].span.end..words[start].span.start]
            });
        let after_gap = words.get(end).map_or(&sentence[words[end - 1].span.end..], |next| {
            &sentence[words[end - 1].span.end..next.span.start]
        });
        let before = start.checked_sub(1).map_or("", word);
        let next = word(end);
        if number.is_digits {
            let clock = (after_gap.starts_with(':') && after_gap.len() == 1)
                || (before_gap == ":" && start > 0);
            let quoted = before_gap.ends_with(['"', '“', '\'', '‘'])
                && after_gap.starts_with(['"', '”', '\'', '’']);
            let fraction = before_gap.ends_with('.') && before_gap.len() == 1
                || before_gap == "/"
                || after_gap == "/"
                || after_gap.starts_with('%')
                || after_gap.starts_with("px");
            let numbering = start == 0
                && (after_gap.starts_with(". ") || after_gap.starts_with(") "))
                && words.len() > 1;
            let glued_name = before_gap.ends_with(['#', '$', '€', '@', '_']);
            if clock || quoted || fraction || numbering || glued_name {
                return true;
            }
            if LABELS.contains(&before)
                && before_gap.trim().is_empty()
                && !(before == "number" || before == "at")
            {
                return true;
            }
        }
        if after_gap.trim_matches(|c: char| c.is_whitespace() || c == '-').is_empty()
            && UNITS.contains(&next)
            || ORDINALS.contains(&next) && after_gap.is_empty()
        {
            return true;
        }
        if word(start) == "one" && number.words.len() == 1 {
            let pronoun = matches!(
                next,
                "can"
                    | "could"
                    | "sees"
                    | "hears"
                    | "may"
                    | "might"
                    | "would"
                    | "must"
                    | "should"
                    | "finds"
                    | "notices"
                    | "needs"
                    | "has"
                    | "by"
                    | "another"
                    | "side"
                    | "after"
                    | "might've"
                    | "counts"
                    | "looks"
                    | "will"
            );
            let part = next == "of"
                && matches!(word(end + 1), "the" | "them" | "these" | "those" | "my" | "which");
            let named = matches!(
                before,
                "the"
                    | "this"
                    | "that"
                    | "which"
                    | "each"
                    | "every"
                    | "no"
                    | "any"
                    | "correct"
                    | "right"
                    | "other"
                    | "another"
                    | "first"
                    | "second"
                    | "third"
                    | "last"
                    | "left"
                    | "white"
                    | "black"
                    | "striped"
            ) && !(before == "the" && next == "instrument");
            if pronoun || part || named {
                return true;
            }
        }
        if matches!(next, "d" | "dimensional")
            || (before_gap == "-"
                && number.is_digits
                && start > 0
                && number_at(sentence, words, start - 1).is_none())
        {
            return true;
        }
        // `two of the cooks` counts a part.
        next == "of"
            && matches!(word(end + 1), "the" | "them" | "these" | "those" | "which")
            && number_word_follows(words, end + 2).is_none()
    }

    /// Whether a number counts what was asked: the noun follows, or the question asks how often.
    fn counts_asked(&self, sentence: &str, words: &[Word], number: &Number) -> bool {
        let often = self.asked.words.windows(2).any(|pair| {
            pair[0] == "how" && matches!(pair[1].as_str(), "often" | "frequently")
                || pair[0] == "many" && pair[1] == "times"
        }) || self.asked.words.concat().contains("几次")
            || self.asked.words.concat().contains("多少次");
        let word = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
        let end = number.words.end;
        if matches!(word(number.words.start), "once" | "twice" | "thrice") {
            return true;
        }
        if often && (end..end + 4).any(|at| TIMES.contains(&word(at))) {
            return true;
        }
        let noun = self.noun();
        let named = (end..(end + 5).min(words.len()))
            .take_while(|at| {
                !sentence[words[at - 1].span.end..words[*at].span.start]
                    .contains([',', ';', '.', ':'])
            })
            .take_while(|at| {
                !matches!(
                    word(*at),
                    "and" | "or" | "but" | "with" | "in" | "on" | "are" | "is" | "that" | "who"
                )
            })
            .any(|at| noun.contains(&stem(word(at))));
        if named || (often && (end..end + 3).any(|at| self.asked.mentions(&stem(word(at))))) {
            return true;
        }
        // `The number of plates is 6`; Chinese counts with a classifier.
        let preceded = number.words.start > 0
            && words[..number.words.start]
                .windows(2)
                .any(|pair| pair[0].text == "number" && pair[1].text == "of");
        let classified = CLASSIFIERS.contains(&word(end))
            && words.iter().any(|word| word.text.chars().all(is_glued));
        preceded || classified
    }

    /// Stems of the asked noun: the words after `how many`, up to a verb.
    fn noun(&self) -> BTreeSet<String> {
        let words = &self.asked.words;
        let start = words
            .windows(2)
            .position(|pair| pair[0] == "how" && pair[1] == "many")
            .map(|at| at + 2)
            .or_else(|| {
                words
                    .windows(2)
                    .position(|pair| pair[0] == "number" && pair[1] == "of")
                    .map(|at| at + 2)
            });
        let Some(start) = start else { return self.asked.content.iter().cloned().collect() };
        let list: Vec<&String> = words[start..]
            .iter()
            .take_while(|word| {
                !matches!(
                    word.as_str(),
                    "are"
                        | "is"
                        | "do"
                        | "does"
                        | "can"
                        | "there"
                        | "in"
                        | "on"
                        | "have"
                        | "has"
                        | "were"
                        | "did"
                        | "you"
                        | "sit"
                        | "wear"
                        | "hang"
                        | "at"
                        | "with"
                        | "of"
                        | "appear"
                        | "sound"
                        | "play"
                        | "make"
                )
            })
            .take(4)
            .collect();
        let mut stems: BTreeSet<String> = list.iter().map(|word| stem(word)).collect();
        for empty in [
            "differ",
            "different",
            "type",
            "kind",
            "of",
            "the",
            "brown",
            "blue",
            "red",
            "green",
            "distinct",
        ] {
            stems.remove(&stem(empty));
        }
        stems
    }

    /// Words that say zero of what was asked: `there are no buses`, `not a single owl`, `nobody`.
    fn zero(&self, words: &[Word]) -> Option<()> {
        let noun = self.noun();
        let (mut found, mut told) = (false, false);
        for (at, word) in words.iter().enumerate() {
            let next: Vec<&str> =
                words[at + 1..].iter().take(5).map(|word| word.text.as_str()).collect();
            let about = next
                .iter()
                .any(|word| noun.contains(&stem(word)) || self.asked.mentions(&stem(word)))
                || words[..at].iter().any(|word| noun.contains(&stem(&word.text)));
            found |= match word.text.as_str() {
                "no" | "not" | "never" | "没有" | "没" | "无" | "keine" | "ningún" | "aucun" => {
                    about && !is_idiom(words, at)
                }
                "none" | "nobody" | "zero" | "nothing" => true,
                "n't" => about,
                other => other.ends_with("n't") && about,
            };
            told |= matches!(
                word.text.as_str(),
                "transcript" | "information" | "audio" | "file" | "provided"
            );
        }
        (found && !told).then_some(())
    }
}

fn number_word_follows(words: &[Word], at: usize) -> Option<u64> {
    words.get(at).and_then(|word| {
        crate::text::numbers::digits(&word.text)
            .or_else(|| crate::text::lexicon::number_word(&word.text))
    })
}

fn zero_word(words: &[Word]) -> Option<u64> {
    let [only] = words else { return None };
    matches!(only.text.as_str(), "none" | "nobody" | "nothing" | "never" | "没有" | "无")
        .then_some(0)
}

/// What a sum comes to: `4 + 2 = 6`.
fn sum(sentence: &str) -> Option<u64> {
    static SUM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[+＋].*[=＝]\s*\**(?P<sum>\d{1,9})\b").expect("the pattern is constant")
    });
    SUM.captures(sentence)?["sum"].parse().ok()
}

/// Whether a bound stands at one of the numbers.
fn vague_bound(sentence: &str, words: &[Word], stands: &[&Counted]) -> bool {
    BOUNDS.find_iter(sentence).any(|bound| {
        stands.iter().any(|found| {
            let (start, end) =
                (words[found.words.start].span.start, words[found.words.end - 1].span.end);
            (bound.end() <= start && start - bound.end() <= 6)
                || (bound.start() >= end && bound.start() - end <= 6)
                || (bound.start() <= start && bound.end() >= end)
        })
    })
}

fn alternatives(text: &str, taken: u64) -> Vec<String> {
    let head: String = text.chars().take(4_000).collect();
    let words = words(&head);
    let values: BTreeSet<u64> = (0..words.len())
        .filter_map(|at| number_at(&head, &words, at)?.value)
        .filter(|value| *value != taken)
        .collect();
    values.into_iter().map(|value| value.to_string()).collect()
}
