//! `avibench refine`: free-form answers brought into the format that scoring reads.

mod explain;
mod rules;

use std::path::PathBuf;

use avibench_protocol::{FolderData, Label, Record, read_predictions, write_predictions};
use clap::{Args, Subcommand, ValueEnum};
use comfy_table::Table;

use super::common::{DataArgs, discover_labels};
use crate::exit::Exit;
use crate::terminal::{self, align, new_table};

/// Format a run's answers: rules read what leaves no doubt, the rest passes through.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Refine {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    job: Job,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show what each rule makes of one answer
    Explain(explain::Explain),
}

/// What to refine, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct Job {
    #[command(flatten)]
    pub data: DataArgs,
    /// How answers are formatted
    #[arg(long, value_enum, default_value_t = Mode::Rules)]
    pub refine: Mode,
    /// Folder that holds `<label>/tasks/<FOLDER>.json`, as `run` leaves it
    #[arg(
        long,
        alias = "output_dir",
        env = "OUTPUT_DIR",
        default_value = "user_outputs",
        value_name = "DIR"
    )]
    pub output_dir: PathBuf,
    /// Where the formatted answers go
    #[arg(
        long,
        alias = "refined_dir",
        env = "REFINED_DIR",
        default_value = "user_outputs_refined",
        value_name = "DIR"
    )]
    pub refined_dir: PathBuf,
    /// Labels to refine (default: all in --output-dir); comma or space between
    #[arg(long, visible_alias = "model-label", alias = "model_label", num_args = 1.., value_delimiter = ',', value_name = "LABEL")]
    pub models: Vec<Label>,
}

/// Who formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// Rules alone: an answer that no rule reads without doubt passes through as it came
    Rules,
}

/// What became of the answers of one folder.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    missing: usize,
    read: usize,
    passed: usize,
    unread: usize,
}

impl Refine {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self.action {
            Some(Action::Explain(explain)) => explain.run(),
            None => self.job.run(),
        }
    }
}

impl Job {
    /// Refines every label.
    pub(crate) fn run(&self) -> anyhow::Result<Exit> {
        let (_, folders) = self.data.load()?;
        let labels = if self.models.is_empty() {
            discover_labels(&self.output_dir)?
        } else {
            self.models.clone()
        };
        if labels.is_empty() {
            anyhow::bail!(
                "{} holds no answers: expected <label>/tasks/<FOLDER>.json below it; \
                 `avibench run` makes them",
                self.output_dir.display()
            );
        }
        for label in &labels {
            self.refine_label(label, &folders)?;
        }
        Ok(Exit::Done)
    }

    fn refine_label(&self, label: &Label, folders: &[FolderData]) -> anyhow::Result<()> {
        let raw = self.output_dir.join(label.as_str()).join("tasks");
        anyhow::ensure!(
            raw.is_dir(),
            "no answers under the label `{label}`: expected {}",
            raw.display()
        );
        let refined = self.refined_dir.join(label.as_str());
        let mut table = counts_table();
        let mut total = Counts::default();
        for data in folders {
            let source = raw.join(format!("{}.json", data.folder));
            if !source.exists() {
                continue;
            }
            let slots = read_predictions(&source)?;
            let formatted = rules::format_folder(data, &slots);
            let target = refined.join("tasks").join(format!("{}.json", data.folder));
            let records: Vec<Option<Record>> =
                formatted.iter().map(|slot| slot.record.clone()).collect();
            write_predictions(&target, &records)?;
            let journal = refined.join("journal").join(format!("{}.jsonl", data.folder));
            rules::write_journal(&journal, &formatted)?;
            let counts = Counts::of(&formatted);
            total.add(counts);
            add_row(&mut table, data.folder.name(), counts);
        }
        add_row(&mut table, "all", total);
        align(&mut table, 1);
        terminal::note(format!("answers of {label}, formatted by rules\n{table}"));
        terminal::note(format!("formatted answers: {}", refined.join("tasks").display()));
        Ok(())
    }
}

impl Counts {
    fn of(slots: &[rules::Refined]) -> Self {
        let mut counts = Self::default();
        for slot in slots {
            match &slot.way {
                rules::Way::Void => {}
                rules::Way::Missing => counts.missing += 1,
                rules::Way::PassedThrough => counts.passed += 1,
                rules::Way::Rule { .. } => counts.read += 1,
                rules::Way::Unread { .. } => counts.unread += 1,
            }
        }
        counts
    }

    fn add(&mut self, other: Self) {
        self.missing += other.missing;
        self.read += other.read;
        self.passed += other.passed;
        self.unread += other.unread;
    }
}

fn counts_table() -> Table {
    let mut table = new_table();
    table.set_header(["Folder", "Read by rule", "Needs no format", "Unread", "No answer"]);
    table
}

fn add_row(table: &mut Table, name: &str, counts: Counts) {
    table.add_row([
        name.to_owned(),
        counts.read.to_string(),
        counts.passed.to_string(),
        counts.unread.to_string(),
        counts.missing.to_string(),
    ]);
}
