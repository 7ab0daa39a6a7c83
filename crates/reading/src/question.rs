//! What a reading may know besides the answer.

use avibench_protocol::Folder;
use sha2::{Digest as _, Sha256};

/// What was asked. The ground truth is not among it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// The folder, which decides the family of the answer.
    pub folder: Folder,
    /// The question's own text, without prompt and options; empty if it is not known.
    pub text: &'a str,
    /// The options as ground truths spell them; empty if the question is open.
    pub options: &'a [String],
}

/// Names an answer to a question by its content: 16 hex digits of a SHA-256. A stored reading holds
/// for an answer only while its fingerprint is the same.
#[must_use]
pub fn fingerprint(question: &Question<'_>, raw: &str) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    add(question.folder.name());
    add(question.text);
    for option in question.options {
        add(option);
    }
    add(raw);
    hex::encode(&hash.finalize()[..8])
}
