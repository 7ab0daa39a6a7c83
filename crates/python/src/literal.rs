//! `ast.literal_eval`: strings, bytes, numbers, tuples, lists, dicts, sets, booleans, `None`, `...`.
//!
//! Python parses an expression and then refuses what is no literal. Both refusals are one here, so
//! a reader of just the literal forms is enough, and its depth and time are bounded on any input.

use crate::dict::Key;
use crate::literal_text::Text;
use crate::{Dict, LiteralError, Value, convert, literal_number};

/// Brackets inside each other, where Python's tokenizer ends reading.
const MAX_DEPTH: usize = 200;

/// `ast.literal_eval(text)`. A lone surrogate becomes U+FFFD.
pub fn literal_eval(text: &str) -> Result<Value, LiteralError> {
    // Python translates line ends in source text before it reads it.
    let source = text.trim_start_matches([' ', '\t']).replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = Reader { source: &source, offset: 0, depth: 0 };
    if source.contains('\0') {
        return Err(reader.error("a null character stands in it"));
    }
    reader.skip_leading_lines()?;
    reader.items_until_end()
}

/// What an operand is, which decides what may be done with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A number as written: it may take a sign.
    Number,
    /// A number with a sign: it may open a complex sum.
    Signed,
    /// Anything else: it stands for itself.
    Whole,
}

/// Whether a line of blanks counts as indented: a comment makes it empty, a form feed starts it
/// anew, and a continued line is as indented as any of its parts.
fn is_indented(line: &str) -> bool {
    let measured = |part: &str| part.rsplit('\x0c').next().is_some_and(|rest| !rest.is_empty());
    !line.contains('#') && line.split("\\\n").any(measured)
}

/// Reads one source text from `offset` on.
pub(crate) struct Reader<'a> {
    source: &'a str,
    pub(crate) offset: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn error(&self, reason: &'static str) -> LiteralError {
        LiteralError { offset: self.offset, reason }
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.source[self.offset..]
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.source.as_bytes().get(self.offset).copied()
    }

    /// Takes `text` if it is next.
    pub(crate) fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.offset += text.len();
        }
        found
    }

    fn skip_comment(&mut self) {
        if self.peek() == Some(b'#') {
            self.offset += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    /// Blank lines and comments; the first line of code must not be indented.
    fn skip_leading_lines(&mut self) -> Result<(), LiteralError> {
        loop {
            let mut column = 0;
            while let Some(byte @ (b' ' | b'\t' | b'\x0c')) = self.peek() {
                // A form feed starts the line anew.
                column = if byte == b'\x0c' { 0 } else { column + 1 };
                self.offset += 1;
            }
            self.skip_comment();
            if !self.take("\n") {
                let indented = column > 0 && !self.rest().is_empty();
                return if indented { Err(self.error("the line is indented")) } else { Ok(()) };
            }
        }
    }

    /// White space between tokens; inside brackets also line ends and comments.
    fn skip_space(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\x0c') => self.offset += 1,
                Some(b'\n') if self.depth > 0 => self.offset += 1,
                Some(b'#') => self.skip_comment(),
                // A continued line must exist.
                Some(b'\\') if self.rest().starts_with("\\\n") && self.rest().len() > 2 => {
                    self.offset += 2;
                }
                _ => return,
            }
        }
    }

    /// The whole expression: one value, or a tuple without parentheses, and nothing after it.
    fn items_until_end(&mut self) -> Result<Value, LiteralError> {
        let (first, _) = self.operation()?;
        let mut items = vec![first];
        let mut tuple = false;
        while self.take(",") {
            tuple = true;
            self.skip_space();
            if matches!(self.peek(), None | Some(b'\n')) {
                break;
            }
            items.push(self.operation()?.0);
        }
        loop {
            let line = self.offset;
            self.skip_space();
            if self.take("\n") {
                continue;
            }
            // Python takes blanks that end the text after a line end for an indented line.
            let last = &self.source[line..self.offset];
            let starts_a_line = self.source[..line].ends_with('\n');
            if starts_a_line && self.rest().is_empty() && is_indented(last) {
                return Err(self.error("the last line is indented"));
            }
            break;
        }
        if !self.rest().is_empty() {
            return Err(self.error("the expression ends before the text does"));
        }
        Ok(match items.pop() {
            Some(only) if !tuple => only,
            last => {
                items.extend(last);
                Value::Tuple(items)
            }
        })
    }

    /// An operand or the sum of a real and an imaginary one, and the space after it.
    fn operation(&mut self) -> Result<(Value, Kind), LiteralError> {
        let (left, kind) = self.operand()?;
        let negative = match self.peek() {
            Some(b'+') => false,
            Some(b'-') => true,
            _ => return Ok((left, kind)),
        };
        self.offset += 1;
        let (right, right_kind) = self.operand()?;
        let refused = LiteralError { offset: self.offset, reason: "only complex numbers are sums" };
        let real = match &left {
            _ if kind == Kind::Whole || right_kind != Kind::Number => return Err(refused),
            Value::Float(real) => *real,
            Value::Int(real) => convert::int_to_float(real).ok_or(refused)?,
            _ => return Err(refused),
        };
        let Value::Complex(right_real, imaginary) = right else { return Err(refused) };
        let sum = if negative {
            Value::Complex(real - right_real, 0.0 - imaginary)
        } else {
            Value::Complex(real + right_real, 0.0 + imaginary)
        };
        if matches!(self.peek(), Some(b'+' | b'-')) {
            return Err(self.error("only complex numbers are sums"));
        }
        Ok((sum, Kind::Whole))
    }

    /// One value, maybe signed, and the space around it.
    fn operand(&mut self) -> Result<(Value, Kind), LiteralError> {
        self.skip_space();
        let sign = self.peek().filter(|byte| matches!(byte, b'+' | b'-'));
        if sign.is_none() {
            let atom = self.atom()?;
            self.skip_space();
            return Ok(atom);
        }
        self.offset += 1;
        self.skip_space();
        let (number, kind) = self.atom()?;
        self.skip_space();
        if kind != Kind::Number {
            return Err(self.error("only a number can have a sign"));
        }
        let number = match number {
            number if sign == Some(b'+') => number,
            Value::Int(number) => Value::Int(-number),
            Value::Float(number) => Value::Float(-number),
            Value::Complex(real, imaginary) => Value::Complex(-real, -imaginary),
            _ => return Err(self.error("only a number can have a sign")),
        };
        Ok((number, Kind::Signed))
    }

    fn atom(&mut self) -> Result<(Value, Kind), LiteralError> {
        let whole = |value| Ok((value, Kind::Whole));
        match self.peek() {
            Some(b'(') => self.bracketed(Self::parenthesised),
            Some(b'[') => self.bracketed(|reader| {
                let (items, _) = reader.items(b']')?;
                whole(Value::List(items))
            }),
            Some(b'{') => self.bracketed(|reader| whole(reader.braced()?)),
            Some(b'0'..=b'9') => Ok((literal_number::read(self)?, Kind::Number)),
            Some(b'.') if self.rest().as_bytes().get(1).is_some_and(u8::is_ascii_digit) => {
                Ok((literal_number::read(self)?, Kind::Number))
            }
            Some(b'.') if self.take("...") => whole(Value::Ellipsis),
            Some(b'\'' | b'"') => whole(self.strings()?),
            Some(_) => whole(self.word()?),
            None => Err(self.error("a value is expected")),
        }
    }

    /// Counts the bracket, takes it and hands what is inside to `read`, which takes its end.
    fn bracketed(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<(Value, Kind), LiteralError>,
    ) -> Result<(Value, Kind), LiteralError> {
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

    /// A value in parentheses stays what it is; a comma makes a tuple.
    fn parenthesised(&mut self) -> Result<(Value, Kind), LiteralError> {
        if self.take(")") {
            return Ok((Value::Tuple(Vec::new()), Kind::Whole));
        }
        let (first, kind) = self.operation()?;
        if self.take(")") {
            return Ok((first, kind));
        }
        if !self.take(",") {
            return Err(self.error("`,` or `)` is expected"));
        }
        self.skip_space();
        let (rest, _) = self.items(b')')?;
        let items = std::iter::once(first).chain(rest).collect();
        Ok((Value::Tuple(items), Kind::Whole))
    }

    /// Values separated by commas up to `close`, which is taken.
    fn items(&mut self, close: u8) -> Result<(Vec<Value>, Kind), LiteralError> {
        let mut items = Vec::new();
        loop {
            if self.peek() == Some(close) {
                self.offset += 1;
                return Ok((items, Kind::Whole));
            }
            items.push(self.operation()?.0);
            if self.take(",") {
                self.skip_space();
            } else if self.peek() != Some(close) {
                return Err(self.error("`,` or a closing bracket is expected"));
            }
        }
    }

    /// A dict or a set.
    fn braced(&mut self) -> Result<Value, LiteralError> {
        if self.take("}") {
            return Ok(Value::Dict(Dict::default()));
        }
        let (first, _) = self.operation()?;
        if self.peek() != Some(b':') {
            let mut items = vec![first];
            if self.take(",") {
                self.skip_space();
                items.extend(self.items(b'}')?.0);
            } else if !self.take("}") {
                return Err(self.error("`,`, `:` or `}` is expected"));
            }
            return self.set(items);
        }
        let mut dict = Dict::default();
        let mut key = first;
        loop {
            if !self.take(":") {
                return Err(self.error("`:` is expected"));
            }
            let (value, _) = self.operation()?;
            if !dict.insert(key, value) {
                return Err(self.error("the key is not hashable"));
            }
            if self.take(",") {
                self.skip_space();
            } else if self.peek() != Some(b'}') {
                return Err(self.error("`,` or `}` is expected"));
            }
            if self.take("}") {
                return Ok(Value::Dict(dict));
            }
            key = self.operation()?.0;
        }
    }

    fn set(&self, items: Vec<Value>) -> Result<Value, LiteralError> {
        let mut seen = std::collections::HashSet::new();
        let mut distinct = Vec::with_capacity(items.len());
        for item in items {
            let key = Key::of(&item).ok_or_else(|| self.error("the element is not hashable"))?;
            if seen.insert(key) {
                distinct.push(item);
            }
        }
        Ok(Value::Set(distinct))
    }

    /// A constant, a string with a prefix, or `set()`.
    fn word(&mut self) -> Result<Value, LiteralError> {
        let word: &str = {
            let rest = self.rest();
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            &rest[..end.unwrap_or(rest.len())]
        };
        if self.rest()[word.len()..].starts_with(['\'', '"']) {
            return self.strings();
        }
        let value = match word {
            "None" => Value::None,
            "True" => Value::Bool(true),
            "False" => Value::Bool(false),
            "set" => Value::Set(Vec::new()),
            _ => return Err(self.error("only literals are read")),
        };
        self.offset += word.len();
        if word == "set" {
            self.skip_space();
            let (called, _) = match self.peek() {
                Some(b'(') => self.bracketed(Self::parenthesised)?,
                _ => return Err(self.error("only literals are read")),
            };
            if called != Value::Tuple(Vec::new()) {
                return Err(self.error("only an empty `set()` is read"));
            }
        }
        Ok(value)
    }

    /// One string literal or several in a row, which are one.
    fn strings(&mut self) -> Result<Value, LiteralError> {
        let mut whole: Option<Text> = None;
        loop {
            let piece = Text::read(self)?;
            let joined = match whole {
                None => Some(piece),
                Some(whole) => whole.join(piece),
            };
            whole = Some(joined.ok_or_else(|| self.error("bytes and text do not mix"))?);
            self.skip_space();
            if !Text::is_next(self) {
                return Ok(whole.map_or(Value::None, Text::into_value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repr;

    fn evaluated(text: &str) -> String {
        literal_eval(text).map_or_else(|error| error.reason.to_owned(), |value| repr(&value))
    }

    /// Every expected value was printed by Python 3.11.
    #[test]
    fn literals_are_read() {
        for (text, value) in [
            (" \t{'a': [1, 2.5, -3], \"b\": (None,)}", "{'a': [1, 2.5, -3], 'b': (None,)}"),
            ("{'a': 1, 'b': 2, 'a': 3,}", "{'a': 3, 'b': 2}"),
            ("{1: 'x', True: 'y', 1.0: 'z'}", "{1: 'z'}"),
            ("\n# lead\n\n1 # tail\n  \n # more", "1"),
            ("[1,\n  2, # two\n\t3]", "[1, 2, 3]"),
            ("1, 'a' 'b' \"c\"", "(1, 'abc')"),
            ("1,", "(1,)"),
            ("{1, 1.0, 2}", "{1, 2}"),
            ("set ( )", "set()"),
            ("(((-1)))", "-1"),
            ("-(1)", "-1"),
            ("-1-2j", "(-1-2j)"),
            ("(1)+(2j)", "(1+2j)"),
            ("[+1, -0.0, -2j]", "[1, -0.0, (-0-2j)]"),
            ("1 + \\\n 2j", "(1+2j)"),
            ("...", "Ellipsis"),
            ("'a'\r\n", "'a'"),
            ("{}\n\n \n", "{}"),
            ("{}\n # after", "{}"),
            ("{}\n \x0c", "{}"),
            ("{} ", "{}"),
            ("{}", "{}"),
            ("()", "()"),
        ] {
            assert_eq!(evaluated(text), value, "{text:?}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            " ",
            "{}\n ",
            "{1:\n 2}\n\t",
            "# only",
            "null",
            "true",
            "1+2",
            "--1",
            "-True",
            "+'a'",
            "not 1",
            "x",
            "[1 2]",
            "[,]",
            "(,)",
            "{'a'}:",
            "{'a': 1, 'b'}",
            "{'a', 'b': 1}",
            "{[]: 1}",
            "{{}}",
            "{([],): 1}",
            "f'a'",
            "b'a' 'b'",
            "set(1)",
            "set()()",
            "set",
            "(set)",
            "list()",
            "1 if 1 else 2",
            "[x for x in []]",
            "[*()]",
            "{**{}}",
            "\n 1",
            "1\n2",
            "1;",
            "'a",
            "[1",
            "1]",
            "1 2",
            "1j+1",
            "1+2j+3j",
            "1+-2j",
            "'\n'",
            "1\0",
            "a.b",
            "1.real",
            "lambda: 1",
            "\u{feff}1",
            "\u{a0}1",
            "１",
            "[1]\\",
            "\"\"\"a\"\"",
            "...a",
            "None None",
            "print(1)",
        ] {
            assert!(literal_eval(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn hostile_nesting_is_an_error() {
        for (open, close) in [("[", "]"), ("(", ",)"), ("{1:", "}"), ("(", ")")] {
            let deep = |n: usize| open.repeat(n) + "1" + &close.repeat(n);
            assert!(literal_eval(&deep(MAX_DEPTH)).is_ok(), "{open}");
            assert!(literal_eval(&deep(MAX_DEPTH + 1)).is_err(), "{open}");
        }
        for text in [
            "[",
            "-",
            "(",
            "{",
            "not ",
            "1+",
            "1**",
            "lambda:",
            "a.",
            "1 if 1 else ",
            "f'{",
            "\\\n",
            "(",
        ] {
            assert!(literal_eval(&text.repeat((1 << 20) / text.len())).is_err(), "{text}");
        }
    }
}
