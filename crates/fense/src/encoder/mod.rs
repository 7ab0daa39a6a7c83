//! Transformer encoders of the BERT family, f32 on the CPU.
//!
//! The texts of a batch are laid end to end without padding, so a text's numbers do not depend on
//! its neighbours, and no work is spent on padding. After Devlin et al. 2019 and, for the block,
//! Vaswani et al. 2017 (post-normalization).

mod config;
mod kernels;
mod layer;
mod load;
mod matrix;

pub(crate) use config::EncoderConfig;
pub(crate) use kernels::{Activation, sigmoid};
pub(crate) use layer::Reach;

use layer::{Layer, Linear, Norm, Span, Workspace};
use matrix::Matrix;

/// An encoder with its weights.
#[derive(Debug)]
pub(crate) struct Encoder {
    config: EncoderConfig,
    /// vocabulary x hidden.
    words: Vec<f32>,
    /// positions x hidden, with the first token type added.
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

/// Buffers that a thread reuses from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct Buffers(Workspace);

impl Encoder {
    /// The last hidden states of every text, handed to `take` with the text's index.
    ///
    /// `take` gets one row a token, or only the first token's with [`Reach::First`]. Every text
    /// must have between 1 and [`EncoderConfig::longest_text`] tokens of the vocabulary.
    pub(crate) fn encode(
        &self,
        texts: &[&[u32]],
        reach: Reach,
        buffers: &mut Buffers,
        mut take: impl FnMut(usize, &[&[f32]]),
    ) {
        let work = &mut buffers.0;
        let mut spans = Vec::with_capacity(texts.len());
        let mut start = 0;
        for text in texts {
            spans.push(Span { start, length: text.len() });
            start += text.len();
        }
        self.embed(texts, start, &mut work.states);
        let last = self.layers.len().saturating_sub(1);
        for (index, layer) in self.layers.iter().enumerate() {
            let reach = if index == last { reach } else { Reach::All };
            layer.forward(&self.config, &spans, reach, work);
        }
        for (index, span) in spans.iter().enumerate() {
            let rows: Vec<&[f32]> = match reach {
                Reach::All => span.range().map(|row| work.states.row(row)).collect(),
                Reach::First => vec![work.states.row(index)],
            };
            take(index, &rows);
        }
    }

    fn embed(&self, texts: &[&[u32]], tokens: usize, states: &mut Matrix) {
        let hidden = self.config.hidden;
        states.reshape(tokens, hidden);
        let located = texts.iter().flat_map(|text| text.iter().zip(0..));
        for (row, (&id, position)) in states.rows_mut().zip(located) {
            let word = &self.words[id as usize * hidden..][..hidden];
            let position = &self.positions[position * hidden..][..hidden];
            for ((x, word), position) in row.iter_mut().zip(word).zip(position) {
                *x = word + position;
            }
        }
        self.norm.apply(states, self.config.epsilon);
    }
}

/// An affine map `x W^T + b` that models keep besides their encoder.
#[derive(Debug)]
pub(crate) struct Affine(Linear);

impl Affine {
    /// Reads `{name}.weight` of `outputs` x `inputs` and, where `bias` says so, `{name}.bias`.
    pub(crate) fn read(
        weights: &mut crate::weights::Weights,
        name: &str,
        inputs: usize,
        outputs: usize,
        bias: bool,
    ) -> Result<Self, crate::error::FenseError> {
        let weight = weights.tensor(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = if bias {
            weights.tensor(&format!("{name}.bias"), &[outputs])?
        } else {
            vec![0.0; outputs]
        };
        Ok(Self(Linear { weight, bias }))
    }

    /// The map of one vector.
    pub(crate) fn apply(&self, input: &[f32]) -> Vec<f32> {
        let rows = self.0.weight.chunks_exact(input.len().max(1));
        rows.zip(&self.0.bias)
            .map(|(row, bias)| row.iter().zip(input).map(|(w, x)| w * x).sum::<f32>() + bias)
            .collect()
    }
}
