//! Numbers in Python source text.

use num_bigint::BigInt;

use crate::convert::{parse_float, parse_int};
use crate::literal::Reader;
use crate::{LiteralError, Value};

/// The number at the reader's place, which starts with a digit or with a point before one.
pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Value, LiteralError> {
    let rest = reader.rest();
    let radix = match rest.as_bytes() {
        [b'0', b'x' | b'X', ..] => Some(16),
        [b'0', b'o' | b'O', ..] => Some(8),
        [b'0', b'b' | b'B', ..] => Some(2),
        _ => None,
    };
    let value = match radix {
        Some(radix) => in_radix(reader, radix)?,
        None => decimal(reader)?,
    };
    // Python warns about a keyword that follows a number at once, but no literal has one there.
    if reader.rest().starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.')) {
        return Err(reader.error("the number is malformed"));
    }
    Ok(value)
}

fn in_radix(reader: &mut Reader<'_>, radix: u32) -> Result<Value, LiteralError> {
    reader.offset += 2;
    // One underscore may also stand between the prefix and the first digit.
    reader.take("_");
    let digits = take_digits(reader, radix)?.ok_or_else(|| reader.error("a digit is expected"))?;
    let number = BigInt::parse_bytes(digits.as_bytes(), radix);
    number.map(Value::Int).ok_or_else(|| reader.error("the number is malformed"))
}

fn decimal(reader: &mut Reader<'_>) -> Result<Value, LiteralError> {
    let integer = take_digits(reader, 10)?;
    let mut text = integer.clone().unwrap_or_default();
    let mut is_float = false;
    if reader.take(".") {
        is_float = true;
        text.push('.');
        text.push_str(&take_digits(reader, 10)?.unwrap_or_default());
    }
    if reader.take("e") || reader.take("E") {
        is_float = true;
        text.push('e');
        if reader.take("-") {
            text.push('-');
        } else {
            reader.take("+");
        }
        let exponent = take_digits(reader, 10)?;
        text.push_str(&exponent.ok_or_else(|| reader.error("the exponent is malformed"))?);
    }
    let malformed = reader.error("the number is malformed");
    if reader.take("j") || reader.take("J") {
        return parse_float(&text).map(|float| Value::Complex(0.0, float)).map_err(|_| malformed);
    }
    if is_float {
        return parse_float(&text).map(Value::Float).map_err(|_| malformed);
    }
    // `00` is a number, but `01` is not.
    if text.starts_with('0') && text.bytes().any(|byte| byte != b'0') {
        return Err(malformed);
    }
    parse_int(&text).map(Value::Int).map_err(|_| malformed)
}

/// Digits without the single underscores between them; `None` if no digit is next.
fn take_digits(reader: &mut Reader<'_>, radix: u32) -> Result<Option<String>, LiteralError> {
    let mut digits = String::new();
    loop {
        let rest = reader.rest();
        let run = rest.find(|c: char| !c.is_digit(radix)).unwrap_or(rest.len());
        if run == 0 {
            let trailing = !digits.is_empty();
            return if trailing { Err(reader.error("a digit is expected")) } else { Ok(None) };
        }
        digits.push_str(&rest[..run]);
        reader.offset += run;
        if !reader.take("_") {
            return Ok(Some(digits));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{literal_eval, repr};

    #[test]
    fn numbers_are_read_as_python_reads_them() {
        for (text, value) in [
            ("0", "0"),
            ("0_0", "0"),
            ("1_000", "1000"),
            ("0x_fF", "255"),
            ("0o17", "15"),
            ("0B1_0", "2"),
            ("1.", "1.0"),
            (".5", "0.5"),
            ("1_0.0_1e-0_1", "1.001"),
            ("01.5", "1.5"),
            ("09e1", "90.0"),
            ("01j", "1j"),
            ("1e999", "inf"),
            ("1E+2J", "100j"),
        ] {
            assert_eq!(literal_eval(text).map(|v| repr(&v)).as_deref(), Ok(value), "{text}");
        }
        for text in [
            "01", "0_1", "1_", "1__0", "_1", "0x", "0b2", "1.2.3", "1e", "1e_5", "1._5", "1_.5",
            "0xg", "1jj", "1a", "5_j", ".",
        ] {
            assert!(literal_eval(text).is_err(), "{text}");
        }
    }
}
