//! A text without what is only put around it.

/// Wrappings may stand within each other, but not endlessly.
const LAYERS: usize = 4;

/// A text without code fences, a leading `answer=`, quotation marks, emphasis and punctuation around
/// it.
pub(crate) fn unwrapped(text: &str) -> &str {
    let decoration = |c: char| c.is_whitespace() || "*_\"'“”‘’#$.。!！,，;；:：".contains(c);
    let mut text = text.trim_matches(decoration);
    for _ in 0..LAYERS {
        let inside = without_fence(text).or_else(|| after_assignment(text));
        let Some(inside) = inside else { break };
        text = inside.trim_matches(decoration);
    }
    text.trim_matches('`').trim_matches(decoration)
}

/// What stands between a fence at the beginning and one at the end.
fn without_fence(text: &str) -> Option<&str> {
    let inside = text.strip_prefix("```")?.strip_suffix("```")?.trim_matches('`');
    // The language stands alone on the first line.
    let (first, rest) = inside.split_once('\n').unwrap_or(("", inside));
    let is_language = first.trim().chars().all(|c| c.is_ascii_alphanumeric());
    Some(if is_language { rest } else { inside })
}

/// What follows a leading `answer=`, in any case and with spaces around the sign.
fn after_assignment(text: &str) -> Option<&str> {
    let word = text.get(..6).filter(|word| word.eq_ignore_ascii_case("answer"))?;
    let rest = text[word.len()..].trim_start().strip_prefix('=')?;
    // `answer == yes` compares, it does not assign.
    (!rest.starts_with('=')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappings_come_off() {
        for (text, inside) in [
            ("```text\nguitar\n```", "guitar"),
            ("```guitar```", "guitar"),
            ("```\nguitar\n```", "guitar"),
            ("answer = guitar", "guitar"),
            (" Answer=```\n**guitar**.\n``` ", "guitar"),
            ("`a`", "a"),
            ("answer == guitar", "answer == guitar"),
            ("a `b` c", "a `b` c"),
            ("```", ""),
            ("", ""),
        ] {
            assert_eq!(unwrapped(text), inside, "{text:?}");
        }
    }
}
