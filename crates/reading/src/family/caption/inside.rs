//! Captions in JSON and in code.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::category::normal;
use crate::value::{Container, Entry, Kind, Node, containers, pairs};

/// Keys of captions, the likeliest first.
const KEYS: [&str; 22] = [
    "caption",
    "final caption",
    "audio visual caption",
    "one sentence caption",
    "video caption",
    "captions",
    "sentence",
    "description",
    "answer",
    "final answer",
    "output",
    "result",
    "response",
    "summary",
    "text",
    "content",
    "final",
    "prediction",
    "one sentence",
    "描述",
    "字幕",
    "标题",
];

/// The caption in a container that is all there is, or all but an introduction.
pub(super) fn read(text: &str, span: Range<usize>) -> Option<(String, Range<usize>)> {
    let shown = &text[span.clone()];
    if let Some(found) = without_braces(shown) {
        let at = span.start + found.1.start..span.start + found.1.end;
        return Some((found.0, at));
    }
    if let Some(found) = cut_off(shown) {
        return Some((
            shown[found.clone()].to_owned(),
            span.start + found.start..span.start + found.end,
        ));
    }
    let found = containers(shown, false);
    let container = found.iter().find(|container| matters(container, shown))?;
    if let Some(bare) = unquoted(container, shown) {
        let at = span.start + bare.start..span.start + bare.end;
        return Some((shown[bare].to_owned(), at));
    }
    let node = caption(&container.node, 4)?;
    let at = span.start + node.span.start..span.start + node.span.end;
    Some((node.text()?.to_owned(), at))
}

/// A caption in JSON that breaks off within its string: `{"caption": "A man sings`.
fn cut_off(text: &str) -> Option<Range<usize>> {
    static OPEN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            "^\\s*(?:json\\s*)?\\{\\s*[\"'](?:caption|description|sentence|answer)[\"']\\s*:\\s*\"",
        )
        .expect("the pattern is constant and tested")
    });
    let open = OPEN.find(text)?;
    let rest = text[open.end()..].trim_end();
    (rest.contains(' ') && !rest.contains(['"', '{', '}']))
        .then_some(open.end()..open.end() + rest.len())
}

/// `"caption": "..."` without braces.
fn without_braces(text: &str) -> Option<(String, Range<usize>)> {
    if !text.trim_start().starts_with(['"', '\'', '“']) || !text.contains(':') || text.len() > 8_000
    {
        return None;
    }
    let entries = pairs(text);
    let entry = entries.first().filter(|entry| KEYS.contains(&normal(&entry.key).as_str()))?;
    match &entry.value.kind {
        Kind::Text(caption) if caption.contains(' ') => {
            Some((caption.clone(), entry.value.span.clone()))
        }
        _ => None,
    }
}

/// Whether a container is more than an aside in a caption: it fills the text, or stands on its own lines.
fn matters(container: &Container, text: &str) -> bool {
    if !matches!(container.node.kind, Kind::Object(_) | Kind::List(_)) {
        return false;
    }
    let span = container.node.span.clone();
    let before = text[..span.start].trim_end_matches([' ', '\t']);
    let own_line = before.trim().is_empty()
        || before.ends_with(['\n', ':', '：', '=', '`'])
        || before.ends_with("json");
    own_line && (caption(&container.node, 4).is_some() || unquoted(container, text).is_some())
}

/// A caption without quotes after its key, commas and all: `{caption: A man sings, and a dog barks.}`.
fn unquoted(container: &Container, text: &str) -> Option<Range<usize>> {
    let Kind::Object(entries) = &container.node.kind else { return None };
    let first = entries.first()?;
    let keyed =
        matches!(normal(&first.key).as_str(), "caption" | "description" | "answer" | "sentence");
    if !keyed || !matches!(first.value.kind, Kind::Word(_)) {
        return None;
    }
    let end = container.node.span.end - usize::from(container.closed);
    // A string that was never closed.
    let open = usize::from(!container.closed && text[first.value.span.start..].starts_with('"'));
    let first = first.value.span.start + open;
    let plain = text.get(first..end)?;
    (!plain.contains(['"', '{', '}']) && plain.trim().contains(' ')).then_some(first..end)
}

fn caption(node: &Node, depth: usize) -> Option<&Node> {
    let depth = depth.checked_sub(1)?;
    match &node.kind {
        Kind::Text(text) if text.trim().contains(char::is_whitespace) || !text.is_ascii() => {
            Some(node)
        }
        Kind::List(items) => match items.as_slice() {
            [Node { kind: Kind::Text(_) | Kind::Object(_) | Kind::List(_), .. }, ..] => {
                caption(&items[0], depth)
            }
            _ => None,
        },
        Kind::Object(entries) => {
            let keyed = KEYS.iter().find_map(|key| {
                let of = |entry: &&Entry| normal(&entry.key) == *key;
                caption(&entries.iter().find(of)?.value, depth)
            });
            keyed
                .or_else(|| {
                    let of = |entry: &&Entry| {
                        let key = normal(&entry.key);
                        key.contains("caption")
                            || key.contains("sentence")
                            || key.ends_with("description")
                    };
                    caption(&entries.iter().find(of)?.value, depth)
                })
                .or_else(|| match entries.as_slice() {
                    [entry] if matches!(entry.value.kind, Kind::Object(_)) => {
                        caption(&entry.value, depth)
                    }
                    _ => None,
                })
        }
        _ => None,
    }
}
