//! The way to an endpoint: what everything that asks over HTTP has in common.

use std::path::{Path, PathBuf};
use std::time::Duration;

use avibench_engine::{ExtraHeader, HttpSettings, RetryPolicy, Secret, check_base_url};
use avibench_files::SizeLimit;
use avibench_network::{Network, Url, is_loopback};
use avibench_python::{Json, Value as Number, from_python, json_borrowed, repr_float, to_float};
use clap::Args;
use serde_json::{Map, Value};

use super::ranges::{self, length_of_time, seconds, whole};
use crate::config::is_key;

/// The environment variable that holds the API key, unless another is named.
const KEY_VARIABLE: &str = "OPENAI_API_KEY";

/// Where requests go, and what lets them in.
#[derive(Debug, Clone, Args)]
pub(crate) struct RouteArgs {
    /// The model of a [models.NAME] table: base URL, packing, parameters, prices and the key's
    /// variable from the config file (docs/configuration.md)
    #[arg(long = "use", help_heading = "Endpoint", value_name = "NAME")]
    pub use_entry: Option<String>,
    /// Base URL such as `http://127.0.0.1:8000/v1`; several are replicas of one model. The key
    /// comes from `OPENAI_API_KEY` or --api-key-file
    #[arg(long, help_heading = "Endpoint", alias = "base_url", env = "OPENAI_BASE_URL", hide_env_values = true, num_args = 1.., value_delimiter = ',', value_name = "URL")]
    pub base_url: Vec<String>,
    /// File that holds the API key, instead of `OPENAI_API_KEY`
    #[arg(long, help_heading = "Endpoint", value_name = "FILE")]
    pub api_key_file: Option<PathBuf>,
    /// Environment variable that holds the API key, instead of `OPENAI_API_KEY`
    #[arg(
        long,
        help_heading = "Endpoint",
        conflicts_with = "api_key_file",
        value_name = "VARIABLE"
    )]
    pub api_key_variable: Option<String>,
    /// A further header of every request, such as `api-key=AZURE_KEY`: the value comes from the
    /// environment variable, or with @ from a file (`api-key=@FILE`); may be repeated
    #[arg(long, help_heading = "Endpoint", value_name = "NAME=VARIABLE")]
    pub header: Vec<String>,
    /// File of certificates (PEM) that are trusted besides those of this machine
    #[arg(long, help_heading = "Endpoint", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

/// Where requests go, with what key, and how patiently.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConnectionArgs {
    #[command(flatten)]
    pub route: RouteArgs,
    /// A request parameter, such as temperature=0; may be repeated
    #[arg(long, help_heading = "Endpoint", value_name = "NAME=VALUE")]
    pub param: Vec<String>,
    /// Further fields of every request, as a JSON object
    #[arg(long, help_heading = "Endpoint", value_name = "JSON")]
    pub extra_body: Option<String>,
    /// Have answers streamed (server-sent events)
    #[arg(long, help_heading = "Endpoint")]
    pub stream: bool,
    /// Seconds to connect
    #[arg(long, help_heading = "Limits", default_value_t = 10.0, value_parser = seconds, value_name = "SECONDS")]
    pub connect_timeout: f64,
    /// Tries of a sample for each class of error
    #[arg(long, help_heading = "Limits", default_value_t = RetryPolicy::default().tries, value_parser = whole::<u32>(ranges::TRIES), value_name = "N")]
    pub tries: u32,
    /// Longest wait for a server that asks for time or refuses everything, such as 90s, 15m, 1h;
    /// a quota that lasts longer ends the run
    #[arg(long, help_heading = "Limits", default_value = "15m", value_parser = length_of_time, value_name = "TIME")]
    pub max_wait: Duration,
    /// Most requests a minute
    #[arg(long, help_heading = "Limits", value_parser = whole::<u64>(ranges::REQUESTS_A_MINUTE), value_name = "N")]
    pub rpm: Option<u64>,
    /// Most tokens a minute
    #[arg(long, help_heading = "Limits", value_parser = whole::<u64>(ranges::TOKENS_A_MINUTE), value_name = "N")]
    pub tpm: Option<u64>,
}

impl RouteArgs {
    /// The way to a model, everything about its requests left as it usually is.
    pub(crate) fn http(&self, model: &str) -> anyhow::Result<HttpSettings> {
        Ok(HttpSettings {
            base_urls: self.base_url.clone(),
            key: self.key()?,
            headers: self.headers()?,
            network: Network::from_env().with_ca_file(self.ca_file.clone()),
            ..HttpSettings::new("", model)
        })
    }

    /// The base URLs without user name and password.
    pub(crate) fn places(&self) -> Vec<String> {
        let place = |url: &String| {
            let mut url = Url::parse(url.trim()).ok()?;
            url.set_username("").and_then(|()| url.set_password(None)).ok()?;
            Some(url.to_string())
        };
        self.base_url.iter().filter_map(place).collect()
    }

    /// All keys that are at hand, whether or not anything is sent with them: what other programs say
    /// must not tell them on.
    pub(crate) fn known_keys(&self) -> Vec<Secret> {
        let of_file =
            self.api_key_file.as_ref().and_then(|path| SizeLimit::SECRET.read_text(path).ok());
        let variables = [Some(KEY_VARIABLE), self.api_key_variable.as_deref()];
        let of_variables =
            variables.into_iter().flatten().filter_map(|name| std::env::var(name).ok());
        let keys = of_variables.chain(of_file);
        keys.map(|key| Secret::new(&key)).filter(|key| !key.is_empty()).collect()
    }

    /// The environment variables that hold a key: the usual one, and others with the same value.
    pub(crate) fn key_variables(&self) -> Vec<String> {
        let keys = self.known_keys();
        // Shorter ones (`EMPTY`, `1`) guard nothing, and many variables hold them.
        let holds_key = |value: &str| value.len() >= 8 && keys.contains(&Secret::new(value));
        let others = std::env::vars_os().filter_map(|(name, value)| {
            holds_key(value.to_str()?).then(|| name.to_str().map(str::to_owned))?
        });
        let named = self.api_key_variable.clone();
        std::iter::once(KEY_VARIABLE.to_owned()).chain(named).chain(others).collect()
    }

    /// The API key. Servers on this machine may need none, nor do those that are let in by a
    /// header or by a password in the URL.
    fn key(&self) -> anyhow::Result<Option<Secret>> {
        let key = match &self.api_key_file {
            Some(path) => SizeLimit::SECRET.read_text(path).map_err(|error| {
                if is_key(&path.to_string_lossy()) {
                    anyhow::anyhow!(
                        "--api-key-file takes the name of a file, and what it was given looks like a key: write \
the key into a file of its own, or set {KEY_VARIABLE}"
                    )
                } else {
                    anyhow::anyhow!("cannot read the key file {}: {}", path.display(), error.source)
                }
            })?,
            None => match &self.api_key_variable {
                Some(name) => named_variable(name)?,
                None => std::env::var(KEY_VARIABLE).unwrap_or_default(),
            },
        };
        let key = Secret::new(&key);
        if !key.is_empty() {
            return Ok(Some(key));
        }
        // What is no URL is named as such later on.
        let needs_none = |url: &String| {
            Url::parse(url.trim()).is_ok_and(|url| is_loopback(&url) || !url.username().is_empty())
                || !url.contains("://")
        };
        anyhow::ensure!(
            !self.header.is_empty() || self.base_url.iter().all(needs_none),
            "no API key: set OPENAI_API_KEY, or name another variable with --api-key-variable or a \
             file that holds it with --api-key-file \
             (for a server that takes it in another header, see --header; for one that needs none, \
             set OPENAI_API_KEY=EMPTY)"
        );
        Ok(None)
    }

    /// Further headers, their values from where the flags say.
    fn headers(&self) -> anyhow::Result<Vec<ExtraHeader>> {
        self.header.iter().map(|flag| header(flag, |name| std::env::var(name).ok())).collect()
    }
}

impl ConnectionArgs {
    /// Parameters of every request.
    pub(crate) fn parameters(&self) -> anyhow::Result<Map<String, Value>> {
        let mut parameters = match &self.extra_body {
            None => Map::new(),
            Some(text) => extra_body(text)?,
        };
        for flag in &self.param {
            let (name, value) = parameter(flag)?;
            parameters.insert(name, value);
        }
        Ok(parameters)
    }

    /// The retry policy.
    pub(crate) fn retry(&self) -> RetryPolicy {
        RetryPolicy { tries: self.tries, max_wait: self.max_wait, ..RetryPolicy::default() }
    }

    /// The way to a model, with the parameters of its requests.
    pub(crate) fn http(&self, model: &str) -> anyhow::Result<HttpSettings> {
        Ok(HttpSettings {
            parameters: self.parameters()?,
            stream: self.stream,
            connect_timeout: Duration::from_secs_f64(self.connect_timeout),
            ..self.route.http(model)?
        })
    }
}

/// Whether `--extra-body` can be read.
pub(crate) fn read_extra_body(text: &str) -> anyhow::Result<()> {
    extra_body(text).map(|_| ())
}

/// Whether a `--param` can be read.
pub(crate) fn read_parameter(flag: &str) -> anyhow::Result<()> {
    parameter(flag).map(|_| ())
}

/// Whether a `--header` says where its value is. What is there may be made later. What might be the value itself
/// is taken for the name of a variable only if there is one.
pub(crate) fn read_header(flag: &str) -> anyhow::Result<()> {
    let (name, from) = name_and_place(flag)?;
    let is_place = from.starts_with('@') || is_variable_name(from) || std::env::var(from).is_ok();
    anyhow::ensure!(is_place, "{}", no_variable(name));
    Ok(())
}

/// Whether requests can go to a `--base-url`.
pub(crate) fn read_base_url(url: &str) -> anyhow::Result<()> {
    Ok(check_base_url(url)?)
}

/// Reads `--extra-body`.
fn extra_body(text: &str) -> anyhow::Result<Map<String, Value>> {
    match json(text).map_err(|problem| anyhow::anyhow!("--extra-body {problem}"))? {
        Value::Object(fields) => Ok(fields),
        _ => anyhow::bail!("--extra-body should be a JSON object, but is {text}"),
    }
}

/// Reads one `--param`.
fn parameter(flag: &str) -> anyhow::Result<(String, Value)> {
    let (name, value) = flag
        .split_once('=')
        .ok_or_else(|| anyhow::anyhow!("--param should be NAME=VALUE, but is `{flag}`"))?;
    // Other spellings of these than Python's would reach a server as text.
    anyhow::ensure!(
        value.parse::<f64>().map_or(true, f64::is_finite),
        "--param {name} is {value}, which no request can hold; give a finite number"
    );
    // What reads as JSON is JSON (0, true, [..]); anything else is text.
    let value = match json(value) {
        Ok(value) => value,
        Err(FlagJsonError::NotJson { .. }) => Value::String(value.to_owned()),
        Err(problem) => anyhow::bail!("--param {name} {problem}"),
    };
    Ok((name.to_owned(), value))
}

/// The key in a variable that was named. What was named may be a key by mistake, so it is only repeated
/// where it reads as the name of a variable.
fn named_variable(name: &str) -> anyhow::Result<String> {
    if let Some(value) = std::env::var(name).ok().filter(|value| !value.trim().is_empty()) {
        return Ok(value);
    }
    anyhow::ensure!(
        is_variable_name(name),
        "--api-key-variable should be the name of an environment variable, such as GEMINI_API_KEY; the \
         key itself does not belong on the command line, where other users can read it"
    );
    anyhow::bail!(
        "the environment variable {name}, which --api-key-variable names, is not set or empty"
    )
}

/// Whether a text reads as the name of an environment variable.
fn is_variable_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// What a --header should be.
const HEADER_FORM: &str = "NAME=VARIABLE or NAME=@FILE; the value itself does not belong on the command \
                           line, where other users can read it";

/// The name in a --header, and where its value is.
fn name_and_place(flag: &str) -> anyhow::Result<(&str, &str)> {
    let (name, from) =
        flag.split_once('=').ok_or_else(|| anyhow::anyhow!("--header should be {HEADER_FORM}"))?;
    Ok((name.trim(), from))
}

fn no_variable(name: &str) -> String {
    format!(
        "--header {name}: there is no environment variable of the name that follows; it should be \
         {HEADER_FORM}"
    )
}

/// Reads one --header. What stands after the `=` may be a key that somebody wrote there by mistake,
/// so it is only repeated where it reads as the name of a variable or file.
fn header(flag: &str, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<ExtraHeader> {
    let (name, from) = name_and_place(flag)?;
    let value = if let Some(path) = from.strip_prefix('@') {
        SizeLimit::SECRET.read_text(Path::new(path)).map_err(|error| {
            anyhow::anyhow!("--header {name}: cannot read the file {path}: {}", error.source)
        })?
    } else {
        match variable(from).filter(|value| !value.trim().is_empty()) {
            Some(value) => value,
            None if is_variable_name(from) => anyhow::bail!(
                "--header {name}: the environment variable {from} is not set or empty"
            ),
            None => anyhow::bail!(no_variable(name)),
        }
    };
    Ok(ExtraHeader::new(name, Secret::new(&value))?)
}

/// Why the JSON in a flag is of no use.
#[derive(Debug)]
enum FlagJsonError {
    /// Python would not read it either.
    NotJson { reason: &'static str, line: usize, column: usize },
    /// Python reads such numbers, but no request can hold them.
    NotFinite { number: String },
}

impl std::fmt::Display for FlagJsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotJson { reason, line, column } => {
                write!(f, "is not JSON: {reason} at line {line}, column {column}")
            }
            Self::NotFinite { number } => {
                write!(f, "holds {number}, which no request can hold; give a finite number")
            }
        }
    }
}

/// The JSON in a flag, read as all JSON of users is: as Python reads it.
fn json(text: &str) -> Result<Value, FlagJsonError> {
    if let Ok(plain) = serde_json::from_str(text) {
        return Ok(plain);
    }
    let value = json_borrowed(text).map_err(|error| {
        let before = text.get(..error.offset).unwrap_or(text);
        FlagJsonError::NotJson {
            reason: error.reason,
            line: before.matches('\n').count() + 1,
            column: before.chars().rev().take_while(|c| *c != '\n').count() + 1,
        }
    })?;
    match infinite(&value) {
        Some(number) => Err(FlagJsonError::NotFinite { number }),
        None => Ok(from_python(&value)),
    }
}

/// The first number in a value that is too large for JSON, or none at all.
fn infinite(value: &Json<'_>) -> Option<String> {
    match value {
        Json::Float(number) => (!number.is_finite()).then(|| repr_float(*number)),
        Json::BigInt(number) => {
            let is_too_large = to_float(&Number::Int(number.clone())).is_err();
            is_too_large.then(|| "an integer of more than 308 digits".to_owned())
        }
        Json::Array(items) => items.iter().find_map(infinite),
        Json::Object(entries) => entries.iter().find_map(|(_, value)| infinite(value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        connection: ConnectionArgs,
    }

    fn parsed(line: &[&str]) -> ConnectionArgs {
        Line::parse_from([&["test"], line].concat()).connection
    }

    #[test]
    fn numbers_that_make_no_sense_are_refused() {
        for value in ["nan", "NaN", "inf", "-Infinity", "1e999"] {
            let message = parsed(&["--param", &format!("temperature={value}")]).parameters();
            let message = message.unwrap_err().to_string();
            assert!(message.contains(value) && message.contains("finite"), "{message}");
        }
        let digits = "9".repeat(400);
        for value in ["[1, NaN]", r#"{"a": [-Infinity]}"#, "[1e999]", &format!("[{digits}]")] {
            let flag = format!("p={value}");
            let message = parsed(&["--param", &flag]).parameters().unwrap_err().to_string();
            assert!(message.contains("--param p holds"), "{message}");
            let flag = format!(r#"{{"p": {value}}}"#);
            let message = parsed(&["--extra-body", &flag]).parameters().unwrap_err().to_string();
            assert!(message.contains("--extra-body holds"), "{message}");
        }
    }

    #[test]
    fn json_is_read_as_python_reads_it() {
        let body = "{\"a\": 1, \"a\": 2, \"half\": \"\\ud800\", \"big\": 123456789012345678901}";
        let parameters = parsed(&["--extra-body", body]).parameters().unwrap();
        assert_eq!(parameters["a"], 2);
        assert!(parameters["half"].is_string() && parameters["big"].is_f64());
        for (body, said) in [
            ("{'a': 1}", "line 1, column 2"),
            ("{\"a\": 1,\n \"b\": tru}", "line 2, column 7"),
            ("{\"a\": 1", "line 1, column 8"),
            ("", "line 1, column 1"),
        ] {
            let message = parsed(&["--extra-body", body]).parameters().unwrap_err().to_string();
            assert!(
                message.contains("--extra-body is not JSON") && message.contains(said),
                "{message}"
            );
        }
    }

    #[test]
    fn parameters_are_json_where_they_read_as_json() {
        let connection = parsed(&[
            "--param",
            "temperature=0",
            "--param",
            "user=me",
            "--extra-body",
            r#"{"top_p": 0.5}"#,
        ]);
        let parameters = serde_json::to_string(&connection.parameters().unwrap()).unwrap();
        assert_eq!(parameters, r#"{"top_p":0.5,"temperature":0,"user":"me"}"#);
        assert!(parsed(&["--param", "x"]).parameters().is_err());
        assert!(parsed(&["--extra-body", "[1]"]).parameters().is_err());
    }

    #[test]
    fn a_header_takes_its_value_from_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("value");
        std::fs::write(&file, "from-the-file\n").unwrap();
        let read = |flag: &str| {
            header(flag, |name| (name == "AZURE_KEY").then(|| "from-outside".to_owned()))
        };
        assert_eq!(read("api-key=AZURE_KEY").unwrap().name(), "api-key");
        assert!(read(&format!("api-key=@{}", file.display())).is_ok());
        let message = |flag: &str| read(flag).unwrap_err().to_string();
        assert!(message("api-key=OTHER").contains("OTHER is not set"));
        assert!(message("api-key=@/nowhere").contains("/nowhere"));
        assert!(message("Host=AZURE_KEY").contains("--base-url"));
        for mistake in ["api-key: sk-12345678", "api-key=sk-12345678", "api-key=sk12345678"] {
            assert!(!message(mistake).contains("12345678"), "{}", message(mistake));
        }
    }

    #[test]
    fn who_needs_no_key_is_told_from_the_host() {
        let lacks = |line: &[&str]| parsed(line).route.key().is_err();
        if std::env::var("OPENAI_API_KEY").is_ok_and(|key| !key.is_empty()) {
            return;
        }
        assert!(!lacks(&["--base-url", "http://127.0.0.9:80/v1"]));
        assert!(!lacks(&["--base-url", "http://me:secret@a.org/v1"]));
        assert!(!lacks(&["--base-url", "http://a.org/v1", "--header", "api-key=K"]));
        assert!(lacks(&["--base-url", "http://a.org/v1"]));
        assert!(lacks(&["--base-url", "http://127.0.0.1.a.org/v1"]));
    }
}
