//! PriSe stimuli from a seed, and the observer that solves them.
//!
//! Ground truth is known by construction; the observer answers from decoded media alone and
//! proves that the stimuli are solvable and labelled right.

mod chance;
mod check;
mod error;
mod kind;
mod noisy;
mod observer;
mod paint;
mod random;
mod scene;
mod set;
mod sheet;
mod sound;

pub use chance::Chance;
pub use check::{CheckReport, Floor, Leak, Mistake, SubtaskReport, check};
pub use error::StimuliError;
pub use noisy::Noisy;
pub use observer::{Impaired, Impairments, Signal};
pub use set::{Difficulty, Progress, SetKind, SetOptions, SetSummary, generate, holds};
pub use sheet::contact_sheets;
