//! Reading values out of running text as language models write them, in linear time whatever the
//! text.
//!
//! [`literal_eval`](crate::literal_eval) reads what Python reads and refuses the rest: official
//! scores follow from exactly that. This reader wants to know what was meant. It begins anywhere in
//! a text and says where the value ends; it takes Python, JSON and what lies between, typographic
//! quotes, bare words and `//` comments; and it keeps what Python would lose, namely repeated keys
//! and the digits of numbers. A reader that does both would have to ask at every token which of the
//! two it is, so there are two. What an escape of one letter stands for is shared.

use crate::LenientValue;
use crate::literal_text::simple_escape;

/// How far a [`LenientReader`] goes before it takes what it sees for no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LenientLimits {
    /// Values inside each other, the outermost included.
    pub depth: usize,
    /// Bytes of a string, a bare word, a number or a comment.
    pub token_bytes: usize,
    /// Characters that all attempts at one text may look at together, for each byte of the text...
    pub steps_a_byte: usize,
    /// ... and beyond that.
    pub steps: usize,
}

/// No honest answer to a benchmark nests deeper or holds longer strings.
impl Default for LenientLimits {
    fn default() -> Self {
        Self { depth: 8, token_bytes: 256, steps_a_byte: 32, steps: 1_000 }
    }
}

/// Reads values at given places of one text. All attempts together look at no more than a fixed
/// number of characters for each byte of the text; after that nothing is a value any more.
#[derive(Debug)]
pub struct LenientReader<'a> {
    text: &'a str,
    at: usize,
    /// Characters that may still be looked at.
    fuel: usize,
    limits: LenientLimits,
}

impl<'a> LenientReader<'a> {
    /// A reader of values in `text` within the usual limits.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self::with_limits(text, LenientLimits::default())
    }

    /// A reader of values in `text`.
    #[must_use]
    pub fn with_limits(text: &'a str, limits: LenientLimits) -> Self {
        let fuel = limits.steps_a_byte.saturating_mul(text.len()).saturating_add(limits.steps);
        Self { text, at: 0, fuel, limits }
    }

    /// The value that starts at byte `start` (white space before it aside), and the byte after it.
    /// `start` is a place between two characters of the text.
    pub fn read(&mut self, start: usize) -> Option<(LenientValue, usize)> {
        self.at = start;
        let value = self.value(self.limits.depth)?;
        Some((value, self.at))
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        self.fuel = self.fuel.checked_sub(1)?;
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.peek() == Some(wanted) && self.bump().is_some()
    }

    /// White space, and comments of Python and JSON5.
    fn skip_space(&mut self) -> Option<()> {
        loop {
            match self.peek() {
                Some(c) if c.is_whitespace() => {
                    self.bump()?;
                }
                Some('#') => self.skip_line()?,
                Some('/') if self.text[self.at..].starts_with("//") => self.skip_line()?,
                _ => return Some(()),
            }
        }
    }

    fn skip_line(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|c| c != '\n') {
            self.bump()?;
            if self.at - start > self.limits.token_bytes {
                return None;
            }
        }
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<LenientValue> {
        let depth = depth.checked_sub(1)?;
        self.skip_space()?;
        match self.peek()? {
            '{' => self.braces(depth),
            '[' => self.sequence(']', depth),
            '(' => self.parenthesis(depth),
            c if closing_quote(c).is_some() => self.string().map(LenientValue::Text),
            c if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => self.number(),
            c if c.is_alphabetic() || c == '_' => self.word(),
            _ => None,
        }
    }

    /// A dict or a set.
    fn braces(&mut self, depth: usize) -> Option<LenientValue> {
        self.bump()?;
        let mut entries = Vec::new();
        let mut items = Vec::new();
        loop {
            self.skip_space()?;
            if self.eat('}') {
                break;
            }
            let first = self.value(depth)?;
            self.skip_space()?;
            if self.eat(':') {
                entries.push((first, self.value(depth)?));
            } else {
                items.push(first);
            }
            self.skip_space()?;
            if !self.eat(',') {
                self.eat('}').then_some(())?;
                break;
            }
        }
        match (entries.is_empty(), items.is_empty()) {
            (_, true) => Some(LenientValue::Dict(entries)),
            (true, false) => Some(LenientValue::Sequence(items)),
            (false, false) => None,
        }
    }

    /// A tuple, or a value in parentheses.
    fn parenthesis(&mut self, depth: usize) -> Option<LenientValue> {
        let start = self.at;
        let items = self.sequence(')', depth)?;
        let tuple = self.text[start..self.at].trim_end_matches([')', ' ']).ends_with(',');
        match items {
            LenientValue::Sequence(mut items) if items.len() == 1 && !tuple => items.pop(),
            items => Some(items),
        }
    }

    fn sequence(&mut self, close: char, depth: usize) -> Option<LenientValue> {
        self.bump()?;
        let mut items = Vec::new();
        loop {
            self.skip_space()?;
            if self.eat(close) {
                return Some(LenientValue::Sequence(items));
            }
            items.push(self.value(depth)?);
            self.skip_space()?;
            if !self.eat(',') {
                return self.eat(close).then_some(LenientValue::Sequence(items));
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        let close = closing_quote(self.bump()?)?;
        let mut text = String::new();
        loop {
            if self.at - start > self.limits.token_bytes {
                return None;
            }
            match self.bump()? {
                c if close.contains(c) => return Some(text),
                '\\' => match self.bump()? {
                    // JSON has this one, Python has not.
                    '/' => text.push('/'),
                    c @ ('n' | 't' | '\\' | '\'' | '"') => text.push_str(simple_escape(c)?),
                    // Codes of characters have no place in names and numbers.
                    _ => return None,
                },
                c => text.push(c),
            }
        }
    }

    fn number(&mut self) -> Option<LenientValue> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || "+-._".contains(c)) {
            self.bump()?;
            if self.at - start > self.limits.token_bytes {
                return None;
            }
        }
        let written = &self.text[start..self.at];
        is_decimal(written).then(|| LenientValue::Number(written.to_owned()))
    }

    fn word(&mut self) -> Option<LenientValue> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) {
            self.bump()?;
            if self.at - start > self.limits.token_bytes {
                return None;
            }
        }
        Some(match &self.text[start..self.at] {
            "None" | "null" | "nil" | "NULL" | "Null" | "none" => LenientValue::Absent,
            "true" | "True" => LenientValue::Flag(true),
            "false" | "False" => LenientValue::Flag(false),
            word => LenientValue::Word(word.to_owned()),
        })
    }
}

/// The marks that close a string which `open` opens, if it opens one.
fn closing_quote(open: char) -> Option<&'static str> {
    Some(match open {
        '\'' => "'",
        '"' => "\"",
        '`' => "`",
        '“' | '”' => "”“",
        '„' => "“”",
        '‘' | '’' => "’‘",
        '‚' => "‘’",
        '«' => "»",
        '»' => "«",
        '‹' => "›",
        '「' => "」",
        '『' => "』",
        '＂' => "＂",
        _ => return None,
    })
}

/// Whether a text is a decimal number in a notation that Python and JSON share: sign, digits, fraction, exponent; no NaN, no infinity.
#[must_use]
pub fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
        }
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let short_exponent = |part: &str| (1..=2).contains(&part.len()) && digits(part);
    !(whole.is_empty() && fraction.is_empty())
        && digits(whole)
        && digits(fraction)
        && exponent.is_none_or(short_exponent)
        && text.len() <= 40
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> LenientValue {
        LenientValue::Text(text.to_owned())
    }

    fn number(text: &str) -> LenientValue {
        LenientValue::Number(text.to_owned())
    }

    #[test]
    fn python_json_and_what_lies_between_are_read() {
        let dog = LenientValue::Dict(vec![(text("dog"), number("2"))]);
        for written in
            ["{'dog': 2}", "{\"dog\": 2,}", "{“dog”: 2}", " {'dog': # so\n 2 } ", "({'dog': 2})"]
        {
            assert_eq!(LenientValue::whole(written), Some(dog.clone()), "{written}");
        }
        assert_eq!(
            LenientValue::whole("[None, null, True, x, (1,), (1)]"),
            Some(LenientValue::Sequence(vec![
                LenientValue::Absent,
                LenientValue::Absent,
                LenientValue::Flag(true),
                LenientValue::Word("x".into()),
                LenientValue::Sequence(vec![number("1")]),
                number("1"),
            ]))
        );
        assert_eq!(LenientValue::whole("{}"), Some(LenientValue::Dict(Vec::new())));
        assert_eq!(LenientValue::whole("'it\\'s'"), Some(text("it's")));
    }

    #[test]
    fn repeated_keys_are_kept() {
        let twice = LenientValue::whole("{'a': 1, 'a': 2}").unwrap();
        assert_eq!(twice.as_dict().unwrap().len(), 2);
    }

    #[test]
    fn what_is_broken_is_no_value() {
        for broken in [
            "{'dog': 2",
            "{'dog' 2}",
            "[1 2]",
            "{'dog's': 1}",
            "[1, 2)",
            "1.2.3",
            "1%",
            "0x10",
            "{'a': 1, 2}",
            "nan nan",
            "",
            "[...]",
            "\"\\ud800\"",
            "1e999",
        ] {
            assert_eq!(LenientValue::whole(broken), None, "{broken}");
        }
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert_eq!(LenientValue::whole(&deep), None);
    }
}
