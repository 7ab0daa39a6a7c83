//! Reading a config file against the definitions of the flags.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use avibench_files::SizeLimit;
use clap::{Arg, Command};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Mistakes, Problem};
use super::keys::is_name_of_key;
use super::layer::conflicts;
use super::model::{entry_command, flag_of, is_of_a_model, other_names};
use super::value::{rehearsed, values};

/// The file that is read if none is named.
pub(crate) const CONFIG_FILE: &str = "avibench.toml";
/// The table for every command that has the flag.
const DEFAULTS: &str = "defaults";
/// The tables of models.
const MODELS: &str = "models";
/// Flags that no file sets: which file it is.
const NOT_IN_FILES: [&str; 3] = ["config", "help", "version"];
/// Such a file is written by hand.
const LIMIT: SizeLimit = SizeLimit::new(1 << 20, "look whether it is the right file");

/// A config file.
#[derive(Debug, Clone)]
pub(crate) struct ConfigFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// By the words of a command, and by the flag's name inside the program.
    commands: BTreeMap<Vec<String>, Settings>,
    /// By name, and by the flag's name on the command line.
    models: BTreeMap<String, Settings>,
}

pub(crate) type Settings = BTreeMap<String, Setting>;

/// What a file says of a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The name in the file.
    pub(crate) key: String,
    /// As on the command line.
    pub(crate) values: Vec<String>,
    /// Where it stands.
    pub(crate) source: Source,
}

/// A place in a config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// The table with its brackets.
    pub(crate) table: String,
    /// The line, from 1.
    pub(crate) line: usize,
}

impl ConfigFile {
    /// The file that is named, or the one in the current folder if there is one. `root` defines
    /// commands and flags.
    pub(crate) fn find(named: Option<&Path>, root: &Command) -> Result<Option<Self>, ConfigError> {
        match named {
            Some(path) => Self::read(path, root).map(Some),
            None if Path::new(CONFIG_FILE).symlink_metadata().is_err() => Ok(None),
            None => Self::read(Path::new(CONFIG_FILE), root).map(Some),
        }
    }

    /// Reads a file; everything in it is checked, whatever the command, and all mistakes are said at once.
    pub(crate) fn read(path: &Path, root: &Command) -> Result<Self, ConfigError> {
        let text = LIMIT.read_text(path)?;
        // A byte order mark, as some editors leave it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let (lines, entry) = (line_starts(text), entry_command());
        let reader = Reader { path, text, lines, entry, mistakes: RefCell::new(Vec::new()) };
        let file = reader.read(root);
        Mistakes::none_of(path, reader.mistakes.into_inner())?;
        Ok(file)
    }

    /// What else is wrong if its commands begin in the current folder: settings that exclude each other, and
    /// adapters that are not there. The commands themselves say that of their own settings, because a flag may
    /// replace them.
    pub(crate) fn rehearse(&self, root: &Command) -> Result<(), ConfigError> {
        let mut found = Vec::new();
        let entry = entry_command();
        for (words, settings) in &self.commands {
            let command =
                words.iter().try_fold(root, |command, word| command.find_subcommand(word));
            let args = command.into_iter().flat_map(Command::get_arguments);
            let args = args.filter_map(|arg| Some((arg, settings.get(arg.get_id().as_str())?)));
            rehearse(command.unwrap_or(root), &args.collect::<Vec<_>>(), &mut found);
        }
        for settings in self.models.values() {
            let args = entry.get_arguments();
            let args = args.filter_map(|arg| Some((arg, settings.get(arg.get_long()?)?)));
            rehearse(&entry, &args.collect::<Vec<_>>(), &mut found);
        }
        Ok(Mistakes::none_of(&self.path, found)?)
    }

    /// What it says of a command's flags.
    pub(crate) fn settings(&self, command: &[String]) -> Settings {
        self.commands.get(command).cloned().unwrap_or_default()
    }

    /// A model's table.
    pub(crate) fn model(&self, name: &str) -> Result<&Settings, ConfigError> {
        self.models.get(name).ok_or_else(|| ConfigError::NoModel {
            name: name.to_owned(),
            path: Some(self.path.clone()),
            known: self.models.keys().cloned().collect(),
        })
    }

    /// All of a model's tables.
    pub(crate) fn models(&self) -> &BTreeMap<String, Settings> {
        &self.models
    }

    /// Everything that it says of commands.
    pub(crate) fn commands(&self) -> &BTreeMap<Vec<String>, Settings> {
        &self.commands
    }
}

/// Where lines begin, in bytes.
fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// What is wrong with settings that may stand side by side in one command.
fn rehearse(command: &Command, settings: &[(&Arg, &Setting)], found: &mut Vec<(usize, Problem)>) {
    found.extend(conflicts(command, settings));
    for (arg, setting) in settings {
        for text in &setting.values {
            if let Err(problem) = rehearsed(&setting.key, arg, text) {
                found.push((setting.source.line, problem));
            }
        }
    }
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    lines: Vec<usize>,
    /// What a model's table may set.
    entry: Command,
    /// What is wrong so far, with its line.
    mistakes: RefCell<Vec<(usize, Problem)>>,
}

impl Reader<'_> {
    fn read(&self, root: &Command) -> ConfigFile {
        let mut file = ConfigFile {
            path: self.path.to_owned(),
            commands: BTreeMap::new(),
            models: BTreeMap::new(),
        };
        let (tables, errors) = DeTable::parse_recoverable(self.text);
        if !errors.is_empty() {
            // What follows from them is not said: what was read is not what was meant. Of a line only the
            // first is one of its own.
            let mut lines = BTreeSet::new();
            for error in errors {
                // Its own words quote the line, which may hold a key.
                let at = error.span().map_or(0, |span| span.start);
                if lines.insert(self.line(at)) {
                    self.wrong(at, Problem::Toml(error.message().to_owned()));
                }
            }
            return file;
        }
        let mut defaults = None;
        for (key, value) in tables.get_ref() {
            let name: &str = key.get_ref();
            let table = || self.table(key, value);
            if name == MODELS {
                for (name, value) in table().into_iter().flatten() {
                    let Some(entry) = self.table(name, value) else { continue };
                    let settings = self.model(name.get_ref(), entry);
                    file.models.insert(name.get_ref().to_string(), settings);
                }
            } else if name == DEFAULTS {
                defaults = table();
            } else if let Some(command) = root.find_subcommand(name) {
                let words = vec![command.get_name().to_owned()];
                if let Some(table) = table() {
                    self.command(&mut file, words, command, table);
                }
            } else if all_commands(root).iter().any(|(_, command)| flag(command, name).is_some()) {
                self.wrong(key.span().start, Problem::AtTop { key: name.to_owned() });
            } else {
                let known = root.get_subcommands().map(Command::get_name);
                let known: Vec<&str> = known.chain([MODELS, DEFAULTS]).collect();
                self.unknown("the program has no", key, &known, "`avibench --help`");
            }
        }
        if let Some(defaults) = defaults {
            self.defaults(&mut file, root, defaults);
        }
        file
    }

    /// A command's table with those of its subcommands.
    fn command(
        &self,
        file: &mut ConfigFile,
        words: Vec<String>,
        command: &Command,
        table: &DeTable<'_>,
    ) {
        let place = format!("[{}]", words.join("."));
        let mut settings = Settings::new();
        for (key, value) in table {
            let name: &str = key.get_ref();
            let below = command.find_subcommand(name).zip(value.get_ref().as_table());
            if let Some((below, table)) = below {
                let words = [&words[..], &[below.get_name().to_owned()]].concat();
                self.command(file, words, below, table);
                continue;
            }
            if self.is_refused_key(key) {
                continue;
            }
            let Some(arg) = flag(command, name) else {
                let flags = command.get_arguments().filter_map(Arg::get_long);
                let known: Vec<&str> =
                    flags.chain(command.get_subcommands().map(Command::get_name)).collect();
                let words = words.join(" ");
                let list = format!("`avibench {words} --help`");
                self.unknown(&format!("`avibench {words}` has no"), key, &known, &list);
                continue;
            };
            let id = arg.get_id().to_string();
            self.set(&mut settings, id, &place, key, value, arg);
        }
        if !settings.is_empty() {
            file.commands.insert(words, settings);
        }
    }

    /// Values for every command that has the flag and does not set it itself.
    fn defaults(&self, file: &mut ConfigFile, root: &Command, table: &DeTable<'_>) {
        let place = format!("[{DEFAULTS}]");
        let commands = all_commands(root);
        for (key, value) in table {
            if self.is_refused_key(key) {
                continue;
            }
            let long = key.get_ref().replace('_', "-");
            let mut is_known = false;
            for (words, command) in &commands {
                let found = flag(command, &long).filter(|arg| arg.get_long() == Some(&long));
                let Some(arg) = found else { continue };
                is_known = true;
                let id = arg.get_id().to_string();
                let settings = file.commands.entry(words.clone()).or_default();
                if settings.get(&id).is_some_and(|own| own.source.table != place) {
                    continue;
                }
                self.set(settings, id, &place, key, value, arg);
            }
            if !is_known {
                let flags = commands.iter().flat_map(|(_, command)| command.get_arguments());
                let known: Vec<&str> = flags.filter_map(Arg::get_long).collect();
                self.unknown("no command has", key, &known, "`avibench COMMAND --help`");
            }
        }
    }

    /// A model's table.
    fn model(&self, name: &str, table: &DeTable<'_>) -> Settings {
        let command = &self.entry;
        let place = format!("[{MODELS}.{name}]");
        let mut settings = Settings::new();
        for (key, value) in table {
            if self.is_refused_key(key) {
                continue;
            }
            let flag = flag(command, &flag_of(key.get_ref())).filter(|arg| is_of_a_model(arg));
            let Some((arg, long)) = flag.and_then(|arg| Some((arg, arg.get_long()?))) else {
                let flags = command.get_arguments().filter(|arg| is_of_a_model(arg));
                let mut known: Vec<&str> = flags.filter_map(Arg::get_long).collect();
                for name in other_names() {
                    known.push(name);
                }
                self.unknown("a model has no", key, &known, "docs/configuration.md");
                continue;
            };
            self.set(&mut settings, long.to_owned(), &place, key, value, arg);
        }
        settings
    }

    fn set(
        &self,
        settings: &mut Settings,
        id: String,
        place: &str,
        key: &Spanned<impl AsRef<str>>,
        value: &Spanned<DeValue<'_>>,
        arg: &Arg,
    ) {
        let (name, at) = (key.get_ref().as_ref(), key.span().start);
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let values = match values(name, value.get_ref(), arg, folder) {
            Ok(values) => values,
            Err(problem) => return self.wrong(at, problem),
        };
        let setting = Setting {
            key: name.to_owned(),
            values,
            source: Source { table: place.to_owned(), line: self.line(at) },
        };
        if let Some(other) = settings.insert(id, setting) {
            let problem = Problem::Twice {
                place: place.to_owned(),
                key: name.to_owned(),
                other: other.key,
                line: other.source.line,
            };
            self.wrong(at, problem);
        }
    }

    /// Whether a name is that of a key, which is said.
    fn is_refused_key(&self, key: &Spanned<impl AsRef<str>>) -> bool {
        let name = key.get_ref().as_ref();
        let is_key = is_name_of_key(name);
        if is_key {
            self.wrong(key.span().start, Problem::Key { key: name.to_owned() });
        }
        is_key
    }

    /// The table behind a name; what is none is said.
    fn table<'t, 'v>(
        &self,
        key: &Spanned<impl AsRef<str>>,
        value: &'t Spanned<DeValue<'v>>,
    ) -> Option<&'t DeTable<'v>> {
        let found = match value.get_ref() {
            DeValue::Table(table) => return Some(table),
            DeValue::Array(_) => "a list",
            _ => "a value",
        };
        if !self.is_refused_key(key) {
            let name = key.get_ref().as_ref().to_owned();
            let expected =
                "a table; flags stand below [COMMAND], those of all commands below [defaults]";
            self.wrong(key.span().start, Problem::Type { key: name, found, expected });
        }
        None
    }

    fn unknown(&self, place: &str, key: &Spanned<impl AsRef<str>>, known: &[&str], list: &str) {
        if self.is_refused_key(key) {
            return;
        }
        let name = key.get_ref().as_ref();
        let problem = Problem::Unknown {
            place: place.to_owned(),
            key: name.to_owned(),
            known: nearest(name, known),
            list: list.to_owned(),
        };
        self.wrong(key.span().start, problem);
    }

    fn wrong(&self, at: usize, problem: Problem) {
        self.mistakes.borrow_mut().push((self.line(at), problem));
    }

    /// The line of a byte.
    fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at).max(1)
    }
}

/// The flag of a command by one of its names; `_` and `-` are the same.
fn flag<'c>(command: &'c Command, key: &str) -> Option<&'c Arg> {
    let key = key.replace('_', "-");
    let is_named = |arg: &&Arg| {
        let aliases = arg.get_all_aliases().unwrap_or_default();
        let mut names = arg.get_long().into_iter().chain(aliases);
        names.any(|name| name.replace('_', "-") == key)
            && arg.get_long().is_none_or(|long| !NOT_IN_FILES.contains(&long))
    };
    // The flag's own name comes before another flag's alias.
    let own = command.get_arguments().find(|arg| arg.get_long() == Some(&key));
    own.filter(is_named).or_else(|| command.get_arguments().find(is_named))
}

/// Every command with its words, those that only hold others included.
fn all_commands(root: &Command) -> Vec<(Vec<String>, &Command)> {
    let mut all = Vec::new();
    let mut open: Vec<(Vec<String>, &Command)> = vec![(Vec::new(), root)];
    while let Some((words, command)) = open.pop() {
        for below in command.get_subcommands() {
            let words = [&words[..], &[below.get_name().to_owned()]].concat();
            open.push((words.clone(), below));
            all.push((words, below));
        }
    }
    all
}

/// The known name that is most like another, if one is like it at all.
fn nearest(name: &str, known: &[&str]) -> Option<String> {
    // No name is this long, and comparing takes quadratic time.
    if name.len() > 64 {
        return None;
    }
    let name = name.to_lowercase().replace('_', "-");
    let distance = |known: &&&str| strsim::damerau_levenshtein(&name, known);
    let best = known.iter().min_by_key(distance)?;
    (distance(&best) <= 1 + name.len() / 3).then(|| (*best).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[defaults]\ndata-root = \"d\"\n[run]\ntasks = [\"AVM\"]\nconcurrency = 4\n\
                        stream = true\nparam = { temperature = 0.5, stop = [\".\"] }\n[synth.prise]\n\
                        seed = 0x7\n[models.a]\nmodel = \"m\"\nkey-variable = \"K\"\n\
                        prices = { input = 1, output = 2.5 }\n";

    #[test]
    fn whatever_is_in_a_file_is_read_or_refused_with_a_line_of_it() {
        let root = crate::definitions();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("avibench.toml");
        std::fs::write(&path, FILE).unwrap();
        ConfigFile::read(&path, &root).unwrap();
        let pieces = [
            "[", "]", "{", "}", "=", "\"", "\n", "nan", "-1", "1e999", "[[run]]", "\u{0}", "é", ",",
        ];
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..500 {
            let mut text: Vec<char> = FILE.chars().collect();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..text.len());
                let to = (at + random.usize(..6)).min(text.len());
                text.splice(at..to, random.choice(pieces).unwrap_or("").chars());
            }
            let text: String = text.into_iter().collect();
            std::fs::write(&path, &text).unwrap();
            if let Err(ConfigError::Mistakes(mistakes)) = ConfigFile::read(&path, &root) {
                for line in mistakes.lines() {
                    assert!((1..=text.matches('\n').count() + 1).contains(&line), "{line}: {text}");
                }
            }
        }
    }

    #[test]
    fn a_value_for_all_commands_gives_way_to_a_commands_own() {
        let root = crate::definitions();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("avibench.toml");
        std::fs::write(&path, "[defaults]\nconcurrency = 2\n[refine]\nconcurrency = 3\n").unwrap();
        let file = ConfigFile::read(&path, &root).unwrap();
        let of = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            file.settings(&words).get("concurrency").map(|setting| setting.values.clone())
        };
        assert_eq!(of(&["run"]), Some(vec!["2".to_owned()]));
        assert_eq!(of(&["refine"]), Some(vec!["3".to_owned()]));
        assert_eq!(of(&["score"]), None);
        assert_eq!(of(&["refine", "explain"]), None);
    }
}
