//! The fluency error detector of FENSE (Zhou et al., ICASSP 2022).

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::batch::{self, BatchOptions};
use crate::encoder::{Affine, Buffers, Encoder, EncoderConfig, Reach, sigmoid};
use crate::error::FenseError;
use crate::tokenizer::{TextTokenizer, short, tokenizer_file};
use crate::weights::Weights;

/// The longest caption the detector looks at, in tokens with the special ones.
const LONGEST_CAPTION: usize = 64;

/// The errors the detector tells apart, in the order of its outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FluencyError {
    /// The caption breaks off in a new phrase.
    AddTail,
    /// An event is told twice.
    RepeatEvent,
    /// An adverb is repeated.
    RepeatAdv,
    /// A conjunction is missing.
    RemoveConj,
    /// A verb is missing.
    RemoveVerb,
    /// Any error; the one that counts for the score.
    Error,
}

impl FluencyError {
    /// All of them in the order of the detector's outputs.
    pub const ALL: [Self; 6] = [
        Self::AddTail,
        Self::RepeatEvent,
        Self::RepeatAdv,
        Self::RemoveConj,
        Self::RemoveVerb,
        Self::Error,
    ];

    /// The published name, such as `add_tail`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AddTail => "add_tail",
            Self::RepeatEvent => "repeat_event",
            Self::RepeatAdv => "repeat_adv",
            Self::RemoveConj => "remove_conj",
            Self::RemoveVerb => "remove_verb",
            Self::Error => "error",
        }
    }
}

/// The detector with its weights.
#[derive(Debug)]
pub struct FluencyDetector {
    checkpoint: PathBuf,
    tokenizer: TextTokenizer,
    encoder: Encoder,
    classifier: Affine,
    files: Vec<PathBuf>,
}

impl FluencyDetector {
    /// Reads a checkpoint, and the tokenizer and sizes of its encoder from the folder `base`.
    ///
    /// Without a `config.json` in `base` the sizes are those that go with the checkpoint's
    /// `model_type`.
    ///
    /// # Errors
    ///
    /// Any [`FenseError`] but the missing models and downloads.
    pub fn read(checkpoint: &Path, base: &Path) -> Result<Self, FenseError> {
        let mut weights = Weights::open(checkpoint)?;
        let wrong = |reason: String| FenseError::weights(checkpoint, reason);
        let classes = FluencyError::ALL.len();
        let stated = weights
            .integer("num_classes")
            .ok_or_else(|| wrong("no num_classes: not a detector's checkpoint".into()))?;
        if stated != classes as i128 {
            return Err(wrong(format!("has {stated} classes, the detector has {classes}")));
        }
        let model_type = weights
            .text("model_type")
            .ok_or_else(|| wrong("no model_type: not a detector's checkpoint".into()))?;
        let config_path = base.join("config.json");
        let config = if config_path.exists() {
            EncoderConfig::read(&config_path)?
        } else {
            EncoderConfig::of_published(model_type).ok_or_else(|| {
                FenseError::config(
                    &config_path,
                    format!("is missing, and the sizes of {model_type:?} are not known"),
                )
            })?
        };
        let longest = LONGEST_CAPTION.min(config.longest_text());
        let tokenizer = TextTokenizer::read(base, longest, config.vocabulary)?;
        let hidden = config.hidden;
        let encoder = Encoder::read(config, &mut weights)?;
        let classifier = Affine::read(&mut weights, "clf", hidden, classes, true)?;
        let files = [checkpoint.to_owned(), config_path, base.join("tokenizer_config.json")];
        Ok(Self {
            checkpoint: checkpoint.to_owned(),
            tokenizer,
            encoder,
            classifier,
            files: files
                .into_iter()
                .chain(tokenizer_file(base))
                .filter(|path| path.exists())
                .collect(),
        })
    }

    /// The files the probabilities depend on.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The probability of every error, 0..=1, for captions that [`clean`] has passed.
    ///
    /// `done` hears how many captions were finished since it was last called.
    ///
    /// # Errors
    ///
    /// [`FenseError::Tokenizer`] or, with damaged weights, [`FenseError::NotFinite`].
    pub(crate) fn detect(
        &self,
        captions: &[&str],
        options: BatchOptions,
        done: impl FnMut(usize),
    ) -> Result<Vec<Vec<f32>>, FenseError> {
        let ids = captions
            .iter()
            .map(|caption| self.tokenizer.encode(caption))
            .collect::<Result<Vec<_>, _>>()?;
        let lengths: Vec<usize> = ids.iter().map(Vec::len).collect();
        let batches = batch::plan(&lengths, options);
        let work = |buffers: &mut Buffers, batch: &[usize]| {
            let inputs: Vec<&[u32]> = batch.iter().map(|&index| ids[index].as_slice()).collect();
            let mut outcomes = Vec::with_capacity(batch.len());
            self.encoder.encode(&inputs, Reach::First, buffers, |index, rows| {
                outcomes.push(self.classify(rows, captions[batch[index]]));
            });
            outcomes.into_iter().collect()
        };
        batch::run(&batches, captions.len(), options.threads, work, done)
    }

    fn classify(&self, rows: &[&[f32]], caption: &str) -> Result<Vec<f32>, FenseError> {
        let first = rows.first().copied().unwrap_or_default();
        let logits = self.classifier.apply(first);
        match logits.iter().find(|logit| !logit.is_finite()) {
            None => Ok(logits.into_iter().map(sigmoid).collect()),
            Some(&value) => Err(FenseError::NotFinite {
                path: self.checkpoint.clone(),
                text: short(caption),
                value,
            }),
        }
    }
}

/// What the detector reads of a caption: word characters and white space as Python's `\w` and
/// `\s` understand them, in lower case.
#[must_use]
pub(crate) fn clean(caption: &str) -> String {
    // Python's word characters are letters, numbers and the underscore, but not marks; its white
    // space includes the four information separators.
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[^\p{L}\p{N}_\s\x1c-\x1f]").expect("the pattern is a constant and valid")
    });
    OTHERS.replace_all(caption, "").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_keeps_words_and_white_space() {
        for (caption, expected) in [
            ("A dog-like bark, it's loud!", "a doglike bark its loud"),
            ("naïve Zürich_7 ½ Ⅷ", "naïve zürich_7 ½ ⅷ"),
            ("e\u{301}t\u{e9}", "et\u{e9}"),
            ("a\nb\t\u{1f}c\u{a0}d", "a\nb\t\u{1f}c\u{a0}d"),
            ("🐕!?—«»", ""),
            ("", ""),
            ("狗叫。", "狗叫"),
        ] {
            assert_eq!(clean(caption), expected, "{caption:?}");
        }
    }

    #[test]
    fn names_are_the_published_ones() {
        let names: Vec<_> = FluencyError::ALL.iter().map(|error| error.name()).collect();
        let expected =
            ["add_tail", "repeat_event", "repeat_adv", "remove_conj", "remove_verb", "error"];
        assert_eq!(names, expected);
    }
}
