//! What a person sees: messages, tables, progress.

mod comparison_tables;
mod message;
mod progress;
mod score_tables;

pub(crate) use comparison_tables::{comparison_tables, diff_tables};
pub(crate) use message::{error, hint, note, printable, warning};
pub(crate) use progress::{Progress, duration, plan_table, run_table};
pub(crate) use score_tables::{ScoreTables, Scored, align, new_table};
