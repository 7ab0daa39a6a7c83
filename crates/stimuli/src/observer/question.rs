//! Reading a question: the options it offers and what it is about.

/// The text of a question, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// The options as they are spelled, repetitions removed; none if the question is open.
    pub(crate) options: Vec<String>,
    /// Everything, in lower case.
    text: String,
    /// What follows the options, in lower case: the question's own wording.
    own: String,
}

const MARK: &str = "options are:";

impl Question {
    /// Reads `{prompt}. Available options are: ['yes', 'no']. {question}`.
    pub(crate) fn read(text: &str) -> Self {
        let lower = text.to_lowercase();
        // The last list counts: a prompt may hold lists of its own. Lower case may change the
        // length of foreign letters, so both halves are cut from the same text.
        let found = text.rfind(MARK).map(|at| &text[at + MARK.len()..]).and_then(quoted_list);
        match found {
            Some((options, rest)) => Self { options, own: rest.to_lowercase(), text: lower },
            None => Self { options: Vec::new(), own: lower.clone(), text: lower },
        }
    }

    /// Whether all of `words` are among the options, in any case.
    pub(crate) fn offers(&self, words: &[&str]) -> bool {
        words.iter().all(|word| self.spelled(word).is_some())
    }

    /// An option as the question spells it.
    pub(crate) fn spelled(&self, word: &str) -> Option<&str> {
        self.options.iter().map(String::as_str).find(|option| option.eq_ignore_ascii_case(word))
    }

    /// Whether the question's own wording holds `phrase` (lower case).
    pub(crate) fn says(&self, phrase: &str) -> bool {
        self.own.contains(phrase)
    }

    /// Whether prompt or question hold `phrase` (lower case).
    pub(crate) fn mentions(&self, phrase: &str) -> bool {
        self.text.contains(phrase)
    }

    /// Whether an answer belongs between hash marks.
    pub(crate) fn wants_hash_marks(&self) -> bool {
        self.mentions("hash mark") || self.text.contains('#')
    }

    /// Whether a number is asked for.
    pub(crate) fn wants_number(&self) -> bool {
        self.options.is_empty() && (self.says("how many") || self.says("number of"))
    }
}

/// A list of strings as Python writes it, and what follows it.
fn quoted_list(text: &str) -> Option<(Vec<String>, &str)> {
    let mut rest = text.trim_start().strip_prefix('[')?;
    let mut options: Vec<String> = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        if let Some(after) = rest.strip_prefix(']') {
            return (!options.is_empty()).then_some((options, after));
        }
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let body = &rest[1..];
        let end = body.find(quote)?;
        if !options.iter().any(|option| option == &body[..end]) {
            options.push(body[..end].to_owned());
        }
        rest = &body[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_and_wording_are_told_apart() {
        let question = Question::read(
            "Reply like [1, 'x']. Available options are: ['Cone', \"no movement\", 'Cone']. What is it?",
        );
        assert_eq!(question.options, ["Cone", "no movement"]);
        assert!(question.says("what is it") && !question.says("reply"));
        assert_eq!(question.spelled("cone"), Some("Cone"));
    }

    #[test]
    fn broken_lists_are_no_lists() {
        for text in
            ["options are: [", "options are: ['a", "options are: ['a' 5]", "İ options are: []"]
        {
            assert!(Question::read(text).options.is_empty(), "{text}");
        }
    }
}
