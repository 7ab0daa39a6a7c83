//! Numbers in running text: digits, decimals and English number words, but no ordinals.
//!
//! Formatting has a reader of its own (`number.rs` of `avibench-answers`), on purpose: there a text
//! must be a whole number and nothing else, since a rule takes only what leaves no doubt, and every
//! change of it is a new version of the rules. Here any number of a sentence is found, with signs,
//! fractions, digits of any script and words up to millions.

use std::iter::Peekable;
use std::ops::Range;

use avibench_python::decimal_digit;

/// A number as it stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Numeral {
    /// Its value in plain decimal digits, without needless zeros: `4`, `-0.5`.
    pub(crate) value: String,
    /// Bytes of the text.
    pub(crate) span: Range<usize>,
}

/// The value of a label that is a number: digits, maybe with a fraction.
pub(crate) fn label_value(label: &str) -> Option<String> {
    let label = label.trim();
    let is_digits = |part: &str| !part.is_empty() && part.chars().all(is_digit);
    let (whole, fraction) = label.split_once('.').unwrap_or((label, "0"));
    (is_digits(whole) && is_digits(fraction))
        .then(|| value(false, &digits(whole), &digits(fraction)))
}

/// All numbers of a text in their order.
///
/// A number that touches a Latin letter or `_` is part of a name (`mp3`, `frame_0`) or an ordinal
/// (`2nd`). A sign belongs to a number only where nothing but an opening stands before it, so that
/// `3-4` holds 3 and 4. `1,000` is a thousand. Words join as in `one hundred and twenty-one`;
/// `twenty-first` is an ordinal.
pub(crate) fn numbers(text: &str) -> Vec<Numeral> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if is_digit(c) {
            let (numeral, end) = in_digits(text, at);
            found.extend(numeral);
            at = end;
        } else if c.is_ascii_alphabetic() {
            let (numeral, end) = in_words(text, at);
            found.extend(numeral);
            at = end;
        } else {
            at += c.len_utf8();
        }
    }
    found
}

fn is_digit(c: char) -> bool {
    decimal_digit(c).is_some()
}

/// Letters of names; other scripts write numbers without spaces around them.
fn is_name_part(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

/// The digits at `start` as a number, unless they belong to a name; and the end of both.
fn in_digits(text: &str, start: usize) -> (Option<Numeral>, usize) {
    let mut end = run_end(text, start);
    let mut whole = digits(&text[start..end]);
    if whole.len() <= 3 {
        while let Some(group) = thousands(&text[end..]) {
            whole.push_str(&digits(&text[end + 1..end + group]));
            end += group;
        }
    }
    let mut fraction = String::new();
    if text[end..].starts_with('.') && text[end + 1..].starts_with(is_digit) {
        let fraction_end = run_end(text, end + 1);
        fraction = digits(&text[end + 1..fraction_end]);
        end = fraction_end;
    }
    let mut before = text[..start].chars().rev();
    let mut left = start;
    let mut previous = before.next();
    if previous == Some('.') && before.clone().next().is_none_or(opens) && fraction.is_empty() {
        // `.5`
        fraction = std::mem::replace(&mut whole, "0".to_owned());
        left -= 1;
        previous = before.next();
    }
    let sign = previous.filter(|&c| matches!(c, '-' | '−') && before.next().is_none_or(opens));
    left -= sign.map_or(0, char::len_utf8);
    let is_name = previous.is_some_and(is_name_part) || text[end..].starts_with(is_name_part);
    if is_name {
        let rest = &text[end..];
        let part = |c: char| is_name_part(c) || is_digit(c);
        return (None, end + rest.find(|c| !part(c)).unwrap_or(rest.len()));
    }
    let value = value(sign.is_some(), &whole, &fraction);
    (Some(Numeral { value, span: left..end }), end)
}

/// Whether a sign or point after this character can belong to a number.
fn opens(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '(' | '[' | '{' | '=' | ':' | ',' | '*' | '"' | '\'' | '-' | '−')
}

/// End of the run of digits that starts at `start`.
fn run_end(text: &str, start: usize) -> usize {
    text[start..].find(|c| !is_digit(c)).map_or(text.len(), |length| start + length)
}

/// Bytes of a comma with exactly three digits after it.
fn thousands(rest: &str) -> Option<usize> {
    let digits = rest.strip_prefix(',')?;
    let length = digits.find(|c| !is_digit(c)).unwrap_or(digits.len());
    (digits[..length].chars().count() == 3).then_some(1 + length)
}

/// ASCII digits of digits of any script.
fn digits(text: &str) -> String {
    text.chars().filter_map(decimal_digit).map(|digit| char::from(b'0' + digit)).collect()
}

/// One spelling for equal numbers.
fn value(negative: bool, whole: &str, fraction: &str) -> String {
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let sign = if negative && !(whole.is_empty() && fraction.is_empty()) { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// What a word does in a number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Unit(u64),
    Ten(u64),
    Hundred,
    /// A thousand or a million.
    Scale(u64),
    And,
    /// `first`, `hundredth`: makes what stands before it an ordinal.
    Ordinal,
}

const UNITS: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] =
    ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const ORDINALS: [&str; 12] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "hundredth",
    "thousandth",
    "millionth",
];

impl Word {
    fn of(text: &str) -> Option<Self> {
        // Longer than any of them.
        if text.len() > 10 {
            return None;
        }
        let place = |words: &[&str]| words.iter().position(|word| text.eq_ignore_ascii_case(word));
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        match place(&UNITS) {
            Some(unit) => Some(Self::Unit(unit as u64)),
            None if is("hundred") => Some(Self::Hundred),
            None if is("thousand") => Some(Self::Scale(1_000)),
            None if is("million") => Some(Self::Scale(1_000_000)),
            None if is("and") => Some(Self::And),
            None if place(&ORDINALS).is_some() => Some(Self::Ordinal),
            None => place(&TENS).map(|ten| Self::Ten(10 * (ten as u64 + 2))),
        }
    }
}

/// Words of ASCII letters from `start` on as long as only a hyphen or blanks stand between them.
fn words(text: &str, start: usize) -> impl Iterator<Item = (Option<Word>, Range<usize>)> {
    let mut at = start;
    std::iter::from_fn(move || {
        let mut from = at;
        if at > start {
            let rest = &text[at..];
            let bare = rest.strip_prefix('-').unwrap_or_else(|| rest.trim_start_matches(' '));
            from = text.len() - bare.len();
        }
        let rest = &text[from..];
        let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        if length == 0 || (at > start && from == at) {
            return None;
        }
        at = from + length;
        let is_name = text[at..].starts_with(|c| c == '_' || is_digit(c));
        let word = if is_name { None } else { Word::of(&text[from..at]) };
        Some((word, from..at))
    })
}

/// The number words at `start` as one number, if there is one; and the end of what was looked at.
fn in_words(text: &str, start: usize) -> (Option<Numeral>, usize) {
    let mut words = words(text, start).peekable();
    let Some((first, span)) = words.next() else { return (None, text.len()) };
    // A letter or `_` right before belongs to the same word: of another script, or of a name.
    let is_inside = text[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let (mut group, mut last) = match first.filter(|_| !is_inside) {
        Some(word @ (Word::Unit(value) | Word::Ten(value))) => (value, word),
        Some(word @ Word::Hundred) => (100, word),
        Some(word @ Word::Scale(scale)) => (scale, word),
        _ => return (None, span.end),
    };
    let mut total = 0;
    let mut end = span.end;
    if let Word::Scale(scale) = last {
        (total, group) = (scale, 0);
    }
    loop {
        let next = next_word(&mut words, last);
        let Some((word, word_end)) = next else { break };
        match word {
            Word::Ordinal => return (None, word_end),
            Word::Unit(value) | Word::Ten(value) => group += value,
            Word::Hundred => group *= 100,
            Word::Scale(scale) => {
                total += group.max(1) * scale;
                group = 0;
            }
            Word::And => {}
        }
        last = word;
        if word != Word::And {
            end = word_end;
        }
    }
    let value = (total + group).to_string();
    (Some(Numeral { value, span: start..end }), end)
}

/// The word after `last`, if the two belong to one number.
fn next_word(
    words: &mut Peekable<impl Iterator<Item = (Option<Word>, Range<usize>)>>,
    last: Word,
) -> Option<(Word, usize)> {
    let joins = |next: Word| match (last, next) {
        (Word::Unit(unit), Word::Hundred) => (1..20).contains(&unit),
        (Word::Unit(unit), Word::Scale(_)) => unit > 0,
        (Word::Ten(_), Word::Unit(unit)) => (1..10).contains(&unit),
        (Word::Ten(_) | Word::Hundred, Word::Scale(_) | Word::Ordinal)
        | (Word::Hundred | Word::Scale(_) | Word::And, Word::Unit(_) | Word::Ten(_))
        | (Word::Hundred | Word::Scale(_), Word::And) => true,
        _ => false,
    };
    let next = words.next_if(|(word, _)| word.is_some_and(joins))?;
    Some((next.0?, next.1.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        numbers(text).into_iter().map(|numeral| numeral.value).collect()
    }

    #[test]
    fn numbers_in_digits_and_words() {
        for (text, expected) in [
            ("4", vec!["4"]),
            ("08", vec!["8"]),
            ("4.0.", vec!["4"]),
            ("**4** (four)", vec!["4", "4"]),
            ("4.50 or .5", vec!["4.5", "0.5"]),
            ("3-4, -5 (-6)", vec!["3", "4", "-5", "-6"]),
            ("-0.0", vec!["0"]),
            ("1,000 and 2,50", vec!["1000", "2", "50"]),
            ("mp3 x4 frame_0 3D 2nd 21st 4cubes", vec![]),
            ("12:30", vec!["12", "30"]),
            ("有4个，共٣", vec!["4", "3"]),
            ("x²", vec![]),
            ("first second third twenty-first", vec![]),
            ("Twenty-one, twenty one; twenty, one", vec!["21", "21", "20", "1"]),
            ("one hundred and twenty-one", vec!["121"]),
            ("two thousand three hundred", vec!["2300"]),
            ("a hundred and more", vec!["100"]),
            ("one two", vec!["1", "2"]),
            ("zero hundred", vec!["0", "100"]),
            ("none someone phone tent seven_up", vec![]),
            ("no. two", vec!["2"]),
            ("v1.2", vec![]),
            ("50%", vec!["50"]),
            ("", vec![]),
        ] {
            assert_eq!(values(text), expected, "{text}");
        }
    }

    #[test]
    fn spans_hold_the_number() {
        let text = "é (−4.50) one hundred and such";
        let spans: Vec<&str> = numbers(text).iter().map(|n| &text[n.span.clone()]).collect();
        assert_eq!(spans, ["−4.50", "one hundred"]);
    }

    #[test]
    fn labels_are_plain_numbers() {
        assert_eq!(label_value(" 04 ").as_deref(), Some("4"));
        assert_eq!(label_value("2.50").as_deref(), Some("2.5"));
        for label in ["", ".", "4 cubes", "four", "-4", "1.", ".5", "²", "1.2.3"] {
            assert_eq!(label_value(label), None, "{label}");
        }
    }
}
