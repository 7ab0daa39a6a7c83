//! The greatest value of a function over a ball.

/// A function of several variables that has kinks, and smooth functions that approach it.
pub trait Smoothed {
    /// Number of variables.
    fn dimensions(&self) -> usize;

    /// The value at `point`, with kinks rounded off over a width of about `smoothing` (0: not at
    /// all), and the gradient there.
    fn value(&self, point: &[f64], smoothing: f64, gradient: &mut [f64]) -> f64;
}

/// Widths over which kinks are rounded off, one after the other: wide ones show the way, narrow
/// ones give the value.
const SMOOTHINGS: [f64; 6] = [0.1, 0.03, 0.01, 0.003, 0.001, 0.000_3];
/// Steps at one width.
const STEPS: usize = 40;

/// The greatest value of `function` in the ball of `radius` around 0, by projected gradient ascent
/// from the centre over ever less smoothing. For functions that are concave but for curvature small
/// against the radius, it is the global one. Deterministic; functions without kinks take one
/// width.
#[must_use]
pub fn greatest_in_ball(function: &impl Smoothed, radius: f64, kinked: bool) -> f64 {
    let dimensions = function.dimensions();
    let mut point = vec![0.0; dimensions];
    let mut gradient = vec![0.0; dimensions];
    let mut next = vec![0.0; dimensions];
    let mut next_gradient = vec![0.0; dimensions];
    let mut best = function.value(&point, 0.0, &mut gradient);
    let smoothings = if kinked { &SMOOTHINGS[..] } else { &[0.0] };
    for &smoothing in smoothings {
        let mut value = function.value(&point, smoothing, &mut gradient);
        let slope = length(&gradient);
        if slope <= 0.0 {
            break;
        }
        let mut step = radius / slope;
        for _ in 0..STEPS {
            for (next, (at, slope)) in next.iter_mut().zip(point.iter().zip(&gradient)) {
                *next = at + step * slope;
            }
            let far = length(&next);
            if far > radius {
                for coordinate in &mut next {
                    *coordinate *= radius / far;
                }
            }
            let found = function.value(&next, smoothing, &mut next_gradient);
            if found > value {
                let gain = found - value;
                std::mem::swap(&mut point, &mut next);
                std::mem::swap(&mut gradient, &mut next_gradient);
                value = found;
                step *= 1.6;
                if gain < 1e-7 * (1.0 + value.abs()) {
                    break;
                }
            } else {
                step *= 0.4;
                if step * slope < 1e-7 * radius {
                    break;
                }
            }
        }
        best = best.max(function.value(&point, 0.0, &mut next_gradient));
    }
    best
}

fn length(vector: &[f64]) -> f64 {
    libm::sqrt(vector.iter().map(|coordinate| coordinate * coordinate).sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 3 x + y, or the least of x and y.
    struct Example {
        least: bool,
    }

    impl Smoothed for Example {
        fn dimensions(&self) -> usize {
            2
        }

        fn value(&self, point: &[f64], smoothing: f64, gradient: &mut [f64]) -> f64 {
            let (x, y) = (point[0], point[1]);
            if !self.least {
                gradient.copy_from_slice(&[3.0, 1.0]);
                return 3.0 * x + y;
            }
            let share = if smoothing > 0.0 {
                1.0 / (1.0 + libm::exp((x - y) / smoothing))
            } else {
                f64::from(u8::from(x < y))
            };
            gradient.copy_from_slice(&[share, 1.0 - share]);
            let rounded =
                smoothing * libm::log1p(libm::exp(-(x - y).abs() / smoothing.max(1e-300)));
            x.min(y) - rounded
        }
    }

    #[test]
    fn lines_and_kinks_reach_their_greatest_values() {
        let line = greatest_in_ball(&Example { least: false }, 2.0, false);
        assert!((line - 2.0 * 10_f64.sqrt()).abs() < 1e-6, "{line}");
        let kink = greatest_in_ball(&Example { least: true }, 2.0, true);
        assert!((kink - 2_f64.sqrt()).abs() < 1e-3, "{kink}");
    }
}
