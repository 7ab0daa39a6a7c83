//! Pages that people look at: scored runs as one HTML file that needs nothing else.
//!
//! Numbers and pictures are markup that this crate writes; the sample browser is script (`web/`) over the
//! data of [`ReportPage`]. Everything that a model, a server or a data set wrote is text: markup is escaped
//! by the templates, data stand as JSON without `<`, scripts build elements and never parse markup, and the
//! page's own policy lets nothing else run.

mod browser;
mod charts;
mod comparison_page;
mod document;
mod error;
mod facts;
mod form;
mod front;
mod labels_page;
mod leaderboard;
mod media_links;
mod numbers;
mod page_run;
mod repeats;
mod report_page;
mod summary;
mod task_pages;
mod waveforms;

pub use error::PageError;
pub use form::PageForm;
pub use labels_page::{
    LabelNews, LabelRow, LabelScores, LabelState, LabelsPage, ShardRow, write_problem,
};
pub use leaderboard::{LeaderboardPage, RankSets, RankedNumber};
pub use media_links::{MediaLinks, escaped};
pub use report_page::{PageSettings, ReportPage, Serving};
pub use waveforms::{Waveform, WaveformCounts, Waveforms};
