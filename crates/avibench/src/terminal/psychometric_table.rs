//! The table of thresholds that `score` prints for data sets that write intensities down.

use avibench_score::{
    ChanceSource, Easier, PsychometricCurve, PsychometricThreshold, Psychometrics,
};
use comfy_table::CellAlignment;

use super::printable;
use super::score_tables::{align, new_table};

/// One row a curve that has enough trials, and what was left out; `None` if there is none.
pub(super) fn thresholds(psychometrics: &Psychometrics) -> Option<String> {
    let mut table = new_table();
    table.set_header(["Sense", "Kind", "Threshold", "95%", "Unit", "Trials", "Right", "Chance"]);
    let mut sense = "";
    let mut shown = 0;
    for curve in psychometrics.worth_showing() {
        let is_new = curve.sense() != sense;
        sense = curve.sense();
        shown += 1;
        table.add_row([
            if is_new { sense.to_owned() } else { String::new() },
            kind(curve),
            threshold(curve),
            curve.threshold.as_ref().map_or_else(String::new, interval),
            unit(curve),
            curve.trials.to_string(),
            percent(curve.right as f64 / curve.trials.max(1) as f64),
            percent(curve.chance.level),
        ]);
    }
    if shown == 0 {
        return None;
    }
    align(&mut table, 2);
    if let Some(unit) = table.column_mut(4) {
        unit.set_cell_alignment(CellAlignment::Left);
    }
    let mut lines = vec![table.to_string()];
    lines.push(
        "Threshold: the intensity that is sensed half of the time, midway between chance\nand one; \
         or why there is none. Answers are read strictly, double-confirm apart."
            .to_owned(),
    );
    lines.extend(sources(psychometrics));
    let left_out = psychometrics.curves.len() - shown;
    if left_out > 0 {
        lines.push(format!(
            "{left_out} more kinds of question have too few trials for a curve;\n`synth prise --sweep \
             --scale 4` makes a set with four times as many."
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
            "Chance: one of all options or right answers, since this data set does not say\nwhich of \
             them a stimulus leaves possible; thresholds may be too low."
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

/// The number, or why there is none.
fn threshold(curve: &PsychometricCurve) -> String {
    let found = curve.threshold.and_then(|threshold| threshold.intensity);
    match (found, &curve.reason) {
        (Some(found), _) => number(Some(found)),
        (None, Some(reason)) => printable(reason.brief()),
        (None, None) => String::new(),
    }
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
        Easier::Lower => format!("{unit} (less is easier)"),
    }
}

fn interval(threshold: &PsychometricThreshold) -> String {
    match (threshold.low, threshold.high) {
        (None, None) => String::new(),
        (low, high) => format!("{}–{}", number(low), number(high)),
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
