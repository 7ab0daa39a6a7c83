//! Marks of layout in HTML.

use std::sync::LazyLock;

use super::{Pattern, pattern};

/// Tags of layout.
static TAGS: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)</?(?P<name>b|i|u|strong|em|mark|code|pre|span|font|small|center|sub|sup|p|div|br|hr|li|ul|ol|h[1-6]|table|thead|tbody|tr|td|th|body|html|head|section|article|blockquote)(?:\s[^<>]{0,200})?\s*/?>",
    )
});

/// Tags within a line.
const INLINE: [&str; 14] = [
    "b", "i", "u", "strong", "em", "mark", "code", "span", "font", "small", "sub", "sup", "td",
    "th",
];

/// `text` with blanks in the place of tags of layout; those that end a line become one: `<b>No</b>`
/// is `   No    `, and `<p>` begins with a line break.
pub(super) fn without_html(text: String) -> String {
    let tags: Vec<_> = TAGS
        .captures_iter(&text)
        .filter_map(|tag| {
            let name = tag["name"].to_lowercase();
            Some((tag.get(0)?.range(), INLINE.contains(&name.as_str())))
        })
        .collect();
    let mut bytes = text.into_bytes();
    for (range, is_inline) in tags {
        let start = range.start;
        bytes[range].fill(b' ');
        if !is_inline {
            bytes[start] = b'\n';
        }
    }
    // Whole tags were blanked, so that no character was cut in half.
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_blanks_and_line_breaks_of_the_same_length() {
        for (text, wanted) in [
            ("<b>No</b>", "   No    "),
            ("<p>No</p>", "\n  No\n   "),
            ("a<br/>b", "a\n    b"),
            ("<answer>no</answer>", "<answer>no</answer>"),
            ("1 < 2", "1 < 2"),
        ] {
            assert_eq!(without_html(text.to_owned()), wanted);
        }
    }
}
