//! From answers on disk to verdicts in both modes: what `score` and `compare` share.

use std::path::{Path, PathBuf};

use avibench_protocol::{
    Dataset, Family, Folder, FolderData, FolderState, Position, Record, Sample, Task,
};
use avibench_results::{About, DataHash, Divergences, Mode};
use avibench_score::{
    Captions, FolderVerdicts, GuessBaselines, Psychometrics, Resampling, Warning, caption_pairs,
    divergence, judge_official, judge_strict, psychometrics, strict_caption_pairs,
};
use avibench_store::{Label, Manifest, read_predictions};
use clap::Args;

use super::common::{OutputArgs, RefinedArgs, check_alignment, discover_labels};
use super::fense::{FenseArgs, Fluency};
use super::recorded::Recorded;
use crate::terminal;

/// What is judged, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct JudgingArgs {
    /// Folder that holds `levels/<stage>/<TASK>/data.json`
    #[arg(long, alias = "data_root", env = "DATA_ROOT", default_value = ".", value_name = "DIR")]
    pub data_root: PathBuf,
    #[command(flatten)]
    pub outputs: OutputArgs,
    #[command(flatten)]
    pub refined: RefinedArgs,
    /// Resamples behind each interval
    #[arg(long, default_value_t = Resampling::default().resamples, value_name = "N")]
    pub resamples: u32,
    /// Seed of the resamples: the same seed gives the same intervals on every machine
    #[arg(long, default_value_t = Resampling::default().seed, value_name = "SEED")]
    pub seed: u64,
    /// What guessing scores on each task, for the levels: JSON such as {"VAR": 12.5}, percent; tasks
    /// left out keep the program's own values
    #[arg(long, value_name = "FILE")]
    pub guess_baselines: Option<PathBuf>,
    #[command(flatten)]
    pub fense: FenseArgs,
    /// Whether missing models may be downloaded; the demo stays offline.
    #[arg(skip = true)]
    pub may_fetch: bool,
}

/// A data set with its folders, read once for all models.
pub(crate) struct Judging<'a> {
    args: &'a JudgingArgs,
    pub dataset: Dataset,
    folders: Vec<(Folder, FolderState)>,
    /// What guessing scores, for the levels.
    pub baselines: GuessBaselines,
}

/// One model's verdicts.
#[derive(Default)]
pub(crate) struct Judged {
    pub official: Vec<FolderVerdicts>,
    pub strict: Vec<FolderVerdicts>,
    pub divergence: Vec<Divergences>,
    pub data: Vec<DataHash>,
    /// Probabilities of fluency errors by position: official, strict.
    pub fluency: [Fluency; 2],
    /// What earlier commands recorded.
    pub recorded: Recorded,
    /// Folders that could not be judged.
    pub unscored: Vec<Unscored>,
}

/// Why a task has no score.
pub(crate) struct Unscored {
    pub task: Task,
    pub reason: String,
    /// Whether the data set lacks its folder altogether.
    pub has_no_data: bool,
}

impl JudgingArgs {
    /// How to resample.
    pub(crate) fn resampling(&self) -> Resampling {
        Resampling { seed: self.seed, resamples: self.resamples }
    }

    /// Opens the data set; folders that cannot be used are named when they are needed.
    pub(crate) fn open(&self) -> anyhow::Result<Judging<'_>> {
        // A wrong flag is told before the data set is read.
        let baselines = self.baselines()?;
        let dataset = Dataset::open(&self.data_root)?;
        let folders = Folder::ALL.map(|folder| (folder, dataset.load(folder))).into();
        Ok(Judging { args: self, dataset, folders, baselines })
    }

    fn baselines(&self) -> anyhow::Result<GuessBaselines> {
        let Some(path) = &self.guess_baselines else {
            return Ok(GuessBaselines::embedded().clone());
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| anyhow::anyhow!("cannot read {}: {error}", path.display()))?;
        Ok(GuessBaselines::replaced_by(&path.display().to_string(), &text)?)
    }

    /// Every label that has answers.
    pub(crate) fn all_labels(&self) -> anyhow::Result<Vec<Label>> {
        let labels = discover_labels(&self.refined.refined_dir)?;
        anyhow::ensure!(
            !labels.is_empty(),
            "{} holds no answers: expected <label>/tasks/<FOLDER>.json below it; \
             `avibench refine` makes them from a run",
            self.refined.refined_dir.display()
        );
        Ok(labels)
    }
}

impl Judging<'_> {
    /// Judges what a model answered; a folder that cannot be judged does not stop the others.
    pub(crate) fn judge(&self, label: &Label) -> anyhow::Result<Judged> {
        let tasks = self.args.refined.refined_dir.join(label.as_str()).join("tasks");
        anyhow::ensure!(
            tasks.is_dir(),
            "no answers under the label `{label}`: expected {}",
            tasks.display()
        );
        // A damaged one proves nothing; that it is damaged is said with the other records.
        let directory = self.args.refined.refined_dir.join(label.as_str());
        let made_for = Manifest::read(&directory).ok().flatten();
        let mut judged = Judged::default();
        for (folder, state) in &self.folders {
            let stale = made_for.as_ref().and_then(|made| stale(made, *folder, state));
            let judging = match stale {
                Some(reason) => Err(reason),
                None => self.judge_folder(*folder, state, &tasks, &mut judged),
            };
            if let Err(reason) = judging {
                let reason = if folder.task().folders().len() > 1 {
                    format!("{folder}: {reason}")
                } else {
                    reason
                };
                let has_no_data = matches!(state, FolderState::Absent);
                judged.unscored.push(Unscored { task: folder.task(), reason, has_no_data });
            }
        }
        let folders: Vec<Folder> = judged.official.iter().map(|judged| judged.folder).collect();
        let Self { args, .. } = self;
        judged.recorded =
            Recorded::read(&args.outputs.output_dir, &args.refined.refined_dir, label, &folders);
        if judged.official.is_empty() {
            // The data set lacks most folders of most models; what else is wrong says more.
            let telling = judged.unscored.iter().find(|unscored| !unscored.has_no_data);
            let telling = telling.or(judged.unscored.first());
            let reason = telling.map_or("no data", |unscored| &unscored.reason);
            anyhow::bail!("nothing of `{label}` can be scored: {reason}");
        }
        Ok(judged)
    }

    fn judge_folder(
        &self,
        folder: Folder,
        state: &FolderState,
        tasks: &Path,
        judged: &mut Judged,
    ) -> Result<(), String> {
        let data = match state {
            FolderState::Ready(data) => data,
            FolderState::Absent => {
                return Err(format!("no data: expected {}", self.dataset.path(folder).display()));
            }
            FolderState::Broken(error) => return Err(error.to_string()),
        };
        let path = tasks.join(format!("{folder}.json"));
        if !path.exists() {
            return Err(format!("no predictions: expected {}", path.display()));
        }
        let slots = read_predictions(&path).map_err(|error| error.to_string())?;
        check_alignment(&path, &slots, data);
        let [official, strict] = self.verdicts(data, &slots, &mut judged.fluency);
        show_warnings(&official.warnings);
        let reasons = divergence(&official, &strict, &data.samples, &slots);
        judged.divergence.push(Divergences::new(folder, &reasons));
        judged.data.push(DataHash { folder, sha256: data.sha256.clone() });
        judged.official.push(official);
        judged.strict.push(strict);
        Ok(())
    }

    /// Official and strict verdicts.
    fn verdicts(
        &self,
        data: &FolderData,
        slots: &[Option<Record>],
        fluency: &mut [Fluency; 2],
    ) -> [FolderVerdicts; 2] {
        let both = |official, strict| {
            [
                judge_official(data.folder, &data.samples, slots, official),
                judge_strict(data.folder, &data.samples, slots, strict),
            ]
        };
        if data.folder.family() != Family::Caption {
            return both(Captions::Rated(&[]), Captions::Rated(&[]));
        }
        let sets =
            [caption_pairs(&data.samples, slots), strict_caption_pairs(&data.samples, slots)];
        match self.args.fense.rate(&sets, data.samples.len(), self.args.may_fetch) {
            Ok([official, strict]) => {
                *fluency = [official.fluency, strict.fluency];
                both(Captions::Rated(&official.ratings), Captions::Rated(&strict.ratings))
            }
            Err(reason) => both(Captions::Unavailable(&reason), Captions::Unavailable(&reason)),
        }
    }

    /// Curves and thresholds of strict verdicts, if the data set writes intensities down.
    pub(crate) fn psychometrics(
        &self,
        strict: &[FolderVerdicts],
    ) -> anyhow::Result<Option<Psychometrics>> {
        let folders: Vec<_> = strict
            .iter()
            .filter_map(|verdicts| Some((self.samples(verdicts.folder)?, verdicts)))
            .collect();
        Ok(psychometrics(&folders)?)
    }

    /// The samples of a folder that could be read.
    fn samples(&self, folder: Folder) -> Option<&[Sample]> {
        self.folders.iter().find_map(|(of, state)| match state {
            FolderState::Ready(data) if *of == folder => Some(data.samples.as_slice()),
            _ => None,
        })
    }

    /// What is known of a sample beside its verdict in a mode.
    pub(crate) fn about(
        &self,
        judged: &Judged,
        mode: Mode,
        folder: Folder,
        position: Position,
    ) -> About {
        let id = self.samples(folder).and_then(|samples| samples.get(position.0));
        let fluency = &judged.fluency[usize::from(mode == Mode::Strict)];
        let is_caption = folder.family() == Family::Caption;
        About {
            id: id.map_or_else(String::new, |sample| sample.id.clone()),
            usage: judged.recorded.usage(folder, position),
            fluency: fluency.get(position.0).copied().flatten().filter(|_| is_caption),
        }
    }
}

/// Why a folder's answers do not fit its data, if they were formatted for other data.
fn stale(made: &Manifest, folder: Folder, state: &FolderState) -> Option<String> {
    let FolderState::Ready(data) = state else { return None };
    let was = &made.identity.data.get(&folder)?.sha256;
    (*was != data.sha256).then(|| {
        format!(
            "its answers were formatted for another data.json than {} holds; give the --data-root \
             that they belong to, or ask and refine again",
            data.path.display()
        )
    })
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
