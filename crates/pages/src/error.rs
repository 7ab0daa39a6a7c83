//! Why there is no page.

use avibench_protocol::Folder;
use avibench_results::Detail;
use avibench_score::CompareError;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The data set is not the one that was scored against.
    #[error(
        "{label}: data.json of {folder} is not the file that was scored against (its hash differs); \
         name the right data set with --data-root, or score again"
    )]
    OtherData {
        /// The run.
        label: String,
        /// The folder.
        folder: Folder,
    },
    /// A folder that was scored is not in the data set.
    #[error(
        "{label}: {folder} was scored, but is not in the data set; name the right one with --data-root"
    )]
    NoData {
        /// The run.
        label: String,
        /// The folder.
        folder: Folder,
    },
    /// The rows hold no texts.
    #[error(
        "{label}: it was scored with --slim, so that its rows hold no texts ({found:?}); score it without, or make a page with --public"
    )]
    Slim {
        /// The run.
        label: String,
        /// What the rows hold.
        found: Detail,
    },
    /// Runs that cannot stand side by side.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// Something could not be written as JSON.
    #[error("the page's data cannot be written: {0}")]
    Json(#[from] serde_json::Error),
    /// The page could not be written.
    #[error("the page cannot be written: {0}")]
    Write(#[from] std::io::Error),
}
