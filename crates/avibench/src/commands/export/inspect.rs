//! `avibench export inspect`: logs that Inspect's viewer and data frames read.

use std::cell::{Cell, RefCell};

use avibench_export::{ExportFile, ExportFolder, InspectExport, InspectLogFile};
use clap::Args;

use super::label::{LabelArgs, form};
use crate::commands::common::ShownPromptsArgs;
use crate::commands::common::quoted;
use crate::commands::ranges::{self, whole};
use crate::exit::Exit;
use crate::terminal::{self, counted};

/// Write logs for Inspect: its viewer, its data frames and Scout open them
///
/// One log a task, in the JSON form of the log format (version 2), with the scores `official` and
/// `strict`. Media are named by their paths, which the viewer cannot play; `--inline-media` puts them into
/// the logs.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench export inspect my-model --data-root DATA\n\
\x20 avibench export inspect my-model --public\n\
\x20 avibench export inspect my-model --inline-media 100")]
pub(super) struct Inspect {
    #[command(flatten)]
    label: LabelArgs,
    #[command(flatten)]
    prompts: ShownPromptsArgs,
    /// No question, truth, answer or medium; samples under shuffled numbers
    #[arg(long, help_heading = "Output", conflicts_with = "inline_media")]
    public: bool,
    /// Put media into the logs, as many as fit into so many MiB, task by task; the benchmark's policy
    /// forbids passing its media on
    #[arg(long, help_heading = "Output", value_parser = whole::<u64>(ranges::EMBED_MIB), value_name = "MIB")]
    inline_media: Option<u64>,
}

impl Inspect {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let exported = self.label.read(form(self.public))?;
        LabelArgs::tell_notes(&exported);
        let packs = self.prompts.packs()?;
        let export = InspectExport { exported: &exported, packs: packs.iter().collect() };
        let name = if self.public { "inspect-public" } else { "inspect" };
        let path = self.label.folder(name);
        let folder = ExportFolder::new(&path, name, self.label.label.as_str());
        let left = Cell::new(self.inline_media.unwrap_or(0) << 20);
        let logs: RefCell<Vec<InspectLogFile>> = RefCell::default();
        let files = export.tasks().into_iter().map(|task| {
            let (export, left, logs) = (&export, &left, &logs);
            ExportFile::new(export.file_name(task), move |out| {
                let log = export.write(task, left.get(), out)?;
                left.set(left.get() - log.inlined);
                logs.borrow_mut().push(log);
                Ok(())
            })
        });
        let files = files.collect();
        let written = folder.write(files)?;
        self.label.tell(&exported, &written, &path);
        self.tell_samples(&logs.into_inner());
        terminal::hint(format!("inspect view --log-dir {}", quoted(&path)));
        Ok(Exit::Done)
    }

    fn tell_samples(&self, logs: &[InspectLogFile]) {
        let samples: usize = logs.iter().map(|log| log.samples).sum();
        let without = |mode: usize| logs.iter().map(|log| log.unscored[mode]).sum::<usize>();
        terminal::note(format!(
            "{} in {}; without a score, as checks are and what has no answer: {} officially, {} strictly",
            counted(samples, "sample"),
            counted(logs.len(), "log"),
            without(0),
            without(1),
        ));
        if self.inline_media.is_some() {
            let inlined: u64 = logs.iter().map(|log| log.inlined).sum();
            terminal::note(format!("media in the logs: {:.1} MB", inlined as f64 / 1e6));
        }
    }
}
