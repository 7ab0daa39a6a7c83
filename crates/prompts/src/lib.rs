//! Prompt packs: how each task is put to a model, and to the model that formats answers.

mod definitions;
mod error;
mod exact;
mod export;
mod hash;
mod not_read;
mod pack;
mod python_expression;
mod python_file;
mod python_format;
mod python_names;
mod read;
mod section;
mod text;

#[cfg(test)]
mod tests;

pub use error::PromptPackError;
pub use pack::{NotAsked, Prompt, PromptPack, PromptWarning};
