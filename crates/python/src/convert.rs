//! `int()` and `float()`.

use num_bigint::BigInt;

use crate::characters::{decimal_digit, is_space};
use crate::dict::Key;
use crate::{ConversionError, Value};

/// More digits than this `int()` refuses to read (`sys.get_int_max_str_digits()`).
const MAX_DIGITS: usize = 4_300;

/// `int(value)`: floats truncate, booleans count as 0 and 1, text goes through [`parse_int`].
pub fn to_int(value: &Value) -> Result<BigInt, ConversionError> {
    match value {
        Value::Int(number) => Ok(number.clone()),
        Value::Bool(bit) => Ok(BigInt::from(u8::from(*bit))),
        Value::Float(number) => float_to_int(*number).ok_or(ConversionError::OutOfRange),
        Value::Str(text) => parse_int(text),
        Value::Bytes(bytes) => parse_int(ascii(bytes)?),
        _ => Err(ConversionError::WrongType),
    }
}

/// The integer that a value equals, as `True`, `2.0` and `2+0j` do; `None` for all others, text
/// included.
#[must_use]
pub fn equal_int(value: &Value) -> Option<BigInt> {
    match Key::of(value) {
        Some(Key::Int(number)) => Some(number),
        _ => None,
    }
}

/// `float(value)`: integers must be below the largest float, text goes through [`parse_float`].
pub fn to_float(value: &Value) -> Result<f64, ConversionError> {
    match value {
        Value::Int(number) => int_to_float(number).ok_or(ConversionError::OutOfRange),
        Value::Bool(bit) => Ok(f64::from(u8::from(*bit))),
        Value::Float(number) => Ok(*number),
        Value::Str(text) => parse_float(text),
        Value::Bytes(bytes) => parse_float(ascii(bytes)?),
        _ => Err(ConversionError::WrongType),
    }
}

/// `int(text)`: an integer in decimal digits of any script, with spaces around, a sign, and single
/// `_` between digits.
pub fn parse_int(text: &str) -> Result<BigInt, ConversionError> {
    let plain = transliterate(text);
    let digits = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(ConversionError::NotNumber);
    }
    let digits = without_underscores(digits).ok_or(ConversionError::NotNumber)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ConversionError::NotNumber);
    }
    if digits.len() > MAX_DIGITS {
        return Err(ConversionError::TooManyDigits);
    }
    let magnitude: BigInt = digits.parse().map_err(|_| ConversionError::NotNumber)?;
    Ok(if plain.starts_with('-') { -magnitude } else { magnitude })
}

/// `float(text)`: a decimal number, `inf`, `infinity` or `nan` in any case, with spaces around, a
/// sign, and single `_` between digits. Beyond the largest float it is infinite.
pub fn parse_float(text: &str) -> Result<f64, ConversionError> {
    // Nearly every number is written so that both read it as it stands.
    let is_plain = |byte: u8| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
    if text.bytes().all(is_plain) {
        return text.parse().map_err(|_| ConversionError::NotNumber);
    }
    let plain = transliterate(text);
    // Rust reads the same grammar apart from underscores, both rounding correctly.
    without_underscores(&plain)
        .and_then(|plain| plain.parse().ok())
        .ok_or(ConversionError::NotNumber)
}

/// The integer part of a float; `None` for NaN and the infinities.
pub(crate) fn float_to_int(number: f64) -> Option<BigInt> {
    if !number.is_finite() {
        return None;
    }
    let truncated = number.trunc();
    if truncated.abs() < 9e18 {
        return Some(BigInt::from(truncated as i64));
    }
    // A float this large is a 53-bit integer times a power of two.
    let bits = truncated.to_bits();
    let mantissa = BigInt::from((bits & ((1 << 52) - 1)) | (1 << 52));
    let shift = ((bits >> 52) & 0x7ff) - 1075;
    let magnitude = mantissa << shift;
    Some(if truncated < 0.0 { -magnitude } else { magnitude })
}

/// The nearest float; `None` beyond the largest.
pub(crate) fn int_to_float(number: &BigInt) -> Option<f64> {
    if let Ok(small) = i64::try_from(number) {
        return Some(small as f64);
    }
    // 1,025 bits are beyond the largest float; decimal text rounds correctly.
    if number.bits() > 1_024 {
        return None;
    }
    number.to_string().parse().ok().filter(|float: &f64| float.is_finite())
}

fn ascii(bytes: &[u8]) -> Result<&str, ConversionError> {
    std::str::from_utf8(bytes).ok().filter(|text| text.is_ascii()).ok_or(ConversionError::NotNumber)
}

/// Trimmed, with the decimal digits of every script as ASCII.
fn transliterate(text: &str) -> String {
    // Unlike `str.strip`, the four separators U+001C to U+001F stay.
    let blank = |c: char| is_space(c) && !matches!(c, '\x1c'..='\x1f');
    text.trim_matches(blank)
        .chars()
        .map(|c| decimal_digit(c).map_or(c, |digit| char::from(b'0' + digit)))
        .collect()
}

/// Removes `_` between digits; `None` if one stands elsewhere.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digit_at = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
    let mut underscores = bytes.iter().enumerate().filter(|&(_, &byte)| byte == b'_');
    underscores
        .all(|(i, _)| digit_at(i.checked_sub(1)) && digit_at(Some(i + 1)))
        .then(|| text.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_in_text() {
        for (text, number) in [
            (" 1_0\n", 10),
            ("\u{661}_\u{662}", 12),
            ("+007", 7),
            ("-0", 0),
            ("\u{3000}-4\u{85}", -4),
        ] {
            assert_eq!(parse_int(text), Ok(number.into()), "{text:?}");
        }
        for text in
            ["", "1.0", "_1", "1_", "1__0", "+ 1", "--1", "\u{1c}1", "²", "0x1", "1\0", "+_1"]
        {
            assert_eq!(parse_int(text), Err(ConversionError::NotNumber), "{text:?}");
        }
        assert!(parse_int(&"9".repeat(4_300)).is_ok());
        assert_eq!(parse_int(&"9".repeat(4_301)), Err(ConversionError::TooManyDigits));
    }

    #[test]
    fn floats_in_text() {
        for (text, number) in [
            ("1_0.5e1_0", 10.5e10),
            (" .5 ", 0.5),
            ("5.", 5.0),
            ("-InFinity", f64::NEG_INFINITY),
            ("1e999", f64::INFINITY),
            ("\u{ff11}", 1.0),
            ("+00.50e-01", 0.05),
            ("1E+2", 100.0),
            ("-0", 0.0),
            ("9007199254740993", 9_007_199_254_740_992.0),
        ] {
            assert_eq!(parse_float(text), Ok(number), "{text:?}");
        }
        assert!(parse_float("-nan").unwrap().is_nan());
        for text in [
            "", ".", "e5", "1e", "+", "-e1", "1e+", "1-2", "1.2.3", "1_.0", "1._0", "1e_5",
            "0x1p3", "1,5", "infinit", "nan(1)",
        ] {
            assert_eq!(parse_float(text), Err(ConversionError::NotNumber), "{text:?}");
        }
    }

    #[test]
    fn values_convert_as_python_converts_them() {
        assert_eq!(to_int(&Value::Float(-3.9)), Ok((-3).into()));
        assert_eq!(to_int(&Value::Float(1e23)).unwrap().to_string(), "99999999999999991611392");
        assert_eq!(to_int(&Value::Float(f64::NAN)), Err(ConversionError::OutOfRange));
        assert_eq!(to_int(&Value::Bool(true)), Ok(1.into()));
        assert_eq!(to_int(&Value::None), Err(ConversionError::WrongType));
        assert_eq!(to_float(&Value::Bytes(b" 0.5".to_vec())), Ok(0.5));
        let huge: BigInt = "9".repeat(400).parse().unwrap();
        assert_eq!(to_float(&Value::Int(huge)), Err(ConversionError::OutOfRange));
        let exact: BigInt = "9007199254740993000".parse().unwrap();
        assert_eq!(to_float(&Value::Int(exact)), Ok(9_007_199_254_740_993_000.0));
    }
}
