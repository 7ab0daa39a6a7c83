//! The statistics of one record, of whichever family.

use avibench_protocol::Family;

use super::FamilyParts;
use super::boxes::BoxesParts;
use super::caption::CaptionParts;
use super::frame_boxes::FramesParts;
use super::instances::InstancesParts;
use super::matching::MatchParts;
use super::retrieval::{RankingParts, RetrievalParts};
use crate::Tally;

/// The statistics of one counted record: task scores are functions of their weighted sums.
#[derive(Debug, Clone, PartialEq)]
pub enum Parts {
    /// Full match and set match, after double-confirm.
    Match(MatchParts),
    /// Categories with counts.
    Instances(InstancesParts),
    /// Boxes of one image.
    Boxes(BoxesParts),
    /// Indices of candidates (official).
    Retrieval(RetrievalParts),
    /// Ranked indices of candidates, with the discount for too many in each value (strict).
    Ranking(RankingParts),
    /// One box a frame.
    Frames(FramesParts),
    /// A sentence.
    Caption(CaptionParts),
}

macro_rules! kinds {
    ($($kind:ident($parts:ident)),*) => {$(
        impl From<$parts> for Parts {
            fn from(parts: $parts) -> Self {
                Self::$kind(parts)
            }
        }

        impl FamilyParts for $parts {
            fn of(parts: &Parts) -> Option<&Self> {
                match parts {
                    Parts::$kind(parts) => Some(parts),
                    _ => None,
                }
            }
        }
    )*};
}

kinds!(
    Match(MatchParts),
    Instances(InstancesParts),
    Boxes(BoxesParts),
    Retrieval(RetrievalParts),
    Ranking(RankingParts),
    Frames(FramesParts),
    Caption(CaptionParts)
);

impl Parts {
    /// Whether a category was right, where categories are named.
    pub(crate) fn has_category(&self) -> bool {
        match self {
            Self::Instances(parts) => parts.semantic > 0.0,
            Self::Boxes(parts) => parts.category_f1 > 0.0,
            _ => false,
        }
    }

    /// A family whose sums take such parts.
    pub(crate) fn family(&self) -> Family {
        match self {
            Self::Match(_) => Family::FullMatch,
            Self::Instances(_) => Family::Instances,
            Self::Boxes(_) => Family::Boxes,
            Self::Retrieval(_) | Self::Ranking(_) => Family::Retrieval,
            Self::Frames(_) => Family::FrameBoxes,
            Self::Caption(_) => Family::Caption,
        }
    }

    /// The score of a record by itself, 0 to 1: the headline of a task with this one sample, with
    /// nothing for the whole folder (diversity) in it; captions not below 0.
    #[must_use]
    pub fn score(&self) -> f64 {
        let mut tally = Tally::new(self.family());
        tally.add(1.0, self);
        tally.score(1.0).map_or(0.0, |score| score.headline().clamp(0.0, 1.0))
    }
}
