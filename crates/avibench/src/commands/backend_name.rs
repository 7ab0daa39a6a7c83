//! The values of `--backend`.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum as _;

use super::adapter::Adapter;
use super::serve::BuiltIn;

/// Begins the value for a program; its command follows.
const EXEC: &str = "exec:";

/// Who answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum BackendName {
    /// Any OpenAI-compatible endpoint.
    #[default]
    OpenAi,
    /// A program on this machine, by its command.
    Exec(String),
    /// A model adapter in Python.
    Adapter(Adapter),
    /// A model that the program brings along.
    BuiltIn(BuiltIn),
}

/// All backends but those that are named by a folder.
pub(super) fn known() -> String {
    let others = [format!("{}FILE.py", Adapter::PREFIX), format!("{EXEC}COMMAND")];
    without_argument().into_iter().chain(others).collect::<Vec<_>>().join(", ")
}

/// Those whose name says everything.
pub(super) fn without_argument() -> Vec<String> {
    let built_in = BuiltIn::value_variants().iter().map(|built_in| built_in.name().to_owned());
    std::iter::once(BackendName::OpenAi.to_string()).chain(built_in).collect()
}

/// No backend has this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownBackend;

impl fmt::Display for UnknownBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} or the name of a folder below models/ that holds run.py", known())
    }
}

impl std::error::Error for UnknownBackend {}

impl FromStr for BackendName {
    type Err = UnknownBackend;

    fn from_str(text: &str) -> Result<Self, UnknownBackend> {
        if let Some(command) = text.strip_prefix(EXEC).filter(|command| !command.trim().is_empty())
        {
            return Ok(Self::Exec(command.to_owned()));
        }
        let built_in = BuiltIn::value_variants().iter().copied().map(Self::BuiltIn);
        std::iter::once(Self::OpenAi)
            .chain(built_in)
            .find(|backend| backend.to_string() == text)
            .or_else(|| Adapter::read(text).map(Self::Adapter))
            .ok_or(UnknownBackend)
    }
}

/// As the flag and `run.json` spell it.
impl fmt::Display for BackendName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenAi => f.write_str("openai"),
            Self::Exec(command) => write!(f, "{EXEC}{command}"),
            Self::Adapter(adapter) => adapter.fmt(f),
            Self::BuiltIn(built_in) => f.write_str(built_in.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written_and_others_are_refused() {
        for name in [
            "openai",
            "signal",
            "chance",
            "exec:python3 worker.py",
            "exec: x ",
            "adapter:a.py",
            "toy",
        ] {
            assert_eq!(name.parse::<BackendName>().map(|name| name.to_string()), Ok(name.into()));
        }
        for name in ["", "exec:", "exec:  ", "adapter:", "openai:x", "a/b", "../toy"] {
            assert_eq!(name.parse::<BackendName>(), Err(UnknownBackend), "{name}");
        }
        let message = UnknownBackend.to_string();
        assert_eq!(
            message,
            "expected openai, signal, signal-guessing, chance, adapter:FILE.py, exec:COMMAND or the \
             name of a folder below models/ that holds run.py"
        );
    }
}
