//! The tokens with which some models mark names and boxes.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Hints;
use crate::{Order, Scale};

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"<\|?(?P<close>/)?(?:ref|p|phrase|object_ref_start|object_ref_end|ref_start|ref_end)\|?>",
    )
    .expect("the pattern is constant and tested")
});

static BOX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)<\|?(?P<close>/)?(?:box_start|box_end|box|det|bbox|quad|delim|bounding_box)\|?>",
    )
    .expect("the pattern is constant and tested")
});

static LOCATIONS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:<\|?(?:loc|loc_|bin_|x|y|coord_)?\d{1,4}\|?>[\s,]{0,4}){4}")
        .expect("the pattern is constant and tested")
});

static LOCATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"<\|?(?:loc|loc_|bin_|x|y|coord_)?(\d{1,4})\|?>")
        .expect("the pattern is constant and tested")
});

/// A text with its special tokens written as brackets and colons, at the same offsets, and what the
/// tokens say about the convention.
///
/// `<ref>dog</ref><box>(1,2),(3,4)</box>` becomes `dog: [(1,2),(3,4)]` with spaces around: Qwen-VL,
/// `InternVL`, `MiniCPM-V` and `DeepSeek-VL` count thousandths within such tokens. Four times `<loc0123>`
/// (`PaliGemma`) are 1024ths with y first; `<loc_123>` (Florence-2) are thousandths.
pub(crate) fn plain(text: &str) -> (String, Hints) {
    let mut hints = Hints::default();
    let mut bytes = text.as_bytes().to_vec();
    if text.contains("</object>") || !text.contains('<') {
        return (text.to_owned(), hints);
    }
    for found in NAME.captures_iter(text) {
        let (range, is_end) = token(&found);
        bytes[range.clone()].fill(b' ');
        if is_end {
            bytes[range.start] = b':';
        }
    }
    for found in BOX.captures_iter(text) {
        let (range, is_end) = token(&found);
        bytes[range.clone()].fill(b' ');
        if is_end {
            bytes[range.end - 1] = b']';
        } else {
            bytes[range.start] = b'[';
        }
        hints = hints.or(Hints::scale(Scale::Thousandths));
    }
    for four in LOCATIONS.find_iter(text) {
        let mut locations = LOCATION.captures_iter(four.as_str()).peekable();
        let is_padded = four.as_str().contains("<loc0") || !four.as_str().contains("<loc_");
        let is_loc = four.as_str().contains("<loc") && !four.as_str().contains("<loc_");
        hints = hints.or(if is_loc && is_padded {
            Hints { scale: Some(Scale::Parts1024), ..Hints::order(Order::Yxyx) }
        } else {
            Hints::scale(Scale::Thousandths)
        });
        let mut is_first = true;
        while let Some(location) = locations.next() {
            let (Some(all), Some(digits)) = (location.get(0), location.get(1)) else { continue };
            let at = |byte: usize| four.start() + byte;
            bytes[at(all.start())..at(digits.start())].fill(b' ');
            bytes[at(digits.end())..at(all.end())].fill(b' ');
            if std::mem::take(&mut is_first) {
                bytes[at(all.start())] = b'[';
            }
            bytes[at(digits.end())] = if locations.peek().is_some() { b',' } else { b']' };
        }
    }
    // Only whole ASCII tokens were replaced, so no character was cut in half.
    (String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned()), hints)
}

fn token(found: &Captures<'_>) -> (std::ops::Range<usize>, bool) {
    let range = found.get(0).map_or(0..0, |whole| whole.range());
    let is_end = found.name("close").is_some() || found[0].contains("_end");
    (range, is_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_become_brackets_and_colons() {
        let squeezed = |text| {
            let (plain, hints) = plain(text);
            assert_eq!(plain.len(), text.len());
            (plain.replace(' ', ""), hints.order, hints.scale)
        };
        for (text, wanted, order, scale) in [
            (
                "<ref>dog</ref><box>(1,2),(3,4)</box>",
                "dog:[(1,2),(3,4)]",
                None,
                Some(Scale::Thousandths),
            ),
            (
                "<|ref|>dog<|/ref|><|det|>[[1,2,3,4]]<|/det|>",
                "dog:[[[1,2,3,4]]]",
                None,
                Some(Scale::Thousandths),
            ),
            (
                "<|object_ref_start|>dog<|object_ref_end|><|box_start|>(1,2),(3,4)<|box_end|>",
                "dog:[(1,2),(3,4)]",
                None,
                Some(Scale::Thousandths),
            ),
            (
                "<loc0100><loc0200><loc0300><loc0400> dog",
                "[0100,0200,0300,0400]dog",
                Some(Order::Yxyx),
                Some(Scale::Parts1024),
            ),
            ("dog<loc_1><loc_2><loc_3><loc_4>", "dog[1,2,3,4]", None, Some(Scale::Thousandths)),
            ("<p>dog</p>{<1><2><3><4>}", "dog:{[1,2,3,4]}", None, Some(Scale::Thousandths)),
            ("a < b > c", "a<b>c", None, None),
        ] {
            assert_eq!(squeezed(text), (wanted.to_owned(), order, scale), "{text}");
        }
    }
}
