//! Counts in tables: Markdown, HTML, commas and tabs.

use std::sync::LazyLock;

use regex::Regex;

use super::amount::Amount;
use super::gather::{Gather, is_total};
use crate::category::normal;

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

/// A table in Markdown, or with commas or tabs below a header.
pub(super) fn table(text: &str, gather: &mut Gather<'_>) -> bool {
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
