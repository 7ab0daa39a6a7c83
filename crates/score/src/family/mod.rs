//! Task families: each is one folder with everything that is its own.

pub(crate) mod boxes;
pub(crate) mod caption;
pub(crate) mod frame_boxes;
pub(crate) mod full_match;
pub(crate) mod instances;
pub(crate) mod retrieval;
pub(crate) mod set_match;
