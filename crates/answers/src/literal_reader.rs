//! Reading values out of running text, in linear time whatever the text.

use crate::literal::Literal;

/// No honest answer nests deeper.
const DEPTH: usize = 8;

/// No honest answer holds a longer string, comment or number.
const TOKEN_BYTES: usize = 256;

/// Reads values at given places of one text. All attempts together look at no more than a fixed
/// number of characters for each byte of the text; after that nothing is a value any more.
pub(crate) struct LiteralReader<'a> {
    text: &'a str,
    at: usize,
    fuel: usize,
}

impl<'a> LiteralReader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, fuel: 32 * text.len() + 1_000 }
    }

    /// The value that starts at byte `start` (white space before it aside), and the byte after it.
    pub(crate) fn read(&mut self, start: usize) -> Option<(Literal, usize)> {
        self.at = start;
        let value = self.value(DEPTH)?;
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
            if self.at - start > TOKEN_BYTES {
                return None;
            }
        }
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Literal> {
        let depth = depth.checked_sub(1)?;
        self.skip_space()?;
        match self.peek()? {
            '{' => self.braces(depth),
            '[' => self.sequence(']', depth),
            '(' => self.parenthesis(depth),
            c if closing_quote(c).is_some() => self.string().map(Literal::Text),
            c if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => self.number(),
            c if c.is_alphabetic() || c == '_' => self.word(),
            _ => None,
        }
    }

    /// A dict or a set.
    fn braces(&mut self, depth: usize) -> Option<Literal> {
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
            (_, true) => Some(Literal::Dict(entries)),
            (true, false) => Some(Literal::Sequence(items)),
            (false, false) => None,
        }
    }

    /// A tuple, or a value in parentheses.
    fn parenthesis(&mut self, depth: usize) -> Option<Literal> {
        let start = self.at;
        let items = self.sequence(')', depth)?;
        let tuple = self.text[start..self.at].trim_end_matches([')', ' ']).ends_with(',');
        match items {
            Literal::Sequence(mut items) if items.len() == 1 && !tuple => items.pop(),
            items => Some(items),
        }
    }

    fn sequence(&mut self, close: char, depth: usize) -> Option<Literal> {
        self.bump()?;
        let mut items = Vec::new();
        loop {
            self.skip_space()?;
            if self.eat(close) {
                return Some(Literal::Sequence(items));
            }
            items.push(self.value(depth)?);
            self.skip_space()?;
            if !self.eat(',') {
                return self.eat(close).then_some(Literal::Sequence(items));
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        let close = closing_quote(self.bump()?)?;
        let mut text = String::new();
        loop {
            if self.at - start > TOKEN_BYTES {
                return None;
            }
            match self.bump()? {
                c if close.contains(c) => return Some(text),
                '\\' => match self.bump()? {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    c @ ('\\' | '\'' | '"' | '/') => text.push(c),
                    // Codes of characters have no place in names and numbers.
                    _ => return None,
                },
                c => text.push(c),
            }
        }
    }

    fn number(&mut self) -> Option<Literal> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || "+-._".contains(c)) {
            self.bump()?;
            if self.at - start > TOKEN_BYTES {
                return None;
            }
        }
        let written = &self.text[start..self.at];
        is_number(written).then(|| Literal::Number(written.to_owned()))
    }

    fn word(&mut self) -> Option<Literal> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) {
            self.bump()?;
            if self.at - start > TOKEN_BYTES {
                return None;
            }
        }
        Some(match &self.text[start..self.at] {
            "None" | "null" | "nil" | "NULL" | "Null" | "none" => Literal::Absent,
            "true" | "True" => Literal::Flag(true),
            "false" | "False" => Literal::Flag(false),
            word => Literal::Word(word.to_owned()),
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

/// Whether this is a decimal number: sign, digits, fraction, exponent; no NaN, no infinity.
pub(crate) fn is_number(text: &str) -> bool {
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

    fn text(text: &str) -> Literal {
        Literal::Text(text.to_owned())
    }

    fn number(text: &str) -> Literal {
        Literal::Number(text.to_owned())
    }

    #[test]
    fn python_json_and_what_lies_between_are_read() {
        let dog = Literal::Dict(vec![(text("dog"), number("2"))]);
        for written in
            ["{'dog': 2}", "{\"dog\": 2,}", "{“dog”: 2}", " {'dog': # so\n 2 } ", "({'dog': 2})"]
        {
            assert_eq!(Literal::whole(written), Some(dog.clone()), "{written}");
        }
        assert_eq!(
            Literal::whole("[None, null, True, x, (1,), (1)]"),
            Some(Literal::Sequence(vec![
                Literal::Absent,
                Literal::Absent,
                Literal::Flag(true),
                Literal::Word("x".into()),
                Literal::Sequence(vec![number("1")]),
                number("1"),
            ]))
        );
        assert_eq!(Literal::whole("{}"), Some(Literal::Dict(Vec::new())));
        assert_eq!(Literal::whole("'it\\'s'"), Some(text("it's")));
    }

    #[test]
    fn repeated_keys_are_kept() {
        let twice = Literal::whole("{'a': 1, 'a': 2}").unwrap();
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
            assert_eq!(Literal::whole(broken), None, "{broken}");
        }
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert_eq!(Literal::whole(&deep), None);
    }
}
