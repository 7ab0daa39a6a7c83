//! Messages on stderr. Colour only marks the first word, so nothing is lost without it.

use std::fmt::Display;
use std::io::Write as _;

use anstream::adapter::strip_str;
use anstyle::{AnsiColor, Style};
use terminal_size::{Width, terminal_size_of};

use super::grid::fold_onto;
use super::layout::{LEAST, width};
use super::printable::{on_one_line, printable};
use super::progress::above_bars;
use crate::help::folded;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// What stands before what to do next.
const NEXT: &str = "next";

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
    say(&format!("{ERROR}error{ERROR:#}: "), text, "\n");
}

/// Words that end a message, closed by a full stop unless they close themselves: another sentence follows.
pub(crate) fn sentence(words: &str) -> String {
    let stop = if words.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{words}{stop}")
}

/// What is wrong with the command line. It repeats arguments, which scripts may take from anywhere.
pub(crate) fn usage_error(error: &clap::Error) {
    // With styles, because taking those off would take a part of the arguments off as well.
    let mut text = error.render().ansi().to_string();
    // A line of an argument must not look like one of the message. What is repeated may be a part of
    // an argument: what follows its `=`, or one of several values.
    for argument in std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()) {
        let parts = argument.split(['=', ',']).chain([argument.as_str()]);
        for part in parts.filter(|part| !part.trim().is_empty()) {
            let shown = on_one_line(part);
            if shown != part {
                text = text.replace(part, &shown);
            }
        }
    }
    say("", strip_str(&text), "");
}

/// Help or the version, which are data.
pub(crate) fn help(error: &clap::Error) {
    let text = folded(&error.render().ansi().to_string(), width());
    // A reader may leave half-way, and has then seen what it wanted.
    let _ = write!(anstream::stdout(), "{text}");
}

/// Something the user should know of, while the command goes on.
pub(crate) fn warning(text: impl Display) {
    say(&format!("{WARNING}warning{WARNING:#}: "), text, "\n");
}

/// What to do next.
pub(crate) fn hint(text: impl Display) {
    say(&format!("{HINT}{NEXT}{HINT:#}: "), text, "\n");
}

/// Plain talk.
pub(crate) fn note(text: impl Display) {
    say("", text, "\n");
}

/// A question, whose answer is typed beside it.
pub(crate) fn question(text: impl Display) {
    say("", text, "");
}

/// The one place that writes to stderr. Talk that nobody can hear (a full disk behind it, a reader that
/// left) must not end a command whose data are sound, so that failures are passed over.
fn say(head: &str, text: impl Display, end: &str) {
    let text = printable(&text.to_string());
    let text = match talk_width() {
        // A command to copy stays one line.
        Some(width) if !head.contains(NEXT) => {
            in_lines(strip_str(head).to_string().len(), &text, width)
        }
        _ => text,
    };
    above_bars(|| {
        let _ = write!(anstream::stderr().lock(), "{head}{text}{end}");
    });
}

/// Columns of the terminal that talk goes to; none if it goes elsewhere, where programs may read it.
fn talk_width() -> Option<usize> {
    let (Width(columns), _) = terminal_size_of(std::io::stderr())?;
    Some(usize::from(columns).max(LEAST))
}

/// Lines that do not fit the terminal, broken at blanks: it would break them within words and numbers. The first
/// has `taken` columns less. Lines that fit stay as they are, so that tables do.
fn in_lines(taken: usize, text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for (at, line) in text.split('\n').enumerate() {
        let taken = if at == 0 { taken } else { 0 };
        if taken + line.chars().count() <= width {
            lines.push(line.to_owned());
            continue;
        }
        let blanks: String = line.chars().take_while(|c| *c == ' ').collect();
        // What stands before the first line takes its columns there.
        let mut folding = vec![" ".repeat(taken) + &blanks];
        fold_onto(&mut folding, &blanks, line, width);
        if let Some(first) = folding.first_mut() {
            *first = first.chars().skip(taken).collect();
        }
        lines.append(&mut folding);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn talk_is_broken_at_blanks_where_the_terminal_would_break_words() {
        let text = "AVQA 0 names no medium, and 439 others\n  lack 61.25 too: name\nfits";
        assert_eq!(
            in_lines(9, text, 24),
            "AVQA 0 names no\nmedium, and 439 others\n  lack 61.25 too: name\nfits"
        );
        assert_eq!(in_lines(9, text, 200), text);
        assert_eq!(in_lines(0, "a/path/that/is/longer than", 10), "a/path/that/is/longer\nthan");
    }
}
