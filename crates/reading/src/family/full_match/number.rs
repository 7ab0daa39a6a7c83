//! A count: digits or words, and what they count.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::question::Asked;
use super::testimony::{Testimony, after_correction, corrects, settled};
use super::yes_no::{after_letter, is_list_item, table_row};
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
    Regex::new("(?i)(?:\\b(?:at least|at most|more than|less than|fewer than|up to|over|under|as many as|no more than|no fewer than|no less than|greater than|upwards of|minimum of|maximum of|or more|or fewer|or so|and more|or less)\\b|[<>≥≤]|\\d\\s*\\+|至少|至多|最多|不少于|超过|以上|以下|左右|多于|少于|\\bmindestens\\b|\\bhöchstens\\b|\\bal menos\\b|\\bau moins\\b|\\bpelo menos\\b|\\bне менее\\b)")
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
        if let Some(row) = table_row(self.asked, text)
            && let Some(value) =
                text[row.clone()].split('|').rev().find_map(|cell| self.whole(cell.trim()))
        {
            return Ok(said(value, ReadingRule::Container, row));
        }
        if let Some((value, span)) = self.field(text) {
            return Ok(said(value, ReadingRule::Container, span));
        }
        let sentences = sentences(text);
        let mut explicit: Vec<Said> = Vec::new();
        let mut vague = false;
        for place in marked(text, &sentences) {
            let content = &text[place.content.clone()];
            match self.content(content) {
                Piece::One(value, _) => {
                    explicit.push(said(value, ReadingRule::Marked, place.content));
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
                        explicit.push(said(value, ReadingRule::Conclusion, sentence.span.clone()));
                    }
                    Piece::Vague => vague = true,
                    Piece::Several | Piece::Nothing => {}
                }
            }
        }
        for sentence in &sentences {
            let whole = &text[sentence.span.clone()];
            if let Some(value) = sum(whole) {
                explicit.push(said(value, ReadingRule::Conclusion, sentence.span.clone()));
            } else if let Some(tail) = after_correction(whole)
                && let Piece::One(value, _) =
                    self.content(whole[tail..].trim_start_matches([',', ':', ' ', '.', '-']))
            {
                explicit.push(said(value, ReadingRule::Conclusion, sentence.span.clone()));
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
        static NOT_ONE: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"^\W*一\S{0,3}[都也](?:没|不|无)").expect("the pattern is constant")
        });
        if NOT_ONE.is_match(text) {
            return Some(0);
        }
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
            None => (zero_word(&words)?, words.len()),
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
                        | "would"
                        | "wrong"
                        | "incorrect"
                        | "which"
                        | "who"
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
                    found.push(Testimony { value, rule: place.rule, span: place.content });
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

    /// `{"beeps": 4, "duration_s": 10}`: the field that names what was asked.
    fn field(&self, text: &str) -> Option<(u64, Range<usize>)> {
        static FIELD: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(
                r#"["'](?P<key>[A-Za-z_ ]{2,40})["']\s*:\s*["']?(?P<value>\d{1,9})["']?\s*[,}\n]"#,
            )
            .expect("the pattern is constant")
        });
        if !text.contains('{') {
            return None;
        }
        let noun = self.noun();
        let mut found = FIELD.captures_iter(text).filter(|field| {
            words(&field["key"].replace('_', " "))
                .iter()
                .any(|word| noun.contains(&stem(&word.text)))
        });
        let only = found.next().filter(|_| found.next().is_none())?;
        Some((only["value"].parse().ok()?, only.get(0)?.range()))
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
        // A clause opens with the answer only if the rest of its sentence counts nothing else.
        let words = words(rest);
        let counted: BTreeSet<u64> =
            self.counted(rest, &words).iter().map(|found| found.value).collect();
        let value = self
            .whole(sentence)
            .or_else(|| self.whole(rest))
            .or_else(|| if counted.len() > 1 { None } else { self.whole(hyphen) })?;
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
        // `4 squares + 2 triangles = 6 shapes`
        if let Some(sum) = sum(sentence) {
            return Piece::One(sum, true);
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
        // Of a set only its size is told: `Of the 5 instruments, 2 are sounding`, `of the 4 none`.
        let sized = |found: &Counted| {
            found.words.start.checked_sub(1).is_some_and(|at| {
                words[at].text == "of"
                    || (at > 0 && words[at].text == "the" && words[at - 1].text == "of")
            })
        };
        if stands.iter().any(|found| sized(found))
            && stands.iter().all(|found| sized(found))
            && words.iter().any(|word| matches!(word.text.as_str(), "none" | "no" | "not"))
        {
            return if self.stands_none(&words) { Piece::One(0, true) } else { Piece::Nothing };
        }
        let stands: Vec<&Counted> = if stands.iter().all(|found| sized(found)) {
            stands
        } else {
            stands.into_iter().filter(|found| !sized(found)).collect()
        };
        if let Some(value) = closing(sentence, &words, &stands) {
            return Piece::One(value, true);
        }
        let distinct: BTreeSet<u64> = stands.iter().map(|found| found.value).collect();
        if distinct.len() > 1 {
            return self.among(sentence, &words, &stands);
        }
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
            (0, 0) if counted.is_empty() || self.stands_none(&words) => {
                self.zero(&words).map_or(Piece::Nothing, |()| Piece::One(0, true))
            }
            (0, 0) => Piece::Nothing,
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

    fn stands_none(&self, words: &[Word]) -> bool {
        words.iter().any(|word| word.text == "none")
    }

    /// Several numbers stand: the one in the clause closest to the question.
    fn among(&self, sentence: &str, words: &[Word], stands: &[&Counted]) -> Piece {
        // A total stands above its parts.
        if let Some(at) = words.iter().position(|word| {
            matches!(word.text.as_str(), "total" | "altogether" | "共" | "overall")
        }) && let Some(near) = stands.iter().min_by_key(|found| found.words.start.abs_diff(at))
        {
            return Piece::One(near.value, true);
        }
        let places =
            ["first", "second", "third", "last", "before", "after", "left", "right", "middle"];
        let asked_places: Vec<&str> = places
            .into_iter()
            .filter(|place| self.asked.words.iter().any(|word| word == place))
            .collect();
        let mut scores: Vec<(usize, u64)> = Vec::new();
        let mut begin = 0;
        for at in 1..=words.len() {
            let ends = at == words.len() || {
                let gap = &sentence[words[at - 1].span.end..words[at].span.start];
                gap.contains([',', ';', ':', '，', '；', '(', ')'])
                    || matches!(
                        words[at].text.as_str(),
                        "and" | "but" | "while" | "whereas" | "of" | "其"
                    )
            };
            if !ends {
                continue;
            }
            let inside: Vec<&&Counted> = stands
                .iter()
                .filter(|found| found.words.start >= begin && found.words.start < at)
                .collect();
            if let [only] = inside.as_slice() {
                let clause = &words[begin..at];
                let stems: BTreeSet<String> = clause.iter().map(|word| stem(&word.text)).collect();
                let elsewhere = !asked_places.is_empty()
                    && clause.iter().any(|word| places.contains(&word.text.as_str()))
                    && !clause.iter().any(|word| asked_places.contains(&word.text.as_str()));
                let score = if elsewhere {
                    0
                } else {
                    2 * self.asked.overlap(&stems) + usize::from(only.is_asked) + 1
                };
                scores.push((score, only.value));
            } else if inside.len() > 1 {
                scores.extend(
                    inside.iter().map(|found| (usize::from(found.is_asked) * 3, found.value)),
                );
            }
            begin = at;
        }
        let most = scores.iter().map(|(score, _)| *score).max().unwrap_or(0);
        let closest: BTreeSet<u64> =
            scores.iter().filter(|(score, _)| *score == most).map(|(_, value)| *value).collect();
        match (closest.len(), closest.first()) {
            (1, Some(value)) if most > 1 => Piece::One(*value, true),
            _ => Piece::Several,
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
                || matches!(
                    words[at].text.as_str(),
                    "but" | "yet" | "there" | "only" | "sondern" | "而"
                )
            {
                scope = false;
            }
            let Some(number) = number_at(sentence, words, at) else {
                // What is only expected is no count either.
                let expects = matches!(
                    words[at].text.as_str(),
                    "expect"
                        | "expects"
                        | "expected"
                        | "suggests"
                        | "supposed"
                        | "thought"
                        | "think"
                        | "claims"
                        | "besides"
                        | "excluding"
                        | "except"
                );
                if expects || (is_negator(&words[at].text) && !is_idiom(words, at)) {
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
                let judged = words[end..]
                    .iter()
                    .take(3)
                    .any(|word| matches!(word.text.as_str(), "wrong" | "incorrect" | "false"));
                found.push(Counted {
                    value,
                    words: number.words.clone(),
                    is_asked,
                    is_denied: scope || judged,
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
            let counts = self.noun().contains(&stem(next));
            if !counts
                && LABELS.contains(&before)
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
        // A year.
        if number.is_digits
            && matches!(before, "in" | "of" | "since")
            && number.value.is_some_and(|value| (1000..2200).contains(&value))
        {
            return true;
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
        // `Players: 8`
        let labelled = number.words.start.checked_sub(1).is_some_and(|before| {
            noun.contains(&stem(word(before)))
                && sentence[words[before].span.end..words[number.words.start].span.start]
                    .contains([':', '：', '='])
        });
        if labelled {
            return true;
        }
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
    let said: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    matches!(
        said.as_slice(),
        ["none" | "nobody" | "nothing" | "never" | "nil" | "nought" | "无" | "零"]
            | ["没", "有"]
            | ["not", "one" | "any"]
            | ["not", "a", "single", "one"]
            | ["not", "even", "one"]
            | ["no", "one"]
            | ["none", "at", "all"]
    )
    .then_some(0)
}

/// The number that closes a sentence behind `so`, `hence`, `:` or `=`.
fn closing(sentence: &str, words: &[Word], stands: &[&Counted]) -> Option<u64> {
    let last = stands.last().filter(|_| stands.len() > 1)?;
    let before = last.words.start.checked_sub(1)?;
    let gap = &sentence[words[before].span.end..words[last.words.start].span.start];
    let leads = matches!(words[before].text.as_str(), "so" | "hence" | "thus" | "therefore" | "makes" | "making" | "leaves" | "leaving" | "gives" | "giving" | "totals" | "equals" | "is" if words[before].text != "is")
        || gap.contains([':', '=', '→', '：']);
    let near_end = words.len() - last.words.end <= 3;
    (leads && near_end).then_some(last.value)
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
