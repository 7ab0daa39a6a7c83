//! The page of a task: its parts, how scores are spread, what is mistaken for what.

use avibench_protocol::{Family, Task, published};
use avibench_results::{CoverageReport, ScoringMode};
use maud::{Markup, html};

use crate::charts::{bars, colour};
use crate::escaped;
use crate::facts::{BARS, Confusion, CountErrors, Spread};
use crate::numbers::{NOTHING, cell, count_cell, counted, estimate_cell, points, stand_in_note};
use crate::page_run::{MODES, PageRun};

/// The page of a task; nothing if no run has anything of it.
pub(crate) fn task_page(task: Task, runs: &[PageRun], generated: Option<&str>) -> Markup {
    html! {
        h1 { (task) small { " " (about(task)) } }
        @if task == Task::Avc && runs.iter().any(|run| run.report.has_stand_in_captions()) { (stand_in_note()) }
        p { a href={ "#/samples?filter=" (escaped(&format!("task == \"{task}\""))) } { "All samples of " (task) } }
        (scores(task, runs, generated))
        (coverage(task, runs))
        (spreads(task, runs))
        (confusions(task, runs))
        (parting(task, runs))
    }
}

/// A line about what a task asks.
pub(crate) fn about(task: Task) -> &'static str {
    match task {
        Task::Amic => "counting what sounds",
        Task::Vmic => "counting what is seen",
        Task::Avl => "finding what sounds in a picture",
        Task::Avm => "whether sound and picture belong together",
        Task::Var => "finding the sounds that fit a picture",
        Task::Avr => "finding the pictures that fit a sound",
        Task::Avc => "describing a clip",
        Task::Avh => "what is seen, with sound as the lure",
        Task::Vah => "what is heard, with the picture as the lure",
        Task::Avqa => "questions about clips",
        Task::Avlg => "following what sounds over ten frames",
        Task::Asqa => "bare sounds",
        Task::Vsqa => "bare shapes",
        Task::Avsqa => "bare sounds and shapes together",
    }
}

fn scores(task: Task, runs: &[PageRun], generated: Option<&str>) -> Markup {
    let parts: Vec<String> = {
        let mut names = Vec::new();
        for run in runs {
            for mode in MODES {
                for part in run.task(mode, task).iter().flat_map(|(_, found)| &found.parts) {
                    if !names.contains(&part.name) {
                        names.push(part.name.clone());
                    }
                }
            }
        }
        // Runs without a score still say why.
        if names.is_empty() {
            names.push("score".to_owned());
        }
        names
    };
    html! {
        section {
            h2 { "Scores" }
            div.scroll tabindex="0" role="region" aria-label={ "Scores of " (task) } {
                table {
                    caption { "Percent; below each number its 95% interval" }
                    thead { tr {
                        th scope="col" { "Run" } th scope="col" { "Scored" }
                        @for part in &parts { th.number scope="col" { (part_name(part)) } }
                    } }
                    tbody {
                        @for (at, run) in runs.iter().enumerate() {
                            @for mode in MODES {
                                tr {
                                    th scope="row" class=(colour(at)) { span.swatch {} (run.report.label) }
                                    td { (mode.name()) }
                                    @match run.task(mode, task) {
                                        Some((place, found)) => {
                                            @for part in &parts {
                                                @match found.parts.iter().position(|known| known.name == *part) {
                                                    // Errors are no shares.
                                                    Some(number) => (estimate_cell(at, &format!("/{}/estimates/tasks/{place}/parts/{number}", mode.name()), &found.parts[number].estimate, 100.0, run.mode(mode).estimates.is_by_stand_in(&found.key))),
                                                    None => td.number { (NOTHING) },
                                                }
                                            }
                                        }
                                        None => td colspan=(parts.len()) { (run.unscored(mode, task).unwrap_or_else(|| "no score".to_owned())) },
                                    }
                                }
                            }
                        }
                        @if generated.is_none() {
                            @for row in &published().tasks {
                                @if let Some(score) = row.get(task) {
                                    tr.published {
                                        th scope="row" { (row.model) } td { "published" }
                                        @for (i, _) in parts.iter().enumerate() {
                                            td.number { @if i + 1 == parts.len() { (points(Some(score))) } @else { (NOTHING) } }
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

fn part_name(part: &str) -> &str {
    if part == "score" { "Score" } else { part }
}

fn coverage(task: Task, runs: &[PageRun]) -> Markup {
    let key = task.key();
    let of = |run: &PageRun, mode: ScoringMode| -> Option<(usize, CoverageReport)> {
        let all = &run.mode(mode).coverage;
        let place = all.iter().position(|coverage| coverage.judged.key == key)?;
        Some((place, all[place].clone()))
    };
    html! {
        section {
            h2 { "What was answered" }
            div.scroll tabindex="0" role="region" aria-label={ "Coverage of " (task) } {
                table {
                    caption { "Formal samples; the last columns are the score if those without an answer are wrong, and if they are left out" }
                    thead { tr {
                        th scope="col" { "Run" } th scope="col" { "Scored" }
                        th.number scope="col" { "Samples" } th.number scope="col" { "Answered" }
                        th.number scope="col" { "Counted" } th.number scope="col" { "Unread" }
                        th.number scope="col" { "Zeroed by a check" } th.number scope="col" { "Missing" }
                        th.number scope="col" { "If missing are wrong" } th.number scope="col" { "If left out" }
                    } }
                    tbody {
                        @for (at, run) in runs.iter().enumerate() {
                            @for mode in MODES {
                                @if let Some((place, found)) = of(run, mode) {
                                    @let pointer = format!("/{}/coverage/{place}", mode.name());
                                    @let counts = &found.judged.counts;
                                    tr {
                                        th scope="row" class=(colour(at)) { span.swatch {} (run.report.label) }
                                        td { (mode.name()) }
                                        (count_cell(at, &format!("{pointer}/asked"), Some(counts.asked)))
                                        (count_cell(at, &format!("{pointer}/answered"), Some(found.answered)))
                                        (count_cell(at, &format!("{pointer}/counted"), Some(counts.counted)))
                                        (count_cell(at, &format!("{pointer}/unread"), Some(counts.unread)))
                                        (count_cell(at, &format!("{pointer}/zeroed"), Some(counts.zeroed)))
                                        (count_cell(at, &format!("{pointer}/missing"), Some(counts.missing)))
                                        (cell(at, &format!("{pointer}/bounds/unanswered_wrong"), found.judged.bounds.unanswered_wrong, 100.0))
                                        (cell(at, &format!("{pointer}/bounds/unanswered_left_out"), found.judged.bounds.unanswered_left_out, 100.0))
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

fn spreads(task: Task, runs: &[PageRun]) -> Markup {
    let mut labels: Vec<String> = (0..BARS).map(|bar| format!("{}", bar * 10)).collect();
    "≥90".clone_into(&mut labels[BARS - 1]);
    let spread = |caption: String, at: usize, spread: &Spread| -> Markup {
        bars(
            &format!("{caption}, ten points a bar ({})", counted(spread.total(), "sample")),
            &colour(at),
            &labels,
            &spread.bars,
        )
    };
    let is_share = matches!(task.family(), Family::FullMatch | Family::SetMatch);
    html! {
        section {
            h2 { "How scores are spread" }
            @for (at, run) in runs.iter().enumerate() {
                div.gallery {
                    @let label = &run.report.label;
                    @if let Some(facts) = run.facts.get(&task) {
                        @if let Some(found) = facts.scores[0].as_ref().filter(|_| !is_share) {
                            p.note {
                                (label) ", strict: " (found.bars[BARS - 1]) " of " (counted(found.total(), "sample"))
                                " score 90 or more, " (found.bars[0]) " below 10."
                            }
                        }
                        (outcomes(at, label, &facts.outcomes))
                        @if !is_share {
                            @if let Some(found) = &facts.scores[0] { (spread(format!("{label}: strict scores"), at, found)) }
                            @if let Some(found) = &facts.scores[1] { (spread(format!("{label}: official scores"), at, found)) }
                        }
                        @if let Some(found) = &facts.overlap { (spread(format!("{label}: overlap of boxes (IoU)"), at, found)) }
                        @if let Some(found) = &facts.counts { (count_errors(at, label, found)) }
                    }
                }
            }
        }
    }
}

fn outcomes(at: usize, label: &str, outcomes: &std::collections::BTreeMap<&str, usize>) -> Markup {
    let order =
        ["right", "partly", "wrong", "unread", "zeroed", "missing", "not_asked", "unrated", "void"];
    let shown: Vec<(&str, usize)> =
        order.iter().filter_map(|name| Some((*name, *outcomes.get(name)?))).collect();
    let labels: Vec<String> = shown.iter().map(|(name, _)| name.replace('_', " ")).collect();
    let counts: Vec<usize> = shown.iter().map(|(_, count)| *count).collect();
    bars(&format!("{label}: verdicts, strict"), &colour(at), &labels, &counts)
}

fn count_errors(at: usize, label: &str, errors: &CountErrors) -> Markup {
    let labels = ["≤-3", "-2", "-1", "0", "+1", "+2", "≥+3"].map(str::to_owned);
    html! {
        (bars(&format!("{label}: answered less right count"), &colour(at), &labels, &errors.off_by))
        p.note {
            (label) ": " (errors.not_named) " things that are there were not named; "
            (errors.not_there) " were named that are not there."
        }
    }
}

fn confusions(task: Task, runs: &[PageRun]) -> Markup {
    let of = |run: &PageRun| run.facts.get(&task).is_some_and(|facts| facts.confusion.is_some());
    if !runs.iter().any(of) {
        return html! {};
    }
    html! {
        section {
            h2 { "What was read for what" }
            p.note { "Rows are right answers, columns what strict scoring read; the last column counts answers that say nothing." }
            @for (at, run) in runs.iter().enumerate() {
                @if let Some(found) = run.facts.get(&task).and_then(|facts| facts.confusion.as_ref()) {
                    (confusion(task, at, &run.report.label, found))
                }
            }
        }
    }
}

fn confusion(task: Task, at: usize, label: &str, found: &Confusion) -> Markup {
    let most = found.counts.iter().flatten().copied().max().unwrap_or(1).max(1);
    // Five shades say enough, and need no style of their own for each cell.
    let shade = |count: usize| (count * 5).div_ceil(most).min(5);
    let others = found.has_others.then(|| found.labels.len() - 1);
    html! {
        div.scroll tabindex="0" role="region" aria-label={ "Confusions of " (label) } {
            table class={ "confusion " (colour(at)) } {
                caption { (label) }
                thead { tr {
                    th scope="col" { "Right \\ read" }
                    @for name in &found.labels { th.number scope="col" { (name) } }
                    th.number scope="col" { "unread" }
                } }
                tbody {
                    @for (row, name) in found.labels.iter().enumerate() {
                        tr {
                            th scope="row" {
                                @if Some(row) == others { (name) }
                                @else { a href={ "#/samples?filter=" (escaped(&format!("task == \"{task}\" and truth == {}", quoted(name)))) } { (name) } }
                            }
                            @for (column, count) in found.counts[row].iter().enumerate() {
                                td class={ "number shade-" (shade(*count)) @if row == column && Some(row) != others { " diagonal" } } { (count) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A text as the filter language quotes it.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn parting(task: Task, runs: &[PageRun]) -> Markup {
    let found = |run: &PageRun| {
        run.report.divergence.iter().any(|d| d.folder.task() == task && !d.reasons.is_empty())
    };
    if !runs.iter().any(found) {
        return html! { section { h2 { "Official against strict" } p { "No sample is judged differently in the two modes." } } };
    }
    html! {
        section {
            h2 { "Official against strict" }
            div.scroll tabindex="0" role="region" aria-label="Reasons" {
                table {
                    caption { "Samples that the modes judge differently, by reason; not all of them score differently" }
                    thead { tr { th scope="col" { "Run" } th scope="col" { "Reason" } th.number scope="col" { "Samples" } th scope="col" { "Means" } } }
                    tbody {
                        @for (at, run) in runs.iter().enumerate() {
                            @for (place, divergence) in run.report.divergence.iter().enumerate().filter(|(_, d)| d.folder.task() == task) {
                                @for (number, reason) in divergence.reasons.iter().enumerate() {
                                    tr {
                                        th scope="row" class=(colour(at)) { span.swatch {} (run.report.label) }
                                        td { a href={ "#/samples?filter=" (escaped(&format!("folder == \"{}\" and reasons contains \"{}\"", divergence.folder, reason.reason.name()))) } { (reason.reason.name()) } }
                                        td.number data-run=(at) data-place={ "/divergence/" (place) "/reasons/" (number) "/positions" } data-scale="length" { (reason.positions.len()) }
                                        td.words { (reason.reason.sentence()) }
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
