//! What may stand of names that users and servers chose: no path, no address, no host.

use std::net::IpAddr;

use serde_json::{Map, Value};

/// What stands where a text was left out.
const LEFT_OUT: &str = "(left out)";
/// Longest name.
const LONGEST: usize = 128;
/// How deep request parameters are nested at most.
const DEEPEST: usize = 4;

/// Makes names fit for the public; knows the hosts that the run asked.
#[derive(Debug, Clone)]
pub struct PublicText {
    hosts: Vec<String>,
}

impl PublicText {
    /// For a run that asked these hosts, each maybe with its port.
    #[must_use]
    pub fn new(hosts: impl IntoIterator<Item = String>) -> Self {
        let mut known = vec!["localhost".to_owned()];
        for host in hosts {
            let host = host.to_lowercase();
            let name = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
            let name = name.map_or(host.as_str(), |(name, _)| name);
            if !name.is_empty() {
                known.push(name.trim_matches(['[', ']']).to_owned());
            }
        }
        Self { hosts: known }
    }

    /// The last part of a name that is a path or an address; nothing of what is a host.
    #[must_use]
    pub fn name(&self, text: &str) -> String {
        let without_scheme = match text.split_once("://") {
            // What follows is the host, with user and port.
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            // Of a path it may be the name of a folder that holds such a character, of an address without its
            // scheme a query with a path in it: what is left of one would tell of the other.
            None if text
                .rsplit_once(['/', '\\'])
                .is_some_and(|(head, _)| head.contains(['?', '#'])) =>
            {
                ""
            }
            None => text,
        };
        let without_query = without_scheme.split(['?', '#']).next().unwrap_or_default();
        let trimmed = without_query.trim_end_matches(['/', '\\']);
        let last = trimmed.rsplit(['/', '\\']).next().unwrap_or_default();
        let last: String = last.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        let last = last.trim();
        if last.is_empty() || matches!(last, "." | ".." | "~") || self.is_host(last) {
            return LEFT_OUT.to_owned();
        }
        last.to_owned()
    }

    /// A backend without the command that starts a worker.
    #[must_use]
    pub fn backend(&self, text: &str) -> String {
        match text.split_once(':') {
            Some((kind, _)) => self.name(kind),
            None => self.name(text),
        }
    }

    /// Request parameters: numbers and short words as they are, paths by their last part, other texts left
    /// out.
    #[must_use]
    pub fn parameters(&self, parameters: &Map<String, Value>) -> Map<String, Value> {
        self.object(parameters, DEEPEST)
    }

    fn object(&self, object: &Map<String, Value>, depth: usize) -> Map<String, Value> {
        object.iter().map(|(key, value)| (self.name(key), self.value(value, depth))).collect()
    }

    fn value(&self, value: &Value, depth: usize) -> Value {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
            Value::String(text) if text.contains(char::is_whitespace) => LEFT_OUT.into(),
            Value::String(text) => self.name(text).into(),
            Value::Array(_) | Value::Object(_) if depth == 0 => LEFT_OUT.into(),
            Value::Array(values) => {
                Value::Array(values.iter().map(|value| self.value(value, depth - 1)).collect())
            }
            Value::Object(object) => Value::Object(self.object(object, depth - 1)),
        }
    }

    /// Whether a name is, or holds, a host.
    fn is_host(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        // An address, alone or before a port.
        let head = name.rsplit_once(':').map_or(name.as_str(), |(head, _)| head);
        let is_address = [name.as_str(), head]
            .iter()
            .any(|text| text.trim_matches(['[', ']']).parse::<IpAddr>().is_ok());
        let has_user = name.split_once('@').is_some_and(|(_, rest)| rest.contains(':'));
        is_address || has_user || self.hosts.iter().any(|host| name.contains(host.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_lose_paths_addresses_and_hosts() {
        let text = PublicText::new(["gpu07.example.org:8000".to_owned(), "[::1]:9".to_owned()]);
        for (name, public) in [
            ("gpt-4o", "gpt-4o"),
            ("/home/ann/models/omni-7b/", "omni-7b"),
            (r"C:\models\omni-7b", "omni-7b"),
            ("Org/Omni-7B", "Omni-7B"),
            ("http://gpu09:8000/models/omni", "omni"),
            ("http://gpu09:8000", LEFT_OUT),
            ("https://ann:secret@host/m?key=secret", "m"),
            ("omni@gpu07.example.org", LEFT_OUT),
            ("GPU07.Example.org", LEFT_OUT),
            ("/home/ann?/omni", LEFT_OUT),
            ("/home/#1/omni", LEFT_OUT),
            ("host/m?key=a/b", LEFT_OUT),
            ("models/omni?key=secret", "omni"),
            ("10.0.0.7:8000", LEFT_OUT),
            ("[fe80::1]:80", LEFT_OUT),
            ("localhost:8000", LEFT_OUT),
            ("ann@box:model", LEFT_OUT),
            ("omni@20240620", "omni@20240620"),
            ("qwen2.5:7b", "qwen2.5:7b"),
            ("a\u{1b}[31mb\n", "a[31mb"),
            ("", LEFT_OUT),
            ("/", LEFT_OUT),
        ] {
            assert_eq!(text.name(name), public, "{name}");
        }
        assert_eq!(text.name(&"x".repeat(1_000)).len(), LONGEST);
        assert_eq!(text.backend("exec:python /home/ann/worker.py"), "exec");
        assert_eq!(text.backend("signal-guessing"), "signal-guessing");
    }

    #[test]
    fn parameters_keep_numbers_and_words() {
        let text = PublicText::new([]);
        let given = json!({"temperature": 0.5, "effort": "high", "path": "/tmp/a/lora.bin",
            "system": "You are here: Berlin", "url": "http://gpu/x", "/srv/key": [true, {"a": "b/c"}],
            "deep": [[[[[1]]]]]});
        let expected = json!({"temperature": 0.5, "effort": "high", "path": "lora.bin",
            "system": LEFT_OUT, "url": "x", "key": [true, {"a": "c"}], "deep": [[[[LEFT_OUT]]]]});
        assert_eq!(Value::Object(text.parameters(given.as_object().unwrap())), expected);
    }
}
