//! Ratings of captions: from the models of `avibench-fense`, or from whatever else rates them.

use std::path::PathBuf;

use avibench_fense::{
    Caption, Fense, FenseError, FenseOptions, ModelFiles, Places, ScoreProgress, locate,
};
use avibench_results::CaptionModelsReport;
use avibench_score::{CaptionPair, CaptionParts};

/// Probabilities of fluency errors of a folder's captions, by position, in the order of
/// [`avibench_fense::FluencyError`].
pub type Fluency = Vec<Option<[f64; 6]>>;

/// What is known of a folder's captions, by position.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RatedCaptions {
    /// The FENSE of each, as scoring takes it over.
    pub ratings: Vec<Option<CaptionParts>>,
    /// All probabilities of errors.
    pub fluency: Fluency,
    /// What was said about single captions, such as one that was too long.
    pub warnings: Vec<String>,
    /// The models that rated them; `None` if there was nothing to rate or it was no model.
    pub models: Option<CaptionModelsReport>,
}

/// Why captions cannot be rated, in one line.
#[derive(Debug, thiserror::Error)]
pub enum CaptionsUnavailable {
    /// The models are not on this machine.
    #[error("{0}")]
    Missing(String),
    /// They could not be fetched or found.
    #[error("{0}; or name a folder that holds the models by --fense-models")]
    NotFound(String),
    /// They cannot be read, or fail on a text.
    #[error(transparent)]
    Models(FenseError),
}

/// Rates captions. Asked at most once for each label, and only if there are captions to rate.
pub trait CaptionRater {
    /// Rates two sets of captions of one folder with `samples` records: those that official and
    /// strict scoring read.
    ///
    /// # Errors
    ///
    /// If there is nothing to rate with: then the task has no score, for this reason.
    fn rate(
        &self,
        sets: [&[CaptionPair<'_>]; 2],
        samples: usize,
    ) -> Result<[RatedCaptions; 2], CaptionsUnavailable>;
}

/// Rates captions with the published FENSE models.
pub struct CaptionModels<'a> {
    find: Box<dyn Fn() -> Result<ModelFiles, CaptionsUnavailable> + 'a>,
    progress: Box<dyn Fn(&ScoreProgress) + 'a>,
    vectors: Option<PathBuf>,
}

impl<'a> CaptionModels<'a> {
    /// Models that `find` names when they are needed: it may fetch them first. Sentence vectors
    /// are kept in `vectors`, if it is given.
    pub fn new(
        find: impl Fn() -> Result<ModelFiles, CaptionsUnavailable> + 'a,
        vectors: Option<PathBuf>,
    ) -> Self {
        Self { find: Box::new(find), progress: Box::new(|_| {}), vectors }
    }

    /// Models that are on this machine; nothing is fetched.
    #[must_use]
    pub fn on_this_machine(places: Places) -> Self {
        let vectors = vectors_of(&places);
        Self::new(move || locate(&places).files().map_err(CaptionsUnavailable::from), vectors)
    }

    /// The same, telling `progress` how far rating is.
    #[must_use]
    pub fn with_progress(self, progress: impl Fn(&ScoreProgress) + 'a) -> Self {
        Self { progress: Box::new(progress), ..self }
    }
}

/// Where sentence vectors are kept among `places`.
fn vectors_of(places: &Places) -> Option<PathBuf> {
    places.own.as_ref().map(|own| own.join("vectors"))
}

impl From<FenseError> for CaptionsUnavailable {
    fn from(error: FenseError) -> Self {
        match error {
            FenseError::ModelsMissing(complaint) => Self::Missing(complaint),
            other => Self::NotFound(other.to_string()),
        }
    }
}

impl CaptionRater for CaptionModels<'_> {
    fn rate(
        &self,
        sets: [&[CaptionPair<'_>]; 2],
        samples: usize,
    ) -> Result<[RatedCaptions; 2], CaptionsUnavailable> {
        let nothing = || RatedCaptions {
            ratings: vec![None; samples],
            fluency: vec![None; samples],
            warnings: Vec::new(),
            models: None,
        };
        let mut rated = [nothing(), nothing()];
        let pairs =
            || sets.iter().enumerate().flat_map(|(set, pairs)| pairs.iter().map(move |p| (set, p)));
        if pairs().next().is_none() {
            return Ok(rated);
        }
        let files = (self.find)()?;
        let options = FenseOptions { cache: self.vectors.clone(), ..FenseOptions::default() };
        let models = Fense::read(&files, options).map_err(CaptionsUnavailable::Models)?;
        let captions: Vec<Caption<'_>> = pairs()
            .map(|(_, pair)| Caption {
                candidate: &pair.candidate,
                references: pair.references.clone(),
            })
            .collect();
        let report = models
            .score(&captions, &mut |progress| (self.progress)(&progress))
            .map_err(CaptionsUnavailable::Models)?;
        rated[0].models = Some(CaptionModelsReport {
            sentence_sha256: report.sentence_sha256,
            detector_sha256: report.detector_sha256,
        });
        rated[0].warnings = report.warnings;
        for ((set, pair), score) in pairs().zip(report.captions) {
            let position = pair.position.0;
            rated[set].ratings[position] = score.as_ref().map(|score| CaptionParts {
                similarity: score.similarity,
                fluency_error: score.erroneous,
                fense: score.fense,
            });
            rated[set].fluency[position] = score.map(|score| score.probabilities);
        }
        Ok(rated)
    }
}
