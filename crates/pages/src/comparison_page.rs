//! Runs beside each other: differences with intervals and tests, ranks, and what is lost without a sense.

use avibench_results::{STAND_IN_MARK, number_title};
use avibench_score::{Comparison, Difference, PairComparison, Ranking};
use maud::{Markup, html};

use crate::charts::{Dot, DotKind, DotPlot, DotRow, colour};
use crate::escaped;
use crate::numbers::{NOTHING, grouped, stand_in_note};
use crate::page_run::{MODES, PageRun};

/// A run and its ablation, on formal questions as if no check had been asked.
#[derive(Debug)]
pub(crate) struct Ablated {
    /// What was done to the media.
    pub(crate) kind: String,
    /// Base minus ablation.
    pub(crate) pair: PairComparison,
}

/// What is compared.
pub(crate) struct ComparisonPage<'a> {
    pub(crate) runs: &'a [PageRun],
    pub(crate) official: Option<&'a Comparison>,
    pub(crate) strict: Option<&'a Comparison>,
    pub(crate) ablated: &'a [Ablated],
}

impl ComparisonPage<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.strict.is_none() && self.ablated.is_empty()
    }

    pub(crate) fn draw(&self) -> Markup {
        html! {
            h1 { "Comparison" }
            p.note {
                "Differences on the samples that are judged for both, first minus second, with 95% intervals: where a run lacks answers, its number here is not that of its own table. "
                "p is corrected by Holm's method over all tasks (or all stages, Overall and levels) of all pairs: "
                "below 0.05 the difference is more than noise."
            }
            @if self.runs.iter().any(|run| run.report.has_stand_in_captions()) { (stand_in_note()) }
            @for (name, comparison) in [("strict", self.strict), ("official", self.official)] {
                @if let Some(comparison) = comparison {
                    @for (number, pair) in comparison.pairs.iter().enumerate() {
                        (self.pair(name, number, pair))
                    }
                    (rankings(name, comparison, self.runs))
                }
            }
            @if !self.ablated.is_empty() { (self.ablations()) }
        }
    }

    /// The mark of a number of two runs, where it rests on captions by the stand-in; mostly none.
    fn mark(&self, pair: &PairComparison, name: &str) -> &'static str {
        let is_of_pair = |run: &&PageRun| [&pair.first, &pair.second].contains(&&run.report.label);
        let is_marked =
            self.runs.iter().filter(is_of_pair).any(|run| {
                MODES.into_iter().any(|mode| run.mode(mode).estimates.is_by_stand_in(name))
            });
        if is_marked { STAND_IN_MARK } else { "" }
    }

    fn pair(&self, mode: &str, number: usize, pair: &PairComparison) -> Markup {
        let place = |label: &str| self.runs.iter().position(|run| run.report.label == label);
        let row = |name: String, link: Option<String>, found: Difference, scale: f64| DotRow {
            name,
            link,
            dots: vec![Dot {
                run: if found.is_significant() {
                    place(if found.difference >= 0.0 { &pair.first } else { &pair.second })
                } else {
                    None
                },
                kind: if found.is_significant() { DotKind::Full } else { DotKind::Ring },
                value: found.difference * scale,
                interval: Some((found.low * scale, found.high * scale)),
            }],
            chance: None,
        };
        let tasks = pair.tasks.iter().filter_map(|task| {
            let link = Some(format!("#/task/{}", task.task));
            let name = format!("{}{}", task.task, self.mark(pair, task.task.name()));
            Some(row(name, link, task.difference?, 100.0))
        });
        let rows: Vec<DotRow> = tasks.collect();
        let caption = format!(
            "{} minus {}, {mode}, in points: disc, more than noise; ring, not told apart from noise.",
            pair.first, pair.second
        );
        html! {
            section {
                h2 { (pair.first) " against " (pair.second) ", " (mode) }
                (DotPlot { caption, axis: reach(&rows), rows }.draw())
                div.scroll tabindex="0" role="region" aria-label={ (pair.first) " against " (pair.second) ", " (mode) } {
                    table {
                        thead { tr {
                            th scope="col" { "Number" }
                            th.number scope="col" { (pair.first) } th.number scope="col" { (pair.second) }
                            th.number scope="col" { "Difference" } th.number scope="col" { "p" }
                            th.number scope="col" { "Samples" } th.number scope="col" { "Better : same : worse" }
                            th scope="col" { "Samples that flipped" }
                        } }
                        tbody {
                            @for (at, task) in pair.tasks.iter().enumerate() {
                                tr {
                                    th scope="row" { a href={ "#/task/" (task.task) } { (task.task) (self.mark(pair, task.task.name())) } }
                                    (difference(mode, &format!("/pairs/{number}/tasks/{at}/difference"), task.difference, 100.0))
                                    td.number { (grouped(task.samples)) }
                                    td.number { (task.wins) " : " (task.ties) " : " (task.losses) }
                                    td {
                                        @if task.flips.is_empty() { "none" } @else {
                                            a href={ "#/samples?filter=" (escaped(&flipped(self.runs, pair, task.task.name(), mode))) } { (task.flips.len()) }
                                        }
                                    }
                                }
                            }
                            @for (at, (name, found)) in pair.above_tasks.iter().enumerate() {
                                tr.above {
                                    th scope="row" { (number_title(name)) (self.mark(pair, name)) }
                                    (difference(mode, &format!("/pairs/{number}/above_tasks/{at}/1"), Some(*found), if is_level(name) { 1.0 } else { 100.0 }))
                                    td.number {} td.number {} td {}
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn ablations(&self) -> Markup {
        html! {
            section {
                h2 { "What is lost without a sense" }
                p.note { "Base minus ablation, strict, on formal questions as if no check had been asked. What stays is reachable without that sense." }
                @for ablated in self.ablated {
                    @let rows: Vec<DotRow> = ablated.pair.tasks.iter().filter_map(|task| {
                        let found = task.difference?;
                        Some(DotRow {
                            name: format!("{}{}", task.task, self.mark(&ablated.pair, task.task.name())),
                            link: Some(format!("#/task/{}", task.task)),
                            dots: vec![Dot {
                                run: found.is_significant().then_some(0),
                                kind: if found.is_significant() { DotKind::Full } else { DotKind::Ring },
                                value: found.difference * 100.0,
                                interval: Some((found.low * 100.0, found.high * 100.0)),
                            }],
                            chance: None,
                        })
                    }).collect();
                    (DotPlot { caption: format!("{} minus {} ({}), in points", ablated.pair.first, ablated.pair.second, ablated.kind), axis: [-100.0, 100.0], rows }.draw())
                    details {
                        summary { "Numbers of this picture" }
                        table {
                            thead { tr { th scope="col" { "Task" } th.number scope="col" { "As they are" } th.number scope="col" { (ablated.kind) } th.number scope="col" { "Difference" } th.number scope="col" { "p" } } }
                            tbody {
                                @for task in &ablated.pair.tasks {
                                    @if let Some(found) = task.difference {
                                        tr {
                                            th scope="row" { (task.task) (self.mark(&ablated.pair, task.task.name())) }
                                            td.number { (format!("{:.2}", found.first * 100.0)) }
                                            td.number { (format!("{:.2}", found.second * 100.0)) }
                                            td.number { (format!("{:+.2}", found.difference * 100.0)) span.interval { (format!("{:.2} to {:.2}", found.low * 100.0, found.high * 100.0)) } }
                                            td.number { (p_value(&found)) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// An axis around 0 that holds all intervals.
fn reach(rows: &[DotRow]) -> [f64; 2] {
    let ends = rows.iter().flat_map(|row| &row.dots).filter_map(|dot| dot.interval);
    let most = ends.fold(0.0_f64, |most, (low, high)| most.max(low.abs()).max(high.abs()));
    let end = [5.0, 10.0, 20.0, 50.0].into_iter().find(|end| most <= *end).unwrap_or(100.0);
    [-end, end]
}

/// The filter that lists the samples on which two runs part.
fn flipped(runs: &[PageRun], pair: &PairComparison, task: &str, mode: &str) -> String {
    let letter = |label: &str| {
        let at = runs.iter().position(|run| run.report.label == label).unwrap_or(0);
        char::from(b'A' + (at % 26) as u8)
    };
    let (a, b) = (letter(&pair.first), letter(&pair.second));
    format!(
        "task == \"{task}\" and not check and ({a}.{mode} - {b}.{mode} >= 0.5 or {b}.{mode} - {a}.{mode} >= 0.5)"
    )
}

fn difference(mode: &str, place: &str, found: Option<Difference>, scale: f64) -> Markup {
    let Some(found) = found else {
        return html! { td.number { (NOTHING) } td.number { (NOTHING) } td.number { (NOTHING) } td.number { (NOTHING) } };
    };
    let number = |field: &str, value: f64| {
        html! { span data-comparison=(mode) data-place={ (place) "/" (field) } data-scale=(scale) { (format!("{:.2}", value * scale)) } }
    };
    html! {
        td.number { (number("first", found.first)) }
        td.number { (number("second", found.second)) }
        td.number {
            (number("difference", found.difference))
            span.interval { (number("low", found.low)) " to " (number("high", found.high)) }
        }
        td.number { (p_value(&found)) @if found.is_significant() { span.star title="more than noise" { "★" } } }
    }
}

fn p_value(found: &Difference) -> String {
    let p = found.p_holm.unwrap_or(found.p);
    if p < 0.001 { "<0.001".to_owned() } else { format!("{p:.3}") }
}

fn is_level(name: &str) -> bool {
    matches!(name, "l1" | "l2" | "l3" | "l4")
}

/// Who comes first where: runs that nothing tells apart share a rank.
fn rankings(mode: &str, comparison: &Comparison, runs: &[PageRun]) -> Markup {
    let mark = |name: &str| {
        let is_marked = comparison.models.iter().any(|(_, of)| of.is_by_stand_in(name));
        if is_marked { STAND_IN_MARK } else { "" }
    };
    if comparison.models.len() < 3 {
        return html! {};
    }
    let set = |ranking: &Ranking, rank: usize| -> Vec<(String, String)> {
        let places = ranking.places.iter().filter(|place| place.2 == rank);
        let run = |label: &str| runs.iter().position(|run| run.report.label == label);
        let of_place = |label: &String| Some((label.clone(), colour(run(label)?)));
        places.filter_map(|place| of_place(&place.0)).collect()
    };
    html! {
        section {
            h2 { "Ranks, " (mode) }
            p.note { "A rank is 1 plus the number of runs that are better by more than noise; runs that nothing tells apart share one." }
            div.scroll tabindex="0" role="region" aria-label={ "Ranks, " (mode) } {
                table {
                    thead { tr { th scope="col" { "Number" } @for rank in 1..=comparison.models.len() { th scope="col" { "Rank " (rank) } } } }
                    tbody {
                        @for ranking in &comparison.rankings {
                            tr {
                                th scope="row" { (number_title(&ranking.name)) (mark(&ranking.name)) }
                                @for rank in 1..=comparison.models.len() { td.ranked { @for (label, colour) in set(ranking, rank) { span class={ "ranked-run " (colour) } { (label) } " " } } }
                            }
                        }
                    }
                }
            }
        }
    }
}
