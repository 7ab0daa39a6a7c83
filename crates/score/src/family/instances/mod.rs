//! Instances: categories with counts, and how far off the counts are.

mod definition;
mod official;
mod parts;
mod score;
mod strict;
mod sums;

pub use parts::InstancesParts;
pub use score::InstancesScore;

pub(crate) use definition::Instances;
