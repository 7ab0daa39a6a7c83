//! Names of frames: `frame_3`, `Frame 3`, `3`, `frames 0-4`, `the first three frames`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::FRAMES;

/// The frames that a piece of text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// By their numbers.
    Numbers(Vec<u32>),
    /// By a bare number at the start of a line.
    Bare(u32),
    /// All that are not named otherwise.
    Others,
}

static KEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?P<word>frames?|frm|f|images?|img|第|帧)?[\s_\-#:.]*(?P<first>\d{1,3})(?:[\s_]*(?:-|–|—|~|to|through|至|到)[\s_]*(?:frames?[\s_]*)?(?P<last>\d{1,3}))?\s*(?:帧|\([^()]*\)|\.(?:jpe?g|png))?:?$")
        .expect("the pattern is constant and tested")
});

/// The frames that a key or the value of a field names, and whether it is a bare number.
pub(super) fn of_key(key: &str) -> Option<(Vec<u32>, bool)> {
    let found = KEY.captures(key.trim())?;
    let first: u32 = found["first"].parse().ok()?;
    let last = found.name("last").map_or(Some(first), |last| last.as_str().parse().ok())?;
    let is_bare = found.name("word").is_none();
    // A range of more frames than there are is no range of frames.
    let is_range = first <= last && last - first <= FRAMES;
    (is_range && !(is_bare && first != last)).then(|| ((first..=last).collect(), is_bare))
}

static WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?P<frames>\bframes?[\s_#\-]{0,3}(?:no\.? ?)?(?P<number>\d{1,3})|第\s*(?P<chinese>\d{1,3})\s*(?:[-~至到]\s*第?\s*(?P<until>\d{1,3})\s*)?帧|帧\s*(?P<after>\d{1,3}))",
        r"|(?P<all>\b(?:all|every|each)(?: of)?(?: the)?(?: ten| 10)? frames?\b|所有帧|每一?帧)",
        r"|(?P<others>\b(?:all |the |in )*(?:other|remaining|rest of the) (?:\w+ )?frames?\b|其他帧|其余帧)",
        r"|(?P<first>\bfirst (?:(?P<firsts>two|three|four|five|six|seven|eight|nine|\d) )?frames?\b)",
        r"|(?P<last>\b(?:last|final) (?:(?P<lasts>two|three|four|five|six|seven|eight|nine|\d) )?frames?\b)",
        r"|(?P<ordinal>\b(?P<nth>second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|2nd|3rd|[4-9]th|10th) frame\b)",
        r"|(?P<line>(?m:^)[ \t]*(?:[-*•|>]+[ \t]*)?[*`]{0,3}(?P<bare>\d{1,2})[*`]{0,3}(?P<mark>[ \t]*[:|：][ \t]*|[.)][ \t]+(?:[\[(]|none\b|null\b|not\b|absent\b)))",
    ))
    .expect("the pattern is constant and tested")
});

/// What follows the number of a frame: more numbers.
static MORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:\s*(?P<to>-|–|—|~|to|through|until|up to|至|到)\s*|\s*(?P<and>,\s*and|,|and|&)\s*)(?:frames?[\s_]*)?(?P<number>\d{1,3})(?P<rest>\.\d|\d|\s*(?:px|%))?")
        .expect("the pattern is constant and tested")
});

/// The frames that a text names, with their places.
pub(super) fn within(text: &str) -> Vec<(Range<usize>, Named)> {
    let mut found: Vec<(Range<usize>, Named)> = Vec::new();
    for word in WORD.captures_iter(text) {
        let Some(whole) = word.get(0) else { continue };
        let mut span = whole.range();
        if found.last().is_some_and(|(last, _)| last.end > span.start) {
            continue;
        }
        let number = |name: &str| word.name(name).and_then(|found| found.as_str().parse().ok());
        let count = |name: &str| word.name(name).map_or(Some(1), |found| count(found.as_str()));
        let named = if let Some(first) = number("number") {
            let is_plural = word[0].to_lowercase().starts_with("frames");
            let rest = &text[span.end..];
            // `frame 0.5` names no frame.
            if rest.starts_with('.') && rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
                continue;
            }
            let (numbers, length) = more(first, rest, is_plural);
            span.end += length;
            Named::Numbers(numbers)
        } else if let Some(first) = number("chinese").or(number("after")) {
            let last: u32 = number("until").unwrap_or(first);
            Named::Numbers((first..=last.min(first + FRAMES)).collect())
        } else if word.name("all").is_some() {
            Named::Numbers((0..FRAMES).collect())
        } else if word.name("others").is_some() {
            Named::Others
        } else if word.name("first").is_some() {
            let Some(count) = count("firsts") else { continue };
            Named::Numbers((0..count).collect())
        } else if word.name("last").is_some() {
            let Some(count) = count("lasts") else { continue };
            Named::Numbers((FRAMES.saturating_sub(count)..FRAMES).collect())
        } else if let Some(nth) = word.name("nth") {
            let Some(nth) = ordinal(nth.as_str()) else { continue };
            Named::Numbers(vec![nth])
        } else if let (Some(bare), Some(mark)) = (number("bare"), word.name("mark")) {
            // What the mark leads to is no part of the name.
            span.end = mark.start() + 1;
            Named::Bare(bare)
        } else {
            continue;
        };
        found.push((span, named));
    }
    found
}

/// More frames behind the first one, and the length of the text that names them.
fn more(first: u32, mut rest: &str, is_plural: bool) -> (Vec<u32>, usize) {
    let mut numbers = vec![first];
    let mut length = 0;
    while let Some(found) = MORE.captures(rest) {
        let (Some(whole), Ok(number)) = (found.get(0), found["number"].parse::<u32>()) else {
            break;
        };
        let last = *numbers.last().unwrap_or(&first);
        let is_range = found.name("to").is_some();
        let is_named = whole.as_str().to_lowercase().contains("frame");
        let is_plausible =
            number > last && number <= last + FRAMES && (is_plural || is_named || is_range);
        if found.name("rest").is_some() || !is_plausible || numbers.len() > 20 {
            break;
        }
        // `frame 0, frame 1: ...` is a list; `frame 0: ..., frame 1: ...` is not, for its colon.
        if is_range {
            numbers.extend(last + 1..=number);
        } else {
            numbers.push(number);
        }
        length += whole.end();
        rest = &rest[whole.end()..];
    }
    (numbers, length)
}

fn count(word: &str) -> Option<u32> {
    const WORDS: [&str; 10] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let place = WORDS.iter().position(|known| known.eq_ignore_ascii_case(word));
    place.and_then(|at| u32::try_from(at).ok()).or_else(|| word.parse().ok())
}

fn ordinal(word: &str) -> Option<u32> {
    const WORDS: [&str; 10] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
        "tenth",
    ];
    let place = WORDS.iter().position(|known| known.eq_ignore_ascii_case(word));
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    place
        .and_then(|at| u32::try_from(at).ok())
        .or_else(|| digits.parse::<u32>().ok().and_then(|nth| nth.checked_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_frames() {
        for (key, numbers) in [
            ("frame_0", Some((vec![0], false))),
            ("Frame 3", Some((vec![3], false))),
            ("frame03", Some((vec![3], false))),
            ("frame_0.jpg", Some((vec![0], false))),
            ("7", Some((vec![7], true))),
            ("frames 0-2", Some((vec![0, 1, 2], false))),
            ("frame_3_to_5", Some((vec![3, 4, 5], false))),
            ("第2帧", Some((vec![2], false))),
            ("Frame 4 (0.4s)", Some((vec![4], false))),
            ("0.5", None),
            ("dog_1", None),
            ("time", None),
            ("0-4", None),
        ] {
            assert_eq!(of_key(key), numbers, "{key}");
        }
    }

    #[test]
    fn texts_name_frames() {
        let shown = |text| {
            let shown = |(_, named): (Range<usize>, Named)| match named {
                Named::Numbers(numbers) => {
                    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
                }
                Named::Bare(number) => number.to_string(),
                Named::Others => "others".to_owned(),
            };
            within(text).into_iter().map(shown).collect::<Vec<_>>().join("; ")
        };
        for (text, wanted) in [
            ("Frame 0: a, frame_1: b", "0; 1"),
            ("Frames 0-4: a. Frames 5-9: b", "0 1 2 3 4; 5 6 7 8 9"),
            ("in frames 0 to 2", "0 1 2"),
            ("frames 0, 1 and 3: a", "0 1 3"),
            ("frame 0 through frame 2", "0 1 2"),
            ("Frame 0, 0.1, 0.2, 0.3, 0.4", "0"),
            ("Frame 0, 1, 2, 3, 4", "0"),
            ("in all frames", "0 1 2 3 4 5 6 7 8 9"),
            ("in the first two frames, the last frame and the other frames", "0 1; 9; others"),
            ("the third frame", "2"),
            ("0: a\n1: b", "0; 1"),
            ("0. [1]\n1. None\n2. dog", "0; 1"),
            ("第0帧到 第1-3帧", "0; 1 2 3"),
            ("at frame 0.5", ""),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }
}
