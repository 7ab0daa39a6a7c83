//! Logs of Inspect, one a task.

mod log;
mod media;
mod sample;
mod task_log;

use std::collections::BTreeMap;
use std::io::{self, Write};

use avibench_prompts::PromptPack;
use avibench_protocol::Task;

use crate::paired_rows::task_rows;
use crate::{ExportForm, ExportedRun};
use media::MediaBudget;
use task_log::TaskLog;

/// Logs of a scored label in the JSON form of Inspect's log format, version 2.
#[derive(Debug)]
pub struct InspectExport<'a> {
    /// The label.
    pub exported: &'a ExportedRun,
    /// Prompts that the run may have been asked with; the one whose hash the report names is used.
    pub packs: Vec<&'a PromptPack>,
}

/// The log of one task.
#[derive(Debug)]
pub struct InspectLogFile {
    /// The task.
    pub task: Task,
    /// Its file name, which begins with the time of the run, as Inspect's own do.
    pub name: String,
    /// Samples in it: those that were asked.
    pub samples: usize,
    /// Samples without an official and without a strict score.
    pub unscored: [usize; 2],
    /// Bytes of media in it.
    pub inlined: u64,
}

impl InspectExport<'_> {
    /// The tasks of which anything was asked, in the order of the benchmark.
    #[must_use]
    pub fn tasks(&self) -> Vec<Task> {
        let is_asked = |task: &Task| {
            !task_rows(&self.exported.run, *task, self.exported.form).asked.is_empty()
        };
        Task::ALL.into_iter().filter(is_asked).collect()
    }

    /// The file name of a task's log.
    #[must_use]
    pub fn file_name(&self, task: Task) -> String {
        task_log::file_name(self.exported, task)
    }

    /// Writes the log of a task, sample by sample. Media are put in until they take `inline` bytes, base64 not counted;
    /// others are named by their path.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(
        &self,
        task: Task,
        inline: u64,
        out: &mut dyn Write,
    ) -> io::Result<InspectLogFile> {
        let rows = task_rows(&self.exported.run, task, self.exported.form);
        let inline = if self.exported.form == ExportForm::Public { 0 } else { inline };
        let media = MediaBudget::new(inline);
        let log = TaskLog {
            exported: self.exported,
            pack: self.pack(),
            task,
            rows: &rows,
            media: &media,
        };
        serde_json::to_writer(&mut *out, &log.document())?;
        out.write_all(b"\n")?;
        let inlined = inline - media.left();
        Ok(InspectLogFile {
            task,
            name: self.file_name(task),
            samples: rows.asked.len(),
            unscored: log.unscored(),
            inlined,
        })
    }

    /// The prompts that the run was asked with, if they are at hand.
    fn pack(&self) -> Option<&PromptPack> {
        let asked = &self.exported.report().asking.as_ref()?.prompt_pack;
        self.packs.iter().find(|pack| pack.hash() == *asked).copied()
    }
}

/// A list in which everything is a name with a value.
type Named<T> = BTreeMap<String, T>;
