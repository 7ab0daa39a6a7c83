//! The numbers of one label: report and rows.

use std::path::Path;

use avibench_results as results;
use avibench_results::{
    Detail, Program, Report, ResultsError, SampleRow, ScoredRun, StoredRun,
    write_psychometric_chart, write_run, write_score_file,
};
use avibench_score::score_folders;
use avibench_store::Label;

use crate::{AssessError, Assessment, Assessor, UnscoredReason, UnscoredTask};

/// Everything that was computed of a label.
#[derive(Debug)]
pub struct Scored {
    /// The label.
    pub label: Label,
    /// The report; it names its files once it is written.
    pub report: Report,
    /// One row a sample and mode.
    pub rows: Vec<SampleRow>,
    /// How much the rows hold.
    pub detail: Detail,
    /// Tasks without a score, in table order.
    pub unscored: Vec<UnscoredTask>,
}

impl Assessor<'_> {
    /// Adds verdicts up to tasks, stages, Overall and levels, with intervals; `detail` says how much
    /// the rows hold.
    ///
    /// # Errors
    ///
    /// If the stimuli contradict each other.
    pub fn score(
        &self,
        program: Program,
        assessment: Assessment,
        detail: Detail,
    ) -> Result<Scored, AssessError> {
        let rows = self.rows(&program.version_and_commit(), &assessment, detail);
        let not_judged: Vec<results::UnscoredTaskReport> = assessment
            .unscored
            .iter()
            .map(|unscored| results::UnscoredTaskReport {
                task: unscored.task,
                reason: results::UnscoredCause::from(unscored.to_string()),
            })
            .collect();
        let mut report = Report::new(ScoredRun {
            label: &assessment.label,
            program,
            data: &assessment.data,
            official: &assessment.official,
            strict: &assessment.strict,
            divergence: &assessment.divergence,
            asking: assessment.recorded.asking.as_ref(),
            formatting: assessment.recorded.formatting.as_ref(),
            resampling: self.settings.resampling,
            baselines: &self.settings.baselines,
            option_chances: &self.option_chances(),
            unscored: &not_judged,
        })?;
        report.psychometrics = self.psychometrics(&assessment.strict)?;
        report.captions.clone_from(&assessment.caption_models);
        let scoring = score_folders(&assessment.official);
        let without_score = scoring.unscored.into_iter().map(|(task, reason)| UnscoredTask {
            task,
            folder: None,
            reason: UnscoredReason::Score(reason),
        });
        let mut unscored: Vec<UnscoredTask> = without_score.chain(assessment.unscored).collect();
        unscored.sort_by_key(|unscored| unscored.task);
        Ok(Scored { label: assessment.label, report, rows, detail, unscored })
    }
}

impl Scored {
    /// Writes the files of a scored label below `folder`: the original's score file, report, rows
    /// and, where there are psychometric curves, their picture. Gives what is stored.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub fn write(self, folder: &Path) -> Result<StoredRun, ResultsError> {
        let Self { label, report, rows, detail, .. } = self;
        write_score_file(folder, &label, &report)?;
        write_psychometric_chart(folder, &label, report.psychometrics.as_ref())?;
        let report = write_run(folder, &label, report, &rows, detail)?;
        Ok(StoredRun { report, rows })
    }
}
