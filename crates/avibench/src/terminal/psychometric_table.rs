//! The table of thresholds that `score` prints for data sets that write intensities down.

use avibench_score::{
    ChanceSource, Easier, PsychometricCurve, PsychometricThreshold, Psychometrics,
};

use super::grid::{Grid, folded, wrapped};
use super::printable;

/// Columns of the texts, so that the whole table fits a terminal of 80.
const KIND: usize = 17;
const REASON: usize = 14;
const UNIT: usize = 21;

/// Marks units of which less is easier.
const LESS: &str = "↓";

/// One row a curve that has enough trials, and what was left out; `None` if there is none.
pub(super) fn thresholds(psychometrics: &Psychometrics) -> Option<String> {
    let mut grid =
        Grid::new(["", "Threshold", "Unit", "Trials", "Right", "Chance"]).with_texts([2]);
    let mut sense = "";
    let mut shown = 0;
    for curve in psychometrics.worth_showing() {
        if curve.sense() != sense {
            sense = curve.sense();
            grid.heading(sense);
        }
        shown += 1;
        grid.row([
            format!(" {}", folded(&kind(curve), KIND).replace('\n', "\n ")),
            threshold(curve),
            folded(&unit(curve), UNIT),
            curve.trials.to_string(),
            percent(curve.right as f64 / curve.trials.max(1) as f64),
            percent(curve.chance.level),
        ]);
    }
    if shown == 0 {
        return None;
    }
    let mut lines = vec![grid.to_string()];
    lines.push(wrapped(
        "",
        "Threshold: the intensity that is sensed half of the time, midway between chance and one, \
         with its 95% interval below; or why there is none. Answers are read strictly, \
         double-confirm apart.",
    ));
    if psychometrics.worth_showing().any(|curve| curve.easier == Easier::Lower) {
        lines.push(format!("{LESS} Less of it is easier to sense."));
    }
    lines.extend(sources(psychometrics).iter().map(|line| wrapped("", line)));
    let left_out = psychometrics.curves.len() - shown;
    if left_out > 0 {
        let (kinds, have) = if left_out == 1 { ("kind", "has") } else { ("kinds", "have") };
        lines.push(wrapped(
            "",
            &format!(
                "{left_out} more {kinds} of question {have} too few trials for a curve; `synth \
                 prise --sweep --scale 4` makes a set with four times as many."
            ),
        ));
    }
    Some(lines.join("\n"))
}

/// Where the chance levels in the table come from, a line each source.
fn sources(psychometrics: &Psychometrics) -> Vec<String> {
    let found = |wanted: &[ChanceSource]| {
        psychometrics.worth_showing().any(|curve| wanted.contains(&curve.chance.source))
    };
    let mut lines = Vec::new();
    if found(&[ChanceSource::Alternatives]) {
        lines.push("Chance: one of the answers that each stimulus leaves possible.".to_owned());
    }
    if found(&[ChanceSource::Options, ChanceSource::Answers]) {
        lines.push(
            "Chance: one of all options or right answers, since this data set does not say which \
             of them a stimulus leaves possible; thresholds may be too low."
                .to_owned(),
        );
    }
    if found(&[ChanceSource::Catches, ChanceSource::Mixed]) {
        lines.push(
            "Where a kind has stimuli with nothing to sense, chance is measured on them."
                .to_owned(),
        );
    }
    lines
}

/// The number, or why there is none, and below it the interval, if there is one.
fn threshold(curve: &PsychometricCurve) -> String {
    let found = curve.threshold.and_then(|threshold| threshold.intensity);
    let mut text = match (found, &curve.reason) {
        (Some(found), _) => number(Some(found)),
        (None, Some(reason)) => folded(reason.name.brief(), REASON),
        (None, None) => String::new(),
    };
    if let Some(interval) = curve.threshold.as_ref().and_then(interval) {
        text = format!("{text}\n{interval}");
    }
    text
}

fn percent(share: f64) -> String {
    format!("{:.0}%", 100.0 * share)
}

fn kind(curve: &PsychometricCurve) -> String {
    if curve.is_pooled() {
        format!("{} kinds together", curve.kinds.len())
    } else {
        printable(&curve.kinds.concat())
    }
}

fn unit(curve: &PsychometricCurve) -> String {
    let unit = printable(&curve.unit);
    match curve.easier {
        Easier::Higher => unit,
        Easier::Lower => format!("{unit} {LESS}"),
    }
}

fn interval(threshold: &PsychometricThreshold) -> Option<String> {
    match (threshold.low, threshold.high) {
        (None, None) => None,
        (low, high) => Some(format!("{}–{}", number(low), number(high))),
    }
}

/// Three digits; what is not known is an ellipsis within an interval.
fn number(value: Option<f64>) -> String {
    value.map_or_else(
        || "…".to_owned(),
        |value| {
            let digits =
                if value == 0.0 { 0 } else { (2 - value.abs().log10().floor() as i32).clamp(0, 4) };
            format!("{value:.*}", digits as usize)
        },
    )
}
