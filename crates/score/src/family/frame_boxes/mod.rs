//! Frame boxes: where a described object is in each frame, or that it is not there.

pub(crate) mod official;
pub(crate) mod strict;
