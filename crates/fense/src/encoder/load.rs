//! An encoder's weights under the names its architecture gives them.

use super::Encoder;
use super::config::{EncoderConfig, Family};
use super::layer::{Layer, Linear, Norm};
use crate::error::FenseError;
use crate::weights::Weights;

/// Where a file may keep the encoder: bare, below its architecture's name, or in a checkpoint.
const PREFIXES: [&str; 4] = ["", "bert.", "distilbert.", "encoder."];

impl Encoder {
    /// Reads an encoder of the given sizes.
    ///
    /// # Errors
    ///
    /// [`FenseError::Tensor`] for the first tensor that is missing or of another shape.
    pub(crate) fn read(config: EncoderConfig, weights: &mut Weights) -> Result<Self, FenseError> {
        let words = "embeddings.word_embeddings.weight";
        let prefix = PREFIXES
            .iter()
            .find(|prefix| weights.contains(&format!("{prefix}{words}")))
            .ok_or_else(|| FenseError::tensor(weights.path(), words, "is missing"))?;
        let mut reader = Reader { weights, prefix };
        let hidden = config.hidden;
        let words = reader.tensor(words, &[config.vocabulary, hidden])?;
        let mut positions =
            reader.tensor("embeddings.position_embeddings.weight", &[config.positions, hidden])?;
        if config.token_types > 0 {
            let types = reader
                .tensor("embeddings.token_type_embeddings.weight", &[config.token_types, hidden])?;
            // Only single texts are encoded, so every token has the first type.
            for row in positions.chunks_exact_mut(hidden) {
                row.iter_mut().zip(&types).for_each(|(x, add)| *x += add);
            }
        }
        let norm = reader.norm("embeddings.LayerNorm", hidden)?;
        let layers = (0..config.layers)
            .map(|index| reader.layer(&config, index))
            .collect::<Result<_, _>>()?;
        Ok(Self { config, words, positions, norm, layers })
    }
}

struct Reader<'a> {
    weights: &'a mut Weights,
    prefix: &'a str,
}

impl Reader<'_> {
    fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, FenseError> {
        self.weights.tensor(&format!("{}{name}", self.prefix), shape)
    }

    fn linear(&mut self, name: &str, inputs: usize, outputs: usize) -> Result<Linear, FenseError> {
        Ok(Linear {
            weight: self.tensor(&format!("{name}.weight"), &[outputs, inputs])?,
            bias: self.tensor(&format!("{name}.bias"), &[outputs])?,
        })
    }

    /// A layer normalization; checkpoints converted from TensorFlow say gamma and beta.
    fn norm(&mut self, name: &str, width: usize) -> Result<Norm, FenseError> {
        let old = self.weights.contains(&format!("{}{name}.gamma", self.prefix));
        let (weight, bias) = if old { ("gamma", "beta") } else { ("weight", "bias") };
        Ok(Norm {
            weight: self.tensor(&format!("{name}.{weight}"), &[width])?,
            bias: self.tensor(&format!("{name}.{bias}"), &[width])?,
        })
    }

    fn layer(&mut self, config: &EncoderConfig, index: usize) -> Result<Layer, FenseError> {
        let (hidden, intermediate) = (config.hidden, config.intermediate);
        let names = LayerNames::of(config.family);
        let name = |part: &str| format!("{}.{index}.{part}", names.stem);
        let query = self.linear(&name(names.query), hidden, hidden)?;
        let mut key_value = self.linear(&name(names.key), hidden, hidden)?;
        let value = self.linear(&name(names.value), hidden, hidden)?;
        key_value.weight.extend(value.weight);
        key_value.bias.extend(value.bias);
        Ok(Layer {
            query,
            key_value,
            attention_output: self.linear(&name(names.attention_output), hidden, hidden)?,
            attention_norm: self.norm(&name(names.attention_norm), hidden)?,
            up: self.linear(&name(names.up), hidden, intermediate)?,
            down: self.linear(&name(names.down), intermediate, hidden)?,
            output_norm: self.norm(&name(names.output_norm), hidden)?,
        })
    }
}

/// Where a layer's tensors are kept, below `{stem}.{index}.`.
struct LayerNames {
    stem: &'static str,
    query: &'static str,
    key: &'static str,
    value: &'static str,
    attention_output: &'static str,
    attention_norm: &'static str,
    up: &'static str,
    down: &'static str,
    output_norm: &'static str,
}

impl LayerNames {
    fn of(family: Family) -> Self {
        match family {
            Family::Bert => Self {
                stem: "encoder.layer",
                query: "attention.self.query",
                key: "attention.self.key",
                value: "attention.self.value",
                attention_output: "attention.output.dense",
                attention_norm: "attention.output.LayerNorm",
                up: "intermediate.dense",
                down: "output.dense",
                output_norm: "output.LayerNorm",
            },
            Family::DistilBert => Self {
                stem: "transformer.layer",
                query: "attention.q_lin",
                key: "attention.k_lin",
                value: "attention.v_lin",
                attention_output: "attention.out_lin",
                attention_norm: "sa_layer_norm",
                up: "ffn.lin1",
                down: "ffn.lin2",
                output_norm: "output_layer_norm",
            },
        }
    }
}
