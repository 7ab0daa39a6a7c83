//! The sizes and choices of an encoder: Hugging Face's `config.json`.

use std::path::Path;

use serde_json::{Map, Value};

use super::kernels::Activation;
use crate::error::FenseError;
use crate::json;

/// No encoder has a dimension beyond this; larger claims are mistakes.
const LARGEST_SIZE: u64 = 1 << 18;
/// The longest text in tokens: attention takes the square of it. BERT reads 512.
const LONGEST_TEXT: usize = 4096;
/// The most weights of an encoder, 2 GiB of them; BERT-large has 340 million.
const MOST_WEIGHTS: u128 = 1 << 29;

/// The architectures that are computed. They differ in names and positions, not in arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// `bert`.
    Bert,
    /// `distilbert`: no token types, its own names.
    DistilBert,
}

/// What must be known to run an encoder, apart from its weights.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EncoderConfig {
    pub(crate) family: Family,
    /// Width of the hidden states.
    pub(crate) hidden: usize,
    pub(crate) layers: usize,
    pub(crate) heads: usize,
    /// Width of the feed-forward blocks.
    pub(crate) intermediate: usize,
    /// Rows of the word table.
    pub(crate) vocabulary: usize,
    /// Rows of the position table.
    pub(crate) positions: usize,
    /// Rows of the token type table, 0 where there is none.
    pub(crate) token_types: usize,
    pub(crate) epsilon: f32,
    pub(crate) activation: Activation,
}

/// What is wrong with an encoder's configuration.
#[derive(Debug, thiserror::Error)]
enum ConfigProblem {
    #[error(
        "model_type {0:?} is not supported; bert and distilbert are, whose words are those of BERT"
    )]
    ModelType(String),
    #[error("{0} is missing")]
    Missing(String),
    #[error("{0} is no size between 1 and {LARGEST_SIZE}")]
    NoSize(String),
    #[error(
        "max_position_embeddings {0} is more than {LONGEST_TEXT}, the longest text that is read"
    )]
    LongTexts(usize),
    #[error("its sizes make {0} weights, more than {MOST_WEIGHTS}")]
    Large(u128),
    #[error("layer_norm_eps is no small number")]
    Epsilon,
    #[error("the hidden size {hidden} is no multiple of the {heads} heads")]
    Heads { hidden: usize, heads: usize },
    #[error("position_embedding_type {0:?} is not supported")]
    Positions(String),
    #[error("{name} {value} is not supported")]
    Activation { name: String, value: Value },
}

impl EncoderConfig {
    /// Reads a `config.json`.
    pub(crate) fn read(path: &Path) -> Result<Self, FenseError> {
        let fields = json::object(path)?;
        Self::from_fields(&fields).map_err(|reason| FenseError::config(path, reason))
    }

    fn from_fields(fields: &Map<String, Value>) -> Result<Self, ConfigProblem> {
        let model_type = fields.get("model_type").and_then(Value::as_str).unwrap_or("bert");
        let family = match model_type {
            "bert" => Family::Bert,
            "distilbert" => Family::DistilBert,
            other => return Err(ConfigProblem::ModelType(other.to_owned())),
        };
        let distil = family == Family::DistilBert;
        let size = |name: &str, distil_name: &str| {
            let name = if distil { distil_name } else { name };
            size(fields, name)
        };
        let config = Self {
            family,
            hidden: size("hidden_size", "dim")?,
            layers: size("num_hidden_layers", "n_layers")?,
            heads: size("num_attention_heads", "n_heads")?,
            intermediate: size("intermediate_size", "hidden_dim")?,
            vocabulary: size("vocab_size", "vocab_size")?,
            positions: size("max_position_embeddings", "max_position_embeddings")?,
            token_types: if distil { 0 } else { size("type_vocab_size", "")? },
            epsilon: match fields.get("layer_norm_eps") {
                None => 1e-12,
                Some(value) => value
                    .as_f64()
                    .filter(|epsilon| (0.0..1.0).contains(epsilon))
                    .ok_or(ConfigProblem::Epsilon)? as f32,
            },
            activation: activation(fields, if distil { "activation" } else { "hidden_act" })?,
        };
        if !config.hidden.is_multiple_of(config.heads) {
            let (hidden, heads) = (config.hidden, config.heads);
            return Err(ConfigProblem::Heads { hidden, heads });
        }
        if config.positions > LONGEST_TEXT {
            return Err(ConfigProblem::LongTexts(config.positions));
        }
        if config.weights() > MOST_WEIGHTS {
            return Err(ConfigProblem::Large(config.weights()));
        }
        match fields.get("position_embedding_type").and_then(Value::as_str) {
            None | Some("absolute") => Ok(config),
            Some(other) => Err(ConfigProblem::Positions(other.to_owned())),
        }
    }

    /// The sizes that go with a published encoder's name, where only the name is known.
    pub(crate) fn of_published(name: &str) -> Option<Self> {
        let (layers, hidden, vocabulary) = match name.rsplit('/').next().unwrap_or(name) {
            "bert-base-uncased" => (12, 768, 30_522),
            "bert-base-cased" => (12, 768, 28_996),
            "bert-large-uncased" => (24, 1024, 30_522),
            "bert-tiny" => (2, 128, 30_522),
            "bert-mini" => (4, 256, 30_522),
            "bert-small" => (4, 512, 30_522),
            "bert-medium" => (8, 512, 30_522),
            _ => return None,
        };
        Some(Self {
            family: Family::Bert,
            hidden,
            layers,
            heads: hidden / 64,
            intermediate: 4 * hidden,
            vocabulary,
            positions: 512,
            token_types: 2,
            epsilon: 1e-12,
            activation: Activation::Gelu,
        })
    }

    /// The longest text in tokens, special ones included.
    pub(crate) fn longest_text(&self) -> usize {
        self.positions
    }

    /// The number of weights.
    fn weights(&self) -> u128 {
        let [hidden, intermediate, layers] =
            [self.hidden, self.intermediate, self.layers].map(|size| size as u128);
        let rows = (self.vocabulary + self.positions + self.token_types) as u128;
        let layer = 4 * hidden * hidden + 2 * hidden * intermediate + 9 * hidden + intermediate;
        (rows + 2) * hidden + layers * layer
    }
}

fn size(fields: &Map<String, Value>, name: &str) -> Result<usize, ConfigProblem> {
    fields
        .get(name)
        .ok_or_else(|| ConfigProblem::Missing(name.to_owned()))?
        .as_u64()
        .filter(|size| (1..=LARGEST_SIZE).contains(size))
        .and_then(|size| usize::try_from(size).ok())
        .ok_or_else(|| ConfigProblem::NoSize(name.to_owned()))
}

fn activation(fields: &Map<String, Value>, name: &str) -> Result<Activation, ConfigProblem> {
    let Some(value) = fields.get(name) else { return Ok(Activation::Gelu) };
    value
        .as_str()
        .and_then(Activation::from_name)
        .ok_or_else(|| ConfigProblem::Activation { name: name.to_owned(), value: value.clone() })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "the numbers are exact")]

    use super::*;

    fn parse(text: &str) -> Result<EncoderConfig, ConfigProblem> {
        EncoderConfig::from_fields(
            serde_json::from_str::<Value>(text).unwrap().as_object().unwrap(),
        )
    }

    const SMALL: &str = r#"{"model_type": "bert", "hidden_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 2, "intermediate_size": 16, "vocab_size": 10,
        "max_position_embeddings": 12, "type_vocab_size": 2}"#;

    #[test]
    fn defaults_are_those_of_bert() {
        let config = parse(SMALL).unwrap();
        assert_eq!(config.activation, Activation::Gelu);
        assert_eq!(config.epsilon, 1e-12);
        assert_eq!(config.longest_text(), 12);
    }

    #[test]
    fn sizes_that_fill_the_memory_are_refused() {
        for (from, to, said) in [
            ("embeddings\": 12", "embeddings\": 4097", "max_position_embeddings 4097"),
            ("vocab_size\": 10", "vocab_size\": 262144", "weights, more than 536870912"),
            ("layers\": 1", "layers\": 262144", "weights, more than 536870912"),
            ("intermediate_size\": 16", "intermediate_size\": 262144", "weights"),
        ] {
            let wide = SMALL.replace("\"hidden_size\": 8", "\"hidden_size\": 4096");
            let error = parse(&wide.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn mistakes_name_the_field() {
        for (from, to, field) in [
            ("\"bert\"", "\"roberta\"", "model_type"),
            ("\"hidden_size\": 8", "\"hidden_size\": 0", "hidden_size"),
            ("\"hidden_size\": 8", "\"hidden_size\": 9", "heads"),
            ("\"hidden_size\": 8", "\"hidden_size\": 1e30", "hidden_size"),
            ("\"num_attention_heads\": 2,", "", "num_attention_heads"),
            ("\"vocab_size\"", "\"hidden_act\": \"odd\", \"vocab_size\"", "hidden_act"),
            (
                "\"vocab_size\"",
                "\"position_embedding_type\": \"relative_key\", \"vocab_size\"",
                "position_embedding_type",
            ),
        ] {
            let error = parse(&SMALL.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(field), "{error}");
        }
    }
}
