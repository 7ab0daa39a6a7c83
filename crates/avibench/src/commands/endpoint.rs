//! Who is asked, and how: the flags that `run` and `smoke` share, and the backend they lead to.

use std::path::{Path, PathBuf};
use std::time::Duration;

use avibench_engine::{
    Backend, Exec, ExecSettings, Http, HttpSettings, Local, Profile, RetryPolicy, Secret,
};
use avibench_protocol::Label;
use clap::Args;
use serde_json::{Map, Value};

use super::serve::BuiltIn;

/// Time for a program to load its model.
const WORKER_START: Duration = Duration::from_mins(30);

/// The model and the way to it.
#[derive(Debug, Clone, Args)]
pub(crate) struct EndpointArgs {
    /// The model's name, as the endpoint knows it
    #[arg(
        long,
        visible_alias = "model",
        alias = "model_path",
        env = "MODEL_PATH",
        value_name = "NAME"
    )]
    pub model_path: Option<String>,
    /// Name for the files (default: the model's name)
    #[arg(long, alias = "model_label", env = "MODEL_LABEL", value_name = "LABEL")]
    pub model_label: Option<Label>,
    /// Who answers: `openai` is any OpenAI-compatible endpoint, `exec:COMMAND` a local program,
    /// `signal` and `chance` are built in
    #[arg(long, env = "MODEL_BACKEND", default_value = "openai", value_parser = backend_name, value_name = "BACKEND")]
    pub backend: String,
    /// How many programs `exec:COMMAND` runs side by side
    #[arg(long, default_value_t = 1, value_parser = positive, value_name = "N")]
    pub workers: usize,
    /// Base URL such as `http://127.0.0.1:8000/v1`; several are replicas of one model. The key
    /// comes from `OPENAI_API_KEY` or --api-key-file
    #[arg(long, alias = "base_url", env = "OPENAI_BASE_URL", num_args = 1.., value_delimiter = ',', value_name = "URL")]
    pub base_url: Vec<String>,
    /// File that holds the API key, instead of `OPENAI_API_KEY`
    #[arg(long, value_name = "FILE")]
    pub api_key_file: Option<PathBuf>,
    /// How media are packed
    #[arg(long, default_value_t = Profile::default(), value_name = "PROFILE")]
    pub profile: Profile,
    /// A request parameter, such as temperature=0; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub param: Vec<String>,
    /// Further fields of every request, as a JSON object
    #[arg(long, value_name = "JSON")]
    pub extra_body: Option<String>,
    /// Have answers streamed (server-sent events)
    #[arg(long)]
    pub stream: bool,
    /// Most requests in flight; the limit adapts below it
    #[arg(long, env = "CONCURRENCY", default_value_t = 8, value_parser = positive, value_name = "N")]
    pub concurrency: usize,
    /// Seconds for one request
    #[arg(long, default_value_t = 180.0, value_parser = seconds, value_name = "SECONDS")]
    pub timeout: f64,
    /// Seconds to connect
    #[arg(long, default_value_t = 10.0, value_parser = seconds, value_name = "SECONDS")]
    pub connect_timeout: f64,
    /// Tries of a sample for each class of error
    #[arg(long, default_value_t = RetryPolicy::default().tries, value_parser = clap::value_parser!(u32).range(1..), value_name = "N")]
    pub tries: u32,
    /// Most media in memory, in MiB, unless one request alone needs more
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..), value_name = "MIB")]
    pub max_inflight_mib: u64,
    /// Most requests a minute
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..), value_name = "N")]
    pub rpm: Option<u64>,
    /// Most tokens a minute
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..), value_name = "N")]
    pub tpm: Option<u64>,
    /// Seed of the `chance` backend
    #[arg(long, default_value_t = 0, value_name = "SEED")]
    pub chance_seed: u64,
}

/// A backend that exists.
fn backend_name(text: &str) -> Result<String, String> {
    match text.split_once(':') {
        Some(("exec", command)) if !command.trim().is_empty() => Ok(text.to_owned()),
        None if ["openai", "signal", "chance"].contains(&text) => Ok(text.to_owned()),
        _ => Err("expected openai, signal, chance or exec:COMMAND".to_owned()),
    }
}

/// A number of requests, at least 1.
fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}

/// A length of time in seconds, above 0.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && Duration::try_from_secs_f64(number).is_ok() => Ok(number),
        _ => Err("a number of seconds above 0".to_owned()),
    }
}

impl EndpointArgs {
    fn built_in(&self) -> Option<BuiltIn> {
        match self.backend.as_str() {
            "signal" => Some(BuiltIn::Signal),
            "chance" => Some(BuiltIn::Chance),
            _ => None,
        }
    }

    /// The model's name.
    pub(crate) fn model(&self) -> anyhow::Result<String> {
        if let Some(built_in) = self.built_in() {
            return Ok(built_in.name().to_owned());
        }
        self.model_path
            .clone()
            .ok_or_else(|| anyhow::anyhow!("no model: name it with --model-path or MODEL_PATH"))
    }

    /// The label of its files.
    pub(crate) fn label(&self) -> anyhow::Result<Label> {
        match &self.model_label {
            Some(label) => Ok(label.clone()),
            None => Ok(Label::from_model(&self.model()?)?),
        }
    }

    fn command(&self) -> Option<&str> {
        self.backend.strip_prefix("exec:")
    }

    /// The profile, where media are packed at all.
    pub(crate) fn packing(&self) -> Option<Profile> {
        (self.built_in().is_none() && self.command().is_none()).then_some(self.profile)
    }

    /// What decides the answers besides model and prompts.
    pub(crate) fn deciding(&self) -> anyhow::Result<Map<String, Value>> {
        let seed = ("chance_seed".to_owned(), Value::from(self.chance_seed));
        match self.built_in() {
            Some(BuiltIn::Signal) => Ok(Map::new()),
            Some(BuiltIn::Chance) => Ok(Map::from_iter([seed])),
            None => self.parameters(),
        }
    }

    /// Parameters of every request.
    pub(crate) fn parameters(&self) -> anyhow::Result<Map<String, Value>> {
        let mut parameters = match &self.extra_body {
            None => Map::new(),
            Some(text) => match serde_json::from_str(text) {
                Ok(Value::Object(fields)) => fields,
                Ok(_) => anyhow::bail!("--extra-body should be a JSON object, but is {text}"),
                Err(error) => anyhow::bail!("--extra-body is not JSON: {error}"),
            },
        };
        for parameter in &self.param {
            let (name, value) = parameter.split_once('=').ok_or_else(|| {
                anyhow::anyhow!("--param should be NAME=VALUE, but is `{parameter}`")
            })?;
            // What reads as JSON is JSON (0, true, [..]); anything else is text.
            let value =
                serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
            parameters.insert(name.to_owned(), value);
        }
        Ok(parameters)
    }

    /// The retry policy.
    pub(crate) fn retry(&self) -> RetryPolicy {
        RetryPolicy { tries: self.tries, ..RetryPolicy::default() }
    }

    /// The backend itself; nothing is sent yet. `directory` is where a program's log goes.
    pub(crate) fn backend(&self, directory: &Path) -> anyhow::Result<Backend> {
        let inflight_bytes = self.max_inflight_mib << 20;
        if let Some(built_in) = self.built_in() {
            let model = built_in.model(self.chance_seed);
            return Ok(Backend::Local(Local::new(model, inflight_bytes)));
        }
        if let Some(command) = self.command() {
            let exec = Exec::new(ExecSettings {
                command: command.to_owned(),
                workers: self.workers,
                model: self.model()?,
                parameters: self.parameters()?,
                timeout: Duration::from_secs_f64(self.timeout),
                startup: WORKER_START,
                log: directory.join("workers.log"),
            })?;
            return Ok(Backend::Exec(exec));
        }
        let settings = HttpSettings {
            base_urls: self.base_url.clone(),
            key: self.key()?,
            model: self.model()?,
            parameters: self.parameters()?,
            profile: self.profile,
            stream: self.stream,
            timeout: Duration::from_secs_f64(self.timeout),
            connect_timeout: Duration::from_secs_f64(self.connect_timeout),
            inflight_bytes,
        };
        let http = Http::new(settings)?;
        Ok(Backend::Http(http))
    }

    /// The API key. Servers on this machine may need none.
    fn key(&self) -> anyhow::Result<Option<Secret>> {
        let key = match &self.api_key_file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|e| anyhow::anyhow!("cannot read the key file {}: {e}", path.display()))?,
            None => std::env::var("OPENAI_API_KEY").unwrap_or_default(),
        };
        let key = Secret::new(&key);
        if !key.is_empty() {
            return Ok(Some(key));
        }
        let local = |url: &String| {
            ["127.0.0.1", "localhost", "[::1]"]
                .iter()
                .any(|host| url.split("://").nth(1).is_some_and(|rest| rest.starts_with(host)))
        };
        anyhow::ensure!(
            self.base_url.iter().all(local),
            "no API key: set OPENAI_API_KEY, or name a file that holds it with --api-key-file \
             (for a server that needs none, set OPENAI_API_KEY=EMPTY)"
        );
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        endpoint: EndpointArgs,
    }

    fn parsed(line: &[&str]) -> EndpointArgs {
        Line::parse_from([&["test"], line].concat()).endpoint
    }

    #[test]
    fn parameters_are_json_where_they_read_as_json() {
        let endpoint = parsed(&[
            "--param",
            "temperature=0",
            "--param",
            "user=me",
            "--extra-body",
            r#"{"top_p": 0.5}"#,
        ]);
        let parameters = serde_json::to_string(&endpoint.parameters().unwrap()).unwrap();
        assert_eq!(parameters, r#"{"top_p":0.5,"temperature":0,"user":"me"}"#);
        assert!(parsed(&["--param", "x"]).parameters().is_err());
        assert!(parsed(&["--extra-body", "[1]"]).parameters().is_err());
    }

    #[test]
    fn the_flags_of_the_original_are_taken() {
        let endpoint = parsed(&["--model_path", "a/b", "--model_label", "x"]);
        assert_eq!(endpoint.label().unwrap().as_str(), "x");
        assert_eq!(parsed(&["--model_path", "a/b"]).label().unwrap().as_str(), "a_b");
        assert_eq!(parsed(&["--backend", "chance"]).label().unwrap().as_str(), "chance");
    }
}
