//! Numbers with intervals, a row each.

use maud::{Markup, html};

use super::colour;

/// A plot with one row a number.
#[derive(Debug)]
pub(crate) struct DotPlot {
    /// What it shows, for its caption.
    pub(crate) caption: String,
    /// The ends of the axis.
    pub(crate) axis: [f64; 2],
    /// Rows from above.
    pub(crate) rows: Vec<DotRow>,
}

/// A row of a plot.
#[derive(Debug)]
pub(crate) struct DotRow {
    /// What the row is about.
    pub(crate) name: String,
    /// Where a click on the name leads.
    pub(crate) link: Option<String>,
    /// The numbers, from above.
    pub(crate) dots: Vec<Dot>,
    /// Where guessing would be.
    pub(crate) chance: Option<f64>,
}

/// A number in a row.
#[derive(Debug)]
pub(crate) struct Dot {
    /// The run, which decides the colour; none for what is of no run more than of another.
    pub(crate) run: Option<usize>,
    /// Its shape.
    pub(crate) kind: DotKind,
    /// The number.
    pub(crate) value: f64,
    /// Its 95% interval.
    pub(crate) interval: Option<(f64, f64)>,
}

/// The shape of a dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DotKind {
    /// A disc.
    Full,
    /// A ring.
    Ring,
    /// A diamond.
    Diamond,
}

/// Pixels between dots of a row, and around them.
const STEP: f64 = 12.0;
const MARGIN: f64 = 7.0;

impl DotPlot {
    /// The plot; nothing without rows.
    pub(crate) fn draw(&self) -> Markup {
        if self.rows.is_empty() {
            return html! {};
        }
        html! {
            figure.dots {
                figcaption { (self.caption) }
                @for row in &self.rows {
                    div.dot-row {
                        span.dot-name {
                            @match &row.link {
                                Some(link) => a href=(link) { (row.name) },
                                None => (row.name),
                            }
                        }
                        (self.line(row))
                        span.dot-values {
                            @for dot in &row.dots {
                                span class={ "dot-value " (colour_of(dot)) } {
                                    (format!("{:.1}", dot.value))
                                }
                            }
                        }
                    }
                }
                div.dot-row.dot-axis aria-hidden="true" {
                    span.dot-name {}
                    svg width="100%" height="18" {
                        @for tick in self.ticks() {
                            text x={ (self.at(tick)) "%" } y="13" text-anchor="middle" { (tick) }
                        }
                    }
                    span.dot-values {}
                }
            }
        }
    }

    fn line(&self, row: &DotRow) -> Markup {
        let height = MARGIN * 2.0 + STEP * (row.dots.len().max(1) - 1) as f64;
        html! {
            svg.dot-line width="100%" height=(height) aria-hidden="true" {
                @for tick in self.ticks() {
                    line.grid x1={ (self.at(tick)) "%" } x2={ (self.at(tick)) "%" } y1="0" y2=(height) {}
                }
                @if self.axis[0] < 0.0 {
                    line.zero x1={ (self.at(0.0)) "%" } x2={ (self.at(0.0)) "%" } y1="0" y2=(height) {}
                }
                @if let Some(chance) = row.chance {
                    line.chance x1={ (self.at(chance)) "%" } x2={ (self.at(chance)) "%" } y1="1" y2=(height - 1.0) {}
                }
                @for (at, dot) in row.dots.iter().enumerate() {
                    (self.dot(dot, MARGIN + STEP * at as f64))
                }
            }
        }
    }

    fn dot(&self, dot: &Dot, y: f64) -> Markup {
        let x = self.at(dot.value);
        html! {
            g class=(colour_of(dot)) {
                @if let Some((low, high)) = dot.interval {
                    line.whisker x1={ (self.at(low)) "%" } x2={ (self.at(high)) "%" } y1=(y) y2=(y) {}
                }
                @match dot.kind {
                    DotKind::Full => circle.full cx={ (x) "%" } cy=(y) r="4.5" {},
                    DotKind::Ring => circle.ring cx={ (x) "%" } cy=(y) r="4" {},
                    // A path cannot be placed by a percentage, a nested picture can.
                    DotKind::Diamond => svg x={ (x) "%" } y=(y) overflow="visible" {
                        path.ring d="M0-5.5 5.5 0 0 5.5-5.5 0Z" {}
                    },
                }
            }
        }
    }

    /// Where a value lies, in percent of the width.
    fn at(&self, value: f64) -> f64 {
        let [from, to] = self.axis;
        let share = ((value - from) / (to - from)).clamp(0.0, 1.0);
        (share * 10_000.0).round() / 100.0
    }

    fn ticks(&self) -> Vec<f64> {
        let [from, to] = self.axis;
        let step = (to - from) / if from < 0.0 { 4.0 } else { 5.0 };
        (0..=((to - from) / step).round() as usize).map(|at| from + step * at as f64).collect()
    }
}

fn colour_of(dot: &Dot) -> String {
    dot.run.map_or_else(|| "no-run".to_owned(), colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_lie_where_their_numbers_are() {
        let plot = DotPlot {
            caption: "a <b>".to_owned(),
            axis: [-100.0, 100.0],
            rows: vec![DotRow {
                name: "AVM".to_owned(),
                link: Some("#/task/AVM".to_owned()),
                dots: vec![Dot {
                    run: Some(1),
                    kind: DotKind::Full,
                    value: 50.0,
                    interval: Some((-50.0, 100.0)),
                }],
                chance: None,
            }],
        };
        let drawn = plot.draw().into_string();
        assert!(drawn.contains(r#"<circle class="full" cx="75%""#), "{drawn}");
        assert!(drawn.contains(r#"x1="25%" x2="100%""#), "{drawn}");
        assert!(drawn.contains("a &lt;b&gt;"), "{drawn}");
    }
}
