//! FENSE of captions: similarity to the references, less the penalty for errors.
//!
//! ```text
//! similarity(c) = mean_i cos(e(c), e(r_i))
//! error(c)      = p_error(c) > 0.9
//! fense(c)      = similarity(c) * (1 - 0.9 * error(c))
//! ```
//!
//! Zhou et al., "Can audio captions be evaluated with image caption metrics?", ICASSP 2022.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::batch::BatchOptions;
use crate::cache::{Hash, VectorCache, hash_files};
use crate::contain::contained;
use crate::detector::{FluencyDetector, FluencyError, clean};
use crate::error::FenseError;
use crate::models::ModelFiles;
use crate::sentence::SentenceModel;

/// A caption counts as erroneous above this probability of an error.
pub const ERROR_THRESHOLD: f64 = 0.9;
/// The share of its similarity that an erroneous caption loses.
pub const ERROR_PENALTY: f64 = 0.9;

/// A caption to be scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caption<'a> {
    /// What the model under test wrote; may be empty.
    pub candidate: &'a str,
    /// The truths; without any the caption has no score.
    pub references: Vec<&'a str>,
}

/// The score of one caption.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct FenseScore {
    /// Mean cosine to the references, -1..=1 but for rounding; `sbert_sim`.
    pub similarity: f64,
    /// The detector's probabilities in the order of [`FluencyError::ALL`], 0..=1.
    pub probabilities: [f64; 6],
    /// Whether the caption counts as erroneous; its mean over captions is `fer`.
    pub erroneous: bool,
    /// The similarity after the penalty, -1..=1.
    pub fense: f64,
}

impl FenseScore {
    /// The probability of one kind of error.
    #[must_use]
    pub fn probability(&self, error: FluencyError) -> f64 {
        self.probabilities[error as usize]
    }

    fn new(similarity: f64, probabilities: [f64; 6]) -> Self {
        let erroneous = probabilities[FluencyError::Error as usize] > ERROR_THRESHOLD;
        let kept = if erroneous { 1.0 - ERROR_PENALTY } else { 1.0 };
        Self { similarity, probabilities, erroneous, fense: similarity * kept }
    }
}

/// Means over the scored captions.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CorpusScore {
    /// How many captions were scored, at least one.
    pub captions: usize,
    /// Mean similarity.
    #[serde(rename = "sbert_sim")]
    pub similarity: f64,
    /// Share of erroneous captions, 0..=1.
    #[serde(rename = "fer")]
    pub fluency_error_rate: f64,
    /// Mean FENSE.
    pub fense: f64,
}

/// Everything that came out of scoring.
#[derive(Debug, Clone, PartialEq)]
pub struct FenseReport {
    /// One a caption, in their order; `None` for a caption without references.
    pub captions: Vec<Option<FenseScore>>,
    /// `None` if no caption was scored.
    pub corpus: Option<CorpusScore>,
    /// What the user should hear of, such as an unreadable cache; no score is affected.
    pub warnings: Vec<String>,
    /// SHA-256 over names, lengths and contents of the sentence encoder's files, in hexadecimal.
    pub sentence_sha256: String,
    /// The same of the detector's files.
    pub detector_sha256: String,
}

/// What is being computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreStage {
    /// Embedding candidates and references.
    Embedding,
    /// Looking for errors in candidates.
    Detecting,
}

/// How far a stage is, in distinct texts that are not in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScoreProgress {
    /// The stage.
    pub stage: ScoreStage,
    /// Texts finished.
    pub done: usize,
    /// Texts of the stage.
    pub total: usize,
}

/// How to score.
#[derive(Debug, Clone, Default)]
pub struct FenseOptions {
    /// Batches and threads.
    pub batch: BatchOptions,
    /// A folder for vectors of texts already seen; `None` computes everything.
    pub cache: Option<PathBuf>,
}

/// Both models, ready to score.
#[derive(Debug)]
pub struct Fense {
    files: ModelFiles,
    sentence: SentenceModel,
    detector: FluencyDetector,
    options: FenseOptions,
}

impl Fense {
    /// Reads both models.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the first damaged or missing file.
    pub fn read(files: &ModelFiles, options: FenseOptions) -> Result<Self, FenseError> {
        contained(files, || {
            Ok(Self {
                files: files.clone(),
                sentence: SentenceModel::read(&files.sentence)?,
                detector: FluencyDetector::read(&files.checkpoint, &files.base)?,
                options,
            })
        })
    }

    /// Scores captions; every distinct text is computed once.
    ///
    /// Memory grows with the number of distinct texts: one embedding each.
    ///
    /// # Errors
    ///
    /// [`FenseError::Tokenizer`], [`FenseError::NotFinite`], or with a cache [`FenseError::Io`]
    /// for model files that cannot be read again. Trouble with the cache's own files is a warning.
    pub fn score(
        &self,
        captions: &[Caption<'_>],
        progress: &mut dyn FnMut(ScoreProgress),
    ) -> Result<FenseReport, FenseError> {
        contained(&self.files, || self.score_uncontained(captions, progress))
    }

    fn score_uncontained(
        &self,
        captions: &[Caption<'_>],
        progress: &mut dyn FnMut(ScoreProgress),
    ) -> Result<FenseReport, FenseError> {
        let mut warnings = Vec::new();
        let scored = || captions.iter().filter(|caption| !caption.references.is_empty());
        let texts = Distinct::new(scored().flat_map(|caption| {
            std::iter::once(caption.candidate).chain(caption.references.iter().copied())
        }));
        let sentence_hash = hash_files(self.sentence.files())?;
        let detector_hash = hash_files(self.detector.files())?;
        let embeddings = self.known_or_new(
            ("sentence", sentence_hash, self.sentence.width()),
            &texts.in_order,
            &mut warnings,
            |missing| {
                let mut report = reporter(ScoreStage::Embedding, missing.len(), progress);
                self.sentence.embed(missing, self.options.batch, &mut report)
            },
        )?;

        let cleaned: Vec<String> = scored().map(|caption| clean(caption.candidate)).collect();
        let distinct = Distinct::new(cleaned.iter().map(String::as_str));
        let probabilities = self.known_or_new(
            ("detector", detector_hash, FluencyError::ALL.len()),
            &distinct.in_order,
            &mut warnings,
            |missing| {
                let mut report = reporter(ScoreStage::Detecting, missing.len(), progress);
                self.detector.detect(missing, self.options.batch, &mut report)
            },
        )?;

        let mut cleaned = cleaned.iter();
        let scores: Vec<Option<FenseScore>> = captions
            .iter()
            .map(|caption| {
                if caption.references.is_empty() {
                    return None;
                }
                let own = &embeddings[texts.index[caption.candidate]];
                let cosines = caption
                    .references
                    .iter()
                    .map(|reference| cosine(own, &embeddings[texts.index[reference]]));
                let similarity = cosines.sum::<f64>() / caption.references.len() as f64;
                let outputs = &probabilities[distinct.index[cleaned.next()?.as_str()]];
                let mut named = [0.0; 6];
                named.iter_mut().zip(outputs).for_each(|(to, from)| *to = f64::from(*from));
                Some(FenseScore::new(similarity, named))
            })
            .collect();
        let corpus = corpus(&scores);
        Ok(FenseReport {
            captions: scores,
            corpus,
            warnings,
            sentence_sha256: hex::encode(sentence_hash),
            detector_sha256: hex::encode(detector_hash),
        })
    }

    /// The vectors of texts, from the cache where it has them; what is computed is added to it.
    fn known_or_new(
        &self,
        (kind, model, width): (&str, Hash, usize),
        texts: &[&str],
        warnings: &mut Vec<String>,
        compute: impl FnOnce(&[&str]) -> Result<Vec<Vec<f32>>, FenseError>,
    ) -> Result<Vec<Vec<f32>>, FenseError> {
        let Some(folder) = &self.options.cache else { return compute(texts) };
        let (mut cache, warning) = VectorCache::open(folder, kind, model, width);
        warnings.extend(warning);
        let found: Vec<Option<Vec<f32>>> =
            texts.iter().map(|text| cache.get(text).map(<[f32]>::to_vec)).collect();
        let missing: Vec<&str> = texts
            .iter()
            .zip(&found)
            .filter(|(_, vector)| vector.is_none())
            .map(|(text, _)| *text)
            .collect();
        let new = compute(&missing)?;
        for (text, vector) in missing.iter().zip(&new) {
            cache.insert(text, vector);
        }
        if let Err(error) = cache.save() {
            warnings.push(format!("{error}; the vectors are not kept for the next time"));
        }
        let mut new = new.into_iter();
        Ok(found.into_iter().filter_map(|vector| vector.or_else(|| new.next())).collect())
    }
}

/// Texts without their repetitions.
struct Distinct<'a> {
    in_order: Vec<&'a str>,
    index: HashMap<&'a str, usize>,
}

impl<'a> Distinct<'a> {
    fn new(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut this = Self { in_order: Vec::new(), index: HashMap::new() };
        for text in texts {
            this.index.entry(text).or_insert_with(|| {
                this.in_order.push(text);
                this.in_order.len() - 1
            });
        }
        this
    }
}

/// Turns counts of finished texts into [`ScoreProgress`], beginning with none.
fn reporter(
    stage: ScoreStage,
    total: usize,
    progress: &mut dyn FnMut(ScoreProgress),
) -> impl FnMut(usize) {
    let mut done = 0;
    progress(ScoreProgress { stage, done, total });
    move |count| {
        done += count;
        progress(ScoreProgress { stage, done, total });
    }
}

/// The cosine of two vectors of length one.
fn cosine(left: &[f32], right: &[f32]) -> f64 {
    left.iter().zip(right).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
}

fn corpus(scores: &[Option<FenseScore>]) -> Option<CorpusScore> {
    let captions = scores.iter().flatten().count();
    let mean = |value: fn(&FenseScore) -> f64| {
        scores.iter().flatten().map(value).sum::<f64>() / captions as f64
    };
    (captions > 0).then(|| CorpusScore {
        captions,
        similarity: mean(|score| score.similarity),
        fluency_error_rate: mean(|score| f64::from(u8::from(score.erroneous))),
        fense: mean(|score| score.fense),
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "the numbers are exact")]

    use super::*;

    #[test]
    fn the_penalty_needs_more_than_the_threshold() {
        let with = |error| FenseScore::new(0.5, [1.0, 1.0, 1.0, 1.0, 1.0, error]);
        assert_eq!((with(0.9).erroneous, with(0.9).fense), (false, 0.5));
        assert!(with(0.900_001).erroneous);
        assert!((with(0.95).fense - 0.05).abs() < 1e-15);
        assert_eq!(with(0.3).probability(FluencyError::Error), 0.3);
    }

    #[test]
    fn means_leave_out_what_has_no_score() {
        let scores =
            [Some(FenseScore::new(0.8, [0.0; 6])), None, Some(FenseScore::new(0.4, [1.0; 6]))];
        let corpus = corpus(&scores).unwrap();
        assert_eq!(corpus.captions, 2);
        assert!((corpus.similarity - 0.6).abs() < 1e-12);
        assert!((corpus.fluency_error_rate - 0.5).abs() < 1e-12);
        assert!((corpus.fense - 0.42).abs() < 1e-12);
        assert_eq!(super::corpus(&[None]), None);
    }
}
