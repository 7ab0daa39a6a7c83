//! The page of all labels in a folder, which follows runs that are still asking.

use std::collections::BTreeMap;
use std::io::Write;

use avibench_protocol::{Folder, Task};
use avibench_store::{AskOutcome, OutcomeCounts};
use maud::{Markup, html};
use serde::Serialize;

use crate::PageError;
use crate::document::{Document, LABELS, Sources};
use crate::media_links::escaped;
use crate::numbers::{counted, grouped, percent, stand_in_mark, stand_in_note};

/// What is known of the run of a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelState {
    /// It asks: answers came in a short while ago.
    Asking,
    /// No end is noted, and no answer has come for a while: it waits, or was killed.
    Silent {
        /// How long ago the last answer came, in words; `None` if there is none.
        since: Option<String>,
    },
    /// It ended.
    Ended {
        /// How, in a word or two.
        how: String,
    },
    /// Nothing tells, because another program asked.
    Unknown,
}

/// Overall of a label that was scored.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelScores {
    /// By mode, 0 to 1: official, then strict; `None` without a score of every task.
    pub overall: [Option<f64>; 2],
    /// Whether answers came in after it was scored.
    pub is_old: bool,
    /// Whether captions behind it were rated by the stand-in for FENSE.
    pub is_by_stand_in: bool,
}

/// What stands under a label.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelRow {
    /// The label.
    pub label: String,
    /// The model that was asked.
    pub model: Option<String>,
    /// What is known of its run.
    pub state: LabelState,
    /// Samples and checks by how asking ended; `None` where the files cannot be read.
    pub folders: Vec<(Folder, OutcomeCounts)>,
    /// The strict headline of each task over what was asked so far, 0 to 1; empty for runs that ended.
    pub so_far: Vec<(Task, Option<f64>)>,
    /// What it scores, if it was scored.
    pub scores: Option<LabelScores>,
    /// What cannot be read, in sentences.
    pub problems: Vec<String>,
    /// The parts of the run that other processes ask, if there are any.
    pub shards: Vec<ShardRow>,
}

/// What is known of a shard of a label's run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardRow {
    /// Which it is, such as `3/7`.
    pub shard: String,
    /// Samples that are its part; `None` where nothing tells yet.
    pub selected: Option<usize>,
    /// Samples with an answer, be it an empty one or a refusal.
    pub done: usize,
    /// How it ended, or that it did not, in a word or two.
    pub state: String,
    /// Whether all its answers stand under the label.
    pub is_merged: bool,
}

impl ShardRow {
    /// Texts of its cells, each with the name of the cell.
    fn cells(&self) -> [(String, String); 3] {
        let Self { shard, selected, done, state, is_merged } = self;
        let selected = selected.map_or_else(|| "?".to_owned(), grouped);
        [
            (format!("shard {shard} done"), format!("{} of {selected}", grouped(*done))),
            (format!("shard {shard} state"), state.clone()),
            (format!("shard {shard} merged"), if *is_merged { "yes" } else { "no" }.to_owned()),
        ]
    }
}

/// A row as news of it are sent: texts by the name of their cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelNews {
    /// The label.
    pub label: String,
    /// Samples that were asked, well or badly.
    pub asked: usize,
    /// Samples that are planned.
    pub planned: usize,
    /// Which pages there are, so that others are offered when there are others.
    pub pages: String,
    /// Texts of cells by their names.
    pub cells: BTreeMap<String, String>,
}

/// The page of all labels.
#[derive(Debug)]
pub struct LabelsPage<'a> {
    /// What the page is called.
    pub title: &'a str,
    /// Whether the data set is the benchmark's own, whose texts must not be passed on.
    pub is_restricted: bool,
    /// The labels in their order.
    pub rows: &'a [LabelRow],
    /// Where news come from.
    pub news: &'a str,
}

const OUTCOMES: [(AskOutcome, &str); 6] = [
    (AskOutcome::Answered, "Answered"),
    (AskOutcome::Empty, "Empty"),
    (AskOutcome::CutOff, "Cut off"),
    (AskOutcome::Refused, "Refused"),
    (AskOutcome::Failed, "Failed"),
    (AskOutcome::Rejected, "Rejected"),
];

impl LabelState {
    fn words(&self) -> String {
        match self {
            Self::Asking => "asking".to_owned(),
            Self::Silent { since: Some(since) } => {
                format!("no end noted; last answer {since} ago")
            }
            Self::Silent { since: None } => "no end noted; no answer yet".to_owned(),
            Self::Ended { how } => how.clone(),
            Self::Unknown => "not recorded".to_owned(),
        }
    }
}

impl LabelRow {
    /// Samples and checks of all folders by how asking ended.
    #[must_use]
    pub fn counts(&self) -> OutcomeCounts {
        let mut sum = OutcomeCounts::default();
        self.folders.iter().for_each(|(_, counts)| sum += *counts);
        sum
    }

    /// Which pages there are: of the scores, of the answers as they are, or of both where answers came in
    /// after the scores.
    fn pages(&self) -> &'static str {
        let counts = self.counts();
        let has_answers = counts.answered + counts.cut_off > 0;
        match (&self.scores, has_answers) {
            (Some(LabelScores { is_old: true, .. }), true) => "both",
            (Some(_), _) => "scores",
            (None, true) => "answers",
            (None, false) => "none",
        }
    }

    /// The row as news.
    #[must_use]
    pub fn news(&self) -> LabelNews {
        let counts = self.counts();
        let mut cells = BTreeMap::new();
        cells.insert("state".to_owned(), self.state.words());
        cells.insert("asked".to_owned(), asked(&counts));
        for (outcome, _) in OUTCOMES {
            cells.insert(outcome.key().to_owned(), grouped(counts.get(outcome)));
        }
        // Only runs under way have a table of their folders.
        for (folder, counts) in self.folders.iter().filter(|_| !self.so_far.is_empty()) {
            cells.insert(format!("{folder} asked"), asked(counts));
            for (outcome, _) in OUTCOMES {
                cells.insert(format!("{folder} {}", outcome.key()), grouped(counts.get(outcome)));
            }
        }
        for (task, value) in &self.so_far {
            cells.insert(format!("{task} so far"), percent(*value));
        }
        cells.extend(self.shards.iter().flat_map(ShardRow::cells));
        LabelNews {
            label: self.label.clone(),
            asked: counts.done(),
            planned: counts.total,
            // Another number of shards is another table.
            pages: match self.shards.len() {
                0 => self.pages().to_owned(),
                shards => format!("{} {shards}", self.pages()),
            },
            cells,
        }
    }
}

fn asked(counts: &OutcomeCounts) -> String {
    format!("{} of {}", grouped(counts.done()), grouped(counts.total))
}

impl LabelsPage<'_> {
    /// Writes the page.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> Result<(), PageError> {
        let links = html! { a href="/" aria-current="page" { "All labels" } };
        write(self.title, self.is_restricted, &links, &self.body(), LABELS, out)
    }

    fn body(&self) -> Markup {
        html! {
            h1 { (self.title) }
            noscript { p.note { "This page follows runs with JavaScript; without it, load it again to see what is new." } }
            @if self.rows.is_empty() {
                p { "There are no labels yet. " code { "avibench run" } " makes one; it appears here by itself." }
            } @else {
                p.note {
                    (counted(self.rows.len(), "label")) ". Overall is given in percent where every task has a score. "
                    "A report shows what " code { "avibench score" } " wrote; the page of a label that is not scored yet is made of its answers as they are."
                }
                @if self.rows.iter().any(|row| row.scores.as_ref().is_some_and(|scores| scores.is_by_stand_in)) { (stand_in_note()) }
                (self.table())
                p { a.button #together href="#" hidden { "Compare the chosen labels" } }
                @for row in self.rows.iter().filter(|row| !row.problems.is_empty()) {
                    @for problem in &row.problems { p.problem { (row.label) ": " (problem) } }
                }
                @for row in self.rows.iter().filter(|row| !row.so_far.is_empty()) { (tasks(row)) }
                @for row in self.rows.iter().filter(|row| !row.shards.is_empty()) { (shards(row)) }
            }
            // Where news come from stands in the markup, because the script has no data of its own.
            div #following data-news=(self.news) hidden {}
        }
    }

    fn table(&self) -> Markup {
        html! {
            div.scroll tabindex="0" role="region" aria-label="Labels" {
                table.labels {
                    thead { tr {
                        th scope="col" { span.hidden-text { "Choose" } }
                        th scope="col" { "Label" } th.number scope="col" { "Asked" } th scope="col" { "Pages" }
                        th scope="col" { "Run" }
                        th.number scope="col" { "Overall, official" } th.number scope="col" { "Overall, strict" }
                        @for (_, head) in OUTCOMES { th.number scope="col" { (head) } }
                    } }
                    tbody { @for row in self.rows { (line(row)) } }
                }
            }
        }
    }
}

/// Writes a page that says why another one cannot be shown.
///
/// # Errors
///
/// If it cannot be written.
pub fn write_problem(problem: &str, out: &mut dyn Write) -> Result<(), PageError> {
    let title = "This page cannot be shown";
    let links = html! { a href="/" { "All labels" } };
    let body = html! { h1 { (title) } p { (problem) } p { a href="/" { "All labels" } } };
    write(title, true, &links, &body, &[], out)
}

fn write(
    title: &str,
    is_restricted: bool,
    links: &Markup,
    body: &Markup,
    modules: &'static [(&'static str, &'static str)],
    out: &mut dyn Write,
) -> Result<(), PageError> {
    let document = Document {
        title: title.to_owned(),
        is_restricted,
        sources: Sources { pictures: "data:", media: "'none'", data: "'self'" },
        links: links.clone(),
        body: html! { article.page.current { (body) } },
        data: None,
        media: Vec::new(),
        modules,
    };
    Ok(document.write(out)?)
}

fn line(row: &LabelRow) -> Markup {
    let news = row.news();
    let cell = |name: &str| news.cells.get(name).cloned().unwrap_or_default();
    let address = escaped(&row.label);
    html! {
        tr data-label=(row.label) data-pages=(news.pages) {
            td { @if row.scores.is_some() { input type="checkbox" data-choose=(address) aria-label={ "Compare " (row.label) }; } }
            th scope="row" {
                (row.label)
                @if let Some(model) = row.model.as_ref().filter(|model| **model != row.label) { br; small { (model) } }
            }
            td.number {
                span data-cell="asked" { (cell("asked")) }
                br;
                progress max=(news.planned.max(1)) value=(news.asked) aria-label={ "Asked of " (row.label) } {}
            }
            td.pages {
                @let answers = html! { a href={ "/so-far/" (address) } { @if row.so_far.is_empty() { "Answers" } @else { "So far" } } };
                @let scores = html! { a href={ "/report/" (address) } { "Report" } };
                @match row.pages() {
                    "both" => { (scores) " " (answers) br; small.quiet { "scored before the last answers" } }
                    "scores" => (scores),
                    "answers" => (answers),
                    _ => span.quiet { "no answers yet" },
                }
            }
            td data-cell="state" { (cell("state")) }
            @for mode in 0..2 {
                @let overall = row.scores.as_ref().and_then(|scores| scores.overall[mode]);
                td.number {
                    (percent(overall))
                    @if overall.is_some() && row.scores.as_ref().is_some_and(|scores| scores.is_by_stand_in) { (stand_in_mark()) }
                }
            }
            @for (outcome, _) in OUTCOMES { td.number data-cell=(outcome.key()) { (cell(outcome.key())) } }
        }
    }
}

/// Each task of a run that is under way.
fn tasks(row: &LabelRow) -> Markup {
    let news = row.news();
    let cell = |name: String| news.cells.get(&name).cloned().unwrap_or_default();
    html! {
        section {
            h2 { "Tasks of " (row.label) }
            p.note {
                "Strict so far: the score in percent over what was asked, read by rules. Samples are asked in the order of the data and easy ones come back sooner, "
                "so that this is no fair sample: it has no interval, and the final number may lie elsewhere."
            }
            div.scroll tabindex="0" role="region" aria-label={ "Tasks of " (row.label) } {
                table data-label=(row.label) {
                    thead { tr {
                        th scope="col" { "Folder" } th.number scope="col" { "Asked" }
                        th.number scope="col" { "Strict so far" }
                        @for (_, head) in OUTCOMES { th.number scope="col" { (head) } }
                    } }
                    tbody {
                        @for (folder, _) in &row.folders {
                            tr {
                                th scope="row" { (folder) }
                                td.number data-cell={ (folder) " asked" } { (cell(format!("{folder} asked"))) }
                                // Halves of a task share its score.
                                td.number data-cell={ (folder.task()) " so far" } { (cell(format!("{} so far", folder.task()))) }
                                @for (outcome, _) in OUTCOMES {
                                    td.number data-cell={ (folder) " " (outcome.key()) } { (cell(format!("{folder} {}", outcome.key()))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The shards of a run.
fn shards(row: &LabelRow) -> Markup {
    html! {
        section {
            h2 { "Shards of " (row.label) }
            @if row.shards.iter().any(|shard| !shard.is_merged) {
                p.note { "What is not merged stands in no score and no report: " code { "avibench merge " (row.label) } "." }
            }
            div.scroll tabindex="0" role="region" aria-label={ "Shards of " (row.label) } {
                table data-label=(row.label) {
                    thead { tr {
                        th scope="col" { "Shard" } th.number scope="col" { "Done" }
                        th scope="col" { "Run" } th scope="col" { "Merged" }
                    } }
                    tbody {
                        @for shard in &row.shards {
                            @let [(done, done_text), (state, state_text), (merged, merged_text)] = shard.cells();
                            tr {
                                th scope="row" { (shard.shard) }
                                td.number data-cell=(done) { (done_text) }
                                td data-cell=(state) { (state_text) }
                                td data-cell=(merged) { (merged_text) }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> LabelRow {
        let mut counts = OutcomeCounts::untouched(4);
        counts.record(AskOutcome::Answered);
        counts.record(AskOutcome::Refused);
        LabelRow {
            label: "a <b>".to_owned(),
            model: None,
            state: LabelState::Asking,
            folders: vec![(Folder::Avm, counts)],
            so_far: vec![(Task::Avm, Some(0.5))],
            scores: None,
            problems: Vec::new(),
            shards: vec![ShardRow {
                shard: "3/7".to_owned(),
                selected: Some(1_200),
                done: 7,
                state: "no end noted".to_owned(),
                is_merged: false,
            }],
        }
    }

    #[test]
    fn news_have_a_text_for_every_cell_that_changes() {
        let row = row();
        let news = row.news();
        let rows = [row];
        let page = LabelsPage { title: "runs", is_restricted: true, rows: &rows, news: "/news" };
        let mut html = Vec::new();
        page.write(&mut html).unwrap();
        let html = String::from_utf8(html).unwrap();
        for (name, text) in &news.cells {
            assert!(html.contains(&format!("data-cell=\"{name}\">{text}<")), "{name}: {text}");
        }
        assert_eq!(news.cells["shard 3/7 merged"], "no");
        assert_eq!((news.asked, news.planned), (2, 4));
        assert_eq!(news.cells["AVM so far"], "50.00");
        assert!(!html.contains("a <b>") && html.contains("a &lt;b&gt;"));
        assert!(html.contains("/so-far/a%20%3Cb%3E"));
    }
}
