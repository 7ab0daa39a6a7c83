//! Captions in JSON and in code.

use std::ops::Range;

use crate::category::normal;
use crate::value::{Container, Entry, Kind, Node, containers};

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
    let plain = text.get(first.value.span.start..end)?;
    (!plain.contains(['"', '{', '}']) && plain.trim().contains(' '))
        .then_some(first.value.span.start..end)
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
