//! The 95% interval of a threshold, with the slope averaged out.
//!
//! The likelihood is averaged over slopes that are even on a logarithmic scale, and normalised over
//! thresholds that are even over the tested range and a quarter of it on either side; the interval
//! leaves 2.5% of the mass on each side. It needs no fit and so exists for separable trials too.
//! Two other methods fell short in simulation with 50 trials (`crates/bench/src/bin/threshold.rs`, which shows
//! this one's figures): percentile bootstrap intervals held the truth in 85% to 99% of the repeats
//! with a finite slope, 11% to 88% having none; profile likelihood in 83% to 91%, since a free slope
//! fits luck.
//!
//! Trials that share a cluster are not independent: the log likelihood is divided by the factor by
//! which the cluster-robust variance of the threshold exceeds the plain one.

use super::design::Design;
use super::likelihood::{log_likelihood, score};
use crate::clusters::Clusters;

/// Places over one and a half times the tested range.
const PLACES: usize = 181;
/// The slopes averaged over, in logits over half the tested range: this times powers of the ratio.
const LEAST_SLOPE: f64 = 0.5;
const SLOPE_RATIO: f64 = 1.3;
const SLOPES: i32 = 21;

/// Lowest and highest ease in the interval; `None` if it reaches beyond the tested range.
/// `inflation` is that of [`inflation`].
pub(crate) fn interval(design: &Design, inflation: f64) -> [Option<f64>; 2] {
    let places: Vec<f64> =
        (0..PLACES).map(|place| 3.0 * place as f64 / (PLACES - 1) as f64 - 1.5).collect();
    let slopes: Vec<f64> =
        (0..SLOPES).map(|power| LEAST_SLOPE * libm::pow(SLOPE_RATIO, f64::from(power))).collect();
    let logs: Vec<f64> = places
        .iter()
        .flat_map(|&place| {
            slopes.iter().map(move |&slope| log_likelihood(design, -slope * place, slope))
        })
        .collect();
    let best = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mass: Vec<f64> = logs
        .chunks(slopes.len())
        .map(|row| row.iter().map(|log| libm::exp((log - best) / inflation)).sum())
        .collect();
    let total: f64 = mass.iter().sum();
    [0.025, 0.975].map(|share| {
        let mut below = 0.0;
        let spacing = 3.0 / (PLACES - 1) as f64;
        for (place, mass) in places.iter().zip(&mass) {
            if below + mass >= share * total {
                // The mass of a place is spread evenly around it.
                let end = place + spacing * ((share * total - below) / mass - 0.5);
                return (end.abs() <= 1.0).then_some(end);
            }
            below += mass;
        }
        None
    })
}

/// How much the variance of the threshold exceeds that of independent trials: the sandwich
/// estimate over clusters against the inverse information, at least 1. Exactly 1 if every trial is
/// a cluster of its own.
pub(crate) fn inflation(design: &Design, clusters: &Clusters, intercept: f64, slope: f64) -> f64 {
    if clusters.count() as usize == design.len() {
        return 1.0;
    }
    let mut scores = vec![[0.0; 2]; clusters.count() as usize];
    let [mut aa, mut ab, mut bb] = [0.0; 3];
    for trial in 0..design.len() {
        let (slope_of_log, information) = score(design, trial, intercept, slope);
        let ease = design.ease[trial];
        aa += information;
        ab += information * ease;
        bb += information * ease * ease;
        let sum = &mut scores[clusters.of_record()[design.origin[trial]] as usize];
        sum[0] += slope_of_log;
        sum[1] += slope_of_log * ease;
    }
    // The threshold is -intercept / slope; its gradient is along (1, place), up to a factor that
    // cancels, and the direction below is the inverse information applied to it.
    let place = -intercept / slope;
    let direction = [bb - ab * place, aa * place - ab];
    let plain = (aa * bb - ab * ab) * (direction[0] + direction[1] * place);
    let robust: f64 =
        scores.iter().map(|s| s[0] * direction[0] + s[1] * direction[1]).map(|d| d * d).sum();
    let ratio = robust / plain;
    if ratio.is_finite() { ratio.max(1.0) } else { most(clusters) }
}

/// The largest inflation there can be: trials of a cluster that repeat each other.
pub(crate) fn most(clusters: &Clusters) -> f64 {
    let mut sizes = vec![0.0_f64; clusters.count() as usize];
    for &cluster in clusters.of_record() {
        sizes[cluster as usize] += 1.0;
    }
    let squares: f64 = sizes.iter().map(|size| size * size).sum();
    squares / clusters.of_record().len().max(1) as f64
}
