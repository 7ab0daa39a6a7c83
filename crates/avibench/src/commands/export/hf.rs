//! `avibench export hf`: draft results for a model card on the Hugging Face Hub.

use avibench_export::{ExportFile, ExportFolder, ExportForm, HubExport, HubSource};
use avibench_results::ScoringMode;
use clap::Args;

use super::label::LabelArgs;
use crate::commands::common::quoted;
use crate::exit::Exit;
use crate::terminal::{self, counted};

/// Write drafts of evaluation results for a model card on the Hugging Face Hub
///
/// `.eval_results/avi-bench.yaml` holds the official scores and `.eval_results/avi-bench-strict.yaml` the
/// strict ones, in percent. They are drafts: the Hub takes results for data sets that are registered as
/// benchmarks, under the task ids that these define. They hold no question, truth or answer.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench export hf my-model --dataset ORG/NAME \\\n\
\x20     --source-url https://example.org/results")]
pub(super) struct Hf {
    #[command(flatten)]
    label: LabelArgs,
    /// The data set of the Hub on whose leaderboard the results are to stand
    #[arg(long, help_heading = "Results", value_name = "ORG/NAME")]
    dataset: Option<String>,
    /// Where the results can be looked up: an https address
    #[arg(long, help_heading = "Results", value_name = "URL")]
    source_url: Option<String>,
    /// What is found there
    #[arg(long, help_heading = "Results", requires = "source_url", value_name = "NAME")]
    source_name: Option<String>,
    /// User or organization of the Hub whose it is
    #[arg(long, help_heading = "Results", requires = "source_url", value_name = "USER")]
    source_user: Option<String>,
}

impl Hf {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let exported = self.label.read(ExportForm::Public)?;
        let Some(dataset) = &self.dataset else {
            anyhow::bail!(
                "a result names the data set of the Hub that it is of, which a run cannot know; add --dataset \
                 ORG/NAME"
            );
        };
        let source = self.source_url.clone().map(|url| HubSource {
            url,
            name: self.source_name.clone(),
            user: self.source_user.clone(),
        });
        let export = HubExport::new(&exported, dataset, source.as_ref())?;
        let path = self.label.folder("hf");
        let folder = ExportFolder::new(&path, "hf", self.label.label.as_str());
        let modes = [ScoringMode::Official, ScoringMode::Strict];
        let files = modes.into_iter().map(|mode| {
            let export = &export;
            ExportFile::new(HubExport::file_name(mode), move |out| export.write(mode, out))
        });
        let written = folder.write(files.collect())?;
        self.label.tell(&exported, &written, &path);
        let [official, strict] = modes.map(|mode| export.count(mode));
        terminal::note(format!(
            "drafts of {} and {}; compare their task ids with the eval.yaml of {dataset} before you publish \
             them",
            counted(official, "official result"),
            counted(strict, "strict result"),
        ));
        if source.is_none() {
            terminal::note(
                "without a source; --source-url says where the results can be looked up",
            );
        }
        terminal::hint(format!(
            "hf upload ORG/MODEL {} . --create-pr --include '.eval_results/*'",
            quoted(&path)
        ));
        Ok(Exit::Done)
    }
}
