//! The tables of `score`: stages and levels beside the published rows, tasks with their coverage.

use std::io::{self, Write as _};

use avibench_protocol::{Label, Stage, published};
use avibench_score::{FolderVerdicts, Mean, Outcome, ScoreFile, ScoreKey, Summary, TaskScore};
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use crate::commands::score::NotScored;

/// A line below the header, none elsewhere.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::new(' ', '─', '─', ' '));

/// One model's scores and what they rest on.
pub(crate) struct Scored {
    pub label: Label,
    pub file: ScoreFile,
    pub summary: Summary,
    pub verdicts: Vec<FolderVerdicts>,
    pub unscored: Vec<NotScored>,
}

/// Everything that `score` prints.
pub(crate) struct ScoreTables<'a> {
    rows: &'a [Scored],
    generated: Option<&'a str>,
}

impl<'a> ScoreTables<'a> {
    /// `generated`: the kind of a generated data set, beside which published rows have no place.
    pub(crate) fn new(rows: &'a [Scored], generated: Option<&'a str>) -> Self {
        Self { rows, generated }
    }

    /// Prints them to stdout.
    pub(crate) fn print(&self) -> io::Result<()> {
        let mut out = anstream::stdout().lock();
        writeln!(out, "Stages (percent)\n{}\n", self.stages())?;
        writeln!(out, "Levels (percent)\n{}\n", self.levels())?;
        for row in self.rows {
            writeln!(out, "Tasks of {} (percent)\n{}", row.label, tasks(row))?;
            for not in &row.unscored {
                writeln!(out, "  {} is not scored: {}", not.task, super::printable(&not.reason))?;
            }
            writeln!(out)?;
        }
        if self.rows.iter().any(|row| row.summary.overall.value.is_none()) {
            writeln!(
                out,
                "~ incomplete: the mean of what is there; the task table says what is missing."
            )?;
        }
        match self.generated {
            Some(kind) => writeln!(
                out,
                "This is a generated `{kind}` set: its scores must not be compared with the \
                 published ones, which are left out here."
            ),
            None => writeln!(out, "Published rows: {}.", published().source),
        }
    }

    fn stages(&self) -> Table {
        let mut table = new_table();
        let titles = Stage::ALL.map(Stage::title);
        table.set_header([&["Model"], &titles[..], &["Overall"]].concat());
        for row in self.rows {
            let stages = Stage::ALL.map(|stage| of_mean(row.summary.stage(stage)));
            let overall = of_mean(&row.summary.overall);
            table.add_row(cells(row.label.as_str(), stages.into_iter().chain([overall])));
        }
        if self.generated.is_none() {
            for row in &published().stages {
                let values = row.stages.into_iter().chain([row.overall]).map(percent);
                table.add_row(cells(&format!("{} (published)", row.model), values));
            }
        }
        align(&mut table);
        table
    }

    fn levels(&self) -> Table {
        let mut table = new_table();
        table.set_header(["Model", "L1 task", "L2 modality", "L3 stage", "L4 domain"]);
        for row in self.rows {
            let levels = &row.summary.levels;
            let values = [levels.l1, levels.l2, levels.l3, levels.l4].map(percent);
            table.add_row(cells(row.label.as_str(), values));
        }
        if self.generated.is_none() {
            for row in &published().levels {
                let name = format!("{} (published)", row.model);
                table.add_row(cells(&name, row.levels.map(percent)));
            }
        }
        align(&mut table);
        table
    }
}

/// Scores and coverage of each task.
fn tasks(row: &Scored) -> Table {
    let mut table = new_table();
    table.set_header(["Task", "Score", "Answered", "Counted", "Zeroed", "Parts"]);
    for (key, score) in row.file.iter() {
        let folders = row.verdicts.iter().filter(|verdicts| match key {
            ScoreKey::Task(task) => verdicts.folder.task() == task,
            ScoreKey::Half(folder) => verdicts.folder == folder,
        });
        let records: Vec<_> = folders.flat_map(|verdicts| &verdicts.records).collect();
        let number = |keep: &dyn Fn(Outcome) -> bool| {
            records.iter().filter(|record| keep(record.outcome)).count()
        };
        let asked = number(&|outcome| outcome != Outcome::Void);
        let answered = number(&|outcome| !matches!(outcome, Outcome::Void | Outcome::Missing));
        let counted = records.iter().filter(|record| record.parts.is_some()).count();
        let zeroed = number(&|outcome| outcome == Outcome::Zeroed);
        table.add_row([
            Cell::new(key.name().to_uppercase()),
            Cell::new(percent(Some(score.headline() * 100.0))),
            Cell::new(format!("{answered}/{asked}")),
            Cell::new(counted),
            Cell::new(if zeroed == 0 { String::new() } else { zeroed.to_string() }),
            Cell::new(parts(score)),
        ]);
    }
    align(&mut table);
    if let Some(last) = table.column_mut(5) {
        last.set_cell_alignment(CellAlignment::Left);
    }
    table
}

fn parts(score: &TaskScore) -> String {
    let named: &[(&str, f64)] = match score {
        TaskScore::Number(_) => &[],
        TaskScore::Instances(s) => &[("Semantic", s.semantic), ("Instance", s.instance)],
        TaskScore::Boxes(s) => &[("mIoU", s.miou), ("Instance", s.instance)],
        TaskScore::Retrieval(s) => &[("R@1", s.recall_at_1), ("R@3", s.recall_at_3), ("F1", s.f1)],
        TaskScore::Caption(s) => &[("similarity", s.sbert_sim), ("fluency errors", s.fer)],
    };
    let written: Vec<String> =
        named.iter().map(|(name, value)| format!("{name} {:.2}", value * 100.0)).collect();
    written.join(", ")
}

fn of_mean(mean: &Mean) -> String {
    match (mean.value, mean.partial) {
        (Some(value), _) => percent(Some(value * 100.0)),
        (None, Some(partial)) => format!("~{:.2}", partial * 100.0),
        (None, None) => percent(None),
    }
}

fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"))
}

fn cells(name: &str, values: impl IntoIterator<Item = String>) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(values).collect()
}

/// A table without vertical lines, as wide as its content or the terminal.
pub(crate) fn new_table() -> Table {
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table
}

/// Numbers to the right, the first column to the left.
pub(crate) fn align(table: &mut Table) {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}
