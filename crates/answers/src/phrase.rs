//! Short texts compared by their words: case, decoration and hyphens do not matter.

/// Longer than any option; keeps the comparison of essays cheap.
const LONGEST: usize = 200;

/// The words of a text that consists of one phrase, in lower case and joined by single spaces.
///
/// Quotes of any language, brackets, emphasis, bullets and closing punctuation around it are
/// ignored. `None` if the text holds anything else: a question mark, a line break, a second clause.
pub(crate) fn phrase(text: &str) -> Option<String> {
    let text = text.trim_matches(is_decoration);
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let mut words = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_alphanumeric() => words.extend(c.to_lowercase()),
            '\'' | '’' => {}
            ' ' | '\u{a0}' | '-' | '_' | '–' | '‑' => {
                if !words.ends_with(' ') {
                    words.push(' ');
                }
            }
            _ => return None,
        }
    }
    Some(words)
}

/// What may stand around an answer without changing it.
pub(crate) fn is_decoration(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '.' | ','
                | '!'
                | ';'
                | ':'
                | '\''
                | '"'
                | '*'
                | '_'
                | '`'
                | '#'
                | '('
                | ')'
                | '['
                | ']'
                | '{'
                | '}'
                | '<'
                | '>'
                | '-'
                | '–'
                | '—'
                | '•'
                | '·'
                | '«'
                | '»'
                | '‹'
                | '›'
                | '“'
                | '”'
                | '„'
                | '‟'
                | '‘'
                | '’'
                | '‚'
                | '「'
                | '」'
                | '『'
                | '』'
                | '【'
                | '】'
                | '《'
                | '》'
                | '（'
                | '）'
                | '。'
                | '，'
                | '！'
                | '；'
                | '：'
                | '、'
                | '＂'
                | '✅'
                | '✓'
                | '✔'
                | '☑'
                | '\u{fe0f}'
                | '→'
                | '|'
        )
}

/// The words of a text, in lower case, apostrophes aside.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else if !matches!(c, '\'' | '’') && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoration_is_ignored_and_content_is_not() {
        for text in ["not sure", "**Not sure.**", "“not-sure”", "「not_sure」", " - not  sure!\n"]
        {
            assert_eq!(phrase(text).as_deref(), Some("not sure"), "{text}");
        }
        for text in ["not sure?", "not\nsure", "not, sure", "", "**", "a/b", "~4", "4.5", "is: it"]
        {
            assert_eq!(phrase(text), None, "{text}");
        }
        assert_eq!(words("I don't – really – know."), ["i", "dont", "really", "know"]);
    }
}
