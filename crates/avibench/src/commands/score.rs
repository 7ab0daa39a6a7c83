//! `avibench score`: refined answers in, score files, reports and tables out.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use avibench_assess::{Assessment, Assessor, DoubtedNumbers, Doubts};
use avibench_results::{Detail, NumberRow, RunFile, ScoringMode, diff, read_report, read_run};
use avibench_store::Label;
use clap::Args;

use super::assessing::{AssessArgs, show_notes};
use super::common::ScoresArgs;
use super::output_format::OutputFormat;
use super::session;
use crate::exit::Exit;
use crate::terminal::{self, ScoreTables, Scored, counted, diff_tables, doubt_table, printable};

/// Score refined answers, officially and strictly, with 95% intervals.
///
/// Writes `<label>.json` (the original's score file), `<label>.report.json`, and one row a sample
/// as `<label>.samples.jsonl` and `.parquet`; prints the tables. Where the data set writes down how
/// intense its stimuli are, thresholds of the senses too, with their curves as
/// `<label>.psychometric.svg`.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench score --data-root DATA\n\
\x20 avibench score --models my-model,other --slim\n\
\x20 avibench score --models my-model --diff old.report.json")]
pub(crate) struct Score {
    #[command(flatten)]
    assessing: AssessArgs,
    #[command(flatten)]
    scores: ScoresArgs,
    /// Labels to score (default: all in --refined-dir); comma or space between
    #[arg(long, help_heading = "Data", visible_alias = "model-label", alias = "model_label", num_args = 1.., value_delimiter = ',', value_name = "LABEL")]
    models: Vec<Label>,
    /// Leave the texts of questions, truths and answers out of the rows
    #[arg(long, help_heading = "Output")]
    slim: bool,
    /// What is printed: tables for people, or every number with its interval for programs
    #[arg(long, help_heading = "Output", value_enum, default_value_t, value_name = "FORMAT")]
    format: OutputFormat,
    /// Say which verdicts moved since this report, and why; needs exactly one model
    #[arg(long, help_heading = "Scoring", value_name = "REPORT")]
    diff: Option<PathBuf>,
    /// Say of every number what it is without the samples whose ground truth somebody doubts: a file
    /// that pages of `report` save
    #[arg(long, help_heading = "Scoring", value_name = "FILE")]
    doubts: Option<PathBuf>,
}

impl Score {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        self.format.apply();
        anyhow::ensure!(
            self.format.is_for_people() || (self.diff.is_none() && self.doubts.is_none()),
            "--diff and --doubts print tables, which --format {} leaves no place for: leave out \
             --format, or give `--format markdown`",
            self.format.name()
        );
        let captions = self.assessing.captions.rater()?;
        let assessor = self.assessing.assessor(&*captions)?;
        let labels =
            if self.models.is_empty() { self.assessing.all_labels()? } else { self.models.clone() };
        anyhow::ensure!(
            self.diff.is_none() || labels.len() == 1,
            "--diff compares one model with its earlier report: name it with --models"
        );
        // Read before it may be overwritten.
        let earlier = self.diff.as_deref().map(read_run).transpose()?;
        if let Some(earlier) = &earlier
            && labels.first().is_some_and(|label| label.as_str() != earlier.report.label)
        {
            terminal::warning(format!(
                "--diff: the earlier report is of `{}`, another label",
                earlier.report.label
            ));
        }
        let detail = if self.slim { Detail::Slim } else { Detail::Full };
        let doubts = self.doubts.as_deref().map(Doubts::read).transpose()?;
        let shown = Shown { format: self.format, doubts: doubts.as_ref() };
        let exit = score_labels(&assessor, &labels, &self.scores.eval_dir, detail, shown)?;
        if let (Some(before), Some(label)) = (earlier, labels.first()) {
            let after = read_run(&RunFile::Report.path(&self.scores.eval_dir, label))?;
            writeln!(terminal::stdout(), "\n{}", diff_tables(&diff(&before, &after)))?;
        }
        Ok(exit)
    }
}

/// What `score` prints.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shown<'a> {
    pub format: OutputFormat,
    /// Numbers are also shown without the samples that somebody doubts.
    pub doubts: Option<&'a Doubts>,
}

/// Scores an assessed label and writes its files below `eval_dir`.
pub(crate) fn write_scores(
    assessor: &Assessor<'_>,
    assessment: Assessment,
    label: &Label,
    eval_dir: &Path,
    detail: Detail,
) -> anyhow::Result<Scored> {
    // What is overwritten may hold more.
    let before = read_report(&RunFile::Report.path(eval_dir, label)).ok();
    let formal = assessor.formal_estimates(&assessment, ScoringMode::Strict)?;
    let mut scored = assessor.score(session::program(), assessment)?;
    let unscored = std::mem::take(&mut scored.unscored);
    let report = scored.write(eval_dir, detail)?;
    let had_captions = before.is_some_and(|before| before.has_stand_in_captions());
    if had_captions && report.captions.is_none() {
        terminal::warning(format!(
            "captions of {label} were rated by the stand-in before, and nothing rates them now, so that AVC and what rests \
             on it have no number; `--captions stand-in` rates them as before"
        ));
    }
    terminal::note(format!(
        "scores of {label}: {}, with .report.json beside",
        eval_dir.join(format!("{label}.json")).display()
    ));
    if report.official.scores.iter().any(|(_, score)| score.is_by_stand_in()) {
        terminal::note(format!(
            "AVC is left out of {label}.json, which other programs read as FENSE; it stands in \
             {label}.report.json with the mark of the stand-in"
        ));
    }
    let chart = RunFile::PsychometricChart.path(eval_dir, label);
    if chart.exists() {
        terminal::note(format!("psychometric curves of {label}: {}", chart.display()));
    }
    Ok(Scored { label: label.clone(), report, unscored, formal })
}

/// Scores labels, writes their files below `eval_dir` and prints the tables. A label that cannot be
/// scored costs no other.
pub(crate) fn score_labels(
    assessor: &Assessor<'_>,
    labels: &[Label],
    eval_dir: &Path,
    detail: Detail,
    shown: Shown<'_>,
) -> anyhow::Result<Exit> {
    let mut doubted: Vec<(Label, ScoringMode, DoubtedNumbers)> = Vec::new();
    let mut rows: Vec<Scored> = Vec::new();
    let mut exit = Exit::Done;
    for label in labels {
        let assessment = match assessor.assess(label) {
            Ok(assessment) => assessment,
            Err(error) if labels.len() > 1 => {
                terminal::warning(format!("{label} is left out: {error}"));
                exit = Exit::SomeFailed;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if assessment.has_defects() {
            exit = Exit::SomeFailed;
        }
        show_notes(&assessment.notes);
        if let Some(doubts) = shown.doubts {
            for mode in [ScoringMode::Official, ScoringMode::Strict] {
                let numbers = assessor.without_doubts(&assessment, mode, doubts)?;
                doubted.push((label.clone(), mode, numbers));
            }
        }
        rows.push(write_scores(assessor, assessment, label, eval_dir, detail)?);
    }
    // Ablations stand below their bases.
    let place = |of: &Label| labels.iter().position(|label| label == of);
    rows.sort_by_key(|row| {
        let base = row.label.ablation().and_then(|(base, _)| place(&base));
        base.or_else(|| place(&row.label))
    });
    anyhow::ensure!(!rows.is_empty(), "none of the labels can be scored");
    match shown.format {
        OutputFormat::Table | OutputFormat::Markdown => {
            ScoreTables::new(&rows, assessor.dataset().generated()).print()?;
        }
        OutputFormat::Csv => terminal::print_csv(every_number(&rows))?,
        OutputFormat::Json => terminal::print_json(&every_number(&rows))?,
    }
    for (label, mode, numbers) in doubted {
        writeln!(
            terminal::stdout(),
            "\n{}, {}: {} in doubt (percent; below each number its 95% interval)\n{}",
            printable(label.as_str()),
            mode.name(),
            counted(numbers.samples, "counted sample"),
            doubt_table(&numbers)
        )?;
    }
    Ok(exit)
}

/// All numbers of all labels, for programs.
fn every_number(rows: &[Scored]) -> Vec<NumberRow> {
    let of = |row: &Scored| [row.report.numbers(), row.report.further_numbers()].concat();
    rows.iter().flat_map(of).collect()
}
