//! The forms that providers have for batches of requests.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::http::HttpError;

/// The form of a batch of requests, a line of JSON each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchFormat {
    /// `{custom_id, method, url, body}`, of OpenAI, vLLM's `run_batch` and most others.
    #[default]
    OpenAi,
    /// `{key, request}`, of Google's Gemini.
    Gemini,
}

/// A name that is no format's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no batch format `{0}`; there are: openai, gemini")]
pub struct UnknownBatchFormat(String);

impl BatchFormat {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::OpenAi, Self::Gemini];

    /// The name on the command line and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Gemini => "gemini",
        }
    }
}

impl fmt::Display for BatchFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for BatchFormat {
    type Err = UnknownBatchFormat;

    fn from_str(name: &str) -> Result<Self, UnknownBatchFormat> {
        let found = Self::ALL.into_iter().find(|format| format.name() == name);
        found.ok_or_else(|| UnknownBatchFormat(name.to_owned()))
    }
}

/// A format with what it makes of a run's parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum BatchForm {
    OpenAi,
    Gemini {
        /// The fields beside `contents`.
        fields: Map<String, Value>,
    },
}

/// Parameters of chat completions by their names in Gemini's `generationConfig`.
const CONFIG_NAMES: [(&str, &str); 9] = [
    ("temperature", "temperature"),
    ("top_p", "topP"),
    ("top_k", "topK"),
    ("max_tokens", "maxOutputTokens"),
    ("max_completion_tokens", "maxOutputTokens"),
    ("seed", "seed"),
    ("stop", "stopSequences"),
    ("presence_penalty", "presencePenalty"),
    ("frequency_penalty", "frequencyPenalty"),
];

/// Fields of Gemini's own that are handed on as they are.
const OWN_FIELDS: [&str; 2] = ["generationConfig", "safetySettings"];

/// What the fields of a chat completions request are beside the contents of a Gemini request. The
/// model stands outside the file there.
pub(super) fn gemini_fields(chat: &Map<String, Value>) -> Result<Map<String, Value>, HttpError> {
    let mut config = Map::new();
    let mut fields = Map::new();
    for (name, value) in chat.iter().filter(|(name, _)| *name != "model") {
        if OWN_FIELDS.contains(&name.as_str()) {
            fields.insert(name.clone(), value.clone());
            continue;
        }
        let known = CONFIG_NAMES.iter().find(|(chat, _)| chat == name);
        let (_, gemini) = known.ok_or_else(|| HttpError::NotForGemini(name.clone()))?;
        let value = match value {
            Value::String(_) if name == "stop" => Value::Array(vec![value.clone()]),
            other => other.clone(),
        };
        config.insert((*gemini).to_owned(), value);
    }
    match fields.get_mut("generationConfig") {
        Some(Value::Object(own)) => config.extend(std::mem::take(own)),
        Some(_) => return Err(HttpError::NotForGemini("generationConfig".to_owned())),
        None => {}
    }
    if !config.is_empty() {
        fields.insert("generationConfig".to_owned(), Value::Object(config));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(chat: &Value) -> Result<Value, String> {
        let chat = chat.as_object().unwrap();
        gemini_fields(chat).map(Value::Object).map_err(|error| error.to_string())
    }

    #[test]
    fn parameters_have_other_names_there() {
        let chat = json!({"model": "m", "temperature": 0, "max_tokens": 16, "stop": "\n",
            "generationConfig": {"thinkingConfig": {"thinkingBudget": 0}}});
        let gemini = json!({"generationConfig": {"temperature": 0, "maxOutputTokens": 16,
            "stopSequences": ["\n"], "thinkingConfig": {"thinkingBudget": 0}}});
        assert_eq!(fields(&chat), Ok(gemini));
        assert_eq!(fields(&json!({"model": "m"})), Ok(json!({})));
        let message = fields(&json!({"logit_bias": {}})).unwrap_err();
        assert!(
            message.contains("`logit_bias`") && message.contains("generationConfig"),
            "{message}"
        );
        assert!(fields(&json!({"generationConfig": 1})).is_err());
    }
}
