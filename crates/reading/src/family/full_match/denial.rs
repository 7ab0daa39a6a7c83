//! Which of the options that a text names it denies.

use super::choices::Mention;
use crate::text::negation::{ends_scope, is_idiom, is_negator};
use crate::text::words::Word;

/// How many words behind an option may deny it: `the first is clearly not louder`.
const DENIED_BEHIND: usize = 5;

/// How far behind a comma an `or` may show that a list goes on.
const LIST_GOES_ON: usize = 8;

/// Marks the mentions that the text denies or sets something against. `found` is in the order of the
/// text. Of `the last, not the first, rather than both` only the last one stands.
pub(super) fn deny(text: &str, words: &[Word], found: &mut [Mention]) {
    if found.is_empty() {
        return;
    }
    let mut scope = Scope::default();
    let mut next = 0;
    for at in 0..words.len() {
        scope.ends_before(text, words, &found[next..], at);
        if found.get(next).is_some_and(|mention| mention.words.start == at) {
            let following = found.get(next + 1).map(|other| other.words.start);
            let after = found[next].words.end;
            found[next].is_denied = scope.denied_from.is_some()
                || scope.is_excepted
                || is_denied_after(text, words, after, following);
            next += 1;
        }
        // Negators that are part of an option's name, as in `no movement`, deny nothing.
        let is_inside = next > 0 && found[next - 1].words.contains(&at);
        if !is_inside {
            scope.begins_at(text, words, at);
        }
        scope.has_compared |= compares(&words[at].text);
    }
}

/// What denies the words at some place of a text.
#[derive(Debug, Default)]
struct Scope {
    /// The word that denies what follows it up to the end of the clause.
    denied_from: Option<usize>,
    /// Something is set against what follows: `rather than`.
    is_excepted: bool,
    /// The text has a word of Romance languages that compares, so that `que` is `than`.
    has_compared: bool,
}

impl Scope {
    /// Ends a denial where the clause ends before word `at`. `ahead` are the mentions from there on.
    fn ends_before(&mut self, text: &str, words: &[Word], ahead: &[Mention], at: usize) {
        let gap = gap(text, words, at);
        if breaks(gap) {
            self.denied_from = None;
            self.is_excepted = false;
        } else if has_comma(gap)
            && self
                .denied_from
                .is_some_and(|start| at > start + 1 && !list_goes_on(words, ahead, start, at))
        {
            self.denied_from = None;
        }
        if ends_scope(&words[at].text) {
            self.denied_from = None;
        }
    }

    /// Begins a denial or an exception at word `at`.
    fn begins_at(&mut self, text: &str, words: &[Word], at: usize) {
        let word = words[at].text.as_str();
        if is_negator(word) && !is_idiom(words, at) {
            self.denied_from = Some(at);
        }
        if sets_against(words, at) || (word == "que" && self.has_compared) {
            self.is_excepted = true;
        } else if has_comma(gap(text, words, at)) || ends_scope(word) {
            self.is_excepted = false;
        }
    }
}

/// Whether a word of Romance languages compares: `más alto que`.
fn compares(word: &str) -> bool {
    matches!(word, "más" | "plus" | "mais" | "mas" | "moins" | "menos")
}

/// Whether word `at` begins words that set something against what follows: `rather than`, `unlike`.
fn sets_against(words: &[Word], at: usize) -> bool {
    let next = words.get(at + 1).map_or("", |word| word.text.as_str());
    match words[at].text.as_str() {
        "rather" | "instead" => matches!(next, "than" | "of"),
        "anything" => next == "but",
        "apart" | "aside" => next == "from",
        "other" => next == "than",
        "opposed" => next == "to",
        "compared" => matches!(next, "to" | "with"),
        "unlike" | "except" | "excluding" | "besides" | "比" => true,
        "than" | "als" | "чем" => at > 0,
        "but" => at > 0 && words[at - 1].text == "anything",
        _ => false,
    }
}

/// What stands between word `at` and the one before it.
fn gap<'a>(text: &'a str, words: &[Word], at: usize) -> &'a str {
    match (at.checked_sub(1).and_then(|before| words.get(before)), words.get(at)) {
        (Some(before), Some(word)) => {
            text.get(before.span.end..word.span.start).unwrap_or_default()
        }
        _ => "",
    }
}

/// Whether a clause ends in a gap between words, a comma aside.
fn breaks(gap: &str) -> bool {
    gap.contains([';', ':', '—', '–', '.', '!', '?', '。', '；', '：', '(', ')'])
        || gap.contains(" - ")
}

fn has_comma(gap: &str) -> bool {
    gap.contains([',', '，'])
}

/// Whether what the word `start` denies goes on behind a comma before word `at`: `neither the piano,
/// the drum nor the flute`, but not `not the piano, the drum`.
fn list_goes_on(words: &[Word], ahead: &[Mention], start: usize, at: usize) -> bool {
    let is_mention = ahead
        .first()
        .is_some_and(|mention| mention.words.start == at || mention.words.start == at + 1);
    let joined = matches!(words[start].text.as_str(), "neither" | "nor" | "no" | "without")
        || words[at..]
            .iter()
            .take(LIST_GOES_ON)
            .any(|word| matches!(word.text.as_str(), "or" | "nor"));
    is_mention && joined
}

/// `... is not`, `... isn't louder`, `... can be excluded` after a mention that ends before word
/// `after`; `next` is where the next one starts.
fn is_denied_after(text: &str, words: &[Word], after: usize, next: Option<usize>) -> bool {
    let end = next.unwrap_or(words.len()).min(after + DENIED_BEHIND).min(words.len());
    for at in after..end {
        let gap = gap(text, words, at);
        let word = words[at].text.as_str();
        let ends = (at > after && breaks(gap))
            || has_comma(gap)
            || ends_scope(word)
            || matches!(word, "and" | "or");
        if ends {
            return false;
        }
        let denies = is_negator(word) && !matches!(word, "no" | "without") && !is_idiom(words, at);
        let rejects = matches!(word, "excluded" | "wrong" | "incorrect" | "absent" | "impossible");
        if denies || rejects {
            // `cube not sphere` sets the second one aside, not the first.
            let sets_aside = word == "not" && at == after && next == Some(at + 1);
            return !sets_aside;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::family::full_match::{choices_of, mentions};
    use crate::text::words::words;

    #[test]
    fn denials_reach_to_the_end_of_their_clause() {
        let options: Vec<String> =
            ["piano", "drum", "flute"].iter().map(|option| (*option).to_owned()).collect();
        let choices = choices_of(&options);
        for (text, standing) in [
            ("the drum, not the piano", vec!["drum"]),
            ("not the piano, the drum", vec!["drum"]),
            ("neither the piano, the drum nor the flute", vec![]),
            ("the drum rather than the piano", vec!["drum"]),
            ("not the piano but the drum", vec!["drum"]),
            ("the drum is not what we hear, it is the flute", vec!["flute"]),
            ("the drum can be excluded; the flute plays", vec!["flute"]),
            ("no doubt the drum", vec!["drum"]),
            ("louder than the piano: the flute", vec!["flute"]),
            ("piano not drum", vec!["piano"]),
            ("anything but the piano", vec![]),
            ("la flute es más alta que la piano", vec!["flute"]),
        ] {
            let found: Vec<_> = mentions(&choices, text, &words(text))
                .into_iter()
                .filter(|mention| !mention.is_denied)
                .map(|mention| choices.options[mention.option].as_str())
                .collect();
            assert_eq!(found, standing, "{text}");
        }
    }
}
