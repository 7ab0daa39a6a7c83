//! How a run went.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use avibench_protocol::Folder;
use avibench_store::{
    ClosedSession, Epoch, ErrorCounts, FailureKind, OutcomeCounts, SessionEnd, Spending,
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Remarks, Stops};

/// Why a run ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum End {
    /// Every sample was attempted.
    Finished,
    /// What it was to find out is known well enough: the other samples need not be asked.
    Enough,
    /// Somebody asked it to stop.
    Interrupted,
    /// The limit on money was reached.
    CostLimit {
        /// The limit in US dollars.
        limit: f64,
    },
    /// The server will answer nothing: key, quota, or the request cannot be built.
    Refused {
        /// Which it was.
        kind: FailureKind,
        /// The server's words.
        message: String,
    },
    /// No endpoint can be reached.
    Unreachable {
        /// The last failure, and what to do.
        message: String,
    },
    /// Answers can no longer be written down.
    Unwritable {
        /// The file, the reason and what to do.
        message: String,
    },
}

impl End {
    /// The same without its particulars, as run.json has it.
    #[must_use]
    pub const fn session_end(&self) -> SessionEnd {
        match self {
            Self::Finished => SessionEnd::Finished,
            Self::Enough => SessionEnd::Enough,
            Self::Interrupted => SessionEnd::Interrupted,
            Self::CostLimit { .. } => SessionEnd::CostLimit,
            Self::Refused { .. } => SessionEnd::Refused,
            Self::Unreachable { .. } => SessionEnd::Unreachable,
            Self::Unwritable { .. } => SessionEnd::Unwritable,
        }
    }

    /// In words, for a person; `None` for a run that went through.
    #[must_use]
    pub fn describe(&self) -> Option<String> {
        // The server's words may end in a full stop of their own.
        let said = |message: &str| message.trim_end_matches('.').to_owned();
        match self {
            Self::Finished | Self::Enough => None,
            Self::Interrupted => Some("interrupted".to_owned()),
            Self::CostLimit { limit } => {
                Some(format!("the limit of ${limit} is reached; go on with a higher --max-cost"))
            }
            Self::Refused { kind, message } => Some(match kind {
                FailureKind::Unauthorized => {
                    format!(
                        "the server does not accept the API key: {}; check OPENAI_API_KEY or \
                         --api-key-file",
                        said(message)
                    )
                }
                FailureKind::Quota => {
                    format!(
                        "the account is out of quota: {}; go on once there is some again, or have it raised",
                        said(message)
                    )
                }
                FailureKind::Request => format!(
                    "the server refuses every request: {}; check address, model name, profile and parameters",
                    said(message)
                ),
                _ => message.clone(),
            }),
            Self::Unreachable { message } | Self::Unwritable { message } => Some(message.clone()),
        }
    }
}

/// A sample that ended without an answer, for the closing list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// How many samples ended like this.
    pub count: usize,
    /// The first of them.
    pub folder: Folder,
    /// Its position.
    pub position: usize,
    /// What was said about it.
    pub message: String,
}

/// The limit of tokens that a run itself set for an answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TokenLimit {
    /// The request parameter.
    pub parameter: String,
    /// Its value.
    pub value: Value,
}

impl TokenLimit {
    /// Names of the parameter, those of the newest protocols first.
    const NAMES: [&str; 5] = [
        "max_completion_tokens",
        "max_output_tokens",
        "max_tokens",
        "max_new_tokens",
        "max_length",
    ];

    /// The limit among request parameters, if there is one.
    #[must_use]
    pub fn of(parameters: &Map<String, Value>) -> Option<Self> {
        Self::NAMES.into_iter().find_map(|name| {
            let value = parameters.get(name).filter(|value| !value.is_null())?.clone();
            Some(Self { parameter: name.to_owned(), value })
        })
    }
}

/// How a run went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSummary {
    /// Why it ended.
    pub end: End,
    /// Samples of each folder by outcome, in all epochs together.
    pub folders: BTreeMap<Folder, OutcomeCounts>,
    /// Samples of each epoch by outcome; empty where questions are asked once.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub epochs: BTreeMap<Epoch, OutcomeCounts>,
    /// Requests made.
    pub requests: usize,
    /// Requests that asked again.
    pub retries: usize,
    /// Errors met, by kind, mended ones included.
    pub errors: ErrorCounts,
    /// Failed and rejected samples, by kind.
    pub troubles: BTreeMap<FailureKind, Trouble>,
    /// What was odd about replies.
    pub remarks: Remarks,
    /// What finish reasons tell of empty answers.
    pub stops: Stops,
    /// The limit of tokens that the run set, if it did.
    pub token_limit: Option<TokenLimit>,
    /// Tokens and money of this session.
    pub spending: Spending,
    /// Tokens and money under this label.
    pub spending_total: Spending,
    /// Wall time.
    pub wall: Duration,
    /// Where the files are.
    pub directory: PathBuf,
}

impl From<ClosedSession> for RunSummary {
    /// The summary of a session in which nobody was asked, because all answers were known.
    fn from(session: ClosedSession) -> Self {
        Self {
            end: End::Finished,
            folders: session.folders,
            epochs: BTreeMap::new(),
            requests: 0,
            retries: 0,
            errors: ErrorCounts::new(),
            troubles: BTreeMap::new(),
            remarks: Remarks::default(),
            stops: Stops::default(),
            token_limit: None,
            spending: Spending::default(),
            spending_total: session.spending_total,
            wall: session.wall,
            directory: session.directory,
        }
    }
}

impl RunSummary {
    /// All folders together.
    #[must_use]
    pub fn total(&self) -> OutcomeCounts {
        let mut total = OutcomeCounts::default();
        for tally in self.folders.values() {
            total += *tally;
        }
        total
    }

    /// Whether every sample that had to be asked was answered, if only in part, by nothing or by a refusal.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let total = self.total();
        let open = if self.end == End::Enough { 0 } else { total.not_attempted };
        let lacking = total.failed + total.rejected + open;
        matches!(self.end, End::Finished | End::Enough) && lacking == 0 && self.troubles.is_empty()
    }

    /// Whether more than half of what was attempted is empty or cut off: then something about the
    /// run is wrong, and not about single samples.
    #[must_use]
    pub fn is_mostly_without_text(&self) -> bool {
        let total = self.total();
        2 * total.without_whole_text() > total.done()
    }
}
