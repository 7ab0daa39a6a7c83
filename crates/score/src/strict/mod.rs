//! Strict scoring: what the benchmark means to measure.

mod boxes;
mod caption;
mod double_confirm;
mod frame_boxes;
mod full_match;
mod instances;
mod judge;
mod literal;
mod number;
pub(crate) mod prepared;
mod retrieval;
mod set_match;

pub use caption::strict_caption_pairs;
pub use judge::judge_strict;
