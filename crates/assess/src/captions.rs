//! Ratings of captions: from the models of `avibench-fense`, from its stand-in, or from whatever else
//! rates them.

use std::path::PathBuf;
use std::sync::OnceLock;

use avibench_fense::{
    Caption, Fense, FenseError, FenseOptions, ModelFiles, Places, STAND_IN_VERSION, ScoreProgress,
    StandInScore, locate,
};
use avibench_results::CaptionRaterReport;
use avibench_score::{CaptionMeasure, CaptionPair, CaptionParts, Captions};

/// Probabilities of fluency errors of a folder's captions, by position, in the order of
/// [`avibench_fense::FluencyError`].
pub type Fluency = Vec<Option<[f64; 6]>>;

/// What is known of a folder's captions, by position.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RatedCaptions {
    /// The rating of each, as scoring takes it over.
    pub ratings: Vec<Option<CaptionParts>>,
    /// All probabilities of errors.
    pub fluency: Fluency,
    /// What was said about single captions, such as one that was too long.
    pub warnings: Vec<String>,
    /// What rated them; `None` if there was nothing to rate.
    pub rater: Option<CaptionRaterReport>,
}

impl RatedCaptions {
    /// Nothing is known yet of a folder of this many samples.
    fn nothing(samples: usize) -> Self {
        Self {
            ratings: vec![None; samples],
            fluency: vec![None; samples],
            warnings: Vec::new(),
            rater: None,
        }
    }

    /// The ratings as scoring takes them.
    pub(crate) fn captions(&self) -> Captions<'_> {
        match &self.rater {
            Some(CaptionRaterReport::StandIn { .. }) => Captions::StandIn(&self.ratings),
            Some(CaptionRaterReport::Fense { .. }) | None => Captions::Rated(&self.ratings),
        }
    }
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
    /// What was read of them, for the next captions.
    read: OnceLock<Fense>,
}

impl<'a> CaptionModels<'a> {
    /// Models that `find` names when they are needed: it may fetch them first. Sentence vectors
    /// are kept in `vectors`, if it is given.
    pub fn new(
        find: impl Fn() -> Result<ModelFiles, CaptionsUnavailable> + 'a,
        vectors: Option<PathBuf>,
    ) -> Self {
        Self { find: Box::new(find), progress: Box::new(|_| {}), vectors, read: OnceLock::new() }
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

impl CaptionModels<'_> {
    /// The models, read when they are first needed.
    fn models(&self) -> Result<&Fense, CaptionsUnavailable> {
        if let Some(models) = self.read.get() {
            return Ok(models);
        }
        let files = (self.find)()?;
        let options = FenseOptions { cache: self.vectors.clone(), ..FenseOptions::default() };
        let models = Fense::read(&files, options).map_err(CaptionsUnavailable::Models)?;
        Ok(self.read.get_or_init(|| models))
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
        let mut rated = [RatedCaptions::nothing(samples), RatedCaptions::nothing(samples)];
        let pairs =
            || sets.iter().enumerate().flat_map(|(set, pairs)| pairs.iter().map(move |p| (set, p)));
        if pairs().next().is_none() {
            return Ok(rated);
        }
        let models = self.models()?;
        let captions: Vec<Caption<'_>> = pairs()
            .map(|(_, pair)| Caption {
                candidate: &pair.candidate,
                references: pair.references.clone(),
            })
            .collect();
        let report = models
            .score(&captions, &mut |progress| (self.progress)(&progress))
            .map_err(CaptionsUnavailable::Models)?;
        let rater = CaptionRaterReport::Fense {
            sentence_sha256: report.sentence_sha256,
            detector_sha256: report.detector_sha256,
        };
        for set in &mut rated {
            set.rater = Some(rater.clone());
        }
        rated[0].warnings = report.warnings;
        for ((set, pair), score) in pairs().zip(report.captions) {
            let position = pair.position.0;
            rated[set].ratings[position] = score.as_ref().map(|score| CaptionParts {
                measure: CaptionMeasure::Fense,
                similarity: score.similarity,
                fluency_error: score.erroneous,
                rating: score.fense,
            });
            rated[set].fluency[position] = score.map(|score| score.probabilities);
        }
        Ok(rated)
    }
}

/// Rates captions by the rules that stand in for FENSE. Whoever uses it has asked for it: reports, rows
/// and tables carry its mark, and its numbers are compared with no others.
#[derive(Debug, Clone, Copy, Default)]
pub struct CaptionStandIn;

impl CaptionStandIn {
    /// What reports say of it.
    #[must_use]
    pub const fn report() -> CaptionRaterReport {
        CaptionRaterReport::StandIn { stand_in_version: STAND_IN_VERSION }
    }
}

impl CaptionRater for CaptionStandIn {
    fn rate(
        &self,
        sets: [&[CaptionPair<'_>]; 2],
        samples: usize,
    ) -> Result<[RatedCaptions; 2], CaptionsUnavailable> {
        Ok(sets.map(|pairs| {
            let mut rated = RatedCaptions::nothing(samples);
            // A folder in which nothing was captioned is marked as well: its 0 is the stand-in's.
            rated.rater = Some(Self::report());
            for pair in pairs {
                let caption =
                    Caption { candidate: &pair.candidate, references: pair.references.clone() };
                rated.ratings[pair.position.0] =
                    StandInScore::of(&caption).map(|rating| CaptionParts {
                        measure: CaptionMeasure::StandIn,
                        similarity: rating.similarity,
                        fluency_error: rating.fault.is_some(),
                        rating: rating.score,
                    });
            }
            rated
        }))
    }
}
