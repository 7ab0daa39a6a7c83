//! `avibench score`: refined answers in, score files and tables out.

use std::path::{Path, PathBuf};

use avibench_protocol::{
    Dataset, Family, Folder, FolderData, FolderState, Label, PredictionError, Record, Task,
    read_predictions, write_atomic,
};
use avibench_score::{
    Captions, FolderVerdicts, ScoreFile, Summary, Warning, judge_official, score_folders,
};
use clap::Args;

use super::common::discover_labels;
use super::fense::FenseArgs;
use crate::exit::Exit;
use crate::terminal::{self, ScoreTables, Scored};

/// Score refined answers; write `eval_outputs/<label>.json` and print the tables.
#[derive(Debug, Args)]
pub(crate) struct Score {
    /// Folder that holds `levels/<stage>/<TASK>/data.json`
    #[arg(long, alias = "data_root", env = "DATA_ROOT", default_value = ".", value_name = "DIR")]
    pub data_root: PathBuf,
    /// Folder that holds `<label>/tasks/<FOLDER>.json`
    #[arg(
        long,
        alias = "refined_dir",
        env = "REFINED_DIR",
        default_value = "user_outputs_refined",
        value_name = "DIR"
    )]
    pub refined_dir: PathBuf,
    /// Where `<label>.json` goes
    #[arg(
        long,
        alias = "eval_dir",
        alias = "eval_output_dir",
        env = "EVAL_OUTPUT_DIR",
        default_value = "eval_outputs",
        value_name = "DIR"
    )]
    pub eval_dir: PathBuf,
    /// Labels to score (default: all in --refined-dir); comma or space between
    #[arg(long, visible_alias = "model-label", alias = "model_label", num_args = 1.., value_delimiter = ',', value_name = "LABEL")]
    pub models: Vec<Label>,
    #[command(flatten)]
    pub fense: FenseArgs,
    /// Whether missing models may be downloaded; the demo stays offline.
    #[arg(skip = true)]
    pub may_fetch: bool,
}

/// Why a task has no score.
pub(crate) struct NotScored {
    pub task: Task,
    pub reason: String,
}

impl Score {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let dataset = Dataset::open(&self.data_root)?;
        let labels = if self.models.is_empty() {
            discover_labels(&self.refined_dir)?
        } else {
            self.models.clone()
        };
        if labels.is_empty() {
            anyhow::bail!(
                "{} holds no answers: expected <label>/tasks/<FOLDER>.json below it; \
                 `avibench refine` makes them from a run",
                self.refined_dir.display()
            );
        }
        let folders = Folder::ALL.map(|folder| (folder, dataset.load(folder)));
        let mut rows = Vec::new();
        for label in labels {
            let tasks = self.refined_dir.join(label.as_str()).join("tasks");
            anyhow::ensure!(
                tasks.is_dir(),
                "no answers under the label `{label}`: expected {}",
                tasks.display()
            );
            let scored = self.score_label(&label, &tasks, &dataset, &folders);
            if scored.file.iter().next().is_none() {
                anyhow::bail!(
                    "nothing of `{label}` can be scored: {}",
                    scored.unscored.first().map_or("no data", |first| first.reason.as_str())
                );
            }
            let path = self.eval_dir.join(format!("{label}.json"));
            write_atomic(&path, |out| {
                serde_json::to_writer_pretty(&mut *out, &scored.file)?;
                out.write_all(b"\n")
            })?;
            terminal::note(format!("scores of {label}: {}", path.display()));
            rows.push(scored);
        }
        ScoreTables::new(&rows, dataset.generated()).print()?;
        Ok(Exit::Done)
    }
}

impl Score {
    /// Scores what can be scored; a folder that cannot is named and does not stop the others.
    fn score_label(
        &self,
        label: &Label,
        tasks: &Path,
        dataset: &Dataset,
        folders: &[(Folder, FolderState)],
    ) -> Scored {
        let mut verdicts = Vec::new();
        let mut unscored = Vec::new();
        for (folder, state) in folders {
            match self.judge(*folder, state, tasks, dataset) {
                Ok(judged) => {
                    show_warnings(&judged.warnings);
                    verdicts.push(judged);
                }
                Err(reason) => unscored.push((*folder, reason)),
            }
        }
        let scoring = score_folders(&verdicts);
        let mut reasons: Vec<NotScored> = scoring
            .unscored
            .iter()
            .map(|(task, reason)| NotScored { task: *task, reason: reason.to_string() })
            .chain(unscored.into_iter().map(|(folder, reason)| NotScored {
                task: folder.task(),
                reason: if folder.task().folders().len() > 1 {
                    format!("{folder}: {reason}")
                } else {
                    reason
                },
            }))
            .collect();
        reasons.sort_by_key(|not| not.task);
        let file = ScoreFile::new(&scoring);
        let summary: Summary = file.headlines().summary();
        Scored { label: label.clone(), file, summary, verdicts, unscored: reasons }
    }

    fn judge(
        &self,
        folder: Folder,
        state: &FolderState,
        tasks: &Path,
        dataset: &Dataset,
    ) -> Result<FolderVerdicts, String> {
        let data: &FolderData = match state {
            FolderState::Ready(data) => data,
            FolderState::Absent => {
                return Err(format!("no data: expected {}", dataset.path(folder).display()));
            }
            FolderState::Broken(error) => return Err(error.to_string()),
        };
        let path = tasks.join(format!("{folder}.json"));
        let slots = match read(&path) {
            Ok(Some(slots)) => slots,
            Ok(None) => return Err(format!("no predictions: expected {}", path.display())),
            Err(error) => return Err(error.to_string()),
        };
        if slots.len() > data.samples.len() {
            terminal::warning(format!(
                "{} has {} slots for {} samples; the surplus is ignored: is it of this data set?",
                path.display(),
                slots.len(),
                data.samples.len()
            ));
        }
        let judged = |captions| Ok(judge_official(folder, &data.samples, &slots, captions));
        if folder.family() != Family::Caption {
            return judged(Captions::Rated(&[]));
        }
        match self.fense.rate(&data.samples, &slots, self.may_fetch) {
            Ok(ratings) => judged(Captions::Rated(&ratings)),
            Err(reason) => judged(Captions::Unavailable(&reason)),
        }
    }
}

fn read(path: &Path) -> Result<Option<Vec<Option<Record>>>, PredictionError> {
    if path.exists() { read_predictions(path).map(Some) } else { Ok(None) }
}

/// The first few of a folder, and how many there are.
fn show_warnings(warnings: &[Warning]) {
    const SHOWN: usize = 3;
    for warning in warnings.iter().take(SHOWN) {
        terminal::warning(warning);
    }
    if let Some(more) = warnings.len().checked_sub(SHOWN).filter(|&more| more > 0) {
        terminal::warning(format!("... and {more} more of this kind"));
    }
}
