//! An axis: from values to pixels, and where its ticks stand.

/// A range of values along a range of pixels.
pub(super) struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// `low` lies at pixel `from`, `high` at pixel `to`.
    pub(super) fn new([low, high]: [f64; 2], [from, to]: [f64; 2]) -> Self {
        Self { low, high, from, to }
    }

    /// The pixel of a value.
    pub(super) fn at(&self, value: f64) -> f64 {
        let span = self.high - self.low;
        let share = if span > 0.0 { (value - self.low) / span } else { 0.5 };
        self.from + share * (self.to - self.from)
    }

    /// The value at a share (0 to 1) of the axis.
    pub(super) fn value(&self, share: f64) -> f64 {
        self.low + share * (self.high - self.low)
    }

    /// About `count` round values within the axis: multiples of 1, 2 or 5 times a power of ten.
    pub(super) fn ticks(&self, count: usize) -> Vec<f64> {
        let rough = (self.high - self.low) / count.max(1) as f64;
        if !rough.is_normal() {
            return vec![self.low];
        }
        let power = 10_f64.powf(rough.log10().floor());
        let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= rough);
        let step = factor.unwrap_or(10.0) * power;
        let first = (self.low / step - 1e-9).ceil();
        (0..=2 * count)
            .map(|i| (first + i as f64) * step)
            .take_while(|tick| *tick <= self.high + 1e-9 * step)
            .collect()
    }
}

/// A number to three digits, without needless zeros.
pub(super) fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = (2 - value.abs().log10().floor() as i32).clamp(0, 6) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within_the_axis() {
        let ticks = |low, high| -> Vec<String> {
            let axis = Axis::new([low, high], [0.0, 100.0]);
            axis.ticks(4).into_iter().map(short).collect()
        };
        assert_eq!(ticks(0.5, 24.0), ["10", "20"]);
        assert_eq!(ticks(0.0, 1.0), ["0", "0.5", "1"]);
        assert_eq!(ticks(1.03, 1.8), ["1.2", "1.4", "1.6", "1.8"]);
        assert_eq!(ticks(90.0, 420.0), ["100", "200", "300", "400"]);
        assert_eq!(ticks(3.0, 3.0), ["3"]);
    }

    #[test]
    fn numbers_are_short() {
        let cases =
            [(0.0, "0"), (12.345, "12.3"), (0.012_34, "0.0123"), (420.4, "420"), (2.0, "2")];
        for (value, text) in cases {
            assert_eq!(short(value), text);
        }
    }
}
