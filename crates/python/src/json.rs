//! `json.loads`: JSON with Python's liberties (`NaN`, `Infinity`, huge integers, lone surrogates).

use std::borrow::Cow;
use std::ops::Range;

use num_bigint::BigInt;

use crate::convert::{parse_float, parse_int};
use crate::json_text::{JsonText, Unit};
use crate::placed_json::{PlacedEntry, PlacedJson, PlacedValue};
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
    take: impl FnMut(Json<'a>),
) -> Result<Option<Json<'a>>, JsonError> {
    Reader::new(text).whole(|reader| {
        if reader.peek() != Some(b'[') {
            return reader.value().map(Some);
        }
        reader.nested(|reader| reader.items(take))?;
        Ok(None)
    })
}

/// `json.loads(text)` with the place of every value in the text, lone surrogates kept, and at most
/// `max_depth` arrays and objects inside each other: how many Python reads depends on how deep in a
/// program it is called.
pub fn json_placed(text: &str, max_depth: usize) -> Result<PlacedJson<'_>, JsonError> {
    Reader { max_depth, ..Reader::new(text) }.whole(Reader::value)
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
    fn string(text: JsonText<'a>) -> Self;
    fn array(items: Vec<Self>) -> Self;
    /// Adds an entry whose key stands, with its quotes, at `place` in the text.
    fn add(object: &mut Self::Entries, key: JsonText<'a>, place: Range<usize>, value: Self);
    fn object(object: Self::Entries) -> Self;

    /// The value, which stands at `place` in the text.
    fn at(self, _place: Range<usize>) -> Self {
        self
    }
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

    fn string(text: JsonText<'a>) -> Self {
        Self::Str(text.into_cow().into_owned())
    }

    fn array(items: Vec<Self>) -> Self {
        Self::List(items)
    }

    fn add(object: &mut Dict, key: JsonText<'a>, _place: Range<usize>, value: Self) {
        object.insert(Self::string(key), value);
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

    fn string(text: JsonText<'a>) -> Self {
        Self::Str(text.into_cow())
    }

    fn array(items: Vec<Self>) -> Self {
        Self::Array(items)
    }

    fn add(object: &mut Self::Entries, key: JsonText<'a>, _place: Range<usize>, value: Self) {
        object.push((key.into_cow(), value));
    }

    fn object(object: Self::Entries) -> Self {
        Self::Object(object)
    }
}

impl<'a> FromJson<'a> for PlacedJson<'a> {
    type Entries = Vec<PlacedEntry<'a>>;

    fn null() -> Self {
        PlacedValue::Null.into()
    }

    fn bool(bit: bool) -> Self {
        PlacedValue::Bool(bit).into()
    }

    fn int(small: i64) -> Self {
        PlacedValue::Int(small.into()).into()
    }

    fn big_int(number: BigInt) -> Self {
        PlacedValue::Int(number).into()
    }

    fn float(number: f64) -> Self {
        PlacedValue::Float(number).into()
    }

    fn string(text: JsonText<'a>) -> Self {
        PlacedValue::Str(text).into()
    }

    fn array(items: Vec<Self>) -> Self {
        PlacedValue::Array(items).into()
    }

    fn add(object: &mut Self::Entries, key: JsonText<'a>, place: Range<usize>, value: Self) {
        object.push(PlacedEntry { key, key_place: place, value });
    }

    fn object(object: Self::Entries) -> Self {
        PlacedValue::Object(object).into()
    }

    fn at(self, place: Range<usize>) -> Self {
        Self { place, ..self }
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
    max_depth: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), offset: 0, depth: 0, max_depth: MAX_DEPTH }
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
        let start = self.offset;
        let value: Result<T, JsonError> = match self.peek() {
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
        };
        value.map(|value| value.at(start..self.offset))
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
        if self.depth == self.max_depth {
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
            let start = self.offset - 1;
            let key = self.string()?;
            let place = start..self.offset;
            self.skip_space();
            if !self.take(b':') {
                return Err(self.error("`:` is expected"));
            }
            self.skip_space();
            let value = self.value()?;
            T::add(&mut object, key, place, value);
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
    fn string(&mut self) -> Result<JsonText<'a>, JsonError> {
        let mut text = JsonText::default();
        loop {
            let rest = &self.bytes[self.offset..];
            // Quotes, backslashes and controls are ASCII, so the cut is at a character.
            let plain = plain_bytes(rest).ok_or_else(|| self.error("the string does not end"))?;
            let plain = &self.text[self.offset..self.offset + plain];
            self.offset += plain.len();
            match self.peek() {
                Some(b'"') => {
                    self.offset += 1;
                    text.push_plain(plain);
                    return Ok(text);
                }
                Some(b'\\') => {
                    text.push_plain(plain);
                    self.offset += 1;
                    text.push(self.escape()?);
                }
                _ => return Err(self.error("a control character stands in a string")),
            }
        }
    }

    /// What an escape stands for; its backslash is taken.
    fn escape(&mut self) -> Result<Unit, JsonError> {
        let letter = self.peek().ok_or_else(|| self.error("the string does not end"))?;
        self.offset += 1;
        Ok(Unit::Char(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.code_unit()?;
                let mark = self.offset;
                if matches!(unit, 0xd800..=0xdbff)
                    && self.take(b'\\')
                    && self.take(b'u')
                    && let Ok(low @ 0xdc00..=0xdfff) = self.code_unit()
                {
                    let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    return Ok(Unit::of(code));
                }
                self.offset = mark;
                return Ok(Unit::of(unit));
            }
            _ => return Err(self.error("the escape is unknown")),
        }))
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
    fn places_are_those_of_the_text() {
        let text = " {\"k\": [1, \"\\ud800x\"], \"\\u006b\": 1e400} ";
        let root = json_placed(text, 2).unwrap();
        assert_eq!(&text[root.place.clone()], text.trim());
        let entries = root.as_object().unwrap();
        assert_eq!(&text[entries[1].key_place.clone()], "\"\\u006b\"");
        let items = entries[0].value.as_array().unwrap();
        assert_eq!(items[0].value, PlacedValue::Int(1.into()));
        assert_eq!(&text[items[1].place.clone()], "\"\\ud800x\"");
        assert_eq!(root.get("k").unwrap().value, PlacedValue::Float(f64::INFINITY));
        assert!(json_placed(text, 1).is_err(), "two arrays and objects stand inside each other");
    }

    #[test]
    fn lone_surrogates_stay_apart() {
        let read = |text| json_placed(text, 1).unwrap().as_text().unwrap().clone();
        let lone = read(r#""a\ud800""#);
        assert!(lone.has_lone_surrogate());
        assert_eq!(lone.as_str(), "a\u{fffd}");
        assert_ne!(lone, read(r#""a\udfff""#));
        assert_ne!(lone, read("\"a\u{fffd}\""));
        assert_ne!(lone, *"a\u{fffd}");
        assert_eq!(lone, read(r#""\u0061\uD800""#));
        assert_eq!(read(r#""\ud83d\ude00""#), *"😀");
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
