//! Options that a sentence names as silent.

use crate::family::full_match::Mention;
use crate::text::negation::is_negator;
use crate::text::words::Word;

/// So many words before a `but` may say that all others are meant.
const SPARED: usize = 3;

/// Whether a word says that something does not sound.
pub(super) fn is_silent(word: &Word) -> bool {
    matches!(word.text.as_str(), "silent" | "mute" | "muted" | "quiet" | "silence" | "inaudible")
}

/// `All but the green one stay silent`, `none except blue sounds`: only what stands behind the `but`
/// sounds. Whether the sentence is of that kind.
pub(super) fn spare(words: &[Word], found: &mut [Mention]) -> bool {
    let is_all = |word: &Word| {
        matches!(word.text.as_str(), "all" | "every" | "everything" | "everyone" | "each" | "none")
    };
    let but = (1..words.len()).find(|&at| {
        matches!(words[at].text.as_str(), "but" | "except")
            && words[at.saturating_sub(SPARED)..at].iter().any(is_all)
    });
    let Some(but) = but else { return false };
    let spares = words.iter().any(is_silent) || words[..but].iter().any(|word| word.text == "none");
    if spares {
        for mention in found {
            mention.is_denied = mention.words.start < but;
        }
    }
    spares
}

/// Denies the options that a clause calls silent: `the white one is silent, the black one is not`.
pub(super) fn deny_silent(sentence: &str, words: &[Word], found: &mut [Mention]) {
    let mut begin = 0;
    let mut was_silent = false;
    for at in 1..=words.len() {
        let ends = at == words.len()
            || sentence[words[at - 1].span.end..words[at].span.start]
                .contains([',', ';', ':', '.'])
            || matches!(words[at].text.as_str(), "but" | "while" | "whereas");
        if !ends {
            continue;
        }
        let clause = &words[begin..at];
        let negators = clause.iter().filter(|word| is_negator(&word.text)).count();
        let is_silent = clause.iter().any(is_silent);
        // A clause that only denies refers to the silence before it.
        let refers = was_silent && clause.last().is_some_and(|word| is_negator(&word.text));
        if is_silent || refers {
            for mention in found.iter_mut().filter(|found| (begin..at).contains(&found.words.start))
            {
                mention.is_denied = negators.is_multiple_of(2);
            }
        }
        was_silent |= is_silent;
        begin = at;
    }
}
