//! Official scoring: the numbers of the original evaluator, slips included.

mod boxes;
mod caption;
mod double_confirm;
mod frame_boxes;
mod full_match;
mod instances;
mod judge;
mod retrieval;
mod set_match;

pub use caption::{CaptionPair, CaptionRating, Captions, FLUENCY_ERROR_THRESHOLD, caption_pairs};
pub use full_match::clean;
pub use judge::{END_OF_TEXT, judge_official};
