//! What a scored run leaves on disk: a report, one row a sample and mode as JSON Lines and Parquet,
//! and a picture of the psychometric curves; and what changed between two of them.

mod asking;
mod caption_rater;
mod changes;
mod columns;
mod diff;
mod error;
mod formatting;
mod json_lines;
mod judged_row;
mod number_row;
mod number_title;
mod origin_report;
mod parquet_file;
mod psychometric_chart;
mod public_order;
mod public_report;
mod public_text;
mod reading_report;
mod relabel;
mod repeat_report;
mod report;
mod row;
mod run_file;
mod sample_counts;
mod sequence_report;
mod store;
mod stored_parts;
mod stored_verdicts;
mod svg_text;

pub use asking::{Asking, Outcomes};
pub use caption_rater::{CaptionRaterReport, STAND_IN_CAUTION, STAND_IN_MARK};
pub use changes::Change;
pub use diff::{ComparedVerdict, Diff, HeadlineMove, Move, MoveKind, diff};
pub use error::ResultsError;
pub use formatting::{Formatting, FormattingReport, RuleVersion};
pub use judged_row::{About, Row, Texts, rows};
pub use number_row::{NumberKind, NumberRow, NumberUnit};
pub use number_title::number_title;
pub use origin_report::{OriginCount, OriginReport};
pub use psychometric_chart::psychometric_svg;
pub use public_order::PublicOrder;
pub use public_text::PublicText;
pub use reading_report::{BoxReport, FolderReadingReport, OpenConventions, ReadingReport};
pub use relabel::relabelled;
pub use repeat_report::{EpochGap, RepeatReport};
pub use report::{
    CoverageReport, DataHash, DivergenceCount, Divergences, GuessBaseline, ModeReport,
    OFFICIAL_VERSION, Program, REPORT_SCHEMA, Report, STRICT_VERSION, SamplesFiles, ScoredRun,
    ScoringVersions, UnscoredCause, UnscoredTaskReport,
};
pub use row::{Detail, SampleRow, ScoringMode, Usage};
pub use run_file::RunFile;
pub use sample_counts::{Endings, EndingsReport, FolderEndings, SampleCounts};
pub use sequence_report::SequenceReport;
pub use store::{StoredRun, read_report, read_run, write_run};
pub use stored_parts::StoredParts;
pub use stored_verdicts::stored_folder;
