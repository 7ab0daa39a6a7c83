//! Texts that are a number, in digits or in words.
//!
//! Strict scoring has a reader of its own (`number.rs` of `avibench-score`), on purpose: it finds
//! numbers anywhere in a sentence, where here a text with anything beside the number is doubtful. What
//! is read here decides what journals hold, so it changes only with the version of a rule.

use avibench_python::is_decimal;

/// Nothing in the benchmark is counted higher.
const LARGEST: u32 = 999_999;

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

/// The whole number that `text` is: `4`, `08`, `4.0`, `４`, `four`, `twenty-one`.
pub(crate) fn whole_number(text: &str) -> Option<u32> {
    let text = text.trim();
    in_digits(text).or_else(|| in_words(text))
}

/// A number word, by itself.
pub(crate) fn in_words(text: &str) -> Option<u32> {
    // Longer than any number word: saves lowering whole essays.
    if text.len() > 16 {
        return None;
    }
    let word = text.to_lowercase();
    if let Some(unit) = UNITS.iter().position(|unit| *unit == word) {
        return Some(unit as u32);
    }
    let (ten, unit) = word.split_once(['-', ' ']).unwrap_or((&word, "zero"));
    let ten = TENS.iter().position(|known| *known == ten)?;
    let unit = UNITS[..10].iter().position(|known| *known == unit)?;
    (word.len() == TENS[ten].len() || unit > 0).then_some(10 * (ten as u32 + 2) + unit as u32)
}

fn in_digits(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || fraction.len() > 6 || fraction.bytes().any(|b| b != b'0') {
        return None;
    }
    let mut value = 0_u32;
    for c in whole.chars() {
        value = value.checked_mul(10)?.checked_add(digit(c)?)?;
    }
    (!whole.is_empty() && whole.len() <= 30 && value <= LARGEST).then_some(value)
}

/// An ASCII or full-width digit.
fn digit(c: char) -> Option<u32> {
    c.to_digit(10).or_else(|| match c {
        '０'..='９' => Some(c as u32 - '０' as u32),
        _ => None,
    })
}

/// A decimal number in a notation that Python and JSON share, with the digits as they stand.
pub(crate) fn decimal(text: &str) -> Option<String> {
    let text = text.trim();
    if !is_decimal(text) {
        return None;
    }
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let exponent_at = unsigned.find(['e', 'E']).unwrap_or(unsigned.len());
    let (mantissa, exponent) = unsigned.split_at(exponent_at);
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, "")) => (whole, Some("0")),
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let fraction = fraction.map_or(String::new(), |fraction| format!(".{fraction}"));
    Some(format!("{sign}{whole}{fraction}{exponent}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_in_digits_and_words() {
        for (text, value) in [
            ("4", 4),
            ("08", 8),
            ("4.0", 4),
            ("４", 4),
            ("Four", 4),
            ("twenty-one", 21),
            ("twenty one", 21),
            ("Ninety", 90),
            ("zero", 0),
            (" 12 ", 12),
        ] {
            assert_eq!(whole_number(text), Some(value), "{text}");
        }
        for text in [
            "",
            "4.5",
            "-4",
            "4.",
            "1e3",
            "4-5",
            "fourth",
            "forty-zero",
            "forty-",
            "one-two",
            "99999999999",
            "²",
            "4,000",
            "1000000",
        ] {
            assert_eq!(whole_number(text), None, "{text}");
        }
    }

    #[test]
    fn decimals_keep_their_digits() {
        for (text, value) in [
            ("0.10", "0.10"),
            (".5", "0.5"),
            ("1.", "1.0"),
            ("+007", "7"),
            ("-0", "-0"),
            ("1e-3", "1e-3"),
            ("00.5", "0.5"),
            (" 12 ", "12"),
        ] {
            assert_eq!(decimal(text).as_deref(), Some(value), "{text}");
        }
        for text in ["", "a", "nan", "inf", "1/2", "10%", "1,5", "--1", "."] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
