//! Where the two models are on this machine.

mod locate;
mod places;
#[cfg(test)]
mod tests;

pub use locate::{
    Finding, Located, Looked, ModelFiles, Part, file_sha256, identify_checkpoint, locate,
};
pub use places::Places;

/// The sentence encoder's repository on the Hugging Face hub.
pub const SENTENCE_MODEL: &str = "sentence-transformers/paraphrase-TinyBERT-L6-v2";
/// The detector's encoder, whose tokenizer and sizes it borrows.
const BASE_MODEL: &str = "bert-base-uncased";
/// File name of the published detector, and the sha256 of its content.
pub const PUBLISHED_CHECKPOINT: (&str, &str) = (
    "echecker_clotho_audiocaps_base.ckpt",
    "1a719f090af70614bbdb9f9437530b7e133c48cfa4a58d964de0d47fc974a2fa",
);
/// Published detectors by the sha256 of their files.
const CHECKPOINTS: [(&str, &str); 2] = [
    ("echecker_clotho_audiocaps_base", PUBLISHED_CHECKPOINT.1),
    (
        "echecker_clotho_audiocaps_tiny",
        "90ed0ac5033ec497ec66d4f68588053813e085671136dae312097c96c504f673",
    ),
];

/// Names of the three parts in a folder of models.
const SENTENCE_FOLDER: &str = "sbert";
const CHECKPOINT_NAME: &str = "echecker.ckpt";
const BASE_FOLDER: &str = "echecker_base";
