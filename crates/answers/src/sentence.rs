//! Sentences that say an answer, and the words that take it back.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// `The final answer is`, `Answer:`, `答案是`.
static MARKER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^[\s#>*•-]*(?:(?:so|thus|therefore|hence|overall|finally|in conclusion|in summary),?\s+)?",
        r"(?:(?:i\s+(?:think|believe|would\s+say)\s+(?:that\s+)?)?",
        r"(?:the|my|a)?\s*(?:(?:final|correct|right|best|short)\s+)*",
        r"(?:answer|option|choice|conclusion|verdict)(?:\s+to\s+(?:the|this|your)\s+question)?",
        r"\s*(?:is|would\s+be|should\s+be|must\s+be|[:=：])\s*[:：]?\s*(?:that\s+)?",
        r"|(?:最终)?(?:答案|回答)\s*(?:是|为|[:：])?\s*[:：]?\s*)",
    ))
    .expect("the pattern is constant")
});

/// `It is`, `The shape looks like`, `I can hear`, `I'm`.
static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^[\s#>*•-]*(?:(?:so|thus|therefore|hence|overall|finally),?\s+)?",
        r"(?:i\s+(?:think|believe|would\s+say)\s+(?:that\s+)?)?",
        r"(?:(?:it|this|that|the\s+(?:shape|colou?r|solid|surface|direction|movement|motion|object",
        r"|instrument|image|picture|background|foreground|lines?|sound))",
        r"(?:['’]s|\s+(?:is|are|was|looks|appears|seems)(?:\s+(?:like|to\s+be))?)",
        r"|i(?:['’]m|\s+am)|i\s+(?:can\s+)?(?:hear|see))\s+(?:(?:an?|the)\s+)?",
    ))
    .expect("the pattern is constant")
});

/// `There are`, `I count`, `The number of beats is`.
static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^[\s#>*•-]*(?:(?:so|thus|therefore|hence|overall|finally|in\s+total),?\s+)?",
        r"(?:there(?:['’]s|\s+(?:is|are|was|were))|i\s+(?:can\s+)?(?:hear|see|count|detect|notice|heard|saw|counted|detected)",
        r"|it\s+has|the\s+(?:audio|video|clip|sound|recording|image|picture|sequence)\s+(?:has|contains|shows|features)",
        r"|(?:the\s+)?(?:total\s+)?(?:number|count)\s+of\s+[a-z]{1,20}(?:\s+[a-z]{1,20})?\s*(?:is|are|:)",
        r"|(?:the\s+)?(?:total|count)\s*(?:is|:))\s+(?:exactly\s+|a\s+total\s+of\s+|clearly\s+)?",
    ))
    .expect("the pattern is constant")
});

/// Words that take back, weigh or withhold what was said.
static WAVERING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:wait|actually|however|but|correction|sorry|on second thought|or|either|alternatively",
        r"|instead|unless|although|though|if|maybe|perhaps|might|may|possibly|probably|unclear|cannot",
        r"|can['’]?t|could\s?n['’]?t|unable|hard to|difficult|assum\w+|guess\w*|not sure|unsure|error)\b",
    ))
    .expect("the pattern is constant")
});

/// Words that deny.
static DENIAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:not|no|never|neither|nor|none|without|except|rather)\b|n['’]t\b")
        .expect("the pattern is constant")
});

/// The part of `sentence` after `The answer is` and the like.
pub(crate) fn after_marker(sentence: &str) -> Option<&str> {
    MARKER.find(sentence).map(|lead| &sentence[lead.end()..])
}

/// The part of `sentence` after `It is` and the like.
pub(crate) fn after_subject(sentence: &str) -> Option<&str> {
    SUBJECT.find(sentence).map(|lead| &sentence[lead.end()..])
}

/// The part of `sentence` after `There are` and the like.
pub(crate) fn after_counting(sentence: &str) -> Option<&str> {
    COUNTED.find(sentence).map(|lead| &sentence[lead.end()..])
}

/// Whether a text wavers.
pub(crate) fn wavers(text: &str) -> bool {
    WAVERING.is_match(text)
}

/// Whether a text denies something.
pub(crate) fn denies(text: &str) -> bool {
    DENIAL.is_match(text)
}

/// Emphasis marks become spaces, so that `**Answer:** yes` reads as `Answer: yes`.
pub(crate) fn without_emphasis(text: &str) -> String {
    text.replace(['*', '`'], " ")
}

/// Sentences and lines, each with its place. What ends a sentence belongs to it.
pub(crate) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = match c {
            '\n' | '。' | '！' | '？' => true,
            '.' | '!' | '?' => chars.peek().is_none_or(|(_, next)| next.is_whitespace()),
            _ => false,
        };
        if ends {
            let end = at + c.len_utf8();
            sentences.push(start..end);
            start = end;
        }
    }
    sentences.push(start..text.len());
    sentences.retain(|range| text[range.clone()].chars().any(char::is_alphanumeric));
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_marks_and_lines() {
        let text = "One is 4.5. Two!\n\n---\nThree? 四。五";
        let found: Vec<&str> =
            sentences(text).into_iter().map(|range| text[range].trim()).collect();
        assert_eq!(found, ["One is 4.5.", "Two!", "Three?", "四。", "五"]);
    }

    #[test]
    fn leads_are_cut() {
        assert_eq!(after_marker("So the final answer is: yes"), Some("yes"));
        assert_eq!(after_marker("Answer: yes"), Some("yes"));
        assert_eq!(after_marker("最终答案是：yes"), Some("yes"));
        assert_eq!(after_marker("The answers differ"), None);
        assert_eq!(after_subject("I think it looks like a cone"), Some("cone"));
        assert_eq!(after_subject("I'm not sure"), Some("not sure"));
        assert_eq!(after_counting("There are 4 beats"), Some("4 beats"));
        assert_eq!(after_counting("The number of beats is 4"), Some("4"));
    }
}
