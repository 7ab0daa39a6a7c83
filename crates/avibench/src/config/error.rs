//! What is wrong with a config file, with its place. Values stand in it only in the words of a flag's
//! parser, which sees none that looks like a key.

use std::fmt;
use std::path::{Path, PathBuf};

use avibench_files::FileError;

use crate::terminal::on_one_line;

/// More mistakes than these make no list that somebody reads.
const SHOWN: usize = 20;

/// A config file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Something in it is wrong.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
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

/// All that is wrong in a config file, each with its line from 1, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistakes {
    path: PathBuf,
    found: Vec<(usize, Problem)>,
}

impl Mistakes {
    /// That nothing is wrong, or an error that says all that is. What is found on several ways, such as for
    /// each command that takes a value, is said once.
    pub(crate) fn none_of(path: &Path, mut found: Vec<(usize, Problem)>) -> Result<(), Self> {
        found.sort_by_key(|(line, _)| *line);
        let mut kept: Vec<(usize, Problem)> = Vec::new();
        for mistake in found {
            if !kept.contains(&mistake) {
                kept.push(mistake);
            }
        }
        if kept.is_empty() { Ok(()) } else { Err(Self { path: path.to_owned(), found: kept }) }
    }

    /// The lines that they stand in.
    #[cfg(test)]
    pub(crate) fn lines(&self) -> impl Iterator<Item = usize> {
        self.found.iter().map(|(line, _)| *line)
    }
}

/// As compilers write places, so that editors find them.
impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        if self.found.len() > 1 {
            writeln!(f, "{path} has {} mistakes:", self.found.len())?;
        }
        for (at, (line, problem)) in self.found.iter().take(SHOWN).enumerate() {
            let end = if at == 0 { "" } else { "\n" };
            write!(f, "{end}{path}:{line}: {}", on_one_line(&problem.to_string()))?;
        }
        match self.found.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for Mistakes {}

/// What is wrong in a config file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    /// It is not TOML.
    #[error("this is not TOML: {0}")]
    Toml(String),
    /// No command or flag has this name.
    #[error("{place} `{key}`; {}", nearest(known.as_ref(), list))]
    Unknown {
        /// Who has none of it, up to `no`.
        place: String,
        /// The name.
        key: String,
        /// The known name that is most like it.
        known: Option<String>,
        /// What lists the names that are known.
        list: String,
    },
    /// A flag that stands in no table.
    #[error(
        "`{key}` is a flag, and flags stand in tables: below [defaults] for all commands, below [evaluate] and \
         the like for one"
    )]
    AtTop {
        /// The name.
        key: String,
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
    /// A value that the command would refuse when it begins.
    #[error("`{key}`: {reason}")]
    Refused {
        /// The name.
        key: String,
        /// In the command's words.
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

fn nearest(known: Option<&String>, list: &str) -> String {
    match known {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("{list} lists what there is"),
    }
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
