//! Official scoring: the numbers of the original evaluator, slips included.

pub(crate) mod boxes;
pub(crate) mod caption;
mod double_confirm;
pub(crate) mod frame_boxes;
mod full_match;
pub(crate) mod instances;
pub(crate) mod judge;
pub(crate) mod retrieval;
mod set_match;

pub use caption::{CaptionPair, CaptionRating, Captions, FLUENCY_ERROR_THRESHOLD, caption_pairs};
pub use judge::judge_official;
