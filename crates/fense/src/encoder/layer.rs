//! One encoder block: attention within each text, then the feed-forward half.

use std::ops::Range;

use super::config::EncoderConfig;
use super::kernels::{layer_norm, softmax};
use super::matrix::{Matrix, Onto, View, multiply};

/// Tokens that pass the feed-forward half at a time, so that its wide intermediate states stay
/// in the cache between its two products.
const FEED_FORWARD_ROWS: usize = 192;

/// Which tokens' last hidden states are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Every token's.
    All,
    /// The first of each text alone: the last layer then skips the others.
    First,
}

/// A text's rows among those of its batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) length: usize,
}

impl Span {
    pub(super) fn range(self) -> Range<usize> {
        self.start..self.start + self.length
    }
}

/// An affine map: the weight is outputs x inputs, row-major.
#[derive(Debug)]
pub(super) struct Linear {
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

impl Linear {
    fn outputs(&self) -> usize {
        self.bias.len()
    }

    fn transposed(&self, inputs: usize) -> View<'_> {
        View::contiguous(&self.weight, self.outputs(), inputs).transposed()
    }

    /// `output = input W^T + b`.
    fn apply(&self, input: &Matrix, width: usize, output: &mut Matrix) {
        let rows = input.rows();
        output.reshape(rows, self.outputs());
        for row in output.rows_mut() {
            row.copy_from_slice(&self.bias);
        }
        multiply(
            &mut output.block_mut(0, rows, 0, self.outputs()),
            Onto::Target,
            1.0,
            input.block(0, rows, 0, width),
            self.transposed(width),
        );
    }
}

/// Scale and shift of a layer normalization.
#[derive(Debug)]
pub(super) struct Norm {
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

impl Norm {
    pub(super) fn apply(&self, rows: &mut Matrix, epsilon: f32) {
        layer_norm(rows, &self.weight, &self.bias, epsilon);
    }
}

/// The weights of one block.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) query: Linear,
    /// Keys, then values: 2 hidden outputs.
    pub(super) key_value: Linear,
    pub(super) attention_output: Linear,
    pub(super) attention_norm: Norm,
    pub(super) up: Linear,
    pub(super) down: Linear,
    pub(super) output_norm: Norm,
}

/// The intermediate states of a block, kept to spare allocations.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// The block's input and output, one row a token.
    pub(super) states: Matrix,
    firsts: Matrix,
    queries: Matrix,
    keys_values: Matrix,
    scores: Matrix,
    context: Matrix,
    attended: Matrix,
    wide: Matrix,
}

impl Layer {
    /// Replaces `work.states` by the block's output; with [`Reach::First`] one row a text is left.
    pub(super) fn forward(
        &self,
        config: &EncoderConfig,
        spans: &[Span],
        reach: Reach,
        work: &mut Workspace,
    ) {
        let hidden = config.hidden;
        self.key_value.apply(&work.states, hidden, &mut work.keys_values);
        if reach == Reach::First {
            work.firsts.reshape(spans.len(), hidden);
            for (row, span) in work.firsts.rows_mut().zip(spans) {
                row.copy_from_slice(work.states.row(span.start));
            }
            std::mem::swap(&mut work.states, &mut work.firsts);
        }
        self.query.apply(&work.states, hidden, &mut work.queries);
        attend(config, spans, reach, work);

        let rows = work.states.rows();
        work.attended.reshape(rows, hidden);
        for (index, row) in work.attended.rows_mut().enumerate() {
            let residual = work.states.row(index);
            for ((x, residual), bias) in
                row.iter_mut().zip(residual).zip(&self.attention_output.bias)
            {
                *x = residual + bias;
            }
        }
        multiply(
            &mut work.attended.block_mut(0, rows, 0, hidden),
            Onto::Target,
            1.0,
            work.context.block(0, rows, 0, hidden),
            self.attention_output.transposed(hidden),
        );
        self.attention_norm.apply(&mut work.attended, config.epsilon);
        self.feed_forward(config, &mut work.attended, &mut work.wide);
        self.output_norm.apply(&mut work.attended, config.epsilon);
        std::mem::swap(&mut work.states, &mut work.attended);
    }

    /// Adds the feed-forward half's output to its input, some rows at a time.
    fn feed_forward(&self, config: &EncoderConfig, states: &mut Matrix, wide: &mut Matrix) {
        let (hidden, intermediate) = (config.hidden, config.intermediate);
        let total = states.rows();
        for start in (0..total).step_by(FEED_FORWARD_ROWS) {
            let rows = FEED_FORWARD_ROWS.min(total - start);
            wide.reshape(rows, intermediate);
            for row in wide.rows_mut() {
                row.copy_from_slice(&self.up.bias);
            }
            multiply(
                &mut wide.block_mut(0, rows, 0, intermediate),
                Onto::Target,
                1.0,
                states.block(start, rows, 0, hidden),
                self.up.transposed(hidden),
            );
            for row in wide.rows_mut() {
                config.activation.apply(row);
            }
            for row in states.rows_mut().skip(start).take(rows) {
                for (x, bias) in row.iter_mut().zip(&self.down.bias) {
                    *x += bias;
                }
            }
            multiply(
                &mut states.block_mut(start, rows, 0, hidden),
                Onto::Target,
                1.0,
                wide.block(0, rows, 0, intermediate),
                self.down.transposed(intermediate),
            );
        }
    }
}

/// Scaled dot-product attention of every head within every text.
fn attend(config: &EncoderConfig, spans: &[Span], reach: Reach, work: &mut Workspace) {
    let hidden = config.hidden;
    let width = hidden / config.heads;
    let scale = 1.0 / (width as f32).sqrt();
    work.context.reshape(work.queries.rows(), hidden);
    for (index, span) in spans.iter().enumerate() {
        let (first, count) = match reach {
            Reach::All => (span.start, span.length),
            Reach::First => (index, 1),
        };
        for column in (0..hidden).step_by(width) {
            work.scores.reshape(count, span.length);
            multiply(
                &mut work.scores.block_mut(0, count, 0, span.length),
                Onto::Zero,
                scale,
                work.queries.block(first, count, column, width),
                work.keys_values.block(span.start, span.length, column, width).transposed(),
            );
            softmax(&mut work.scores);
            multiply(
                &mut work.context.block_mut(first, count, column, width),
                Onto::Zero,
                1.0,
                work.scores.block(0, count, 0, span.length),
                work.keys_values.block(span.start, span.length, hidden + column, width),
            );
        }
    }
}
