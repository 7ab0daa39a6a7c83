//! The tables of `score`: stages and levels beside the published rows, tasks with their coverage,
//! and where official and strict scores part.

use std::io::{self, Write as _};

use avibench_assess::UnscoredTask;
use avibench_protocol::{WordingSource, published};
use avibench_results::{ModeReport, OriginReport, Report};
use avibench_score::{Estimate, Estimates};
use avibench_store::Label;

use super::ablation_tables::{Formal, reachable};
use super::coverage_table::{asked_line, coverage_table};
use super::divergence_table::divergence_tables;
use super::epochs_table::repeats;
use super::grid::wrapped;
use super::mean_tables::MeanTables;
use super::psychometric_table::thresholds;
use super::task_table::{tasks, tasks_of_models};
use super::{printable, probe_line};

/// One model's scores and what they rest on.
pub(crate) struct Scored {
    pub label: Label,
    pub report: Report,
    pub unscored: Vec<UnscoredTask>,
    /// Its numbers on formal questions as if no check had been asked.
    pub formal: Option<Estimates>,
}

impl Scored {
    /// The label, marked if its answers are of several origins.
    pub(super) fn heading(&self) -> String {
        label_heading(&self.label, self.report.origins.as_ref())
    }
}

/// A label, marked if its answers are of several origins.
pub(crate) fn label_heading(label: &Label, origins: Option<&OriginReport>) -> String {
    let is_mixed = origins.is_some_and(|origins| origins.is_mixed);
    format!("{label}{}", if is_mixed { " (mixed)" } else { "" })
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
        let mut out = super::stdout();
        let with_published = self.generated.is_none();
        writeln!(out, "{}", MeanTables::print(self.rows, with_published))?;
        let formal: Vec<Formal<'_>> = self
            .rows
            .iter()
            .filter_map(|row| {
                let coverage = &row.report.strict.coverage;
                Some(Formal { label: &row.label, estimates: row.formal.as_ref()?, coverage })
            })
            .collect();
        if let Some(tables) = reachable(&formal) {
            writeln!(out, "{tables}\n")?;
        }
        for (models, line) in self.by_line(|row| sampled(row).into_iter().collect()) {
            writeln!(out, "{}\n", wrapped("", &format!("{models}{line}")))?;
        }
        if let Some(lines) = self.wording() {
            writeln!(out, "{lines}\n")?;
        }
        let below = "percent; below each number its 95% interval";
        match self.rows {
            [row] => {
                let label = printable(row.label.as_str());
                let what = wrapped("", &format!("Tasks of {label} ({below})"));
                writeln!(out, "{what}\n{}", tasks(row, with_published))?;
            }
            rows => writeln!(out, "{}", tasks_of_models(rows, with_published))?,
        }
        for (models, line) in self.by_line(|row| [unscored(row), off_the_table(row)].concat()) {
            writeln!(out, "{}", wrapped("- ", &format!("{models}{}", printable(&line))))?;
        }
        writeln!(out, "\nCoverage (samples and checks)\n{}", coverage_table(self.rows))?;
        let told = |row: &Scored| -> Vec<String> {
            let origins = row.report.origins.as_ref();
            let lines = [
                asked_line(&row.report),
                row.report.probe.as_ref().map(probe_line),
                origins.and_then(OriginReport::warning),
            ];
            lines.into_iter().flatten().collect()
        };
        for (models, line) in self.by_line(told) {
            writeln!(out, "{}", wrapped("- ", &format!("{models}{}", printable(&line))))?;
        }
        writeln!(out, "\n{}\n", divergence_tables(self.rows))?;
        for row in self.rows {
            if let Some(tables) = repeats_of(row) {
                writeln!(out, "{tables}\n")?;
            }
        }
        for row in self.rows {
            if let Some(thresholds) = row.report.psychometrics.as_ref().and_then(thresholds) {
                let label = printable(row.label.as_str());
                writeln!(out, "Where the senses of {label} end\n{thresholds}\n")?;
            }
        }
        let source = match self.generated {
            Some(kind) => generated_line(kind),
            None => format!("Published rows: {}.", published().source),
        };
        writeln!(out, "{}", wrapped("", &source))
    }

    /// Lines about models. Those that say the same of several stand once; of several models, each line
    /// begins with whom it is about.
    fn by_line(&self, lines: impl Fn(&Scored) -> Vec<String>) -> Vec<(String, String)> {
        let mut found: Vec<(Vec<&str>, String)> = Vec::new();
        for row in self.rows {
            for line in lines(row) {
                match found.iter_mut().find(|(_, known)| *known == line) {
                    Some((models, _)) => models.push(row.label.as_str()),
                    None => found.push((vec![row.label.as_str()], line)),
                }
            }
        }
        let is_one = self.rows.len() == 1;
        let about = |models: Vec<&str>| match models.len() {
            _ if is_one => String::new(),
            all if all == self.rows.len() => "all: ".to_owned(),
            _ => format!("{}: ", models.join(", ")),
        };
        found.into_iter().map(|(models, line)| (about(models), line)).collect()
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
            let names = wrapped("", &format!("{}.", other.join(", ")));
            lines.push(format!(
                "Not asked in the benchmark's words, so not comparable with the published rows:\n\
                 {names}"
            ));
        }
        let unknown = of(|source| source.is_none());
        if !unknown.is_empty() {
            let names = wrapped("", &format!("{}.", unknown.join(", ")));
            lines.push(format!(
                "It was not recorded in whose words these were asked; compare with care:\n{names}"
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
}

/// The stages and levels of one label without published rows, both with their intervals, and
/// whether they compare with those.
pub(crate) fn headline_tables(row: Scored, generated: Option<&str>) -> String {
    let rows = [row];
    let mut means = MeanTables::print(&rows, false);
    if let Some(line) = sampled(&rows[0]) {
        means = format!("{means}\n{}\n", wrapped("", &line));
    }
    if let Some(tables) = repeats_of(&rows[0]) {
        means = format!("{means}\n{tables}\n");
    }
    let below = match generated {
        Some(kind) => Some(wrapped("", &generated_line(kind))),
        None => ScoreTables::new(&rows, None).wording(),
    };
    below.map_or(means.clone(), |below| format!("{means}{below}\n"))
}

/// The tables of a run in which questions were asked several times, with their title.
fn repeats_of(row: &Scored) -> Option<String> {
    let label = printable(row.label.as_str());
    let tables = repeats(&row.report)?;
    Some(format!("Repeats of {label} (strict; all other tables hold epoch 1)\n{tables}"))
}

/// What a run found out that asked in a random order until it was sure.
fn sampled(row: &Scored) -> Option<String> {
    let sequence = row.report.sequence.as_ref()?;
    Some(sequence.sentences(&row.report.strict.estimates))
}

/// What scores of a generated set are not.
fn generated_line(kind: &str) -> String {
    format!(
        "This is a generated `{kind}` set: its scores must not be compared with the published ones, \
         which are left out here."
    )
}

/// The modes of a model, with their names.
pub(super) fn modes(row: &Scored) -> [(&'static str, &ModeReport); 2] {
    [("official", &row.report.official), ("strict", &row.report.strict)]
}

/// Why tasks have no score; those that share a plain reason share a line.
fn unscored(row: &Scored) -> Vec<String> {
    let names = |of: &dyn Fn(&UnscoredTask) -> bool| -> Option<String> {
        let mut names: Vec<&str> =
            row.unscored.iter().filter(|u| of(u)).map(|u| u.task.name()).collect();
        names.dedup();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let mut lines: Vec<String> = row
        .unscored
        .iter()
        .filter(|unscored| !unscored.has_no_data() && !unscored.was_not_asked())
        .map(|unscored| format!("{} is not scored: {unscored}", unscored.task))
        .collect();
    if let Some(names) = names(&UnscoredTask::was_not_asked) {
        lines.push(format!("not asked and not scored: {names}"));
    }
    if let Some(names) = names(&UnscoredTask::has_no_data) {
        lines.push(format!("not in the data set and not scored: {names}"));
    }
    lines
}

/// Where a data set of full size has other odds of guessing than the table of guess baselines.
fn off_the_table(row: &Scored) -> Vec<String> {
    let percent = |task| {
        let baselines = &row.report.guess_baselines;
        baselines.iter().find(|baseline| baseline.task == task).map(|found| found.percent)
    };
    let chances = row.report.option_chances.iter();
    chances.filter_map(|chance| chance.off_the_table(percent(chance.task)?)).collect()
}

/// An interval with one decimal, if there is one.
pub(super) fn range(estimate: Estimate, scale: f64) -> Option<String> {
    Some(format!("{:.1}–{:.1}", estimate.low? * scale, estimate.high? * scale))
}

/// A number in percent with two decimals, or a dash.
pub(super) fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"))
}
