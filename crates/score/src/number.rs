//! Labels that are numbers.

use avibench_python::decimal_digit;

/// The value of a text that is a number, in plain decimal digits without needless zeros: digits,
/// maybe with a fraction.
pub(crate) fn label_value(label: &str) -> Option<String> {
    let label = label.trim();
    let is_digits = |part: &str| !part.is_empty() && part.chars().all(is_digit);
    let (whole, fraction) = label.split_once('.').unwrap_or((label, "0"));
    (is_digits(whole) && is_digits(fraction)).then(|| value(&digits(whole), &digits(fraction)))
}

fn is_digit(c: char) -> bool {
    decimal_digit(c).is_some()
}

fn digits(text: &str) -> String {
    text.chars().filter_map(decimal_digit).map(|digit| char::from(b'0' + digit)).collect()
}

/// One spelling for equal numbers.
fn value(whole: &str, fraction: &str) -> String {
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{whole}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_plain_numbers() {
        assert_eq!(label_value(" 04 ").as_deref(), Some("4"));
        assert_eq!(label_value("2.50").as_deref(), Some("2.5"));
        assert_eq!(label_value("٣").as_deref(), Some("3"));
        assert_eq!(label_value("00").as_deref(), Some("0"));
        for label in ["", ".", "4 cubes", "four", "-4", "1.", ".5", "²", "1.2.3"] {
            assert_eq!(label_value(label), None, "{label}");
        }
    }
}
