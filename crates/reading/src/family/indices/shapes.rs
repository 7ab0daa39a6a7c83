//! Indices in containers: lists, rankings, JSON.

use std::sync::LazyLock;

use regex::Regex;

use super::words::{denies, says_nothing, verdict};
use super::{Given, clauses, numbers};
use crate::category::normal;
use crate::value::{Entry, Kind, Node, containers};
use crate::{ReadingRule, Unread};

/// Nouns for what is chosen from.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^(?:the )?(?:image|img|picture|photo|audio|sound|clip|candidate|option|index|idx|item|file|recording|",
        r"video|track|sample|number|no\.?|#|audio clip|sound clip|图片|图像|图|音频|声音|画像|音声|이미지|오디오)s?[ _#:.\-]*(\d{1,4})$|^#?(\d{1,4})$",
    ))
    .expect("the pattern is constant and tested")
});

/// Words before a list that make it the answer.
static LEADS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:final|answers?|therefore|thus|hence|so|conclusion|result|output|overall|in summary|final list|",
        r"correct|conclude)\b|答案|因此|所以|最终",
    ))
    .expect("the pattern is constant and tested")
});

/// Words before a list that say that it is not the answer.
static ASIDE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:not|non|candidates?|options?|excluded?|excluding|except|rather than|instead of|unlike|irrelevant|",
        r"unrelated|mismatch\w*|rejected|given|among|from|wrong|do not|does not|don't|doesn't|input|available|all indices|range|",
        r"initially|at first|first i thought)\b[^.\n\[]{0,40}$|(?:不匹配|排除|不符合)[^。\n\[]{0,12}$",
    ))
    .expect("the pattern is constant and tested")
});

const ANSWER_KEYS: [&str; 32] = [
    "answer",
    "final answer",
    "answers",
    "matches",
    "matching",
    "match",
    "matched",
    "indices",
    "index",
    "result",
    "results",
    "matching indices",
    "matched indices",
    "matching images",
    "matching audios",
    "matching audio",
    "matching sounds",
    "output",
    "selected",
    "selected indices",
    "relevant",
    "relevant indices",
    "prediction",
    "predictions",
    "response",
    "images",
    "audios",
    "sounds",
    "ids",
    "ranking",
    "retrieved",
    "list",
];

const INDEX_KEYS: [&str; 22] = [
    "index",
    "idx",
    "id",
    "image",
    "audio",
    "image index",
    "audio index",
    "image id",
    "audio id",
    "number",
    "candidate",
    "sound",
    "clip",
    "item",
    "i",
    "option",
    "image number",
    "sound index",
    "audio clip",
    "picture",
    "file",
    "candidate index",
];

const VERDICT_KEYS: [&str; 17] = [
    "match",
    "matches",
    "matched",
    "is match",
    "matching",
    "relevant",
    "fits",
    "verdict",
    "result",
    "answer",
    "label",
    "correct",
    "is matching",
    "selected",
    "decision",
    "is relevant",
    "corresponds",
];

const TALK_KEYS: [&str; 10] = [
    "reasoning",
    "explanation",
    "analysis",
    "thought",
    "confidence",
    "score",
    "scores",
    "note",
    "rationale",
    "description",
];

/// Reads indices in brackets; `None` if the text has no such thing.
pub(super) fn read(text: &str) -> Option<Result<Given, Unread>> {
    let mut lists: Vec<(Given, bool)> = Vec::new();
    let (mut until, mut singles, mut all) = (0, 0, 0);
    let mut doubt = false;
    for container in containers(text, false) {
        let span = container.node.span.clone();
        let between = &text[until..span.start];
        let before = line_before(between);
        until = span.end;
        if is_subscript(text, span.start) {
            continue;
        }
        match value(&container.node, 6) {
            Some(indices) => {
                all += 1;
                singles += usize::from(indices.len() == 1);
                // `[2] > [0] > [5]`, `[2], [0]`, `[2] and [0]`.
                let joins = |between: &str| {
                    let between = between.trim();
                    between.chars().all(|c| ">,、;≻》＞ ".contains(c))
                        || between == "and"
                        || between == ", and"
                        || between == "和"
                };
                if let Some((last, _)) = lists.last_mut()
                    && joins(between)
                {
                    last.indices.extend(indices);
                    last.span.end = span.end;
                    continue;
                }
                let aside = ASIDE.is_match(before) && !LEADS.is_match(before);
                // `[3] does not match`.
                let after: String = text[span.end..]
                    .chars()
                    .take(40)
                    .take_while(|c| !".;,\n".contains(*c))
                    .collect();
                let aside = aside || (denies(&after) && !after.contains("other"));
                if !aside {
                    let leads = LEADS.is_match(before) || LEADS.is_match(tail(between));
                    lists.push((Given { indices, span, rule: ReadingRule::Container }, leads));
                }
            }
            None => {
                doubt |=
                    matches!(&container.node.kind, Kind::Object(entries) if !entries.is_empty());
            }
        }
    }
    let Some((first, _)) = lists.first().cloned() else {
        return doubt.then_some(Err(Unread::NothingFound));
    };
    // A verdict an item in brackets: `[0]: no, [1]: yes`.
    let joined = lists.iter().any(|(given, _)| given.indices.len() > 1);
    if singles >= 2 && singles == all && !joined && !lists.iter().any(|(_, leads)| *leads) {
        return Some(clauses::read(text));
    }
    let chosen = match lists.iter().rev().find(|(_, leads)| *leads) {
        Some((given, _)) if given.span.start != first.span.start => given.clone(),
        _ => first,
    };
    if chosen.indices.is_empty()
        && lists.iter().any(|(given, _)| !given.indices.is_empty())
        && !says_nothing(text)
    {
        let filled = lists.iter().find(|(given, _)| !given.indices.is_empty());
        return filled.map(|(given, _)| Ok(given.clone()));
    }
    Some(Ok(chosen))
}

fn line_before(text: &str) -> &str {
    let line = text.rsplit(['\n', '。', ';']).next().unwrap_or_default();
    line.rsplit(". ").next().unwrap_or_default()
}

/// The last line of text before a list that stands on a line of its own.
fn tail(text: &str) -> &str {
    text.trim_end().rsplit('\n').next().unwrap_or_default()
}

/// `images[0]` names an item rather than listing one.
fn is_subscript(text: &str, start: usize) -> bool {
    text[..start].chars().next_back().is_some_and(char::is_alphabetic)
        && !text[..start].ends_with("boxed")
}

/// The indices that a value lists; `None` if it lists none.
fn value(node: &Node, depth: usize) -> Option<Vec<u64>> {
    let depth = depth.checked_sub(1)?;
    match &node.kind {
        Kind::Number(_) | Kind::Text(_) | Kind::Word(_) => {
            index(node).map(|index| vec![index]).or_else(|| {
                let text = node.text()?;
                if matches!(normal(text).as_str(), "none" | "empty" | "nothing") {
                    return Some(Vec::new());
                }
                let inner = containers(text, false);
                match inner.first() {
                    Some(inner) => value(&inner.node, depth),
                    None => numbers::bare(text),
                }
            })
        }
        Kind::List(items) => list(items, depth),
        Kind::Object(entries) => object(entries, depth),
        Kind::Null => Some(Vec::new()),
        Kind::Bool(_) => None,
    }
}

/// The index that a number or a name is.
fn index(node: &Node) -> Option<u64> {
    match &node.kind {
        Kind::Number(number)
            if !number.percent
                && number.value.fract() == 0.0
                && (0.0..1e9).contains(&number.value) =>
        {
            format!("{:.0}", number.value).parse().ok()
        }
        Kind::Text(text) | Kind::Word(text) => named(text),
        _ => None,
    }
}

/// The index in a name such as `image_3`.
fn named(text: &str) -> Option<u64> {
    let found = NAME.captures(text.trim())?;
    found.iter().skip(1).flatten().next()?.as_str().parse().ok()
}

fn list(items: &[Node], depth: usize) -> Option<Vec<u64>> {
    if items.iter().all(|item| matches!(item.kind, Kind::Bool(_))) && !items.is_empty() {
        let chosen = items.iter().enumerate().filter(|(_, item)| item.kind == Kind::Bool(true));
        return Some(chosen.map(|(at, _)| at as u64).collect());
    }
    let mut found = Vec::new();
    for item in items {
        match &item.kind {
            Kind::Object(entries) => {
                if let (index, true) = judged(entries)? {
                    found.push(index);
                }
            }
            Kind::List(_) => found.extend(value(item, depth)?),
            // `[image 0 and image 3]`.
            Kind::Word(text) => match named(text) {
                Some(index) => found.push(index),
                None if items.len() == 1 => found.extend(numbers::bare(text)?),
                None => return None,
            },
            _ => found.push(index(item)?),
        }
    }
    Some(found)
}

/// One object about one item: its index and whether it matches.
fn judged(entries: &[Entry]) -> Option<(u64, bool)> {
    let find =
        |keys: &[&str]| entries.iter().find(|entry| keys.contains(&normal(&entry.key).as_str()));
    let Some(item) = find(&INDEX_KEYS) else {
        // `{"image_0": true}`
        let [entry] = entries else { return None };
        return Some((named(&entry.key)?, says(&entry.value)?));
    };
    let matches = match find(&VERDICT_KEYS).filter(|entry| entry.key != item.key) {
        Some(entry) => says(&entry.value)?,
        None => true,
    };
    Some((index(&item.value)?, matches))
}

fn says(node: &Node) -> Option<bool> {
    match &node.kind {
        Kind::Bool(value) => Some(*value),
        Kind::Number(number) if number.value.abs() < 1e-9 => Some(false),
        Kind::Number(number) if (number.value - 1.0).abs() < 1e-9 => Some(true),
        Kind::Text(text) | Kind::Word(text) => verdict(text),
        Kind::Object(entries) => {
            let entry =
                entries.iter().find(|entry| VERDICT_KEYS.contains(&normal(&entry.key).as_str()))?;
            says(&entry.value)
        }
        _ => None,
    }
}

fn object(entries: &[Entry], depth: usize) -> Option<Vec<u64>> {
    // One entry an item: `{"0": true, "image_1": "no match"}`.
    let items: Option<Vec<(u64, bool)>> =
        entries.iter().map(|entry| Some((named(&entry.key)?, says(&entry.value)?))).collect();
    if let Some(items) = items.filter(|items| !items.is_empty()) {
        return Some(
            items.into_iter().filter(|(_, matches)| *matches).map(|(index, _)| index).collect(),
        );
    }
    if let Some(entry) = entries.iter().find(|entry| is_answer(&entry.key))
        && let Some(found) = value(&entry.value, depth)
    {
        return Some(found);
    }
    let mut lists = entries
        .iter()
        .filter(|entry| {
            !denies(&normal(&entry.key)) && !TALK_KEYS.contains(&normal(&entry.key).as_str())
        })
        .filter(|entry| matches!(entry.value.kind, Kind::List(_) | Kind::Object(_)))
        .filter_map(|entry| value(&entry.value, depth));
    let found = lists.next()?;
    lists.next().is_none().then_some(found)
}

fn is_answer(key: &str) -> bool {
    let key = normal(key);
    let negative = denies(&key) || key.starts_with("un") || key.starts_with("mis");
    !negative
        && (ANSWER_KEYS.contains(&key.as_str())
            || key.contains("match")
            || key.contains("indices")
            || key.ends_with("answer"))
}
