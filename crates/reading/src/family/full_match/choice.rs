//! One option of a list.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::choices::{Choices, Mention, choices_of, folded, mentions};
use super::corners::movement;
use super::question::Asked;
use super::testimony::{Testimony, after_correction, corrects, settled};
use super::yes_no::{after_letter, checked, weighed};
use crate::read::Found;
use crate::text::places::{concludes, emphasised, led, marked, places};
use crate::text::refusal::refusal;
use crate::text::sentences::{Sentence, sentences};
use crate::text::words::{Word, stem, words};
use crate::{Question, ReadingRule, Unread, Value};

type Said = Testimony<usize>;

/// Words that say the opposite of the one that a question compares by.
const OPPOSITES: &[(&str, &str)] = &[
    ("loud", "quiet"),
    ("loud", "soft"),
    ("loud", "faint"),
    ("loud", "gentl"),
    ("loud", "subdu"),
    ("loud", "hush"),
    ("volum", "quiet"),
    ("high", "quiet"),
    ("high", "soft"),
    ("high", "faint"),
    ("great", "quiet"),
    ("clear", "dull"),
    ("clear", "hiss"),
    ("clear", "fuzz"),
    ("clear", "murk"),
    ("clear", "blur"),
    ("clear", "muffl"),
    ("clear", "nois"),
    ("clear", "distort"),
    ("bright", "dark"),
    ("bright", "dim"),
    ("big", "small"),
    ("larg", "small"),
    ("long", "short"),
    ("high", "low"),
    ("fast", "slow"),
    ("near", "far"),
    ("strong", "weak"),
    ("more", "less"),
    ("calm", "angr"),
    ("good", "bad"),
    ("old", "young"),
    ("warm", "cold"),
    ("sharp", "blur"),
];

/// Reads an answer to a question with options other than yes and no.
pub(crate) fn read(question: &Question<'_>, text: &str) -> Found {
    let choices = choices_of(question.options);
    let asked = Asked::new(question.text).without(&choices.options);
    let reader = Reader { choices: &choices, asked: &asked };
    match reader.decide(text) {
        Ok(said) => {
            let seen = reader.alternatives(text, said.value);
            Found::value(Value::Option(choices.options[said.value].clone()), said.rule, said.span)
                .seen(seen)
        }
        Err(reason) => Found::unread(reason).seen(reader.alternatives(text, usize::MAX)),
    }
}

struct Reader<'a> {
    choices: &'a Choices,
    asked: &'a Asked,
}

/// What a sentence comes to.
enum Piece {
    One(usize),
    Several,
    Nothing,
}

impl Piece {
    fn one(self) -> Option<usize> {
        match self {
            Self::One(option) => Some(option),
            Self::Several | Self::Nothing => None,
        }
    }
}

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
        if let Some((value, span)) = checked(text, |option| self.choices.whole(option)) {
            return Ok(said(value, ReadingRule::Marked, span));
        }
        if let Some((value, span)) = weighed(text, &self.choices.options) {
            return Ok(said(value, ReadingRule::Container, span));
        }
        let text = &without_lists(text, self.choices);
        let sentences = sentences(text);
        let mut explicit: Vec<Said> = marked(text, &sentences)
            .into_iter()
            .filter_map(|place| {
                let value = self.content(&text[place.content.clone()])?;
                Some(said(value, ReadingRule::Marked, place.content))
            })
            .collect();
        for sentence in sentences.iter().filter(|sentence| !sentence.is_question) {
            let whole = &text[sentence.span.clone()];
            if let Some(value) = concludes(whole).and_then(|at| self.piece(&whole[at..]).one()) {
                explicit.push(said(value, ReadingRule::Conclusion, sentence.span.clone()));
            }
        }
        explicit.extend(led(text, &sentences).into_iter().filter_map(|place| {
            let value = self.whole(&text[place.content.clone()])?;
            Some(said(value, ReadingRule::Marked, place.content))
        }));
        explicit.sort_by_key(|said| said.span.start);
        if let Some(found) = settled(text, &explicit) {
            return Ok(found);
        }
        if let Some(last) = explicit.last() {
            // A marked answer stands above a conclusion on the way to it.
            let marks: Vec<Said> =
                explicit.iter().filter(|said| said.rule == ReadingRule::Marked).cloned().collect();
            return match settled(text, &marks) {
                Some(found) if found.span.start >= last.span.start || corrects(text) => Ok(found),
                Some(found)
                    if marks.len() < explicit.len() && found.span.end >= last.span.start =>
                {
                    Ok(found)
                }
                _ => Err(Unread::Contradictory),
            };
        }
        if let Some(found) = self.opening(text, &sentences) {
            return Ok(found);
        }
        let bold: Vec<Said> = emphasised(text)
            .into_iter()
            .filter_map(|place| {
                let value = self.choices.whole(after_letter(&text[place.content.clone()]))?;
                let after = &text[place.whole.end..];
                // A heading is emphasised too: `**First sound:** a drum`.
                let is_label = after.trim_start().starts_with(':')
                    || text[place.content.clone()].trim_end().ends_with(':');
                (!is_label).then(|| said(value, ReadingRule::Emphasised, place.content))
            })
            .collect();
        let refuses =
            sentences.iter().any(|sentence| refusal(&text[sentence.span.clone()]).is_some());
        if let Some(found) = settled(text, &bold).filter(|_| !refuses) {
            let sentence =
                sentences.iter().find(|sentence| sentence.span.contains(&found.span.start));
            let agrees =
                sentence.is_none_or(|sentence| match self.piece(&text[sentence.span.clone()]) {
                    Piece::One(value) => value == found.value,
                    Piece::Several => true,
                    Piece::Nothing => false,
                });
            if agrees {
                return Ok(found);
            }
        }
        if refuses {
            return Err(Unread::Refused);
        }
        self.by_statements(text, &sentences)
    }

    /// The option that a text is as a whole.
    fn whole(&self, text: &str) -> Option<usize> {
        self.choices.whole(text).or_else(|| {
            let rest = after_letter(text);
            (rest.len() < text.len()).then(|| self.choices.whole(rest)).flatten()
        })
    }

    /// What a place that is made for the answer says.
    fn content(&self, content: &str) -> Option<usize> {
        let content = after_letter(content);
        let line = content.trim_start().lines().next().unwrap_or_default();
        if let Some(value) = self.choices.whole(content).or_else(|| self.choices.whole(line)) {
            return Some(value);
        }
        // `(A) left because ...`
        let clause = content
            .split([',', ';', '.', '\n', '(', '，', '。', '—', '–'])
            .next()
            .unwrap_or_default();
        self.choices.whole(clause).or_else(|| self.piece(content).one())
    }

    fn in_places(&self, text: &str) -> Option<Result<Said, Unread>> {
        let mut declined = false;
        let mut found = Vec::new();
        for place in places(text) {
            let content = &text[place.content.clone()];
            match self.content(content) {
                Some(value) => {
                    found.push(Testimony { value, rule: place.rule, span: place.content });
                }
                None => declined |= refusal(content).is_some(),
            }
        }
        if found.is_empty() {
            return declined.then_some(Err(Unread::Refused));
        }
        Some(settled(text, &found).ok_or(Unread::Contradictory))
    }

    /// The first sentence, or its first clause, is an option and nothing else.
    fn opening(&self, text: &str, sentences: &[Sentence]) -> Option<Said> {
        let first = sentences.first()?;
        let sentence = &text[first.span.clone()];
        let rest = after_letter(sentence);
        let end =
            rest.find([',', ':', ';', '–', '—', '(', '，', '：']).or_else(|| rest.find(" - "));
        let clause = end.map_or(rest, |end| &rest[..end]);
        // `First, I listen` opens a list of steps, and `Left: piano` a list of places.
        let is_step = clause.len() < rest.len()
            && (rest[clause.len()..].starts_with(':')
                || matches!(
                    folded(clause).as_str(),
                    "first" | "last" | "right" | "sound" | "noise" | "clear" | "normal"
                ));
        let value = self
            .choices
            .whole(rest)
            .or_else(|| if is_step { None } else { self.choices.whole(clause) })?;
        let words = words(rest);
        let rivals = mentions(self.choices, rest, &words)
            .iter()
            .any(|mention| mention.option != value && !mention.is_denied && !mention.is_weak);
        if rivals && self.choices.whole(rest).is_none() {
            return None;
        }
        let others = sentences[1..].iter().any(|sentence| {
            let piece = &text[sentence.span.clone()];
            corrects(piece)
                || piece.to_lowercase().starts_with("no,")
                || (concludes(piece).is_some()
                    && matches!(self.piece(piece), Piece::One(other) if other != value))
        });
        (!others).then(|| Testimony { value, rule: ReadingRule::Opening, span: first.span.clone() })
    }

    fn by_statements(&self, text: &str, sentences: &[Sentence]) -> Result<Said, Unread> {
        let mut found: Vec<(Said, usize)> = Vec::new();
        let mut several = false;
        for sentence in sentences.iter().filter(|sentence| !sentence.is_question) {
            let piece = &text[sentence.span.clone()];
            match self.piece(piece) {
                Piece::One(value) => {
                    let stems: BTreeSet<String> =
                        words(piece).iter().map(|word| stem(&word.text)).collect();
                    let said = Testimony {
                        value,
                        rule: ReadingRule::Statement,
                        span: sentence.span.clone(),
                    };
                    found.push((said, self.asked.overlap(&stems)));
                }
                Piece::Several => several = true,
                Piece::Nothing => {}
            }
        }
        let all: Vec<Said> = found.iter().map(|(said, _)| said.clone()).collect();
        if let Some(said) = settled(text, &all) {
            return if several && found.len() == 1 && found[0].1 == 0 {
                Err(Unread::SeveralLeft)
            } else {
                Ok(said)
            };
        }
        if found.is_empty() {
            return Err(if several { Unread::SeveralLeft } else { Unread::NothingFound });
        }
        // Sentences differ: the one that is closest to the question, if there is just one.
        let most = found.iter().map(|(_, overlap)| *overlap).max().unwrap_or(0);
        let closest: Vec<Said> = found
            .iter()
            .filter(|(_, overlap)| *overlap == most)
            .map(|(said, _)| said.clone())
            .collect();
        if most > 0
            && let Some(said) = settled(text, &closest)
        {
            return Ok(said);
        }
        Err(Unread::SeveralLeft)
    }

    /// What one sentence says.
    fn piece(&self, sentence: &str) -> Piece {
        if let Some(option) = movement(self.choices, sentence) {
            return Piece::One(option);
        }
        // `The cello... no, wait, that's the bassoon.`
        if let Some(tail) = after_correction(sentence) {
            let corrected = self.piece(&sentence[tail..]);
            if !matches!(corrected, Piece::Nothing) {
                return corrected;
            }
        }
        let words = words(sentence);
        let found = mentions(self.choices, sentence, &words);
        let is_strong = found.iter().any(|mention| !mention.is_weak && !mention.is_denied);
        // What a sentence both denies and names is not its answer.
        let denied: BTreeSet<usize> = found
            .iter()
            .filter(|mention| mention.is_denied)
            .map(|mention| mention.option)
            .collect();
        let stands: Vec<&Mention> = found
            .iter()
            .filter(|mention| !denied.contains(&mention.option) && (!mention.is_weak || !is_strong))
            .collect();
        // A list of nothing but options repeats the question.
        let named: usize = found.iter().map(|mention| mention.words.len()).sum();
        if found.len() >= 4
            && named + 1 >= words.len()
            && stands.iter().map(|mention| mention.option).collect::<BTreeSet<_>>().len()
                >= 3.min(self.choices.options.len())
        {
            return Piece::Several;
        }
        let distinct: BTreeSet<usize> = stands.iter().map(|mention| mention.option).collect();
        if let Some(option) = self.compared(sentence, &words, &found) {
            return Piece::One(option);
        }
        match distinct.len() {
            0 => Piece::Nothing,
            1 => {
                let only = *distinct.first().unwrap_or(&0);
                if self.is_passing(sentence, &words, stands[0], only) {
                    Piece::Nothing
                } else {
                    Piece::One(only)
                }
            }
            _ => self.among(sentence, &words, &stands),
        }
    }

    /// Whether an option is only a word in passing: the noun `sound`, the adverb `right`.
    fn is_passing(&self, sentence: &str, words: &[Word], mention: &Mention, option: usize) -> bool {
        let name = folded(&self.choices.options[option]);
        let said = words[mention.words.clone()]
            .iter()
            .map(|word| word.text.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        let before = mention
            .words
            .start
            .checked_sub(1)
            .and_then(|at| words.get(at))
            .map_or("", |word| word.text.as_str());
        let after = words.get(mention.words.end).map_or("", |word| word.text.as_str());
        match name.as_str() {
            "sound" => {
                matches!(
                    before,
                    "the"
                        | "a"
                        | "first"
                        | "last"
                        | "second"
                        | "this"
                        | "each"
                        | "no"
                        | "any"
                        | "of"
                ) && !matches!(after, "comes" | "is" | "came" | "first" | "last" | "precedes")
                    || said != "sound"
            }
            "first" | "last"
                if said == "first"
                    || said == "last"
                    || said == "second"
                    || said == "final"
                    || said == "end" =>
            {
                matches!(
                    after,
                    "of" | "let" | "i" | "we" | "few" | "seconds" | "frame" | "part" | "half"
                ) || sentence.trim_start().to_lowercase().starts_with("first,")
                    || before == "at"
            }
            "right" => {
                said == "right"
                    && matches!(
                        after,
                        "answer"
                            | "choice"
                            | "option"
                            | "away"
                            | "now"
                            | "after"
                            | "before"
                            | "one"
                    )
            }
            "clear" => {
                said == "clear" && matches!(after, "that" | "from" | "in" | "to")
                    || before == "it's"
                    || before == "clearly"
            }
            "left" => {
                matches!(before, "is" | "are" | "he" | "she" | "has")
                    && matches!(after, "with" | "out" | "over")
            }
            "same" => said == "equally" && false,
            _ => false,
        }
    }

    /// `The first is louder than the last`: the subject of a comparison in the direction in which
    /// the question asks; the other of two where it is the opposite direction.
    fn compared(&self, sentence: &str, words: &[Word], found: &[Mention]) -> Option<usize> {
        let (first, last) = (self.choices.has("first")?, self.choices.has("last")?);
        let ask = self.asked.comparatives.first()?;
        let wanted = stem(ask);
        if let Some(same) = self.choices.has("same")
            && found.iter().any(|mention| mention.option == same && !mention.is_denied)
        {
            return Some(same);
        }
        let named: Vec<&Mention> = found
            .iter()
            .filter(|mention| mention.option == first || mention.option == last)
            .collect();
        let place = words.iter().enumerate().find_map(|(at, word)| {
            let said = stem(&word.text);
            if said == wanted {
                return Some((at, false));
            }
            let opposite = OPPOSITES.iter().any(|(a, b)| {
                (*a == wanted && said.starts_with(b)) || (wanted.starts_with(b) && said == *a)
            });
            opposite.then_some((at, true))
        });
        let (place, flipped) = place?;
        let other = |option: usize| if option == first { last } else { first };
        let subject = named
            .iter()
            .rev()
            .find(|mention| mention.words.end <= place)
            .or_else(|| named.iter().find(|mention| mention.words.start > place))?;
        let is_compared = words.iter().any(|word| word.text == "than");
        // Without `than` several sounds may each be described: clauses decide.
        if !is_compared
            && named.iter().map(|mention| mention.option).collect::<BTreeSet<_>>().len() > 1
        {
            let affirmed: BTreeSet<usize> = named
                .iter()
                .filter(|mention| !mention.is_denied)
                .map(|mention| mention.option)
                .collect();
            return match (affirmed.len(), affirmed.first()) {
                (1, Some(&option)) => Some(if flipped { other(option) } else { option }),
                _ => self.described(sentence, words, &named, (first, last), &wanted),
            };
        }
        let behind_than = words
            .iter()
            .position(|word| word.text == "than")
            .is_some_and(|than| subject.words.start > than);
        let denied = words[..words.len().min(place + 1)]
            .iter()
            .skip(subject.words.end.min(place))
            .any(|word| crate::text::negation::is_negator(&word.text));
        let turned = flipped != (denied && (is_compared || flipped || named.len() == 1));
        if denied && !is_compared && !flipped {
            return None;
        }
        let value = if turned == behind_than { subject.option } else { other(subject.option) };
        Some(value)
    }

    /// `The last sound is muffled, the first is crisp`: each clause describes one of the two.
    fn described(
        &self,
        sentence: &str,
        words: &[Word],
        named: &[&Mention],
        (first, last): (usize, usize),
        wanted: &str,
    ) -> Option<usize> {
        let mut votes = BTreeSet::new();
        for clause in clauses(sentence, words) {
            let options: BTreeSet<usize> = named
                .iter()
                .filter(|mention| clause.contains(&mention.words.start))
                .map(|mention| mention.option)
                .collect();
            let (1, Some(&option)) = (options.len(), options.first()) else { continue };
            let denied = words[clause.clone()]
                .iter()
                .any(|word| crate::text::negation::is_negator(&word.text));
            let other = if option == first { last } else { first };
            for word in &words[clause] {
                let said = stem(&word.text);
                let opposite = OPPOSITES.iter().any(|(a, b)| {
                    (*a == wanted && said.starts_with(b)) || (wanted.starts_with(b) && said == *a)
                });
                if said == wanted || opposite {
                    votes.insert(if opposite == denied { option } else { other });
                }
            }
        }
        (votes.len() == 1).then(|| votes.first().copied()).flatten()
    }

    /// `first > last`, `last ≈ first`.
    fn signed(&self, sentence: &str, words: &[Word], stands: &[&Mention]) -> Option<usize> {
        let ([a, b], 2) = (stands, words.len()) else { return None };
        match sentence[words[a.words.end - 1].span.end..words[b.words.start].span.start].trim() {
            ">" => Some(a.option),
            "<" => Some(b.option),
            "=" | "≈" | "==" | "~" => self.choices.has("same"),
            _ => None,
        }
    }

    /// `... the smallest one is green` at the end of a sentence, if its subject is what was asked about.
    fn copula(&self, words: &[Word], stands: &[&Mention]) -> Option<usize> {
        let last = stands.last().filter(|last| last.words.end == words.len())?;
        let before =
            &words[stands.iter().rev().nth(1).map_or(0, |other| other.words.end)..last.words.start];
        let is_article =
            before.last().is_some_and(|word| matches!(word.text.as_str(), "the" | "a" | "an"));
        let verb = before.iter().rev().nth(usize::from(is_article));
        let is_said = verb.is_some_and(|word| {
            matches!(word.text.as_str(), "is" | "was" | "are" | "were" | "be" | "being")
        });
        let is_asked = before.iter().any(|word| self.asked.mentions(&stem(&word.text)));
        (is_said && is_asked).then_some(last.option)
    }

    /// `The sound comes before the noise`, `the cello, then the flute`: which of two is first, or
    /// last, as the question asks.
    fn ordered(&self, words: &[Word], stands: &[&Mention]) -> Option<usize> {
        let asks = |word: &str| self.asked.words.iter().any(|known| known == word);
        let last = asks("last") || asks("second") || asks("later");
        if !(asks("first") || asks("earlier") || asks("earliest") || last)
            || (last && asks("first"))
        {
            return None;
        }
        // `Cello, then clarinet, and in the end the banjo.`
        if let [a, .., b] = stands
            && stands.len() > 2
        {
            let sequence = words.iter().any(|word| {
                matches!(
                    word.text.as_str(),
                    "then" | "next" | "finally" | "followed" | "lastly" | "end" | "afterwards"
                )
            });
            let inverted = words.iter().any(|word| {
                matches!(word.text.as_str(), "before" | "after" | "preceded" | "follows")
            });
            let chosen =
                if asks("second") { None } else { Some(if last { b.option } else { a.option }) };
            return chosen.filter(|_| sequence && !inverted);
        }
        let [a, b] = stands else { return None };
        let between: Vec<&str> =
            words[a.words.end..b.words.start].iter().map(|word| word.text.as_str()).collect();
        let has = |list: &[&str]| between.iter().any(|word| list.contains(word));
        let opens = words.first().map_or("", |word| word.text.as_str());
        let (early, late) = if matches!(opens, "after" | "once") {
            (a.option, b.option)
        } else if opens == "before" || has(&["preceded"]) {
            (b.option, a.option)
        } else if has(&["after", "follows", "behind", "following"]) && !has(&["followed"]) {
            (b.option, a.option)
        } else if has(&[
            "before",
            "precedes",
            "preceding",
            "then",
            "followed",
            "prior",
            "ahead",
            "earlier",
        ]) {
            (a.option, b.option)
        } else {
            return None;
        };
        Some(if last { late } else { early })
    }

    /// Several options stand: the one in the clause closest to the question.
    fn among(&self, sentence: &str, words: &[Word], stands: &[&Mention]) -> Piece {
        // A dash or colon may lead to the answer: `red or blue: red`.
        if let Some(at) = sentence.rfind([':', '：', '→', '—']) {
            let tail = &sentence[at + sentence[at..].chars().next().map_or(1, char::len_utf8)..];
            if let Some(option) = self.choices.whole(after_letter(tail)) {
                return Piece::One(option);
            }
        }
        if let Some(at) = words
            .iter()
            .rposition(|word| matches!(word.text.as_str(), "so" | "therefore" | "hence" | "thus"))
            && let Some(option) =
                self.choices.whole(sentence[words[at].span.end..].trim_start_matches([',', ' ']))
        {
            return Piece::One(option);
        }
        if let Some(option) =
            self.signed(sentence, words, stands).or_else(|| self.copula(words, stands))
        {
            return Piece::One(option);
        }
        if let Some(option) = self.ordered(words, stands) {
            return Piece::One(option);
        }
        // `a red circle next to a green square`: the one before the asked noun.
        let beside: BTreeSet<usize> = stands
            .iter()
            .filter(|mention| {
                words
                    .get(mention.words.end)
                    .is_some_and(|next| self.asked.mentions(&stem(&next.text)))
            })
            .map(|mention| mention.option)
            .collect();
        if let (1, Some(option)) = (beside.len(), beside.first()) {
            return Piece::One(*option);
        }
        let mut scores: Vec<(usize, usize)> = Vec::new();
        for clause in clauses(sentence, words) {
            let options: BTreeSet<usize> = stands
                .iter()
                .filter(|mention| clause.contains(&mention.words.start))
                .map(|mention| mention.option)
                .collect();
            if let (1, Some(option)) = (options.len(), options.first()) {
                let stems: BTreeSet<String> =
                    words[clause].iter().map(|word| stem(&word.text)).collect();
                scores.push((self.asked.overlap(&stems), *option));
            } else if options.len() > 1 {
                scores.push((0, usize::MAX));
            }
        }
        let Some(most) = scores.iter().map(|(score, _)| *score).max().filter(|most| *most > 0)
        else {
            return Piece::Several;
        };
        let closest: BTreeSet<usize> =
            scores.iter().filter(|(score, _)| *score == most).map(|(_, option)| *option).collect();
        match (closest.len(), closest.first()) {
            (1, Some(&option)) if option != usize::MAX => Piece::One(option),
            _ => Piece::Several,
        }
    }

    fn alternatives(&self, text: &str, taken: usize) -> Vec<String> {
        let head: String = text.chars().take(4_000).collect();
        let words = words(&head);
        let found: BTreeSet<usize> = mentions(self.choices, &head, &words)
            .iter()
            .map(|mention| mention.option)
            .filter(|option| *option != taken)
            .collect();
        found.into_iter().map(|option| self.choices.options[option].clone()).collect()
    }
}

/// Word ranges of the clauses of a sentence.
fn clauses(sentence: &str, words: &[Word]) -> Vec<Range<usize>> {
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

/// Lists of the options are no answers: they are blanked, so that offsets stay what they are.
pub(crate) fn without_lists(text: &str, choices: &Choices) -> String {
    static LIST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(?:(?:available )?(?:options|choices)(?: are| is| include)?\s*[:：]?\s*)?\[(?:[^\],\n]{1,60},){2,}[^\],\n]{1,60}\]\.?").expect("the pattern is constant")
    });
    let mut bytes = text.as_bytes().to_vec();
    for list in LIST.find_iter(text) {
        let named = list
            .as_str()
            .split(['[', ',', ']'])
            .filter(|piece| choices.whole(piece).is_some())
            .count();
        if named >= 3.min(choices.options.len()) && !list.as_str().contains("eyword") {
            bytes[list.range()].fill(b' ');
        }
    }
    let blanked = String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned());
    // Lines that offer one option each: `A. red`, `B. blue`, `C. green`.
    let mut bytes = blanked.clone().into_bytes();
    let mut run: Vec<(Range<usize>, usize)> = Vec::new();
    let mut at = 0;
    let flush = |run: &mut Vec<(Range<usize>, usize)>, bytes: &mut Vec<u8>| {
        let distinct: BTreeSet<usize> = run.iter().map(|(_, option)| *option).collect();
        if distinct.len() >= 3.min(choices.options.len()) && run.len() >= 3 {
            for (range, _) in run.iter() {
                bytes[range.clone()].fill(b' ');
            }
        }
        run.clear();
    };
    for line in blanked.split_inclusive('\n') {
        let range = at..at + line.trim_end_matches('\n').len();
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        let lettered = after_letter(line);
        let option = (lettered.len() < line.len()
            || line.trim_start().starts_with(['-', '•', '*']))
        .then(|| choices.whole(lettered.trim_start_matches(['-', '•', '*', ' '])))
        .flatten();
        match option {
            Some(option) => run.push((range, option)),
            None => flush(&mut run, &mut bytes),
        }
    }
    flush(&mut run, &mut bytes);
    String::from_utf8(bytes).unwrap_or(blanked)
}
