//! The level L4 over the dates on which models were released, and the frontier: the best so far.

use jiff::civil::Date;
use maud::{Markup, html};

use super::rows::Version;
use super::text::visible;

/// Where L4 stands among the levels.
const L4: usize = 3;
/// Height of the plot in pixels, and room above it for the highest label.
const HEIGHT: f64 = 300.0;
const TOP: f64 = 26.0;
/// Widths of the plot in pixels on a desk and on a phone, for which labels are placed.
const DESK: f64 = 1_000.0;
const PHONE: f64 = 320.0;
/// Width of a letter of a label, and height of a label, in pixels.
const LETTER: f64 = 7.0;
const LINE: f64 = 14.0;

/// A model in the chart.
#[derive(Debug, Clone)]
struct Point {
    name: String,
    day: i64,
    date: Date,
    score: f64,
    is_partial: bool,
    /// Whether it was the best so far when it came.
    is_best: bool,
}

/// The picture with its numbers; nothing unless at least two entries have the level.
pub(crate) fn progress_chart(version: &Version<'_>) -> Markup {
    let points = points(version);
    let [first, .., last] = points.as_slice() else { return html! {} };
    let axis = Axis::new(first, last, &points);
    let steps = frontier(&points);
    let [on_desk, on_phone] = [DESK, PHONE].map(|width| axis.free_labels(&steps, width));
    html! {
        figure.progress {
            figcaption {
                "L4 (domain-adaptive) over the date on which a model was released. The line is the best so far of entries that cover everything."
            }
            svg width="100%" height=(TOP + HEIGHT + 28.0) aria-hidden="true" {
                @for tick in axis.scores() {
                    line.grid x1="0%" x2="100%" y1=(axis.y(tick)) y2=(axis.y(tick)) {}
                    text x="0" y=(axis.y(tick) - 4.0) { (tick) }
                }
                @for (day, text) in axis.dates() {
                    line.grid x1=(axis.x(day)) x2=(axis.x(day)) y1=(TOP + HEIGHT) y2=(TOP + HEIGHT + 5.0) {}
                    text x=(axis.x(day)) y=(TOP + HEIGHT + 20.0) text-anchor="middle" { (text) }
                }
                g.run-0 {
                    @for (at, point) in steps.iter().enumerate() {
                        @let until = steps.get(at + 1).map_or_else(|| "100%".to_owned(), |next| axis.x(next.day));
                        line.tread x1=(axis.x(point.day)) x2=(until) y1=(axis.y(point.score)) y2=(axis.y(point.score)) {}
                        @if let Some(next) = steps.get(at + 1) {
                            line.tread x1=(axis.x(next.day)) x2=(axis.x(next.day)) y1=(axis.y(point.score)) y2=(axis.y(next.score)) {}
                        }
                    }
                }
                @for point in &points {
                    g class=(if point.is_best { "run-0" } else { "no-run" }) {
                        circle class=(if point.is_best { "full" } else { "ring" }) cx=(axis.x(point.day)) cy=(axis.y(point.score)) r="5" {
                            title { (point.name) ": " (format!("{:.2}", point.score)) ", " (point.date) }
                        }
                    }
                }
                @for ((point, on_desk), on_phone) in steps.iter().zip(on_desk).zip(on_phone) {
                    @if on_desk || on_phone { (axis.label(point, on_desk, on_phone)) }
                }
            }
            details {
                summary { "The numbers of this picture" }
                table {
                    thead { tr {
                        th scope="col" { "Released" } th scope="col" { "Model" } th.number scope="col" { "L4" } th scope="col" { "Best so far" }
                    } }
                    tbody {
                        @for point in &points {
                            tr {
                                td { (point.date) } th scope="row" { (point.name) }
                                td.number { (format!("{:.2}", point.score)) }
                                td { @if point.is_best { "yes" } @else if point.is_partial { "partial" } @else { "no" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The models in the order of their dates.
fn points(version: &Version<'_>) -> Vec<Point> {
    let mut points: Vec<Point> = version
        .rows
        .iter()
        .filter_map(|row| {
            let (entry, score) = (row.entry?, row.levels[L4].score.official?);
            Some(Point {
                name: visible(&row.name),
                day: days(entry.released),
                date: entry.released,
                score,
                is_partial: row.is_partial(),
                is_best: false,
            })
        })
        .collect();
    points.sort_by(|a, b| a.day.cmp(&b.day).then(b.score.total_cmp(&a.score)));
    let mut best = f64::NEG_INFINITY;
    for point in points.iter_mut().filter(|point| !point.is_partial) {
        point.is_best = point.score > best;
        best = best.max(point.score);
    }
    points
}

/// The points at which the best so far changes.
fn frontier(points: &[Point]) -> Vec<&Point> {
    points.iter().filter(|point| point.is_best).collect()
}

/// Days from an arbitrary day on.
fn days(date: Date) -> i64 {
    let zero = Date::ZERO;
    i64::from(zero.until(date).map_or(0, |span| span.get_days()))
}

/// What numbers and dates are on the picture.
struct Axis {
    from: i64,
    to: i64,
    most: f64,
}

impl Axis {
    fn new(first: &Point, last: &Point, points: &[Point]) -> Self {
        let pad = ((last.day - first.day) / 12).max(30);
        let highest = points.iter().map(|point| point.score).fold(0.0, f64::max);
        let most = ((highest * 1.08 / 10.0).ceil() * 10.0).clamp(10.0, 100.0);
        Self { from: first.day - pad, to: last.day + pad, most }
    }

    fn share(&self, day: i64) -> f64 {
        100.0 * (day - self.from) as f64 / (self.to - self.from) as f64
    }

    fn x(&self, day: i64) -> String {
        format!("{:.2}%", self.share(day))
    }

    fn y(&self, score: f64) -> f64 {
        ((TOP + HEIGHT * (1.0 - score / self.most)) * 10.0).round() / 10.0
    }

    fn scores(&self) -> Vec<f64> {
        let step = if self.most > 50.0 { 20.0 } else { 10.0 };
        (0..=(self.most / step) as usize).map(|at| step * at as f64).collect()
    }

    /// Beginnings of months that are far enough from each other, at most five of them.
    fn dates(&self) -> Vec<(i64, String)> {
        const STEPS: [i32; 9] = [1, 2, 3, 6, 12, 24, 60, 120, 1_200];
        let months = (self.to - self.from) / 30;
        let step = STEPS.into_iter().find(|step| months / i64::from(*step) <= 5).unwrap_or(12_000);
        // Months since the year 0.
        let first = (self.from as f64 / 30.436_875).floor() as i32;
        let count = (months as i32 + 3).min(1_000 * step);
        let ticks = (first..first + count).filter(|month| month.rem_euclid(step) == 0);
        let tick = |month: i32| {
            let year = i16::try_from(month.div_euclid(12)).ok()?;
            let number = month.rem_euclid(12) + 1;
            let date = Date::new(year, number as i8, 1).ok()?;
            let text =
                if step >= 12 { format!("{year:04}") } else { format!("{year:04}-{number:02}") };
            Some((days(date), text))
        };
        let is_within = |(day, _): &(i64, String)| (4.0..=96.0).contains(&self.share(*day));
        ticks.filter_map(tick).filter(is_within).collect()
    }

    /// Which labels of the frontier have room on a plot of this width: of two that would cover each
    /// other, the later one stays.
    fn free_labels(&self, steps: &[&Point], width: f64) -> Vec<bool> {
        let mut taken: Vec<[f64; 3]> = Vec::new();
        let mut free: Vec<bool> = steps
            .iter()
            .rev()
            .map(|point| {
                let length = LETTER * label_text(point).chars().count() as f64;
                let at = self.share(point.day) / 100.0 * width;
                let from = if self.is_left(point) { at } else { at - length };
                let own = [from, from + length, self.y(point.score)];
                let is_free = from >= 0.0
                    && own[1] <= width + LETTER
                    && taken.iter().all(|other| {
                        own[1] < other[0] || other[1] < own[0] || (own[2] - other[2]).abs() >= LINE
                    });
                taken.extend(is_free.then_some(own));
                is_free
            })
            .collect();
        free.reverse();
        free
    }

    /// Whether a label begins at its point rather than ending there.
    fn is_left(&self, point: &Point) -> bool {
        self.share(point.day) < 35.0
    }

    /// The name and number of a model that was the best so far.
    fn label(&self, point: &Point, on_desk: bool, on_phone: bool) -> Markup {
        let (anchor, shift) = if self.is_left(point) { ("start", 0) } else { ("end", 4) };
        let room = match (on_desk, on_phone) {
            (true, false) => "level wide-only",
            (false, true) => "level narrow-only",
            _ => "level",
        };
        html! {
            text class=(room) x=(self.x(point.day)) dx=(shift) y=(self.y(point.score) - 11.0) text-anchor=(anchor) {
                (label_text(point))
            }
        }
    }
}

fn label_text(point: &Point) -> String {
    let name: String = point.name.chars().take(28).collect();
    format!("{name} {:.2}", point.score)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(name: &str, day: i64, score: f64) -> Point {
        let (date, is_partial, is_best) = (Date::ZERO, false, true);
        Point { name: name.to_owned(), day, date, score, is_partial, is_best }
    }

    #[test]
    fn axes_hold_every_point_and_few_dates() {
        for span in [0, 1, 40, 400, 4_000, 3_000_000] {
            let points = [point("a", 738_000 - span / 5, 0.0), point("b", 738_000, 42.0)];
            let axis = Axis::new(&points[0], &points[1], &points);
            assert!(points.iter().all(|point| (0.0..=100.0).contains(&axis.share(point.day))));
            assert!(axis.dates().len() <= 7, "{span}: {:?}", axis.dates());
            assert!(!axis.dates().is_empty() || span > 1_000_000, "{span}");
            assert!((axis.most - 50.0).abs() < 1e-9);
        }
    }

    #[test]
    fn labels_do_not_cover_each_other() {
        let points =
            [point("first", 0, 1.0), point("second", 900, 40.0), point("third", 905, 41.0)];
        let axis = Axis::new(&points[0], &points[2], &points);
        let steps: Vec<&Point> = points.iter().collect();
        assert_eq!(axis.free_labels(&steps, DESK), [true, false, true]);
    }
}
