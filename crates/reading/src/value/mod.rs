//! Values as models write them: JSON, Python literals, JSON5, and what comes close to these.
//!
//! The reader never gives up on a container. Bare keys, curly quotes, comments, trailing, missing
//! and full-width commas, doubled or missing braces, an ellipsis and input that breaks off all give
//! the value that a person would see. [`Container::closed`] says whether the container was ended.
//! Time is linear in the length of the text.

mod items;
mod node;
mod quotes;
mod reader;

pub(crate) use node::{Container, Entry, Kind, Node};
use reader::Reader;

/// How many unclosed brackets are looked into before the rest of a text is taken as it stands.
const UNCLOSED: usize = 32;

/// The outermost containers of a text from left to right: `{...}`, `[...]` and, if `round`, also
/// `(...)`. `Counter({...})` and `dict(dog=2)` are the container between their parentheses.
pub(crate) fn containers(text: &str, round: bool) -> Vec<Container> {
    let mut found = Vec::new();
    let mut reader = Reader::new(text);
    let (mut at, mut unclosed) = (0, 0);
    while let Some(start) = next_opener(text, at, round) {
        let (container, end) = reader.container(start);
        // A bracket that is never closed and opens nothing but prose is no container.
        if !container.closed && unclosed < UNCLOSED && container.node.is_prose() {
            unclosed += 1;
            at = start + text[start..].chars().next().map_or(1, char::len_utf8);
        } else {
            at = end;
            found.push(container);
        }
    }
    found
}

/// Reads the whole text as the inside of an object that lacks its braces: `"dog": 2, "cat": 1`.
/// There must be at least one pair, and what is no pair is left out.
pub(crate) fn pairs(text: &str) -> Vec<Entry> {
    Reader::new(text).pairs()
}

fn next_opener(text: &str, from: usize, round: bool) -> Option<usize> {
    let is_opener = |c: char| match c {
        '{' | '[' | '｛' | '［' | '【' => true,
        '(' | '（' => round,
        _ => false,
    };
    text[from..].find(is_opener).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    /// The value in one line: strings in double quotes, bare words as they are.
    fn shown(node: &Node) -> String {
        match &node.kind {
            Kind::Null => "null".to_owned(),
            Kind::Bool(value) => value.to_string(),
            Kind::Number(number) if number.percent => format!("{}%", number.value),
            Kind::Number(number) => number.value.to_string(),
            Kind::Text(text) => format!("{text:?}"),
            Kind::Word(text) => text.clone(),
            Kind::List(items) => {
                format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", "))
            }
            Kind::Object(entries) => {
                let shown = |entry: &Entry| format!("{}: {}", entry.key, shown(&entry.value));
                format!("{{{}}}", entries.iter().map(shown).collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn all(text: &str) -> String {
        let found = containers(text, false);
        found.iter().map(|found| shown(&found.node)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn values_are_read_as_a_person_sees_them() {
        for (text, value) in [
            (r#"{"dog": 2, "cat": 1}"#, "{dog: 2, cat: 1}"),
            ("{'dog': 2, 'cat': None}", "{dog: 2, cat: null}"),
            ("{dog: 2, cat: 1,}", "{dog: 2, cat: 1}"),
            ("{dog=2; cat=1}", "{dog: 2, cat: 1}"),
            ("{“dog”： 2， “cat”： 1}", "{dog: 2, cat: 1}"),
            ("｛\"狗\"：2｝", "{狗: 2}"),
            ("{{\"dog\": 2, \"cat\": 1}}", "{dog: 2, cat: 1}"),
            ("[[{\"dog\": 2}]]", "[[{dog: 2}]]"),
            ("{\"dog\": 2, \"cat\": 1", "{dog: 2, cat: 1}"),
            ("{\"boxes\": [[1, 2, 3, 4], \"cat\": 1}", "{boxes: [[1, 2, 3, 4], {cat: 1}]}"),
            ("{\"dog\": [1, 2, 3, 4}", "{dog: [1, 2, 3, 4]}"),
            ("{\"dog\": [1, 2)], \"cat\": 3}", "{dog: [1, 2], cat: 3}"),
            ("{\"dog\": 2 \"cat\": 1}", "{dog: 2, cat: 1}"),
            ("{\n  \"dog\": 2\n  \"cat\": 1\n}", "{dog: 2, cat: 1}"),
            ("{\"dog\": 2, // barks\n \"cat\": 1 # meows\n /* end */}", "{dog: 2, cat: 1}"),
            ("{\"dog\": 2, ...}", "{dog: 2}"),
            ("[1, 2, …]", "[1, 2]"),
            ("[12 34 56 78]", "[12, 34, 56, 78]"),
            ("[10%, 20.5 %, -3, +4, .5, 1e2]", "[10%, 20.5%, -3, 4, 0.5, 100]"),
            ("[\"dog\" \"cat\"]", "[\"dog\", \"cat\"]"),
            ("[dog: 2, cat: 1]", "{dog: 2, cat: 1}"),
            ("[dog [1, 2, 3, 4]]", "{dog: [1, 2, 3, 4]}"),
            ("{'dog', 'cat'}", "[\"dog\", \"cat\"]"),
            ("{\"a\": 1, {\"b\": 2}}", "{a: 1, b: 2}"),
            ("{'driver's seat': 1}", "{driver's seat: 1}"),
            ("{\"text\": \"a \"big\" dog\"}", "{text: \"a \\\"big\\\" dog\"}"),
            ("{\"dog: 2, \"cat\": 1}", "{dog: 2, cat: 1}"),
            ("{\\\"dog\\\": 2}", "{dog: 2}"),
            ("{\"\"dog\"\": 2}", "{dog: 2}"),
            ("{\"a\": \"x\\ny \\u00e9\"}", "{a: \"x\\ny é\"}"),
            ("Counter({'dog': 2})", "{dog: 2}"),
            ("{'a': np.array([1, 2]), 'b': (3, 4)}", "{a: [1, 2], b: [3, 4]}"),
            ("{\"a\": dict(x=1, y=2)}", "{a: {x: 1, y: 2}}"),
            ("{dog: two dogs, cat (big): 1}", "{dog: two dogs, cat (big): 1}"),
            ("{\"a\": true, \"b\": False, \"c\": null}", "{a: true, b: false, c: null}"),
            ("$\\boxed{[1, 4]}$", "[1, 4]"),
            ("[image_0, image_3]", "[image_0, image_3]"),
            ("[2] > [0]", "[2] [0]"),
            ("an open [ in prose that goes on and on, {\"dog\": 2}", "{dog: 2}"),
            ("{\"t\": 0:05, \"n\": 3}", "{t: 0:05, n: 3}"),
            ("{}", "{}"),
            ("[]", "[]"),
            ("[120px, 3-4, 1/2]", "[120px, 3-4, 1/2]"),
            ("{\"dog\" 2, \"cat\" 1}", "{dog: 2, cat: 1}"),
            (
                "[{\"b\": [1], \"l\": \"x\"\n{\"b\": [2], \"l\": \"y\"}]",
                "[{b: [1], l: \"x\"}, {b: [2], l: \"y\"}]",
            ),
            ("{\"b\": [1], \"l\": x {b: [2]", "{b: [1], l: x} {b: [2]}"),
            ("[{\"b\": 1}, \"b\": 2, \"l\": 3}, {\"b\": 4}]", "[{b: 1}, {b: 2, l: 3}, {b: 4}]"),
            ("[1, \"b\": 2, \"l\": 3, \"b\": 4]", "[1, {b: 2, l: 3}, {b: 4}]"),
            ("{\"dog\": 1, 2, 3, 4, \"cat\": 5}", "{dog: [1, 2, 3, 4], cat: 5}"),
            ("{\"dog\": 1, 2}", "{dog: 1}"),
            ("{\"dog\": [1], [2]}", "{dog: [1], : [2]}"),
            ("{dog -> 2, cat => 1}", "{dog: 2, cat: 1}"),
        ] {
            assert_eq!(all(text), value, "{text}");
        }
    }

    #[test]
    fn containers_know_where_they_stand_and_whether_they_were_closed() {
        let text = "é {\"dog\": [1, 2]} and [3";
        let found = containers(text, false);
        assert_eq!(&text[found[0].node.span.clone()], "{\"dog\": [1, 2]}");
        assert!(found[0].closed && !found[1].closed);
        let Kind::Object(entries) = &found[0].node.kind else { panic!("an object") };
        assert_eq!(&text[entries[0].value.span.clone()], "[1, 2]");
        assert_eq!(&text[entries[0].key_span.clone()], "\"dog\"");
    }

    #[test]
    fn parentheses_are_containers_only_where_they_are_wanted() {
        assert_eq!(containers("(1, 2), (3, 4)", true).len(), 2);
        assert_eq!(containers("(1, 2), (3, 4)", false).len(), 0);
        assert_eq!(shown(&containers("dict(dog=2, cat=1)", true)[0].node), "{dog: 2, cat: 1}");
    }

    #[test]
    fn pairs_need_no_braces() {
        let shown = |text| {
            let found = pairs(text);
            let shown = |entry: &Entry| format!("{}={}", entry.key, shown(&entry.value));
            found.iter().map(shown).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown("\"dog\": 2, \"cat\": 1}"), "dog=2 cat=1");
        assert_eq!(shown("dog=2; cat=1"), "dog=2 cat=1");
        assert_eq!(shown("nothing at all"), "");
    }

    // In the square of its length such a text takes minutes.
    #[test]
    fn hostile_texts_are_read_in_linear_time_and_without_panic() {
        for part in [
            "[", "{", "\"a,", "\"a\"b", "{\"a:\"", "'", "(", "/*", "\\\"", "[a", "[\"x\":", "]}",
            "{“", "[1 ", "{a:1", "{a:1,", "a:1,2,3,", "[a:1 2,",
        ] {
            let text = part.repeat(40_000);
            let start = Instant::now();
            containers(&text, true);
            pairs(&text);
            let elapsed = start.elapsed();
            assert!(elapsed < Duration::from_secs(10), "{part:?} took {elapsed:?}");
        }
    }
}
