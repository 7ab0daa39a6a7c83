//! The targets by name.

use std::str::FromStr;

use crate::targets;

/// A parser under attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Model answers of every folder, through the rules that format them.
    Answers,
    /// A file of results of a batch.
    BatchResults,
    /// A bundle of a scored label, as a ZIP file.
    Bundle,
    /// Report and samples of a bundle whose hashes fit them.
    BundleMembers,
    /// Prompt packs: the benchmark's definitions in Python, and TOML.
    Definitions,
    /// A journal of answers.
    Journal,
    /// JSON as Python reads it.
    Json,
    /// A document of the leaderboard: checked, read, and spliced.
    Leaderboard,
    /// Python literals.
    Literal,
    /// A medium of any format: whether it is whole, and what it decodes to.
    Media,
    /// The `config.json` of a caption model's encoder.
    ModelConfig,
    /// The pickle inside a PyTorch file.
    Pickle,
    /// A PyTorch file as a whole, in its new (ZIP) and its old form.
    Pytorch,
    /// Model answers of every folder, through the rules that read them, and a language model's replies
    /// about such readings.
    Readings,
    /// An MP4 that is put together anew, without sound or with another, or with black pictures.
    Remux,
    /// A completion, whole or streamed as server-sent events, cut into pieces.
    Replies,
    /// A medium of any format that an ablation rewrites.
    Rewriting,
    /// The weights of a module of a caption model.
    Safetensors,
    /// The journal of shards that are merged, and the ledger of what was.
    Shards,
    /// The `tokenizer.json` of a caption model.
    Tokenizer,
    /// What a worker program writes to its standard output.
    WorkerLines,
}

/// A name that is no target's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTarget(pub String);

impl Target {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Answers,
        Self::BatchResults,
        Self::Bundle,
        Self::BundleMembers,
        Self::Definitions,
        Self::Journal,
        Self::Json,
        Self::Leaderboard,
        Self::Literal,
        Self::Media,
        Self::ModelConfig,
        Self::Pickle,
        Self::Pytorch,
        Self::Readings,
        Self::Remux,
        Self::Replies,
        Self::Rewriting,
        Self::Safetensors,
        Self::Shards,
        Self::Tokenizer,
        Self::WorkerLines,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::BatchResults => "batch-results",
            Self::Bundle => "bundle",
            Self::BundleMembers => "bundle-members",
            Self::Definitions => "definitions",
            Self::Journal => "journal",
            Self::Json => "json",
            Self::Leaderboard => "leaderboard",
            Self::Literal => "literal",
            Self::Media => "media",
            Self::ModelConfig => "model-config",
            Self::Pickle => "pickle",
            Self::Pytorch => "pytorch",
            Self::Readings => "readings",
            Self::Remux => "remux",
            Self::Replies => "replies",
            Self::Rewriting => "rewriting",
            Self::Safetensors => "safetensors",
            Self::Shards => "shards",
            Self::Tokenizer => "tokenizer",
            Self::WorkerLines => "worker-lines",
        }
    }

    /// The folder of its seeds in the corpus. What takes media takes the same ones.
    #[must_use]
    pub fn corpus(self) -> &'static str {
        match self {
            Self::Remux | Self::Rewriting => Self::Media.name(),
            other => other.name(),
        }
    }

    /// Gives it one input. Returns if the input is handled as it should be.
    ///
    /// # Panics
    ///
    /// If the parser panics, or breaks a promise that its target checks.
    pub fn run(self, bytes: &[u8]) {
        match self {
            Self::Answers => targets::answers(bytes),
            Self::BatchResults => targets::batch_results(bytes),
            Self::Bundle => targets::bundle(bytes),
            Self::BundleMembers => targets::bundle_members(bytes),
            Self::Definitions => targets::definitions(bytes),
            Self::Journal => targets::journal(bytes),
            Self::Json => targets::json(bytes),
            Self::Leaderboard => targets::leaderboard(bytes),
            Self::Literal => targets::literal(bytes),
            Self::Media => targets::media(bytes),
            Self::ModelConfig => targets::model_config(bytes),
            Self::Pickle => targets::pickle(bytes),
            Self::Pytorch => targets::pytorch(bytes),
            Self::Readings => targets::readings(bytes),
            Self::Remux => targets::remux(bytes),
            Self::Replies => targets::replies(bytes),
            Self::Rewriting => targets::rewriting(bytes),
            Self::Safetensors => targets::safetensors(bytes),
            Self::Shards => targets::shards(bytes),
            Self::Tokenizer => targets::tokenizer(bytes),
            Self::WorkerLines => targets::worker_lines(bytes),
        }
    }
}

impl FromStr for Target {
    type Err = UnknownTarget;

    fn from_str(name: &str) -> Result<Self, UnknownTarget> {
        let found = Self::ALL.into_iter().find(|target| target.name() == name);
        found.ok_or_else(|| UnknownTarget(name.to_owned()))
    }
}

impl std::fmt::Display for UnknownTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = Target::ALL.map(Target::name).join(", ");
        write!(f, "there is no target `{}`; there are: {names}", self.0)
    }
}

impl std::error::Error for UnknownTarget {}
