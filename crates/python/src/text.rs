//! How Python writes values: `str` and `repr`.

use std::fmt::Write as _;

use crate::characters::is_printable;
use crate::float::repr_float;
use crate::{Dict, Value};

/// `str(value)`: the bare text of a string, else [`repr`].
#[must_use]
pub fn to_str(value: &Value) -> String {
    value.as_str().map_or_else(|| repr(value), str::to_owned)
}

/// `repr(value)`. A set prints its elements in the order in which they were first named.
#[must_use]
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

/// `repr(text)`: single quotes unless the text holds one and no double quote; control and
/// unprintable characters are escaped.
#[must_use]
pub fn repr_str(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_text(&mut out, text);
    out
}

/// `str([...])` of a list of strings, as prompts print option lists: `['yes', 'no']`.
#[must_use]
pub fn repr_list<S: AsRef<str>>(items: &[S]) -> String {
    let inner: Vec<String> = items.iter().map(|item| repr_str(item.as_ref())).collect();
    format!("[{}]", inner.join(", "))
}

// Writing to a String cannot fail, so the results of `write!` are dropped throughout.

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::None => out.push_str("None"),
        Value::Ellipsis => out.push_str("Ellipsis"),
        Value::Bool(bit) => out.push_str(if *bit { "True" } else { "False" }),
        Value::Int(number) => _ = write!(out, "{number}"),
        Value::Float(number) => out.push_str(&repr_float(*number)),
        Value::Complex(real, imaginary) => out.push_str(&repr_complex(*real, *imaginary)),
        Value::Str(text) => write_text(out, text),
        Value::Bytes(bytes) => write_bytes(out, bytes),
        Value::List(items) => write_items(out, '[', items, "]"),
        Value::Tuple(items) => {
            write_items(out, '(', items, if items.len() == 1 { ",)" } else { ")" });
        }
        Value::Set(items) if items.is_empty() => out.push_str("set()"),
        Value::Set(items) => write_items(out, '{', items, "}"),
        Value::Dict(dict) => write_dict(out, dict),
    }
}

fn write_items(out: &mut String, open: char, items: &[Value], close: &str) {
    out.push(open);
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write_value(out, item);
    }
    out.push_str(close);
}

fn write_dict(out: &mut String, dict: &Dict) {
    out.push('{');
    for (i, (key, value)) in dict.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write_value(out, key);
        out.push_str(": ");
        write_value(out, value);
    }
    out.push('}');
}

fn write_text(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if is_printable(c) => out.push(c),
            c => {
                let code = u32::from(c);
                _ = match code {
                    0..0x100 => write!(out, "\\x{code:02x}"),
                    0x100..0x1_0000 => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push(quote);
}

fn write_bytes(out: &mut String, bytes: &[u8]) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    out.push('b');
    out.push(char::from(quote));
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            byte if byte == quote => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b' '..=b'~' => out.push(char::from(byte)),
            byte => _ = write!(out, "\\x{byte:02x}"),
        }
    }
    out.push(char::from(quote));
}

/// Parts print like floats, but whole numbers without `.0`; a real part of zero is left out.
fn repr_complex(real: f64, imaginary: f64) -> String {
    let part = |number: f64| {
        let text = repr_float(number);
        text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
    };
    if real == 0.0 && real.is_sign_positive() {
        return format!("{}j", part(imaginary));
    }
    let sign = if imaginary.is_sign_negative() && !imaginary.is_nan() { "" } else { "+" };
    format!("({}{sign}{}j)", part(real), part(imaginary))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::literal_eval;

    #[test]
    fn quotes_follow_python() {
        assert_eq!(repr_str("yes"), "'yes'");
        assert_eq!(repr_str("it's"), "\"it's\"");
        assert_eq!(repr_str("it's \"so\""), "'it\\'s \"so\"'");
        assert_eq!(repr_list(&["yes", "no", "not sure"]), "['yes', 'no', 'not sure']");
    }

    #[test]
    fn unprintable_characters_are_escaped() {
        assert_eq!(
            repr_str("a\0\x7f\u{ad}\u{200b}\u{feff}\u{e000}\u{10ffff}é\u{301}🎺"),
            r"'a\x00\x7f\xad\u200b\ufeff\ue000\U0010ffffé◌́🎺'".replace('◌', "")
        );
    }

    #[test]
    fn values_print_as_python_prints_them() {
        for text in [
            "{'a': [1, 2.0, None], 'b': (True, (1,), ()), 1: {}}",
            "[1e+16, 1e-05, -0.0, 123456789012345678901234567890]",
            "{1, 'x'}",
            "set()",
            "[Ellipsis]",
            r#"b'a\x00\xff"\\\n'"#,
            r#"b"it's""#,
            "[2j, (1+2j), (1e+16+0j)]",
        ] {
            let value = literal_eval(&text.replace("Ellipsis", "...")).unwrap();
            assert_eq!(to_str(&value), text);
        }
        assert_eq!(to_str(&Value::from("it's")), "it's");
    }
}
