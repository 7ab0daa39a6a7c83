//! Text of entries, in which nothing may hide.

use std::fmt::Write as _;

/// The text with characters that show nothing, or change how others look, written as `⟨U+202E⟩`.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' | '\r' => shown.push(' '),
            // Writing to a string never fails.
            c if is_hidden(c) => _ = write!(shown, "⟨U+{:04X}⟩", u32::from(c)),
            c => shown.push(c),
        }
    }
    shown
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The address for a link: what the validator passes over before and within an https address, some of
/// which would make it another address in HTML, is left out.
pub(crate) fn link(url: &str) -> String {
    let url = url.trim_start_matches(|c| matches!(c, '\0'..=' '));
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    format!("https://{}", rest.chars().filter(|c| !c.is_control()).collect::<String>())
}

/// The host of an https address, as a short name of where it leads.
pub(crate) fn host(url: &str) -> String {
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // What stands before `@` is no host, however much it looks like one.
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    visible(&host.chars().take(40).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_seen() {
        assert_eq!(visible("a\u{202e}b\u{0}c\n"), "a⟨U+202E⟩b⟨U+0000⟩c ");
        assert_eq!(host("https://www.example.org/a?b"), "example.org");
        assert_eq!(link("\0ht\ttps://x\0/\ny//z"), "https://x/y//z");
        assert_eq!(host("HTTPS://arxiv.org@evil.example"), "evil.example");
    }
}
