//! A prompt pack and the text it gives for a sample.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::LazyLock;

use crate::section::{OptionText, Section};
use crate::{PromptPackError, definitions, export, hash, read, text};
use avibench_files::FileError;
use avibench_protocol::{Folder, Sample, option_lists};

const EMBEDDED: &str = include_str!("../data/prompts.toml");

static PACK: LazyLock<PromptPack> = LazyLock::new(|| {
    read::overlay(PromptPack::bare(), Path::new("prompts.toml"), EMBEDDED)
        .expect("the embedded file is tested to parse")
});

/// How every task is worded, and what a refining model is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptPack {
    pub(crate) name: String,
    pub(crate) wording: Wording,
    pub(crate) shared: Section,
    pub(crate) folders: BTreeMap<Folder, Section>,
    pub(crate) notes: Vec<String>,
}

/// How the parts of a question are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wording {
    /// Unknown keys give way to the default prompt; punctuation is minded.
    Careful,
    /// As the original: keys that nobody knows stand in the text as they are.
    Exact,
}

/// The text of one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Exactly what is sent.
    pub text: String,
    /// What the pack did not know.
    pub warnings: Vec<PromptWarning>,
}

/// A key of a sample that the pack does not know. The same few keys recur in a whole folder: show
/// each once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PromptWarning {
    /// The task's default prompt was used.
    UnknownPrompt {
        /// The sample's folder.
        folder: Folder,
        /// The key as the sample has it.
        key: String,
    },
    /// The question was put without options.
    UnknownOptions {
        /// The sample's folder.
        folder: Folder,
        /// The key as the sample has it.
        key: String,
    },
    /// Exact wording: the key itself stands in the text, as in the original.
    Leaked {
        /// The sample's folder.
        folder: Folder,
        /// The key as the sample has it.
        key: String,
    },
}

impl fmt::Display for PromptWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownPrompt { folder, key } => write!(
                f,
                "{folder}: the prompt pack does not know the prompt `{key}`; asked with the \
                 task's default prompt"
            ),
            Self::UnknownOptions { folder, key } => write!(
                f,
                "{folder}: the prompt pack does not know the options `{key}`; asked without \
                 options"
            ),
            Self::Leaked { folder, key } => write!(
                f,
                "{folder}: the definitions do not resolve `{key}`; it stands in the question as \
                 it is, as in the original"
            ),
        }
    }
}

impl PromptPack {
    /// The program's own pack.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &PACK
    }

    /// Reads a pack: TOML, laid over the embedded one, or, if the file ends in `.py`, the
    /// benchmark's own Python definitions. Those are read as data, nothing is executed, and
    /// questions are then word for word the original's.
    pub fn load(path: &Path) -> Result<Self, PromptPackError> {
        let content = std::fs::read_to_string(path).map_err(FileError::at("read", path))?;
        let base = Self::embedded().clone();
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("py")) {
            return definitions::read(base, path, &content);
        }
        read::overlay(base, path, &content)
    }

    /// No prompts yet, but the benchmark's option lists.
    fn bare() -> Self {
        let folders = Folder::ALL.map(|folder| {
            let options = option_lists(folder)
                .map(|(key, list)| (key.to_owned(), OptionText::List(list.to_vec())))
                .collect();
            (folder, Section { options, ..Section::default() })
        });
        Self {
            name: String::new(),
            wording: Wording::Careful,
            shared: Section::default(),
            folders: folders.into(),
            notes: Vec::new(),
        }
    }

    /// The name that the pack gives itself.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What was passed over in reading a definitions file although it may matter.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The text that puts a sample's question; `None` if the sample has no question text, as void
    /// checks have none.
    #[must_use]
    pub fn prompt(&self, sample: &Sample) -> Option<Prompt> {
        let question = sample.text.as_deref()?;
        let mut warnings = Vec::new();
        let text = match self.wording {
            Wording::Careful => {
                let prompt = self.careful_prompt(sample, &mut warnings);
                let options = self.careful_options(sample, &mut warnings);
                text::join(prompt, options.as_deref(), question)
            }
            Wording::Exact => {
                let mut resolve = |key: &String| {
                    self.exact(sample.folder, key).unwrap_or_else(|| {
                        let warning =
                            PromptWarning::Leaked { folder: sample.folder, key: key.clone() };
                        warnings.push(warning);
                        key.clone()
                    })
                };
                let prompt = sample.prompt.as_ref().map(&mut resolve);
                let options = sample.options.as_ref().map(&mut resolve);
                text::join_exact(prompt.as_deref(), options.as_deref(), question)
            }
        };
        Some(Prompt { text, warnings })
    }

    /// What a refining model is told about the answers of a folder; `None` if they pass through.
    #[must_use]
    pub fn refine_prompt(&self, folder: Folder) -> Option<&str> {
        self.folders.get(&folder)?.refine.as_deref()
    }

    /// The text that asks a refining model to format `answer`; `None` if the folder's answers pass
    /// through. The answer stands last, so that nothing in it can be taken for a later instruction
    /// of ours.
    #[must_use]
    pub fn refine_text(&self, sample: &Sample, answer: &str) -> Option<String> {
        let mut text = self.refine_prompt(sample.folder)?.to_owned();
        text.push_str(
            "\n\nDo not answer the question yourself and do not correct the text: it may be wrong.",
        );
        if let Some(question) = &sample.text {
            text.push_str("\n\nThe question was: ");
            text.push_str(question);
        }
        if let Some(options) = self.careful_options(sample, &mut Vec::new()) {
            text.push_str("\n\nThe options were: ");
            text.push_str(&options);
        }
        text.push_str("\n\nThe text to rewrite is all that follows.\n\n");
        text.push_str(answer);
        Some(text)
    }

    /// Lower-case hex sha256 of everything but the name: two packs with the same hash ask the same
    /// questions of every dataset.
    #[must_use]
    pub fn hash(&self) -> String {
        hash::of(self)
    }

    /// The pack as TOML for editing, option lists included; reading it gives the same pack.
    #[must_use]
    pub fn export(&self) -> String {
        export::to_toml(self)
    }

    /// The sections in which a folder's keys are looked up, in order.
    fn sections(&self, folder: Folder) -> impl Iterator<Item = &Section> {
        self.folders.get(&folder).into_iter().chain([&self.shared])
    }

    fn careful_prompt<'a>(&'a self, sample: &Sample, warnings: &mut Vec<PromptWarning>) -> &'a str {
        let Some(key) = &sample.prompt else { return "" };
        let find = |key: &str| self.sections(sample.folder).find_map(|s| s.prompts.get(key));
        if let Some(prompt) = find(key) {
            return prompt;
        }
        warnings.push(PromptWarning::UnknownPrompt { folder: sample.folder, key: key.clone() });
        let default = self.sections(sample.folder).find_map(|section| section.default.as_ref());
        default.and_then(|key| find(key)).map_or("", String::as_str)
    }

    fn careful_options(
        &self,
        sample: &Sample,
        warnings: &mut Vec<PromptWarning>,
    ) -> Option<String> {
        let find = |key: &str| self.sections(sample.folder).find_map(|s| s.options.get(key));
        let found = match &sample.options {
            Some(key) => {
                let found = find(key);
                if found.is_none() {
                    let warning =
                        PromptWarning::UnknownOptions { folder: sample.folder, key: key.clone() };
                    warnings.push(warning);
                }
                found
            }
            // A prompt that speaks of categories needs them; a bare question does not.
            None => sample
                .prompt
                .as_ref()
                .and_then(|_| self.folders.get(&sample.folder)?.categories.as_deref())
                .and_then(find),
        };
        found.map(OptionText::written)
    }

    /// What a key stands for in the original's definitions: prompts and options share one space of
    /// names there.
    fn exact(&self, folder: Folder, key: &str) -> Option<String> {
        self.sections(folder).find_map(|section| {
            section
                .prompts
                .get(key)
                .cloned()
                .or_else(|| section.options.get(key).map(OptionText::written))
        })
    }
}
