//! The first page: what was measured, the numbers, and what they do and do not show.

use avibench_protocol::{Stage, Task, published};
use avibench_results::{
    FolderReadingReport, STAND_IN_MARK, ScoringMode, UnscoredCause, UnscoredTaskReport,
};
use avibench_score::{Comparison, Estimates, Reason};
use maud::{Markup, html};

use crate::charts::{Dot, DotKind, DotPlot, DotRow, colour, staircase};
use crate::numbers::{
    NOTHING, count_cell, counted, estimate_cell, points, stand_in_mark, stand_in_note,
};
use crate::page_run::{MODES, PageRun};
use crate::repeats::repeats;
use crate::task_pages::about;
use crate::{PageForm, summary};

/// Pairs of tasks of the same kind: the one that the level L2 counts for the ear (for bare stimuli, L4), and
/// the one for the eye. The hallucination tasks are named after their lure.
const SENSES: [[(&str, Task); 2]; 4] = [
    [("Counting what sounds", Task::Amic), ("Counting what is seen", Task::Vmic)],
    [("Retrieval of sounds", Task::Var), ("Retrieval of pictures", Task::Avr)],
    [("Sound as the lure", Task::Avh), ("Picture as the lure", Task::Vah)],
    [("Bare sounds", Task::Asqa), ("Bare shapes", Task::Vsqa)],
];

/// What the first page is made of.
pub(crate) struct Front<'a> {
    pub(crate) runs: &'a [PageRun],
    pub(crate) form: PageForm,
    /// The kind of a generated set.
    pub(crate) generated: Option<&'a str>,
    /// Strict comparison of all runs.
    pub(crate) strict: Option<&'a Comparison>,
}

impl Front<'_> {
    pub(crate) fn draw(&self) -> Markup {
        html! {
            h1 { (self.title()) }
            (self.summaries())
            section aria-labelledby="numbers" {
                h2 #numbers { "Stages and levels" }
                p.note { "Percent; below each number its 95% interval. Levels are explained in the documentation of scoring: L1 is the mean of three stages, L2 discounts a gap between ear and eye, L3 reasoning without ground, L4 unfamiliar stimuli." }
                @if self.has_stand_in() { (stand_in_note()) }
                (self.stages())
                (self.levels())
            }
            section aria-labelledby="scores-heading" {
                h2 #scores-heading { "Scores of tasks" }
                @if self.has_stand_in() { (stand_in_note()) }
                (self.task_plot())
                (self.tasks())
            }
            section aria-labelledby="senses-heading" {
                h2 #senses-heading { "Levels and senses" }
                div.gallery {
                    @for (at, run) in self.runs.iter().enumerate() {
                        @let levels = &run.report.strict.estimates.levels;
                        @if levels.iter().any(|level| level.estimate.value.is_some()) {
                            @let mark = if run.report.has_stand_in_captions() { STAND_IN_MARK } else { "" };
                            (staircase(&format!("{}: levels{mark}, strict", run.report.label), at, levels))
                        } @else {
                            p.note { (run.report.label) ": no level is measured, because tasks that it needs have no score." }
                        }
                    }
                }
                (self.senses())
            }
            @if let Some(repeats) = repeats(self.runs) { (repeats) }
            @if let Some(pictures) = self.psychometrics() { (pictures) }
            section aria-labelledby="coverage-heading" {
                h2 #coverage-heading { "What was asked and answered" }
                (self.coverage())
                (self.parting())
            }
            section aria-labelledby="how-heading" {
                h2 #how-heading { "How it was measured" }
                (self.provenance())
            }
        }
    }

    fn title(&self) -> String {
        let labels: Vec<&str> = self.runs.iter().map(|run| run.report.label.as_str()).collect();
        labels.join(", ")
    }

    fn summaries(&self) -> Markup {
        html! {
            section aria-labelledby="summary-heading" {
                h2 #summary-heading { "In short" }
                @if let Some(comparison) = self.strict {
                    ul.summary { @for line in summary::of_comparison(comparison) { li { (line) } } }
                }
                @for (at, run) in self.runs.iter().enumerate() {
                    @if self.runs.len() > 1 { h3 class=(colour(at)) { span.swatch {} (run.report.label) } }
                    ul.summary {
                        @for line in summary::of_run(run, self.generated) { li { (line) } }
                    }
                }
            }
        }
    }

    fn has_stand_in(&self) -> bool {
        self.runs.iter().any(|run| run.report.has_stand_in_captions())
    }

    fn with_published(&self) -> bool {
        self.generated.is_none()
    }

    fn stages(&self) -> Markup {
        let heads = Stage::ALL.map(Stage::title);
        html! {
            div.scroll tabindex="0" role="region" aria-label="Stages" {
                table {
                    caption { "Stages" }
                    thead { tr {
                        th scope="col" { "Run" } th scope="col" { "Scored" }
                        @for head in heads { th.number scope="col" { (head) } }
                        th.number scope="col" { "Overall" }
                    } }
                    tbody {
                        @for (at, run) in self.runs.iter().enumerate() {
                            @for mode in MODES {
                                @let estimates = &run.mode(mode).estimates;
                                tr {
                                    (run_head(at, run, mode))
                                    @for stage in Stage::ALL {
                                        (named_cell(at, mode, "stages", estimates, stage.name()))
                                    }
                                    (estimate_cell(at, &format!("/{}/estimates/overall", mode.name()), &estimates.overall, 100.0, estimates.is_by_stand_in("overall")))
                                }
                            }
                        }
                        @if self.with_published() {
                            @for row in &published().stages {
                                tr.published {
                                    th scope="row" { (row.model) }
                                    td { "published" }
                                    @for value in row.stages { td.number { (points(value)) } }
                                    td.number { (points(row.overall)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn levels(&self) -> Markup {
        let heads =
            [("l1", "L1 task"), ("l2", "L2 modality"), ("l3", "L3 stage"), ("l4", "L4 domain")];
        html! {
            div.scroll tabindex="0" role="region" aria-label="Levels" {
                table {
                    caption { "Levels" }
                    thead { tr {
                        th scope="col" { "Run" } th scope="col" { "Scored" }
                        @for (_, head) in heads { th.number scope="col" { (head) } }
                    } }
                    tbody {
                        @for (at, run) in self.runs.iter().enumerate() {
                            @for mode in MODES {
                                tr {
                                    (run_head(at, run, mode))
                                    @for (name, _) in heads {
                                        (named_cell(at, mode, "levels", &run.mode(mode).estimates, name))
                                    }
                                }
                            }
                        }
                        @if self.with_published() {
                            @for row in &published().levels {
                                tr.published {
                                    th scope="row" { (row.model) }
                                    td { "published" }
                                    @for value in row.levels { td.number { (points(value)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// A task's name in pictures, which have no cells to mark.
    fn marked(&self, task: Task) -> String {
        let is_marked = task == Task::Avc && self.has_stand_in();
        format!("{task}{}", if is_marked { STAND_IN_MARK } else { "" })
    }

    fn task_plot(&self) -> Markup {
        let row = |task: Task| -> Option<DotRow> {
            let mut dots = Vec::new();
            for (at, run) in self.runs.iter().enumerate() {
                for (mode, kind) in
                    [(ScoringMode::Official, DotKind::Ring), (ScoringMode::Strict, DotKind::Full)]
                {
                    let Some((_, found)) = run.task(mode, task) else { continue };
                    let Some(value) = found.headline.value else { continue };
                    let interval = found.headline.low.zip(found.headline.high);
                    dots.push(Dot {
                        run: Some(at),
                        kind,
                        value: value * 100.0,
                        interval: interval.map(|(low, high)| (low * 100.0, high * 100.0)),
                    });
                }
            }
            let baselines = self.runs.first().map(|run| &run.report.guess_baselines);
            let chance = baselines.and_then(|known| known.iter().find(|known| known.task == task));
            (!dots.is_empty()).then(|| DotRow {
                name: self.marked(task),
                link: Some(format!("#/task/{task}")),
                dots,
                chance: chance.map(|known| known.percent),
            })
        };
        let plot = DotPlot {
            caption: "Scores of tasks in percent with 95% intervals: ring official, disc strict; the dashed line is guessing.".to_owned(),
            axis: [0.0, 100.0],
            rows: Task::ALL.into_iter().filter_map(row).collect(),
        };
        html! { (self.legend()) (plot.draw()) }
    }

    fn legend(&self) -> Markup {
        html! {
            ul.legend {
                @for (at, run) in self.runs.iter().enumerate() {
                    li class=(colour(at)) { span.swatch {} (run.report.label) }
                }
            }
        }
    }

    fn tasks(&self) -> Markup {
        html! {
            div.scroll tabindex="0" role="region" aria-label="Tasks" {
                table.tasks {
                    caption { "Tasks, percent" }
                    thead { tr {
                        th scope="col" { "Task" } th scope="col" { "Stage" }
                        @for (at, run) in self.runs.iter().enumerate() {
                            @for mode in MODES {
                                th scope="col" class={ "number " (colour(at)) } { (run.report.label) br; small { (mode.name()) } }
                            }
                        }
                        @if self.with_published() {
                            @for row in &published().tasks { th.number.published scope="col" { (row.model) br; small { "published" } } }
                        }
                    } }
                    tbody {
                        @for task in Task::ALL {
                            tr {
                                th scope="row" { a href={ "#/task/" (task) } { (task) } br; small { (about(task)) } }
                                td { (task.stage().title()) }
                                @for (at, run) in self.runs.iter().enumerate() {
                                    @for mode in MODES { (task_cell(at, run, mode, task)) }
                                }
                                @if self.with_published() {
                                    @for row in &published().tasks { td.number.published { (points(row.get(task))) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Ear against eye.
    fn senses(&self) -> Markup {
        let mut rows = Vec::new();
        for pair in SENSES {
            for ((name, task), kind) in pair.into_iter().zip([DotKind::Diamond, DotKind::Full]) {
                let dots: Vec<Dot> = self
                    .runs
                    .iter()
                    .enumerate()
                    .filter_map(|(at, run)| {
                        let (_, found) = run.task(ScoringMode::Strict, task)?;
                        let interval = found.headline.low.zip(found.headline.high);
                        Some(Dot {
                            run: Some(at),
                            kind,
                            value: found.headline.value? * 100.0,
                            interval: interval.map(|(low, high)| (low * 100.0, high * 100.0)),
                        })
                    })
                    .collect();
                if !dots.is_empty() {
                    let link = Some(format!("#/task/{task}"));
                    rows.push(DotRow {
                        name: format!("{name} ({task})"),
                        link,
                        dots,
                        chance: None,
                    });
                }
            }
        }
        let caption = "Ear (diamond) against eye (disc), as levels L2 and L4 pair the tasks; strict, percent.";
        DotPlot { caption: caption.to_owned(), axis: [0.0, 100.0], rows }.draw()
    }

    fn psychometrics(&self) -> Option<Markup> {
        let pictures: Vec<(usize, &PageRun, String)> = self
            .runs
            .iter()
            .enumerate()
            .filter_map(|(at, run)| {
                let found = run.report.psychometrics.as_ref()?;
                let svg = avibench_results::psychometric_svg(&run.report.label, found)?;
                Some((at, run, svg))
            })
            .collect();
        (!pictures.is_empty()).then(|| {
            html! {
                section aria-labelledby="curves-heading" {
                    h2 #curves-heading { "Where the senses end" }
                    @for (at, run, svg) in &pictures {
                        details {
                          summary { (found_thresholds(run)) }
                          figure.picture {
                            figcaption class=(colour(*at)) { (run.report.label) ": accuracy over the intensity of stimuli, with fitted curves and thresholds" }
                            // A picture by itself, whose style rules do not reach the page.
                            img src={ "data:image/svg+xml;base64," (base64(svg)) } alt={ "Psychometric curves of " (run.report.label) "; the thresholds stand in the table below" };
                        }
                        (thresholds(*at, run))
                        }
                    }
                }
            }
        })
    }

    fn coverage(&self) -> Markup {
        let heads = [
            "Planned",
            "Answered",
            "Empty",
            "Cut off",
            "Refused",
            "Failed",
            "Rejected",
            "Not asked",
            "Unread",
        ];
        html! {
            div.scroll tabindex="0" role="region" aria-label="How asking ended" {
                table {
                    caption { "How asking ended, samples and checks; void ones, which the benchmark left without question or answer, are never asked. Unread: answers that say nothing by a careful reading, refusals in words among them" }
                    thead { tr { th scope="col" { "Run" } @for head in heads { th.number scope="col" { (head) } } } }
                    tbody {
                        @for (at, run) in self.runs.iter().enumerate() {
                            tr {
                                th scope="row" class=(colour(at)) { span.swatch {} (run.report.label) }
                                @match &run.report.outcomes {
                                    None => td colspan=(heads.len()) { "not counted by the program that scored" },
                                    Some(outcomes) => {
                                        @let counts = outcomes.all.counts;
                                        (count_cell(at, "/outcomes/all/total", Some(counts.total)))
                                        (count_cell(at, "/outcomes/all/answered", Some(counts.answered)))
                                        (count_cell(at, "/outcomes/all/empty", Some(counts.empty)))
                                        (count_cell(at, "/outcomes/all/cut_off", counts.cut_off))
                                        (count_cell(at, "/outcomes/all/refused", counts.refused))
                                        (count_cell(at, "/outcomes/all/failed", Some(counts.failed)))
                                        (count_cell(at, "/outcomes/all/rejected", counts.rejected))
                                        (count_cell(at, "/outcomes/all/not_attempted", Some(counts.not_attempted)))
                                        td.number { (unread(run)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Why official and strict part, by reason.
    fn parting(&self) -> Markup {
        let count = |run: &PageRun, reason: Reason| -> usize {
            let folders = run.report.divergence.iter().flat_map(|found| &found.reasons);
            folders.filter(|found| found.reason == reason).map(|found| found.positions.len()).sum()
        };
        let reasons: Vec<Reason> = Reason::ALL
            .into_iter()
            .filter(|reason| self.runs.iter().any(|run| count(run, *reason) > 0))
            .collect();
        if reasons.is_empty() {
            return html! { p { "No sample is judged differently in the two modes." } };
        }
        html! {
            div.scroll tabindex="0" role="region" aria-label="Why official and strict scores part" {
                table {
                    caption { "Samples that the modes judge differently, by reason; not all of them score differently" }
                    thead { tr {
                        th scope="col" { "Reason" }
                        @for (at, run) in self.runs.iter().enumerate() { th scope="col" class={ "number " (colour(at)) } { (run.report.label) } }
                        th scope="col" { "Means" }
                    } }
                    tbody {
                        @for reason in reasons {
                            tr {
                                th scope="row" { a href={ "#/samples?filter=" (crate::escaped(&format!("reasons contains \"{}\"", reason.name()))) } { (reason.name()) } }
                                @for run in self.runs { td.number { (count(run, reason)) } }
                                td.words { (reason.sentence()) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn provenance(&self) -> Markup {
        html! {
            @for (at, run) in self.runs.iter().enumerate() {
                @let report = &run.report;
                h3 class=(colour(at)) { span.swatch {} (report.label) }
                dl.facts {
                    @if let Some(asking) = &report.asking {
                        dt { "Model" } dd { (asking.model) " (" (asking.backend) ")" }
                        dt { "Media packed as" } dd { (asking.profile.as_deref().unwrap_or("handed over as they are")) }
                        dt { "Prompts" } dd { (asking.wording.map_or_else(|| "not recorded whose words".to_owned(), |source| source.to_string())) ", hash " (short(&asking.prompt_pack)) }
                        @if !asking.parameters.is_empty() {
                            dt { "Parameters" } dd { code { (serde_json::to_string(&asking.parameters).unwrap_or_default()) } }
                        }
                        dt { "Tokens" } dd { (asking.tokens_in) " in, " (asking.tokens_out) " out" }
                        @if let Some(cost) = asking.cost { dt { "Cost" } dd { "$" (format!("{cost:.2}")) } }
                    } @else {
                        dt { "Model" } dd { "not recorded: another program asked" }
                    }
                    @if let Some(formatting) = &report.formatting {
                        dt { "Formatting" } dd { (formatting.mode.as_deref().unwrap_or(NOTHING)) ", by " (formatting.refiner.as_deref().unwrap_or("an unknown program")) }
                    }
                    @if let Some(sequence) = &report.sequence {
                        dt { "Sampling" } dd { (sequence.sentences(&report.strict.estimates)) }
                    }
                    @if let Some(probe) = &report.probe {
                        dt { "Probe" } dd { (probe.sentence()) " (" (counted(probe.spending.questions, "question")) ")" }
                    }
                    dt { "Scoring" } dd {
                        "official version " (report.scoring.official) ", strict version " (report.scoring.strict)
                        ", levels version " (report.scoring.levels_version) ", intervals version " (report.scoring.uncertainty_version)
                    }
                    @if let Some(captions) = &report.captions {
                        dt { "Captions rated by" } dd { (captions) @if captions.is_stand_in() { " " (stand_in_mark()) } }
                    }
                    dt { "Program" } dd { (report.program.name) " " (report.program.version_and_commit()) }
                    dt { "Data" } dd { (counted(report.data.len(), "folder")) ": " @for (i, data) in report.data.iter().enumerate() { @if i > 0 { ", " } (data.folder) " " code { (short(&data.sha256)) } } }
                }
                @if !report.strict.unscored.is_empty() {
                    p { "Without a score:" }
                    ul { @for line in without_score(&report.strict.unscored) { li { (line) } } }
                }
            }
            @if self.form == PageForm::Public {
                p.note { "This page is made for everybody: it holds no question, truth, answer or medium of the benchmark. Samples stand under shuffled numbers." }
            }
        }
    }
}

/// Tasks without a score by their reasons, in one line where several have the same.
fn without_score(unscored: &[UnscoredTaskReport]) -> Vec<String> {
    let mut told: Vec<(&UnscoredCause, Vec<&str>)> = Vec::new();
    for UnscoredTaskReport { task, reason } in unscored {
        match told.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, tasks)) => tasks.push(task.name()),
            None => told.push((reason, vec![task.name()])),
        }
    }
    let line = |(reason, tasks): (&UnscoredCause, Vec<&str>)| {
        let names = tasks.join(", ");
        match reason {
            UnscoredCause::NotAsked if tasks.len() > 1 => {
                format!("{names}: nothing of them was asked")
            }
            reason => format!("{names}: {reason}"),
        }
    };
    told.into_iter().map(line).collect()
}

/// How many answers say nothing, or a dash where readings were not kept.
fn unread(run: &PageRun) -> String {
    run.report.reading.as_ref().map_or_else(
        || NOTHING.to_owned(),
        |reading| {
            reading.folders.iter().map(FolderReadingReport::all_unread).sum::<usize>().to_string()
        },
    )
}

/// The head of a row about a run in a mode.
fn run_head(at: usize, run: &PageRun, mode: ScoringMode) -> Markup {
    html! {
        th scope="row" class=(colour(at)) { span.swatch {} (run.report.label) }
        td { (mode.name()) }
    }
}

fn named_cell(
    at: usize,
    mode: ScoringMode,
    list: &str,
    estimates: &Estimates,
    name: &str,
) -> Markup {
    // Levels are percent already.
    let (of, scale) =
        if list == "levels" { (&estimates.levels, 1.0) } else { (&estimates.stages, 100.0) };
    let Some(place) = of.iter().position(|found| found.name == name) else {
        return html! { td.number { (NOTHING) } };
    };
    let pointer = format!("/{}/estimates/{list}/{place}", mode.name());
    let is_by_stand_in = estimates.is_by_stand_in(name);
    estimate_cell(at, &pointer, &of[place].estimate, scale, is_by_stand_in)
}

fn task_cell(at: usize, run: &PageRun, mode: ScoringMode, task: Task) -> Markup {
    let Some((place, found)) = run.task(mode, task) else {
        return html! { td.number title=[run.unscored(mode, task)] { (NOTHING) } };
    };
    let pointer = format!("/{}/estimates/tasks/{place}/headline", mode.name());
    let is_by_stand_in = run.mode(mode).estimates.is_by_stand_in(&found.key);
    estimate_cell(at, &pointer, &found.headline, 100.0, is_by_stand_in)
}

/// How many curves have a threshold.
fn found_thresholds(run: &PageRun) -> String {
    let curves = run.report.psychometrics.iter().flat_map(|found| &found.curves);
    let has_one = |curve: &&avibench_score::PsychometricCurve| {
        curve.threshold.as_ref().is_some_and(|threshold| threshold.intensity.is_some())
    };
    let (all, found) = (curves.clone().count(), curves.filter(has_one).count());
    format!("{}: {} of {} have a threshold", run.report.label, found, counted(all, "curve"))
}

/// The thresholds of a run as a table.
fn thresholds(at: usize, run: &PageRun) -> Markup {
    let Some(found) = &run.report.psychometrics else { return html! {} };
    html! {
        details {
            summary { "Numbers of these curves" }
            div.scroll tabindex="0" role="region" aria-label="Thresholds" {
                table {
                    thead { tr { th scope="col" { "Folder" } th scope="col" { "Kind" } th.number scope="col" { "Trials" } th.number scope="col" { "Right" } th.number scope="col" { "Threshold" } th scope="col" { "Unit" } th scope="col" { "Why none" } } }
                    tbody {
                        @for (number, curve) in found.curves.iter().enumerate() {
                            @let threshold = curve.threshold.as_ref();
                            @let place = format!("/psychometrics/curves/{number}");
                            tr {
                                th scope="row" { (curve.folder) }
                                td { (curve.kinds.join(", ")) }
                                (count_cell(at, &format!("{place}/trials"), Some(curve.trials)))
                                (count_cell(at, &format!("{place}/right"), Some(curve.right)))
                                td.number {
                                    (threshold.and_then(|t| t.intensity).map_or_else(|| NOTHING.to_owned(), |t| format!("{t:.2}")))
                                    @if let Some((low, high)) = threshold.and_then(|t| t.low.zip(t.high)) { span.interval { (format!("{low:.2}–{high:.2}")) } }
                                }
                                td { (curve.unit) }
                                td.words { @if let Some(reason) = &curve.reason { (reason.sentence) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_STANDARD.encode(text)
}

/// Hashes are told apart by their beginnings.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
