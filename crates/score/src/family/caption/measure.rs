//! What rates captions.

use serde::{Deserialize, Serialize};

/// What captions are rated by. Numbers of one do not compare with numbers of the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptionMeasure {
    /// The published models, as the benchmark rates.
    #[default]
    Fense,
    /// Rules that stand in for them where there are no models.
    StandIn,
}

/// Whether a number rests on the ratings of captions: AVC, its stage, Overall and all levels, by the names of
/// [`Estimates`](crate::Estimates) in any case.
#[must_use]
pub fn rests_on_captions(name: &str) -> bool {
    const NAMES: [&str; 7] = ["avc", "understand", "overall", "l1", "l2", "l3", "l4"];
    NAMES.contains(&name.to_lowercase().as_str())
}

impl CaptionMeasure {
    /// What the stand-in's rating is called among the parts of AVC.
    pub(crate) const STAND_IN_PART: &str = "stand_in";

    /// Names of similarity, share of faulty captions and rating in reports, in the order of
    /// [`CaptionScore`](crate::CaptionScore).
    pub(super) const fn names(self) -> [&'static str; 3] {
        match self {
            Self::Fense => ["sbert_sim", "fer", "fense"],
            Self::StandIn => ["stand_in_similarity", "stand_in_faults", Self::STAND_IN_PART],
        }
    }
}
