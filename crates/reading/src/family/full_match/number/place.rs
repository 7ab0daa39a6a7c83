//! Numbers in places that are made for an answer.

use std::ops::Range;
use std::sync::LazyLock;

use super::piece::Piece;
use super::whole::whole;
use super::{Reader, Said};
use crate::Unread;
use crate::family::full_match::letter::after_letter;
use crate::family::full_match::testimony::{Testimony, settled};
use crate::text::places::places;
use crate::text::refusal::refusal;
use crate::text::words::words;
use crate::text::{Pattern, pattern};

/// A field that is a number.
static FIELD: Pattern = LazyLock::new(|| {
    pattern(r#"["'](?P<key>[A-Za-z_ ]{2,40})["']\s*:\s*["']?(?P<value>\d{1,9})["']?\s*[,}\n]"#)
});

impl Reader<'_> {
    /// What a place that is made for the answer says: 4 of `4, as far as I can see`.
    pub(super) fn content(&self, content: &str) -> Piece {
        let rest = after_letter(content);
        let clause = rest
            .trim_start()
            .split(['\n', ',', ';', '.', '(', '，', '。', '—', '–'])
            .next()
            .unwrap_or_default();
        let before_hyphen = clause.split(" - ").next().unwrap_or_default();
        [content, rest, clause, before_hyphen]
            .into_iter()
            .find_map(whole)
            .map_or_else(|| self.piece(rest), Piece::asked)
    }

    /// What boxes, tags and fields say; `None` if there are none.
    pub(super) fn in_places(&self, text: &str) -> Option<Result<Said, Unread>> {
        let mut declines = false;
        let mut is_vague = false;
        let mut found = Vec::new();
        for place in places(text) {
            let content = &text[place.content.clone()];
            match self.content(content) {
                Piece::One { value, .. } => {
                    found.push(Testimony::new(value, place.rule, place.content));
                }
                Piece::Vague => is_vague = true,
                Piece::Several | Piece::Nothing => declines |= refusal(content).is_some(),
            }
        }
        if !found.is_empty() {
            Some(settled(text, &found).ok_or(Unread::Contradictory))
        } else if is_vague {
            Some(Err(Unread::SeveralLeft))
        } else {
            declines.then_some(Err(Unread::Refused))
        }
    }

    /// `{"beeps": 4, "duration_s": 10}`: the only field that names what was asked.
    pub(super) fn field(&self, text: &str) -> Option<(u64, Range<usize>)> {
        if !text.contains('{') {
            return None;
        }
        let mut found = FIELD.captures_iter(text).filter(|field| {
            let key = field["key"].replace('_', " ");
            words(&key).iter().any(|word| self.noun.is(&word.text))
        });
        let only = found.next().filter(|_| found.next().is_none())?;
        Some((only["value"].parse().ok()?, only.get(0)?.range()))
    }
}
