//! Messages on stderr. Colour only marks the first word, so nothing is lost without it.

use std::fmt::Display;
use std::io::Write as _;

use anstyle::{AnsiColor, Style};

use super::layout::width;
use super::printable::{on_one_line, printable};
use super::progress::above_bars;
use crate::help::folded;

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
    say(&format!("{ERROR}error{ERROR:#}: "), text, "\n");
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
    say("", anstream::adapter::strip_str(&text), "");
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
    say(&format!("{HINT}next{HINT:#}: "), text, "\n");
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
    above_bars(|| {
        let _ = write!(anstream::stderr().lock(), "{head}{text}{end}");
    });
}
