//! The element-wise steps of an encoder: activations, layer normalization, softmax.
//!
//! Plain loops over lanes, compiled for several instruction sets by [`pulp`], which picks one at
//! run time. Accuracy against double precision is tested: 1e-6 relative for `erf` and `exp`.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into a dispatched function is compiled for its instruction set"
)]

use super::matrix::Matrix;

/// Enough partial sums to fill the widest registers.
const LANES: usize = 16;

/// The non-linearity between the two halves of a feed-forward block, `hidden_act`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    /// `x Φ(x)` with the normal distribution function, `gelu`.
    Gelu,
    /// The tanh approximation, `gelu_new` and `gelu_pytorch_tanh`.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
    /// `x sigmoid(x)`, `silu` and `swish`.
    Silu,
    /// `tanh x`.
    Tanh,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// Nothing.
    Identity,
}

impl Activation {
    /// The activation behind a configuration's `hidden_act`, if known.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "gelu" => Self::Gelu,
            "gelu_new" | "gelu_pytorch_tanh" => Self::GeluTanh,
            "relu" => Self::Relu,
            "silu" | "swish" => Self::Silu,
            "tanh" => Self::Tanh,
            _ => return None,
        })
    }

    /// Applies the activation in place.
    pub(crate) fn apply(self, values: &mut [f32]) {
        match self {
            Self::Identity => {}
            Self::Gelu => gelu(values),
            Self::GeluTanh => each(values, |x| {
                let inner = std::f32::consts::FRAC_2_SQRT_PI
                    * std::f32::consts::FRAC_1_SQRT_2
                    * (x + 0.044_715 * x * x * x);
                0.5 * x * (1.0 + inner.tanh())
            }),
            Self::Relu => each(values, |x| x.max(0.0)),
            Self::Silu => each(values, |x| x * sigmoid(x)),
            Self::Tanh => each(values, f32::tanh),
            Self::Sigmoid => each(values, sigmoid),
        }
    }
}

/// `1 / (1 + exp(-x))`.
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

fn each(values: &mut [f32], f: impl Fn(f32) -> f32) {
    for value in values {
        *value = f(*value);
    }
}

/// `x Φ(x) = x (1 + erf(x / √2)) / 2`, in place.
pub(crate) fn gelu(values: &mut [f32]) {
    pulp::Arch::new().dispatch(Gelu(values));
}

struct Gelu<'a>(&'a mut [f32]);

impl pulp::NullaryFnOnce for Gelu<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for value in self.0 {
            let x = *value;
            *value = 0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2));
        }
    }
}

/// The error function as x P(x²)/Q(x²), a rational fit of least relative error on |x| < 3.92,
/// where it is one to within f32; NaN stays NaN.
#[inline(always)]
fn erf(x: f32) -> f32 {
    const P: [f32; 6] = [
        std::f32::consts::FRAC_2_SQRT_PI,
        0.190_396_87,
        0.052_747_276,
        0.003_765_158_9,
        0.000_284_864_86,
        2.050_062e-6,
    ];
    const Q: [f32; 6] =
        [1.0, 0.502_067_6, 0.114_104_986, 0.014_968_302, 0.001_162_410_5, 3.809_052e-5];
    let x = if x > 3.92 { 3.92 } else { x };
    let x = if x < -3.92 { -3.92 } else { x };
    let t = x * x;
    let numerator = ((((P[5] * t + P[4]) * t + P[3]) * t + P[2]) * t + P[1]) * t + P[0];
    let denominator = ((((Q[5] * t + Q[4]) * t + Q[3]) * t + Q[2]) * t + Q[1]) * t + Q[0];
    x * numerator / denominator
}

/// e^x for x <= 0: 2^n times the Taylor polynomial of what is left; below -87 it is taken at -87.
#[inline(always)]
fn exp(x: f32) -> f32 {
    // Adding and subtracting 1.5 * 2^23 rounds to the nearest integer on every instruction set.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts, so that n ln 2 is subtracted without rounding.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let series =
        (((((r / 720.0 + 1.0 / 120.0) * r + 1.0 / 24.0) * r + 1.0 / 6.0) * r + 0.5) * r + 1.0) * r
            + 1.0;
    // The low bits of `shifted` hold n; moved to the exponent they multiply by 2^n.
    let exponent = shifted.to_bits().wrapping_add(127) << 23;
    series * f32::from_bits(exponent)
}

/// The sum of `f` over `values` in [`LANES`] partial sums, which compilers can vectorize.
#[inline(always)]
fn sum_of(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += f(value);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|&value| f(value)).sum::<f32>()
}

/// Layer normalization of every row: `(x - mean) / sqrt(variance + epsilon) * weight + bias`.
pub(crate) fn layer_norm(rows: &mut Matrix, weight: &[f32], bias: &[f32], epsilon: f32) {
    pulp::Arch::new().dispatch(LayerNorm { rows, weight, bias, epsilon });
}

struct LayerNorm<'a> {
    rows: &'a mut Matrix,
    weight: &'a [f32],
    bias: &'a [f32],
    epsilon: f32,
}

impl pulp::NullaryFnOnce for LayerNorm<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for row in self.rows.rows_mut() {
            let width = row.len() as f32;
            let mean = sum_of(row, |x| x) / width;
            let variance = sum_of(row, |x| (x - mean) * (x - mean)) / width;
            let scale = 1.0 / (variance + self.epsilon).sqrt();
            for ((x, w), b) in row.iter_mut().zip(self.weight).zip(self.bias) {
                *x = (*x - mean) * scale * w + b;
            }
        }
    }
}

/// Softmax of every row: `exp(x - max) / sum`.
pub(crate) fn softmax(rows: &mut Matrix) {
    pulp::Arch::new().dispatch(Softmax(rows));
}

struct Softmax<'a>(&'a mut Matrix);

impl pulp::NullaryFnOnce for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for row in self.0.rows_mut() {
            let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for x in &mut *row {
                *x = exp(*x - largest);
            }
            let scale = 1.0 / sum_of(row, |x| x);
            for x in row {
                *x *= scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "the numbers are exact")]

    use super::*;

    #[test]
    fn erf_is_accurate_everywhere() {
        for i in -60_000..=60_000_i32 {
            let x = i as f32 / 10_000.0;
            let exact = libm::erf(f64::from(x));
            let error = (f64::from(erf(x)) - exact).abs();
            assert!(error <= 1e-6 * exact.abs(), "erf({x}) is off by {error}");
        }
        assert!(erf(f32::NAN).is_nan());
        assert_eq!(erf(f32::INFINITY), erf(3.92));
    }

    #[test]
    fn exp_is_accurate_below_zero() {
        for i in 0..=87_000_i32 {
            let x = -i as f32 / 1_000.0;
            let exact = f64::from(x).exp();
            let error = (f64::from(exp(x)) - exact).abs();
            assert!(error <= 1e-6 * exact, "exp({x}) is off by {error}");
        }
        assert!(exp(f32::NAN).is_nan());
        assert!(exp(f32::NEG_INFINITY) < 1e-37);
    }

    #[test]
    fn rows_are_normalized() {
        for width in [1, 7, 16, 48, 100] {
            let mut rows = Matrix::default();
            rows.reshape(3, width);
            for (r, row) in rows.rows_mut().enumerate() {
                for (c, x) in row.iter_mut().enumerate() {
                    *x = ((r * 31 + c * 17) % 23) as f32;
                }
            }
            let mut weights = Matrix::default();
            weights.reshape(3, width);
            for (target, r) in weights.rows_mut().zip(0..) {
                target.copy_from_slice(rows.row(r));
            }
            softmax(&mut weights);
            for r in 0..3 {
                let total: f32 = weights.row(r).iter().sum();
                assert!((total - 1.0).abs() < 1e-5, "{total}");
            }
            layer_norm(&mut rows, &vec![2.0; width], &vec![1.0; width], 1e-12);
            for r in 0..3 {
                let mean = rows.row(r).iter().sum::<f32>() / width as f32;
                assert!((mean - 1.0).abs() < 1e-4, "{mean}");
            }
        }
    }

    type Exact = fn(f64) -> f64;

    #[test]
    fn activations_match_their_definitions() {
        let xs = [-3.0_f32, -0.5, 0.0, 0.7, 2.5];
        let reference: [(Activation, Exact); 5] = [
            (Activation::Gelu, |x| 0.5 * x * (1.0 + libm::erf(x / 2.0_f64.sqrt()))),
            (Activation::GeluTanh, |x| {
                let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
                0.5 * x * (1.0 + inner.tanh())
            }),
            (Activation::Relu, |x| x.max(0.0)),
            (Activation::Silu, |x| x / (1.0 + (-x).exp())),
            (Activation::Tanh, f64::tanh),
        ];
        for (activation, exact) in reference {
            let mut values = xs;
            activation.apply(&mut values);
            for (x, value) in xs.iter().zip(values) {
                let error = (f64::from(value) - exact(f64::from(*x))).abs();
                assert!(error < 1e-6, "{activation:?}({x}) is off by {error}");
            }
        }
    }
}
