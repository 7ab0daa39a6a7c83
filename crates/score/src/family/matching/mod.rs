//! What full match and set match have in common: a record is right or wrong.

mod parts;
mod reasons;
mod sums;

pub use parts::MatchParts;

pub(crate) use parts::{NULL_LABEL, differences};
pub(crate) use reasons::match_reason;
pub(crate) use sums::{MatchSums, limits};
