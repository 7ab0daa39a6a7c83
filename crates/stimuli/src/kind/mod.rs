//! Kinds of questions: what each asks, which answers it has, and how a stimulus for one of them
//! is made.

mod asqa;
mod avsqa;
mod clear;
mod colour;
mod lines;
mod made;
mod moving;
mod place;
mod solids;
mod subtask;
mod surface;

pub(crate) use made::{Made, Medium};
pub(crate) use subtask::{Check, Subtask, sets, subtasks};
