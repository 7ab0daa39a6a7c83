//! Texts that many samples share, each kept once.

use indexmap::IndexSet;
use serde::{Serialize, Serializer};

/// Texts by number, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Strings(IndexSet<Box<str>>);

/// Lists of texts by number, such as the options of a question.
#[derive(Debug, Default)]
pub(crate) struct Lists(IndexSet<Box<[u32]>>);

impl Strings {
    /// The number of a text.
    pub(crate) fn number(&mut self, text: &str) -> u32 {
        let known = self.0.get_index_of(text);
        known.unwrap_or_else(|| self.0.insert_full(text.into()).0) as u32
    }
}

impl Lists {
    /// The number of a list.
    pub(crate) fn number(&mut self, list: &[u32]) -> u32 {
        let known = self.0.get_index_of(list);
        known.unwrap_or_else(|| self.0.insert_full(list.into()).0) as u32
    }
}

impl Serialize for Strings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

impl Serialize for Lists {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once() {
        let mut strings = Strings::default();
        assert_eq!(["yes", "no", "yes", ""].map(|text| strings.number(text)), [0, 1, 0, 2]);
        assert_eq!(serde_json::to_string(&strings).unwrap(), r#"["yes","no",""]"#);
        let mut lists = Lists::default();
        assert_eq!([&[0, 1][..], &[1], &[0, 1]].map(|list| lists.number(list)), [0, 1, 0]);
    }
}
