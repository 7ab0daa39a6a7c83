//! What repeats of every question tell: means over epochs, where their variance comes from, and what another
//! number of epochs would be worth.

use avibench_results::{RepeatReport, Report, number_title};
use avibench_score::RepeatedNumber;
use maud::{Markup, html};

use crate::charts::colour;
use crate::numbers::{NOTHING, cell, count_cell, estimate_cell};
use crate::page_run::PageRun;

/// A number with its place in the report.
struct Placed<'a> {
    number: &'a RepeatedNumber,
    place: String,
    /// Whether it rests on captions by the stand-in for FENSE.
    is_by_stand_in: bool,
}

/// The section of runs in which questions were asked several times; `None` if there are none.
pub(crate) fn repeats(runs: &[PageRun]) -> Option<Markup> {
    let found: Vec<(usize, &Report, &RepeatReport)> = runs
        .iter()
        .enumerate()
        .filter_map(|(at, run)| Some((at, &run.report, run.report.repeats.as_ref()?)))
        .collect();
    (!found.is_empty()).then(|| {
        html! {
            section aria-labelledby="repeats-heading" {
                h2 #repeats-heading { "Repeats" }
                p.note { "Questions were asked several times. The mean is that of the strict headlines of all epochs; all other numbers on this page are those of the first epoch, and so are official scores." }
                @for (at, report, repeats) in found {
                    @if runs.len() > 1 { h3 class=(colour(at)) { span.swatch {} (report.label) } }
                    @for remark in repeats.remarks() { p.note { (remark) "." } }
                    (split(at, report, repeats))
                    (designs(at, report, repeats))
                }
            }
        }
    })
}

/// Overall, stages and tasks, in this order.
fn placed<'a>(report: &Report, repeats: &'a RepeatReport) -> Vec<Placed<'a>> {
    let scores = &repeats.scores;
    let overall = scores.overall.iter().map(|number| (number, "/repeats/overall".to_owned()));
    let listed = |name: &'static str, numbers: &'a [RepeatedNumber]| {
        let place = move |at: usize| format!("/repeats/{name}/{at}");
        numbers.iter().enumerate().map(move |(at, number)| (number, place(at)))
    };
    overall
        .chain(listed("stages", &scores.stages))
        .chain(listed("tasks", &scores.tasks))
        .map(|(number, place)| {
            let is_by_stand_in = report.strict.estimates.is_by_stand_in(&number.name);
            Placed { number, place, is_by_stand_in }
        })
        .collect()
}

fn split(run: usize, report: &Report, repeats: &RepeatReport) -> Markup {
    let numbers = placed(report, repeats);
    if numbers.is_empty() {
        return html! { p.note { "No task was asked as a whole in two epochs, so that nothing can be said." } };
    }
    let is_negative =
        |placed: &Placed<'_>| placed.number.variance.between.is_some_and(|between| between < 0.0);
    html! {
        div.scroll tabindex="0" role="region" aria-label="Means over epochs" {
            table {
                caption { "Means over epochs, percent, and where their variance comes from, squared points" }
                thead { tr {
                    th scope="col" { "" }
                    th.number scope="col" { "Epochs" }
                    th.number scope="col" { "Mean" }
                    th.number scope="col" { "Total variance" }
                    th.number scope="col" { "within questions" }
                    th.number scope="col" { "between questions" }
                    th.number scope="col" { "Samples" }
                    th.number scope="col" { "with one verdict" }
                } }
                tbody {
                    @for Placed { number, place, is_by_stand_in } in &numbers {
                        @let variance = format!("{place}/variance");
                        @let consistency = format!("{place}/consistency");
                        tr {
                            th scope="row" { (number_title(&number.name)) }
                            td.number { (number.epochs.len()) }
                            (estimate_cell(run, &format!("{place}/headline"), &number.headline, 100.0, *is_by_stand_in))
                            (cell(run, &format!("{variance}/total"), number.variance.total, 1.0))
                            (cell(run, &format!("{variance}/within"), Some(number.variance.within), 1.0))
                            (cell(run, &format!("{variance}/between"), number.variance.between, 1.0))
                            (count_cell(run, &format!("{consistency}/samples"), Some(number.consistency.samples)))
                            (count_cell(run, &format!("{consistency}/same"), Some(number.consistency.same)))
                        }
                    }
                }
            }
        }
        p.note { "Total: if other questions of this kind were asked. Within questions: because answers differ from epoch to epoch. Between questions: the rest." }
        @if numbers.iter().any(is_negative) {
            p.note { "A variance between questions below 0 is an estimate that came out too low by chance: questions differ so little, or are so few, that the noise of the answers hides it." }
        }
    }
}

fn designs(run: usize, report: &Report, repeats: &RepeatReport) -> Markup {
    let mut numbers = placed(report, repeats);
    // What stands highest says most: Overall, else the stages, else the tasks.
    let is_overall = |placed: &Placed<'_>| placed.number.name == "overall";
    let is_stage = |placed: &Placed<'_>| placed.place.starts_with("/repeats/stages/");
    if numbers.iter().any(is_overall) {
        numbers.retain(is_overall);
    } else if numbers.iter().any(is_stage) {
        numbers.retain(is_stage);
    }
    if numbers.is_empty() {
        return html! {};
    }
    html! {
        div.scroll tabindex="0" role="region" aria-label="What a number of epochs is worth" {
            table {
                caption { "What a number of epochs is worth, points" }
                thead { tr {
                    th scope="col" { "" }
                    th.number scope="col" { "Epochs" }
                    th.number scope="col" { "Standard error" }
                    th.number scope="col" { "Difference of two runs" }
                    th.number scope="col" { "Difference of two models" }
                } }
                tbody {
                    @for Placed { number, place, .. } in &numbers {
                        @for (at, design) in number.designs.iter().enumerate() {
                            @let place = format!("{place}/designs/{at}");
                            @let is_this = design.epochs as usize == number.epochs.len();
                            tr {
                                th scope="row" { (number_title(&number.name)) }
                                td.number { (design.epochs) @if is_this { " (this run)" } }
                                (cell(run, &format!("{place}/standard_error"), design.standard_error, 1.0))
                                (cell(run, &format!("{place}/detectable_runs"), Some(design.detectable_runs), 1.0))
                                (cell(run, &format!("{place}/detectable_models"), design.detectable_models, 1.0))
                            }
                        }
                    }
                }
            }
        }
        p.note { "Differences are the smallest true ones that are found in four of five cases, two-sided at 5%: between two runs on these same questions, and between two models on other questions of this kind. " (NOTHING) " where the estimate comes out below 0, or the questions are no fair sample." }
    }
}
