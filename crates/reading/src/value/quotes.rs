//! Strings in quotes, also where quotes are curly, mixed, doubled, unescaped or never closed.

use std::ops::Range;

/// Spaces that are looked over to find what stands beside a quote.
const SPACES: usize = 64;

/// Kinds of quotes that may close one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Double,
    Single,
    Backtick,
    Corner,
    Angle,
    /// `\"` on both sides, as in JSON that was put into a string.
    Escaped,
}

const KINDS: usize = 6;

/// Where strings end. What closes a string depends on its place alone, not on where the string
/// began, so that the last place found is also the answer for every start since the last search.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    last: [Option<Last>; KINDS],
}

#[derive(Debug, Clone)]
struct Last {
    from: usize,
    end: End,
}

#[derive(Debug, Clone)]
enum End {
    /// The closing quote.
    Closes(Range<usize>),
    /// The next quote opens another string, so this one was never closed.
    Opens(usize),
    /// Nothing closes it before the end of the text.
    Never,
}

/// A string at the start of a token.
pub(super) struct Quoted {
    /// Its content with escapes resolved.
    pub(super) content: String,
    /// The byte after the closing quote.
    pub(super) end: usize,
}

impl Quotes {
    /// The string that opens at `start`; `None` if no quote stands there or it is never closed.
    pub(super) fn read(&mut self, text: &str, start: usize) -> Option<Quoted> {
        let (kind, length) = opening(&text[start..])?;
        let from = start + length;
        let Range { start: stop, end } = self.close(text, kind, from)?;
        let content = unescaped(&text[from..stop]);
        // Doubled quotes: `""dog""`.
        let content = content.trim_matches(|c| matches!(kind, Kind::Double) && c == '"').to_owned();
        Some(Quoted { content, end })
    }

    fn close(&mut self, text: &str, kind: Kind, from: usize) -> Option<Range<usize>> {
        let last = &mut self.last[kind as usize];
        let known = last.as_ref().filter(|last| {
            let until = match &last.end {
                End::Closes(range) => range.start,
                End::Opens(at) => at.saturating_sub(1),
                End::Never => usize::MAX,
            };
            last.from <= from && from <= until
        });
        let end = if let Some(last) = known {
            last.end.clone()
        } else {
            let end = search(text, kind, from);
            *last = Some(Last { from, end: end.clone() });
            end
        };
        match end {
            End::Closes(range) => Some(range),
            End::Opens(_) | End::Never => None,
        }
    }
}

/// The kind of quote at the start of the text, and its length.
fn opening(text: &str) -> Option<(Kind, usize)> {
    if text.starts_with("\\\"") || text.starts_with("\\'") {
        return Some((Kind::Escaped, 2));
    }
    let first = text.chars().next()?;
    kind_of(first).map(|kind| (kind, first.len_utf8()))
}

const fn kind_of(c: char) -> Option<Kind> {
    Some(match c {
        '"' | '“' | '”' | '„' | '‟' | '＂' => Kind::Double,
        '\'' | '‘' | '’' | '‚' | '＇' => Kind::Single,
        '`' => Kind::Backtick,
        '「' | '」' | '『' | '』' => Kind::Corner,
        '«' | '»' => Kind::Angle,
        _ => return None,
    })
}

fn search(text: &str, kind: Kind, from: usize) -> End {
    let mut escaped = false;
    for (at, c) in text[from..].char_indices() {
        let at = from + at;
        let quote = if escaped && kind == Kind::Escaped && matches!(c, '"' | '\'') {
            Some(at - 1..at + 1)
        } else if !escaped && kind_of(c) == Some(kind) {
            Some(at..at + c.len_utf8())
        } else {
            None
        };
        escaped = c == '\\' && !escaped;
        let Some(quote) = quote else { continue };
        if closes(&text[quote.end..]) {
            return End::Closes(quote);
        }
        if kind == Kind::Double && opens(&text[from..quote.start], &text[quote.end..]) {
            return End::Opens(quote.start);
        }
    }
    End::Never
}

/// Whether what follows a quote can only follow the end of a string.
fn closes(after: &str) -> bool {
    let rest = after.trim_start_matches([' ', '\t']);
    let spaces = after.len() - rest.len();
    if spaces > SPACES {
        return true;
    }
    let Some(next) = rest.chars().next() else { return true };
    if ",:;=]})|<>\n\r，：；、）］｝】→".contains(next) || next == '\\' {
        return true;
    }
    let separated = spaces > 0 && (kind_of(next).is_some() || next.is_ascii_digit());
    separated
        || "[{".contains(next)
        || rest.starts_with("->")
        || rest.starts_with("//")
        || rest.starts_with("/*")
        || (spaces > 0 && next == '#')
}

/// Whether a quote that does not close opens the next string: `{"dog: 2, "cat": 1}`.
fn opens(before: &str, after: &str) -> bool {
    let mut last = before.chars().rev().take(SPACES).skip_while(|c| c.is_whitespace());
    last.next().is_some_and(|c| ",{[，".contains(c))
        && after.chars().next().is_some_and(char::is_alphanumeric)
}

fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('u') => {
                let digits = chars.as_str().get(..4).unwrap_or_default();
                match u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) {
                    Some(c) => {
                        out.push(c);
                        chars = chars.as_str()[4..].chars();
                    }
                    None => out.push('u'),
                }
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}
