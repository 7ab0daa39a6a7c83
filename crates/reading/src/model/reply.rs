//! What a language model's reply says about an answer. It is trusted no further than it can be
//! checked: the line must be whole, the value of the family's type, options from the list, and
//! texts and numbers of boxes must stand in the answer.

use std::collections::{BTreeMap, HashMap};

use avibench_protocol::Family;
use serde_json::{Map, Value as Json};

use super::MODEL_VERSION;
use crate::fold::folded_name;
use crate::read::bare_of;
use crate::text::visible;
use crate::{
    Boxes, Convention, Corners, Count, Counts, Evidence, FrameBox, NamedBox, Question, Read,
    Reader, Reading, Value,
};

/// Bytes at the end of a reply that are searched: what comes before is thinking.
const SEARCHED: usize = 64 * 1024;
/// Places at which an object is tried.
const TRIES: usize = 200;
/// The longest text that answers an open question.
const TEXT_BYTES: usize = 200;

/// The reading that a reply gives of the answer `raw`; `None` if the reply is none: refused, cut
/// off, or not what was asked for.
#[must_use]
pub fn read_reply(question: &Question<'_>, raw: &str, reply: &str, model: &str) -> Option<Reading> {
    let line = line_of(&visible(reply).ok()?)?;
    let read = match (line.get("value"), line.get("unread")) {
        (Some(value), None | Some(Json::Null)) => {
            Read::Value(value_of(question, raw, value, &line)?)
        }
        (None | Some(Json::Null), Some(reason)) => {
            Read::Unread(serde_json::from_value(reason.clone()).ok()?)
        }
        _ => return None,
    };
    let reader = Reader::Model { model: model.to_owned(), version: MODEL_VERSION };
    let evidence = Evidence { reader, span: None, seen: Vec::new() };
    Some(Reading { read, bare: bare_of(question, raw), evidence })
}

/// The object that the reply ends with, or the only one that has a line to itself. A model may
/// think aloud before it, and explain itself after it; an object in the middle of a sentence is a
/// thought.
fn line_of(reply: &str) -> Option<Map<String, Json>> {
    let start = reply.ceil_char_boundary(reply.len().saturating_sub(SEARCHED));
    let text = &reply[start..];
    let mut found: Vec<(usize, usize, Map<String, Json>)> = Vec::new();
    let mut from = 0;
    for _ in 0..TRIES {
        let Some(at) = text[from..].find('{').map(|at| from + at) else { break };
        let mut stream = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Json>();
        from = match stream.next() {
            Some(Ok(Json::Object(object))) => {
                let end = at + stream.byte_offset();
                if object.contains_key("value") || object.contains_key("unread") {
                    found.push((at, end, object));
                }
                end
            }
            _ => at + 1,
        };
    }
    let is_around = |c: char| c.is_whitespace() || matches!(c, '`' | '*' | '.');
    let (_, end, last) = found.last()?;
    if text[*end..].chars().all(is_around) {
        return Some(last.clone());
    }
    let has_own_line = |&(at, end, _): &(usize, usize, Map<String, Json>)| {
        let before = text[..at].rsplit('\n').next().unwrap_or_default();
        let after = text[end..].split('\n').next().unwrap_or_default();
        before.chars().all(is_around) && after.chars().all(is_around)
    };
    match found.as_slice() {
        [only] if has_own_line(only) => Some(only.2.clone()),
        _ => None,
    }
}

fn value_of(
    question: &Question<'_>,
    raw: &str,
    value: &Json,
    line: &Map<String, Json>,
) -> Option<Value> {
    match question.folder.family() {
        Family::FullMatch => choice(question, raw, value),
        Family::SetMatch => {
            let mut chosen: Vec<String> = Vec::new();
            for option in value.as_array()? {
                let option = option_named(question, option.as_str()?)?;
                if !chosen.contains(&option) {
                    chosen.push(option);
                }
            }
            (!chosen.is_empty()).then_some(Value::Set(chosen))
        }
        Family::Instances => counts(question, value),
        Family::Boxes => {
            let numbers = Numbers::of(raw);
            let boxes = value.as_object()?.iter().map(|(name, corners)| {
                let numbers = match corners {
                    Json::Null => None,
                    corners => Some(numbers.four(corners)?),
                };
                Some((folded_name(question, name), numbers))
            });
            let boxes: Vec<(String, Option<Corners>)> = boxes.collect::<Option<_>>()?;
            let convention = convention(line)?;
            Some(Value::Boxes(Boxes { boxes: numbered(boxes), convention }))
        }
        Family::FrameBoxes => {
            let numbers = Numbers::of(raw);
            let frames = value.as_object()?.iter().map(|(key, found)| {
                let frame = key.trim().strip_prefix("frame_")?.parse().ok()?;
                let found = match found {
                    Json::Null => FrameBox::Absent,
                    Json::Array(items) if items.is_empty() => FrameBox::Unreadable,
                    corners => FrameBox::Box(numbers.four(corners)?),
                };
                Some((frame, found))
            });
            let frames = frames.collect::<Option<BTreeMap<u32, FrameBox>>>()?;
            Some(Value::Frames(frames, convention(line)?))
        }
        Family::Retrieval => {
            let mut indices = Vec::new();
            for index in value.as_array()? {
                let index = index.as_u64()?;
                if !indices.contains(&index) {
                    indices.push(index);
                }
            }
            Some(Value::Indices(indices))
        }
        Family::Caption => {
            let caption = value.as_str()?.trim();
            (!caption.is_empty() && stands_in(caption, raw))
                .then(|| Value::Caption(caption.to_owned()))
        }
    }
}

/// An option, a number, or to an open question a text of the answer.
fn choice(question: &Question<'_>, raw: &str, value: &Json) -> Option<Value> {
    let text = match value {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        _ => return None,
    };
    if let Some(option) = option_named(question, &text) {
        return Some(Value::Option(option));
    }
    if let Some(number) = plain_number(&text) {
        return Some(Value::Number(number));
    }
    let is_open = question.options.is_empty();
    let is_short = !text.is_empty() && text.len() <= TEXT_BYTES;
    (is_open && is_short && stands_in(&text, raw)).then_some(Value::Option(text))
}

/// The option that a text names, but for case and the marks between its words.
fn option_named(question: &Question<'_>, text: &str) -> Option<String> {
    let exact = question.options.iter().find(|option| *option == text);
    let wanted = words(text);
    exact
        .or_else(|| question.options.iter().find(|option| words(option) == wanted))
        .filter(|_| !wanted.is_empty())
        .cloned()
}

/// A number of 0 or more in digits, without needless zeros.
fn plain_number(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    Some(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

/// Boxes with their numbers within their categories.
fn numbered(boxes: Vec<(String, Option<Corners>)>) -> Vec<NamedBox> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let number = |(category, numbers): (String, Option<Corners>)| {
        let count = counts.entry(category.clone()).or_default();
        *count += 1;
        NamedBox { name: format!("{category}_{count}"), numbers }
    };
    boxes.into_iter().map(number).collect()
}

/// Counts by category; those of one category are summed.
fn counts(question: &Question<'_>, value: &Json) -> Option<Value> {
    let mut named: Vec<(String, Count)> = Vec::new();
    for (name, count) in value.as_object()? {
        let count = match count {
            Json::Null => Count::Unclear,
            Json::Number(number) => match number.as_u64() {
                Some(0) => continue,
                Some(number) => Count::Whole(number),
                None => Count::Unclear,
            },
            Json::String(text) => match text.trim().parse() {
                Ok(0) => continue,
                Ok(number) => Count::Whole(number),
                Err(_) => Count::Unclear,
            },
            _ => return None,
        };
        let name = folded_name(question, name);
        match named.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = sum(*known, count),
            None => named.push((name, count)),
        }
    }
    Some(Value::Counts(Counts { named, administrative: Vec::new() }))
}

fn sum(a: Count, b: Count) -> Count {
    match (a, b) {
        (Count::Whole(a), Count::Whole(b)) => a.checked_add(b).map_or(Count::Unclear, Count::Whole),
        _ => Count::Unclear,
    }
}

/// The convention that the model names; `None` if it names one that there is not.
fn convention(line: &Map<String, Json>) -> Option<Convention> {
    let part = |key: &str| line.get(key).cloned().unwrap_or(Json::Null);
    Some(Convention {
        order: serde_json::from_value(part("order")).ok()?,
        scale: serde_json::from_value(part("scale")).ok()?,
    })
}

/// The words of a text in lower case.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Whether the words of `part` stand in `whole` one after the other.
fn stands_in(part: &str, whole: &str) -> bool {
    let (part, whole) = (words(part).join(" "), words(whole).join(" "));
    !part.is_empty() && format!(" {whole} ").contains(&format!(" {part} "))
}

/// The numbers that an answer writes, sorted.
struct Numbers(Vec<f64>);

impl Numbers {
    fn of(raw: &str) -> Self {
        let pieces = raw.split(|c: char| !(c.is_ascii_digit() || c == '.'));
        let mut numbers: Vec<f64> = pieces
            .filter_map(|piece| piece.trim_end_matches('.').parse::<f64>().ok())
            .filter(|number| number.is_finite())
            .collect();
        numbers.sort_by(f64::total_cmp);
        Self(numbers)
    }

    /// Four numbers that all stand in the answer.
    fn four(&self, corners: &Json) -> Option<Corners> {
        let numbers: Corners = serde_json::from_value(corners.clone()).ok()?;
        let is_written =
            |number: &f64| self.0.binary_search_by(|known| known.total_cmp(&number.abs())).is_ok();
        numbers.iter().all(is_written).then_some(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Order, Scale, Unread};
    use avibench_protocol::Folder;

    fn read(folder: Folder, options: &[&str], raw: &str, reply: &str) -> Option<Read> {
        let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
        let question = Question { folder, text: "?", options: &options };
        read_reply(&question, raw, reply, "m").map(|reading| reading.read)
    }

    fn option(reply: &str) -> Option<Read> {
        read(Folder::Avqa, &["yes", "no", "not sure"], "Hm, yes I guess.", reply)
    }

    #[test]
    fn a_line_is_found_whatever_stands_around_it() {
        let yes = Some(Read::Value(Value::Option("yes".to_owned())));
        for reply in [
            r#"{"value": "yes"}"#,
            r#" {"value": "YES"} <|im_end|>"#,
            "```json\n{\"value\": \"yes\"}\n```",
            "<think>or {\"value\": \"no\"}?</think>{\"value\": \"yes\"}",
            "It may be {\"value\": \"no\"}. No: {\"value\": \"yes\"}.",
            "{\"value\": \"yes\"}\n\nThe answer guesses so.",
            r#"{"value": "yes", "unread": null}"#,
        ] {
            assert_eq!(option(reply), yes, "{reply}");
        }
        for reply in [
            "",
            "yes",
            r#"{"value": "yes"#,
            r#"{"value": "maybe"}"#,
            r#"{"value": ["yes"]}"#,
            r#"{"value": null, "unread": null}"#,
            r#"{"value": "yes", "unread": "refused"}"#,
            r#"{"unread": "tired"}"#,
            r#"<think>{"value": "yes"}"#,
            r#"Perhaps {"value": "yes"}, but then the answer also"#,
            "I cannot help with that.",
        ] {
            assert_eq!(option(reply), None, "{reply}");
        }
        let unread = |reason| Some(Read::Unread(reason));
        assert_eq!(option(r#"{"unread": "refused"}"#), unread(Unread::Refused));
        assert_eq!(option(r#"{"unread": "several_left"}"#), unread(Unread::SeveralLeft));
    }

    #[test]
    fn values_are_of_the_type_of_the_family() {
        let value = |folder, options: &[&str], raw, reply| match read(folder, options, raw, reply) {
            Some(Read::Value(value)) => Some(value),
            _ => None,
        };
        let number = value(Folder::Asqa, &[], "4 or so", r#"{"value": 04.0}"#);
        assert_eq!(number, None, "not JSON");
        for reply in [r#"{"value": "04.0"}"#, r#"{"value": 4}"#, r#"{"value": 4.0}"#] {
            let number = value(Folder::Asqa, &[], "4 or so", reply);
            assert_eq!(number, Some(Value::Number("4".to_owned())), "{reply}");
        }
        // To an open question only words of the answer.
        let open = value(Folder::Avqa, &[], "It's a banjo!", r#"{"value": "Banjo"}"#);
        assert_eq!(open, Some(Value::Option("Banjo".to_owned())));
        assert_eq!(value(Folder::Avqa, &[], "It's a banjo!", r#"{"value": "tuba"}"#), None);
        let set = value(Folder::Avsqa, &["cone", "cube"], "", r#"{"value": ["Cube", "cone"]}"#);
        assert_eq!(set, Some(Value::Set(vec!["cube".to_owned(), "cone".to_owned()])));
        let counts =
            value(Folder::Amic, &[], "", r#"{"value": {"dog": 2, "cat": null, "cow": 0}}"#);
        let named = vec![("dog".to_owned(), Count::Whole(2)), ("cat".to_owned(), Count::Unclear)];
        assert_eq!(counts, Some(Value::Counts(Counts { named, administrative: Vec::new() })));
        let indices = value(Folder::Var, &[], "", r#"{"value": [3, 0, 3]}"#);
        assert_eq!(indices, Some(Value::Indices(vec![3, 0])));
        assert_eq!(value(Folder::Var, &[], "", r#"{"value": [-1]}"#), None);
        let caption = r#"{"value": "A dog barks."}"#;
        let told = value(Folder::Avc, &[], "Sure! \"A dog barks.\"", caption);
        assert_eq!(told, Some(Value::Caption("A dog barks.".to_owned())));
        assert_eq!(value(Folder::Avc, &[], "A dog is barking.", caption), None);
    }

    #[test]
    fn boxes_keep_the_numbers_of_the_answer() {
        let raw = "The dog is at top 10, left 20.5, bottom 300, right 400 of 1000.";
        let reply = r#"{"value": {"dog_1": [10, 20.5, 300, 400]}, "order": "yxyx", "scale": "thousandths"}"#;
        let Some(Read::Value(Value::Boxes(boxes))) = read(Folder::Avl, &[], raw, reply) else {
            panic!("no boxes")
        };
        assert_eq!(boxes.boxes[0].numbers, Some([10.0, 20.5, 300.0, 400.0]));
        let (order, scale) = (Some(Order::Yxyx), Some(Scale::Thousandths));
        assert_eq!(boxes.convention, Convention { order, scale });
        let converted = reply.replace("20.5", "0.0205");
        assert_eq!(read(Folder::Avl, &[], raw, &converted), None);
        assert_eq!(read(Folder::Avl, &[], raw, &reply.replace("yxyx", "xxyy")), None);
        let reply =
            r#"{"value": {"frame_0": [10, 20.5, 300, 400], "frame_1": null, "frame_2": []}}"#;
        let Some(Read::Value(Value::Frames(frames, convention))) =
            read(Folder::Avlg, &[], raw, reply)
        else {
            panic!("no frames")
        };
        assert_eq!(convention, Convention::default());
        assert_eq!(frames[&1], FrameBox::Absent);
        assert_eq!(frames[&2], FrameBox::Unreadable);
    }

    #[test]
    fn hostile_replies_are_no_readings() {
        for reply in ["{".repeat(100_000), "{\"value\":".repeat(20_000), "{}".repeat(50_000)] {
            assert_eq!(option(&reply), None);
        }
    }
}
