//! Free-form answers brought into the format that scoring reads: by rules where they leave no
//! doubt, by a language model elsewhere.
//!
//! A [`Formatter`] plans a label's answers and opens the engine's run over them; whoever calls
//! executes the run, because only the caller knows how it is to be shown and stopped. Nothing is
//! printed: what a person should know comes back as [`RefineNote`]s.

mod agreement;
mod answers;
mod effort;
mod error;
mod formatter;
mod mode;
mod note;
mod plan;
mod readings;
mod refiner;
mod repeat;
mod replacement;
mod replies;
mod settings;

pub use agreement::{Agreement, ScoreRange};
pub use effort::Effort;
pub use error::RefineError;
pub use formatter::{Execution, Formatter, LabelPlan};
pub use mode::RefineMode;
pub use note::RefineNote;
pub use readings::{LabelReadings, ReadingCounts};
pub use refiner::{DEFAULT_REFINER, Refiner};
pub use repeat::{RepeatSettings, Repeated};
pub use settings::RefineSettings;
