//! Drafts of evaluation results for a model card on the Hugging Face Hub (`.eval_results/*.yaml`).

mod yaml;

use std::io::{self, Write};

use avibench_results::{
    NumberKind, NumberRow, NumberUnit, STAND_IN_CAUTION, STAND_IN_MARK, ScoringMode,
};
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::{Circumstance, ExportedRun, circumstances};
use yaml::write_yaml;

/// Draft results of a scored label.
#[derive(Debug)]
pub struct HubExport<'a> {
    /// The label.
    pub exported: &'a ExportedRun,
    /// The data set on the Hub on whose leaderboard the results are to stand, such as `org/name`.
    dataset: &'a str,
    source: Option<&'a HubSource>,
}

/// Where the numbers can be looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HubSource {
    /// An https address.
    pub url: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A user or an organization of the Hub.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// What the Hub would not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HubError {
    /// No id of a data set.
    #[error(
        "`{0}` is no data set of the Hub; name it as --dataset ORG/NAME, of letters, digits, `-`, `_` and `.`"
    )]
    Dataset(String),
    /// No address.
    #[error(
        "`{0}` is no address of a source; name one that begins with https:// with --source-url"
    )]
    Source(String),
}

/// One result, in the order of the Hub's documentation.
#[derive(Debug, Serialize)]
struct HubEntry<'a> {
    dataset: HubDataset<'a>,
    value: f64,
    date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a HubSource>,
    notes: String,
}

#[derive(Debug, Serialize)]
struct HubDataset<'a> {
    id: &'a str,
    task_id: String,
}

impl<'a> HubExport<'a> {
    /// Draft results for the leaderboard of a data set.
    ///
    /// # Errors
    ///
    /// If the data set or the source is no name that the Hub takes.
    pub fn new(
        exported: &'a ExportedRun,
        dataset: &'a str,
        source: Option<&'a HubSource>,
    ) -> Result<Self, HubError> {
        let is_name = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_alphanumeric())
                && name.len() <= 96
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        let is_id =
            dataset.split_once('/').is_some_and(|(org, name)| is_name(org) && is_name(name));
        if !is_id {
            return Err(HubError::Dataset(dataset.to_owned()));
        }
        let is_address = |url: &str| {
            let rest = url.strip_prefix("https://").unwrap_or_default();
            !rest.is_empty() && !url.contains(|c: char| c.is_whitespace() || c.is_control())
        };
        if let Some(source) = source.filter(|source| !is_address(&source.url)) {
            return Err(HubError::Source(source.url.clone()));
        }
        Ok(Self { exported, dataset, source })
    }

    /// Where the results of a mode stand below a model's repository.
    #[must_use]
    pub const fn file_name(mode: ScoringMode) -> &'static str {
        match mode {
            ScoringMode::Official => ".eval_results/avi-bench.yaml",
            ScoringMode::Strict => ".eval_results/avi-bench-strict.yaml",
        }
    }

    /// Writes the results of a mode.
    ///
    /// # Errors
    ///
    /// If they cannot be written.
    pub fn write(&self, mode: ScoringMode, out: &mut dyn Write) -> io::Result<()> {
        let found = circumstances(self.exported);
        let entries = self.entries(mode, &found);
        for line in self.heading(mode, &found) {
            for line in yaml::comment(&line) {
                writeln!(out, "{line}")?;
            }
        }
        write_yaml(&entries, out)
    }

    /// How many results a mode has.
    #[must_use]
    pub fn count(&self, mode: ScoringMode) -> usize {
        self.entries(mode, &[]).len()
    }

    fn heading(&self, mode: ScoringMode, found: &[Circumstance]) -> Vec<String> {
        let report = self.exported.report();
        let mut said = vec![format!(
            "Draft by {} {} of the {} scores of `{}`. Values are percent. The Hub takes results for data sets that are \
             registered as benchmarks, under the task ids of their eval.yaml: compare the ids below with it, and take \
             out what you don't want to publish.",
            report.program.name,
            report.program.version,
            mode.name(),
            report.label
        )];
        said.extend(found.iter().map(ToString::to_string));
        said
    }

    fn entries(&self, mode: ScoringMode, found: &[Circumstance]) -> Vec<HubEntry<'_>> {
        let exported = self.exported;
        let made = exported.started.unwrap_or(exported.scored);
        let date = made.to_zoned(TimeZone::UTC).date().to_string();
        let numbers = exported.report().numbers();
        let numbers = numbers.iter().filter(|of| of.mode == mode && of.kind != NumberKind::Part);
        let entry = |number: &NumberRow| {
            let percent = |value: f64| {
                let percent =
                    if number.unit == NumberUnit::Fraction { value * 100.0 } else { value };
                (percent * 1_000.0).round() / 1_000.0
            };
            let value = number.value.filter(|value| value.is_finite())?;
            Some(HubEntry {
                dataset: HubDataset { id: self.dataset, task_id: number.name.to_lowercase() },
                value: percent(value),
                date: date.clone(),
                source: self.source,
                notes: notes(number, &percent, found),
            })
        };
        numbers.filter_map(entry).collect()
    }
}

/// How the number was made: what a reader of a leaderboard must know.
fn notes(number: &NumberRow, percent: &dyn Fn(f64) -> f64, found: &[Circumstance]) -> String {
    let mut said = vec![format!("{} scoring, percent", number.mode.name())];
    match number.low.zip(number.high) {
        Some((low, high)) => {
            said.push(format!("95% interval {} to {}", percent(low), percent(high)));
        }
        None => said.push("no interval".to_owned()),
    }
    let key = number.name.to_lowercase();
    let is_of_task = |of: &Circumstance| match of.tasks() {
        // What rests on several tasks rests on all that these lack.
        Some(tasks) => number.kind != NumberKind::Task || tasks.contains(&key),
        None => true,
    };
    let is_own = |of: &&Circumstance| is_of_task(of) && **of != Circumstance::StandInCaptions;
    said.extend(found.iter().filter(is_own).map(Circumstance::tag));
    if number.by_stand_in {
        said.push(format!("{STAND_IN_MARK} {}", STAND_IN_CAUTION.trim_end_matches('.')));
    }
    said.push("draft".to_owned());
    said.join("; ")
}
