//! Checking a set: is it what the manifest says, can it be solved, does anything give answers
//! away?

mod ablation;
mod asked;
mod floor;
mod leak;
mod report;
mod run;

pub use floor::Floor;
pub use report::{CheckReport, Leak, Mistake, SubtaskReport};
pub use run::check;
