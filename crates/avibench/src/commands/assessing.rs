//! Flags of `score` and `compare`, and what both show of a label that is assessed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use avibench_assess::{AssessNote, AssessSettings, Assessor, CaptionRater};
use avibench_files::SizeLimit;
use avibench_protocol::Folder;
use avibench_score::{GuessBaselines, Resampling};
use avibench_store::{Label, read_predictions};
use clap::Args;

use super::common::{
    DatasetArgs, OutputArgs, RefinedArgs, discover_labels, folder_flags, warn_of_nonsense,
};
use super::fense::CaptionArgs;
use super::ranges::{self, whole};
use crate::terminal;

/// What is assessed, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct AssessArgs {
    #[command(flatten)]
    pub dataset: DatasetArgs,
    #[command(flatten)]
    pub outputs: OutputArgs,
    #[command(flatten)]
    pub refined: RefinedArgs,
    /// Without effect; accepted for scripts of earlier versions.
    #[arg(long, hide = true, value_parser = whole::<u32>(ranges::RESAMPLES), value_name = "N")]
    pub resamples: Option<u32>,
    /// Without effect; accepted for scripts of earlier versions.
    #[arg(long, hide = true, value_parser = whole::<u64>(ranges::SEED), value_name = "SEED")]
    pub seed: Option<u64>,
    /// What guessing scores on each task, for the levels: JSON such as {"VAR": 12.5}, percent; tasks
    /// left out keep the program's own values
    #[arg(long, help_heading = "Scoring", value_name = "FILE")]
    pub guess_baselines: Option<PathBuf>,
    #[command(flatten)]
    pub captions: CaptionArgs,
}

impl AssessArgs {
    /// Opens the data set and says which of its ground truths make no sense.
    pub(crate) fn assessor<'a>(
        &self,
        captions: &'a dyn CaptionRater,
    ) -> anyhow::Result<Assessor<'a>> {
        let assessor = Assessor::open(self.settings()?, captions)?;
        warn_of_nonsense(&self.dataset.data_root, assessor.folders());
        Ok(assessor)
    }

    /// The flags of the folders that were named, for a command to copy.
    pub(crate) fn flags(&self) -> String {
        folder_flags(&self.dataset, &self.outputs, &self.refined)
    }

    /// The flags, resolved.
    pub(crate) fn settings(&self) -> anyhow::Result<AssessSettings> {
        let flags = [("--resamples", self.resamples.is_some()), ("--seed", self.seed.is_some())];
        let given: Vec<&str> =
            flags.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag).collect();
        if !given.is_empty() {
            terminal::warning(format!(
                "{} no longer {} an effect, since intervals are computed from formulas and not \
                 from random resamples",
                given.join(" and "),
                if given.len() == 1 { "has" } else { "have" }
            ));
        }
        let standard = Resampling::default();
        Ok(AssessSettings {
            data_root: self.dataset.data_root.clone(),
            outputs: self.outputs.output_dir.clone(),
            refined: self.refined.refined_dir.clone(),
            resampling: Resampling {
                seed: self.seed.unwrap_or(standard.seed),
                resamples: self.resamples.unwrap_or(standard.resamples),
            },
            only_asked: false,
            baselines: read_baselines(self.guess_baselines.as_deref())?,
            flags: self.flags(),
        })
    }

    /// Every label that has answers; those without, which failed starts leave, are named and left
    /// out.
    pub(crate) fn all_labels(&self) -> anyhow::Result<Vec<Label>> {
        let root = &self.refined.refined_dir;
        let (labels, without): (Vec<Label>, Vec<Label>) = discover_labels(root, &self.flags())?
            .into_iter()
            .partition(|label| has_answers(&root.join(label.as_str())));
        if !without.is_empty() {
            let names: Vec<&str> = without.iter().map(Label::as_str).collect();
            terminal::warning(format!(
                "left out, because nothing under the label was answered: {}",
                names.join(", ")
            ));
        }
        let unformatted: Vec<Label> = discover_labels(&self.outputs.output_dir, &self.flags())
            .unwrap_or_default()
            .into_iter()
            .filter(|label| !labels.contains(label) && !without.contains(label))
            .filter(|label| has_answers(&self.outputs.output_dir.join(label.as_str())))
            .collect();
        for label in unformatted {
            terminal::warning(format!(
                "`{label}` is left out, because its answers are not formatted: avibench refine --models {label}{}",
                self.flags()
            ));
        }
        anyhow::ensure!(
            !labels.is_empty(),
            "there are no labels here to score: nothing was found in {}; `avibench evaluate` asks a model and \
             does all that follows, or `avibench run` and `avibench refine` step by step; --refined-dir names \
             another folder",
            self.refined.refined_dir.display()
        );
        Ok(labels)
    }
}

/// What guessing scores: the program's own values, with those of a file in their place.
pub(crate) fn read_baselines(path: Option<&Path>) -> anyhow::Result<GuessBaselines> {
    let Some(path) = path else {
        return Ok(GuessBaselines::embedded().clone());
    };
    let text = SizeLimit::SETTINGS.read_text(path)?;
    Ok(GuessBaselines::replaced_by(&path.display().to_string(), &text)?)
}

/// Whether any answer stands in a label's folder, be it an empty one. A file that cannot be read is taken for one: it
/// is named when the label is scored.
fn has_answers(directory: &Path) -> bool {
    let holds_answer = |folder: Folder| {
        let path = directory.join("tasks").join(format!("{folder}.json"));
        let found = path.exists().then(|| read_predictions(&path));
        found.is_some_and(|slots| {
            slots.map_or(true, |slots| slots.iter().flatten().any(|slot| !slot.predict.is_null()))
        })
    };
    Folder::ALL.into_iter().any(holds_answer)
}

/// Shows what was noticed about a label; of records that cannot be used, the first few of a folder
/// and how many there are.
pub(crate) fn show_notes(notes: &[AssessNote]) {
    const SHOWN: usize = 3;
    let mut records: BTreeMap<_, usize> = BTreeMap::new();
    for (index, note) in notes.iter().enumerate() {
        let AssessNote::Record(warning) = note else {
            terminal::warning(note);
            continue;
        };
        let count = records.entry(warning.folder).or_default();
        *count += 1;
        if *count <= SHOWN {
            terminal::warning(note);
        }
        let next = notes.get(index + 1);
        let goes_on =
            matches!(next, Some(AssessNote::Record(next)) if next.folder == warning.folder);
        if !goes_on && *count > SHOWN {
            terminal::warning(format!("... and {} more of this kind", *count - SHOWN));
        }
    }
}
