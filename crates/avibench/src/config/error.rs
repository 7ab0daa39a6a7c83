//! What is wrong with a config file, with its place. Values stand in it only in the words of a flag's
//! parser, which sees none that looks like a key.

use std::path::PathBuf;

use avibench_files::FileError;

/// A config file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Something in it is wrong.
    #[error("{}:{line}: {problem}", path.display())]
    Place {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: Problem,
    },
    /// No table has the name that `--use` gives.
    #[error("{}", no_model(name, path.as_ref(), known))]
    NoModel {
        /// The name.
        name: String,
        /// The file, if there is one.
        path: Option<PathBuf>,
        /// The names that it has.
        known: Vec<String>,
    },
}

/// What is wrong in a config file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    /// It is not TOML.
    #[error("this is not TOML: {0}")]
    Toml(String),
    /// No command or flag has this name.
    #[error("{place} has no `{key}`{}", nearest(known.as_ref()))]
    Unknown {
        /// Where it was looked for.
        place: String,
        /// The name.
        key: String,
        /// The known name that is most like it.
        known: Option<String>,
    },
    /// A flag is set twice, by two of its names.
    #[error(
        "`{key}` is set twice in {place}, the other time as `{other}` in line {line}; keep one"
    )]
    Twice {
        /// The table.
        place: String,
        /// The name here.
        key: String,
        /// The name there.
        other: String,
        /// The line there.
        line: usize,
    },
    /// A key that opens something, or what looks like one.
    #[error(
        "`{key}` holds a key or password, which must not stand in this file: put it into an environment \
         variable and name that with `key-variable` (in [models.NAME]) or `api-key-variable`, or into a file \
         of its own and name that with `api-key-file`"
    )]
    Key {
        /// The name in the file.
        key: String,
    },
    /// A value of another type.
    #[error("`{key}` is {found}, but should be {expected}")]
    Type {
        /// The name.
        key: String,
        /// What it is.
        found: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A value that the flag does not take.
    #[error("`{key}` has a value that --{flag} does not take: {reason}")]
    Value {
        /// The name.
        key: String,
        /// The flag.
        flag: String,
        /// Why not.
        reason: String,
    },
    /// Two settings that exclude each other.
    #[error("`{key}` and `{other}` (line {line}) exclude each other; keep one")]
    Conflict {
        /// The flag here.
        key: String,
        /// The flag there.
        other: String,
        /// The line there.
        line: usize,
    },
}

fn nearest(known: Option<&String>) -> String {
    known.map_or_else(String::new, |known| format!("; did you mean `{known}`?"))
}

fn no_model(name: &str, path: Option<&PathBuf>, known: &[String]) -> String {
    let Some(path) = path else {
        return format!(
            "--use {name} names a table [models.{name}] of a config file, and there is none: write one as \
             avibench.toml in this folder, or name one with --config"
        );
    };
    let has = match known {
        [] => "it has no [models.NAME] table".to_owned(),
        known => format!("it has {}", known.join(", ")),
    };
    format!("{} has no table [models.{name}]; {has}", path.display())
}
