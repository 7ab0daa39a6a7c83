//! Pictures of numbers: markup and SVG without script, coloured by the page's style sheet.
//!
//! Plots in rows are HTML with one small SVG a row whose positions are percentages, so that they fit any
//! width while their texts keep their size. All of them are hidden from screen readers, because the
//! numbers stand beside or below them as text.

mod dots;
mod spread;
mod staircase;

pub(crate) use dots::{Dot, DotKind, DotPlot, DotRow};
pub(crate) use spread::bars;
pub(crate) use staircase::staircase;

/// The class that gives a run its colour.
pub(crate) fn colour(run: usize) -> String {
    format!("run-{}", run % 6)
}
