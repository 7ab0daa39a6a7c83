//! What a person sees: messages, tables, progress.

mod comparison_tables;
mod coverage_table;
mod divergence_table;
mod dry_run_table;
mod formatting_table;
mod grid;
mod mean_tables;
mod measuring;
mod message;
mod output;
mod progress;
mod psychometric_table;
mod repeat_table;
mod score_tables;
mod task_table;

pub(crate) use comparison_tables::{comparison_tables, diff_tables};
pub(crate) use coverage_table::{asked_line, coverage_table};
pub(crate) use dry_run_table::{dry_run_table, note_dry_run};
pub(crate) use formatting_table::FormattingTable;
pub(crate) use grid::{Grid, counted, folded, wrapped};
pub(crate) use measuring::Measuring;
pub(crate) use message::{error, hint, note, printable, warning};
pub(crate) use output::{raw_stdout, reader_left, stdout};
pub(crate) use progress::{Progress, duration, run_table};
pub(crate) use repeat_table::repeat_table;
pub(crate) use score_tables::{ScoreTables, Scored};
