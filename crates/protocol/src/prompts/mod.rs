//! Prompt packs: how each task is put to a model, and to the model that formats answers.

mod error;
mod export;
mod hash;
mod pack;
mod read;
mod section;
mod text;

#[cfg(test)]
mod tests;

pub use error::PromptPackError;
pub use pack::{Prompt, PromptPack, PromptWarning};
