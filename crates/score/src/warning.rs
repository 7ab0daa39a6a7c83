//! Oddities of a prediction file that scoring passed over.

use std::fmt;

use avibench_protocol::{Folder, Position, SampleError};

/// Something in one record that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The folder.
    pub folder: Folder,
    /// The record's place in it.
    pub position: Position,
    /// What it is.
    pub kind: WarningKind,
}

/// What could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WarningKind {
    /// `predict` is a number, an object or the like.
    #[error("`predict` is no string, so the record counts as missing; ask the sample again")]
    NotText,
    /// A piece of a retrieval answer is made of digits, but is no integer.
    #[error("`{0}` is no index and was dropped")]
    NotIndex(String),
    /// The ground truth or the option key is of a type on which the original stops.
    #[error("{0}, so the record counts as missing; correct data.json")]
    Field(SampleError),
    /// The ground truth is of a type that strict scoring cannot compare with.
    #[error("{0}, so the record does not count; correct data.json")]
    FieldNotCounted(SampleError),
    /// The ground truth is absent, incomplete or holds no number where one belongs.
    #[error("the ground truth {0}, so the record counts as missing; check data.json")]
    Truth(&'static str),
    /// The same in strict scoring, where missing records count.
    #[error("the ground truth {0}, so the record does not count; check data.json")]
    NotCounted(&'static str),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, record {}: {}", self.folder, self.position, self.kind)
    }
}
