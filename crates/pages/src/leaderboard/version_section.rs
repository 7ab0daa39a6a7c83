//! A benchmark version with its chart and tables, and how to read them.

use avibench_protocol::Task;
use maud::{Markup, html};

use super::RankSets;
use super::chart::progress_chart;
use super::publications::CellSource;
use super::rows::{BoardRow, Version};
use super::score_table::ScoreTable;
use super::text::visible;
use crate::task_pages::about;

const STAGES: [(&str, &str); 5] = [
    ("Overall", "Overall"),
    ("Perception", "Perception"),
    ("Understanding", "Understanding"),
    ("Reasoning", "Reasoning"),
    ("Sensation", "Primitive sensation"),
];
const LEVELS: [(&str, &str); 4] = [
    ("L1", "Task-adaptive: the mean of perception, understanding and reasoning"),
    ("L2", "Modality-adaptive: L1, less where ear and eye differ"),
    ("L3", "Stage-adaptive: L2, less where reasoning has no ground"),
    ("L4", "Domain-adaptive: L3 with unfamiliar stimuli"),
];

/// The section of a version, which is linked by its number.
pub(crate) fn version_section(at: usize, version: &Version<'_>, ranked: &[RankSets]) -> Markup {
    let name = visible(&version.name);
    let id = format!("version-{at}");
    let label = |what: &str| format!("{what}, {name}");
    let table = |caption, what: &str, heads, own, sorted, has_facts, cells| ScoreTable {
        version,
        caption,
        label: label(what),
        heads,
        own,
        sorted,
        has_facts,
        cells,
    };
    let mut tasks = vec![("Overall", "Overall")];
    tasks.extend(Task::ALL.map(|task| (task.name(), about(task))));
    html! {
        section.version id=(id) aria-labelledby={ (id) "-heading" } {
            h2 id={ (id) "-heading" } {
                "Benchmark version " (name)
                @if version.is_charted { small { " the chart's version" } }
            }
            (progress_chart(version))
            (table("Overall and stages: official scores, strict ones below them where an entry has them",
                "Overall and stages", STAGES.to_vec(), 0, 0, true, of_stages).draw())
            (table("Levels", "Levels", LEVELS.to_vec(), 0, 3, false, |row| row.levels.to_vec()).draw())
            (table("Tasks: official scores, with 95% intervals and strict scores where an entry has them",
                "Tasks", tasks, 1, 0, false, of_tasks).draw())
            @for sets in ranked.iter().filter(|sets| sets.version == version.name) { (sets.draw()) }
            (said(version))
        }
    }
}

fn of_stages(row: &BoardRow<'_>) -> Vec<super::rows::BoardCell> {
    std::iter::once(row.overall).chain(row.stages).collect()
}

fn of_tasks(row: &BoardRow<'_>) -> Vec<super::rows::BoardCell> {
    std::iter::once(row.overall).chain(row.tasks).collect()
}

/// What entries say of themselves.
fn said(version: &Version<'_>) -> Markup {
    let entries: Vec<_> = version.rows.iter().filter_map(|row| row.entry).collect();
    if entries.is_empty() {
        return html! {};
    }
    html! {
        details.entries {
            summary { "What the entries say of themselves" }
            dl.facts {
                @for entry in entries {
                    dt { (visible(&entry.model_name)) }
                    dd {
                        code { (visible(&entry.id)) } " · model " code { (visible(&entry.model_id)) }
                        @if let Some(date) = entry.evaluated { " · evaluated " (date) }
                        @if let Some(submitter) = &entry.submitter {
                            " · submitted by " (visible(submitter))
                        }
                        @if let Some(notes) = &entry.notes { br; (visible(notes)) }
                    }
                }
            }
        }
    }
}

/// How to read the page.
pub(crate) fn reading_notes() -> Markup {
    let marks = [CellSource::ProjectPage, CellSource::Digest];
    html! {
        section aria-labelledby="reading" {
            h2 #reading { "How to read this" }
            ul.summary {
                li { "A number is the official score, as the benchmark's own evaluator counts. A strict score, where an entry has one, counts as the benchmark means to measure: unanswered samples are wrong, and answers are read for what they say." }
                li { "Below a number stands its 95% interval, where an entry carries one. Entries carry them for tasks." }
                li { "A rank orders numbers. Equal numbers share a rank, marked =; whether two that differ really differ can be told only from what each sample scored, as rank sets do where the bundles of entries were at hand." }
                li { "– means that a number was not reported. Rows marked partial did not cover everything, and set no mark in the chart." }
                @for (letter, source) in marks.into_iter().filter_map(CellSource::mark) {
                    li { sup.mark { (letter) } " read in " (source) ". Numbers without a letter stand in the entry whose source the row names." }
                }
                @for note in &avibench_protocol::published().notes {
                    li { sup.mark { "*" } " " (note.model) @if let Some(field) = &note.field { ", " (field) } ": " (note.text) "." }
                }
                li { "Entries are what their submitters reported. Being listed does not mean that anybody measured it again." }
            }
        }
    }
}
