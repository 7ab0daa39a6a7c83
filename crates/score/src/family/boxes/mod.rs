//! Boxes: instances located in one image, matched category by category.

pub(crate) mod official;
pub(crate) mod strict;
