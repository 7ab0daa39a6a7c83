//! What a person sees: messages, tables, progress.

mod ablation_tables;
mod comparison_tables;
mod coverage_table;
mod divergence_table;
mod doctor_tables;
mod dry_run_table;
mod formatting_table;
mod grid;
mod mean_tables;
mod measuring;
mod message;
mod outcome_table;
mod output;
mod printable;
mod probe_table;
mod progress;
mod psychometric_table;
mod repeat_table;
mod score_tables;
mod task_table;

pub(crate) use ablation_tables::ablation_tables;
pub(crate) use comparison_tables::{comparison_tables, diff_tables};
pub(crate) use coverage_table::{asked_line, coverage_table};
pub(crate) use doctor_tables::doctor_tables;
pub(crate) use dry_run_table::{dry_run_table, note_dry_run};
pub(crate) use formatting_table::FormattingTable;
pub(crate) use grid::{Grid, counted, folded, wrapped};
pub(crate) use measuring::Measuring;
pub(crate) use message::{error, hint, note, question, usage_error, warning};
pub(crate) use outcome_table::{OUTCOME_NAME, outcome_table};
pub(crate) use output::{print_json, raw_stdout, reader_left, stdout};
pub(crate) use printable::{Shown, printable};
pub(crate) use probe_table::{probe_line, probe_table};
pub(crate) use progress::{Progress, duration, run_table};
pub(crate) use repeat_table::repeat_table;
pub(crate) use score_tables::{ScoreTables, Scored, label_heading};
