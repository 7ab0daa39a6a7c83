//! One thing that is not as it should be, or worth knowing.

use avibench_protocol::{Folder, Position};
use serde::Serialize;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Samples cannot be asked or scored.
    Problem,
    /// Worth a look: the data may not mean what they say.
    Doubt,
    /// Part of the benchmark, or of no consequence.
    Remark,
}

/// Declares [`FindingKind`] with the weight and the heading of each kind.
macro_rules! kinds {
    ($($variant:ident $weight:ident $heading:literal;)*) => {
        /// What was found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum FindingKind {
            $(#[doc = concat!("A ", stringify!($weight), ": ", $heading, ".")] $variant,)*
        }

        impl FindingKind {
            /// How much it matters.
            #[must_use]
            pub const fn weight(self) -> Weight {
                match self { $(Self::$variant => Weight::$weight,)* }
            }

            /// In a few words, for a heading.
            #[must_use]
            pub const fn heading(self) -> &'static str {
                match self { $(Self::$variant => $heading,)* }
            }
        }
    };
}

kinds! {
    UnreadableFolder  Problem "data.json cannot be read";
    UnusableRecord    Problem "records that cannot be asked";
    NoTruth           Problem "questions without an answer";
    UnusableTruth     Problem "answers of another shape than the folder's";
    NonsenseTruth     Problem "answers that no model can match";
    MediumEscapes     Problem "media outside of their folder";
    MediumMissing     Problem "media that are not there";
    MediumUnusable    Problem "media that are damaged or of no use";
    MediumMisplaced   Problem "media of another kind than their place is for";
    Lacking           Problem "questions without what they are about";
    NotAnOption       Doubt   "answers that are not among the options";
    UnknownOptions    Doubt   "option lists that are not known";
    NoSoundTrack      Doubt   "videos without a sound track where there is something to hear";
    Silence           Doubt   "sounds that are silent throughout";
    MisleadingName    Doubt   "media whose name says another format";
    SameMedium        Doubt   "equal media under different names";
    SameQuestion      Doubt   "questions that stand twice";
    MissingField      Doubt   "fields that are missing";
    OtherSize         Doubt   "pictures of another size than their boxes are for";
    RecordCount       Doubt   "folders of another length than the benchmark's";
    Undecoded         Remark  "media of which only the structure was checked";
    UnknownField      Remark  "fields that nobody reads";
    VoidCheck         Remark  "checks without question or answer, which are not asked";
    LonelyCheck       Remark  "checks and questions without their counterpart";
}

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DataFinding {
    /// What it is.
    pub kind: FindingKind,
    /// How much it matters.
    pub weight: Weight,
    /// The folder.
    pub folder: Folder,
    /// The sample, or the first of several.
    pub position: Option<Position>,
    /// The medium, as data.json names it.
    pub medium: Option<String>,
    /// In a sentence.
    pub message: String,
}

impl DataFinding {
    pub(crate) fn new(kind: FindingKind, folder: Folder, message: impl Into<String>) -> Self {
        let weight = kind.weight();
        Self { kind, weight, folder, position: None, medium: None, message: message.into() }
    }

    pub(crate) fn at(self, position: Position) -> Self {
        Self { position: Some(position), ..self }
    }

    pub(crate) fn of_medium(self, medium: &str) -> Self {
        Self { medium: Some(medium.to_owned()), ..self }
    }
}
