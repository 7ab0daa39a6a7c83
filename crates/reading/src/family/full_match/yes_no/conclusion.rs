//! Sentences that conclude with yes or no.

use std::sync::LazyLock;

use super::Said;
use super::opening::opens;
use super::polarity;
use super::word::{denied_word, piece};
use crate::ReadingRule;
use crate::family::full_match::layout::is_list_item;
use crate::family::full_match::question::Asked;
use crate::family::full_match::testimony::{Testimony, after_correction};
use crate::text::lexicon::Polarity;
use crate::text::markers::concludes;
use crate::text::refusal::refusal;
use crate::text::sentences::Sentence;
use crate::text::{Pattern, pattern};

/// Words behind which yes and no are only possible.
static HEDGED: Pattern = LazyLock::new(|| {
    pattern(r"(?i)\b(?:might|may|could|would|tempt\w*|expect\w*|whether|if)\b[^,;:.]{0,60}$")
});

static WORD: Pattern = LazyLock::new(|| pattern(r"(?i)\b(?:yes|no)\b"));

/// `that is a no from me`, `which makes the answer a yes`, `put me down for yes`.
static LED: Pattern = LazyLock::new(|| {
    pattern(concat!(
        r#"(?i)(?:[:—–]\s*|\b(?:is|it['’]s|that['’]s|makes? (?:it|this|the answer)|making (?:it|this|the answer)|(?:leaves?|leaving|leads?|leading) (?:us|me) (?:with|to)|call (?:it|this)|(?:me|us) down for|end up (?:at|with)|ends up (?:as|at)|goes to|answer to|vote (?:for|goes to|is)|go with|going with|settle (?:on|for)|lean(?:ing)? (?:to|towards?)|opt for|gets?|amounts to|comes down to|points to|speaks for)\s+(?:a |an |the )?)"#,
        r#"(?:(?:clear|firm|definite|resounding|solid|plain|big|likely|simple|straight|answer|hard|easy)\s+)*["'“‘*]*(?P<word>yes|no)["'”’*]*(?:\s*(?:$|[.,;:!)—-])|\s+(?:from|for|here|because|since|as|then|to)\b)"#,
    ))
});

/// Words that quote: `She says: no, no`.
static QUOTES: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:says?|said|saying|shouts?|asks?|reads?|sings?|words?|whispers?|calls?|yells?|repeats?)\b",
    )
});

/// Yes or no at the end of a sentence, behind a mark or a word that leads to it.
static TRAILING: Pattern = LazyLock::new(|| {
    pattern(concat!(
        r#"(?i)(?:[,:;→—–>(]|->|\s-|\b(?:so|answer|say|is|choose|pick|with|be|thus|hence|therefore|conclude|conclusion)\b:?|：|，)\s*["'“‘*`_(]*"#,
        r#"(?P<word>yes|no|not sure|是|否|不是|是的)["'”’*`_)]*[\s.!。*]*$"#,
    ))
});

/// What sentences say that conclude, that correct themselves, or that end with the word.
pub(super) fn conclusions(asked: &Asked, text: &str, sentences: &[Sentence]) -> Vec<Said> {
    sentences
        .iter()
        .filter(|sentence| !sentence.is_question)
        .filter_map(|sentence| {
            let whole = &text[sentence.span.clone()];
            let value = opened(asked, whole)
                .or_else(|| corrected(asked, whole))
                .or_else(|| consequence(asked, whole))
                .or_else(|| {
                    // `On the boats: no` is one of a list, not the conclusion.
                    if is_list_item(text, sentence) || is_hedged(whole) {
                        return None;
                    }
                    denied_word(whole).or_else(|| trailing(whole)).or_else(|| led_to(whole))
                })?;
            Some(Testimony::new(value, ReadingRule::Conclusion, sentence.span.clone()))
        })
        .collect()
}

/// `Therefore, no.`
fn opened(asked: &Asked, sentence: &str) -> Option<Polarity> {
    let rest = sentence[concludes(sentence)?..]
        .trim_start_matches(|c: char| c.is_whitespace() || ",:：，*".contains(c));
    let declines = refusal(rest).is_some() && opens(asked, rest).is_none();
    if declines { None } else { piece(asked, rest) }
}

/// `Yes, or rather no.`
fn corrected(asked: &Asked, sentence: &str) -> Option<Polarity> {
    let rest = &sentence[after_correction(sentence)?..];
    piece(asked, rest.trim_start_matches([',', ':', ' ', '.', '-', '—']))
}

/// `The stage is empty, so no.`
fn consequence(asked: &Asked, sentence: &str) -> Option<Polarity> {
    let (_, rest) = sentence.rsplit_once(", so ")?;
    if refusal(sentence).is_some() { None } else { piece(asked, rest) }
}

/// Whether a sentence only tells what somebody might say: `One might say no.`
fn is_hedged(sentence: &str) -> bool {
    let Some(word) = WORD.find_iter(sentence).last() else { return false };
    let before = &sentence[..word.start()];
    HEDGED.is_match(before) && {
        let before = before.to_lowercase();
        !before.contains("i would") && !before.contains("answer would be")
    }
}

/// What a sentence leads to: no of `That makes it a clear no.`
fn led_to(sentence: &str) -> Option<Polarity> {
    let found = LED.captures(sentence)?;
    let before = &sentence[..found.get(0)?.start()];
    let yes = found["word"].eq_ignore_ascii_case("yes");
    (!QUOTES.is_match(before)).then(|| polarity(yes))
}

/// What stands at the end of a sentence: no of `I would say no.`
fn trailing(sentence: &str) -> Option<Polarity> {
    let word = TRAILING.captures(sentence)?.name("word")?;
    let before =
        sentence[..word.start()].trim_end_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    if before.ends_with(" not") || before.ends_with("n't") {
        return denied_word(sentence);
    }
    match word.as_str().to_lowercase().as_str() {
        "yes" | "是" | "是的" => Some(Polarity::Yes),
        "no" | "否" | "不是" => Some(Polarity::No),
        _ => Some(Polarity::Unsure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::sentences::sentences;

    #[test]
    fn sentences_conclude_in_many_ways() {
        let asked = Asked::new("Is the singer on the stage?");
        for (text, wanted) in [
            ("Therefore, no.", vec![Polarity::No]),
            ("The stage is empty, so no.", vec![Polarity::No]),
            ("Yes, or rather no.", vec![Polarity::No]),
            ("I would say yes.", vec![Polarity::Yes]),
            ("That makes it a clear no.", vec![Polarity::No]),
            ("One might say no.", vec![]),
            ("She says: no, no, no.", vec![Polarity::No]),
            ("- On the boats: no", vec![]),
            ("The answer cannot be yes.", vec![Polarity::No]),
            ("The stage is empty.", vec![]),
        ] {
            let found: Vec<Polarity> = conclusions(&asked, text, &sentences(text))
                .into_iter()
                .map(|said| said.value)
                .collect();
            assert_eq!(found, wanted, "{text}");
        }
    }
}
