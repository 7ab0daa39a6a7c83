//! One curve in its frame.

use avibench_score::PsychometricCurve;

use super::axis::{Axis, short};
use super::push;
use crate::svg_text::{escaped, shortened};

/// Pixels.
pub(super) const PANEL_WIDTH: f64 = 262.0;
pub(super) const PANEL_HEIGHT: f64 = 218.0;

/// The plot within the panel: left, right, top, bottom.
const PLOT: [f64; 4] = [34.0, PANEL_WIDTH - 6.0, 42.0, 178.0];
/// Steps in which a curve is drawn.
const STEPS: usize = 64;

/// Draws a curve into a panel whose corner is the origin.
pub(super) fn draw(out: &mut String, curve: &PsychometricCurve, colour: &str) {
    let [left, right, top, bottom] = PLOT;
    let low = curve.points.iter().map(|point| point.from).fold(f64::INFINITY, f64::min);
    let high = curve.points.iter().map(|point| point.to).fold(f64::NEG_INFINITY, f64::max);
    // Room at both ends, so that outer points do not sit on the frame.
    let room = 0.04 * (high - low);
    let x = Axis::new([low - room, high + room], [left, right]);
    let y = Axis::new([0.0, 1.0], [bottom, top]);
    heading(out, curve);
    push(
        out,
        format_args!(
            r#"<rect class="frame" x="{left}" y="{top}" width="{:.1}" height="{:.1}"/>"#,
            right - left,
            bottom - top
        ),
    );
    for (share, label) in [(0.0, "0%"), (0.5, "50%"), (1.0, "100%")] {
        let at = y.at(share);
        push(
            out,
            format_args!(
                r#"<line class="grid" x1="{left}" x2="{right}" y1="{at:.1}" y2="{at:.1}"/><text class="tick" x="{:.1}" y="{:.1}" text-anchor="end">{label}</text>"#,
                left - 5.0,
                at + 3.5
            ),
        );
    }
    for tick in x.ticks(5) {
        let at = x.at(tick);
        push(
            out,
            format_args!(
                r#"<line class="grid" x1="{at:.1}" x2="{at:.1}" y1="{top}" y2="{bottom}"/><text class="tick" x="{at:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
                bottom + 14.0,
                short(tick)
            ),
        );
    }
    let chance = y.at(curve.chance.level);
    push(
        out,
        format_args!(
            r#"<line class="chance" x1="{left}" x2="{right}" y1="{chance:.1}" y2="{chance:.1}"/>"#
        ),
    );
    threshold(out, curve, &x, &y, colour);
    fitted(out, curve, &x, &y, colour);
    for point in &curve.points {
        let (at, share) = (x.at(point.mean), y.at(point.share()));
        push(
            out,
            format_args!(
                r#"<line class="bar" stroke="{colour}" x1="{at:.1}" x2="{at:.1}" y1="{:.1}" y2="{:.1}"/><circle cx="{at:.1}" cy="{share:.1}" r="3.2" fill="{colour}"><title>{} of {} right at {} to {}</title></circle>"#,
                y.at(point.low),
                y.at(point.high),
                point.right,
                point.trials,
                short(point.from),
                short(point.to)
            ),
        );
    }
    let unit = match curve.easier {
        avibench_score::Easier::Higher => escaped(&curve.unit),
        avibench_score::Easier::Lower => format!("{} (less is easier)", escaped(&curve.unit)),
    };
    push(
        out,
        format_args!(
            r#"<text class="unit" x="{:.1}" y="{:.1}" text-anchor="middle">{unit}</text>"#,
            f64::midpoint(left, right),
            bottom + 30.0
        ),
    );
}

/// Name, and the threshold in words or why there is none.
fn heading(out: &mut String, curve: &PsychometricCurve) {
    let kinds = curve.kinds.join(", ").replace('_', " ");
    let name = if curve.is_pooled() {
        format!("{} kinds together", curve.kinds.len())
    } else {
        kinds.clone()
    };
    let name = shortened(&name, 32);
    push(
        out,
        format_args!(
            r#"<text class="name" x="0" y="12">{}<title>{}</title></text><text class="tick" x="{:.1}" y="12" text-anchor="end">{} trials</text>"#,
            escaped(&name),
            escaped(&kinds),
            PLOT[1],
            curve.trials
        ),
    );
    let number = curve.threshold.as_ref().and_then(|threshold| threshold.intensity);
    let (class, words) = match (number, &curve.reason) {
        (Some(number), _) => ("found", format!("{}{}", short(number), interval(curve))),
        (None, Some(reason)) => ("none", format!("{}{}", reason.name.brief(), interval(curve))),
        (None, None) => return,
    };
    push(out, format_args!(r#"<text class="{class}" x="0" y="27">{}</text>"#, escaped(&words)));
}

/// The interval in words, if there is one.
pub(super) fn interval(curve: &PsychometricCurve) -> String {
    let Some(threshold) = &curve.threshold else { return String::new() };
    match (threshold.low, threshold.high) {
        (None, None) => String::new(),
        (low, high) => {
            let end = |end: Option<f64>| end.map_or_else(|| "…".to_owned(), short);
            format!(" ({} to {})", end(low), end(high))
        }
    }
}

fn threshold(out: &mut String, curve: &PsychometricCurve, x: &Axis, y: &Axis, colour: &str) {
    let [left, right, top, bottom] = PLOT;
    let Some(threshold) = &curve.threshold else { return };
    if threshold.low.is_some() || threshold.high.is_some() {
        // An open end reaches the frame.
        let from = threshold.low.map_or(left, |low| x.at(low));
        let to = threshold.high.map_or(right, |high| x.at(high));
        push(
            out,
            format_args!(
                r#"<rect class="band" fill="{colour}" x="{from:.1}" y="{top}" width="{:.1}" height="{:.1}"/>"#,
                (to - from).max(1.0),
                bottom - top
            ),
        );
    }
    if let Some(intensity) = threshold.intensity {
        let at = x.at(intensity);
        let half = y.at(curve.accuracy_at_threshold());
        push(
            out,
            format_args!(
                r#"<line class="at" stroke="{colour}" x1="{at:.1}" x2="{at:.1}" y1="{half:.1}" y2="{bottom}"/>"#
            ),
        );
    }
}

fn fitted(out: &mut String, curve: &PsychometricCurve, x: &Axis, y: &Axis, colour: &str) {
    let points: Vec<String> = (0..=STEPS)
        .filter_map(|step| {
            let intensity = x.value(step as f64 / STEPS as f64);
            let accuracy = curve.fitted(intensity)?;
            Some(format!("{:.1},{:.1}", x.at(intensity), y.at(accuracy)))
        })
        .collect();
    if !points.is_empty() {
        push(
            out,
            format_args!(
                r#"<polyline class="fit" stroke="{colour}" points="{}"/>"#,
                points.join(" ")
            ),
        );
    }
}
