//! Fuzzing of every parser that reads bytes from outside: files, replies and answers.
//!
//! A [`Target`] is a function of bytes that must return, whatever the bytes are. Inputs are
//! mutations of a seed corpus (`corpus/<target>/`), because random bytes alone rarely get past the
//! first magic number. `cargo test -p avibench-fuzz` runs each target briefly;
//! `cargo run --release -p avibench-fuzz -- media --seconds 600` runs one for as long as wanted and
//! writes an input that fails, made as small as possible, to a file.

mod campaign;
mod corpus;
mod mutation;
mod target;
mod targets;

pub use campaign::{Campaign, Crash};
pub use corpus::{CorpusError, seeds};
pub use target::{Target, UnknownTarget};
