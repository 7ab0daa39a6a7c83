//! Where the two models are on this machine, and how they get there.

mod download;
mod fetch;
mod locate;
mod places;
#[cfg(test)]
mod tests;

pub use fetch::{FetchProgress, ensure, fetch};
pub use locate::{Finding, Located, Looked, ModelFiles, Part, identify_checkpoint, locate};
pub use places::Places;

/// The sentence encoder's repository on the Hugging Face hub.
pub const SENTENCE_MODEL: &str = "sentence-transformers/paraphrase-TinyBERT-L6-v2";
/// The detector's encoder, whose tokenizer and sizes it borrows.
const BASE_MODEL: &str = "bert-base-uncased";
/// The detector's published file.
const CHECKPOINT_FILE: &str = "echecker_clotho_audiocaps_base.ckpt";
/// Published detectors by the sha256 of their files.
const CHECKPOINTS: [(&str, &str); 2] = [
    (
        "echecker_clotho_audiocaps_base",
        "1a719f090af70614bbdb9f9437530b7e133c48cfa4a58d964de0d47fc974a2fa",
    ),
    (
        "echecker_clotho_audiocaps_tiny",
        "90ed0ac5033ec497ec66d4f68588053813e085671136dae312097c96c504f673",
    ),
];

/// Names of the three parts in a folder of models.
const SENTENCE_FOLDER: &str = "sbert";
const CHECKPOINT_NAME: &str = "echecker.ckpt";
const BASE_FOLDER: &str = "echecker_base";
