//! The levels as a staircase: where a model's ability drops, and by which factor.

use avibench_score::{Estimate, NamedEstimate};
use maud::{Markup, html};

use super::colour;

/// The picture's size in its own units, which are about pixels.
const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 30.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 24.0;

/// The levels of one run, in percent. `title` names the run and the mode.
pub(crate) fn staircase(title: &str, run: usize, levels: &[NamedEstimate]) -> Markup {
    let step = (WIDTH - LEFT) / levels.len().max(1) as f64;
    let y = |percent: f64| {
        let share = percent.clamp(0.0, 100.0) / 100.0;
        ((TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - share)) * 100.0).round() / 100.0
    };
    let value = |at: usize| levels.get(at).and_then(|level| level.estimate.value);
    let words: Vec<String> = levels
        .iter()
        .map(|level| format!("{}: {}", level.name.to_uppercase(), shown(&level.estimate)))
        .collect();
    html! {
        figure.stairs {
            figcaption { (title) }
            svg class=(colour(run)) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
                aria-label={ (title) ". " (words.join("; ")) } {
                @for tick in [0.0, 25.0, 50.0, 75.0, 100.0] {
                    line.grid x1=(LEFT) x2=(WIDTH) y1=(y(tick)) y2=(y(tick)) {}
                    text.tick x=(LEFT - 5.0) y=(y(tick) + 4.0) text-anchor="end" { (tick) }
                }
                @for (at, level) in levels.iter().enumerate() {
                    @let left = LEFT + step * at as f64;
                    @let middle = left + step / 2.0;
                    text.tick x=(middle) y=(HEIGHT - 7.0) text-anchor="middle" {
                        (level.name.to_uppercase())
                    }
                    @if let Some(percent) = level.estimate.value {
                        rect.step x=(left) width=(step) y=(y(percent)) height=(y(0.0) - y(percent)) {}
                        line.tread x1=(left) x2=(left + step) y1=(y(percent)) y2=(y(percent)) {}
                        @if let Some((low, high)) = level.estimate.low.zip(level.estimate.high) {
                            line.whisker x1=(left + step - 8.0) x2=(left + step - 8.0) y1=(y(low)) y2=(y(high)) {}
                        }
                        text.level x=(left + 5.0) y=(y(percent) - 5.0) { (format!("{percent:.1}")) }
                        @if let Some(before) = at.checked_sub(1).and_then(value).filter(|v| *v > 0.0) {
                            text.factor x=(left + 5.0) y=(y(percent) + 14.0) {
                                (format!("×{:.2}", percent / before))
                            }
                        }
                    } @else {
                        text.level x=(middle) y=(y(0.0) - 6.0) text-anchor="middle" { "–" }
                    }
                }
            }
        }
    }
}

fn shown(level: &Estimate) -> String {
    level.value.map_or_else(|| "not measured".to_owned(), |value| format!("{value:.1} percent"))
}
