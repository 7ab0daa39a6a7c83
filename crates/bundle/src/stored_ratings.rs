//! Ratings of captions as rows hold them, in place of the models that made them.

use avibench_assess::{CaptionRater, CaptionsUnavailable, RatedCaptions};
use avibench_protocol::Family;
use avibench_results::{CaptionRaterReport, SampleRow, ScoringMode, StoredParts, StoredRun};
use avibench_score::{CaptionPair, CaptionParts, Parts, VerdictOutcome};

use crate::public_bundle::MODES;

/// Rates captions as they were rated.
pub(crate) struct StoredRatings {
    /// Official, strict.
    sets: [Vec<StoredRating>; 2],
    rater: Option<CaptionRaterReport>,
}

/// The rating of one caption.
struct StoredRating {
    position: usize,
    parts: CaptionParts,
    fluency: Option<[f64; 6]>,
}

impl StoredRatings {
    /// The ratings in a run's rows.
    pub(crate) fn of(run: &StoredRun) -> Self {
        let of = |mode: ScoringMode| {
            let rows = run.rows.iter().filter(|row| row.mode == mode);
            rows.filter(|row| row.folder.family() == Family::Caption).filter_map(rating).collect()
        };
        Self { sets: MODES.map(of), rater: run.report.captions.clone() }
    }

    /// How many ratings there are.
    pub(crate) fn count(&self) -> usize {
        self.sets.iter().map(Vec::len).sum()
    }
}

fn rating(row: &SampleRow) -> Option<StoredRating> {
    let is_missing = row.outcome == VerdictOutcome::Missing;
    let stored = StoredParts::from(row).parts(row.folder.family(), row.outcome);
    let Some(Parts::Caption(parts)) = stored.filter(|_| !is_missing) else { return None };
    let fluency = [
        row.p_add_tail,
        row.p_repeat_event,
        row.p_repeat_adv,
        row.p_remove_conj,
        row.p_remove_verb,
        row.p_error,
    ];
    let fluency: Option<Vec<f64>> = fluency.into_iter().collect();
    let fluency = fluency.and_then(|all| all.try_into().ok());
    Some(StoredRating { position: row.position, parts, fluency })
}

impl CaptionRater for StoredRatings {
    fn rate(
        &self,
        sets: [&[CaptionPair<'_>]; 2],
        samples: usize,
    ) -> Result<[RatedCaptions; 2], CaptionsUnavailable> {
        if self.count() == 0 && sets.iter().any(|set| !set.is_empty()) {
            return Err(CaptionsUnavailable::Missing(
                "the bundle holds no ratings of captions".to_owned(),
            ));
        }
        let rated = |stored: &[StoredRating]| {
            let mut rated = RatedCaptions {
                ratings: vec![None; samples],
                fluency: vec![None; samples],
                warnings: Vec::new(),
                rater: self.rater.clone(),
            };
            for one in stored.iter().filter(|one| one.position < samples) {
                rated.ratings[one.position] = Some(one.parts);
                rated.fluency[one.position] = one.fluency;
            }
            rated
        };
        let [official, strict] = &self.sets;
        Ok([rated(official), rated(strict)])
    }
}
