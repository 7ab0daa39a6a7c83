//! Yes or no: by a word, or by what a statement says to the question.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::choices::folded;
use super::question::{About, Asked};
use super::statement::statement;
use super::testimony::{Testimony, after_correction, corrects, settled};
use crate::read::Found;
use crate::text::lexicon::{Polarity, yes_no_at};
use crate::text::negation::is_idiom;
use crate::text::places::{concludes, emphasised, led, marked, places};
use crate::text::refusal::{Refusal, refusal};
use crate::text::sentences::{Sentence, sentences};
use crate::text::words::{Word, is_glued, stem, words};
use crate::{Question, ReadingRule, Unread, Value};

type Said = Testimony<Polarity>;

/// Reads an answer to a yes/no question.
pub(crate) fn read(question: &Question<'_>, text: &str) -> Found {
    let asked = Asked::new(question.text);
    let text = &without_lists(text);
    match decide(&asked, text) {
        Ok(said) => {
            let seen = alternatives(&asked, text, said.value);
            let name = match said.value {
                Polarity::Yes => "yes",
                Polarity::No => "no",
                Polarity::Unsure => "not sure",
            };
            if question.options.iter().any(|option| option == name) {
                Found::value(Value::Option(name.to_owned()), said.rule, said.span).seen(seen)
            } else {
                Found::unread(Unread::NothingFound).seen(seen)
            }
        }
        Err(reason) => Found::unread(reason),
    }
}

/// Lists of the options are no answers: they are blanked, so that offsets stay what they are.
fn without_lists(text: &str) -> String {
    static LISTS: LazyLock<Regex> = LazyLock::new(|| {
        let letter = r#"(?:\(?[A-Da-d1-3][.):：]\)?\s*)?["'`*“‘]*"#;
        let close = r#"["'`*”’]*"#;
        let gap = r"\s*(?:,|/|\||;|\n|\bor\b|\band\b|、|或|\s)+\s*";
        Regex::new(&format!(
            r"(?i)(?:available options are[:：]?\s*)?[\[(]?{letter}yes{close}(?:{gap}{letter}no\b{close}(?:{gap}(?:or\s+)?{letter}(?:not sure|unsure|uncertain|unknown){close})|\s*(?:/|\||\bor\b)\s*{letter}no\b{close})[\])]?"
        ))
        .expect("the pattern is constant")
    });
    static ASKED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)available options are[:：]?\s*\[[^\]\n]{0,300}\]\.?")
            .expect("the pattern is constant")
    });
    let mut bytes = text.as_bytes().to_vec();
    for list in LISTS.find_iter(text).chain(ASKED.find_iter(text)) {
        bytes[list.range()].fill(b' ');
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn decide(asked: &Asked, text: &str) -> Result<Said, Unread> {
    if text.trim().is_empty() {
        return Err(Unread::NothingFound);
    }
    if let Some(value) = whole(text) {
        return Ok(said(value, ReadingRule::Whole, trimmed(text)));
    }
    if let Some(found) = in_places(asked, text) {
        return found;
    }
    if let Some((value, span)) = checked(text, whole) {
        return Ok(said(value, ReadingRule::Marked, span));
    }
    if let Some(row) = table_row(asked, text)
        && let Some(value) = text[row.clone()].split('|').rev().find_map(|cell| whole(cell.trim()))
    {
        return Ok(said(value, ReadingRule::Container, row));
    }
    if let Some((best, span)) = weighed(text, &["yes", "no", "not sure"]) {
        let value = [Polarity::Yes, Polarity::No, Polarity::Unsure][best];
        return Ok(said(value, ReadingRule::Container, span));
    }
    let sentences = sentences(text);
    let opening = opening(asked, text, &sentences)?;
    let marks: Vec<Said> = marked(text, &sentences)
        .into_iter()
        .filter_map(|place| {
            let value = piece(asked, &text[place.content.clone()])?;
            Some(said(value, ReadingRule::Marked, place.content))
        })
        .collect();
    let led = led(text, &sentences).into_iter().filter_map(|place| {
        let value = whole(&text[place.content.clone()])?;
        Some(said(value, ReadingRule::Marked, place.content))
    });
    let mut explicit: Vec<Said> = conclusions(asked, text, &sentences);
    explicit.extend(marks.iter().cloned().chain(led));
    explicit.sort_by_key(|said| said.span.start);
    let concluded = match (settled(text, &explicit), explicit.last()) {
        (Some(found), _) => Some(found),
        (None, Some(last))
            if corrects(&text[..last.span.start]) || is_first_thought(text, &explicit) =>
        {
            Some(last.clone())
        }
        (None, None) => None,
        (None, Some(last)) => match settled(text, &marks) {
            // What is marked as the answer stands above what was concluded on the way to it.
            Some(found) if found.span.end >= last.span.start => Some(found),
            _ => return Err(Unread::Contradictory),
        },
    };
    match (opening, concluded) {
        // `Hard to say. ... Answer: No.`
        (Some(open), Some(end)) if open.value == Polarity::Unsure => Ok(end),
        (Some(open), Some(end)) if open.value != end.value => {
            if corrects(&text[..end.span.end]) {
                Ok(end)
            } else {
                Err(Unread::Contradictory)
            }
        }
        (Some(open), _) => {
            let supported = sentences.iter().any(|sentence| {
                statement(asked, &text[sentence.span.clone()]) == Some(open.value == Polarity::Yes)
            });
            let first = sentences.first().map_or(0..0, |sentence| sentence.span.clone());
            if refusal(&text[first]).is_some_and(|(kind, _)| {
                kind == Refusal::Declines || open.value == Polarity::No || !supported
            }) {
                return Err(Unread::Refused);
            }
            // `Yes, I can compare them for you.` answers another question.
            if is_about_itself(&text[open.span.end.min(text.len())..], asked) && !supported {
                return Err(Unread::Refused);
            }
            let declines = sentences.iter().any(|sentence| {
                refusal(&text[sentence.span.clone()])
                    .is_some_and(|(kind, _)| kind == Refusal::Declines)
                    || offers(&text[sentence.span.clone()])
            });
            if declines && !supported { Err(Unread::Refused) } else { Ok(open) }
        }
        (None, Some(end)) => Ok(end),
        (None, None) => by_statements(asked, text, &sentences),
    }
}

fn said(value: Polarity, rule: ReadingRule, span: Range<usize>) -> Said {
    Testimony { value, rule, span }
}

fn trimmed(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start().len();
    start..start + text.trim().len()
}

/// A first idea that the text names as such: `At first glance I'd say no`.
fn is_first_thought(text: &str, said: &[Said]) -> bool {
    static FIRST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:at first|first (?:glance|thought|impression|idea)|initially|one (?:might|may|could) (?:think|say|expect)|it would be (?:wrong|tempting|easy) to|not because|i thought)\b").expect("the pattern is constant")
    });
    said.last().is_some_and(|last| FIRST.is_match(&text[..last.span.start]))
}

/// Whether what follows a yes or no is about the model and not about the question.
fn is_about_itself(rest: &str, asked: &Asked) -> bool {
    static ABILITY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^[\s,.!:;—–-]*(?:of course,?\s*)?(?:i (?:can|could|will|would|shall|understand|know|am able|do understand)|i['’](?:ll|d|m)|it is possible for me)\b[^.!?\n]{0,200}").expect("the pattern is constant")
    });
    ABILITY.find(rest).is_some_and(|found| {
        let words = words(found.as_str());
        let perceives = words.iter().any(|word| {
            matches!(
                word.text.as_str(),
                "see"
                    | "hear"
                    | "notice"
                    | "spot"
                    | "say"
                    | "think"
                    | "believe"
                    | "confirm"
                    | "sure"
                    | "recognize"
                    | "detect"
            )
        });
        !perceives && words.iter().filter(|word| asked.mentions(&stem(&word.text))).count() == 0
    })
}

/// Offers of help are no answers.
fn offers(text: &str) -> bool {
    static OFFERS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:i can (?:help|assist|do that|try)|i(?:['’]d| would) be (?:glad|happy|pleased)|(?:glad|happy) to (?:help|check|assist|look)|i(?:['’]ll| will| shall) (?:gladly |happily |just |now )?(?:check|look|help|have|listen|take)|which (?:\w+ )?(?:clip|video|one|file|image|recording)s? do you mean|(?:good|great|interesting|nice) question|understand (?:your|the) question|let me (?:take|have|check|look|see|listen|know|analy[sz]e|think))\b").expect("the pattern is constant")
    });
    OFFERS.is_match(text)
}

/// The letter before an option: `(B) no`, `A. yes`.
pub(crate) fn after_letter(text: &str) -> &str {
    static LETTER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^[\s*_`#>-]*(?:(?:option|choice|选项)\s*)?(?:[(（\[]\s*[A-Z0-9]\s*[)）\]]|[A-Z][.)）:：、]|\d[.)）:：、])[\s*_`.:：,-]*").expect("the pattern is constant")
    });
    LETTER.find(text).map_or(text, |found| &text[found.end()..])
}

/// A text that is nothing but yes, no or not sure.
fn whole(text: &str) -> Option<Polarity> {
    if text.len() > 200 {
        return None;
    }
    match text.trim() {
        "✅" | "✔" | "✔️" | "👍" | "✓" | "☑" => return Some(Polarity::Yes),
        "❌" | "✗" | "✘" | "👎" | "✖" | "✖️" => return Some(Polarity::No),
        _ => {}
    }
    let only = |text: &str| {
        let words = words(text);
        let (value, count) = yes_no_at(&words, 0)?;
        let rest = &words[count..];
        // `Yes yes`, `No, no.`
        let repeats = !rest.is_empty()
            && (0..rest.len()).all(|at| {
                yes_no_at(rest, at).is_some_and(|(again, width)| again == value && width == 1)
            });
        (rest.is_empty() || repeats).then_some(value)
    };
    only(text).or_else(|| {
        let rest = after_letter(text);
        (rest.len() < text.len() && !rest.trim().is_empty()).then(|| only(rest)).flatten()
    })
}

/// The value of a short text that should be the answer: a word, an opening, or a statement.
fn piece(asked: &Asked, content: &str) -> Option<Polarity> {
    let content = after_letter(content)
        .trim_matches(|c: char| c.is_whitespace() || "\"'“”‘’*`_:：,，-–—".contains(c));
    if let Some(value) = whole(content) {
        return Some(value);
    }
    let found = sentences(content);
    let first = found.first()?;
    let sentence = &content[first.span.clone()];
    if let Some(value) = denied_word(sentence) {
        return Some(value);
    }
    if let Some((value, _)) = opens(asked, sentence) {
        return Some(value);
    }
    if refusal(sentence).is_some() {
        return None;
    }
    statement(asked, sentence).map(|yes| if yes { Polarity::Yes } else { Polarity::No })
}

/// `not yes`, `anything but no`.
fn denied_word(sentence: &str) -> Option<Polarity> {
    static DENIED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?i)(?:\bnot|\bcannot be|\bcan['’]t be|\bisn['’]t|\banything but|\bnever|(?:\bnot|n['’]t|\bnever)\s+(?:say|answer|call it|choose|pick|go with|reply|be))\s+(?:a\s+)?["'“‘*]*(?P<word>yes|no)\b["'”’*]*\s*(?:$|[.,;!])"#).expect("the pattern is constant")
    });
    static WRONG: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?i)\b(?P<how>wrong|incorrect|mistaken|a mistake|false|misleading|untrue|right|correct|fair|safe|true)\s+to\s+(?:say|answer|reply|claim|respond|pick|choose|conclude)(?:\s+with)?\s*:?\s*["'“‘*]*(?P<word>yes|no)\b"#).expect("the pattern is constant")
    });
    // `"Yes" would be wrong here.`
    static JUDGED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?i)["'“‘*]*\b(?P<word>yes|no)\b["'”’*]*\s+(?:would be|is|was|would have been|seems|has to be|must be|cannot be|can['’]t be)\s+(?:the\s+)?(?P<how>wrong|incorrect|false|mistaken|inaccurate|out|right|correct|true|accurate|appropriate)\b"#).expect("the pattern is constant")
    });
    if let Some(found) = JUDGED.captures(sentence) {
        let affirms = matches!(
            found["how"].to_lowercase().as_str(),
            "right" | "correct" | "true" | "accurate" | "appropriate"
        );
        let yes = found["word"].eq_ignore_ascii_case("yes");
        return Some(if yes == affirms { Polarity::Yes } else { Polarity::No });
    }
    if let Some(found) = WRONG.captures(sentence) {
        let affirms = matches!(
            found["how"].to_lowercase().as_str(),
            "right" | "correct" | "fair" | "safe" | "true"
        );
        let yes = found["word"].eq_ignore_ascii_case("yes");
        return Some(if yes == affirms { Polarity::Yes } else { Polarity::No });
    }
    let found = DENIED.captures(sentence)?;
    Some(if found["word"].eq_ignore_ascii_case("yes") { Polarity::No } else { Polarity::Yes })
}

/// Answers in boxes, tags and fields.
fn in_places(asked: &Asked, text: &str) -> Option<Result<Said, Unread>> {
    let places = places(text);
    let mut found: Vec<Said> = Vec::new();
    let mut declined = false;
    for place in &places {
        let content = &text[place.content.clone()];
        match piece(asked, content) {
            Some(value) => found.push(said(value, place.rule, place.content.clone())),
            None => declined |= refusal(content).is_some(),
        }
    }
    if found.is_empty() {
        found = flags(text);
    }
    if found.is_empty() {
        return declined.then_some(Err(Unread::Refused));
    }
    Some(settled(text, &found).ok_or(Unread::Contradictory))
}

/// `{"match": false}`: the only flag of an object.
fn flags(text: &str) -> Vec<Said> {
    static FLAG: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?i)["'](?P<key>[\w ]{1,40})["']\s*:\s*["']?(?P<value>true|false|yes|no)\b"#)
            .expect("the pattern is constant")
    });
    if !text.contains('{') {
        return Vec::new();
    }
    FLAG.captures_iter(text)
        .filter_map(|flag| {
            let key = flag["key"].to_lowercase();
            let value = flag.name("value")?;
            let yes = value.as_str().eq_ignore_ascii_case("true")
                || value.as_str().eq_ignore_ascii_case("yes");
            let inverted =
                key.contains("mismatch") || key.split(['_', ' ']).any(|part| part == "not");
            let value_of = if yes == inverted { Polarity::No } else { Polarity::Yes };
            Some(said(value_of, ReadingRule::Container, value.range()))
        })
        .collect()
}

/// Yes or no at the start of a text, also glued to what follows.
fn opening(asked: &Asked, text: &str, sentences: &[Sentence]) -> Result<Option<Said>, Unread> {
    static GLUED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^[\s*]*(?P<all>(?:Yes|No|YES|NO)(?:Yes|No|YES|NO)*)(?P<next>[A-Z][a-z']|[A-Z]\s)",
        )
        .expect("the pattern is constant")
    });
    static LOOP: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^[\s*]*(?:(?:yes|no)[\s,./|;]*){4,}|^[\s*]*(?:(?:Yes|No)[\s,./|]*){3,}")
            .expect("the pattern is constant")
    });
    if let Some(found) = LOOP.find(text).or_else(|| GLUED.find(text)) {
        let both = found.as_str().to_lowercase();
        let repeated = both.matches("yes").count() + both.matches("no").count();
        if repeated > 1 && both.contains("yes") && both.contains("no") {
            return Err(Unread::Contradictory);
        }
    }
    if let Some(found) = GLUED.captures(text)
        && let Some(first) = found.name("all")
    {
        let value = if first.as_str().to_lowercase().starts_with("yes") {
            Polarity::Yes
        } else {
            Polarity::No
        };
        return Ok(Some(said(value, ReadingRule::Opening, first.range())));
    }
    let Some(first) = sentences.first() else { return Ok(None) };
    let sentence = &text[first.span.clone()];
    if let Some(value) = denied_word(sentence) {
        return Ok(Some(said(value, ReadingRule::Opening, first.span.clone())));
    }
    let rest = after_letter(sentence);
    let offset = first.span.end - rest.len();
    Ok(opens(asked, rest).map(|(value, span)| {
        said(value, ReadingRule::Opening, offset + span.start..offset + span.end)
    }))
}

/// Words before an answer that say nothing: `Well, yes`.
fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "well"
            | "so"
            | "okay"
            | "ok"
            | "sure"
            | "hmm"
            | "hm"
            | "oh"
            | "ah"
            | "thus"
            | "therefore"
            | "hence"
            | "overall"
            | "then"
            | "and"
            | "but"
            | "again"
            | "thanks"
            | "right"
            | "conclusion"
            | "finally"
            | "probably"
            | "likely"
            | "definitely"
            | "clearly"
            | "simply"
            | "i'd"
            | "say"
            | "the"
            | "answer"
            | "is"
            | "most"
            | "certainly"
            | "absolutely"
            | "obviously"
            | "basically"
            | "我认为"
            | "因此"
            | "所以"
            | "in"
            | "short"
            | "summary"
            | "all"
            | "apparently"
            | "honestly"
            | "think"
    )
}

/// Yes or no at the start of a sentence. `No footsteps can be heard` opens with a no if it denies
/// what was asked about; `No audio was given` does not.
fn opens(asked: &Asked, sentence: &str) -> Option<(Polarity, Range<usize>)> {
    let words = words(sentence);
    let mut at = 0;
    while at < words.len().min(6) && yes_no_at(&words, at).is_none() && is_filler(&words[at].text) {
        at += 1;
    }
    let (value, count) = yes_no_at(&words, at)?;
    let last = &words[at + count - 1];
    let span = words[at].span.start..last.span.end;
    let Some(next) = words.get(at + count) else { return Some((value, span)) };
    let gap = &sentence[last.span.end..next.span.start];
    let separated = gap.chars().any(|c| !c.is_whitespace() && !matches!(c, '\'' | '’' | '_'))
        || gap.contains('\n');
    let first = words[at].text.as_str();
    if first.chars().next().is_some_and(is_glued) {
        // A single character may be the beginning of a longer word.
        let whole = &sentence[last.span.end..];
        let denies_once =
            value == Polarity::No && count >= 2 && !whole.contains(['不', '没', '而']);
        return (separated || denies_once).then_some((value, span));
    }
    if separated {
        // `There is, ...` is no answer; `It is.` is.
        let is_pronoun = matches!(first, "it" | "they" | "there" | "he" | "she") && count <= 2;
        return (!is_pronoun || gap.contains(['.', '!', '\n'])).then_some((value, span));
    }
    match (value, first) {
        (Polarity::No, "no") if count == 1 => {
            if is_idiom(&words, at) {
                return None;
            }
            denies_asked(asked, &words[at + 1..]).then_some((Polarity::No, span))
        }
        (Polarity::Yes, "yes" | "yeah" | "yep" | "sí" | "oui")
        | (Polarity::No, "nope" | "nah" | "nein" | "non" | "нет" | "nay") => Some((value, span)),
        (Polarity::No, _)
            if count >= 2
                && matches!(
                    first,
                    "not" | "certainly" | "definitely" | "absolutely" | "of" | "by" | "in" | "far"
                ) =>
        {
            Some((value, span))
        }
        _ => None,
    }
}

/// Whether what a `no` stands before is what was asked about.
fn denies_asked(asked: &Asked, rest: &[Word]) -> bool {
    if asked
        .words
        .iter()
        .any(|word| matches!(word.as_str(), "free" | "without" | "silent" | "quiet"))
    {
        return false;
    }
    let near = &rest[..rest.len().min(12)];
    near.iter().any(|word| asked.mentions(&stem(&word.text)))
        || (asked.about == About::Sounding
            && near
                .iter()
                .take(4)
                .any(|word| matches!(word.text.as_str(), "sound" | "sounds" | "noise" | "noises"))
            && near.iter().any(|word| {
                matches!(
                    word.text.as_str(),
                    "heard" | "audible" | "made" | "comes" | "coming" | "hear" | "can" | "from"
                )
            }))
        || (asked.about == About::Match
            && near.iter().take(4).any(|word| {
                matches!(
                    word.text.as_str(),
                    "match" | "correspondence" | "relation" | "connection" | "sync" | "correlation"
                )
            }))
}

/// Sentences that conclude, or that end with the word.
fn conclusions(asked: &Asked, text: &str, sentences: &[Sentence]) -> Vec<Said> {
    let mut found = Vec::new();
    for sentence in sentences.iter().filter(|sentence| !sentence.is_question) {
        let whole = &text[sentence.span.clone()];
        let value = concludes(whole).and_then(|at| {
            let rest = whole[at..]
                .trim_start_matches(|c: char| c.is_whitespace() || ",:：，*".contains(c));
            if refusal(rest).is_some() && opens(asked, rest).is_none() {
                None
            } else {
                piece(asked, rest)
            }
        });
        // `On the boats: no` is one of a list, not the conclusion.
        let is_listed = is_list_item(text, sentence);
        let corrected = || {
            piece(
                asked,
                whole[after_correction(whole)?..]
                    .trim_start_matches([',', ':', ' ', '.', '-', '—']),
            )
        };
        let consequence = || {
            let at = whole.rfind(", so ")? + ", so ".len();
            refusal(whole).is_none().then(|| piece(asked, &whole[at..])).flatten()
        };
        let value = value.or_else(corrected).or_else(consequence).or_else(|| {
            if is_listed || is_hedged(whole) {
                None
            } else {
                trailing(whole).or_else(|| led_to(whole))
            }
        });
        if let Some(value) = value {
            found.push(said(value, ReadingRule::Conclusion, sentence.span.clone()));
        }
    }
    found
}

/// What somebody might say is not said.
fn is_hedged(sentence: &str) -> bool {
    static HEDGED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:might|may|could|would|tempt\w*|expect\w*|whether|if)\b[^,;:.]{0,60}$")
            .expect("the pattern is constant")
    });
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)\b(?:yes|no)\b").expect("the pattern is constant"));
    WORD.find_iter(sentence).last().is_some_and(|word| {
        let before = &sentence[..word.start()];
        HEDGED.is_match(before)
            && !before.to_lowercase().contains("i would")
            && !before.to_lowercase().contains("answer would be")
    })
}

/// `that is a no from me`, `which makes the answer a yes`, `put me down for yes`.
fn led_to(sentence: &str) -> Option<Polarity> {
    static LED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r#"(?i)(?:[:—–]\s*|\b(?:is|it['’]s|that['’]s|makes? (?:it|this|the answer)|making (?:it|this|the answer)|(?:leaves?|leaving|leads?|leading) (?:us|me) (?:with|to)|call (?:it|this)|(?:me|us) down for|end up (?:at|with)|ends up (?:as|at)|goes to|answer to|vote (?:for|goes to|is)|go with|going with|settle (?:on|for)|lean(?:ing)? (?:to|towards?)|opt for|gets?|amounts to|comes down to|points to|speaks for)\s+(?:a |an |the )?)"#,
            r#"(?:(?:clear|firm|definite|resounding|solid|plain|big|likely|simple|straight|answer|hard|easy)\s+)*["'“‘*]*(?P<word>yes|no)["'”’*]*(?:\s*(?:$|[.,;:!)—-])|\s+(?:from|for|here|because|since|as|then|to)\b)"#,
        ))
        .expect("the pattern is constant")
    });
    // `She says: no, no` quotes.
    static QUOTES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:says?|said|saying|shouts?|asks?|reads?|sings?|words?|whispers?|calls?|yells?|repeats?)\b").expect("the pattern is constant")
    });
    let found = LED.captures(sentence)?;
    let start = found.get(0)?.start();
    if QUOTES.is_match(&sentence[..start]) {
        return None;
    }
    Some(if found["word"].eq_ignore_ascii_case("yes") { Polarity::Yes } else { Polarity::No })
}

/// Whether a sentence stands in a line that is one item of a list.
pub(crate) fn is_list_item(text: &str, sentence: &Sentence) -> bool {
    let start = text[..sentence.span.start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].trim_start();
    let is_bullet = line.starts_with(['-', '•', '|']) || line.starts_with("* ");
    is_bullet
        || line.split_once(['.', ')']).is_some_and(|(number, _)| {
            !number.is_empty() && number.len() <= 2 && number.bytes().all(|b| b.is_ascii_digit())
        })
}

/// Yes or no at the end of a sentence, behind a mark or a word that leads to it.
fn trailing(sentence: &str) -> Option<Polarity> {
    static TRAILING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r#"(?i)(?:[,:;→—–>(]|->|\s-|\b(?:so|answer|say|is|choose|pick|with|be|thus|hence|therefore|conclude|conclusion)\b:?|：|，)\s*["'“‘*`_(]*"#,
            r#"(?P<word>yes|no|not sure|是|否|不是|是的)["'”’*`_)]*[\s.!。*]*$"#,
        ))
        .expect("the pattern is constant")
    });
    let found = TRAILING.captures(sentence)?;
    let word = found.name("word")?;
    let before = sentence[..word.start()].trim_end_matches(|c: char| !c.is_alphanumeric());
    if before.to_lowercase().ends_with(" not") || before.to_lowercase().ends_with("n't") {
        return denied_word(sentence);
    }
    match word.as_str().to_lowercase().as_str() {
        "yes" | "是" | "是的" => Some(Polarity::Yes),
        "no" | "否" | "不是" => Some(Polarity::No),
        _ => Some(Polarity::Unsure),
    }
}

/// The only option whose box is ticked: `[ ] yes [x] no`.
pub(crate) fn checked<T>(
    text: &str,
    option: impl Fn(&str) -> Option<T>,
) -> Option<(T, Range<usize>)> {
    static BOX: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?im)(?:\[\s*(?P<tick>[x✓✔])\s*\]|(?P<sign>[☑✅☒]))\s*(?P<option>[^\[\n☐☑✅☒]{1,60})",
        )
        .expect("the pattern is constant")
    });
    static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(?P<option>[^\[\]\n]{1,40})\[\s*[x✓✔]\s*\]")
            .expect("the pattern is constant")
    });
    // `yes [x]  no [ ]`: the boxes stand behind their options.
    if text.trim_end().ends_with(']') {
        let mut ticked = BEHIND.captures_iter(text);
        let only = ticked.next().filter(|_| ticked.next().is_none())?;
        let found = only.name("option")?;
        return Some((option(found.as_str().trim())?, found.range()));
    }
    let mut ticked = BOX.captures_iter(text);
    let only = ticked.next().filter(|_| ticked.next().is_none())?;
    if !text.contains("[ ]") && !text.contains('☐') {
        return None;
    }
    let found = only.name("option")?;
    Some((option(found.as_str().trim())?, found.range()))
}

/// The only row of a table that names what was asked about.
pub(crate) fn table_row(asked: &Asked, text: &str) -> Option<Range<usize>> {
    let mut rows = 0;
    let mut found = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let range = at..at + line.trim_end().len();
        at += line.len();
        if line.trim_start().starts_with('|') && line.matches('|').count() >= 3 {
            rows += 1;
            if rows > 1 && words(line).iter().any(|word| asked.mentions(&stem(&word.text))) {
                if found.is_some() {
                    return None;
                }
                found = Some(range);
            }
        }
    }
    found.filter(|_| rows >= 3)
}

/// `yes: 0.08, no: 0.89`: the option with the largest weight, if at least two options have one and
/// nothing else is said.
pub(crate) fn weighed<T: AsRef<str>>(text: &str, options: &[T]) -> Option<(usize, Range<usize>)> {
    static WEIGHT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"^[\s*\-•{]*[\"'*]*(?P<name>[^:=\n\"'*]{1,40})[\"'*]*\s*[:=]\s*\*{0,2}(?P<weight>0?\.\d+|[01]\.0*|\d{1,3}(?:\.\d+)?\s*%)\*{0,2}[\s}]*$"#).expect("the pattern is constant")
    });
    if text.len() > 2_000 || !text.contains(['.', '%']) {
        return None;
    }
    let mut best: Option<(usize, f64)> = None;
    let mut count = 0;
    for line in text.split(['\n', ',', ';']).filter(|line| !line.trim().is_empty()) {
        let found = WEIGHT.captures(line)?;
        let name = folded(&found["name"]);
        let option = options.iter().position(|option| folded(option.as_ref()) == name)?;
        let weight: f64 = found["weight"].trim_end_matches(['%', ' ']).parse().ok()?;
        count += 1;
        match best {
            Some((_, most)) if weight <= most => {}
            _ => best = Some((option, weight)),
        }
    }
    let (option, _) = best.filter(|_| count >= 2)?;
    Some((option, trimmed(text)))
}

/// Neither an opening nor a conclusion: refusals, emphasised words, statements.
fn by_statements(asked: &Asked, text: &str, sentences: &[Sentence]) -> Result<Said, Unread> {
    let refuses = sentences
        .iter()
        .filter_map(|sentence| refusal(&text[sentence.span.clone()]))
        .map(|(kind, _)| kind)
        .max();
    let bold: Vec<Said> = emphasised(text)
        .into_iter()
        .filter_map(|place| {
            let value = whole(after_letter(&text[place.content.clone()]))?;
            Some(said(value, ReadingRule::Emphasised, place.content))
        })
        .collect();
    if let Some(found) = settled(text, &bold) {
        let rest =
            sentences.iter().filter_map(|sentence| statement(asked, &text[sentence.span.clone()]));
        let against = rest.filter(|yes| *yes != (found.value == Polarity::Yes)).count();
        return if against > 0 && bold.len() == 1 { Err(Unread::Contradictory) } else { Ok(found) };
    }
    if refuses.is_some() {
        return Err(Unread::Refused);
    }
    let mut said_by: Vec<Said> = Vec::new();
    for sentence in sentences.iter().filter(|sentence| !sentence.is_question) {
        let whole = &text[sentence.span.clone()];
        let value = denied_word(whole).or_else(|| {
            opens(asked, after_letter(whole)).map(|(value, _)| value).or_else(|| {
                statement(asked, whole).map(|yes| if yes { Polarity::Yes } else { Polarity::No })
            })
        });
        if let Some(value) = value {
            said_by.push(said(value, ReadingRule::Statement, sentence.span.clone()));
        }
    }
    if said_by.is_empty() {
        return Err(Unread::NothingFound);
    }
    settled(text, &said_by).ok_or(Unread::SeveralLeft)
}

/// Other words that the text names.
fn alternatives(_asked: &Asked, text: &str, taken: Polarity) -> Vec<String> {
    let words = words(text);
    let mut seen = Vec::new();
    for at in 0..words.len() {
        let other = match words[at].text.as_str() {
            "yes" if taken != Polarity::Yes => "yes",
            "no" if taken != Polarity::No => "no",
            _ => continue,
        };
        if !seen.iter().any(|known| known == other) {
            seen.push(other.to_owned());
        }
    }
    seen
}
