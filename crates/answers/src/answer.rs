//! An answer with all that a rule may know about it. The truth is not among it.

use avibench_protocol::{Family, Folder};

use crate::option::Choices;
use crate::rule::{Outcome, Rule};
use crate::visible::{Unfinished, visible};
use crate::{boxes, frames, instances, question, retrieval, set};

/// An answer to be read.
pub(crate) struct Answer<'a> {
    /// The answer without reasoning and special tokens. Byte offsets are those of the raw text.
    pub visible: String,
    /// The options that the question offered.
    pub options: &'a [String],
    /// The same, ready for comparing.
    pub choices: Choices<'a>,
}

/// One step in reading an answer.
pub(crate) type Step = (Rule, fn(&Answer<'_>) -> Outcome);

impl<'a> Answer<'a> {
    pub(crate) fn new(raw: &str, options: &'a [String]) -> Result<Self, Unfinished> {
        Ok(Self { visible: visible(raw)?, options, choices: Choices::new(options) })
    }
}

/// The rules of a folder, in the order in which they are asked.
pub(crate) fn rules(folder: Folder) -> &'static [Step] {
    match folder {
        Folder::Avm | Folder::Avc | Folder::Avh | Folder::Vah => &[],
        _ => match folder.family() {
            Family::Instances => instances::RULES,
            Family::Boxes => boxes::RULES,
            Family::FrameBoxes => frames::RULES,
            Family::Retrieval => retrieval::RULES,
            Family::SetMatch => set::RULES,
            Family::FullMatch => question::RULES,
            Family::Caption => &[],
        },
    }
}
