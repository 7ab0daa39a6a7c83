//! A key that cannot be printed.
//!
//! It has no `Display`, no `Serialize`, and its `Debug` hides it; the one place that reads it
//! builds a header. Whatever a server or a worker says goes through [`Secrets::redact`] first, because
//! some quote the key back in their errors.

use std::fmt;

use crate::redaction::{Needle, needles, redact};

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
}

/// All that a connection must not tell. Cleaning a text of it takes all of it out.
#[derive(Clone, Default)]
pub struct Secrets(Vec<Needle>);

impl Secrets {
    /// `text` without any of them, in whatever writing. Secrets of fewer than 8 characters (`EMPTY`,
    /// `none`) guard nothing and may be ordinary words, so they are left alone.
    #[must_use]
    pub fn redact(&self, text: String) -> String {
        redact(text, &self.0)
    }
}

impl Extend<Secret> for Secrets {
    fn extend<I: IntoIterator<Item = Secret>>(&mut self, secrets: I) {
        self.0.extend(secrets.into_iter().flat_map(|secret| needles(&secret.0)));
        // One may be part of another, and would leave the rest of it readable.
        self.0.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
    }
}

impl FromIterator<Secret> for Secrets {
    fn from_iter<I: IntoIterator<Item = Secret>>(secrets: I) -> Self {
        let mut all = Self::default();
        all.extend(secrets);
        all
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
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
        let mut secrets = Secrets::from_iter([key]);
        assert_eq!(format!("{secrets:?}").matches("123").count(), 0);
        assert_eq!(
            secrets.redact("Incorrect API key provided: sk-123456789.".to_owned()),
            "Incorrect API key provided: [key]."
        );
        secrets.extend([Secret::new("EMPTY"), Secret::new("Bearer sk-123456789")]);
        assert_eq!(secrets.redact("EMPTY, Bearer sk-123456789".to_owned()), "EMPTY, [key]");
    }
}
