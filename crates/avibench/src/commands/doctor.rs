//! `avibench doctor`: a data set looked over before any model is asked.

use std::io::Write as _;
use std::path::PathBuf;

use avibench_doctor::examine;
use avibench_protocol::Dataset;
use clap::Args;

use super::by_name::by_name;
use super::task_choice::TaskChoice;
use crate::exit::Exit;
use crate::terminal::{self, Measuring, doctor_tables};

/// Check a data set before a model is asked: records, answers, and every medium decoded.
///
/// Reads records and media by the same code as a run, so what it finds is what a run would meet:
/// media that are missing, cut off, damaged or of another kind than their name or place says,
/// videos without sound, silence, equal media, answers that no model can match. Nothing is changed,
/// and nothing is sent. Exit code 0: nothing found; 2: something was; 1: it could not look.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench doctor DATA\n\
\x20 avibench doctor DATA --tasks AVQA --json")]
pub(crate) struct Doctor {
    /// Folder that holds `levels/<stage>/<TASK>/data.json`
    #[arg(env = "DATA_ROOT", default_value = ".", value_name = "DATA")]
    data: PathBuf,
    /// Folders, tasks or stages to take (default: all), such as VSQA_I, VSQA, sensation; comma or
    /// space between
    #[arg(long, alias = "task", num_args = 1.., value_delimiter = ',', hide_possible_values = true, value_parser = by_name::<TaskChoice>(TaskChoice::names()), value_name = "TASK")]
    tasks: Vec<TaskChoice>,
    /// Print everything that was found as JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let folders = TaskChoice::folders(&self.tasks);
        let dataset = Dataset::open(&self.data)?;
        let decoding = Measuring::new("decoding media");
        let found = examine(&dataset, &folders, &|done, all| decoding.tell(done, all));
        decoding.clear();
        anyhow::ensure!(
            !found.folders.is_empty() || found.has_findings(),
            "no folder of {} can be looked at: none holds a data.json",
            dataset.levels().display()
        );
        let mut out = terminal::stdout();
        if self.json {
            serde_json::to_writer_pretty(&mut out, &found)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{}", doctor_tables(&found))?;
        }
        Ok(if found.has_findings() { Exit::SomeFailed } else { Exit::Done })
    }
}
