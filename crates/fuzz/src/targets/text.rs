//! Parsers of text: literals, JSON, replies, answers.

use avibench_engine::{Failure, Reply, Secret, Secrets};
use avibench_protocol::Folder;
use avibench_python::{Json, json_borrowed, json_items, json_loads, literal_eval, repr};
use avibench_reading::{Question, StoredReading, read, read_reply};

/// Evaluates the bytes as a Python literal. What Python prints of a value must read as that value.
pub(crate) fn literal(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(value) = literal_eval(&text) {
        let printed = repr(&value);
        // `nan` and `inf` are printed as names, which are no literals.
        if let Ok(again) = literal_eval(&printed) {
            // In Python, too, `-3j` is printed as `(-0-3j)`, and that is read as `-3j`: equal numbers,
            // with another sign of their zero.
            assert_eq!(again, value, "a value changed on its way through text");
        }
    }
}

/// Reads the bytes as JSON the way Python does, in all three ways, which must agree.
pub(crate) fn json(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let ours = json_loads(&text);
    // Everything that is JSON by the letter is JSON for Python too.
    if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
        assert!(ours.is_ok(), "Python reads what is JSON by the letter");
    }
    let ours = ours.map(|value| repr(&value));
    let borrowed = json_borrowed(&text).map(|value| repr(&value.to_value()));
    assert_eq!(borrowed, ours, "borrowing strings changed the value");
    let mut items = Vec::new();
    let other = json_items(&text, |item| items.push(item));
    let item_by_item = other.map(|other| repr(&other.unwrap_or(Json::Array(items)).to_value()));
    assert_eq!(item_by_item, ours, "reading item by item changed the value");
}

/// Reads a completion from pieces; where the cuts are must not matter. The first byte says how long a
/// piece is, and its highest bit whether the body is announced as a stream.
pub(crate) fn replies(bytes: &[u8]) {
    let Some((&head, body)) = bytes.split_first() else { return };
    let (is_events, length) = (head & 0x80 != 0, usize::from(head & 0x7f).max(1));
    let whole = Reply::from_body(is_events, [body]);
    let pieces = Reply::from_body(is_events, body.chunks(length));
    // What a failure quotes of the body depends on how much had come.
    let kind = |failure: &Failure| failure.kind();
    assert_eq!(
        whole.as_ref().map_err(kind),
        pieces.as_ref().map_err(kind),
        "cutting a reply changed it"
    );
    if let Ok(reply) = whole {
        let is_nothing = reply.text.is_empty()
            && reply.thinking.is_none()
            && reply.refusal.is_none()
            && reply.finish_reason.is_none();
        assert!(!is_nothing, "a reply that says nothing is taken for one");
        let (thinking, out) = (reply.tokens_reasoning, reply.tokens_out);
        assert!(thinking.unwrap_or(0) <= out.unwrap_or(0), "more thinking than there is of all");
    }
}

/// Reads the bytes as what a worker says that was asked question 7 and knows a key: no line without that
/// id in it names it, and nothing that is kept tells the key.
pub(crate) fn worker_lines(bytes: &[u8]) {
    const KEY: &str = "sk-012345/6789";
    let secrets: Secrets = std::iter::once(Secret::new(KEY)).collect();
    let text = String::from_utf8_lossy(bytes);
    let clean = secrets.redact(text.into_owned());
    assert!(!clean.contains(KEY), "the key is still there");
    assert_eq!(secrets.redact(clean.clone()), clean, "cleaning twice takes out more");
    for line in clean.lines() {
        if let Some(Ok(reply)) = Reply::from_worker_line(line, 7) {
            let is_named = line.contains("\"id\"") || line.contains('\\');
            assert!(
                !is_named || line.contains('7') || line.contains("null") || line.contains('\\')
            );
            let text = secrets.redact(reply.text);
            assert!(!text.contains(KEY), "the key is in the answer");
        }
    }
}

/// Reads the bytes as an answer in every folder. What is taken as the answer must lie within it.
pub(crate) fn answers(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let options = ["yes", "no", "not sure"].map(str::to_owned);
    for folder in Folder::ALL {
        for options in [&[][..], &options] {
            let formatted = avibench_answers::format(folder, &text, options);
            assert_eq!(formatted, avibench_answers::format(folder, &text, options));
            if let avibench_answers::RuleReading::Read { span, .. } = formatted.reading {
                assert!(text.get(span.clone()).is_some(), "the span {span:?} is not in the answer");
            }
        }
    }
}

/// Reads the bytes as an answer in every folder, and as a reply about that answer. Evidence must lie
/// within the answer, and a reading must be the same once it was written down.
pub(crate) fn readings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let options = ["yes", "no", "not sure"].map(str::to_owned);
    for folder in Folder::ALL {
        for options in [&[][..], &options] {
            let question = Question { folder, text: "Is there a dog?", options };
            let by_rules = read(&question, &text);
            assert_eq!(by_rules, read(&question, &text), "{folder} is read in two ways");
            let by_model = read_reply(&question, &text, &text, "m");
            for reading in [Some(by_rules), by_model].into_iter().flatten() {
                if let Some(span) = reading.evidence.span.clone() {
                    assert!(text.get(span.clone()).is_some(), "{span:?} is not in the answer");
                }
                let stored = StoredReading::new(&question, &text, reading);
                let json = serde_json::to_string(&stored).expect("a reading is JSON");
                let again: StoredReading =
                    serde_json::from_str(&json).expect("what was written down can be read");
                assert_eq!(again, stored, "a reading changed on its way through a journal");
            }
        }
    }
}
