//! What every family shares: which part of an answer is answer, and how its text is put together.

mod visible;

pub(crate) use visible::visible;
