//! Faults on purpose: what may go wrong between a client and a model, planned and reproducible.

mod apply;
mod condition;
mod draw;
mod error;
mod fault;
mod gate;
mod plan;
mod retry_after;
mod schedule;

pub(crate) use apply::{alter, apply, replacement};
pub use error::{FaultPlanError, FaultProblem};
pub(crate) use gate::{Gate, Pass};
pub use plan::FaultPlan;
pub(crate) use schedule::{Hits, Question, Schedule};
