//! The tables of `score`: stages and levels beside the published rows, tasks with their coverage,
//! and where official and strict scores part.

use std::io::{self, Write as _};

use avibench_assess::UnscoredTask;
use avibench_protocol::{Folder, Stage, WordingSource, published};
use avibench_results::{ModeReport, Report};
use avibench_score::{Estimate, GuessBaselines, Mean, Reason, ScoreKey, TaskScore};
use avibench_store::Label;
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use super::psychometric_table::thresholds;
use super::{asked_line, coverage_table};

/// A line below the header, none elsewhere.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::new(' ', '─', '─', ' '));

/// One model's scores and what they rest on.
pub(crate) struct Scored {
    pub label: Label,
    pub report: Report,
    pub unscored: Vec<UnscoredTask>,
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
        writeln!(out, "Stages (percent, 95% interval below)\n{}\n", self.stages())?;
        if let Some(lines) = self.wording() {
            writeln!(out, "{lines}\n")?;
        }
        writeln!(out, "Levels (percent, 95% interval below)\n{}\n", self.levels())?;
        for row in self.rows {
            writeln!(out, "Tasks of {} (percent)\n{}", row.label, tasks(row))?;
            for line in unscored(row) {
                writeln!(out, "  {}", super::printable(&line))?;
            }
            writeln!(
                out,
                "\nCoverage of {} (samples; checks count in empty, refused, failed and the ways)\n{}",
                row.label,
                coverage_table(&row.report)
            )?;
            if let Some(line) = asked_line(&row.report) {
                writeln!(out, "  {}", super::printable(&line))?;
            }
            if row.report.divergence.iter().all(|folder| folder.reasons.is_empty()) {
                writeln!(out, "\nOfficial and strict scores agree on every sample.\n")?;
            } else {
                let table = parting(row);
                writeln!(out, "\nWhere official and strict part for {}\n{table}\n", row.label)?;
            }
            if let Some(thresholds) = row.report.psychometrics.as_ref().and_then(thresholds) {
                writeln!(out, "Where the senses of {} end\n{thresholds}\n", row.label)?;
            }
        }
        let complete = |row: &Scored| row.report.official.estimates.overall.value.is_some();
        if !self.rows.iter().all(complete) {
            writeln!(
                out,
                "~ incomplete: the mean of the tasks (Overall: of the complete stages) that are there; the \
                 task table says what is missing."
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

    /// Which models were asked in other words than those behind the published rows.
    fn wording(&self) -> Option<String> {
        if self.generated.is_some() {
            return None;
        }
        let of = |is_listed: fn(Option<WordingSource>) -> bool| -> Vec<&str> {
            let asked =
                |row: &&Scored| row.report.asking.as_ref().is_some_and(|a| is_listed(a.wording));
            self.rows.iter().filter(asked).map(|row| row.label.as_str()).collect()
        };
        let mut lines = Vec::new();
        let other = of(|source| source.is_some_and(|source| !source.is_published()));
        if !other.is_empty() {
            lines.push(format!(
                "Not asked in the benchmark's words, so not comparable with the published rows:\n{}.",
                other.join(", ")
            ));
        }
        let unknown = of(|source| source.is_none());
        if !unknown.is_empty() {
            lines.push(format!(
                "It was not recorded in whose words these were asked; compare with care:\n{}.",
                unknown.join(", ")
            ));
        }
        if lines.is_empty() {
            return None;
        }
        lines.push(
            "For comparable scores run with --prompts and the benchmark's definitions file.".into(),
        );
        Some(lines.join("\n"))
    }

    fn stages(&self) -> Table {
        let mut table = new_table();
        let titles = Stage::ALL.map(Stage::title);
        table.set_header([&["Model", "Mode"], &titles[..], &["Overall"]].concat());
        for row in self.rows {
            for (mode, numbers) in modes(row) {
                let summary = numbers.scores.headlines().summary(GuessBaselines::embedded());
                let cell = |name: &str, mean: &Mean| {
                    with_interval(numbers.estimates.above_tasks(name), 100.0, || of_mean(mean))
                };
                let stages = Stage::ALL.map(|stage| cell(stage.name(), summary.stage(stage)));
                let overall = cell("overall", &summary.overall);
                table.add_row(cells(row.label.as_str(), mode, stages.into_iter().chain([overall])));
            }
        }
        if self.generated.is_none() {
            for row in &published().stages {
                let values = row.stages.into_iter().chain([row.overall]).map(percent);
                table.add_row(cells(&row.model, "published", values));
            }
        }
        align(&mut table, 2);
        table
    }

    fn levels(&self) -> Table {
        let mut table = new_table();
        table.set_header(["Model", "Mode", "L1 task", "L2 modality", "L3 stage", "L4 domain"]);
        for row in self.rows {
            for (mode, numbers) in modes(row) {
                let values = ["l1", "l2", "l3", "l4"].map(|level| {
                    with_interval(numbers.estimates.above_tasks(level), 1.0, || percent(None))
                });
                table.add_row(cells(row.label.as_str(), mode, values));
            }
        }
        if self.generated.is_none() {
            for row in &published().levels {
                table.add_row(cells(&row.model, "published", row.levels.map(percent)));
            }
        }
        align(&mut table, 2);
        table
    }
}

fn modes(row: &Scored) -> [(&'static str, &ModeReport); 2] {
    [("official", &row.report.official), ("strict", &row.report.strict)]
}

/// Why tasks have no score; those that the data set does not hold share a line.
fn unscored(row: &Scored) -> Vec<String> {
    let without_data: Vec<&str> = row
        .unscored
        .iter()
        .filter(|unscored| unscored.has_no_data())
        .map(|unscored| unscored.task.name())
        .collect();
    let mut lines: Vec<String> = row
        .unscored
        .iter()
        .filter(|unscored| !unscored.has_no_data())
        .map(|unscored| format!("{} is not scored: {unscored}", unscored.task))
        .collect();
    if !without_data.is_empty() {
        let names = without_data.join(", ");
        lines.push(format!("not in the data set and not scored: {names}"));
    }
    lines
}

/// Scores and coverage of each task.
fn tasks(row: &Scored) -> Table {
    let mut table = new_table();
    table.set_header(["Task", "Official", "95%", "Strict", "95%", "Answered", "Counted", "Parts"]);
    let (official, strict) = (&row.report.official, &row.report.strict);
    for (key, score) in official.scores.iter() {
        let name = key.name();
        let headline = |mode: &ModeReport| mode.estimates.task(&name).map(|task| task.headline);
        let number = |estimate: Option<Estimate>| {
            percent(estimate.and_then(|estimate| estimate.value).map(|value| value * 100.0))
        };
        let interval =
            |estimate: Option<Estimate>| estimate.and_then(|e| range(e, 100.0)).unwrap_or_default();
        let coverage = official.coverage.iter().find(|coverage| coverage.key == name);
        let count = |of: &dyn Fn(&avibench_score::CountCoverage) -> String| {
            coverage.map_or_else(String::new, |coverage| of(&coverage.counts))
        };
        table.add_row([
            Cell::new(name.to_uppercase()),
            Cell::new(number(headline(official))),
            Cell::new(interval(headline(official))),
            Cell::new(number(headline(strict))),
            Cell::new(interval(headline(strict))),
            Cell::new(count(&|counts| format!("{}/{}", counts.answered, counts.asked))),
            Cell::new(count(&|counts| counts.counted.to_string())),
            Cell::new(parts(score)),
        ]);
    }
    align(&mut table, 1);
    if let Some(last) = table.column_mut(7) {
        last.set_cell_alignment(CellAlignment::Left);
    }
    table
}

/// Tasks by how far the modes part, and the samples behind each reason.
fn parting(row: &Scored) -> Table {
    let mut table = new_table();
    table.set_header(["Task", "Official", "Strict", "Samples", "Reason"]);
    // One half of a task stands by itself where the other is missing.
    let headline = |mode: &ModeReport, folder: Folder| {
        let keys = [ScoreKey::Task(folder.task()), ScoreKey::Half(folder)];
        keys.into_iter().find_map(|key| mode.scores.get(key)).map(TaskScore::headline)
    };
    let (official, strict) = (&row.report.official, &row.report.strict);
    let gap = |folder: Folder| {
        let scores = headline(official, folder).zip(headline(strict, folder));
        scores.map_or(0.0, |(official, strict)| (official - strict).abs())
    };
    // What has no score in either mode has nothing to part.
    let scored = |folder| headline(official, folder).or(headline(strict, folder)).is_some();
    let mut order: Vec<_> =
        row.report.divergence.iter().filter(|divergence| scored(divergence.folder)).collect();
    order.sort_by(|a, b| gap(b.folder).total_cmp(&gap(a.folder)));
    for divergence in order {
        let folder = divergence.folder;
        for (i, reason) in divergence.reasons.iter().enumerate() {
            let sentence = Reason::ALL
                .iter()
                .find(|known| known.name() == reason.reason)
                .map_or(reason.reason.as_str(), |known| known.sentence());
            let first = |text: String| if i == 0 { text } else { String::new() };
            let score = |mode| percent(headline(mode, folder).map(|score| score * 100.0));
            table.add_row([
                first(divergence.folder.name().to_owned()),
                first(score(official)),
                first(score(strict)),
                reason.positions.len().to_string(),
                sentence.to_owned(),
            ]);
        }
    }
    align(&mut table, 1);
    if let Some(last) = table.column_mut(4) {
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

/// A number above its interval, or what stands in for it.
fn with_interval(
    estimate: Option<Estimate>,
    scale: f64,
    otherwise: impl FnOnce() -> String,
) -> String {
    let Some((estimate, value)) = estimate.and_then(|e| Some((e, e.value?))) else {
        return otherwise();
    };
    let number = percent(Some(value * scale));
    range(estimate, scale).map_or(number.clone(), |range| format!("{number}\n{range}"))
}

fn range(estimate: Estimate, scale: f64) -> Option<String> {
    Some(format!("{:.1}–{:.1}", estimate.low? * scale, estimate.high? * scale))
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

fn cells(model: &str, mode: &str, values: impl IntoIterator<Item = String>) -> Vec<String> {
    [model.to_owned(), mode.to_owned()].into_iter().chain(values).collect()
}

/// A table without vertical lines, as wide as its content or the terminal.
pub(crate) fn new_table() -> Table {
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table
}

/// Numbers to the right, the first `names` columns to the left.
pub(crate) fn align(table: &mut Table, names: usize) {
    for column in table.column_iter_mut().skip(names) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}
