//! Captions: which pairs are to be rated, and what ratings from outside amount to.

mod definition;
mod measure;
mod official;
mod parts;
mod score;
mod strict;
mod sums;

pub use measure::{CaptionMeasure, rests_on_captions};
pub use official::{CaptionPair, Captions, caption_pairs};
pub use parts::CaptionParts;
pub use score::CaptionScore;
pub use strict::strict_caption_pairs;

pub(crate) use definition::Caption;
