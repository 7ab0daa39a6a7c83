//! Model adapters in Python, as the original takes them: which file one is, and the command that
//! serves it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use avibench_engine::PYTHON_WORKER;

/// The variable that chooses the Python interpreter.
const PYTHON_VARIABLE: &str = "AVIBENCH_PYTHON";
/// Folder of adapters by name, as the original has it.
const MODELS: &str = "models";
/// Prints the interpreter's version.
const VERSION_OF: &str = "import sys; print('%d.%d' % sys.version_info[:2])";
/// The oldest version that the worker runs on.
const OLDEST: (u32, u32) = (3, 8);

/// An adapter: a Python file with `set_model` and `get_response`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Adapter {
    /// `models/NAME/run.py` in the current folder.
    Named(String),
    /// A file.
    File(PathBuf),
}

/// As `--backend` and `run.json` spell it.
impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::File(path) => write!(f, "{}{}", Self::PREFIX, path.display()),
        }
    }
}

impl Adapter {
    /// Begins the value of `--backend` that names a file.
    pub(crate) const PREFIX: &'static str = "adapter:";

    /// Reads a name or a file; `None` if it can be neither.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix(Self::PREFIX) {
            return (!path.trim().is_empty()).then(|| Self::File(path.into()));
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let is_name = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && text.chars().all(is_plain);
        is_name.then(|| Self::Named(text.to_owned()))
    }

    /// The Python file, which may not be there.
    fn path(&self) -> PathBuf {
        match self {
            Self::Named(name) => Path::new(MODELS).join(name).join("run.py"),
            Self::File(path) => path.clone(),
        }
    }

    /// What the model is called if nobody says.
    pub(crate) fn model(&self) -> String {
        match self {
            Self::Named(name) => name.clone(),
            Self::File(path) => {
                let stem = path.file_stem().unwrap_or(path.as_os_str());
                stem.to_string_lossy().into_owned()
            }
        }
    }

    /// The file, if it is there.
    pub(crate) fn file(&self) -> anyhow::Result<PathBuf> {
        let path = self.path();
        if path.is_file() {
            return Ok(path);
        }
        match self {
            Self::File(_) => anyhow::bail!(
                "there is no adapter {}: --backend adapter:FILE.py names a Python file with \
                 set_model(model_path) and get_response(conversation, processor, model)",
                path.display()
            ),
            Self::Named(name) => anyhow::bail!(
                "there is no backend `{name}`: it is none of {}, and {} is not in the current folder",
                super::backend_name::known(),
                path.display()
            ),
        }
    }

    /// The command of a worker that serves it: `model_path` is what `set_model` gets.
    ///
    /// The worker's program is part of this one and handed over as an argument, so that there is no
    /// file of it that could be missing, left behind, or put in its place by others.
    pub(crate) fn command(&self, model_path: Option<&str>) -> anyhow::Result<Vec<String>> {
        let file = self.file()?;
        let file = file.to_str().ok_or_else(|| {
            anyhow::anyhow!(
                "the path {} is not UTF-8; rename the file or its folder",
                file.display()
            )
        })?;
        let python = python()?;
        let words = [&python, "-c", PYTHON_WORKER, file].map(str::to_owned);
        Ok(words.into_iter().chain(model_path.map(str::to_owned)).collect())
    }
}

/// The interpreter: `AVIBENCH_PYTHON`, else that of the active virtual environment, else `python3`.
fn python() -> anyhow::Result<String> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let of_environment = || {
        let found = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(set);
        let place = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
        let mut programs = found.map(|folder| Path::new(&folder).join(place));
        programs.find(|path| path.exists())?.to_str().map(str::to_owned)
    };
    let (python, from) = match (set(PYTHON_VARIABLE), of_environment()) {
        (Some(python), _) => (python, "AVIBENCH_PYTHON"),
        (None, Some(python)) => (python, "the active virtual environment"),
        (None, None) => ("python3".to_owned(), "neither AVIBENCH_PYTHON nor a virtual environment"),
    };
    let mend = "set AVIBENCH_PYTHON to a Python of version 3.8 or later, or activate the virtual \
                environment that the adapter needs";
    let told = Command::new(&python).args(["-c", VERSION_OF]).stdin(Stdio::null()).output();
    let told = told.map_err(|error| {
        anyhow::anyhow!("cannot start Python as `{python}` (chosen by {from}): {error}; {mend}")
    })?;
    let version = String::from_utf8_lossy(&told.stdout).trim().to_owned();
    let number = version
        .split_once('.')
        .and_then(|(major, minor)| Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?)));
    match number {
        Some(number) if number >= OLDEST => Ok(python),
        Some(_) => anyhow::bail!("`{python}` (chosen by {from}) is Python {version}; {mend}"),
        None => anyhow::bail!("`{python}` (chosen by {from}) does not work as Python; {mend}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_folder_below_models_and_nothing_else() {
        let read = |text: &str| Adapter::read(text).map(|adapter| adapter.path());
        assert_eq!(read("qwen2.5-omni"), Some("models/qwen2.5-omni/run.py".into()));
        assert_eq!(read("adapter:my models/x.py"), Some("my models/x.py".into()));
        for text in ["", "..", ".", "a/b", "../x", "adapter:", "adapter: ", "-x", "a b", "openai:x"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        for text in ["toy", "adapter:a/b.py"] {
            assert_eq!(Adapter::read(text).map(|adapter| adapter.to_string()), Some(text.into()));
        }
        let model = |text: &str| Adapter::read(text).map(|adapter| adapter.model());
        assert_eq!((model("toy"), model("adapter:a/b.py")), (Some("toy".into()), Some("b".into())));
    }
}
