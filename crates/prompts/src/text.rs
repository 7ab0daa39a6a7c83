//! Putting the parts of a question together.

/// Joins the parts in our own packs: parts that are absent leave no trace, and a part that ends a
/// sentence already gets no second full stop.
pub(crate) fn join(prompt: &str, options: Option<&str>, question: &str) -> String {
    let mut text = String::new();
    let prompt = prompt.trim();
    if !prompt.is_empty() {
        text.push_str(prompt);
        if !prompt.ends_with(['.', '!', '?', ':', ';', '。', '！', '？', '：']) {
            text.push('.');
        }
        text.push(' ');
    }
    if let Some(options) = options {
        push_options(&mut text, options);
    }
    text.push_str(question);
    text
}

fn push_options(text: &mut String, options: &str) {
    text.push_str("Available options are: ");
    text.push_str(options);
    text.push_str(". ");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_parts_leave_no_trace() {
        let options = Some("['yes', 'no']");
        assert_eq!(
            join("Answer", options, "Is it?"),
            "Answer. Available options are: ['yes', 'no']. Is it?"
        );
        assert_eq!(join("Answer.", None, "Is it?"), "Answer. Is it?");
        assert_eq!(join("", options, "Is it?"), "Available options are: ['yes', 'no']. Is it?");
        assert_eq!(join("\n", None, "Is it?"), "Is it?");
    }
}
