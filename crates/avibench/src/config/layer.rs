//! Laying a config file under the command line and the environment.

use std::collections::BTreeMap;

use clap::builder::Resettable;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::error::{ConfigError, Mistakes, Problem};
use super::file::{ConfigFile, Setting, Settings};
use super::model::{ENTRY_FLAG, flag_in};

/// What lets a request in: it belongs to the server that it was named for.
const CREDENTIALS: [&str; 3] = ["api-key-variable", "api-key-file", "header"];

/// The command that somebody chose: its words, and what was said to it.
pub(crate) struct Chosen<'m> {
    /// Such as `labels`, `rename`.
    pub(crate) words: Vec<String>,
    pub(crate) matches: &'m ArgMatches,
}

/// The command in what was parsed.
pub(crate) fn chosen(matches: &ArgMatches) -> Chosen<'_> {
    let mut chosen = Chosen { words: Vec::new(), matches };
    while let Some((name, below)) = chosen.matches.subcommand() {
        chosen.words.push(name.to_owned());
        chosen.matches = below;
    }
    chosen
}

/// A setting of the file that takes effect.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) setting: Setting,
    /// Whether it comes before the environment: it belongs to a model that the command line names.
    pub(crate) is_above_environment: bool,
}

/// The settings of the file that take effect for a command, by the flag's name inside the program.
///
/// `source` says where a flag's value comes from without the file; `entry` is the model that the command
/// line names.
pub(crate) fn layered(
    command: &Command,
    words: &[String],
    file: Option<&ConfigFile>,
    entry: Option<&str>,
    source: impl Fn(&Arg) -> Option<ValueSource>,
) -> Result<BTreeMap<String, Layer>, ConfigError> {
    let mut layers: BTreeMap<String, Layer> = BTreeMap::new();
    let settings = file.map(|file| file.settings(words)).unwrap_or_default();
    let named_in_file =
        settings.get(ENTRY_FLAG).and_then(|setting| setting.values.first().cloned());
    for (id, setting) in settings {
        layers.insert(id, Layer { setting, is_above_environment: false });
    }
    if let Some(name) = entry.map(str::to_owned).or(named_in_file) {
        let Some(file) = file else {
            return Err(ConfigError::NoModel { name, path: None, known: Vec::new() });
        };
        let is_above_environment = entry.is_some();
        for (id, setting) in of_model(command, file.model(&name)?, is_above_environment, &source) {
            layers.insert(id, Layer { setting, is_above_environment });
        }
    }
    let find = |id: &str| command.get_arguments().find(|arg| arg.get_id() == id);
    let is_given = |arg: &Arg| is_given(source(arg), false);
    let given: Vec<&Arg> = command.get_arguments().filter(|arg| is_given(arg)).collect();
    layers.retain(|id, layer| {
        find(id).is_some_and(|arg| {
            let is_overruled = self::is_given(source(arg), layer.is_above_environment);
            !is_overruled && !given.iter().any(|other| exclude(command, arg, other))
        })
    });
    if let Some(file) = file {
        let settings = command
            .get_arguments()
            .filter_map(|arg| Some((arg, &layers.get(arg.get_id().as_str())?.setting)));
        let found = conflicts(command, &settings.collect::<Vec<_>>());
        Mistakes::none_of(&file.path, found)?;
    }
    Ok(layers)
}

/// Whether a flag has a value that comes before the file's.
fn is_given(source: Option<ValueSource>, is_above_environment: bool) -> bool {
    match source {
        Some(ValueSource::CommandLine) => true,
        Some(ValueSource::EnvVariable) => !is_above_environment,
        _ => false,
    }
}

/// What a model's table says of the flags of a command, by the flag's name inside the program.
fn of_model(
    command: &Command,
    model: &Settings,
    is_above_environment: bool,
    source: &impl Fn(&Arg) -> Option<ValueSource>,
) -> Settings {
    let is_elsewhere =
        flag_in(command, "base-url").is_some_and(|arg| is_given(source(arg), is_above_environment));
    let settings = model.iter().filter_map(|(flag, setting)| {
        let arg = flag_in(command, flag)?;
        // The server is another than the table's, which must not get the key for that one.
        let is_withheld = is_elsewhere && CREDENTIALS.contains(&flag.as_str());
        (!is_withheld).then(|| (arg.get_id().to_string(), setting.clone()))
    });
    settings.collect()
}

/// Whether two flags must not be given together.
fn exclude(command: &Command, a: &Arg, b: &Arg) -> bool {
    let names = |of: &Arg, other: &Arg| {
        command.get_arg_conflicts_with(of).iter().any(|arg| arg.get_id() == other.get_id())
    };
    a.get_id() != b.get_id() && (names(a, b) || names(b, a))
}

/// Settings that exclude each other, at the later of their lines.
pub(super) fn conflicts(command: &Command, settings: &[(&Arg, &Setting)]) -> Vec<(usize, Problem)> {
    // A switch that is off excludes nothing.
    let mut on = settings.iter().filter(|(_, setting)| setting.values != ["false"]);
    let mut found = Vec::new();
    while let Some((a, first)) = on.next() {
        for (_, other) in on.clone().filter(|(b, _)| exclude(command, a, b)) {
            let (later, earlier) =
                if first.source.line > other.source.line { (first, other) } else { (other, first) };
            let problem = Problem::Conflict {
                key: later.key.clone(),
                other: earlier.key.clone(),
                line: earlier.source.line,
            };
            found.push((later.source.line, problem));
        }
    }
    found
}

/// The command line's definitions with the settings as what flags are if nobody says otherwise.
pub(crate) fn applied(
    root: Command,
    words: &[String],
    layers: &BTreeMap<String, Layer>,
) -> Command {
    match words.split_first() {
        Some((first, rest)) => root.mut_subcommand(first, |below| applied(below, rest, layers)),
        None => root.mut_args(|arg| match layers.get(arg.get_id().as_str()) {
            Some(layer) => with_default(arg, layer),
            None => arg,
        }),
    }
}

fn with_default(arg: Arg, layer: &Layer) -> Arg {
    let arg = arg.required(false).default_values(layer.setting.values.iter().cloned());
    if layer.is_above_environment { arg.env(Resettable::Reset) } else { arg }
}
