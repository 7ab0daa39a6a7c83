//! Text from outside as a terminal may show it.

use std::fmt::Write as _;
use std::io::{self, Write};

/// Text from files, servers and models is untrusted: whatever could move the cursor, recolour the
/// terminal, turn the direction of writing round, or hide between visible characters, becomes
/// visible as an escape.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || !is_hidden(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_default());
        }
    }
    shown
}

/// The same on one line: a name or an answer must not begin a line that looks like the program's own.
pub(crate) fn on_one_line(text: &str) -> String {
    printable(text).replace('\n', "\\n")
}

/// JSON with all such characters as its own escapes, so that it says the same. They can only stand in
/// strings.
pub(crate) fn printable_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || !is_hidden(c) {
            shown.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string never fails.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        }
    }
    shown
}

/// Whether a character shows nothing by itself, and changes how others look.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Soft hyphen, grapheme joiner, marks of direction.
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}'
            // Fillers of Hangul and Khmer, and the blank of Braille.
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
            // Zero-width blanks and joiners, marks, embeddings and overrides of direction.
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            // Selectors of variants, byte order mark, annotations, shorthand and musical formats, tags.
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A writer that shows what is written through it as [`printable`] does, and swallows failures: for the
/// traces of the libraries, which hold text from outside and must not end a run.
pub(crate) struct Shown<W>(pub(crate) W);

impl<W: Write> Write for Shown<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.write_all(printable(&String::from_utf8_lossy(bytes)).as_bytes());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_moves_becomes_visible() {
        assert_eq!(printable("a\u{1b}[31mb\tc\nd"), "a\\u{1b}[31mb\\tc\nd");
        assert_eq!(printable("a\u{202e}b\u{200b}c\u{2066}"), "a\\u{202e}b\\u{200b}c\\u{2066}");
        assert_eq!(printable("\u{feff}x\u{e0041}\u{9b}"), "\\u{feff}x\\u{e0041}\\u{9b}");
        let plain = "Größe 大小 حجم 🐈 न्यूज़ — “x” –";
        assert_eq!(printable(plain), plain);
        assert_eq!(on_one_line("a\nwarning: b"), "a\\nwarning: b");
    }

    #[test]
    fn json_says_the_same_with_escapes_of_its_own() {
        let text = "a\u{202e}b\u{e0041}\u{200b}大";
        let json = serde_json::to_string(&[text]).unwrap();
        let shown = printable_json(&json);
        assert_eq!(shown, "[\"a\\u202eb\\udb40\\udc41\\u200b大\"]");
        assert_eq!(serde_json::from_str::<[String; 1]>(&shown).unwrap(), [text]);
    }
}
