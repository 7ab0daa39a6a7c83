//! Running text as numbers, words and brackets.

use std::ops::Range;

/// A piece of text that matters for boxes. Quotes, emphasis and commas do not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) span: Range<usize>,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind<'a> {
    /// A number that stands alone.
    Number(f64, Unit),
    /// A word, also with digits in it: `dog_1`, `x2`, `3rd`.
    Word(&'a str),
    Open,
    Close,
    /// `:` or `=`.
    Assign,
    /// The end of a sentence or of a line.
    End,
    /// An empty line.
    Gap,
    /// Anything else that parts numbers without ending anything.
    Light,
}

/// The unit that directly follows a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    None,
    Percent,
    Pixels,
}

/// Cuts a text into tokens. Time is linear.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new() };
    while let Some(c) = lexer.peek() {
        lexer.step(c);
    }
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token<'a>>,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl<'a> Lexer<'a> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn push(&mut self, kind: Kind<'a>, length: usize) {
        self.tokens.push(Token { kind, span: self.at..self.at + length });
        self.at += length;
    }

    fn step(&mut self, c: char) {
        let rest = &self.text[self.at..];
        let second = rest[c.len_utf8()..].chars().next();
        let starts_number =
            c.is_ascii_digit() || (matches!(c, '.' | '-' | '+' | '−') && self.starts_signed(rest));
        match c {
            _ if starts_number => self.number(rest),
            _ if is_word(c) => {
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                self.push(Kind::Word(&rest[..length]), length);
            }
            '[' | '(' | '{' | '［' | '（' | '｛' | '【' => self.push(Kind::Open, c.len_utf8()),
            ']' | ')' | '}' | '］' | '）' | '｝' | '】' => self.push(Kind::Close, c.len_utf8()),
            ':' | '=' | '：' => self.push(Kind::Assign, c.len_utf8()),
            '\n' => {
                let blank = rest.len() - rest.trim_start().len();
                let lines = rest[..blank].bytes().filter(|&byte| byte == b'\n').count();
                self.push(if lines > 1 { Kind::Gap } else { Kind::End }, blank);
            }
            '.' | '。' | '!' | '?' | '！' | '？' if second.is_none_or(char::is_whitespace) => {
                self.push(Kind::End, c.len_utf8());
            }
            '。' => self.push(Kind::End, c.len_utf8()),
            ' ' | '\t' | '\r' => self.at += 1,
            _ => self.push(Kind::Light, c.len_utf8()),
        }
    }

    /// Whether a sign or a point belongs to a number: `-3`, `.5`, but not the dash of `2-3`.
    fn starts_signed(&self, rest: &str) -> bool {
        let before = self.text[..self.at].chars().next_back();
        let digits = rest.trim_start_matches(['-', '+', '−', '.']);
        let signs = rest.len() - digits.len();
        signs <= 4
            && digits.starts_with(|c: char| c.is_ascii_digit())
            && !before.is_some_and(|c| is_word(c) || c == ')' || c == ']' || c == '%')
    }

    fn number(&mut self, rest: &'a str) {
        let sign =
            rest.chars().next().filter(|c| matches!(c, '-' | '+' | '−')).map_or(0, char::len_utf8);
        let body = &rest[sign..];
        let mut length = digits(body);
        if let Some(fraction) = body[length..].strip_prefix('.') {
            let fraction = digits(fraction);
            // The point after `5. ` ends a sentence or numbers a list.
            if fraction > 0 {
                length += 1 + fraction;
            }
        }
        if let Some(exponent) = body[length..].strip_prefix(['e', 'E']) {
            let sign = usize::from(exponent.starts_with(['-', '+']));
            let exponent = digits(&exponent[sign..]);
            if exponent > 0 {
                length += 1 + sign + exponent;
            }
        }
        let written = &body[..length];
        let after = &body[length..];
        let value = written.parse::<f64>().ok().filter(|value| value.is_finite());
        let value =
            if sign > 0 && !rest.starts_with('+') { value.map(|value| -value) } else { value };
        let (unit, unit_length) = unit(after);
        let after = &after[unit_length..];
        let is_glued = after.starts_with(is_word)
            // Times and versions: 0:05, 1.2.3.
            || [':', '.'].iter().any(|&mark| {
                after.strip_prefix(mark).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            });
        let length = sign + length + unit_length;
        match value {
            Some(value) if !is_glued => {
                if let Some(denominator) = after.strip_prefix('/').and_then(whole) {
                    let length = length + 1 + denominator.1;
                    return self.push(Kind::Number(value / denominator.0, unit), length);
                }
                self.push(Kind::Number(value, unit), length);
            }
            _ => {
                let tail =
                    after.find(|c| !(is_word(c) || c == ':' || c == '.')).unwrap_or(after.len());
                let tail = after[..tail].trim_end_matches(['.', ':']).len();
                self.push(Kind::Word(&rest[..length + tail]), (length + tail).max(1));
            }
        }
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// A number above 0 at the start of a text, and its length.
fn whole(text: &str) -> Option<(f64, usize)> {
    let length = digits(text);
    let value = text[..length].parse::<f64>().ok().filter(|&value| value > 0.0)?;
    (!text[length..].starts_with(is_word)).then_some((value, length))
}

/// The unit at the start of a text, and its length with the space before it.
fn unit(text: &str) -> (Unit, usize) {
    let bare = text.trim_start_matches([' ', '\\']);
    let space = text.len() - bare.len();
    let ends = |length: usize| !bare[length..].starts_with(is_word);
    if bare.starts_with('%') || bare.starts_with('％') {
        return (Unit::Percent, space + if bare.starts_with('%') { 1 } else { '％'.len_utf8() });
    }
    for (name, unit) in [
        ("px", Unit::Pixels),
        ("pixels", Unit::Pixels),
        ("pixel", Unit::Pixels),
        ("percent", Unit::Percent),
    ] {
        if bare.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            && ends(name.len())
        {
            return (unit, space + name.len());
        }
    }
    (Unit::None, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let shown = |token: &Token<'_>| match token.kind {
            Kind::Number(value, Unit::None) => value.to_string(),
            Kind::Number(value, Unit::Percent) => format!("{value}%"),
            Kind::Number(value, Unit::Pixels) => format!("{value}px"),
            Kind::Word(word) => word.to_owned(),
            Kind::Open => "<".to_owned(),
            Kind::Close => ">".to_owned(),
            Kind::Assign => "=".to_owned(),
            Kind::End => "END".to_owned(),
            Kind::Gap => "GAP".to_owned(),
            Kind::Light => ",".to_owned(),
        };
        tokens(text).iter().map(shown).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn numbers_stand_alone() {
        for (text, wanted) in [
            ("[0.1, .2,-3, +4]", "< 0.1 , 0.2 , -3 , 4 >"),
            ("10%, 20 %, 30px, 40 pixels", "10% , 20% , 30px , 40px"),
            ("dog_1 x2 3rd 640x480", "dog_1 x2 3rd 640x480"),
            ("at 5. Then 0:05 and 1.2.3", "at 5 END Then 0:05 and 1.2.3"),
            ("2-3", "2 , 3"),
            ("1/4", "0.25"),
            ("1e3 1e", "1000 1e"),
            ("a: 1\nb=2\n\nc", "a = 1 END b = 2 GAP c"),
            ("左上角(1，2)", "左上角 < 1 , 2 >"),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }
}
