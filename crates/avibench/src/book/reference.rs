//! `docs/reference/commands.md`: every command and flag, written from the program's own definitions.

#![expect(
    clippy::format_push_string,
    reason = "the page is short, and this way it reads as it is written"
)]

use clap::{Arg, ArgAction, Command, CommandFactory as _};

/// The page, from the folder of this crate.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/commands.md");

const BEGINNING: &str = "\
# Commands

<!-- Written from the program's definitions; `INSTA_UPDATE=always cargo test -p avibench book` writes it anew. -->

Every command with all its flags. `avibench COMMAND --help` prints the same in a terminal, `avibench COMMAND -h` the flags that most
people need. Where a flag names an environment variable, the variable counts if the flag is not given; a [config file](../configuration.md)
comes after both. Folders and files have a [page of their own](../formats.md).
";

/// The whole page.
fn page() -> String {
    let mut root = crate::Cli::command();
    // Flags of all commands come to each, and names become `avibench run`.
    root.build();
    let mut page = BEGINNING.to_owned();
    command(&root, &mut page);
    page
}

/// A command, and those below it.
fn command(command: &Command, page: &mut String) {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    page.push_str(&format!("\n## {name}\n\n"));
    let about = command.get_long_about().or(command.get_about());
    let about = about.map(ToString::to_string).unwrap_or_default();
    let paragraphs: Vec<String> = about.split("\n\n").map(sentence).collect();
    page.push_str(&format!("{}\n", paragraphs.join("\n\n")));
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    page.push_str(&format!("\n```text\n{usage}\n```\n"));
    let below: Vec<&Command> = command
        .get_subcommands()
        .filter(|below| below.get_name() != "help" && !below.is_hide_set())
        .collect();
    if !below.is_empty() {
        page.push_str("\n| Command | Does |\n|---|---|\n");
        for below in &below {
            let name = below.get_bin_name().unwrap_or(below.get_name());
            let about = below.get_about().map(ToString::to_string).unwrap_or_default();
            let anchor = name.replace(' ', "-");
            page.push_str(&format!("| [`{name}`](#{anchor}) | {} |\n", escaped(&about)));
        }
    }
    flags(command, page);
    if let Some(after) = command.get_after_long_help() {
        after_help(&after.to_string(), page);
    }
    for below in below {
        self::command(below, page);
    }
}

/// The flags of a command, by their headings.
fn flags(command: &Command, page: &mut String) {
    let is_shown = |arg: &&Arg| {
        let is_common = arg.is_global_set() && command.get_bin_name() != Some("avibench");
        !arg.is_hide_set() && !is_common && !matches!(arg.get_id().as_str(), "help" | "version")
    };
    let shown: Vec<&Arg> = command.get_arguments().filter(is_shown).collect();
    let mut headings: Vec<&str> = Vec::new();
    for arg in &shown {
        let heading = heading(arg);
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    // What has no heading of its own comes first, as in the help.
    headings.sort_by_key(|heading| match *heading {
        "Arguments" => 0,
        "Options" => 1,
        _ => 2,
    });
    for name in headings {
        page.push_str(&format!("\n**{name}**\n\n"));
        for arg in shown.iter().filter(|arg| heading(arg) == name) {
            page.push_str(&format!("* {}: {}\n", syntax(arg), meaning(arg)));
        }
    }
}

/// The heading under which the help lists a flag.
fn heading(arg: &Arg) -> &str {
    let usual = if arg.is_positional() { "Arguments" } else { "Options" };
    arg.get_help_heading().unwrap_or(usual)
}

/// How a flag is written.
fn syntax(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let values: Vec<String> = names.iter().map(|name| format!("<{name}>")).collect();
    let mut values = values.join(" ");
    if arg.get_num_args().is_some_and(|count| count.max_values() > 1)
        || arg.is_positional() && repeats(arg)
    {
        values.push_str("...");
    }
    if arg.is_positional() {
        return format!("`{values}`");
    }
    let mut written: Vec<String> =
        arg.get_short().map(|short| format!("`-{short}`")).into_iter().collect();
    if let Some(long) = arg.get_long() {
        let takes_value = arg.get_action().takes_values();
        written.push(if takes_value {
            format!("`--{long} {values}`")
        } else {
            format!("`--{long}`")
        });
    }
    written.join(", ")
}

fn repeats(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

/// What a flag does, with its values, its default and its variable.
fn meaning(arg: &Arg) -> String {
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let paragraphs =
        help.split("\n\n").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut meaning = paragraphs.map(|text| sentence(&text)).collect::<Vec<_>>().join(" ");
    if arg.get_action().takes_values() {
        let values = arg.get_possible_values();
        let values: Vec<_> = values.iter().filter(|value| !value.is_hide_set()).collect();
        if !values.is_empty() && !arg.is_hide_possible_values_set() {
            let listed = values.iter().map(|value| match value.get_help() {
                Some(help) => {
                    format!("`{}` ({})", value.get_name(), escaped(&lower(&help.to_string())))
                }
                None => format!("`{}`", value.get_name()),
            });
            meaning.push_str(&format!(" One of {}.", listed.collect::<Vec<_>>().join(", ")));
        }
        let defaults = arg.get_default_values();
        if !defaults.is_empty() && !arg.is_hide_default_value_set() {
            let defaults: Vec<_> = defaults.iter().map(|value| value.to_string_lossy()).collect();
            meaning.push_str(&format!(" Default: `{}`.", defaults.join(" ")));
        }
    }
    if let Some(variable) = arg.get_env().filter(|_| !arg.is_hide_env_set()) {
        meaning.push_str(&format!(" Variable: `{}`.", variable.to_string_lossy()));
    }
    meaning
}

/// A help line as a sentence.
fn sentence(help: &str) -> String {
    let text = escaped(help);
    if text.ends_with(['.', ':', ']']) { text } else { format!("{text}.") }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

/// What stands below the flags: examples as blocks, lists as they are printed.
fn after_help(text: &str, page: &mut String) {
    let mut block: Vec<&str> = Vec::new();
    let mut kind = "text";
    for line in text.lines().chain([""]) {
        if let Some(inside) = line.strip_prefix("  ") {
            block.push(inside);
            continue;
        }
        if !block.is_empty() {
            page.push_str(&format!("\n```{kind}\n{}\n```\n", block.join("\n")));
            block.clear();
        }
        if let Some(title) = line.strip_suffix(':') {
            page.push_str(&format!("\n**{title}**\n"));
            kind = if title == "Examples" { "sh" } else { "text" };
        } else if !line.is_empty() {
            page.push_str(&format!("\n{}\n", escaped(line)));
        }
    }
}

/// Text of the help as Markdown: what is between backticks is code in both, and of the rest nothing is markup.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for (number, part) in text.split('`').enumerate() {
        if number > 0 {
            escaped.push('`');
        }
        let is_code = number % 2 == 1;
        for c in part.chars() {
            if !is_code && matches!(c, '<' | '*' | '[' | ']' | '|' | '\\') {
                escaped.push('\\');
            }
            escaped.push(c);
        }
    }
    escaped
}

#[test]
fn the_page_of_commands_is_what_the_program_knows() {
    let page = page();
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::create_dir_all(std::path::Path::new(PAGE).parent().unwrap()).unwrap();
        std::fs::write(PAGE, &page).unwrap();
        return;
    }
    let differs = page.lines().zip(written.lines()).find(|(now, then)| now != then);
    assert!(
        page == written,
        "docs/reference/commands.md is not what the program knows; \
         INSTA_UPDATE=always cargo test -p avibench book writes it. First difference: {differs:?}"
    );
}

#[test]
fn text_of_the_help_is_no_markup() {
    assert_eq!(escaped("a <b> `c <d>` *e*"), "a \\<b> `c <d>` \\*e\\*");
    assert_eq!(sentence("Say it"), "Say it.");
    assert_eq!(sentence("Say it."), "Say it.");
}
