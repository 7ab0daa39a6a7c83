//! What every family shares: which part of an answer is answer, and how its text is put together.

pub(crate) mod lexicon;
pub(crate) mod negation;
pub(crate) mod numbers;
pub(crate) mod places;
pub(crate) mod refusal;
pub(crate) mod sentences;
mod unwrapped;
mod visible;
pub(crate) mod words;

pub(crate) use unwrapped::unwrapped;
pub(crate) use visible::visible;
