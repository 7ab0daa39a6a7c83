//! Frame boxes: where a described object is in each frame, or that it is not there.

mod definition;
mod official;
mod parts;
mod strict;
mod sums;

pub use parts::FramesParts;

pub(crate) use definition::FrameBoxes;
