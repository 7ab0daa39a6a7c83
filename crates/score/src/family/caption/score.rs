//! The score of AVC, and its limits.

use serde::{Deserialize, Serialize};

use super::CaptionMeasure;
use super::sums::CaptionSums;
use crate::TaskScore;
use crate::family::{FamilyScore, Weighted};
use crate::task_score::round;
use crate::uncertainty::{ClusterSums, Limits};

/// Scores of AVC. Files hold the numbers of FENSE under other names than those of the stand-in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "WrittenScore", into = "WrittenScore")]
pub struct CaptionScore {
    /// What rated the captions.
    pub measure: CaptionMeasure,
    /// Mean rating, FENSE or the stand-in's; the headline.
    pub rating: f64,
    /// Mean similarity to the references.
    pub similarity: f64,
    /// Share of captions with an error of fluency.
    pub fluency_errors: f64,
    /// Captions that were rated.
    pub n_samples: u64,
}

/// A score as files hold it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WrittenScore {
    Fense {
        fense: f64,
        sbert_sim: f64,
        fer: f64,
        n_samples: u64,
        average: f64,
    },
    StandIn {
        stand_in: f64,
        stand_in_similarity: f64,
        stand_in_faults: f64,
        n_samples: u64,
        average: f64,
    },
}

impl CaptionScore {
    pub(super) fn new(total: &Weighted<CaptionSums>) -> Self {
        let mean = |sum: f64| sum / total.weight;
        Self {
            measure: total.sums.measure(),
            rating: mean(total.sums.rating),
            similarity: mean(total.sums.similarity),
            fluency_errors: mean(total.sums.fluency_errors),
            n_samples: total.weight.round() as u64,
        }
    }

    pub(super) fn limits(clusters: &ClusterSums<CaptionSums>) -> Option<Vec<Limits>> {
        // Similarities may be below 0; none is far below.
        let signed = |sum: fn(&CaptionSums) -> f64| clusters.mean_from(clusters.least(sum), sum);
        let rating = signed(|sums| sums.rating)?;
        let similarity = signed(|sums| sums.similarity)?;
        let errors = clusters.mean_share(|sums| sums.fluency_errors)?;
        Some(vec![similarity, errors, rating, rating])
    }
}

impl FamilyScore for CaptionScore {
    fn headline(&self) -> f64 {
        self.rating
    }

    fn numbers(&self) -> Vec<(&'static str, f64)> {
        let [similarity, errors, rating] = self.measure.names();
        vec![
            (similarity, self.similarity),
            (errors, self.fluency_errors),
            (rating, self.rating),
            ("average", self.rating),
        ]
    }

    fn rounded(self) -> Self {
        Self {
            rating: round(self.rating),
            similarity: round(self.similarity),
            fluency_errors: round(self.fluency_errors),
            ..self
        }
    }
}

impl From<WrittenScore> for CaptionScore {
    fn from(written: WrittenScore) -> Self {
        match written {
            WrittenScore::Fense { fense, sbert_sim, fer, n_samples, average: _ } => Self {
                measure: CaptionMeasure::Fense,
                rating: fense,
                similarity: sbert_sim,
                fluency_errors: fer,
                n_samples,
            },
            WrittenScore::StandIn {
                stand_in,
                stand_in_similarity,
                stand_in_faults,
                n_samples,
                average: _,
            } => Self {
                measure: CaptionMeasure::StandIn,
                rating: stand_in,
                similarity: stand_in_similarity,
                fluency_errors: stand_in_faults,
                n_samples,
            },
        }
    }
}

impl From<CaptionScore> for WrittenScore {
    fn from(score: CaptionScore) -> Self {
        let CaptionScore { measure, rating, similarity, fluency_errors, n_samples } = score;
        match measure {
            CaptionMeasure::Fense => Self::Fense {
                fense: rating,
                sbert_sim: similarity,
                fer: fluency_errors,
                n_samples,
                average: rating,
            },
            CaptionMeasure::StandIn => Self::StandIn {
                stand_in: rating,
                stand_in_similarity: similarity,
                stand_in_faults: fluency_errors,
                n_samples,
                average: rating,
            },
        }
    }
}

impl From<CaptionScore> for TaskScore {
    fn from(score: CaptionScore) -> Self {
        Self::Caption(score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_measure_has_names_of_its_own_in_files() {
        let score = |measure| CaptionScore {
            measure,
            rating: 0.5,
            similarity: 0.75,
            fluency_errors: 0.25,
            n_samples: 4,
        };
        let written = [CaptionMeasure::Fense, CaptionMeasure::StandIn].map(|measure| {
            let json = serde_json::to_value(score(measure)).unwrap();
            let read: CaptionScore = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(read, score(measure));
            json.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        });
        assert_eq!(written[0], ["fense", "sbert_sim", "fer", "n_samples", "average"]);
        let own = ["stand_in", "stand_in_similarity", "stand_in_faults", "n_samples", "average"];
        assert_eq!(written[1], own);
    }
}
