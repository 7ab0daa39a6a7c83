//! The tables of repeats that `score` prints: what the mean over epochs is, where its variance comes from,
//! and what another number of epochs would be worth.

use avibench_results::{Report, number_title};
use avibench_score::{RepeatDesign, RepeatedNumber};

use super::grid::{Grid, wrapped};
use super::score_tables::range;
use super::stand_in::stand_in_mark;

/// What stands where there is no number.
const NOTHING: &str = "-";

/// The tables of a run in which questions were asked several times; `None` for any other.
pub(super) fn repeats(report: &Report) -> Option<String> {
    let repeats = report.repeats.as_ref()?;
    let scores = &repeats.scores;
    let mut lines = Vec::new();
    let numbers = || scores.overall.iter().chain(&scores.stages).chain(&scores.tasks);
    if numbers().next().is_some() {
        lines.push(split(report).to_string());
        lines.push(wrapped(
            "",
            "Mean: of the strict headlines of all epochs, in percent, with its 95% interval below. \
             Variances are those of that mean, in squared points. Total: if other questions of this kind \
             were asked. Within questions: because answers differ from epoch to epoch. Between questions: \
             the rest. Same verdict: samples with one verdict in all epochs.",
        ));
        if let Some(line) = numbers().next().and_then(noise) {
            lines.push(wrapped("", &line));
        }
        if numbers().any(|number| number.variance.between.is_some_and(|between| between < 0.0)) {
            lines.push(wrapped(
                "",
                "A variance between questions below 0 is an estimate that came out too low by chance: \
                 questions differ so little, or are so few, that the noise of the answers hides it.",
            ));
        }
        lines.push(format!("\n{}", designs(report)));
        lines.push(wrapped(
            "",
            "Standard error of the mean over so many epochs, in points, and the smallest true differences, \
             in points, that are found in four of five cases, two-sided at 5%: between two runs on these \
             same questions, and between two models on other questions of this kind. > is this run.",
        ));
    } else {
        lines.push(
            "No task was asked as a whole in two epochs, so that nothing can be said.".to_owned(),
        );
    }
    lines.extend(repeats.remarks().iter().map(|remark| wrapped("- ", &format!("{remark}."))));
    Some(lines.join("\n"))
}

/// How much of a number's variance the model's own noise is, in a sentence.
fn noise(number: &RepeatedNumber) -> Option<String> {
    let total = number.variance.total.filter(|total| *total > 0.0)?;
    let share = (100.0 * number.variance.within / total).min(100.0);
    let (error, noise) = (total.max(0.0).sqrt(), number.variance.within.max(0.0).sqrt());
    Some(format!(
        "{}: {share:.0}% of the variance is the model's own noise. The standard error is {error:.2} points in all, and {noise:.2} \
         on these same questions.",
        number_title(&number.name)
    ))
}

/// A row for Overall, each stage and each task.
fn split(report: &Report) -> Grid {
    let mut grid = Grid::new([
        "",
        "Epochs",
        "Mean",
        "Total\nvariance",
        "within\nquestions",
        "between\nquestions",
        "Same\nverdict",
    ]);
    let Some(repeats) = &report.repeats else { return grid };
    let scores = &repeats.scores;
    for number in scores.overall.iter().chain(&scores.stages).chain(&scores.tasks) {
        let mark = stand_in_mark(&report.strict.estimates, &number.name);
        let headline = number.headline;
        let value = headline.value.map(|value| format!("{:.2}{mark}", 100.0 * value));
        let value = value.unwrap_or_else(|| NOTHING.to_owned());
        let mean = match range(headline, 100.0) {
            Some(range) => format!("{value}\n{range}"),
            None => value,
        };
        let variance = &number.variance;
        grid.row([
            number_title(&number.name),
            number.epochs.len().to_string(),
            mean,
            squared(variance.total),
            squared(Some(variance.within)),
            squared(variance.between),
            number
                .consistency
                .share()
                .map_or_else(|| NOTHING.to_owned(), |share| format!("{:.1}%", 100.0 * share)),
        ]);
    }
    grid
}

/// A row for each number of epochs, for what stands highest: Overall, else the stages, else the tasks.
fn designs(report: &Report) -> Grid {
    let mut grid = Grid::new([
        "Epochs",
        "Standard\nerror",
        "Difference\nof two runs",
        "Difference\nof two models",
    ]);
    let Some(repeats) = &report.repeats else { return grid };
    let scores = &repeats.scores;
    let highest: Vec<&RepeatedNumber> = match (&scores.overall, &scores.stages[..]) {
        (Some(overall), _) => vec![overall],
        (None, []) => scores.tasks.iter().collect(),
        (None, stages) => stages.iter().collect(),
    };
    for number in highest {
        grid.heading(format!(
            "{}{}",
            number_title(&number.name),
            stand_in_mark(&report.strict.estimates, &number.name)
        ));
        for design in &number.designs {
            let is_this = design.epochs as usize == number.epochs.len();
            let RepeatDesign { standard_error, detectable_runs, detectable_models, .. } = *design;
            grid.row([
                format!("{} {}", if is_this { ">" } else { " " }, design.epochs),
                points(standard_error),
                points(Some(detectable_runs)),
                points(detectable_models),
            ]);
        }
    }
    grid
}

fn squared(variance: Option<f64>) -> String {
    variance.map_or_else(|| NOTHING.to_owned(), |variance| format!("{variance:.2}"))
}

fn points(value: Option<f64>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| format!("{value:.2}"))
}
