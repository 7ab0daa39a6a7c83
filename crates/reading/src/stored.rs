//! A reading as it is kept beside the answer that was read.

use serde::{Deserialize, Serialize};

use crate::{Question, RULES_VERSION, Reader, Reading, fingerprint};

/// A reading with the fingerprint of what was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredReading {
    /// [`fingerprint`] of question, options and raw answer.
    pub of: String,
    /// What the answer says.
    #[serde(flatten)]
    pub reading: Reading,
}

impl StoredReading {
    /// A reading of the answer `raw`.
    #[must_use]
    pub fn new(question: &Question<'_>, raw: &str, reading: Reading) -> Self {
        Self { of: fingerprint(question, raw), reading }
    }

    /// Whether the reading still holds for what has this fingerprint: it was made of the same, and
    /// by a model or by the rules of this program.
    #[must_use]
    pub fn holds_for(&self, fingerprint: &str) -> bool {
        let is_current = match self.reading.evidence.reader {
            Reader::Rules { version, .. } => version == RULES_VERSION,
            Reader::Model { .. } => true,
        };
        is_current && self.of == fingerprint
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;
    use avibench_protocol::Folder;

    #[test]
    fn a_reading_holds_for_what_was_read_by_the_same_rules() {
        let options = ["yes".to_owned(), "no".to_owned()];
        let question = Question { folder: Folder::Avm, text: "Is it?", options: &options };
        let stored = StoredReading::new(&question, "yes", read(&question, "yes"));
        let json = serde_json::to_string(&stored).unwrap();
        assert!(json.starts_with("{\"of\":\""), "{json}");
        let mut again: StoredReading = serde_json::from_str(&json).unwrap();
        assert_eq!(again, stored);
        let same = fingerprint(&question, "yes");
        assert!(again.holds_for(&same));
        assert!(!again.holds_for(&fingerprint(&question, "no")));
        let asked = Question { text: "Was it?", ..question };
        assert!(!again.holds_for(&fingerprint(&asked, "yes")));
        let Reader::Rules { version, .. } = &mut again.reading.evidence.reader else {
            panic!("read by rules")
        };
        *version += 1;
        assert!(!again.holds_for(&same));
        again.reading.evidence.reader = Reader::Model { model: "m".to_owned(), version: 0 };
        assert!(again.holds_for(&same));
    }
}
