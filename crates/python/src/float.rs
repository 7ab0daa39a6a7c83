//! `repr` and `round` of floats.

/// `repr(number)`: the shortest digits that read back as the same float, with an exponent below
/// 1e-4 and from 1e16 on.
#[must_use]
pub fn repr_float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    // Rust always writes `<digits>e<exponent>` here.
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number == 0.0 || (-4..16).contains(&exponent) {
        format!("{number:?}")
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", exponent.abs())
    }
}

/// `round(number, digits)`: the nearest decimal to the float's exact value, ties to the even digit.
#[must_use]
pub fn round_to(number: f64, digits: usize) -> f64 {
    // Formatting rounds the exact value; only then is the result made a float again.
    format!("{number:.digits$}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_in_python() {
        for (number, text) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e-4, "0.0001"),
            (1.5e-5, "1.5e-05"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.234e22, "1.234e+22"),
            (1e-300, "1e-300"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(repr_float(number), text);
        }
    }

    /// Exact ties are multiples of 2^-6 at five decimals; the rest follow the exact binary value.
    #[test]
    fn rounding_is_exact_and_ties_go_to_even() {
        for (number, rounded) in [
            (0.015_625_f64, 0.01562_f64),
            (0.046_875, 0.04688),
            (2.000_005, 2.00000),
            (1.000_005, 1.00001),
            (0.123_455, 0.12345),
            (0.999_995, 0.99999),
            (-0.015_625, -0.01562),
        ] {
            assert_eq!(round_to(number, 5).to_bits(), rounded.to_bits(), "{number}");
        }
        assert!(round_to(f64::NAN, 5).is_nan());
        assert_eq!(round_to(1e300, 5).to_bits(), 1e300_f64.to_bits());
    }
}
