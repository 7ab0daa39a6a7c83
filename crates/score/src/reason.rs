//! Why official and strict scoring disagree: the kinds of differences that `docs/scoring.md` explains.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of the differences between official and strict scoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Code fences, a leading `answer=` or prose around an otherwise readable answer: official scoring reads
    /// them as part of the answer, strict scoring removes them.
    Wrapping,
    /// A missing, null or unreadable answer: official scoring leaves it out or charges less than a miss,
    /// strict scoring counts it as wrong.
    Unanswered,
    /// An answer that says nothing by a careful reading, of which official scoring takes something.
    Unread,
    /// How an answer is read: official scoring reads the formatted text, strict scoring what the model
    /// wrote.
    Reading,
    /// Which formal records a failed check zeroes.
    DoubleConfirm,
    /// Which option an answer names that mentions several.
    Options,
    /// Which number an answer names.
    Numbers,
    /// Whether label and answer are compared without case, punctuation and spare blanks.
    Normalization,
    /// What long answers, bad counts and far counts of AMIC and VMIC cost.
    Counts,
    /// Whether naming categories that are not there costs anything in VMIC.
    SeenCategories,
    /// How boxes of AVL are matched, scaled and charged.
    Boxes,
    /// The order and number of the indices of VAR and AVR.
    Indices,
    /// What absent and unreadable boxes in frames of AVLG are worth.
    Frames,
    /// Whether the score of a caption may be below 0.
    NegativeCaptions,
}

impl Reason {
    /// All reasons in the order in which tables list them.
    pub const ALL: [Self; 14] = [
        Self::Wrapping,
        Self::Unanswered,
        Self::Unread,
        Self::Reading,
        Self::DoubleConfirm,
        Self::Options,
        Self::Numbers,
        Self::Normalization,
        Self::Counts,
        Self::SeenCategories,
        Self::Boxes,
        Self::Indices,
        Self::Frames,
        Self::NegativeCaptions,
    ];

    /// Its place in that order, from 0.
    #[must_use]
    pub const fn row(self) -> usize {
        // Reasons are declared in that order.
        self as usize
    }

    /// The name in reports and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wrapping => "wrapping",
            Self::Unanswered => "unanswered",
            Self::Unread => "unread",
            Self::Reading => "reading",
            Self::DoubleConfirm => "double_confirm",
            Self::Options => "options",
            Self::Numbers => "numbers",
            Self::Normalization => "normalization",
            Self::Counts => "counts",
            Self::SeenCategories => "seen_categories",
            Self::Boxes => "boxes",
            Self::Indices => "indices",
            Self::Frames => "frames",
            Self::NegativeCaptions => "negative_captions",
        }
    }

    /// What differs, in one sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Wrapping => {
                "Strict scoring looks past code fences, `answer=` and prose around a value, and \
                 takes no options from a key that leads to none."
            }
            Self::Unanswered => {
                "Official scoring leaves missing answers out of the count or charges unreadable \
                 ones less than a miss; strict scoring counts them as wrong, but not what has no ground truth."
            }
            Self::Unread => {
                "Official scoring takes something from answers that say nothing by a careful reading \
                 (refusals, contradictions, broken thinking); strict scoring counts them as wrong."
            }
            Self::Reading => {
                "Official scoring reads the formatted text as it stands; strict scoring reads what \
                 the model wrote, as a careful person does."
            }
            Self::DoubleConfirm => {
                "Officially a failed check counts only if it stands after its formal question, and \
                 only against the first of them; strictly a wrong or missing check zeroes them all."
            }
            Self::Options => {
                "Officially the first option that the answer mentions is taken; strictly it is the \
                 one that the answer chooses."
            }
            Self::Numbers => {
                "Officially the first run of digits is taken; strictly the number that the answer \
                 gives, words and decimals included, must be the label's."
            }
            Self::Normalization => {
                "Officially the label is compared as it stands; strictly both sides are cleaned of \
                 case, punctuation and spare blanks."
            }
            Self::Counts => {
                "Official scoring passes over long answers, adds every label count for a bad count \
                 and lets far counts cost up to 20; strictly each is at most a miss."
            }
            Self::SeenCategories => {
                "Official VMIC Semantic is recall, so that naming every class is perfect; strictly \
                 it is F1."
            }
            Self::Boxes => {
                "Official scoring forgives unreadable answers and extra boxes, matches greedily \
                 and guesses a scale for each box; strict scoring counts misses and extras, \
                 assigns optimally and has one scale for an answer."
            }
            Self::Indices => {
                "Official scoring sorts the indices, misses those without blanks between them, finds no \
                 hit in an empty answer even where none fits, and discounts globally; strict \
                 scoring keeps the model's order, takes `[]` for a hit where none fits, and \
                 discounts single answers."
            }
            Self::Frames => {
                "Officially `null` spoils the whole answer, `[]` is no way to say that the object \
                 is absent, and an unread answer is right about absent objects; strictly the \
                 reverse."
            }
            Self::NegativeCaptions => "Strictly a caption scores at least 0.",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
