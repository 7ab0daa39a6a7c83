//! Counts in lines, tables and enumerations: `- dog: 2`, `| dog | 2 |`, `dog=2; cat=1`, `2 dogs and 1 cat`.

use std::sync::LazyLock;

use regex::Regex;

use super::Given;
use super::amount::Amount;
use super::gather::{Gather, is_total};
use crate::category::{Categories, normal};
use crate::value::{Kind, pairs};
use crate::{Count, Counts, ReadingRule};

/// Longer pieces are prose.
const PIECE_BYTES: usize = 80;

static BULLET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:[-*•·●▪◦–—+>]+\s+|\(?\d{1,2}[.)、]\s*|[①-⑳]\s*|#{1,6}\s+|[✅✓☑🐶🐱]\s*)+")
        .expect("the pattern is constant and tested")
});

/// What leads to a list on its own line.
static LEAD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^\s*(?:(?:the |my |final |correct )*(?:answers?|result|output|counts?)(?: is| are)?\s*[:=：]\s*|",
        r"(?:here (?:is|are)|here's)[^:\n]{0,80}:\s*|",
        r"(?:i (?:can )?(?:hear|see|count|identify|detect)|there (?:is|are)|the (?:audio|image|picture|video|clip|sound)[^:,\n]{0,40}",
        r"(?:contains?|shows?|has|features?|includes?))\s*(?:the following)?[^:,\n]{0,30}:\s*|",
        r"(?:sound sources?|objects?|instruments?|sources?|animals?|items?)(?: (?:detected|found|identified|heard|present|visible))?\s*:\s*)",
    ))
    .expect("the pattern is constant and tested")
});

/// `dog: 2`, `dog - 2`, `dog = 2`, `dog x2`, `dog (2)`, `dog 2`.
static NAME_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?P<name>[^\d:=：→|]*?[^\s\d:=：→|(（×✕*-](?:[_ #]\d+)?)(?:\s*\*+)?\s*",
        r"(?:(?:[:：=→]|->|=>|--?|–|—)\s*[x×✕]?|\s[x×✕*]|[×✕*]|[\[(（]\s*[x×✕]?|[,，]\s*|…|\.{2,}|\s+)\s*\**\s*",
        r"(?P<amount>\d+(?:\.\d+)?)\s*[x×✕]?\s*(?:\*+)?[)）\]]?",
        r"(?:\s*(?:instances?|sources?|times?|pcs|pieces?|objects?|sounds?|items?|only|individuals?|in total|[\p{Han}\p{Hangul}ひつ]{1,2})\b\.?|)\s*(?:\(.*\)|（.*）|,? ?[-–—] .*)?[.。!]?\s*$",
    ))
    .expect("the pattern is constant and tested")
});

/// `dog: two`, `dog (two)`.
static WORD_LAST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?P<name>[^\d:=：→|(（]*?[^\s\d:=：→|(（×✕*-])(?:\s*\*+)?\s*(?:[:：=→(（]|->|=>|--|–|—|\s-\s)\s*\**\s*(?P<amount>\p{L}+)\s*\**[)）]?",
        r"(?:\s+(?:instances?|sources?|times?|pieces?|objects?|sounds?|items?|only|individuals?|in total))?\s*(?:\(.*\)|（.*）)?[.。!]?\s*$",
    ))
    .expect("the pattern is constant and tested")
});

/// `2 dogs`, `2x dog`, `two: dogs`.
static NUMBER_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?P<amount>\d+|[\p{L}]+)\s*(?:[x×✕*]\s+|[x×✕]\s*|[:：]\s*|\s)\s*(?P<name>\p{L}[\p{L}\s_'’\-]*?)\s*(?:\(.*\))?[.。!]?\s*$")
        .expect("the pattern is constant and tested")
});

/// `the number of dogs is 2`.
static NUMBER_OF: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:the )?(?:total )?(?:number|count|amount|quantity) of (?P<name>[\p{L} _'-]+?)\s*(?:is|are|was|were|equals|[:=：])\s*(?P<amount>\w+)[.。!]?$")
        .expect("the pattern is constant and tested")
});

/// `<dog>2</dog>`.
static TAGGED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"<(\p{L}[\p{L} _-]{0,40})>\s*(\d{1,4})\s*</")
        .expect("the pattern is constant and tested")
});

/// Tags of tables in HTML, and where their cells and rows end.
static TAGS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?P<cell></t[dh]>)|(?P<row></tr>)|</?(?:table|thead|tbody|t[rdh])\b[^>]{0,80}>",
    )
    .expect("the pattern is constant and tested")
});

/// A table in HTML as one of Markdown, and `<dog>2</dog>` as lines; `None` if there is neither.
pub(super) fn without_tags(text: &str) -> Option<String> {
    if text.contains("<td") {
        let of = |found: &regex::Captures<'_>| {
            let end = if found.name("cell").is_some() {
                "|"
            } else if found.name("row").is_some() {
                "\n"
            } else {
                ""
            };
            end.to_owned()
        };
        return Some(TAGS.replace_all(text, of).into_owned());
    }
    let lines: Vec<String> =
        TAGGED.captures_iter(text).map(|found| format!("{}: {}", &found[1], &found[2])).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Units and other nouns that are counted without being things.
const UNITS: [&str; 36] = [
    "second",
    "seconds",
    "minute",
    "minutes",
    "hour",
    "hours",
    "time",
    "times",
    "sec",
    "s",
    "ms",
    "hz",
    "khz",
    "db",
    "channel",
    "channels",
    "frame",
    "frames",
    "percent",
    "category",
    "categories",
    "type",
    "types",
    "kind",
    "kinds",
    "different",
    "distinct",
    "class",
    "classes",
    "of",
    "each",
    "more",
    "bars",
    "beats",
    "notes",
    "times",
];

/// Nouns for whatever was counted.
pub(super) const GENERIC: [&str; 38] = [
    "animal",
    "animals",
    "object",
    "objects",
    "thing",
    "things",
    "item",
    "items",
    "source",
    "sources",
    "sound",
    "sounds",
    "instrument",
    "instruments",
    "vehicle",
    "vehicles",
    "instance",
    "instances",
    "people",
    "person",
    "persons",
    "fruit",
    "fruits",
    "entity",
    "entities",
    "voice",
    "voices",
    "human",
    "humans",
    "speaker",
    "speakers",
    "element",
    "elements",
    "creature",
    "creatures",
    "singers",
    "musicians",
    "total",
];

/// A name and its count in a short piece: `2 dogs`, `dog x2`, `dog: two`, `dog`.
pub(super) fn phrase(piece: &str) -> Option<(&str, Option<Amount>)> {
    let piece = piece.trim();
    let piece = BULLET
        .find(piece)
        .filter(|bullet| bullet.end() < piece.len())
        .map_or(piece, |bullet| &piece[bullet.end()..]);
    let piece = piece
        .trim()
        .trim_start_matches("and ")
        .trim_matches(|c: char| c.is_whitespace() || "*`\"'“”".contains(c));
    if piece.is_empty() || piece.len() > PIECE_BYTES {
        return None;
    }
    if let Some(found) = NUMBER_OF.captures(piece) {
        let name = found.name("name").map_or("", |found| found.as_str());
        return Amount::of_text(&found["amount"]).map(|amount| (name, Some(amount)));
    }
    if let Some(found) = NUMBER_FIRST.captures(piece) {
        let name = found.name("name").map_or("", |found| found.as_str());
        if let Some(amount) = Amount::of_text(&found["amount"]) {
            return (!name.is_empty()).then_some((name, Some(amount)));
        }
    }
    for pattern in [&NAME_FIRST, &WORD_LAST] {
        let Some(found) = pattern.captures(piece) else { continue };
        let name = found.name("name").map_or("", |found| found.as_str()).trim();
        if let Some(amount) = Amount::of_text(&found["amount"]) {
            return Some((name, Some(amount)));
        }
    }
    // `dog: several`, `dog: 2-3`.
    if let Some((name, rest)) = piece.split_once([':', '=', '：']) {
        return Amount::of_text(rest).map(|amount| (name.trim(), Some(amount)));
    }
    let bare = piece.trim_end_matches(['.', '!', '。']);
    let named = bare.split_whitespace().count() <= 4;
    named.then_some((bare, None))
}

/// Reads a text whose lines or pieces are names with counts.
pub(super) fn read(text: &str, categories: &Categories) -> Option<Given> {
    if let Some(counts) = without_braces(text, categories) {
        return Some(Given { counts, span: 0..text.len(), rule: ReadingRule::Container });
    }
    let mut gather = Gather::new(categories);
    if table(text, &mut gather) || listed(text, &mut gather) {
        let counts = gather.finish().filter(counts_any)?;
        return Some(Given { counts, span: 0..text.len(), rule: ReadingRule::Container });
    }
    let mut gather = Gather::new(categories);
    if enumerated(text, &mut gather) {
        let counts = gather.finish().filter(counts_any)?;
        return Some(Given { counts, span: 0..text.len(), rule: ReadingRule::Whole });
    }
    None
}

/// Pairs in quotes that lack their braces: `"dog": 2, "cat": 1}`.
fn without_braces(text: &str, categories: &Categories) -> Option<Counts> {
    if text.len() > 2_000 || !text.contains(['"', '\'', '“']) || !text.contains([':', '：']) {
        return None;
    }
    let mut gather = Gather::new(categories);
    for entry in pairs(text) {
        let amount = match &entry.value.kind {
            Kind::Number(number) if !number.percent => Amount::of_number(number.value),
            _ => Amount::of_text(entry.value.text()?)?,
        };
        if !gather.knows(&entry.key) {
            return None;
        }
        gather.add(&entry.key, amount);
    }
    gather.finish().filter(counts_any)
}

/// Whether not all counts are vague, and something is counted.
fn counts_any(counts: &Counts) -> bool {
    counts.named.is_empty() || counts.named.iter().any(|(_, count)| *count != Count::Unclear)
}

/// A table in Markdown, or with commas or tabs below a header.
fn table(text: &str, gather: &mut Gather<'_>) -> bool {
    let mut columns: Option<(usize, usize)> = None;
    let mut names: Vec<&str> = Vec::new();
    let mut rows = 0;
    for line in text.lines().map(str::trim) {
        let cells: Vec<&str> = if line.matches('|').count() >= 1 {
            line.trim_matches('|').split('|').map(str::trim).collect()
        } else if columns.is_some() || is_header(line) {
            line.split([',', '\t']).map(str::trim).collect()
        } else {
            continue;
        };
        if cells.len() < 2 || cells.iter().all(|cell| cell.chars().all(|c| "-:= ".contains(c))) {
            continue;
        }
        let is_count = |cell: &&str| {
            let cell = normal(cell.trim_matches('*'));
            [
                "count",
                "number",
                "quantity",
                "amount",
                "instances",
                "数量",
                "個数",
                "개수",
                "qty",
                "num",
                "how many",
                "cantidad",
                "anzahl",
                "nombre",
            ]
            .iter()
            .any(|word| cell.starts_with(word))
        };
        if let Some(count) = cells.iter().position(&is_count) {
            // The name is the last column before the count that is no number of a row.
            let is_number = |cell: &&&str| {
                !matches!(
                    normal(cell.trim_matches('*')).as_str(),
                    "#" | "no." | "no" | "id" | "index" | "序号" | "nr" | "number"
                )
            };
            let name = cells.iter().position(|cell| is_number(&cell) && !is_count(cell));
            columns = name.map(|name| (name, count));
            continue;
        }
        // Names in one row, their counts in the next.
        let known = |cell: &&str| gather.categories.fold(cell).known;
        if cells.len() >= 2 && cells.iter().all(known) {
            names = cells;
            continue;
        }
        let amounts: Vec<Amount> = cells.iter().filter_map(|cell| Amount::of_text(cell)).collect();
        if !names.is_empty() && names.len() == amounts.len() && amounts.len() == cells.len() {
            for (name, amount) in names.drain(..).zip(amounts) {
                gather.add(name, amount);
                rows += 1;
            }
            continue;
        }
        let (name, count) = match columns {
            Some(columns) => columns,
            None if cells.len() == 2 => (0, 1),
            None => continue,
        };
        let (Some(name), Some(count)) = (cells.get(name), cells.get(count)) else { continue };
        let name = name.trim_matches('*').trim();
        let Some(amount) = Amount::of_text(count) else { continue };
        if !is_total(&normal(name)) && name.chars().any(char::is_alphabetic) {
            gather.add(name, amount);
            rows += 1;
        }
    }
    rows > 0
}

fn is_header(line: &str) -> bool {
    let cells: Vec<String> = line.split([',', '\t']).map(normal).collect();
    cells.len() == 2
        && matches!(
            cells[1].as_str(),
            "count" | "number" | "quantity" | "amount" | "counts" | "instances"
        )
}

/// Lines with a name and a count each, among others that say something else.
fn listed(text: &str, gather: &mut Gather<'_>) -> bool {
    let (mut pairs, mut known, mut bare, mut prose) = (Vec::new(), 0, Vec::new(), 0);
    let mut lines = 0;
    for line in text.lines() {
        let plain = line.trim();
        if plain.is_empty()
            || plain.starts_with("```")
            || plain.chars().all(|c| "-=*_#".contains(c))
        {
            continue;
        }
        lines += 1;
        let plain = LEAD.find(plain).map_or(plain, |lead| &plain[lead.end()..]);
        if plain.is_empty() || plain.trim_end_matches(['*', ' ']).ends_with([':', '：']) {
            continue;
        }
        let bulleted = BULLET.is_match(plain);
        match phrase(plain) {
            Some((name, Some(amount))) if !is_total(&normal(name)) && !is_unit(name) => {
                let on_list = gather.knows(name);
                let generic = GENERIC.contains(&normal(name).as_str());
                known += usize::from(on_list);
                if on_list || !generic {
                    pairs.push((name, amount));
                }
            }
            Some((name, None)) if gather.categories.fold(name).known => bare.push((name, bulleted)),
            Some((_, Some(_))) => {}
            _ => prose += 1,
        }
    }
    if known > 0 && prose == 0 || known >= 2 {
        // Bare names between names with counts are one each only if nothing else is said.
        if !bare.is_empty() && prose > 0 {
            return false;
        }
        for (name, amount) in pairs {
            gather.add(name, amount);
        }
        for (name, _) in bare {
            gather.add(name, Amount::Whole(1));
        }
        return true;
    }
    // Nothing but names, one a line.
    if pairs.is_empty() && bare.len() >= 2 && bare.len() == lines
        || (bare.len() >= 2 && prose == 0 && bare.iter().all(|(_, bulleted)| *bulleted))
    {
        for (name, _) in bare {
            gather.add(name, Amount::Whole(1));
        }
        return true;
    }
    false
}

/// The list after words that lead to it: `There are 3 animals: 2 dogs and 1 cat`, `Detected: dog (2)`.
fn after_lead<'t>(text: &'t str, gather: &Gather<'_>) -> &'t str {
    let Some((before, after)) = text.split_once([':', '：']) else { return text };
    let first = after.split([',', '，', ';']).next().unwrap_or_default();
    let counted = phrase(first).is_some_and(|(_, amount)| amount.is_some());
    let words = || before.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let generic = words().any(|word| GENERIC.contains(&word.to_lowercase().as_str()));
    let plain = words().count() <= 6
        && words().all(|word| gather.categories.find(word).is_none())
        && !before.chars().any(|c| c.is_ascii_digit());
    if counted && (generic || plain) && !gather.knows(before) { after } else { text }
}

/// `in total 3 animals`.
fn sums_up(part: &str) -> bool {
    const WORDS: [&str; 14] = [
        "in",
        "total",
        "altogether",
        "overall",
        "a",
        "of",
        "number",
        "there",
        "are",
        "so",
        "making",
        "for",
        "the",
        "=",
    ];
    let mut words = part
        .split(|c: char| !c.is_alphanumeric() && c != '=')
        .filter(|word| !word.is_empty())
        .peekable();
    let mut total = false;
    words.peek().is_some()
        && words.all(|word| {
            let word = word.to_lowercase();
            let generic = GENERIC.contains(&word.as_str());
            total |= generic || matches!(word.as_str(), "total" | "altogether" | "overall");
            generic || WORDS.contains(&word.as_str()) || Amount::of_text(&word).is_some()
        })
        && total
}

/// The category at the end of a name of two or three words: `thick book`; `None` if the words before
/// it say more than what it is like.
fn head<'t>(name: &'t str, categories: &Categories) -> Option<&'t str> {
    if categories.fold(name).known || Categories::is_other(&normal(name)) {
        return Some(name);
    }
    let Some((before, last)) = name.rsplit_once(' ') else { return Some(name) };
    let says_more = before.split(' ').any(|word| SAYS_MORE.contains(&word.to_lowercase().as_str()));
    if says_more || before.split(' ').count() > 2 {
        return None;
    }
    Some(if categories.find(last).is_some() { last } else { name })
}

/// Words before a name in an enumeration that are no part of it.
const SAYS_MORE: [&str; 24] = [
    "no", "not", "but", "or", "without", "maybe", "perhaps", "possibly", "of", "with", "than",
    "like", "another", "is", "are", "the", "in", "on", "at", "least", "more", "only", "never", "i",
];

fn is_unit(name: &str) -> bool {
    normal(name).split(' ').next().is_some_and(|word| UNITS.contains(&word))
}

/// One line or more of pieces between commas and `and`, every one a name with or without a count.
fn enumerated(text: &str, gather: &mut Gather<'_>) -> bool {
    let text = text.trim();
    let text = LEAD.find(text).map_or(text, |lead| &text[lead.end()..]);
    let text = after_lead(text, gather);
    if text.len() > 600 {
        return false;
    }
    // `dog, 2; cat, 1`
    let pieces: Vec<_> = text.split([';', '；', '\n']).map(phrase).collect();
    let paired = |found: &Option<(&str, Option<Amount>)>| {
        found.is_some_and(|(name, amount)| amount.is_some() && gather.knows(name))
    };
    if pieces.len() > 1 && pieces.iter().all(paired) {
        for (name, amount) in pieces.into_iter().flatten() {
            gather.add(name, amount.unwrap_or(Amount::Unclear));
        }
        return true;
    }
    let parts = text
        .split([',', ';', '，', '；', '、', '\n', '/', '+', '&'])
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(" y "))
        .flat_map(|part| part.split(" et "))
        .flat_map(|part| part.split(" und "))
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let mut found = Vec::new();
    for part in parts {
        if sums_up(part) && !found.is_empty() {
            continue;
        }
        let Some((name, amount)) = phrase(part) else { return false };
        let lower = normal(name);
        if is_total(&lower) {
            continue;
        }
        let Some(name) = head(name, gather.categories) else { return false };
        let on_list = gather.knows(name);
        if GENERIC.contains(&lower.as_str()) && !on_list || is_unit(name) {
            return false;
        }
        if !on_list && (amount.is_none() || name.split_whitespace().count() > 2) {
            return false;
        }
        found.push((name, amount, on_list));
    }
    // Plurals without a count are many of unknown number.
    let clear = |(name, amount, _): &(&str, Option<Amount>, bool)| {
        amount.is_some()
            || gather
                .categories
                .find(name)
                .is_none_or(|named| named.form != crate::category::Form::Plural)
    };
    if !found.iter().any(|(_, _, on_list)| *on_list) || !found.iter().all(clear) {
        return false;
    }
    for (name, amount, _) in found {
        gather.add_from_prose(name, amount.unwrap_or(Amount::Whole(1)));
    }
    gather.len() > 0
}
