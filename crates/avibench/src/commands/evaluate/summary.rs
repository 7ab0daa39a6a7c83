//! The closing summary of `evaluate`: what was done, the numbers, what they rest on, where the files
//! are, what it cost.

use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use avibench_results::{FolderReadingReport, Formatting, Report, SampleCounts, UnscoredTaskReport};
use avibench_store::{Label, Spending};

use crate::terminal::{
    Grid, Scored, asked_line, counted, duration, headline_tables, printable, wrapped,
};

/// Everything that is said at the end.
pub(super) struct Summary {
    pub(super) label: Label,
    /// Each step with what was done in it.
    pub(super) steps: Vec<(&'static str, String)>,
    pub(super) report: Report,
    /// The kind of a generated data set.
    pub(super) generated: Option<String>,
    /// Tokens and money of each command that asks, under the label, earlier sessions included.
    pub(super) spent: Vec<(&'static str, Spending)>,
    /// What the files are, and where.
    pub(super) files: Vec<(&'static str, PathBuf)>,
    pub(super) took: Duration,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Evaluation of {}", self.label)?;
        for (name, done) in &self.steps {
            writeln!(f, "{}", wrapped(&format!("{name:<7} "), done))?;
        }
        let scored = Scored {
            label: self.label.clone(),
            report: self.report.clone(),
            unscored: Vec::new(),
            formal: None,
        };
        writeln!(f, "\n{}", headline_tables(scored, self.generated.as_deref()))?;
        if let Some(line) = asked_line(&self.report) {
            writeln!(f, "{}", wrapped("Run: ", &printable(&line)))?;
        }
        writeln!(f, "{}", wrapped("Coverage: ", &self.coverage()))?;
        writeln!(f, "{}", wrapped("Cost: ", &self.cost()))?;
        let time = format!("{} for this command.", duration(self.took));
        writeln!(f, "{}", wrapped("Time: ", &time))?;
        let mut files = Grid::new(["File", "Where"]).with_texts([1]);
        for (name, path) in &self.files {
            files.row([(*name).to_owned(), path.display().to_string()]);
        }
        write!(f, "\n{files}")
    }
}

impl Summary {
    /// How asking ended and what could not be read or scored.
    fn coverage(&self) -> String {
        let mut sentences = Vec::new();
        if let Some(outcomes) = &self.report.outcomes {
            let counts = outcomes.all.counts;
            sentences.push(format!(
                "{} of {} answered{}.",
                counts.answered,
                counted(counts.total, "sample"),
                without_answer(&counts)
            ));
        }
        sentences.extend(self.unformatted());
        if let Some(reading) = &self.report.reading {
            let unread: usize = reading.folders.iter().map(FolderReadingReport::all_unread).sum();
            if unread > 0 {
                let are = if unread == 1 { "is" } else { "are" };
                let answers = counted(unread, "answer");
                sentences.push(format!("Strict scoring: {answers} {are} unread."));
            }
        }
        sentences.extend(self.unscored());
        if sentences.is_empty() { "not recorded.".to_owned() } else { sentences.join(" ") }
    }

    /// How many answers stay as the model wrote them though they need a format: official scoring takes them
    /// as they are.
    fn unformatted(&self) -> Option<String> {
        let formatting = self.report.formatting.as_ref()?;
        let sum = |of: fn(&Formatting) -> usize| formatting.folders.iter().map(of).sum::<usize>();
        let (by_rules, by_model) = (sum(|of| of.unread), sum(|of| of.not_formatted));
        let told = [
            (by_rules, "no rule reads (--refine-model names a model that formats them)"),
            (by_model, "the language model did not format"),
        ];
        let told: Vec<String> = told
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, why)| format!("{} that {why}", counted(count, "answer")))
            .collect();
        let are = if by_rules + by_model == 1 { "is" } else { "are" };
        (!told.is_empty())
            .then(|| format!("Official scoring: {} {are} left unformatted.", told.join(" and ")))
    }

    /// Which tasks have no score and why; those that nobody asked are no lack.
    fn unscored(&self) -> Vec<String> {
        let was_asked = |task: &UnscoredTaskReport| {
            self.report.outcomes.as_ref().is_none_or(|outcomes| {
                let mut folders =
                    outcomes.folders.iter().filter(|of| of.folder.task() == task.task);
                folders.any(|of| of.endings.counts.not_attempted < of.endings.counts.total)
            })
        };
        let mut told: Vec<(String, Vec<&str>)> = Vec::new();
        for task in self.report.official.unscored.iter().filter(|task| was_asked(task)) {
            let (reason, name) = (task.reason.to_string(), task.task.name());
            match told.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, names)) if names.contains(&name) => {}
                Some((_, names)) => names.push(name),
                None => told.push((reason, vec![name])),
            }
        }
        let mut sentences: Vec<String> = told
            .iter()
            .map(|(reason, names)| {
                let have = if names.len() == 1 { "has" } else { "have" };
                format!("{} {have} no score: {reason}.", names.join(", "))
            })
            .collect();
        let summary = self.report.official.summary.as_ref();
        if summary.is_some_and(|summary| summary.levels.l1.is_none()) {
            sentences.push("Levels need scores of all 14 tasks.".to_owned());
        }
        sentences
    }

    fn cost(&self) -> String {
        let mut known = 0.0;
        let mut parts = Vec::new();
        for (name, spending) in &self.spent {
            let tokens = spending.tokens_in + spending.tokens_out;
            if tokens == 0 && spending.cost.unwrap_or_default() == 0.0 {
                continue;
            }
            let money = match spending.cost {
                Some(cost) => {
                    known += cost;
                    format!("${cost:.2}")
                }
                None => "price unknown".to_owned(),
            };
            let Spending { tokens_in, tokens_out, .. } = spending;
            parts.push(format!("{name} {money} ({tokens_in} tokens in, {tokens_out} out)"));
        }
        match parts.as_slice() {
            [] => "no tokens were counted.".to_owned(),
            [one] => format!("{one}."),
            several => format!("{}; ${known:.2} of known prices.", several.join("; ")),
        }
    }
}

/// `, 3 failed, 1 refused`; empty if nothing is.
fn without_answer(counts: &SampleCounts) -> String {
    let others = [
        (Some(counts.empty), "empty"),
        (counts.cut_off, "cut off"),
        (counts.refused, "refused"),
        (Some(counts.failed), "failed"),
        (counts.rejected, "rejected"),
        (Some(counts.not_attempted), "not asked"),
    ];
    let mut text = String::new();
    for (count, name) in others {
        if let Some(count) = count.filter(|count| *count > 0) {
            let _ = write!(text, ", {count} {name}");
        }
    }
    text
}
