//! Words of a text, with the places where they stand.

use std::ops::Range;

/// A word: letters and digits, with the apostrophes inside it. Every character of scripts that are
/// written without spaces is a word of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// In lower case, with plain apostrophes.
    pub(crate) text: String,
    /// Bytes of the text.
    pub(crate) span: Range<usize>,
}

/// Whether words of this script are written without spaces.
pub(crate) const fn is_glued(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{3007}' | '\u{ac00}'..='\u{d7a3}')
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ')
}

/// The words of `text`.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if is_glued(c) {
            words.push(Word { text: c.to_string(), span: start..start + c.len_utf8() });
            continue;
        }
        if !is_part(c) {
            continue;
        }
        let mut word: String = c.to_lowercase().collect();
        let mut end = start + c.len_utf8();
        while let Some(&(at, next)) = chars.peek() {
            if is_part(next) && !is_glued(next) {
                word.extend(next.to_lowercase());
            } else if is_apostrophe(next)
                && text[at + next.len_utf8()..].starts_with(char::is_alphanumeric)
            {
                word.push('\'');
            } else {
                break;
            }
            end = at + next.len_utf8();
            chars.next();
        }
        words.push(Word { text: word, span: start..end });
    }
    words
}

/// Letters, digits and the marks that combine with them, as in Hindi.
fn is_part(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '\u{0300}'..='\u{036f}' | '\u{0900}'..='\u{0963}' | '\u{0e31}'..='\u{0e4e}' | '\u{064b}'..='\u{0652}')
}

/// The words of `text` without their places.
pub(crate) fn texts(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.text).collect()
}

/// The singular of a regular English plural; other words stay as they are. The same word always
/// becomes the same, so that both sides of a comparison may be folded.
pub(crate) fn singular(word: &str) -> &str {
    const KEEP: [&str; 6] = ["ss", "us", "is", "'s", "ics", "ous"];
    let length = word.chars().count();
    if length < 4 || !word.is_ascii() || KEEP.iter().any(|end| word.ends_with(end)) {
        return word;
    }
    for end in ["ches", "shes", "xes", "sses", "zes"] {
        if word.ends_with(end) {
            return &word[..word.len() - 2];
        }
    }
    word.strip_suffix('s').unwrap_or(word)
}

/// A rough stem, for telling whether two words may be forms of one: `barking` and `barks`,
/// `sounding` and `sounds`.
pub(crate) fn stem(word: &str) -> String {
    let word = word.strip_suffix("'s").unwrap_or(word);
    if !word.is_ascii() || word.len() < 4 {
        return word.to_owned();
    }
    let mut stem = word.to_owned();
    if ["ches", "shes", "sses", "xes", "zes"].iter().any(|end| stem.ends_with(end)) {
        stem.truncate(stem.len() - 2);
    }
    for (end, keep) in [
        ("ations", 4),
        ("ation", 4),
        ("ingly", 4),
        ("ings", 3),
        ("ing", 3),
        ("ies", 3),
        ("ied", 3),
        ("edly", 3),
        ("ers", 3),
        ("est", 4),
        ("er", 4),
        ("ed", 3),
        ("ly", 4),
        ("es", 4),
        ("s", 3),
        ("e", 3),
        ("y", 3),
    ] {
        if stem.ends_with(end)
            && stem.len() >= end.len() + keep
            && !(end == "s" && stem.ends_with("ss"))
        {
            stem.truncate(stem.len() - end.len());
            break;
        }
    }
    // `running` and `run`, `stopped` and `stop`.
    let bytes = stem.as_bytes();
    if let [.., before, last] = bytes
        && before == last
        && !matches!(last, b's' | b'l' | b'a' | b'e' | b'o')
        && stem.len() > 3
    {
        stem.pop();
    }
    if stem.ends_with('i') || stem.ends_with('e') {
        stem.pop();
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_places() {
        let text = "It’s NOT top-right；有3种。";
        let found: Vec<_> =
            words(text).into_iter().map(|w| (w.text, text[w.span].to_owned())).collect();
        let texts: Vec<&str> = found.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["it's", "not", "top", "right", "有", "3", "种"]);
        assert_eq!(found[0].1, "It’s");
    }

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for (a, b) in [
            ("barking", "barks"),
            ("sounding", "sounds"),
            ("stopped", "stops"),
            ("running", "run"),
            ("matches", "match"),
            ("matching", "matched"),
            ("calmer", "calm"),
            ("louder", "loud"),
            ("moves", "moving"),
            ("visible", "visible"),
            ("carries", "carry"),
        ] {
            assert_eq!(stem(a), stem(b), "{a} {b}");
        }
        assert_eq!(singular("dogs"), "dog");
        assert_eq!(singular("bass"), "bass");
        assert_eq!(singular("boxes"), "box");
    }
}
