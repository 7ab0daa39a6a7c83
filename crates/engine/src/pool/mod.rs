//! The pool that all requests of a run share: how many at a time, how fast, to whom, how often.

mod budget;
mod driver;
mod entry;
mod flight;
mod limit;
mod refusals;
mod replicas;
mod retry;
mod window;

pub(crate) use budget::Budget;
pub(crate) use driver::{Crew, Driver, Ended, Rules};
pub(crate) use flight::Slot;
pub(crate) use limit::Limit;
pub use retry::RetryPolicy;
pub(crate) use retry::Tries;
pub(crate) use window::Window;
