//! Strings and bytes in Python source text.

use crate::literal::Reader;
use crate::{LiteralError, Value};

/// What string literals add up to: text or bytes, never both.
pub(crate) enum Text {
    Str(String),
    Bytes(Vec<u8>),
}

/// The letters before the opening quote.
#[derive(Clone, Copy)]
struct Prefix {
    length: usize,
    raw: bool,
    bytes: bool,
}

impl Prefix {
    /// `None` if no string starts here, or one that is evaluated (`f'...'`).
    fn at(rest: &str) -> Option<Self> {
        let length = rest.find(['\'', '"'])?;
        let (raw, bytes) = match rest.get(..length)? {
            "" | "u" | "U" => (false, false),
            "r" | "R" => (true, false),
            "b" | "B" => (false, true),
            other if other.len() == 2 => match other.to_ascii_lowercase().as_str() {
                "rb" | "br" => (true, true),
                _ => return None,
            },
            _ => return None,
        };
        Some(Self { length, raw, bytes })
    }
}

impl Text {
    /// Whether another string literal follows.
    pub(crate) fn is_next(reader: &Reader<'_>) -> bool {
        // Prefixes have at most two letters: looking further would make rows of strings quadratic.
        let head = reader
            .rest()
            .char_indices()
            .nth(3)
            .map_or(reader.rest(), |(end, _)| &reader.rest()[..end]);
        Prefix::at(head).is_some()
    }

    /// Reads one string literal.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, LiteralError> {
        let prefix =
            Prefix::at(reader.rest()).ok_or_else(|| reader.error("only literals are read"))?;
        reader.offset += prefix.length;
        let quote = ["'''", "\"\"\"", "'", "\""]
            .into_iter()
            .find(|quote| reader.take(quote))
            .ok_or_else(|| reader.error("a quote is expected"))?;
        let start = reader.offset;
        let body = take_body(reader, quote)?;
        let at_start = |reason| LiteralError { offset: start, reason };
        if prefix.bytes && !body.is_ascii() {
            return Err(at_start("bytes can only hold ASCII characters"));
        }
        match (prefix.bytes, prefix.raw) {
            (false, true) => Ok(Self::Str(body.to_owned())),
            (true, true) => Ok(Self::Bytes(body.as_bytes().to_vec())),
            (false, false) => unescape(body).map(Self::Str).map_err(at_start),
            (true, false) => unescape_bytes(body).map(Self::Bytes).map_err(at_start),
        }
    }

    /// Both in a row; `None` if one is text and the other bytes.
    pub(crate) fn join(self, next: Self) -> Option<Self> {
        match (self, next) {
            (Self::Str(first), Self::Str(second)) => Some(Self::Str(first + &second)),
            (Self::Bytes(mut first), Self::Bytes(second)) => {
                first.extend(second);
                Some(Self::Bytes(first))
            }
            _ => None,
        }
    }

    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Str(text) => Value::Str(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}

/// What stands between the quotes; the closing one is taken.
fn take_body<'a>(reader: &mut Reader<'a>, quote: &str) -> Result<&'a str, LiteralError> {
    let rest = reader.rest();
    let mut from = 0;
    loop {
        let stop = rest[from..].find(['\\', '\n', '\'', '"']).map(|found| from + found);
        let stop = stop.ok_or_else(|| reader.error("the string does not end"))?;
        if rest[stop..].starts_with(quote) {
            reader.offset += stop + quote.len();
            return Ok(&rest[..stop]);
        }
        from = match rest.as_bytes()[stop] {
            // Also in raw strings a backslash keeps the next character from ending the string.
            b'\\' => {
                let escaped = rest[stop + 1..].chars().next();
                stop + 1 + escaped.map_or(0, char::len_utf8)
            }
            b'\n' if quote.len() == 1 => return Err(reader.error("the string does not end")),
            _ => stop + 1,
        };
    }
}

fn unescape(body: &str) -> Result<String, &'static str> {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(slash) = rest.find('\\') {
        out.push_str(&rest[..slash]);
        rest = &rest[slash + 1..];
        let Some(letter) = rest.chars().next() else { break };
        let after = &rest[letter.len_utf8()..];
        if let Some(plain) = simple_escape(letter) {
            out.push_str(plain);
            rest = after;
            continue;
        }
        rest = match letter {
            '0'..='7' => {
                let (code, length) = octal(rest);
                out.extend(char::from_u32(code));
                &rest[length..]
            }
            'x' | 'u' | 'U' => {
                let length = match letter {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                let code = hexadecimal(after, length).filter(|&code| code <= 0x10_ffff);
                let code = code.ok_or("the escape is malformed")?;
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                &after[length..]
            }
            'N' => {
                let (name, after) = after
                    .strip_prefix('{')
                    .and_then(|after| after.split_once('}'))
                    .ok_or("the escape is malformed")?;
                out.push(unicode_names2::character(name).ok_or("no character has this name")?);
                after
            }
            unknown => {
                out.push('\\');
                out.push(unknown);
                after
            }
        };
    }
    out.push_str(rest);
    Ok(out)
}

fn unescape_bytes(body: &str) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(slash) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..slash]);
        rest = &rest[slash + 1..];
        let Some(letter) = rest.chars().next() else { break };
        let after = &rest[letter.len_utf8()..];
        if let Some(plain) = simple_escape(letter) {
            out.extend_from_slice(plain.as_bytes());
            rest = after;
            continue;
        }
        rest = match letter {
            '0'..='7' => {
                let (code, length) = octal(rest);
                // Python keeps the low eight bits.
                out.push(code as u8);
                &rest[length..]
            }
            'x' => {
                out.push(hexadecimal(after, 2).ok_or("the escape is malformed")? as u8);
                &after[2..]
            }
            unknown => {
                out.push(b'\\');
                out.push(unknown as u8);
                after
            }
        };
    }
    out.extend_from_slice(rest.as_bytes());
    Ok(out)
}

/// Escapes of one letter, the same in text and bytes; an escaped line end is nothing.
pub(crate) fn simple_escape(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\n' => "",
        '\\' => "\\",
        '\'' => "'",
        '"' => "\"",
        'a' => "\x07",
        'b' => "\x08",
        'f' => "\x0c",
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        'v' => "\x0b",
        _ => return None,
    })
}

/// Up to three octal digits: their value and number.
fn octal(rest: &str) -> (u32, usize) {
    let digits = rest.bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7'));
    digits.fold((0, 0), |(code, length), byte| (code * 8 + u32::from(byte - b'0'), length + 1))
}

/// The value of exactly `length` hexadecimal digits.
fn hexadecimal(rest: &str, length: usize) -> Option<u32> {
    let digits = rest.get(..length)?;
    // `from_str_radix` alone would take a sign.
    let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| all)
}

#[cfg(test)]
mod tests {
    use crate::{Value, literal_eval};

    #[test]
    fn escapes_are_those_of_python() {
        for (source, text) in [
            (r"'\x41\101\u00e9\U0001F600\N{BULLET}'", "AAé😀•"),
            (r"'\a\b\f\v\0\q\400'", "\x07\x08\x0c\x0b\0\\qĀ"),
            ("'a\\\nb'", "ab"),
            (r"r'\n\''", r"\n\'"),
            ("'''a\n'b''c'''", "a\n'b''c"),
            (r#""it's" 'x' """y""""#, "it'sxy"),
            (r"u'a' R'\b'", r"a\b"),
            (r"'\ud83d'", "\u{fffd}"),
            ("''", ""),
            ("'''''' ''", ""),
        ] {
            assert_eq!(literal_eval(source), Ok(Value::from(text)), "{source}");
        }
        let bytes = |bytes: &[u8]| Ok(Value::Bytes(bytes.to_vec()));
        assert_eq!(literal_eval(r"b'\xff\777\u0041' Rb'\x'"), bytes(b"\xff\xff\\u0041\\x"));
        for source in [
            r"'\x4'",
            r"'\u123'",
            r"'\U00110000'",
            r"'\N{no such}'",
            r"'\N'",
            r"'\x+1'",
            r"'\'",
            r"r'\'",
            "b'é'",
            "ur'a'",
            "bu'a'",
            "fr'a'",
            "rrr'a'",
            "'a' f'b'",
            "é'a'",
        ] {
            assert!(literal_eval(source).is_err(), "{source}");
        }
    }

    #[test]
    fn rows_of_strings_are_linear() {
        let row = "'a' ".repeat(200_000);
        assert_eq!(literal_eval(&row), Ok(Value::Str("a".repeat(200_000))));
    }
}
