//! `json.loads`: JSON with Python's liberties (`NaN`, `Infinity`, huge integers, lone surrogates).

use std::borrow::Cow;

use num_bigint::BigInt;

use crate::convert::{parse_float, parse_int};
use crate::{Dict, Json, JsonError, Value};

/// Arrays and objects inside each other, where Python's recursion limit ends reading.
const MAX_DEPTH: usize = 990;

/// `json.loads(text)`. A key that stands twice keeps its first place and takes the last value; a
/// lone surrogate becomes U+FFFD.
pub fn json_loads(text: &str) -> Result<Value, JsonError> {
    Reader::new(text).whole(Reader::value)
}

/// `json.loads(text)` without copying what stands in the text as it is meant.
pub fn json_borrowed(text: &str) -> Result<Json<'_>, JsonError> {
    Reader::new(text).whole(Reader::value)
}

/// `json.loads(text)` of an array: each of its items is given to `take`, so that the whole array
/// never stands in memory. Any other value is given back.
///
/// # Errors
///
/// The text is no JSON. The items before the place may have been taken.
pub fn json_items<'a>(
    text: &'a str,
    mut take: impl FnMut(Json<'a>),
) -> Result<Option<Json<'a>>, JsonError> {
    Reader::new(text).whole(|reader| {
        if reader.peek() != Some(b'[') {
            return reader.value().map(Some);
        }
        reader.nested(|reader| reader.items(|item| take(item)))?;
        Ok(None)
    })
}

/// What can be made of a JSON text.
trait FromJson<'a>: Sized {
    /// An object that is being read.
    type Entries: Default;

    fn null() -> Self;
    fn bool(bit: bool) -> Self;
    fn int(small: i64) -> Self;
    fn big_int(number: BigInt) -> Self;
    fn float(number: f64) -> Self;
    fn string(text: Cow<'a, str>) -> Self;
    fn array(items: Vec<Self>) -> Self;
    fn add(object: &mut Self::Entries, key: Cow<'a, str>, value: Self);
    fn object(object: Self::Entries) -> Self;
}

impl<'a> FromJson<'a> for Value {
    type Entries = Dict;

    fn null() -> Self {
        Self::None
    }

    fn bool(bit: bool) -> Self {
        Self::Bool(bit)
    }

    fn int(small: i64) -> Self {
        Self::from(small)
    }

    fn big_int(number: BigInt) -> Self {
        Self::Int(number)
    }

    fn float(number: f64) -> Self {
        Self::Float(number)
    }

    fn string(text: Cow<'a, str>) -> Self {
        Self::Str(text.into_owned())
    }

    fn array(items: Vec<Self>) -> Self {
        Self::List(items)
    }

    fn add(object: &mut Dict, key: Cow<'a, str>, value: Self) {
        object.insert(Self::Str(key.into_owned()), value);
    }

    fn object(object: Dict) -> Self {
        Self::Dict(object)
    }
}

impl<'a> FromJson<'a> for Json<'a> {
    type Entries = Vec<(Cow<'a, str>, Self)>;

    fn null() -> Self {
        Self::Null
    }

    fn bool(bit: bool) -> Self {
        Self::Bool(bit)
    }

    fn int(small: i64) -> Self {
        Self::Int(small)
    }

    fn big_int(number: BigInt) -> Self {
        Self::BigInt(number)
    }

    fn float(number: f64) -> Self {
        Self::Float(number)
    }

    fn string(text: Cow<'a, str>) -> Self {
        Self::Str(text)
    }

    fn array(items: Vec<Self>) -> Self {
        Self::Array(items)
    }

    fn add(object: &mut Self::Entries, key: Cow<'a, str>, value: Self) {
        object.push((key, value));
    }

    fn object(object: Self::Entries) -> Self {
        Self::Object(object)
    }
}

/// Bytes of a string before its end, an escape or a control character; `None` if none comes. Eight
/// bytes are looked at in one go: most of a data file is text.
fn plain_bytes(text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH_BITS: u64 = ONES * 0x80;
    // The high bit of the first byte below `bound` is set, and of none before it.
    let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word & HIGH_BITS;
    let is_plain = |word: u64| {
        let is_in_it = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
        below(word, 0x20) | is_in_it(b'"') | is_in_it(b'\\') == 0
    };
    let (words, _) = text.as_chunks::<8>();
    let start = 8 * words.iter().take_while(|word| is_plain(u64::from_le_bytes(**word))).count();
    let rest = text[start..].iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
    Some(start + rest)
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    offset: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), offset: 0, depth: 0 }
    }

    /// Reads the whole text, `read` what stands between the white space around it.
    fn whole<T>(
        mut self,
        read: impl FnOnce(&mut Self) -> Result<T, JsonError>,
    ) -> Result<T, JsonError> {
        if self.text.starts_with('\u{feff}') {
            return Err(self.error("it starts with a byte order mark"));
        }
        self.skip_space();
        let value = read(&mut self)?;
        self.skip_space();
        if self.offset < self.text.len() {
            return Err(self.error("the value ends before the text does"));
        }
        Ok(value)
    }

    fn error(&self, reason: &'static str) -> JsonError {
        JsonError { offset: self.offset, reason }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.offset).copied()
    }

    /// Takes `byte` if it is next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.offset += usize::from(found);
        found
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.offset += 1;
        }
    }

    fn value<T: FromJson<'a>>(&mut self) -> Result<T, JsonError> {
        match self.peek() {
            Some(b'"') => {
                self.offset += 1;
                self.string().map(T::string)
            }
            Some(b'{') => self.nested(Self::object::<T>).map(T::object),
            Some(b'[') => {
                let mut items = Vec::new();
                self.nested(|reader| reader.items(|item| items.push(item)))?;
                Ok(T::array(items))
            }
            _ => self.scalar(),
        }
    }

    /// A word or a number. Apart from [`Self::value`] because that recurses: its frame stays small.
    fn scalar<T: FromJson<'a>>(&mut self) -> Result<T, JsonError> {
        match self.peek() {
            Some(b'n') => self.word("null").map(|()| T::null()),
            Some(b't') => self.word("true").map(|()| T::bool(true)),
            Some(b'f') => self.word("false").map(|()| T::bool(false)),
            Some(b'N') => self.word("NaN").map(|()| T::float(f64::NAN)),
            Some(b'I') => self.word("Infinity").map(|()| T::float(f64::INFINITY)),
            Some(b'-') if self.bytes[self.offset..].starts_with(b"-I") => {
                self.word("-Infinity").map(|()| T::float(f64::NEG_INFINITY))
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.error("a value is expected")),
        }
    }

    fn word(&mut self, word: &str) -> Result<(), JsonError> {
        if !self.bytes[self.offset..].starts_with(word.as_bytes()) {
            return Err(self.error("a value is expected"));
        }
        self.offset += word.len();
        Ok(())
    }

    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, JsonError>,
    ) -> Result<T, JsonError> {
        if self.depth == MAX_DEPTH {
            return Err(self.error("it is nested deeper than Python reads"));
        }
        self.depth += 1;
        self.offset += 1;
        self.skip_space();
        let value = read(self);
        self.depth -= 1;
        value
    }

    /// The items of an array whose bracket is taken.
    fn items<T: FromJson<'a>>(&mut self, mut take: impl FnMut(T)) -> Result<(), JsonError> {
        if self.take(b']') {
            return Ok(());
        }
        loop {
            take(self.value()?);
            self.skip_space();
            if self.take(b']') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(self.error("`,` or `]` is expected"));
            }
            self.skip_space();
        }
    }

    fn object<T: FromJson<'a>>(&mut self) -> Result<T::Entries, JsonError> {
        let mut object = T::Entries::default();
        if self.take(b'}') {
            return Ok(object);
        }
        loop {
            if !self.take(b'"') {
                return Err(self.error("a key in double quotes is expected"));
            }
            let key = self.string()?;
            self.skip_space();
            if !self.take(b':') {
                return Err(self.error("`:` is expected"));
            }
            self.skip_space();
            let value = self.value()?;
            T::add(&mut object, key, value);
            self.skip_space();
            if self.take(b'}') {
                return Ok(object);
            }
            if !self.take(b',') {
                return Err(self.error("`,` or `}` is expected"));
            }
            self.skip_space();
        }
    }

    /// The longest prefix that is a number; what follows it is for the caller to judge.
    fn number<T: FromJson<'a>>(&mut self) -> Result<T, JsonError> {
        let start = self.offset;
        self.take(b'-');
        if !self.take(b'0') && self.skip_digits() == 0 {
            return Err(self.error("a digit is expected"));
        }
        let integer_end = self.offset;
        if self.take(b'.') && self.skip_digits() == 0 {
            self.offset = integer_end;
        }
        let fraction_end = self.offset;
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            if self.skip_digits() == 0 {
                self.offset = fraction_end;
            }
        }
        let literal = &self.text[start..self.offset];
        if self.offset == integer_end
            && let Ok(small) = literal.parse::<i64>()
        {
            return Ok(T::int(small));
        }
        let value = if self.offset == integer_end {
            parse_int(literal).map(T::big_int)
        } else {
            parse_float(literal).map(T::float)
        };
        value.map_err(|_| self.error("the number has more digits than Python converts"))
    }

    fn skip_digits(&mut self) -> usize {
        let start = self.offset;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.offset += 1;
        }
        self.offset - start
    }

    /// A string whose opening quote is taken.
    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        let mut text = String::new();
        loop {
            let rest = &self.bytes[self.offset..];
            // Quotes, backslashes and controls are ASCII, so the cut is at a character.
            let plain = plain_bytes(rest).ok_or_else(|| self.error("the string does not end"))?;
            let plain = &self.text[self.offset..self.offset + plain];
            self.offset += plain.len();
            match self.peek() {
                Some(b'"') => {
                    self.offset += 1;
                    if text.is_empty() {
                        return Ok(Cow::Borrowed(plain));
                    }
                    text.push_str(plain);
                    return Ok(Cow::Owned(text));
                }
                Some(b'\\') => {
                    text.push_str(plain);
                    self.offset += 1;
                    text.push(self.escape()?);
                }
                _ => return Err(self.error("a control character stands in a string")),
            }
        }
    }

    /// What an escape stands for; its backslash is taken.
    fn escape(&mut self) -> Result<char, JsonError> {
        let letter = self.peek().ok_or_else(|| self.error("the string does not end"))?;
        self.offset += 1;
        Ok(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.code_unit()?;
                if !matches!(unit, 0xd800..=0xdbff) {
                    return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                let mark = self.offset;
                if self.take(b'\\')
                    && self.take(b'u')
                    && let Ok(low @ 0xdc00..=0xdfff) = self.code_unit()
                {
                    let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                self.offset = mark;
                char::REPLACEMENT_CHARACTER
            }
            _ => return Err(self.error("the escape is unknown")),
        })
    }

    fn code_unit(&mut self) -> Result<u32, JsonError> {
        let digits = self.bytes.get(self.offset..self.offset + 4);
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let unit = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or_else(|| self.error("`\\u` needs four hexadecimal digits"))?;
        self.offset += 4;
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{repr, to_str};

    /// What all readers make of a text.
    fn loaded(text: &str) -> String {
        let shown = |read: Result<Value, JsonError>| {
            read.map_or_else(|error| format!("{}: {}", error.offset, error.reason), |v| repr(&v))
        };
        let whole = shown(json_loads(text));
        assert_eq!(shown(json_borrowed(text).map(|value| value.to_value())), whole, "{text}");
        let mut items = Vec::new();
        let other = json_items(text, |item| items.push(item));
        let value = other.map(|other| other.unwrap_or(Json::Array(items)).to_value());
        assert_eq!(shown(value), whole, "{text}");
        whole
    }

    #[test]
    fn what_is_looked_up_is_what_python_finds() {
        let text = r#"{"a": 1, "\u0061": 2, "b": {"a": [NaN]}, "a": 3}"#;
        let value = json_borrowed(text).unwrap();
        assert_eq!(value.get("a"), Some(&Json::Int(3)));
        assert_eq!(value.get("c"), None);
        assert_eq!(value.get("a").unwrap().get("a"), None);
        assert_eq!(repr(&value.to_value()), "{'a': 3, 'b': {'a': [nan]}}");
    }

    #[test]
    fn python_reads_more_than_json() {
        for (text, value) in [
            (r#"{"a": 1, "b": 2, "a": 3}"#, "{'a': 3, 'b': 2}"),
            ("[NaN, Infinity, -Infinity, 1e999]", "[nan, inf, -inf, inf]"),
            ("[-0, -0.0, 1E3, 1.5e-7]", "[0, -0.0, 1000.0, 1.5e-07]"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            (r#""\ud83d\ude00\u00e9\/""#, "'😀é/'"),
            (r#""\ud83d\u0041 \ude00""#, "'\u{fffd}A \u{fffd}'"),
            ("\r\n\t [ ] ", "[]"),
            ("\"\u{7f}\u{2028}\"", r"'\x7f\u2028'"),
        ] {
            assert_eq!(loaded(text), value, "{text}");
        }
    }

    #[test]
    fn strings_end_where_they_end_at_any_offset() {
        for length in 0..20 {
            let plain = "aé~\u{7f}".chars().cycle().take(length).collect::<String>();
            for tail in ["\"", "\\n\"", "\u{1f}"] {
                let end = plain_bytes(format!("{plain}{tail}xxxxxxxxx").as_bytes());
                assert_eq!(end, Some(plain.len()), "{plain}{tail}");
            }
            assert_eq!(plain_bytes(plain.as_bytes()), None);
        }
    }

    #[test]
    fn the_rest_is_refused() {
        for text in [
            "",
            " ",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "-",
            "- 1",
            "nan",
            "[1,]",
            "{\"a\":1,}",
            "{a: 1}",
            "[1 2]",
            "{'a': 1}",
            "\"\n\"",
            "\"\\x41\"",
            "\"\\u12g4\"",
            "\"\\u12",
            "\"a",
            "\"\\",
            "\u{feff}1",
            "\u{a0}1",
            "True",
            "None",
            "{\"a\"}",
            "{1: 2}",
            "[",
            "{",
            "{\"a\":",
            "\"\\ud800\\u12\"",
        ] {
            assert!(json_loads(text).is_err(), "{text:?}");
            loaded(text);
        }
        assert!(json_loads(&"9".repeat(4_300)).is_ok());
        assert!(json_loads(&"9".repeat(4_301)).is_err());
    }

    #[test]
    fn hostile_nesting_is_an_error() {
        let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert_eq!(to_str(&json_loads(&deep(MAX_DEPTH)).unwrap()), deep(MAX_DEPTH));
        assert!(json_loads(&deep(MAX_DEPTH + 1)).is_err());
        assert!(json_loads(&"[".repeat(1 << 20)).is_err());
        assert!(json_loads(&"{\"a\":".repeat(1 << 18)).is_err());
    }
}
