//! The points of a psychometric curve: accuracy in bins of intensity.

use super::trial::{PsychometricError, Trial, check};
use crate::proportion::Proportion;

/// Accuracy of the trials in a range of intensities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// The lowest intensity in the bin.
    pub from: f64,
    /// The highest intensity in the bin.
    pub to: f64,
    /// The mean intensity: where the point stands.
    pub mean: f64,
    /// Right answers of all answers in the bin, with the Wilson interval.
    pub accuracy: Proportion,
}

/// Puts trials into at most `bins` bins of about equal size, ascending by intensity. Trials of one
/// intensity stay together; if there are no more intensities than bins, each has its own.
pub fn curve(trials: &[Trial], bins: usize) -> Result<Vec<CurvePoint>, PsychometricError> {
    check(trials, 0.0)?;
    if bins == 0 {
        return Err(PsychometricError::Bins);
    }
    let mut sorted: Vec<&Trial> = trials.iter().collect();
    sorted.sort_by(|a, b| a.intensity.total_cmp(&b.intensity));
    // In ascending order, not below means equal.
    let groups: Vec<&[&Trial]> = sorted.chunk_by(|a, b| a.intensity >= b.intensity).collect();
    let mut points = Vec::new();
    let (mut start, mut end) = (0, 0);
    for (place, group) in groups.iter().enumerate() {
        end += group.len();
        // A bin is full when it reaches its share of what the bins left over have to hold.
        let left = bins.saturating_sub(points.len()).max(1);
        let full = (end - start) * left >= sorted.len() - start;
        if full || groups.len() <= bins || place + 1 == groups.len() {
            points.extend(point(&sorted[start..end]));
            start = end;
        }
    }
    Ok(points)
}

fn point(bin: &[&Trial]) -> Option<CurvePoint> {
    let right = bin.iter().filter(|trial| trial.right).count();
    let (from, to) = (bin.first()?.intensity, bin.last()?.intensity);
    // Each term is divided first, so that large intensities cannot overflow.
    let mean = bin.iter().map(|trial| trial.intensity / bin.len() as f64).sum::<f64>();
    let accuracy = Proportion::new(right as u64, bin.len() as u64).ok()?;
    Some(CurvePoint { from, to, mean: mean.clamp(from, to), accuracy })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn trials(intensities: &[f64]) -> Vec<Trial> {
        let trial = |(place, &intensity): (usize, &f64)| Trial {
            intensity,
            chance: 0.25,
            right: place % 2 == 0,
        };
        intensities.iter().enumerate().map(trial).collect()
    }

    #[test]
    fn few_intensities_have_a_point_each() {
        let points = curve(&trials(&[2.0, 1.0, 2.0, 2.0, 4.0]), 3).expect("finite");
        let places: Vec<f64> = points.iter().map(|point| point.mean).collect();
        assert_eq!(places, [1.0, 2.0, 4.0]);
        assert_eq!(points[1].accuracy, Proportion::new(2, 3).expect("a proportion"));
    }

    #[test]
    fn many_intensities_share_bins_of_equal_size() {
        let intensities: Vec<f64> = (0..100).map(f64::from).collect();
        let points = curve(&trials(&intensities), 8).expect("finite");
        assert_eq!(points.len(), 8);
        let shares = points.iter().map(|point| (point.to - point.from) as usize + 1);
        assert!(shares.into_iter().all(|share| (12..=13).contains(&share)), "{points:?}");
    }

    #[test]
    fn nothing_has_no_points_and_no_bins_is_an_error() {
        assert_eq!(curve(&[], 5), Ok(Vec::new()));
        assert_eq!(curve(&[], 0), Err(PsychometricError::Bins));
        assert!(curve(&trials(&[f64::NAN]), 5).is_err());
    }

    proptest! {
        #[test]
        fn bins_hold_every_trial_once(
            intensities in proptest::collection::vec(0_u8..30, 1..120),
            bins in 1_usize..12,
        ) {
            let intensities: Vec<f64> = intensities.into_iter().map(f64::from).collect();
            let points = curve(&trials(&intensities), bins).expect("finite");
            prop_assert!(points.len() <= bins);
            let held = points.iter().map(|point| {
                intensities.iter().filter(|&&x| point.from <= x && x <= point.to).count()
            });
            prop_assert_eq!(held.sum::<usize>(), intensities.len());
            for pair in points.windows(2) {
                prop_assert!(pair[0].to < pair[1].from);
            }
        }
    }
}
