//! Counts in sentences of Chinese, Japanese and Korean: `两只狗和一个女人`, `犬が2匹`, `개 두 마리`.

use super::Given;
use super::amount::{Amount, COUNTERS, asian_prefix};
use super::gather::Gather;
use crate::ReadingRule;
use crate::category::Categories;

/// Longer texts are descriptions.
const TEXT_BYTES: usize = 1_200;

/// Characters between a count and its name that are looked at.
const BETWEEN: usize = 8;

const VAGUE: [&str; 12] = [
    "几",
    "一些",
    "许多",
    "很多",
    "多",
    "若干",
    "一群",
    "数",
    "いくつか",
    "たくさん",
    "여러",
    "몇",
];

const DENIES: [&str; 5] = ["没有", "沒有", "无", "未", "不是"];

/// Reads sentences with names of categories in these languages.
pub(super) fn read(text: &str, categories: &Categories) -> Option<Given> {
    if text.len() > TEXT_BYTES {
        return None;
    }
    let mut gather = Gather::new(categories);
    let mut seen: Vec<(usize, Amount)> = Vec::new();
    let (mut from, mut whole, mut vague) = (0, false, false);
    for found in categories.asian()?.find_iter(text) {
        let named = categories.find(found.as_str())?;
        let before = &text[from..found.start()];
        let after = &text[found.end()..];
        let (left, right) = (counted_before(before), counted_after(after));
        let short = found.as_str().chars().count() == 1;
        let (amount, end) = match (left, right) {
            (Some(amount), _) => (amount, found.end()),
            (None, Some((amount, length))) => (amount, found.end() + length),
            // A single character is often part of another word.
            (None, None) if short => continue,
            (None, None) if DENIES.iter().any(|word| before.ends_with(word)) => continue,
            (None, None) => return None,
        };
        from = end;
        let name = categories.spelled(named);
        let id = name.as_ptr() as usize;
        match seen.iter().find(|(known, _)| *known == id) {
            Some((_, known)) if *known == amount || amount == Amount::Unclear => continue,
            Some(_) => return None,
            None => seen.push((id, amount)),
        }
        whole |= amount != Amount::Unclear;
        vague |= amount == Amount::Unclear;
        gather.add(name, amount);
    }
    let counts = gather.finish().filter(|_| whole && !(vague && text.contains("可能")))?;
    Some(Given { counts, span: 0..text.len(), rule: ReadingRule::Statement })
}

/// The count that stands before a name: a number, a counter and perhaps a word that ends with 的.
fn counted_before(before: &str) -> Option<Amount> {
    let piece =
        before.rsplit(['，', ',', '、', '。', '；', '\n', '和', '与', '及', '：', ':']).next()?;
    let tail: Vec<(usize, char)> = piece.char_indices().rev().take(BETWEEN + 4).collect();
    if VAGUE.iter().any(|word| {
        piece.trim_end_matches(|c: char| COUNTERS.contains(c) || c == '的').ends_with(word)
    }) {
        return Some(Amount::Unclear);
    }
    // From the left, so that `十二` is read whole.
    for (at, _) in tail.into_iter().rev() {
        let Some((number, length)) = asian_prefix(&piece[at..]) else { continue };
        let rest = piece[at + length..].trim_start();
        let between = rest.trim_start_matches(|c: char| COUNTERS.contains(c));
        let counted = between.len() < rest.len();
        let modified = between.is_empty()
            || between.trim_end().ends_with(['的', 'の'])
            || between.chars().count() <= 2;
        if (counted && modified) || (rest.is_empty() && length > 0) {
            return Some(Amount::Whole(number));
        }
    }
    None
}

/// The count that follows a name after a particle or a sign, and its length.
fn counted_after(after: &str) -> Option<(Amount, usize)> {
    const PARTICLES: &str = "がはをのもと가는은이을를도 ：:=×xX*＝有共（(";
    let rest = after.trim_start_matches(|c: char| PARTICLES.contains(c));
    if after[..after.len() - rest.len()].chars().count() > 4 {
        return None;
    }
    let skipped = after.len() - rest.len();
    let (number, length) = asian_prefix(rest)?;
    let tail = rest[length..].trim_start();
    let counted = tail.is_empty()
        || tail.starts_with(|c: char| COUNTERS.contains(c) || "，,、。；;\n)）. ".contains(c));
    counted.then_some((Amount::Whole(number), skipped + length))
}
