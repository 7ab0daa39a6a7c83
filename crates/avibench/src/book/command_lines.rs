//! Command lines on pages are understood: those in blocks of `sh` and in indented blocks whole, and those
//! within sentences as far as they go.

use clap::Command;
use clap::error::ErrorKind;

use super::pages::{PieceKind, pages};
use crate::arguments::relaxed;

/// Kinds of blocks whose lines are command lines. Blocks of `console` run as tests of the program.
const SHELL: [&str; 3] = ["", "sh", "sh run"];

/// The words of all calls of avibench in a text for a shell, or the line that no shell would split.
fn calls(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut calls = Vec::new();
    for line in text.replace("\\\n", " ").lines() {
        if !line.contains("avibench ") && !line.contains("cargo run") {
            continue;
        }
        let words = shlex::split(line).ok_or_else(|| line.to_owned())?;
        let is_operator = |word: &String| matches!(word.as_str(), "|" | "||" | "&&" | "&" | ";");
        for command in words.split(is_operator) {
            // Variables may stand before a program.
            let command = command.iter().skip_while(|word| is_assignment(word));
            let command: Vec<&str> = command.map(String::as_str).collect();
            let (["avibench", arguments @ ..]
            | ["cargo", "run", "--release", "--", arguments @ ..]) = command.as_slice()
            else {
                // A command that another program starts, such as GNU parallel.
                for nested in command.iter().filter(|word| word.starts_with("avibench ")) {
                    calls.extend(self::calls(&nested.replace("{}", "1"))?);
                }
                continue;
            };
            let end = arguments.iter().position(|word| matches!(*word, ">" | "2>" | "<" | "..."));
            let arguments = &arguments[..end.unwrap_or(arguments.len())];
            let program = std::iter::once("avibench");
            calls.push(program.chain(arguments.iter().copied()).map(str::to_owned).collect());
        }
    }
    Ok(calls)
}

/// Whether a word sets a variable.
fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

/// Whether code within a sentence is a command line. A version is none, and `COMMAND` stands for any.
fn is_command(code: &str) -> bool {
    let second = code.strip_prefix("avibench ").and_then(|rest| rest.chars().next());
    second.is_some_and(|c| c.is_ascii_lowercase() || c == '-')
}

/// What the program understands.
struct Definitions {
    whole: Command,
    relaxed: Command,
}

impl Definitions {
    fn new() -> Self {
        Self { whole: crate::definitions(), relaxed: relaxed(crate::definitions()) }
    }

    /// Why a command line is not understood.
    fn misunderstood(&mut self, words: &[String]) -> Option<clap::Error> {
        let error = self.whole.try_get_matches_from_mut(words).err()?;
        let is_answer = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
        (!is_answer).then_some(error)
    }

    /// Why the beginning of a command line is not understood: which names of commands and flags there are not. Flags may
    /// lack, and values may be words that stand for them.
    fn misunderstood_beginning(&mut self, words: &[String]) -> Option<clap::Error> {
        let error = self.relaxed.try_get_matches_from_mut(words).err()?;
        let is_unknown =
            matches!(error.kind(), ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand);
        is_unknown.then_some(error)
    }
}

#[test]
fn command_lines_of_pages_are_understood() {
    let mut definitions = Definitions::new();
    let mut faults = Vec::new();
    let mut count = 0;
    for page in pages() {
        for piece in page.pieces() {
            let (text, is_whole) = match &piece.kind {
                PieceKind::Block(info) if SHELL.contains(&info.as_str()) => {
                    (piece.text.clone(), !piece.text.contains('[') && !piece.text.contains(" ..."))
                }
                PieceKind::Span if is_command(&piece.text) => (piece.text.clone(), false),
                _ => continue,
            };
            let place = format!("{}:{}", page.path, piece.line);
            // Brackets stand around what may be left out.
            let text = if is_whole { text } else { text.replace(['[', ']'], "") };
            let calls = match calls(&text) {
                Ok(calls) => calls,
                Err(line) => {
                    faults.push(format!("{place}: no shell would split: {line}"));
                    continue;
                }
            };
            for words in calls {
                count += 1;
                let error = if is_whole {
                    definitions.misunderstood(&words)
                } else {
                    definitions.misunderstood_beginning(&words)
                };
                faults.extend(error.map(|error| format!("{place}: {}: {error}", words.join(" "))));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count > 80, "only {count} command lines were found");
}

#[test]
fn wrong_command_lines_are_found() {
    let mut definitions = Definitions::new();
    let mut wrong = |text: &str, is_whole: bool| {
        calls(text).unwrap().iter().any(|words| {
            let error = if is_whole {
                definitions.misunderstood(words)
            } else {
                definitions.misunderstood_beginning(words)
            };
            error.is_some()
        })
    };
    assert!(!wrong("KEY=x avibench score --data-root DATA | head   # comment", true));
    assert!(wrong("avibench score --data-rot DATA", false));
    assert!(
        !wrong("avibench run --concurrency", false) && wrong("avibench run --concurrency", true)
    );
    assert!(wrong("avibench compare", true) && !wrong("avibench compare", false));
    assert!(wrong("parallel 'avibench run --shards' ::: 1 2", true));
    assert!(wrong("cargo run --release -- dmo", true));
    assert!(wrong("avibench labels list &&\\\n avibench labels lst", true));
    assert!(is_command("avibench run") && is_command("avibench --version"));
    assert!(!is_command("avibench 0.1.0 (commit)") && !is_command("avibench COMMAND -h"));
}
