//! Boxes: instances located in one image, matched category by category.

mod definition;
mod official;
mod parts;
mod score;
mod strict;
mod sums;

pub use parts::BoxesParts;
pub use score::BoxesScore;

pub(crate) use definition::Boxes;
