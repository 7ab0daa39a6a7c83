//! `avibench score`: refined answers in, score files, reports and tables out.

use std::io::Write as _;
use std::path::PathBuf;

use avibench_files::write_atomic;
use avibench_results::{
    Mode, Report, ScoredRun, StoredRun, diff, read_run, rows, write_psychometric_chart, write_run,
};
use avibench_score::score_folders;
use avibench_store::Label;
use clap::Args;

use super::judging::{Judging, JudgingArgs, Unscored};
use crate::exit::Exit;
use crate::terminal::{self, ScoreTables, Scored, diff_tables};

/// Score refined answers, officially and strictly, with 95% intervals.
///
/// Writes `<label>.json` (the original's score file), `<label>.report.json`, and one row a sample
/// as `<label>.samples.jsonl` and `.parquet`; prints the tables. Where the data set writes down how
/// intense its stimuli are, thresholds of the senses too, with their curves as
/// `<label>.psychometric.svg`.
#[derive(Debug, Args)]
pub(crate) struct Score {
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Where the score files go
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
    /// Say which verdicts moved since this report, and why; needs exactly one model
    #[arg(long, value_name = "REPORT")]
    pub diff: Option<PathBuf>,
}

impl Score {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let judging = self.judging.open()?;
        let labels =
            if self.models.is_empty() { self.judging.all_labels()? } else { self.models.clone() };
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
        let mut scored = Vec::new();
        let mut stored = None;
        for label in &labels {
            let (row, run) = self.score(&judging, label)?;
            scored.push(row);
            stored = Some(run);
        }
        ScoreTables::new(&scored, judging.dataset.generated()).print()?;
        if let (Some(before), Some(after)) = (earlier, stored) {
            writeln!(anstream::stdout(), "\n{}", diff_tables(&diff(&before, &after)))?;
        }
        Ok(Exit::Done)
    }

    fn score(&self, judging: &Judging<'_>, label: &Label) -> anyhow::Result<(Scored, StoredRun)> {
        let judged = judging.judge(label)?;
        let mut report = Report::new(ScoredRun {
            label,
            program_version: env!("CARGO_PKG_VERSION"),
            data: &judged.data,
            official: &judged.official,
            strict: &judged.strict,
            divergence: &judged.divergence,
            asking: judged.recorded.asking.as_ref(),
            formatting: judged.recorded.formatting.as_ref(),
            resampling: self.judging.resampling(),
            baselines: &judging.baselines,
        })?;
        report.psychometrics = judging.psychometrics(&judged.strict)?;
        let path = self.eval_dir.join(format!("{label}.json"));
        write_atomic(&path, |out| {
            serde_json::to_writer_pretty(&mut *out, &report.official.scores)?;
            out.write_all(b"\n")
        })?;
        let official = |folder, at| judging.about(&judged, Mode::Official, folder, at);
        let strict = |folder, at| judging.about(&judged, Mode::Strict, folder, at);
        let rows: Vec<_> = rows(Mode::Official, &judged.official, &official)
            .chain(rows(Mode::Strict, &judged.strict, &strict))
            .collect();
        let chart = write_psychometric_chart(&self.eval_dir, label, report.psychometrics.as_ref())?;
        let report = write_run(&self.eval_dir, label, report, &rows)?;
        terminal::note(format!("scores of {label}: {}, with .report.json beside", path.display()));
        if let Some(chart) = chart {
            terminal::note(format!("psychometric curves of {label}: {}", chart.display()));
        }
        let mut unscored: Vec<Unscored> = score_folders(&judged.official)
            .unscored
            .into_iter()
            .map(|(task, reason)| Unscored { task, reason: reason.to_string(), has_no_data: false })
            .chain(judged.unscored)
            .collect();
        unscored.sort_by_key(|unscored| unscored.task);
        let scored = Scored { label: label.clone(), report: report.clone(), unscored };
        Ok((scored, StoredRun { report, rows }))
    }
}
