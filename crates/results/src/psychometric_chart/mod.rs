//! Psychometric curves as a picture: one small panel a curve, grouped by sense.
//!
//! The SVG stands by itself: no script, no font and no style from elsewhere. Names come from a
//! data set, so they are escaped like any foreign text.

mod axis;
mod panel;

use std::fmt::Write as _;

use avibench_protocol::Folder;
use avibench_score::{PsychometricCurve, Psychometrics};

use crate::svg_text::escaped;
use panel::{PANEL_HEIGHT, PANEL_WIDTH};

/// Panels side by side.
const COLUMNS: usize = 4;
/// Pixels around and between panels.
const MARGIN: f64 = 28.0;
const GAP: f64 = 18.0;
/// Pixels of the head of the picture and of a group of panels.
const HEAD: f64 = 118.0;
const GROUP_HEAD: f64 = 40.0;

const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#1f2937}\
.title{font-size:20px;font-weight:600}.group{font-size:15px;font-weight:600}\
.about{font-size:12px;fill:#4b5563}.name{font-size:12.5px;font-weight:600}\
.tick{font-size:10px;fill:#6b7280}.unit{font-size:10.5px;fill:#4b5563}\
.found{font-size:11.5px;font-weight:600}.none{font-size:10.5px;fill:#6b7280;font-style:italic}\
.frame{fill:#fff;stroke:#d1d5db}.grid{stroke:#eef0f3}.chance{stroke:#9ca3af;stroke-dasharray:3 3}\
.bar{stroke-width:1.4;opacity:.55}.fit{fill:none;stroke-width:2.2}\
.at{stroke-width:1.4;stroke-dasharray:5 3}.band{opacity:.13}";

/// The curves that have enough trials, as one SVG; `None` if there are none.
#[must_use]
pub fn psychometric_svg(label: &str, psychometrics: &Psychometrics) -> Option<String> {
    let mut groups: Vec<(&str, Vec<&PsychometricCurve>)> = Vec::new();
    for curve in psychometrics.worth_showing() {
        match groups.iter_mut().find(|(sense, _)| *sense == curve.sense()) {
            Some((_, curves)) => curves.push(curve),
            None => groups.push((curve.sense(), vec![curve])),
        }
    }
    if groups.is_empty() {
        return None;
    }
    let columns = groups.iter().map(|(_, curves)| curves.len()).max()?.min(COLUMNS);
    let width = 2.0 * MARGIN + columns.max(3) as f64 * (PANEL_WIDTH + GAP) - GAP;
    let mut body = String::new();
    let mut top = HEAD;
    for (sense, curves) in &groups {
        let colour = curves.first().map_or(OTHER, |curve| colour(curve.folder));
        push(&mut body, format_args!(r#"<text class="group" x="{MARGIN}" y="{:.1}">"#, top + 22.0));
        push(&mut body, format_args!("{}</text>\n", escaped(&capitalised(sense))));
        top += GROUP_HEAD;
        for (i, curve) in curves.iter().enumerate() {
            let (row, column) = (i / columns, i % columns);
            let x = MARGIN + column as f64 * (PANEL_WIDTH + GAP);
            let y = top + row as f64 * (PANEL_HEIGHT + GAP);
            push(&mut body, format_args!(r#"<g transform="translate({x:.1} {y:.1})">"#));
            panel::draw(&mut body, curve, colour);
            body.push_str("</g>\n");
        }
        top += curves.len().div_ceil(columns) as f64 * (PANEL_HEIGHT + GAP);
    }
    let height = top + MARGIN - GAP;
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}" role="img" aria-labelledby="title">"#
    );
    push(&mut svg, format_args!("\n<style>{STYLE}</style>\n"));
    push(
        &mut svg,
        format_args!("<rect width=\"{width:.0}\" height=\"{height:.0}\" fill=\"#fff\"/>\n"),
    );
    push(
        &mut svg,
        format_args!(
            "<text id=\"title\" class=\"title\" x=\"{MARGIN}\" y=\"44\">Where the senses of {} end</text>\n",
            escaped(label)
        ),
    );
    for (line, about) in ABOUT.iter().enumerate() {
        let y = 68 + 17 * line;
        push(
            &mut svg,
            format_args!("<text class=\"about\" x=\"{MARGIN}\" y=\"{y}\">{about}</text>\n"),
        );
    }
    svg.push_str(&body);
    svg.push_str("</svg>\n");
    Some(svg)
}

/// What a reader has to know, a line each.
const ABOUT: [&str; 3] = [
    "Share of right answers over the intensity of the stimulus. Dots: bins of trials with 95% intervals. \
     Line: fitted logistic that rises from the chance level (dashed).",
    "Threshold (upright line): midway between chance and one, where a difference is sensed half of the time; \
     shaded: its 95% interval.",
    "Answers are read strictly; double-confirm does not count here; unanswered questions are left out.",
];

/// One colour a sense, told apart by colour-blind readers too (after Okabe and Ito, 2008), and the
/// same in every picture.
const fn colour(folder: Folder) -> &'static str {
    match folder {
        Folder::Asqa => "#0072b2",
        Folder::VsqaI => "#b35900",
        Folder::VsqaV => "#00795c",
        Folder::Avsqa => "#a3467f",
        _ => OTHER,
    }
}

const OTHER: &str = "#4b5563";

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Appends formatted text; writing to a string cannot fail.
fn push(to: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = to.write_fmt(text);
}
