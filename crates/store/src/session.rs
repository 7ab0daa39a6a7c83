//! One run of the program under a label, as `run.json` lists it.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::machine::machine_name;
use crate::manifest::IdentityDifference;
use crate::outcome::{ErrorCounts, Spending};
use crate::shards::Shard;

/// One run of the program under a label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Program and version.
    pub program: String,
    /// Hosts of the endpoints; empty for what runs on this machine.
    pub hosts: Vec<String>,
    /// The machine that it ran on; absent in manifests of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// The shard that it was a session of, where its answers were merged from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// When it began. A session that has no end was killed.
    pub started: Timestamp,
    /// When it ended.
    #[serde(default)]
    pub ended: Option<Timestamp>,
    /// Why it ended.
    #[serde(default)]
    pub end: Option<SessionEnd>,
    /// Seconds it took.
    #[serde(default)]
    pub seconds: f64,
    /// Requests, errors and what they cost.
    #[serde(flatten)]
    pub effort: SessionEffort,
    /// Differences to earlier sessions that `--force` let pass, or that did not matter because
    /// everything was made anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forced: Vec<IdentityDifference>,
}

/// What a session took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionEffort {
    /// Requests that were made.
    #[serde(default)]
    pub requests: usize,
    /// Of these, those that asked again.
    #[serde(default)]
    pub retries: usize,
    /// Errors met, by kind, also those that a retry mended.
    #[serde(default)]
    pub errors: ErrorCounts,
    /// Tokens and money of this session.
    #[serde(default)]
    pub spending: Spending,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEnd {
    /// Every sample was attempted.
    Finished,
    /// What it was to find out was known well enough.
    Enough,
    /// Somebody asked it to stop.
    Interrupted,
    /// The limit on money was reached.
    #[serde(rename = "cost limit")]
    CostLimit,
    /// The server will answer nothing: key, quota, or the request cannot be built.
    Refused,
    /// No endpoint could be reached.
    Unreachable,
    /// Answers could no longer be written down.
    Unwritable,
}

impl SessionEnd {
    /// The name in tables and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Enough => "enough",
            Self::Interrupted => "interrupted",
            Self::CostLimit => "cost limit",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Unwritable => "unwritable",
        }
    }
}

impl fmt::Display for SessionEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Session {
    /// A session that begins now.
    #[must_use]
    pub fn begin(program: String, hosts: Vec<String>, forced: Vec<IdentityDifference>) -> Self {
        Self {
            program,
            hosts,
            machine: machine_name(),
            shard: None,
            started: Timestamp::now(),
            ended: None,
            end: None,
            seconds: 0.0,
            effort: SessionEffort::default(),
            forced,
        }
    }

    /// Notes that it ended now.
    pub(crate) fn finish(&mut self, end: SessionEnd, effort: SessionEffort, took: Duration) {
        self.ended = Some(Timestamp::now());
        self.end = Some(end);
        self.seconds = took.as_secs_f64();
        self.effort = effort;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_files_are_names_in_words() {
        for end in [
            SessionEnd::Finished,
            SessionEnd::Enough,
            SessionEnd::Interrupted,
            SessionEnd::CostLimit,
            SessionEnd::Refused,
            SessionEnd::Unreachable,
            SessionEnd::Unwritable,
        ] {
            assert_eq!(serde_json::to_value(end).unwrap(), end.name());
        }
    }
}
