//! `avibench compare`: two or more models on the same samples.

use std::io::Write as _;

use avibench_assess::{Assessment, ComparedLabels, DeliveryDifference, NotCompared};
use avibench_results::{CaptionRaterReport, ScoringMode};
use avibench_store::Label;
use clap::Args;

use super::assessing::{AssessArgs, show_notes};
use super::output_format::OutputFormat;
use crate::exit::Exit;
use crate::terminal::{
    self, OUTCOME_NAME, ablation_tables, comparison_tables, difference_rows, folded, outcome_table,
    printable, probe_line, wrapped,
};

/// Compare models on the samples that are judged for both: differences with intervals and tests.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench compare my-model other --data-root DATA\n\
\x20 avibench compare my-model my-model@mute --strict")]
pub(crate) struct Compare {
    /// Labels in --refined-dir, two or more; an ablation LABEL@KIND is compared with LABEL alone
    #[arg(required = true, num_args = 2.., value_name = "LABEL")]
    labels: Vec<Label>,
    #[command(flatten)]
    assessing: AssessArgs,
    /// Compare strict scores instead of official ones
    #[arg(long, help_heading = "Scoring")]
    strict: bool,
    /// What is printed: tables for people, or every difference for programs
    #[arg(long, help_heading = "Output", value_enum, default_value_t, value_name = "FORMAT")]
    format: OutputFormat,
    /// The same as `--format json`
    #[arg(long, help_heading = "Output", conflicts_with = "format")]
    json: bool,
}

impl Compare {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let format = if self.json { OutputFormat::Json } else { self.format };
        format.apply();
        let captions = self.assessing.captions.rater()?;
        let assessor = self.assessing.assessor(&*captions)?;
        let mut assessments: Vec<Assessment> = Vec::with_capacity(self.labels.len());
        for label in &self.labels {
            let assessment = assessor.assess(label)?;
            show_notes(&assessment.notes);
            assessments.push(assessment);
        }
        for difference in DeliveryDifference::of(&assessments) {
            terminal::warning(difference);
        }
        for assessment in assessments.iter().filter(|assessment| assessment.repeats.is_some()) {
            let label = &assessment.label;
            terminal::note(format!(
                "questions of {label} were asked several times: its answers of epoch 1 are compared; \
                 `avibench score --models {label}{}` has the means over epochs",
                self.assessing.flags()
            ));
        }
        let mode = if self.strict { ScoringMode::Strict } else { ScoringMode::Official };
        let comparison = assessor.compare(&assessments, mode)?;
        let lacks = NotCompared::of(&assessments);
        let ablations = assessor.ablation_effects(&assessments, mode)?;
        for assessment in &assessments {
            if let Some((base, kind)) = assessment.label.ablation()
                && !assessments.iter().any(|other| other.label == base)
            {
                terminal::warning(format!(
                    "{base}@{kind} is an ablation, and compared with nothing but `{base}`: name \
                     that one, too"
                ));
            }
        }
        if format == OutputFormat::Json {
            terminal::print_json(&ComparedLabels::new(&comparison, &ablations, &assessments))?;
        } else if format == OutputFormat::Csv {
            terminal::print_csv(difference_rows(&comparison, mode.name()))?;
        } else {
            let mut out = terminal::stdout();
            let rows = assessments.iter().map(|assessment| {
                let name = folded(&printable(assessment.label.as_str()), OUTCOME_NAME);
                (name, assessment.outcomes.all.counts)
            });
            let outcomes = outcome_table("", rows);
            writeln!(out, "How asking ended (samples and checks)\n{outcomes}\n")?;
            for assessment in &assessments {
                if let Some(probe) = &assessment.recorded.probe {
                    let said = format!("{}: {}", assessment.label, probe_line(probe));
                    writeln!(out, "{}\n", wrapped("- ", &said))?;
                }
                if let Some(warning) = assessment.origins.warning() {
                    let said = format!("{}: {warning}", assessment.label);
                    writeln!(out, "{}\n", wrapped("- ", &said))?;
                }
            }
            if !comparison.models.is_empty() {
                writeln!(out, "{}", comparison_tables(&comparison, mode.name()))?;
            }
            if !ablations.is_empty() {
                let is_by_stand_in = assessments.iter().any(|assessment| {
                    assessment.caption_rater.as_ref().is_some_and(CaptionRaterReport::is_stand_in)
                });
                writeln!(out, "{}", ablation_tables(&ablations, mode.name(), is_by_stand_in))?;
            }
            for assessment in &assessments {
                let label = &assessment.label;
                let unasked = lacks.iter().filter(|l| l.was_not_asked && l.label == *label);
                let names: Vec<&str> = unasked.map(|lack| lack.task.name()).collect();
                if !names.is_empty() {
                    let said =
                        format!("{label} was not asked, so not compared: {}", names.join(", "));
                    writeln!(out, "{}", wrapped("- ", &said))?;
                }
            }
            for lack in lacks.iter().filter(|lack| !lack.was_not_asked) {
                let NotCompared { label, task, reason, .. } = lack;
                let said = format!("{task} of {label} is not compared: {reason}");
                writeln!(out, "{}", wrapped("- ", &said))?;
            }
        }
        let has_defects = lacks.iter().any(|lack| lack.is_defect)
            || assessments.iter().any(Assessment::has_defects);
        Ok(if has_defects { Exit::SomeFailed } else { Exit::Done })
    }
}
