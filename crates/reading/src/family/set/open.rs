//! Sets of whatever an answer names, where a question has no options.

use super::HASHES;
use crate::read::Found;
use crate::text::refusal::refusal;
use crate::text::{trimmed, unwrapped};
use crate::{ReadingRule, Unread, Value};

/// Pieces longer than this are prose.
const PIECE_BYTES: usize = 60;

/// What stands between semicolons: between the marks that the prompt asks for, or as the whole answer.
/// `#piano; drum#` is a set of two.
pub(super) fn read(text: &str) -> Found {
    if refusal(text).is_some() {
        return Found::unread(Unread::Refused);
    }
    let marked = HASHES.captures(text).and_then(|found| found.name("text"));
    let (whole, rule) = match marked {
        Some(marked) => (marked.as_str(), ReadingRule::Tagged),
        None => (text, ReadingRule::Whole),
    };
    let mut set: Vec<String> = Vec::new();
    for piece in unwrapped(whole).split([';', '；']).map(unwrapped).filter(|p| !p.is_empty()) {
        if piece.len() > PIECE_BYTES {
            return Found::unread(Unread::NothingFound);
        }
        if !set.iter().any(|known| known.eq_ignore_ascii_case(piece)) {
            set.push(piece.to_owned());
        }
    }
    if set.is_empty() {
        return Found::unread(Unread::NothingFound);
    }
    let span = marked.map_or_else(|| trimmed(text), |marked| marked.range());
    Found::value(Value::Set(set), rule, span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Read;

    #[test]
    fn pieces_between_semicolons_are_a_set() {
        for (text, wanted) in [
            ("#piano; drum#", Some(vec!["piano", "drum"])),
            ("piano; Piano; drum.", Some(vec!["piano", "drum"])),
            ("I cannot hear the audio.", None),
            ("", None),
        ] {
            let wanted = wanted
                .map(|set| Read::Value(Value::Set(set.into_iter().map(str::to_owned).collect())));
            let found = read(text).read;
            assert_eq!(matches!(found, Read::Value(_)).then_some(found), wanted, "{text}");
        }
    }
}
