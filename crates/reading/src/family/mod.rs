//! One module a task family: what its answers look like.

mod boxes;
mod caption;
mod counts;
mod decline;
mod frames;
mod full_match;
mod indices;
mod part;
mod set;

pub(crate) use boxes::read as read_boxes;
pub(crate) use caption::read as read_caption;
pub(crate) use counts::read as read_counts;
pub(crate) use frames::read as read_frames;
pub(crate) use full_match::read as read_full_match;
pub(crate) use indices::read as read_indices;
pub(crate) use set::read as read_set;
