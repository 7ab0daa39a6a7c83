//! `avibench config`: what flags are, and where that comes from.

use std::io::Write as _;
use std::path::Path;

use clap::parser::ValueSource;
use clap::{Arg, Args, Command, Subcommand};

use crate::arguments::command_of;
use crate::config::{CONFIG_FILE, ConfigFile, Setting, layered};
use crate::exit::Exit;
use crate::terminal::{self, Grid};

/// Show what each flag is, and where its value comes from.
///
/// A flag on the command line comes first, then its environment variable, then the config file
/// (`avibench.toml` in the current folder, or --config FILE), then the program's own value.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench config show\n\
\x20 avibench config show run --use gemini")]
pub(crate) struct Config {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Show(Show),
}

/// Say each value and where it comes from.
///
/// Without a command: everything that the config file says. With one: all of the command's flags.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench config show\n\
\x20 avibench config show run --use gemini")]
struct Show {
    /// A command, such as `run` or `synth prise`
    #[arg(num_args = 0.., value_name = "COMMAND")]
    command: Vec<String>,
    /// With the model of a [models.NAME] table
    #[arg(long = "use", requires = "command", value_name = "NAME")]
    entry: Option<String>,
}

impl Config {
    /// `root` defines commands and flags; `named` is the file of --config.
    pub(crate) fn run(self, root: &Command, named: Option<&Path>) -> anyhow::Result<Exit> {
        let Action::Show(show) = self.action;
        let file = ConfigFile::find(named, root)?;
        match &file {
            Some(file) => terminal::note(format!("config file: {}", file.path.display())),
            None => {
                terminal::note(format!("no config file: there is no {CONFIG_FILE} in this folder"));
            }
        }
        if show.command.is_empty() {
            if let Some(file) = &file {
                writeln!(terminal::stdout(), "{}", everything(file))?;
            }
        } else {
            let words = &show.command;
            let command = command_of(root, words).ok_or_else(|| {
                anyhow::anyhow!("there is no command `{}`; see avibench --help", words.join(" "))
            })?;
            let grid = flags_of(command, words, file.as_ref(), show.entry.as_deref())?;
            writeln!(terminal::stdout(), "{grid}")?;
        }
        // What commands would refuse when they begin is told once it was shown.
        file.map_or(Ok(()), |file| file.rehearse(root))?;
        if show.command.is_empty() {
            terminal::hint("avibench config show COMMAND, such as `avibench config show run`");
        }
        Ok(Exit::Done)
    }
}

/// A table of all flags of a command.
fn flags_of(
    command: &Command,
    words: &[String],
    file: Option<&ConfigFile>,
    entry: Option<&str>,
) -> anyhow::Result<Grid> {
    let variable = |arg: &Arg| {
        let name = arg.get_env()?;
        Some((name.to_string_lossy().into_owned(), std::env::var_os(name)?))
    };
    let source = |arg: &Arg| variable(arg).map(|_| ValueSource::EnvVariable);
    let layers = layered(command, words, file, entry, source)?;
    let mut grid = Grid::new(["Flag", "From", "Value"]).with_texts([1, 2]);
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
        let Some(long) = arg.get_long().filter(|long| *long != "use") else { continue };
        let (from, value) = if let Some(layer) = layers.get(arg.get_id().as_str()) {
            place(&layer.setting)
        } else if let Some((name, value)) = variable(arg) {
            (name, value.to_string_lossy().into_owned())
        } else {
            let own: Vec<_> =
                arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
            let from = if own.is_empty() { "not set" } else { "default" };
            (from.to_owned(), own.join(" "))
        };
        grid.row([format!("--{long}"), from, without_password(&value)]);
    }
    Ok(grid)
}

/// A table of all that a file says.
fn everything(file: &ConfigFile) -> Grid {
    let mut settings: Vec<(&str, &Setting)> = Vec::new();
    let of_commands = file.commands().values();
    for (_, setting) in of_commands.chain(file.models().values()).flatten() {
        let table = setting.source.table.as_str();
        // A value for all commands stands once in the file.
        if !settings.iter().any(|(_, known)| known.source == setting.source) {
            settings.push((table, setting));
        }
    }
    settings.sort_by_key(|(_, setting)| setting.source.line);
    let mut grid = Grid::new(["Key", "From", "Value"]).with_texts([1, 2]);
    for (_, setting) in settings {
        let (from, value) = place(setting);
        grid.row([setting.key.clone(), from, without_password(&value)]);
    }
    grid
}

/// Where a setting stands, and its value.
fn place(setting: &Setting) -> (String, String) {
    let source = &setting.source;
    (format!("{} line {}", source.table, source.line), setting.values.join(" "))
}

/// A value without what may be a key in an address: what stands before the host, and the query.
fn without_password(value: &str) -> String {
    let shown = |word: &str| match word.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (host, path) = rest.split_at(end);
            let host = match host.rsplit_once('@') {
                Some((_, host)) => format!("...@{host}"),
                None => host.to_owned(),
            };
            let path = match path.split_once('?') {
                Some((path, _)) => format!("{path}?..."),
                None => path.to_owned(),
            };
            format!("{scheme}://{host}{path}")
        }
        None => word.to_owned(),
    };
    value.split(' ').map(shown).collect::<Vec<_>>().join(" ")
}
