//! `avibench compare`: two or more models on the same samples.

use std::io::Write as _;

use avibench_assess::{Assessment, Assessor, ComparedLabels, DeliveryDifference};
use avibench_results::ScoringMode;
use avibench_store::Label;
use clap::Args;

use super::assessing::{AssessArgs, show_notes};
use super::fense::Fetching;
use crate::exit::Exit;
use crate::terminal::{self, OUTCOME_NAME, comparison_tables, folded, outcome_table, printable};

/// Compare models on the samples that are judged for both: differences with intervals and tests.
#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// Labels in --refined-dir, two or more
    #[arg(required = true, num_args = 2.., value_name = "LABEL")]
    labels: Vec<Label>,
    #[command(flatten)]
    assessing: AssessArgs,
    /// Compare strict scores instead of official ones
    #[arg(long)]
    strict: bool,
    /// Print the comparison as JSON
    #[arg(long)]
    json: bool,
}

impl Compare {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let captions = self.assessing.fense.rater(Fetching::Allowed);
        let assessor = Assessor::open(self.assessing.settings()?, &captions)?;
        let mut assessments: Vec<Assessment> = Vec::with_capacity(self.labels.len());
        for label in &self.labels {
            let assessment = assessor.assess(label)?;
            show_notes(&assessment.notes);
            assessments.push(assessment);
        }
        for difference in DeliveryDifference::of(&assessments) {
            terminal::warning(difference);
        }
        let mode = if self.strict { ScoringMode::Strict } else { ScoringMode::Official };
        let comparison = assessor.compare(&assessments, mode)?;
        if self.json {
            terminal::print_json(&ComparedLabels::new(&comparison, &assessments))?;
        } else {
            let mut out = terminal::stdout();
            let rows = assessments.iter().map(|assessment| {
                let name = folded(&printable(assessment.label.as_str()), OUTCOME_NAME);
                (name, assessment.outcomes.all.counts)
            });
            let outcomes = outcome_table("", rows);
            writeln!(out, "How asking ended (samples and checks)\n{outcomes}\n")?;
            writeln!(out, "{}", comparison_tables(&comparison, mode.name()))?;
        }
        Ok(Exit::Done)
    }
}
