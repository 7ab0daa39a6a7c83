//! The language model that formats what rules cannot read.

use std::collections::HashMap;
use std::sync::Arc;

use avibench_answers::{Provenance, clean_refined};
use avibench_engine::{Finish, Finished, Job};
use avibench_protocol::{Folder, Position, Sample};
use avibench_reading::MODEL_VERSION;
use avibench_store::Precomputed;
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

    /// The same of a reply that says how an answer reads.
    pub(crate) fn reading_source(&self, text: &str) -> String {
        source(&json!([self.model, self.parameters, "reading", MODEL_VERSION, text]))
    }

    /// What a reply to the text named `source` makes of a sample's answer.
    pub(crate) fn reuse(&self, sample: &Sample, source: String, reply: &str) -> Precomputed {
        Precomputed {
            position: sample.position,
            answer: clean_refined(sample.folder, reply),
            reply: Some(reply.to_owned()),
            source: Some(source),
            note: Provenance::llm(&self.model).note(),
            reading: None,
        }
    }

    /// What is made of a reply; `readings` say what the raw answers say, as far as that is known.
    pub(crate) fn finish(&self, readings: HashMap<(Folder, Position), Value>) -> Finish {
        let note = Provenance::llm(&self.model).note();
        Arc::new(move |job: &Job, reply: &str| Finished {
            answer: clean_refined(job.folder, reply),
            note: note.clone(),
            reading: readings.get(&(job.folder, job.position)).cloned(),
        })
    }
}

/// Lower-case hex sha256 of what decides an answer.
pub(crate) fn source(of: &Value) -> String {
    hex::encode(Sha256::digest(of.to_string()))
}
