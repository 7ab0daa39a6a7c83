//! Finding a secret in a text, however it is written there: as it is, with characters escaped as in
//! JSON, URLs or HTML, in hexadecimal, or as any part of a text in base64.

/// What stands where a secret stood.
const HIDDEN: &str = "[key]";
/// Shorter secrets (`EMPTY`, `none`) guard nothing and may be ordinary words, so they are left alone.
const SHORTEST: usize = 8;

/// One way to write a secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Needle {
    bytes: Vec<u8>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The secret itself.
    Plain,
    /// Its digits in hexadecimal, in lower case.
    Hex,
    /// What of it stands the same in every text in base64 that holds it at this place.
    Base64,
}

/// All ways to write a secret; none for one that is too short.
pub(crate) fn needles(secret: &str) -> Vec<Needle> {
    if secret.len() < SHORTEST {
        return Vec::new();
    }
    let mut needles = vec![
        Needle { bytes: secret.as_bytes().to_vec(), kind: Kind::Plain },
        Needle { bytes: hex::encode(secret).into_bytes(), kind: Kind::Hex },
    ];
    // Three bytes make four characters, so there are three ways in which a secret can lie in them.
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(secret.as_bytes());
        let encoded = base64_simd::STANDARD_NO_PAD.encode_to_string(&bytes).into_bytes();
        // Characters at both ends that depend on what stands beside the secret, too.
        let start = [0, 2, 3][before];
        let end = bytes.len() * 8 / 6;
        needles.push(Needle { bytes: encoded[start..end].to_vec(), kind: Kind::Base64 });
    }
    needles
}

/// `text` with every secret taken out.
pub(crate) fn redact(text: String, needles: &[Needle]) -> String {
    let bytes = text.as_bytes();
    let mut may_begin = [false; 256];
    for first in needles.iter().filter_map(|needle| needle.bytes.first()) {
        may_begin[usize::from(first.to_ascii_lowercase())] = true;
        may_begin[usize::from(*first)] = true;
        may_begin[usize::from(first.to_ascii_uppercase())] = true;
    }
    if !needles.is_empty() {
        for mark in *b"\\%&+/-_" {
            may_begin[usize::from(mark)] = true;
        }
    }
    let mut clean = String::new();
    let (mut done, mut at) = (0, 0);
    while at < bytes.len() {
        let found = may_begin[usize::from(bytes[at])]
            .then(|| needles.iter().find_map(|needle| needle.find(bytes, at, done)))
            .flatten();
        match found {
            Some((start, end)) => {
                clean.push_str(&text[done..start]);
                clean.push_str(HIDDEN);
                (done, at) = (end, end);
            }
            None => at += 1,
        }
    }
    if done == 0 && clean.is_empty() {
        return text;
    }
    clean.push_str(&text[done..]);
    clean
}

impl Needle {
    /// How many bytes it has; longer ones are to be looked for first.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Where the secret stands if it begins at `at`; what goes before `from` is settled.
    fn find(&self, text: &[u8], at: usize, from: usize) -> Option<(usize, usize)> {
        // A secret may hold the very characters that begin escapes.
        let end = self.end(text, at, false).or_else(|| self.end(text, at, true))?;
        if self.kind != Kind::Base64 {
            return Some((at, end));
        }
        // The rest of the text in base64 holds the ends of the secret and what it stands with.
        let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
        let before = text[from..at].iter().rev().take_while(|byte| is_digit(byte)).count();
        let after = text[end..].iter().take_while(|byte| is_digit(byte)).count();
        Some((at - before, end + after))
    }

    /// Where the secret ends if it begins at `at`. `escapes_first` decides what a character is that both
    /// stands in the secret and begins an escape.
    fn end(&self, text: &[u8], at: usize, escapes_first: bool) -> Option<usize> {
        let mut left = self.bytes.as_slice();
        let mut end = at;
        while let Some(&wanted) = left.first() {
            let is_same = self.kind.is_same(*text.get(end)?, wanted);
            let escape = || {
                let (character, length) = unescape(&text[end..])?;
                let bytes = character.bytes();
                let pairs = || bytes.iter().zip(left);
                let fits = left.len() >= bytes.len()
                    && pairs().all(|(&found, &wanted)| self.kind.is_same(found, wanted));
                fits.then_some((bytes.len(), length))
            };
            let as_it_is = is_same.then_some((1, 1));
            let (taken, length) =
                if escapes_first { escape().or(as_it_is)? } else { as_it_is.or_else(escape)? };
            left = &left[taken..];
            end += length;
        }
        Some(end)
    }
}

impl Kind {
    fn is_same(self, found: u8, wanted: u8) -> bool {
        match self {
            Self::Plain => found == wanted,
            Self::Hex => found.to_ascii_lowercase() == wanted,
            // URLs have two digits of their own.
            Self::Base64 => match found {
                b'-' => wanted == b'+',
                b'_' => wanted == b'/',
                other => other == wanted,
            },
        }
    }
}

/// A character that was written as an escape: one byte of it, or all.
enum Unescaped {
    Byte([u8; 1]),
    Character([u8; 4], usize),
}

impl Unescaped {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Byte(byte) => byte,
            Self::Character(bytes, length) => &bytes[..*length],
        }
    }

    fn of(code: u32) -> Option<Self> {
        let mut bytes = [0; 4];
        let length = char::from_u32(code)?.encode_utf8(&mut bytes).len();
        Some(Self::Character(bytes, length))
    }
}

/// What the escape at the beginning of a text stands for, and its length.
fn unescape(text: &[u8]) -> Option<(Unescaped, usize)> {
    match text.first()? {
        b'\\' => unescape_backslash(text),
        b'%' => {
            // A percent sign may have been escaped itself, any number of times.
            let mut at = 1;
            while text[at..].starts_with(b"25") {
                at += 2;
            }
            let code = |at: usize| Some((number(text.get(at..at + 2)?, 16)?, at + 2));
            // The last of them may be the percent sign that is meant.
            let (code, length) = (1..=at).rev().step_by(2).find_map(code)?;
            Some((Unescaped::Byte([code as u8]), length))
        }
        b'&' => {
            let end = 1 + text.iter().take(12).skip(1).position(|&byte| byte == b';')?;
            let code = match &text[1..end] {
                b"amp" => u32::from(b'&'),
                b"lt" => u32::from(b'<'),
                b"gt" => u32::from(b'>'),
                b"quot" => u32::from(b'"'),
                b"apos" => u32::from(b'\''),
                [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
                [b'#', digits @ ..] => number(digits, 10)?,
                _ => return None,
            };
            Some((Unescaped::of(code)?, end + 1))
        }
        _ => None,
    }
}

/// An escape with one or more backslashes: each layer of quoting doubles them.
fn unescape_backslash(text: &[u8]) -> Option<(Unescaped, usize)> {
    let marks = text.iter().take_while(|&&byte| byte == b'\\').count();
    let rest = &text[marks..];
    let digits = |from: usize, count: usize, radix| {
        number(rest.get(from..from + count)?, radix).map(|code| (code, from + count))
    };
    let (code, length) = match rest.first()? {
        b'u' if rest.get(1) == Some(&b'{') => {
            let end = rest.iter().take(10).position(|&byte| byte == b'}')?;
            (number(&rest[2..end], 16)?, end + 1)
        }
        b'u' => match digits(1, 4, 16) {
            Some(found) => found,
            None => (u32::from(b'u'), 1),
        },
        b'x' => digits(1, 2, 16).unwrap_or((u32::from(b'x'), 1)),
        b'0'..=b'3' => digits(0, 3, 8).unwrap_or((u32::from(rest[0]), 1)),
        &byte if byte.is_ascii() => (u32::from(byte), 1),
        _ => return None,
    };
    Some((Unescaped::of(code)?, marks + length))
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
    u32::from_str_radix(digits, radix).ok()
}

/// The same secret in many writings, for tests.
#[cfg(test)]
pub(crate) fn writings(secret: &str) -> Vec<String> {
    let each = |write: &dyn Fn(char) -> String| secret.chars().map(write).collect::<String>();
    let base64 = |text: &str| base64_simd::STANDARD.encode_to_string(text);
    vec![
        secret.to_owned(),
        each(&|c| format!("\\u{:04x}", c as u32)),
        each(&|c| format!("\\\\u{:04X}", c as u32)),
        each(&|c| if c.is_alphabetic() { c.to_string() } else { format!("\\{c}") }),
        each(&|c| format!("\\x{:02x}", c as u32)),
        each(&|c| format!("%{:02X}", c as u32)),
        each(&|c| {
            if c.is_ascii_alphanumeric() { c.to_string() } else { format!("%{:02x}", c as u32) }
        }),
        each(&|c| format!("%25{:02X}", c as u32)),
        each(&|c| format!("&#{};", c as u32)),
        each(&|c| format!("&#x{:X};", c as u32)),
        base64(secret),
        base64(&format!("user:{secret}")),
        base64(&format!("me:{secret}@host")),
        base64_simd::URL_SAFE_NO_PAD.encode_to_string(format!("a:{secret}")),
        hex::encode(secret),
        hex::encode_upper(secret),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_writing() {
        for secret in ["sk-A/b+c_d.0123456789", "pässwörd-0123?>", "abcdefgh", "p%s&w\\ord0123"] {
            let needles = needles(secret);
            for (number, written) in writings(secret).into_iter().enumerate() {
                if !secret.is_ascii() && (5..8).contains(&number) {
                    // Bytes of characters beyond ASCII are written one by one there.
                    continue;
                }
                for (before, after) in [("", ""), ("key: ", "."), ("é\n", "ü"), ("\"", "\"")] {
                    let said = format!("{before}{written}{after}");
                    let clean = redact(said.clone(), &needles);
                    assert_eq!(clean, format!("{before}{HIDDEN}{after}"), "{said}");
                }
                let twice = redact(format!("{written} {written}"), &needles);
                assert_eq!(twice, format!("{HIDDEN} {HIDDEN}"));
            }
        }
        let percent = "p%C3%A4ssw%c3%b6rd%2D0123%3F%3E".to_owned();
        assert_eq!(redact(percent, &needles("pässwörd-0123?>")), HIDDEN);
    }

    #[test]
    fn nothing_else_is_touched() {
        let needles = needles("sk-A/b+c_d.0123456789");
        for said in
            ["", "sk-A/b+c_d.012345678", "\\", "%", "&", "\\u12", "%2", "&#;", "sk-\\u{", "é%é"]
        {
            assert_eq!(redact(said.to_owned(), &needles), said);
        }
        assert_eq!(redact("EMPTY".to_owned(), &super::needles("EMPTY")), "EMPTY");
    }
}
