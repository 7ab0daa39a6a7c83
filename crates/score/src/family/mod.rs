//! Task families: each is one folder with everything that is its own, behind [`TaskFamily`].
//!
//! `docs/adding-a-task-family.md` says how to add one.

mod boxes;
mod caption;
mod count_errors;
mod defect;
mod frame_boxes;
mod full_match;
mod instances;
mod judging;
mod matching;
mod parts;
mod registry;
mod retrieval;
mod set_match;
mod task_family;

pub use boxes::{BoxesParts, BoxesScore};
pub use caption::{
    CaptionMeasure, CaptionPair, CaptionParts, CaptionScore, Captions, caption_pairs,
    rests_on_captions, strict_caption_pairs,
};
pub use frame_boxes::FramesParts;
pub use instances::{InstancesParts, InstancesScore};
pub use matching::MatchParts;
pub use parts::Parts;
pub use retrieval::{RankingParts, RetrievalParts, RetrievalScore, repeat_factor};

pub(crate) use boxes::Boxes;
pub(crate) use caption::Caption;
pub(crate) use frame_boxes::FrameBoxes;
pub(crate) use full_match::FullMatch;
pub(crate) use instances::Instances;
pub(crate) use judging::{Judging, StrictJudging};
pub(crate) use matching::match_reason;
pub(crate) use registry::{Listed, Sums, Weighted, for_family};
pub(crate) use retrieval::Retrieval;
pub(crate) use set_match::SetMatch;
pub(crate) use task_family::{Counts, FamilyParts, FamilyScore, FamilySums, TaskFamily};
