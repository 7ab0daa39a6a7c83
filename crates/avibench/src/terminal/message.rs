//! Messages on stderr. Colour only marks the first word, so nothing is lost without it.

use anstyle::{AnsiColor, Style};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Why the command could not run, with its causes.
pub(crate) fn error(error: &anyhow::Error) {
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        // Typed errors often name their source already.
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    anstream::eprintln!("{ERROR}error{ERROR:#}: {}", printable(&text));
}

/// Something the user should know of, while the command goes on.
pub(crate) fn warning(text: impl std::fmt::Display) {
    anstream::eprintln!("{WARNING}warning{WARNING:#}: {}", printable(&text.to_string()));
}

/// What to do next.
pub(crate) fn hint(text: impl std::fmt::Display) {
    anstream::eprintln!("{HINT}next{HINT:#}: {}", printable(&text.to_string()));
}

/// Plain talk.
pub(crate) fn note(text: impl std::fmt::Display) {
    anstream::eprintln!("{}", printable(&text.to_string()));
}

/// Text from files, servers and models is untrusted: control characters, which could move the
/// cursor or recolour the terminal, become visible.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let hidden = c.is_control() && c != '\n';
            let (shown, escaped) =
                if hidden { (None, Some(c.escape_default())) } else { (Some(c), None) };
            shown.into_iter().chain(escaped.into_iter().flatten())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(printable("a\u{1b}[31mb\tc\nd"), "a\\u{1b}[31mb\\tc\nd");
    }
}
