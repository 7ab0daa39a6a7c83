//! What a prompt pack holds for one folder, or for all of them.

use std::collections::BTreeMap;

/// The content of a `[FOLDER]` or `[shared]` section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Section {
    /// Key of the prompt that stands in for one that nobody knows.
    pub default: Option<String>,
    /// Key of the option list that goes with the prompt when a sample names none.
    pub categories: Option<String>,
    /// What a refining model is told; `None`: answers pass through.
    pub refine: Option<String>,
    /// Prompts by key.
    pub prompts: BTreeMap<String, String>,
    /// Option lists by key.
    pub options: BTreeMap<String, OptionText>,
}

/// Options as a question shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OptionText {
    /// Written as Python writes a list of strings.
    List(Vec<String>),
    /// Written as it stands.
    Written(String),
}

impl OptionText {
    /// The text after `Available options are: `.
    pub(crate) fn written(&self) -> String {
        match self {
            Self::List(options) => avibench_python::repr_list(options),
            Self::Written(text) => text.clone(),
        }
    }
}

impl Section {
    /// Takes over everything that `other` says.
    pub(crate) fn overlay(&mut self, other: Self) {
        self.default = other.default.or_else(|| self.default.take());
        self.categories = other.categories.or_else(|| self.categories.take());
        self.refine = other.refine.or_else(|| self.refine.take());
        self.prompts.extend(other.prompts);
        self.options.extend(other.options);
    }
}
