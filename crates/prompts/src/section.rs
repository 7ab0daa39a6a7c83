//! What a prompt pack holds for one folder, or for all of them.

use std::collections::BTreeMap;

use avibench_python::{Dict, Value};

/// The content of a `[FOLDER]` or `[shared]` section.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Section {
    /// Key of the prompt that stands in for one that nobody knows.
    pub default: Option<String>,
    /// Key of the option list that goes with the prompt when a sample names none.
    pub categories: Option<String>,
    /// What a refining model is told; `None`: answers need no format.
    pub refine: Option<String>,
    /// Prompts by key.
    pub prompts: BTreeMap<String, String>,
    /// Option lists by key.
    pub options: BTreeMap<String, OptionText>,
    /// Exact wording: what the folder's keys stand for, as Python values. `None` in careful packs,
    /// and where the definitions do not have the folder.
    pub constants: Option<Dict>,
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
        self.constants = other.constants.or_else(|| self.constants.take());
    }

    /// Makes Python values of prompts and options written for exact wording.
    pub(crate) fn collect_constants(&mut self, shared: &Self) {
        let mut constants = Dict::default();
        let mut is_there = false;
        for section in [shared, &*self] {
            for (key, prompt) in &section.prompts {
                is_there |= constants.insert(key.as_str().into(), prompt.as_str().into());
            }
            for (key, options) in &section.options {
                let value = match options {
                    OptionText::List(list) => {
                        Value::List(list.iter().map(|option| option.as_str().into()).collect())
                    }
                    OptionText::Written(text) => text.as_str().into(),
                };
                is_there |= constants.insert(key.as_str().into(), value);
            }
            for (key, value) in section.constants.iter().flat_map(Dict::iter) {
                constants.insert(key.clone(), value.clone());
            }
            is_there |= section.constants.is_some();
        }
        self.prompts.clear();
        self.options.clear();
        self.constants = is_there.then_some(constants);
    }
}
