//! A prompt pack and the text it gives for a sample.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::LazyLock;

use avibench_files::SizeLimit;
use avibench_protocol::{Folder, Sample, SampleError, WordingSource, option_lists};
use avibench_python::{Dict, Value, to_str};

use crate::section::{OptionText, Section};
use crate::{PromptPackError, definitions, exact, export, hash, read, text};

const EMBEDDED: &str = include_str!("../data/prompts.toml");

/// A prompt key that data of the benchmark use and that none of its definitions knows.
const UNDEFINED_PROMPT: &str = "prompt_avqa";

static PACK: LazyLock<PromptPack> = LazyLock::new(|| {
    read::overlay(PromptPack::bare(), Path::new("prompts.toml"), EMBEDDED)
        .expect("the embedded file is tested to parse")
});

/// How every task is worded, and what a refining model is told.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptPack {
    pub(crate) name: String,
    pub(crate) wording: Wording,
    pub(crate) shared: Section,
    pub(crate) folders: BTreeMap<Folder, Section>,
}

/// How the parts of a question are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wording {
    /// Unknown keys give way to the default prompt; punctuation is minded.
    Careful,
    /// As the original: keys that nobody knows stand in the text as they are.
    Exact,
}

/// Why a sample is not put to a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    /// A check without question or answer.
    #[error("a void check is never asked")]
    VoidCheck,
    /// Something in the record cannot be put in words.
    #[error("{0}, so it cannot be asked; correct data.json")]
    Field(#[from] SampleError),
    /// The definitions lack the folder, where the original stops.
    #[error(
        "`havib_constants` in the definitions has no entry `{folder}`, where the original stops; \
         add it, or leave the folder out with --tasks"
    )]
    NoFolder {
        /// The folder.
        folder: Folder,
    },
    /// An option key leads to a value in which Python cannot look for categories.
    #[error(
        "the options `{key}` of {folder} lead to `{value}`, where the original stops; correct \
         data.json or the definitions"
    )]
    Options {
        /// The sample's folder.
        folder: Folder,
        /// The key as the sample has it.
        key: String,
        /// What it leads to.
        value: String,
    },
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
        let content = SizeLimit::SETTINGS.read_text(path)?;
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
        }
    }

    /// The name that the pack gives itself.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whose wording the pack is.
    #[must_use]
    pub fn source(&self) -> WordingSource {
        match self.wording {
            Wording::Exact => WordingSource::Benchmark,
            Wording::Careful if self.hash() == Self::embedded().hash() => WordingSource::Embedded,
            Wording::Careful => WordingSource::Custom,
        }
    }

    /// The text that puts a sample's question. A null text is asked as `None`, as Python writes it.
    ///
    /// # Errors
    /// Void checks are not asked, nor is what the original would stop on.
    pub fn prompt(&self, sample: &Sample) -> Result<Prompt, NotAsked> {
        if sample.is_void() {
            return Err(NotAsked::VoidCheck);
        }
        if let Some(defect) = &sample.defect {
            return Err(defect.clone().into());
        }
        if sample.lacks_text {
            return Err(SampleError::no_text().into());
        }
        let question = sample.text.as_deref().unwrap_or("None");
        let mut warnings = Vec::new();
        let text = match self.wording {
            Wording::Careful => {
                let prompt = self.careful_prompt(sample, &mut warnings);
                let options = self.careful_options(sample, &mut warnings);
                text::join(prompt, options.as_deref(), question)
            }
            Wording::Exact => {
                let folder = sample.folder;
                let constants = self.constants(folder).ok_or(NotAsked::NoFolder { folder })?;
                if sample.task.as_deref() != Some(folder.name()) {
                    return Err(SampleError::other_task(sample.task.as_deref()).into());
                }
                exact::question(constants, sample, question, &mut warnings)?
            }
        };
        Ok(Prompt { text, warnings })
    }

    /// What a refining model is told about the answers of a folder; `None` if they need no
    /// format.
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
        if let Some(prompt) = key.as_str().and_then(find) {
            return prompt;
        }
        if key.as_str() != Some(UNDEFINED_PROMPT) {
            let warning = PromptWarning::UnknownPrompt { folder: sample.folder, key: to_str(key) };
            warnings.push(warning);
        }
        let default = self.sections(sample.folder).find_map(|section| section.default.as_ref());
        default.and_then(|key| find(key)).map_or("", String::as_str)
    }

    fn careful_options(
        &self,
        sample: &Sample,
        warnings: &mut Vec<PromptWarning>,
    ) -> Option<String> {
        if self.wording == Wording::Exact {
            let value = self.constants(sample.folder)?.get(sample.options.as_ref()?)?;
            return matches!(value, Value::List(_)).then(|| to_str(value));
        }
        let find = |key: &str| self.sections(sample.folder).find_map(|s| s.options.get(key));
        let found = match &sample.options {
            Some(key) => {
                let found = key.as_str().and_then(find);
                if found.is_none() {
                    let warning =
                        PromptWarning::UnknownOptions { folder: sample.folder, key: to_str(key) };
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

    /// What a folder's keys stand for in the benchmark's definitions.
    fn constants(&self, folder: Folder) -> Option<&Dict> {
        self.folders.get(&folder)?.constants.as_ref()
    }
}
