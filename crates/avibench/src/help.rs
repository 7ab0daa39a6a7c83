//! Help of two lengths: `-h` fits a screen, `--help` says everything and ends with examples.

use clap::{Arg, Command};

/// Flags that `-h` shows of commands which have more than fit a screen.
const ESSENTIAL: [&str; 20] = [
    "data-root",
    "tasks",
    "models",
    "model-path",
    "model",
    "port",
    "backend",
    "use",
    "base-url",
    "param",
    "profile",
    "prompts",
    "n-samples",
    "subset",
    "concurrency",
    "max-cost",
    "refine",
    "refine-model",
    "dry-run",
    "open",
];
/// Flags of a command that fit a screen.
const FEW: usize = 10;
/// Characters of a flag's help that fit beside it, and those of a command's.
const BESIDE_FLAG: usize = 46;
const BESIDE_COMMAND: usize = 64;

/// Whether the words ask for help at length.
pub(crate) fn is_long(words: impl IntoIterator<Item = std::ffi::OsString>) -> bool {
    words.into_iter().skip(1).any(|word| word == "--help" || word == "help")
}

/// The same definitions for `-h`: a line a flag, and of many flags those that most people need.
pub(crate) fn short(command: Command) -> Command {
    let shown =
        command.get_arguments().filter(|arg| arg.get_long().is_some() && !arg.is_hide_set());
    let has_many = shown.count() > FEW;
    let is_essential = |arg: &Arg| arg.get_long().is_none_or(|long| ESSENTIAL.contains(&long));
    let command = command.mut_args(|arg| {
        let arg = match arg.get_help().map(|help| beginning(&help.to_string(), BESIDE_FLAG)) {
            Some(help) => arg.help(help),
            None => arg,
        };
        let is_hidden = (has_many && !is_essential(&arg)) || arg.is_global_set();
        let arg = if is_hidden { arg.hide_short_help(true) } else { arg };
        let arg = arg.help_heading(None);
        if arg.get_action().takes_values() {
            arg.hide_env(true).hide_default_value(true).hide_possible_values(true)
        } else {
            arg
        }
    });
    command.mut_subcommands(|below| {
        let below = short(below);
        let about = below.get_about().map(|about| beginning(&about.to_string(), BESIDE_COMMAND));
        match about {
            Some(about) => below.about(about),
            None => below,
        }
    })
}

/// What of a help line fits beside its name: whole clauses, without what stands in brackets.
fn beginning(help: &str, width: usize) -> String {
    if help.chars().count() <= width {
        return help.to_owned();
    }
    let help = help.split(" (").next().unwrap_or(help);
    if help.chars().count() <= width {
        return help.to_owned();
    }
    let ends = help.char_indices().filter(|(at, c)| {
        let stands_alone = help[at + c.len_utf8()..].starts_with([' ', '\n']);
        matches!(c, ';' | ':' | '.') && stands_alone
    });
    let fitting = ends.map(|(at, _)| at).filter(|at| help[..*at].chars().count() <= width);
    match fitting.max() {
        Some(end) => help[..end].to_owned(),
        None => help.to_owned(),
    }
}

/// Help with its lines of usage folded, which clap leaves as long as they are.
pub(crate) fn folded(text: &str, width: usize) -> String {
    let shown = |text: &str| anstream::adapter::strip_str(text).to_string().chars().count();
    let mut folded = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let plain = anstream::adapter::strip_str(line).to_string();
        let is_usage = plain.starts_with("Usage: ") || plain.starts_with("       avibench ");
        if !is_usage || shown(line.trim_end()) <= width {
            folded.push_str(line);
            continue;
        }
        let mut length = 0;
        for word in line.split_inclusive(' ') {
            if length > 0 && length + shown(word.trim_end()) > width {
                folded.truncate(folded.trim_end_matches(' ').len());
                folded.push_str("\n           ");
                length = 11;
            }
            folded.push_str(word);
            length += shown(word);
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command below another, with itself.
    fn all(command: &Command) -> Vec<&Command> {
        let below = command.get_subcommands().flat_map(all);
        std::iter::once(command).chain(below).collect()
    }

    #[test]
    fn every_example_is_a_command_that_is_understood() {
        let root = crate::definitions();
        let mut count = 0;
        for command in all(&root) {
            let text = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            let lines = text.replace("\\\n", " ");
            let examples = lines.lines().filter_map(|line| line.strip_prefix("  avibench "));
            for example in examples {
                let line = example.split(" > ").next().unwrap_or(example);
                let words = shlex::split(line).unwrap();
                let parsed = root
                    .clone()
                    .try_get_matches_from(std::iter::once("avibench".to_owned()).chain(words));
                assert!(parsed.is_ok(), "{}: {example}: {:?}", command.get_name(), parsed.err());
                count += 1;
            }
        }
        assert!(count > 40, "{count}");
    }

    /// Help of a command whose definitions were built for a terminal of so many columns.
    fn rendered(command: &Command, width: usize, is_long: bool) -> String {
        let mut command = command.clone();
        let help = if is_long { command.render_long_help() } else { command.render_help() };
        let text = folded(&help.to_string(), width);
        for line in text.lines().filter(|line| line.chars().count() > width) {
            // Only what cannot be broken may stick out: a path or an address alone on its line.
            assert!(!line.trim().contains(' '), "{} at {width}: {line}", command.get_name());
        }
        text
    }

    #[test]
    fn help_folds_at_every_width_and_has_two_lengths() {
        for width in [60, 80, 100, 120] {
            let built = |definitions: Command| {
                let mut definitions = definitions.term_width(width);
                definitions.build();
                definitions
            };
            let (of_long, of_short) =
                (built(crate::definitions()), built(short(crate::definitions())));
            let commands = all(&of_long).into_iter().zip(all(&of_short));
            let mut count = 0;
            for (long, short) in commands.filter(|(command, _)| !is_help(command)) {
                let name = long.get_bin_name().unwrap_or_default();
                assert_eq!(long.get_name(), short.get_name());
                let (long, short) = (rendered(long, width, true), rendered(short, width, false));
                assert!(long.contains("\nExamples:\n  "), "{name} has no examples: {long}");
                assert!(!short.contains("Examples:"), "{name}: {short}");
                let lines = short.lines().count();
                assert!(width < 80 || lines <= 40, "{name}: {lines} lines: {short}");
                count += 1;
            }
            assert!(count > 40, "{count}");
        }
    }

    /// Whether it is one of those that clap adds, which print the help of others.
    fn is_help(command: &Command) -> bool {
        command.get_bin_name().is_some_and(|name| name.split(' ').any(|word| word == "help"))
    }

    #[test]
    fn flags_of_run_stand_in_groups() {
        let mut root = crate::definitions().term_width(80);
        root.build();
        let long = root.find_subcommand("run").map(|run| rendered(run, 80, true)).unwrap();
        for heading in ["Data", "Model", "Media", "Endpoint", "Limits", "Output", "Cost", "Probe"] {
            assert!(long.contains(&format!("\n{heading}:\n")), "{heading}: {long}");
        }
    }

    #[test]
    fn what_short_help_shows_is_there() {
        let root = crate::definitions();
        let flags: Vec<&str> = all(&root)
            .iter()
            .flat_map(|command| command.get_arguments())
            .filter_map(Arg::get_long)
            .collect();
        for name in ESSENTIAL {
            assert!(flags.contains(&name), "{name}");
        }
    }

    #[test]
    fn usage_folds_between_words() {
        let text = "A command\n\nUsage: avibench refine explain [OPTIONS] [TEXT]\n\nUsage\n";
        assert_eq!(
            folded(text, 30),
            "A command\n\nUsage: avibench refine explain\n           [OPTIONS] [TEXT]\n\nUsage\n"
        );
        assert_eq!(folded(text, 60), text);
    }

    #[test]
    fn a_line_is_cut_between_clauses() {
        let cut = |help: &str| beginning(help, 20);
        assert_eq!(cut("short enough"), "short enough");
        assert_eq!(cut("Who answers: `openai` is any endpoint"), "Who answers");
        assert_eq!(cut("Who answers (default: `openai`)"), "Who answers");
        assert_eq!(
            cut("a long line that has no clause at all"),
            "a long line that has no clause at all"
        );
        assert_eq!(cut("reads 1.5 of it; then goes on"), "reads 1.5 of it");
    }
}
