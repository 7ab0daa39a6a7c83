//! Lists of the options.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use crate::family::full_match::choices::Choices;
use crate::family::full_match::letter::after_letter;
use crate::text::{Pattern, pattern};

/// `Available options are: [red, blue, green].`
static LIST: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)(?:(?:available )?(?:options|choices)(?: are| is| include)?\s*[:：]?\s*)?\[(?:[^\],\n]{1,60},){2,}[^\],\n]{1,60}\]\.?",
    )
});

/// `text` with blanks in the place of lists of the options, which repeat the question and are no
/// answers. Offsets stay what they are.
pub(super) fn without_lists(text: &str, choices: &Choices) -> String {
    let bracketed = LIST.find_iter(text).filter(|list| is_of_options(list.as_str(), choices));
    let text = blanked(text, bracketed.map(|list| list.range()));
    let lines = offered_lines(&text, choices);
    blanked(&text, lines)
}

fn blanked(text: &str, pieces: impl IntoIterator<Item = Range<usize>>) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for piece in pieces {
        bytes[piece].fill(b' ');
    }
    // Whole lines and matches were blanked, so that no character was cut in half.
    String::from_utf8(bytes).unwrap_or_default()
}

/// Whether a bracketed list names the options. A list of keywords may name them too, and answers.
fn is_of_options(list: &str, choices: &Choices) -> bool {
    let named = list.split(['[', ',', ']']).filter(|piece| choices.whole(piece).is_some()).count();
    named >= choices.several() && !list.contains("eyword")
}

/// Lines that offer one option each: `A. red`, `B. blue`, `C. green`.
fn offered_lines(text: &str, choices: &Choices) -> Vec<Range<usize>> {
    let mut offered = Vec::new();
    let mut run: Vec<(Range<usize>, usize)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n').chain(["."]) {
        let range = at..at + line.trim_end_matches('\n').len();
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        if let Some(option) = option_of(line, choices) {
            run.push((range, option));
            continue;
        }
        // The run ends here, at the latest with the full stop behind the last line.
        let distinct: BTreeSet<usize> = run.iter().map(|(_, option)| *option).collect();
        if distinct.len() >= choices.several() && run.len() >= 3 {
            offered.extend(run.drain(..).map(|(range, _)| range));
        }
        run.clear();
    }
    offered
}

/// The option that a line offers behind a letter or a bullet: `A. red`.
fn option_of(line: &str, choices: &Choices) -> Option<usize> {
    let rest = after_letter(line);
    let is_offered = rest.len() < line.len() || line.trim_start().starts_with(['-', '•', '*']);
    if is_offered { choices.whole(rest.trim_start_matches(['-', '•', '*', ' '])) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::full_match::choices::choices_of;

    #[test]
    fn lists_of_options_are_blanked() {
        let options: Vec<String> =
            ["red", "blue", "green"].iter().map(|option| (*option).to_owned()).collect();
        let choices = choices_of(&options);
        for (text, wanted) in [
            ("Available options are: [red, blue, green]. Red", "Red"),
            ("A. red\nB. blue\nC. green\n\nB", "B"),
            ("A. red\nB. blue\nB", "A. red\nB. blue\nB"),
            ("[red, dog, cat] red", "[red, dog, cat] red"),
            ("A. red\nB. blue\nC. green", ""),
        ] {
            let blanked = without_lists(text, &choices);
            assert_eq!(blanked.len(), text.len());
            assert_eq!(blanked.trim(), wanted, "{text}");
        }
    }
}
