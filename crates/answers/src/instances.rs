//! AMIC and VMIC: categories with counts, `{'dog': '1', 'man': '2'}`.

use crate::answer::{Answer, Step};
use crate::blocks::{self, Block};
use crate::fields;
use crate::rule::FormattingRule;
use crate::unread_reason::Misfit;
use crate::{count, lines};

pub(crate) const RULES: &[Step] = &[
    (FormattingRule::Whole, |answer| blocks::whole(answer, convert)),
    (FormattingRule::Fenced, |answer| blocks::fenced(answer, convert)),
    (FormattingRule::Assigned, |answer| blocks::assigned(answer, convert)),
    (FormattingRule::Lines, |answer| lines::lines(answer, &['\n', ',', ';'], convert)),
    (FormattingRule::OnlyBlock, |answer| blocks::only_block(answer, &['{', '['], convert)),
];

const COUNT: [&str; 6] = ["count", "number", "quantity", "num", "counts", "amount"];

/// The official scoring ignores an answer that is not shorter than this, in characters.
const LIMIT: usize = 300;

fn convert(block: &Block, answer: &Answer<'_>) -> Result<String, Misfit> {
    let pairs = fields::pairs(fields::unwrap(&block.value), &COUNT).ok_or(Misfit::NoCategories)?;
    let mut counts: Vec<(String, u32)> = Vec::new();
    for (name, value) in pairs {
        let name = name.as_text().ok_or(Misfit::CategoryNotText)?;
        let name = answer.categories().category(name)?;
        counts.push((name, count::count(value)?));
    }
    if has_repeated(counts.iter().map(|(name, _)| name)) {
        return Err(Misfit::CategoryTwice);
    }
    let write = |colon: &str, comma: &str| {
        let entries: Vec<String> =
            counts.iter().map(|(name, count)| format!("'{name}'{colon}'{count}'")).collect();
        format!("{{{}}}", entries.join(comma))
    };
    let text = write(": ", ", ");
    // An answer that is short enough only because it has no spaces must not grow beyond the limit.
    let was_short = || answer.visible[block.span.clone()].chars().count() < LIMIT;
    if text.chars().count() >= LIMIT && was_short() {
        return Ok(write(":", ","));
    }
    Ok(text)
}

fn has_repeated<'a>(names: impl Iterator<Item = &'a String>) -> bool {
    let mut seen = std::collections::HashSet::new();
    !names.into_iter().all(|name| seen.insert(name))
}
