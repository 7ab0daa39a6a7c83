//! Documents as YAML: lists and objects by indentation, texts as JSON writes them.

use std::fmt::Write as _;
use std::io;

use serde::Serialize;
use serde_json::Value;

/// Columns of comments.
const WIDTH: usize = 100;

/// Writes a list of objects as YAML. Every JSON text between quotes is one of YAML with the same value, so that no text
/// needs rules of its own; what YAML readers take for the end of a line, or refuse, is written as an escape.
pub(super) fn write_yaml(entries: &[impl Serialize], out: &mut dyn io::Write) -> io::Result<()> {
    if entries.is_empty() {
        return out.write_all(b"[]\n");
    }
    for entry in entries {
        let value = serde_json::to_value(entry)?;
        let mut text = String::new();
        object(&value, 1, &mut text);
        // The mark of an item stands in the place of its first indentation.
        text.replace_range(..2, "- ");
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

fn object(value: &Value, depth: usize, text: &mut String) {
    for (name, value) in value.as_object().into_iter().flatten() {
        text.push_str(&"  ".repeat(depth));
        text.push_str(name);
        text.push(':');
        if value.is_object() {
            text.push('\n');
            object(value, depth + 1, text);
        } else {
            text.push(' ');
            text.push_str(&escaped(&value.to_string()));
            text.push('\n');
        }
    }
}

/// JSON with escapes for all characters that are not plainly printable.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        let is_plain = matches!(c, ' '..='~' | '\u{a1}'..='\u{2007}' | '\u{2010}'..='\u{2027}')
            || matches!(c, '\u{3000}'..='\u{d7ff}' | '\u{f900}'..='\u{fdff}');
        if is_plain && !c.is_control() && c != '\u{ad}' {
            text.push(c);
        } else {
            let number = u32::from(c);
            // Writing to a string cannot fail.
            let _ = match number {
                ..0x1_0000 => write!(text, "\\u{number:04x}"),
                _ => write!(text, "\\U{number:08x}"),
            };
        }
    }
    text
}

/// A sentence as lines of comment, at most [`WIDTH`] columns each unless a word is longer.
pub(super) fn comment(text: &str) -> Vec<String> {
    let mut lines = vec!["#".to_owned()];
    for word in text.split_whitespace() {
        let word: String = word.chars().filter(|c| !c.is_control()).collect();
        let last = lines.last().map_or(0, |line| line.chars().count());
        if last > 1 && last + 1 + word.chars().count() > WIDTH {
            lines.push("#".to_owned());
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(&escaped(&word));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_between_quotes_with_escapes() {
        let entries = [serde_json::json!({"dataset": {"id": "a/b"}, "value": 20.5,
            "notes": "\"x\": # \\ \u{85}\u{2028}\u{feff}\u{1b}\u{7f}§ ä 日\u{1f600}"})];
        let mut out = Vec::new();
        write_yaml(&entries, &mut out).unwrap();
        let expected = "- dataset:\n    id: \"a/b\"\n  value: 20.5\n  notes: \
            \"\\\"x\\\": # \\\\ \\u0085\\u2028\\ufeff\\u001b\\u007f§ ä 日\\U0001f600\"\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let mut out = Vec::new();
        write_yaml(&[] as &[Value], &mut out).unwrap();
        assert_eq!(out, b"[]\n");
    }

    #[test]
    fn comments_stay_comments() {
        let lines = comment(&format!("one\ntwo\r\u{2028}three {}", "word ".repeat(40)));
        assert!(lines.len() > 1 && lines.iter().all(|line| line.starts_with("# ")), "{lines:?}");
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:?}");
    }
}
