//! What was asked of whom, as the run itself recorded it.

use avibench_protocol::{Folder, WordingSource};
use avibench_store::{AblationKind, Subset};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The run behind a report: numbers of runs that asked differently compare only with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asking {
    /// The model's name, as asked for.
    pub model: String,
    /// The backend: `openai`, `exec:...`, `signal`, ...
    pub backend: String,
    /// How media were packed, `name@hash`; null where paths or bytes were handed over.
    pub profile: Option<String>,
    /// Hash of the prompt pack.
    pub prompt_pack: String,
    /// Whose words questions were put in; null if an earlier version asked. Only scores under `benchmark` compare with published ones.
    #[serde(default)]
    pub wording: Option<WordingSource>,
    /// What was withheld from the model or exchanged; absent where it got everything as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ablation: Option<AblationKind>,
    /// The random part of each folder that was asked; absent where it was all or the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subset: Option<Subset>,
    /// Request parameters such as `temperature`.
    pub parameters: Map<String, Value>,
    /// Tokens of all requests, as the server counted them.
    pub tokens_in: u64,
    /// Tokens that the model generated, reasoning included.
    pub tokens_out: u64,
    /// Tokens of reasoning among them, of the folders that were scored; null where no server counted
    /// them.
    #[serde(default)]
    pub tokens_reasoning: Option<u64>,
    /// US dollars by the price table; null where the price of an answer is not known.
    #[serde(default)]
    pub cost: Option<f64>,
    /// How asking ended, by folder.
    pub outcomes: Vec<Outcomes>,
}

/// Samples of a folder, checks included, by how asking ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// The folder.
    pub folder: Folder,
    /// Samples that the run was about.
    pub total: usize,
    /// The model said something.
    pub answered: usize,
    /// The model said nothing.
    pub empty: usize,
    /// The limit of tokens ended the answer before the model did. Reports of earlier versions count
    /// these as answered.
    #[serde(default)]
    pub cut_off: usize,
    /// The model or a filter declined.
    pub refused: usize,
    /// No answer came through.
    pub failed: usize,
    /// The medium could not be sent, or the server did not take the request.
    pub rejected: usize,
    /// The run stopped before.
    pub not_attempted: usize,
}
