//! Retrieval: indices of the candidates that fit.

mod definition;
mod official;
mod parts;
mod score;
mod strict;
mod sums;

pub use official::repeat_factor;
pub use parts::{RankingParts, RetrievalParts};
pub use score::RetrievalScore;

pub(crate) use definition::Retrieval;
