//! Answers in layouts: ticked boxes, weights, tables and lists.

use std::ops::Range;
use std::sync::LazyLock;

use super::choices::folded;
use super::question::Asked;
use crate::text::sentences::Sentence;
use crate::text::words::{stem, words};
use crate::text::{Pattern, pattern, trimmed};

/// A ticked box before its option.
static TICKED: Pattern = LazyLock::new(|| {
    pattern(r"(?im)(?:\[\s*(?P<tick>[x✓✔])\s*\]|(?P<sign>[☑✅☒]))\s*(?P<option>[^\[\n☐☑✅☒]{1,60})")
});

/// A ticked box behind its option.
static TICKED_BEHIND: Pattern =
    LazyLock::new(|| pattern(r"(?i)(?P<option>[^\[\]\n]{1,40})\[\s*[x✓✔]\s*\]"));

/// An option with its weight.
static WEIGHT: Pattern = LazyLock::new(|| {
    pattern(
        r#"^[\s*\-•{]*[\"'*]*(?P<name>[^:=\n\"'*]{1,40})[\"'*]*\s*[:=]\s*\*{0,2}(?P<weight>0?\.\d+|[01]\.0*|\d{1,3}(?:\.\d+)?\s*%)\*{0,2}[\s}]*$"#,
    )
});

/// A longer text is no list of weights.
const LONGEST_WEIGHTS: usize = 2_000;

/// The only option whose box is ticked: yes of `[x] yes [ ] no` and of `yes [x] no [ ]`. What an
/// option is, `option` says.
pub(super) fn ticked<T>(
    text: &str,
    option: impl Fn(&str) -> Option<T>,
) -> Option<(T, Range<usize>)> {
    let is_behind = text.trim_end().ends_with(']');
    if !is_behind && !text.contains("[ ]") && !text.contains('☐') {
        return None;
    }
    let pattern = if is_behind { &TICKED_BEHIND } else { &TICKED };
    let mut ticked = pattern.captures_iter(text);
    let only = ticked.next().filter(|_| ticked.next().is_none())?;
    let found = only.name("option")?;
    Some((option(found.as_str().trim())?, found.range()))
}

/// `yes: 0.08, no: 0.89`: the option with the largest weight, if at least two options have one and
/// nothing else is said. Of equal weights the first counts.
pub(super) fn weighed<T: AsRef<str>>(text: &str, options: &[T]) -> Option<(usize, Range<usize>)> {
    if text.len() > LONGEST_WEIGHTS || !text.contains(['.', '%']) {
        return None;
    }
    let mut best: Option<(usize, f64)> = None;
    let mut count = 0;
    for line in text.split(['\n', ',', ';']).filter(|line| !line.trim().is_empty()) {
        let found = WEIGHT.captures(line)?;
        let name = folded(&found["name"]);
        let option = options.iter().position(|option| folded(option.as_ref()) == name)?;
        let weight: f64 = found["weight"].trim_end_matches(['%', ' ']).parse().ok()?;
        count += 1;
        if best.is_none_or(|(_, most)| weight > most) {
            best = Some((option, weight));
        }
    }
    let (option, _) = best.filter(|_| count >= 2)?;
    Some((option, trimmed(text)))
}

/// The only row of a table that names what was asked about, the heading aside: the second one of
/// `| thing | seen |`, `| dog | no |` for `Is the dog seen?`
pub(super) fn table_row(asked: &Asked, text: &str) -> Option<Range<usize>> {
    let mut rows = 0;
    let mut found = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let range = at..at + line.trim_end().len();
        at += line.len();
        if !line.trim_start().starts_with('|') || line.matches('|').count() < 3 {
            continue;
        }
        rows += 1;
        if rows > 1 && words(line).iter().any(|word| asked.mentions(&stem(&word.text))) {
            if found.is_some() {
                return None;
            }
            found = Some(range);
        }
    }
    found.filter(|_| rows >= 3)
}

/// Whether a sentence stands in a line that is one item of a list: `- On the boats: no`, `2. Red.`
pub(super) fn is_list_item(text: &str, sentence: &Sentence) -> bool {
    let before = &text[..sentence.span.start];
    let line = &text[before.rfind('\n').map_or(0, |at| at + 1)..];
    let line = line.trim_start();
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = line.len() - number.len();
    line.starts_with(['-', '•', '|'])
        || line.starts_with("* ")
        || ((1..=2).contains(&digits) && number.starts_with(['.', ')']))
}
