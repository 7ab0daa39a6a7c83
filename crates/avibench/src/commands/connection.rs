//! The way to an endpoint: what everything that asks over HTTP has in common.

use std::path::PathBuf;
use std::time::Duration;

use avibench_engine::{RetryPolicy, Secret};
use clap::Args;
use serde_json::{Map, Value};

/// The environment variable that holds the API key.
const KEY_VARIABLE: &str = "OPENAI_API_KEY";

/// Where requests go, with what key, and how patiently.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConnectionArgs {
    /// Base URL such as `http://127.0.0.1:8000/v1`; several are replicas of one model. The key
    /// comes from `OPENAI_API_KEY` or --api-key-file
    #[arg(long, alias = "base_url", env = "OPENAI_BASE_URL", hide_env_values = true, num_args = 1.., value_delimiter = ',', value_name = "URL")]
    pub base_url: Vec<String>,
    /// File that holds the API key, instead of `OPENAI_API_KEY`
    #[arg(long, value_name = "FILE")]
    pub api_key_file: Option<PathBuf>,
    /// A request parameter, such as temperature=0; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub param: Vec<String>,
    /// Further fields of every request, as a JSON object
    #[arg(long, value_name = "JSON")]
    pub extra_body: Option<String>,
    /// Have answers streamed (server-sent events)
    #[arg(long)]
    pub stream: bool,
    /// Seconds to connect
    #[arg(long, default_value_t = 10.0, value_parser = seconds, value_name = "SECONDS")]
    pub connect_timeout: f64,
    /// Tries of a sample for each class of error
    #[arg(long, default_value_t = RetryPolicy::default().tries, value_parser = clap::value_parser!(u32).range(1..), value_name = "N")]
    pub tries: u32,
    /// Most requests a minute
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..), value_name = "N")]
    pub rpm: Option<u64>,
    /// Most tokens a minute
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..), value_name = "N")]
    pub tpm: Option<u64>,
}

/// The most requests or programs side by side: as many as a machine has ports.
const MOST_SIDE_BY_SIDE: usize = 65_535;

/// A number of requests or programs side by side, at least 1.
pub(crate) fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least 1".to_owned()),
        Ok(number) if number > MOST_SIDE_BY_SIDE => Err(format!("at most {MOST_SIDE_BY_SIDE}")),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}

/// A length of time in seconds, above 0.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && Duration::try_from_secs_f64(number).is_ok() => Ok(number),
        _ => Err("a number of seconds above 0".to_owned()),
    }
}

impl ConnectionArgs {
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
            // Python's names for these are no JSON, and a server would get them as text.
            anyhow::ensure!(
                value.parse::<f64>().map_or(true, f64::is_finite),
                "--param {name} is {value}, which no request can hold; give a finite number"
            );
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

    /// Time to connect.
    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_secs_f64(self.connect_timeout)
    }

    /// All keys that are at hand, whether or not anything is sent with them: what other programs say
    /// must not tell them on.
    pub(crate) fn known_keys(&self) -> Vec<Secret> {
        let of_file =
            self.api_key_file.as_ref().and_then(|path| std::fs::read_to_string(path).ok());
        let keys = std::env::var(KEY_VARIABLE).ok().into_iter().chain(of_file);
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
        std::iter::once(KEY_VARIABLE.to_owned()).chain(others).collect()
    }

    /// The API key. Servers on this machine may need none.
    pub(crate) fn key(&self) -> anyhow::Result<Option<Secret>> {
        let key = match &self.api_key_file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|e| anyhow::anyhow!("cannot read the key file {}: {e}", path.display()))?,
            None => std::env::var(KEY_VARIABLE).unwrap_or_default(),
        };
        let key = Secret::new(&key);
        if !key.is_empty() {
            return Ok(Some(key));
        }
        // What is no URL is named as such later on.
        let local = |url: &String| {
            !url.contains("://")
                || ["127.0.0.1", "localhost", "[::1]"]
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
        assert_eq!(positive("65535"), Ok(65_535));
        for text in ["0", "65536", "1000000000000", "99999999999999999999999", "-1", "nan"] {
            assert!(positive(text).is_err(), "{text}");
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
}
