//! Counts as bars.

use maud::{Markup, html};

/// Width and height of the plot without its labels, in units of the picture.
const WIDTH: f64 = 260.0;
const HEIGHT: f64 = 84.0;
/// Space above for counts and below for labels.
const ABOVE: f64 = 16.0;
const BELOW: f64 = 18.0;

/// Bars with their counts above and labels below.
pub(crate) fn bars(caption: &str, class: &str, labels: &[String], counts: &[usize]) -> Markup {
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let step = WIDTH / counts.len().max(1) as f64;
    let height = |count: usize| HEIGHT * count as f64 / most;
    let words: Vec<String> =
        labels.iter().zip(counts).map(|(label, count)| format!("{label}: {count}")).collect();
    html! {
        figure.bars {
            figcaption { (caption) }
            svg class=(class) viewBox={ "0 0 " (WIDTH) " " (ABOVE + HEIGHT + BELOW) } role="img"
                aria-label={ (caption) ". " (words.join("; ")) } {
                line.base x1="0" x2=(WIDTH) y1=(ABOVE + HEIGHT) y2=(ABOVE + HEIGHT) {}
                @for (at, (label, count)) in labels.iter().zip(counts).enumerate() {
                    rect.bar x=(round(step * at as f64 + 1.0)) width=(round(step - 2.0))
                        y=(round(ABOVE + HEIGHT - height(*count))) height=(round(height(*count))) {}
                    text.tick x=(round(step * (at as f64 + 0.5))) y=(ABOVE + HEIGHT + 13.0)
                        text-anchor="middle" { (label) }
                    @if *count > 0 {
                        text.count x=(round(step * (at as f64 + 0.5)))
                            y=(round(ABOVE + HEIGHT - height(*count) - 4.0)) text-anchor="middle" {
                            (count)
                        }
                    }
                }
            }
        }
    }
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
