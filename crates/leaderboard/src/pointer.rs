//! Where in a document a value stands, as a JSON pointer (RFC 6901).

use std::fmt;

/// The most characters of a key that a pointer shows.
const KEY: usize = 100;

/// A chain of steps from the root of a document. It is only written out where something is found.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pointer<'p> {
    /// The whole document.
    Root,
    /// The value of a key.
    Key(&'p Pointer<'p>, &'p str),
    /// An item of an array.
    Item(&'p Pointer<'p>, usize),
}

impl<'p> Pointer<'p> {
    pub(crate) fn key(&'p self, key: &'p str) -> Self {
        Self::Key(self, key)
    }

    pub(crate) fn item(&'p self, index: usize) -> Self {
        Self::Item(self, index)
    }
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(parent, key) => {
                let escaped = shortened(key, KEY).replace('~', "~0").replace('/', "~1");
                write!(f, "{parent}/{escaped}")
            }
            Self::Item(parent, index) => write!(f, "{parent}/{index}"),
        }
    }
}

/// A text with at most so many characters, an ellipsis among them where something was left out.
pub(crate) fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some(_) => text.chars().take(characters.saturating_sub(1)).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_follow_the_rfc() {
        let entries = Pointer::Root.key("entries");
        let entry = entries.item(3);
        assert_eq!(entry.key("a/b~c").to_string(), "/entries/3/a~1b~0c");
        assert_eq!(Pointer::Root.to_string(), "");
        assert_eq!(Pointer::Root.key(&"é".repeat(101)).to_string().chars().count(), 101);
        assert_eq!(shortened("abc", 3), "abc");
    }
}
