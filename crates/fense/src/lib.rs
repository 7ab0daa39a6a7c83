//! FENSE caption similarity on a pure-Rust stack: BERT encoders, their published file formats,
//! and where the files are; and a stand-in by rules for machines without the models.

mod batch;
mod cache;
mod contain;
mod detector;
mod encoder;
mod error;
mod json;
mod models;
mod pooling;
mod score;
mod sentence;
mod stand_in;
mod tokenizer;
mod weights;
mod word_piece;

pub use batch::BatchOptions;
pub use detector::{FluencyDetector, FluencyError};
pub use error::FenseError;
pub use models::{
    Finding, Located, Looked, ModelFiles, PUBLISHED_CHECKPOINT, Part, Places, SENTENCE_MODEL,
    file_sha256, identify_checkpoint, locate,
};
pub use score::{
    Caption, CorpusScore, ERROR_PENALTY, ERROR_THRESHOLD, Fense, FenseOptions, FenseReport,
    FenseScore, ScoreProgress, ScoreStage,
};
pub use sentence::SentenceModel;
pub use stand_in::{STAND_IN_VERSION, StandInFault, StandInScore};
