//! `avibench compare`: two or more models on the same samples.

use std::io::Write as _;

use avibench_results::Asking;
use avibench_score::{ComparedModel, compare};
use avibench_store::Label;
use clap::Args;

use super::judging::{Judged, JudgingArgs};
use crate::exit::Exit;
use crate::terminal::{self, comparison_tables};

/// Compare models on the samples that both answered: differences with intervals and tests.
#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// Labels in --refined-dir, two or more
    #[arg(required = true, num_args = 2.., value_name = "LABEL")]
    labels: Vec<Label>,
    #[command(flatten)]
    judging: JudgingArgs,
    /// Compare strict scores instead of official ones
    #[arg(long)]
    strict: bool,
    /// Print the comparison as JSON
    #[arg(long)]
    json: bool,
}

impl Compare {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let judging = self.judging.open()?;
        let judged: Vec<Judged> =
            self.labels.iter().map(|label| judging.judge(label)).collect::<anyhow::Result<_>>()?;
        for (label, other) in self.labels.iter().zip(&judged).skip(1) {
            warn_of_delivery((&self.labels[0], &judged[0]), (label, other));
        }
        let models: Vec<ComparedModel<'_>> = self
            .labels
            .iter()
            .zip(&judged)
            .map(|(label, judged)| ComparedModel {
                label: label.as_str(),
                verdicts: if self.strict { &judged.strict } else { &judged.official },
            })
            .collect();
        let comparison = compare(&models, self.judging.resampling(), &judging.baselines)?;
        let mut out = anstream::stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut out, &comparison)?;
            writeln!(out)?;
        } else {
            let mode = if self.strict { "strict" } else { "official" };
            writeln!(out, "{}", comparison_tables(&comparison, mode))?;
        }
        Ok(Exit::Done)
    }
}

/// Says where two models were not asked alike: then a difference need not be the model's.
fn warn_of_delivery(first: (&Label, &Judged), second: (&Label, &Judged)) {
    let (Some(a), Some(b)) = (&first.1.recorded.asking, &second.1.recorded.asking) else { return };
    let profile = |asking: &Asking| asking.profile.clone().unwrap_or_else(|| "none".to_owned());
    let prompts = |asking: &Asking| asking.prompt_pack.get(..12).unwrap_or_default().to_owned();
    for (what, one, other) in
        [("packing", profile(a), profile(b)), ("prompts", prompts(a), prompts(b))]
    {
        if one != other {
            terminal::warning(format!(
                "{} and {} were not asked alike ({what}: {one} against {other}); a difference may \
                 come from that",
                first.0, second.0
            ));
        }
    }
}
