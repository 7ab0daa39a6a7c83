//! Indices without brackets: `0, 3, 7`, `Image 2 and image 5 match`, a verdict an item, `Not 3 but 5`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Given;
use super::numbers::{ITEMS, NUMBER, bare, by_pairs, is_open, led};
use super::words::{denies, hedges, matches, says_nothing};
use crate::{ReadingRule, Unread};

/// Where one statement ends and another begins.
static BREAK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)[;\n。；!！?？]|\.(?:\s|$)|,?\s+(?:but|which leaves|leaving|while|whereas|although|though|however|however,|unlike|rather than|instead of|except)\s|",
        r"[，,]\s*(?:而|但)",
    ))
    .expect("the pattern is constant and tested")
});

static ITEM_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"(?i)\b{ITEMS}[ _#:]*\s*\d|^\W*\d{{1,4}}\s*[:：.)\-–]|^\W*\[?\d{{1,4}}\]?\s*[:：]|(?:图片|图像|音频|声音)\s*\d"))
        .expect("the pattern is constant and tested")
});

/// What is heard is seen in the items that follow.
static SHOWN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"(?i)\w [^.;\n]*\b(?:in|at|on) (?:\w+ ){{0,2}}?{ITEMS}\b"))
        .expect("the pattern is constant and tested")
});

/// `2 does`, after what was said of others.
static AFFIRMS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\d\W+(?:does|do|is|are)\W*$").expect("the pattern is constant and tested")
});

/// Words that open a conclusion.
static CONCLUDES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^\W*(?:so|therefore|thus|hence|consequently|overall|in conclusion|in summary|finally|the answers? (?:is|are)|",
        r"(?:final )?answers?\b|final\b|conclusion|result|matching (?:\w+ )?(?:is|are|:)|因此|所以|答案|最终|综上)",
    ))
    .expect("the pattern is constant and tested")
});

/// What a clause says of the items that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Match,
    Deny,
    Nothing,
}

struct Clause<'t> {
    text: &'t str,
    span: Range<usize>,
    says: Says,
    indices: Vec<u64>,
}

/// Reads indices from words.
pub(super) fn read(text: &str) -> Result<Given, Unread> {
    let given = |indices, span, rule| Ok(Given { indices, span, rule });
    if let Some(indices) = bare(text) {
        return given(indices, 0..text.len(), ReadingRule::Whole);
    }
    if let Some((indices, span)) = led(text) {
        return given(indices, span, ReadingRule::Marked);
    }
    if let Some(indices) = by_pairs(text) {
        return given(indices, 0..text.len(), ReadingRule::Statement);
    }
    let clauses = clauses(text);
    // The conclusion, from the last clause on.
    for clause in clauses.iter().rev() {
        let conclusion = CONCLUDES.find(clause.text.trim());
        if let Some(marker) = conclusion {
            let rest = &clause.text.trim()[marker.end()..];
            if let Some(indices) = bare(clause.text).or_else(|| bare(rest)) {
                return given(indices, clause.span.clone(), ReadingRule::Conclusion);
            }
            if says_nothing(clause.text) {
                return given(Vec::new(), clause.span.clone(), ReadingRule::Conclusion);
            }
            if clause.says == Says::Match
                && !clause.indices.is_empty()
                && !is_open(clause.text)
                && conclusion.is_some()
                && !hedges(clause.text)
            {
                return given(clause.indices.clone(), clause.span.clone(), ReadingRule::Conclusion);
            }
        }
    }
    if clauses
        .iter()
        .any(|clause| is_open(clause.text) && !clause.indices.is_empty() || is_open(clause.text))
    {
        return Err(Unread::SeveralLeft);
    }
    if hedges(text) && text.chars().any(|c| c.is_ascii_digit()) {
        return Err(Unread::SeveralLeft);
    }
    let of = |wanted: Says| {
        clauses.iter().filter(move |clause| clause.says == wanted && !clause.indices.is_empty())
    };
    let positive: Vec<u64> =
        of(Says::Match).flat_map(|clause| clause.indices.iter().copied()).collect();
    let negative: Vec<u64> =
        of(Says::Deny).flat_map(|clause| clause.indices.iter().copied()).collect();
    if !positive.is_empty() {
        if positive.iter().any(|index| negative.contains(index)) {
            return Err(Unread::Contradictory);
        }
        return given(positive, 0..text.len(), ReadingRule::Statement);
    }
    let mut placed = clauses.iter().filter(|clause| !clause.indices.is_empty());
    if let (Some(only), None) = (placed.next(), placed.next())
        && only.says == Says::Nothing
        && SHOWN.is_match(only.text)
    {
        return given(only.indices.clone(), only.span.clone(), ReadingRule::Statement);
    }
    let open: Vec<u64> =
        of(Says::Nothing).flat_map(|clause| clause.indices.iter().copied()).collect();
    if clauses.iter().any(|clause| says_nothing(clause.text)) && open.is_empty() {
        return given(Vec::new(), 0..text.len(), ReadingRule::Statement);
    }
    // `Not 3 but 5`.
    let short = text.split_whitespace().count() <= 16 && clauses.len() <= 3;
    if !negative.is_empty() && !open.is_empty() && short {
        let remaining: Vec<u64> =
            open.into_iter().filter(|index| !negative.contains(index)).collect();
        if !remaining.is_empty() {
            return given(remaining, 0..text.len(), ReadingRule::Statement);
        }
    }
    // Every item was judged, and none matches.
    let one_each = of(Says::Deny).all(|clause| clause.indices.len() == 1);
    if one_each
        && negative.len() >= 2
        && of(Says::Nothing).next().is_none()
        && clauses
            .iter()
            .filter(|clause| !clause.indices.is_empty())
            .all(|clause| clause.says == Says::Deny)
    {
        return given(Vec::new(), 0..text.len(), ReadingRule::Statement);
    }
    Err(Unread::NothingFound)
}

/// The clauses of a text. Where every part between commas judges an item, they are clauses too.
fn clauses(text: &str) -> Vec<Clause<'_>> {
    if let Some(lines) = by_lines(text) {
        return lines;
    }
    let mut spans = Vec::new();
    let mut from = 0;
    for found in BREAK.find_iter(text) {
        spans.push(from..found.start());
        // The word that opens the next clause belongs to it: `but not 4`.
        let word = found.as_str().trim_start_matches([',', '，']).trim_start();
        from = if word.starts_with(char::is_alphabetic) {
            found.end() - word.len()
        } else {
            found.end()
        };
    }
    spans.push(from..text.len());
    let mut found = Vec::new();
    for span in spans {
        let sentence = &text[span.clone()];
        if !sentence.chars().any(char::is_alphanumeric) {
            continue;
        }
        let parts = by_commas(text, &span);
        found.extend(parts.into_iter().map(|span| clause(text, span)));
    }
    found
}

/// One line an item, each with its verdict at the end: `Image 0: a dog on a lawn. Match.`
fn by_lines(text: &str) -> Option<Vec<Clause<'_>>> {
    let mut found = Vec::new();
    let (mut at, mut judged, mut others) = (0, 0, 0);
    for line in text.split_inclusive('\n') {
        let span = at..at + line.len();
        at += line.len();
        let names = ITEM_NUMBER.find(line.trim_start_matches(|c: char| !c.is_alphanumeric()));
        if names.is_none_or(|names| names.start() > 0) {
            if line.chars().any(char::is_alphanumeric) {
                others += 1;
                found.push(clause(text, span));
            }
            continue;
        }
        let parts = line
            .split(['.', ';', ':', '：', '—', '–', '|', '→', ',', '(', ')', '，'])
            .chain(line.rsplit(" - ").take(1));
        let last = parts
            .filter(|part| part.chars().any(|c| c.is_alphabetic() || "✓✔✅✗✘❌☑".contains(c)))
            .last();
        let verdict = last.and_then(super::words::verdict);
        let mut clause = clause(text, span);
        clause.indices.truncate(1);
        if let Some(matches) = verdict {
            clause.says = if matches { Says::Match } else { Says::Deny };
        }
        judged += usize::from(clause.says != Says::Nothing);
        found.push(clause);
    }
    let items = found.len() - others;
    (items >= 2 && judged == items).then_some(found)
}

/// Parts between commas (or `and`) if each names an item and judges it.
fn by_commas(text: &str, span: &Range<usize>) -> Vec<Range<usize>> {
    static COMMA: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)[,，、|]\s*(?:and\s+)?|\s+and\s+")
            .expect("the pattern is constant and tested")
    });
    let sentence = &text[span.clone()];
    let split = |only_commas: bool| {
        let mut parts = Vec::new();
        let mut from = span.start;
        for found in COMMA.find_iter(sentence) {
            if only_commas && !found.as_str().contains([',', '，', '、', '|']) {
                continue;
            }
            parts.push(from..span.start + found.start());
            from = span.start + found.end();
        }
        parts.push(from..span.end);
        parts
    };
    for only_commas in [true, false] {
        let parts = split(only_commas);
        let judges = |part: &Range<usize>| {
            let part = &text[part.clone()];
            part.chars().any(|c| c.is_ascii_digit()) && (matches(part) || denies(part))
        };
        if parts.len() > 1 && parts.iter().all(judges) {
            return parts;
        }
        // `Not 2, but 4 and 7`, `2 matches, not 5`.
        let affirmed = parts.last().is_some_and(|part| AFFIRMS.is_match(&text[part.clone()]));
        if affirmed && parts.len() == 2 {
            return parts;
        }
        if parts.len() == 2 && parts.iter().all(|part| NUMBER.is_match(&text[part.clone()])) {
            let second = text[parts[1].clone()].trim_start().to_lowercase();
            let first = &text[parts[0].clone()];
            if second.starts_with("not ")
                || second.starts_with("but ")
                || first.trim_start().to_lowercase().starts_with("not ")
            {
                return parts;
            }
        }
    }
    vec![span.clone()]
}

fn clause(text: &str, span: Range<usize>) -> Clause<'_> {
    let clause = &text[span.clone()];
    let says = if denies(clause) && !says_only(clause) {
        Says::Deny
    } else if matches(clause) || AFFIRMS.is_match(clause) {
        Says::Match
    } else {
        Says::Nothing
    };
    let indices = digits(clause);
    Clause { text: clause, span, says, indices }
}

/// `No others match but 2`, `nothing but 3`.
fn says_only(clause: &str) -> bool {
    let lower = clause.to_lowercase();
    lower.contains("no other")
        || lower.contains("nothing but")
        || lower.contains("none but")
        || lower.contains("no doubt")
}

/// Numbers in digits; in a verdict an item the first one names the item.
fn digits(clause: &str) -> Vec<u64> {
    let judged = ITEM_NUMBER
        .find(clause.trim())
        .is_some_and(|found| found.start() == 0 && clause.contains([':', '：']));
    let all = NUMBER.find_iter(clause).filter_map(|found| found.as_str().parse().ok());
    if judged && !clause.trim_start().to_lowercase().starts_with("indices") {
        all.take(1).collect()
    } else {
        all.collect()
    }
}
