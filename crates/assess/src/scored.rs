//! The numbers of one label: report and rows.

use std::path::Path;

use avibench_results as results;
use avibench_results::{Detail, Program, Report, ResultsError, ScoredRun, write_run};
use avibench_score::score_folders;

use crate::{AssessError, Assessment, Assessor, UnscoredReason, UnscoredTask};

/// Everything that was computed of a label.
pub struct Scored<'a> {
    assessor: &'a Assessor<'a>,
    assessment: Assessment,
    /// The report; it names its files once it is written.
    pub report: Report,
    /// Tasks without a score, in table order.
    pub unscored: Vec<UnscoredTask>,
}

impl<'a> Assessor<'a> {
    /// Adds verdicts up to tasks, stages, Overall and levels, with intervals.
    ///
    /// # Errors
    ///
    /// If the stimuli contradict each other.
    pub fn score(
        &'a self,
        program: Program,
        mut assessment: Assessment,
    ) -> Result<Scored<'a>, AssessError> {
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
            endings: &assessment.outcomes,
            formal: &assessment.formal,
            origins: &assessment.origins,
            asking: assessment.recorded.asking.as_ref(),
            probe: assessment.recorded.probe.as_ref(),
            formatting: assessment.recorded.formatting.as_ref(),
            reading: Some(&assessment.reading),
            resampling: self.settings.resampling,
            baselines: &self.settings.baselines,
            option_chances: &self.option_chances(),
            unscored: &not_judged,
        })?;
        report.psychometrics = self.psychometrics(&assessment.strict)?;
        report.captions.clone_from(&assessment.caption_rater);
        report.repeats.clone_from(&assessment.repeats);
        report.sequence.clone_from(&assessment.sequence);
        let scoring = score_folders(&assessment.official);
        let without_score = scoring.unscored.into_iter().map(|(task, reason)| UnscoredTask {
            task,
            folder: None,
            reason: UnscoredReason::Score(reason),
        });
        let mut unscored: Vec<UnscoredTask> =
            without_score.chain(std::mem::take(&mut assessment.unscored)).collect();
        unscored.sort_by_key(|unscored| unscored.task);
        Ok(Scored { assessor: self, assessment, report, unscored })
    }
}

impl Scored<'_> {
    /// Writes the files of a scored label below `folder`: the original's score file, report, rows
    /// and, where there are psychometric curves, their picture. `detail` says how much the rows
    /// hold. Gives the report as it is stored.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub fn write(self, folder: &Path, detail: Detail) -> Result<Report, ResultsError> {
        let Self { assessor, assessment, report, .. } = self;
        let label = &assessment.label;
        let texts = assessor.texts(&assessment, detail);
        let program = report.program.version_and_commit();
        let rows = assessor.rows(&program, &assessment, &texts);
        write_run(folder, label, report, &rows, detail)
    }
}
