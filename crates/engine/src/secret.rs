//! A key that cannot be printed.
//!
//! It has no `Display`, no `Serialize`, and its `Debug` hides it; the one place that reads it
//! builds a header. Whatever a server says goes through [`Secret::redact`] first, because some
//! servers quote the key back in their errors.

use std::fmt;

/// What stands where a key stood.
const HIDDEN: &str = "[key]";

/// An API key.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a key; surrounding white space, as files end with, is not part of it.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(key.trim().to_owned())
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key, for the header.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// `text` without the key. Keys of fewer than 8 characters (`EMPTY`, `none`) guard nothing
    /// and may be ordinary words, so they are left alone.
    #[must_use]
    pub fn redact(&self, text: String) -> String {
        if self.0.len() >= 8 && text.contains(&self.0) {
            text.replace(&self.0, HIDDEN)
        } else {
            text
        }
    }
}

/// All that a connection must not tell. Cleaning a text of it takes all of it out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets(Vec<Secret>);

impl Secrets {
    /// `text` without any of them, as [`Secret::redact`].
    pub(crate) fn redact(&self, text: String) -> String {
        self.0.iter().fold(text, |text, secret| secret.redact(text))
    }
}

impl Extend<Secret> for Secrets {
    fn extend<I: IntoIterator<Item = Secret>>(&mut self, secrets: I) {
        self.0.extend(secrets);
        // One may be part of another, and would leave the rest of it readable.
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.0.len()));
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown() {
        let key = Secret::new("sk-123456789\n");
        assert_eq!(format!("{key:?} {:#?}", Some(&key)).matches("123").count(), 0);
        assert_eq!(
            key.redact("Incorrect API key provided: sk-123456789.".to_owned()),
            "Incorrect API key provided: [key]."
        );
        assert_eq!(Secret::new("EMPTY").redact("EMPTY answer".to_owned()), "EMPTY answer");
    }
}
