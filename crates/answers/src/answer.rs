//! An answer with all that a rule may know about it. The truth is not among it.

use std::cell::OnceCell;

use avibench_protocol::{Family, Folder};

use crate::names::Categories;
use crate::option::Choices;
use crate::rule::{FormattingRule, RuleOutcome};
use crate::visible::{Unfinished, visible};
use crate::{boxes, frames, instances, question, retrieval, set};

/// An answer to be read.
pub(crate) struct Answer<'a> {
    /// The answer without reasoning and special tokens. Byte offsets are those of the raw text.
    pub visible: String,
    /// The options that the question offered.
    pub options: &'a [String],
    choices: OnceCell<Choices<'a>>,
    categories: OnceCell<Categories<'a>>,
}

/// One step in reading an answer.
pub(crate) type Step = (FormattingRule, fn(&Answer<'_>) -> RuleOutcome);

impl<'a> Answer<'a> {
    pub(crate) fn new(raw: &str, options: &'a [String]) -> Result<Self, Unfinished> {
        Ok(Self {
            visible: visible(raw)?,
            options,
            choices: OnceCell::new(),
            categories: OnceCell::new(),
        })
    }

    /// The options as answers to choose among.
    pub(crate) fn choices(&self) -> &Choices<'a> {
        self.choices.get_or_init(|| Choices::new(self.options))
    }

    /// The options as names of things.
    pub(crate) fn categories(&self) -> &Categories<'a> {
        self.categories.get_or_init(|| Categories::new(self.options))
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
