//! The label of an export, its folder, and what is said of both.

use std::path::{Path, PathBuf};

use avibench_export::{
    Circumstance, ExportForm, ExportNote, ExportSources, ExportedRun, WrittenExport, circumstances,
};
use avibench_protocol::Dataset;
use avibench_store::Label;
use clap::Args;

use crate::commands::common::{DatasetArgs, OutputArgs, RefinedArgs, ScoresArgs, folder_flags};
use crate::commands::sharding::warn_of_shards;
use crate::terminal::{self, counted};

/// The label, and where everything about it lies.
#[derive(Debug, Args)]
pub(super) struct LabelArgs {
    /// A label that `score` has scored
    #[arg(value_name = "LABEL")]
    pub(super) label: Label,
    #[command(flatten)]
    dataset: DatasetArgs,
    #[command(flatten)]
    scores: ScoresArgs,
    #[command(flatten)]
    outputs: OutputArgs,
    #[command(flatten)]
    refined: RefinedArgs,
    /// Folder to write to (default: a folder among the score files that is called after the label and
    /// the format)
    #[arg(long, help_heading = "Output", value_name = "DIR")]
    output: Option<PathBuf>,
}

impl LabelArgs {
    /// Reads the label, and says what was left out.
    pub(super) fn read(&self, form: ExportForm) -> anyhow::Result<ExportedRun> {
        let Self { label, .. } = self;
        let answers: [&Path; 2] = [&self.outputs.output_dir, &self.refined.refined_dir];
        let flags = folder_flags(&self.dataset, &self.outputs, &self.refined);
        self.scores.report_of(label, &answers, &flags)?;
        warn_of_shards(&answers, label, &flags);
        let dataset = Dataset::open(&self.dataset.data_root).ok();
        let sources = ExportSources {
            label,
            eval_dir: &self.scores.eval_dir,
            outputs: &self.outputs.output_dir,
            refined: &self.refined.refined_dir,
            dataset: dataset.as_ref(),
            form,
        };
        Ok(sources.read()?)
    }

    /// The folder of an export: the one that was named, or `<label>.<format>` among the score files.
    pub(super) fn folder(&self, format: &str) -> PathBuf {
        let name = || self.scores.eval_dir.join(format!("{}.{format}", self.label));
        self.output.clone().unwrap_or_else(name)
    }

    /// Says what had to be left out.
    pub(super) fn tell_notes(exported: &ExportedRun) {
        for note in &exported.notes {
            // A public form has no media and no prompts that could lack.
            if exported.form.has_texts()
                || matches!(note, ExportNote::Manifest(_) | ExportNote::Journal(_))
            {
                terminal::warning(note);
            }
        }
    }

    /// Says what was written, and what has to be known of its numbers.
    pub(super) fn tell(&self, exported: &ExportedRun, written: &WrittenExport, folder: &Path) {
        let size = written.bytes as f64 / 1e6;
        terminal::note(format!(
            "{}: {} ({size:.1} MB) in {}",
            self.label,
            counted(written.files.len(), "file"),
            folder.display(),
        ));
        if !written.removed.is_empty() {
            terminal::note(format!(
                "removed, because the label no longer has them: {} of an earlier export",
                counted(written.removed.len(), "file")
            ));
        }
        for found in circumstances(exported) {
            let is_doubtful = !matches!(found, Circumstance::Drawn(_) | Circumstance::Part(_));
            if is_doubtful { terminal::warning(found) } else { terminal::note(found) }
        }
        if exported.generated.is_none() {
            terminal::warning(format!(
                "taken for the benchmark's data: {} holds no generated set with the hashes that were \
                 scored against; if it was one, name its folder with --data-root",
                self.dataset.data_root.display()
            ));
        }
        if exported.form.has_texts() && exported.generated.is_none() {
            terminal::warning(
                "the files hold questions, truths and answers. Unless the data set is a generated one, \
                 they are the benchmark's, whose policy forbids passing them on; --public leaves them out",
            );
        }
    }
}

/// The form that a flag asks for.
pub(super) const fn form(public: bool) -> ExportForm {
    if public { ExportForm::Public } else { ExportForm::Private }
}
