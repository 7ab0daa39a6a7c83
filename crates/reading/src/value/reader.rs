//! The reader proper: one pass over the text, which every step shortens.

use super::items::{Item, assembled, call_value, with_loose_numbers};
use super::node::{Container, Entry, Kind, Node, Number, number_of};
use super::quotes::Quotes;

/// Containers within containers up to this depth; deeper brackets are skipped.
const DEPTH: usize = 48;

/// Reads values from one text.
pub(super) struct Reader<'t> {
    text: &'t str,
    at: usize,
    quotes: Quotes,
    /// The closing brackets that are awaited, outermost first.
    open: Vec<char>,
    /// Whether the next record begins where the closing brace of the innermost object should stand.
    next_begins: bool,
}

/// So many keys of an object are compared with the first key of what may be the next record.
const KEYS: usize = 32;

/// The first key of what may be the next record stands within so many bytes.
const NEAR: usize = 100;

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, quotes: Quotes::default(), open: Vec::new(), next_begins: false }
    }

    /// Reads the container whose opening bracket stands at `start`; also the byte after it.
    pub(super) fn container(&mut self, start: usize) -> (Container, usize) {
        self.at = start;
        self.open.clear();
        self.next_begins = false;
        let (node, closed) = self.bracketed();
        (Container { node, closed }, self.at.max(start + 1))
    }

    /// Reads all of the text as pairs.
    pub(super) fn pairs(mut self) -> Vec<Entry> {
        let (mut items, mut pairs) = (Vec::new(), Vec::new());
        while self.peek().is_some() {
            self.items(&mut items);
            // A closing bracket without an opening one.
            self.bump();
            pairs.extend(items.drain(..).filter_map(|item| match item {
                Item::Pair(entry) => Some(entry),
                Item::Value(_) => None,
            }));
        }
        pairs
    }

    fn bracketed(&mut self) -> (Node, bool) {
        let start = self.at;
        let opener = self.bump().unwrap_or('[');
        let closer = closing(opener).unwrap_or(']');
        self.open.push(closer);
        let mut items = Vec::new();
        self.items(&mut items);
        self.open.pop();
        let closed = self.peek().is_some_and(|c| plain(c) == closer);
        if closed {
            self.bump();
        }
        let closed = std::mem::take(&mut self.next_begins) || closed;
        let kind = assembled(with_loose_numbers(items), closer == '}');
        (Node { kind, span: start..self.at }, closed)
    }

    /// Reads items up to a closing bracket that somebody awaits, which stays, or to the end.
    fn items(&mut self, items: &mut Vec<Item>) {
        loop {
            self.skip();
            let Some(c) = self.peek() else { return };
            if is_closing(c) {
                if self.open.is_empty() || self.open.contains(&plain(c)) {
                    return;
                }
                self.bump();
                continue;
            }
            if is_separator(c) || is_relation(c) {
                self.bump();
                continue;
            }
            if closing(c) == Some('}') && self.is_next_record(items) {
                self.next_begins = true;
                return;
            }
            let before = self.at;
            let item = self.item();
            items.extend(item);
            if self.at == before {
                self.bump();
            }
        }
    }

    /// Whether an opening brace within an object begins the next record, because its first key stands
    /// in the object already: the closing brace is missing.
    fn is_next_record(&self, items: &[Item]) -> bool {
        let is_pair = |item: &Item| matches!(item, Item::Pair(_));
        if self.open.last() != Some(&'}') || !items.iter().take(KEYS).any(is_pair) {
            return false;
        }
        let is_mark = |c: char| c.is_whitespace() || "{｛\"'“”‘’`\\".contains(c);
        let ends = |c: char| is_mark(c) && c != ' ' || is_relation(c) || is_separator(c);
        let inside = start_of(&self.text[self.at..], NEAR).trim_start_matches(is_mark);
        let mut keys = items.iter().take(KEYS).filter_map(|item| match item {
            Item::Pair(entry) => Some(entry.key.trim()),
            Item::Value(_) => None,
        });
        keys.any(|key| {
            let rest = inside.strip_prefix(key).filter(|_| !key.is_empty());
            rest.is_some_and(|rest| rest.trim_start_matches(' ').starts_with(ends))
        })
    }

    fn item(&mut self) -> Option<Item> {
        let key = self.value(true)?;
        if matches!(&key.kind, Kind::Word(text) if text.chars().all(|c| matches!(c, '.' | '…'))) {
            return None;
        }
        self.skip();
        let follows = self.peek();
        let related = self.relation();
        // `"dog" [1, 2, 3, 4]` and, in braces, `"dog" 2` lack their colon.
        let names = matches!(key.kind, Kind::Text(_) | Kind::Word(_));
        let in_braces = self.open.last() == Some(&'}');
        let implied = names
            && follows.is_some_and(|c| {
                closing(c).is_some_and(|closer| closer != ')') || (in_braces && c.is_ascii_digit())
            });
        if !related && !implied {
            return Some(Item::Value(key));
        }
        self.skip();
        let here = self.at;
        let missing = || Node { kind: Kind::Null, span: here..here };
        let value = match self.peek() {
            Some(c) if !is_closing(c) && !is_separator(c) => self.value(false),
            _ => None,
        };
        let name = match &key.kind {
            Kind::Text(text) | Kind::Word(text) => text.clone(),
            _ => self.text[key.span.clone()].to_owned(),
        };
        let value = value.unwrap_or_else(missing);
        Some(Item::Pair(Entry { key: name, key_span: key.span, value }))
    }

    /// Reads one value; as a key it ends at a colon.
    fn value(&mut self, key: bool) -> Option<Node> {
        let start = self.at;
        let c = self.peek()?;
        if closing(c).is_some() {
            if self.open.len() < DEPTH {
                return Some(self.bracketed().0);
            }
            self.bump();
            return None;
        }
        if let Some(quoted) = self.quotes.read(self.text, start) {
            self.at = quoted.end;
            let kind = Kind::Text(quoted.content);
            return Some(Node { kind, span: start..quoted.end });
        }
        if let Some(number) = self.number() {
            return Some(Node { kind: Kind::Number(number), span: start..self.at });
        }
        self.word(key)
    }

    /// A number that ends where an item may end.
    fn number(&mut self) -> Option<Number> {
        let rest = &self.text[self.at..];
        let is_part = |c: char| c.is_ascii_digit() || "+-−._eE".contains(c);
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let mut number = number_of(&rest[..end])?;
        let mut after = &rest[end..];
        let spaced = after.trim_start_matches([' ', '\t']);
        if let Some(rest) = spaced.strip_prefix(['%', '％']) {
            number.percent = true;
            after = rest;
        }
        let ends = match after.chars().next() {
            None | Some('\\') => true,
            Some(c) if is_separator(c) || is_closing(c) || is_relation(c) || c == '\n' => true,
            Some(c) if c.is_whitespace() => {
                let next = after.trim_start();
                next.chars().next().is_none_or(|c| {
                    is_separator(c)
                        || is_closing(c)
                        || is_relation(c)
                        || closing(c).is_some()
                        || "\"'“‘#/\\…".contains(c)
                }) || next.starts_with("->")
                    || next.starts_with("...")
                    || number_starts(next)
                    || after[..after.len() - next.len()].contains('\n')
            }
            Some(_) => false,
        };
        // A time such as `0:05` is no number.
        let time =
            after.strip_prefix(':').is_some_and(|c| c.starts_with(|c: char| c.is_ascii_digit()));
        if !ends || time {
            return None;
        }
        self.at += rest.len() - after.len();
        Some(number)
    }

    /// Anything up to the next separator. In a value a colon is part of it.
    fn word(&mut self, key: bool) -> Option<Node> {
        let start = self.at;
        let (mut round, mut call) = (0_usize, None);
        let rest = &self.text[start..];
        let mut end = rest.len();
        for (at, c) in rest.char_indices() {
            let stops = match c {
                '(' | '（' => {
                    if round == 0 && at > 0 && is_identifier(&rest[..at]) {
                        call = Some(at);
                        true
                    } else {
                        round += 1;
                        false
                    }
                }
                ')' | '）' if round > 0 => {
                    round -= 1;
                    false
                }
                '-' => key && rest[at..].starts_with("->"),
                '/' => at > 0 && (rest[at..].starts_with("//") && !rest[..at].ends_with(':')),
                '\n' => true,
                c if is_relation(c) => key,
                c => is_separator(c) && round == 0 || is_closing(c) || closing(c).is_some(),
            };
            if stops {
                end = at;
                break;
            }
        }
        if let Some(at) = call.filter(|_| self.open.len() < DEPTH) {
            self.at = start + at;
            let (inner, _) = self.bracketed();
            return Some(call_value(inner, start));
        }
        let quotes = |c: char| c.is_whitespace() || "\"“”\\".contains(c);
        let word = rest[..end].trim_matches(quotes);
        self.at = start + end;
        if word.is_empty() {
            return None;
        }
        let kind = match word {
            "null" | "None" | "nil" | "undefined" | "Null" | "NULL" | "none" => Kind::Null,
            "true" | "True" | "TRUE" => Kind::Bool(true),
            "false" | "False" | "FALSE" => Kind::Bool(false),
            _ => Kind::Word(word.to_owned()),
        };
        let span = start..start + rest[..end].trim_end().len();
        Some(Node { kind, span })
    }

    /// Steps over `:`, `=`, `->`, `=>` and the like.
    fn relation(&mut self) -> bool {
        let rest = &self.text[self.at..];
        for sign in ["=>", "->", ":=", "==", ":", "：", "=", "→"] {
            if rest.starts_with(sign) {
                self.at += sign.len();
                return true;
            }
        }
        false
    }

    /// Skips white space and comments.
    fn skip(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            let end = if trimmed.starts_with("//") || trimmed.starts_with('#') {
                trimmed.find('\n')
            } else if trimmed.starts_with("/*") {
                trimmed.find("*/").map(|at| at + 2)
            } else if trimmed.starts_with("<!--") {
                trimmed.find("-->").map(|at| at + 3)
            } else if trimmed.starts_with('\\') && !trimmed[1..].starts_with(['"', '\'']) {
                Some(1)
            } else {
                return;
            };
            self.at += end.unwrap_or(trimmed.len());
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }
}

const fn closing(c: char) -> Option<char> {
    Some(match c {
        '{' | '｛' => '}',
        '[' | '［' | '【' => ']',
        '(' | '（' => ')',
        _ => return None,
    })
}

/// A closing bracket in its plain form.
const fn plain(c: char) -> char {
    match c {
        '｝' => '}',
        '］' | '】' => ']',
        '）' => ')',
        c => c,
    }
}

const fn is_closing(c: char) -> bool {
    matches!(plain(c), '}' | ']' | ')')
}

const fn is_separator(c: char) -> bool {
    matches!(c, ',' | ';' | '，' | '；' | '、')
}

const fn is_relation(c: char) -> bool {
    matches!(c, ':' | '：' | '=' | '→')
}

fn number_starts(text: &str) -> bool {
    let text = text.trim_start_matches(['-', '+', '−', '.']);
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn is_identifier(text: &str) -> bool {
    // A call is short, so that this stays a bounded look.
    text.len() <= 40
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

/// At most so many bytes from the start of a text.
fn start_of(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
