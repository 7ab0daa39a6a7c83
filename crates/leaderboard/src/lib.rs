//! The document of the public leaderboard (schema version 2): whether it is valid, what it means, how an
//! entry gets in and out, and an entry of a scored run.
//!
//! The public validator is a Python program, so that documents are read as Python reads them; verdicts are
//! its verdicts, crashes included, for a crash refuses a document as well.

mod board;
mod bracketed_host;
mod check;
mod coverage_rules;
mod entry_rules;
mod fields;
mod finding;
mod name_warnings;
mod pointer;
mod python_url;
mod run_coverage;
mod score_rules;
mod scored_entry;
mod splice;
mod style;
mod text_rules;

pub use board::{Board, BoardCoverage, BoardEntry, BoardScore, BoardScores};
pub use check::{DocumentReport, LEADERBOARD_LIMIT, check, check_entry};
pub use finding::{DocumentFinding, Severity};
pub use run_coverage::RunCoverage;
pub use scored_entry::{EntryMetadata, LeaderboardEntry, RunFacts, ScoredEntryError};
pub use splice::{Removal, SpliceError, add, remove};

/// The version of the document that the public leaderboard takes.
pub const LEADERBOARD_SCHEMA: u32 = 2;
/// Tasks that the benchmark reports.
pub const TASKS: usize = avibench_protocol::Task::ALL.len();
/// Names of stages in the document, in table order. The second differs from the stage's name on disk.
pub const STAGE_NAMES: [&str; 4] = ["perception", "understanding", "reasoning", "sensation"];
/// Names of levels in the document, from L1 to L4.
pub const LEVEL_NAMES: [&str; 4] = ["l1_task", "l2_modality", "l3_stage", "l4_domain"];
