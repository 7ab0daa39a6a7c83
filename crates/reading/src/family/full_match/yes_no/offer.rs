//! Answers about the model and not about the question.

use std::sync::LazyLock;

use crate::family::full_match::question::Asked;
use crate::text::words::{stem, words};
use crate::text::{Pattern, pattern};

/// What the model can or will do.
static ABILITY: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)^[\s,.!:;—–-]*(?:of course,?\s*)?(?:i (?:can|could|will|would|shall|understand|know|am able|do understand)|i['’](?:ll|d|m)|it is possible for me)\b[^.!?\n]{0,200}",
    )
});

/// Offers of help.
static OFFERS: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:i can (?:help|assist|do that|try)|i(?:['’]d| would) be (?:glad|happy|pleased)|(?:glad|happy) to (?:help|check|assist|look)|i(?:['’]ll| will| shall) (?:gladly |happily |just |now )?(?:check|look|help|have|listen|take)|which (?:\w+ )?(?:clip|video|one|file|image|recording)s? do you mean|(?:good|great|interesting|nice) question|understand (?:your|the) question|let me (?:take|have|check|look|see|listen|know|analy[sz]e|think))\b",
    )
});

/// Whether what follows a yes or no is about the model and not about the question: `, I can compare
/// them for you`, but not `, I can hear the dog`.
pub(super) fn is_about_itself(asked: &Asked, rest: &str) -> bool {
    ABILITY.find(rest).is_some_and(|found| {
        let words = words(found.as_str());
        !words.iter().any(|word| perceives(&word.text) || asked.mentions(&stem(&word.text)))
    })
}

fn perceives(word: &str) -> bool {
    matches!(
        word,
        "see"
            | "hear"
            | "notice"
            | "spot"
            | "say"
            | "think"
            | "believe"
            | "confirm"
            | "sure"
            | "recognize"
            | "detect"
    )
}

/// Whether a sentence offers help, which is no answer: `I'd be happy to check.`
pub(super) fn offers(sentence: &str) -> bool {
    OFFERS.is_match(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_told_from_answers() {
        let asked = Asked::new("Is the dog barking?");
        assert!(is_about_itself(&asked, ", I can compare them for you."));
        assert!(!is_about_itself(&asked, ", I can hear it."));
        assert!(!is_about_itself(&asked, ", it is."));
        for (text, wanted) in [
            ("I'd be happy to check.", true),
            ("Great question!", true),
            ("Which clip do you mean?", true),
            ("The dog can be heard.", false),
        ] {
            assert_eq!(offers(text), wanted, "{text}");
        }
    }
}
