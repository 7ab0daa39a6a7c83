//! `avibench batch import`: results of batches as a run's answers.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use avibench_batch::{ExportManifest, Import as BatchImport, ImportSummary};
use avibench_engine::{BatchFormat, Price, PriceTable, Secrets};
use avibench_protocol::{Dataset, FolderData, FolderState};
use avibench_store::{Locking, OnDifference, OutcomeCounts};
use clap::Args;

use crate::commands::by_name::by_name;
use crate::commands::common::{DatasetArgs, OutputArgs};
use crate::commands::locks::LockArgs;
use crate::commands::session;
use crate::exit::Exit;
use crate::terminal::{self, counted, run_grid};

/// Read results of batches into the journals of their label.
///
/// Files may come in any order, also with a part of the results, with errors, and more than once: each
/// answer counts once. Results of another export are refused as a whole, and nothing is imported then.
/// Failures that may pass leave their samples open for the next `run` or `batch export`.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench batch import batches/my-model/1 results.jsonl \\\n\
\x20     --data-root DATA")]
pub(crate) struct Import {
    /// The export that the results belong to
    #[arg(value_name = "EXPORT")]
    export: PathBuf,
    /// Files of results: output and error files of OpenAI, what vLLM's `run_batch` wrote, or Gemini's
    #[arg(required = true, value_name = "FILE")]
    results: Vec<PathBuf>,
    /// Take this form alone: `openai` or `gemini` (default: either)
    #[arg(long, hide_possible_values = true, value_parser = by_name::<BatchFormat>(BatchFormat::ALL.map(BatchFormat::name)), value_name = "FORM")]
    format: Option<BatchFormat>,
    #[command(flatten)]
    into: IntoArgs,
    #[command(flatten)]
    locks: LockArgs,
}

/// Where results go.
#[derive(Debug, Clone, Args)]
pub(crate) struct IntoArgs {
    #[command(flatten)]
    pub(super) dataset: DatasetArgs,
    #[command(flatten)]
    outputs: OutputArgs,
    /// Go on under a label that holds another model, prompt pack, data set or profile
    #[arg(long, help_heading = "What is done")]
    force: bool,
    /// Prices in US dollars per million tokens, as of `run`; a batch costs half unless the table says
    /// otherwise
    #[arg(long, help_heading = "Cost", value_name = "FILE")]
    prices: Option<PathBuf>,
}

/// The price of a model's tokens, if a table has it.
pub(super) fn price(prices: Option<&Path>, model: &str) -> anyhow::Result<Option<Price>> {
    let prices = prices.map_or_else(|| Ok(PriceTable::embedded()), PriceTable::read)?;
    Ok(prices.find(model))
}

impl Import {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let summary = self.into.import(
            &self.export,
            &self.results,
            self.format,
            Secrets::default(),
            Vec::new(),
            self.locks.locking(),
        )?;
        report(&summary, &self.export, &self.into.flags())
    }
}

impl IntoArgs {
    /// The flags of the folders that were named, for a command to copy.
    pub(super) fn flags(&self) -> String {
        [self.dataset.flag(), self.outputs.flag()].concat()
    }

    /// Imports results of an export.
    pub(super) fn import(
        &self,
        export: &Path,
        results: &[PathBuf],
        format: Option<BatchFormat>,
        secrets: Secrets,
        hosts: Vec<String>,
        locking: Locking,
    ) -> anyhow::Result<ImportSummary> {
        let manifest = ExportManifest::read(export)?;
        let dataset = Dataset::open(&self.dataset.data_root)?;
        let folders = manifest.identity.data.keys();
        let data: Vec<FolderData> = folders
            .filter_map(|folder| match dataset.load(*folder) {
                FolderState::Ready(data) => Some(data),
                FolderState::Absent => None,
                FolderState::Broken(error) => {
                    terminal::warning(format!("{folder}: {error}"));
                    None
                }
            })
            .collect();
        let price = price(self.prices.as_deref(), &manifest.identity.model)?;
        let import = BatchImport {
            export,
            results,
            format,
            output_dir: &self.outputs.output_dir,
            data: &data,
            program: avibench_build::PROGRAM.to_owned(),
            price: price.map(Price::in_batch),
            on_difference: if self.force { OnDifference::Force } else { OnDifference::Refuse },
            locking,
            secrets,
            hosts,
        };
        Ok(import.run()?)
    }
}

/// Says what was imported, what is left, and what comes next.
pub(super) fn report(summary: &ImportSummary, export: &Path, flags: &str) -> anyhow::Result<Exit> {
    let label = &ExportManifest::read(export)?.label;
    for notice in &summary.notices {
        terminal::warning(notice);
    }
    for unreadable in &summary.unreadable {
        let path = unreadable.path.display();
        terminal::warning(format!("{path}, line {}: {}", unreadable.line, unreadable.reason));
    }
    let more = summary.unreadable_count - summary.unreadable.len();
    if more > 0 {
        terminal::warning(format!("{} cannot be read either", counted(more, "more line")));
    }
    for path in &summary.torn {
        terminal::warning(format!(
            "{}: the last line breaks off, so its sample stays open; fetch the file again, and import it \
             once more",
            path.display()
        ));
    }
    for (kind, (count, words)) in &summary.open {
        let samples = counted(*count, "request");
        terminal::warning(format!(
            "{samples} without an answer: {}, such as: {words}",
            kind.describe()
        ));
    }
    let (rejected, words) = &summary.rejected;
    if *rejected > 0 {
        terminal::warning(format!(
            "{} turned down, such as: {words}",
            counted(*rejected, "request")
        ));
    }
    for sentence in summary.remarks.sentences() {
        terminal::warning(sentence);
    }
    writeln!(terminal::stdout(), "{}", run_grid(&summary.folders))?;
    let there = match summary.present {
        0 => String::new(),
        1 => "; 1 was there already".to_owned(),
        count => format!("; {count} were there already"),
    };
    let spending = summary.spending;
    let cost = spending.cost.map_or_else(
        || "cost unknown, since no price table has the model".to_owned(),
        terminal::dollars,
    );
    let spent = if spending.tokens_in + spending.tokens_out == 0 {
        String::new()
    } else {
        format!("; {} tokens in, {} out; {cost}", spending.tokens_in, spending.tokens_out)
    };
    terminal::note(format!("imported {}{there}{spent}", counted(summary.imported, "result")));
    terminal::note(format!("answers: {}", summary.directory.join("tasks").display()));
    let total = total(summary);
    let is_complete = total.not_attempted + total.failed + total.rejected == 0;
    if summary.unanswered > 0 {
        terminal::note(format!(
            "{} of the {} of {} {} no answer yet",
            summary.unanswered,
            counted(summary.requests, "request"),
            export.display(),
            if summary.unanswered == 1 { "has" } else { "have" },
        ));
    }
    terminal::hint(if is_complete {
        session::after_answers(label, flags)
    } else {
        "avibench run asks what is left, and avibench batch export puts it into files, with the flags of the \
         first export"
            .to_owned()
    });
    Ok(if is_complete { Exit::Done } else { Exit::SomeFailed })
}

/// All folders of the run together.
fn total(summary: &ImportSummary) -> OutcomeCounts {
    let mut total = OutcomeCounts::default();
    for counts in summary.folders.values() {
        total += *counts;
    }
    total
}
