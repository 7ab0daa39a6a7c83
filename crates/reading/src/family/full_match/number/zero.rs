//! Words that say zero.

use super::Reader;
use super::counted::Counted;
use crate::text::negation::is_idiom;
use crate::text::words::Word;

/// So many words behind a denial may name what it denies.
const DENIED_WORDS: usize = 5;

/// Zero, if the words are nothing but a way to say it: `not a single one`.
pub(super) fn zero_words(words: &[Word]) -> Option<u64> {
    let said: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    matches!(
        said.as_slice(),
        ["none" | "nobody" | "nothing" | "never" | "nil" | "nought" | "无" | "零"]
            | ["没", "有"]
            | ["not", "one" | "any"]
            | ["not", "a", "single", "one"]
            | ["not", "even", "one"]
            | ["no", "one"]
            | ["none", "at", "all"]
    )
    .then_some(0)
}

/// Whether the words have a `none`.
pub(super) fn has_none(words: &[Word]) -> bool {
    words.iter().any(|word| word.text == "none")
}

impl Reader<'_> {
    /// Whether words say zero of what was asked: `there are no buses`, `not a single owl`, `nobody`.
    /// That nothing was provided says nothing.
    pub(super) fn says_zero(&self, words: &[Word]) -> bool {
        let mut has_named = false;
        let mut is_denied = false;
        for (at, word) in words.iter().enumerate() {
            let text = word.text.as_str();
            let is_about = || {
                has_named
                    || words[at + 1..].iter().take(DENIED_WORDS).any(|next| {
                        self.noun.is(&next.text)
                            || self.asked.mentions(&crate::text::words::stem(&next.text))
                    })
            };
            is_denied |= match text {
                "no" | "not" | "never" | "没有" | "没" | "无" | "keine" | "ningún" | "aucun" => {
                    !is_idiom(words, at) && is_about()
                }
                "none" | "nobody" | "zero" | "nothing" => true,
                text => text.ends_with("n't") && is_about(),
            };
            has_named = has_named || self.noun.is(text);
        }
        let tells_of_evidence = words.iter().any(|word| {
            matches!(
                word.text.as_str(),
                "transcript" | "information" | "audio" | "file" | "provided"
            )
        });
        is_denied && !tells_of_evidence
    }

    /// Whether a clause without a number says zero of what was asked: `two sing, nobody dances`.
    pub(super) fn denies_in_a_clause(
        &self,
        sentence: &str,
        words: &[Word],
        counted: &[Counted],
    ) -> bool {
        let mut begin = 0;
        for at in 1..=words.len() {
            let ends = at == words.len()
                || words[at].text == "but"
                || sentence[words[at - 1].span.end..words[at].span.start]
                    .contains([',', ';', ':', '—', '，', '；']);
            if !ends {
                continue;
            }
            let clause = begin..at;
            let has_number = counted.iter().any(|found| clause.contains(&found.words.start));
            if !has_number && clause.len() >= 2 && self.says_zero(&words[clause]) {
                return true;
            }
            begin = at;
        }
        false
    }
}
