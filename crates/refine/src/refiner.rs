//! The language model that formats what rules cannot read.

use std::sync::Arc;

use avibench_answers::{Provenance, clean_refined};
use avibench_engine::{Finish, Given, Job};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// What decides the language model's replies besides the text it is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Refiner {
    /// The model's name.
    pub model: String,
    /// Request parameters.
    pub parameters: Map<String, Value>,
}

/// The language model that formats unless another is named: the original's.
pub const DEFAULT_REFINER: &str = "gemini-2.5-flash";

impl Default for Refiner {
    fn default() -> Self {
        Self { model: DEFAULT_REFINER.to_owned(), parameters: Map::new() }
    }
}

impl Refiner {
    /// Names the reply to `text` by its content: a reply with the same source is the same reply.
    pub(crate) fn source(&self, text: &str) -> String {
        source(&json!([self.model, self.parameters, text]))
    }

    /// What is made of a reply.
    pub(crate) fn finish(&self) -> Finish {
        let note = Provenance::llm(&self.model).note();
        Arc::new(move |job: &Job, reply: &str| Given {
            answer: clean_refined(job.folder, reply),
            reply: None,
            note: note.clone(),
        })
    }
}

/// Lower-case hex sha256 of what decides an answer.
pub(crate) fn source(of: &Value) -> String {
    hex::encode(Sha256::digest(of.to_string()))
}
