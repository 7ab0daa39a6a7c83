//! From the words of the command line to flags: the environment and the config file lie below them.

use std::path::PathBuf;

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Command};

use crate::config::{self, ConfigError, ConfigFile, ENTRY_FLAG};
use crate::help;

/// Commands for which no config file is read: a broken one must not stand in their way.
const WITHOUT_FILE: [&str; 3] = ["completions", "config", "man"];

/// Why there are no flags.
pub(crate) enum Unparsed {
    /// The words are wrong, or ask for help or the version.
    Words(Box<clap::Error>),
    /// The config file is wrong.
    File(ConfigError),
}

impl From<clap::Error> for Unparsed {
    fn from(error: clap::Error) -> Self {
        Self::Words(Box::new(error))
    }
}

impl From<ConfigError> for Unparsed {
    fn from(error: ConfigError) -> Self {
        Self::File(error)
    }
}

/// Reads the command line by these definitions. What the config file adds is said in a line.
pub(crate) fn parsed(root: Command) -> Result<(ArgMatches, Option<String>), Unparsed> {
    // What is required may stand in the file. Help and most mistakes need no file.
    let Ok(given) = relaxed(with_switches(root.clone())).try_get_matches() else {
        let shown = if help::is_long(std::env::args_os()) { root } else { help::short(root) };
        return Ok((shown.try_get_matches()?, None));
    };
    let switchable = with_switches(root.clone());
    let chosen = config::chosen(&given);
    let first = chosen.words.first().map(String::as_str);
    if first.is_some_and(|name| WITHOUT_FILE.contains(&name)) {
        return Ok((switchable.try_get_matches()?, None));
    }
    let named = given.get_one::<PathBuf>("config");
    let file = ConfigFile::find(named.map(PathBuf::as_path), &root)?;
    let Some(command) = command_of(&root, &chosen.words) else {
        return Ok((root.try_get_matches()?, None));
    };
    let source = |arg: &clap::Arg| chosen.matches.value_source(arg.get_id().as_str());
    let has_entry = command.get_arguments().any(|arg| arg.get_id() == ENTRY_FLAG);
    let entry =
        if has_entry && chosen.matches.value_source(ENTRY_FLAG) == Some(ValueSource::CommandLine) {
            chosen.matches.get_one::<String>(ENTRY_FLAG)
        } else {
            None
        };
    let words = &chosen.words;
    let layers = config::layered(command, words, file.as_ref(), entry.map(String::as_str), source)?;
    let note = file.filter(|_| !layers.is_empty()).map(|file| {
        let flags =
            command.get_arguments().filter(|arg| layers.contains_key(arg.get_id().as_str()));
        let flags: Vec<String> =
            flags.filter_map(|arg| Some(format!("--{}", arg.get_long()?))).collect();
        format!("{} sets {}", file.path.display(), flags.join(", "))
    });
    Ok((config::applied(switchable, words, &layers).try_get_matches()?, note))
}

/// The flag with which somebody wanted to give a key, which no flag takes: `--api-key`.
pub(crate) fn flag_of_key(error: &clap::Error) -> Option<&str> {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else { return None };
    let flag = flag.split('=').next().unwrap_or(flag);
    let is_key = error.kind() == ErrorKind::UnknownArgument
        && config::is_name_of_key(flag.trim_start_matches('-'));
    is_key.then_some(flag)
}

/// A command by its words.
pub(crate) fn command_of<'c>(root: &'c Command, words: &[String]) -> Option<&'c Command> {
    words.iter().try_fold(root, |command, word| command.find_subcommand(word))
}

/// The same definitions, in which `--flag=false` turns off what a file turns on. Help does without it.
fn with_switches(command: Command) -> Command {
    let command = command.mut_args(|arg| match arg.get_action() {
        ArgAction::SetTrue => arg
            .action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .default_value("false"),
        _ => arg,
    });
    command.mut_subcommands(with_switches)
}

/// The same definitions with nothing required.
pub(crate) fn relaxed(command: Command) -> Command {
    let command = command.mut_args(|arg| arg.required(false));
    command.mut_subcommands(relaxed)
}

/// The command line with those variables left out that are set and empty, as scripts and containers
/// leave them: they count as unset. A negative number is a flag's value and no flag, so that what is
/// wrong with it is said.
pub(crate) fn adapted(command: Command) -> Command {
    let is_empty = |name: &std::ffi::OsStr| {
        std::env::var_os(name).is_some_and(|value| value.to_string_lossy().trim().is_empty())
    };
    let command = command.mut_args(|arg| {
        let arg = match arg.get_env() {
            Some(name) if is_empty(name) => arg.env(Resettable::Reset),
            _ => arg,
        };
        let has_value = arg.get_long().is_some() && arg.get_action().takes_values();
        if has_value { arg.allow_negative_numbers(true) } else { arg }
    });
    command.mut_subcommands(adapted)
}
