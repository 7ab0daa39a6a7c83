//! What a model loses when a sense is taken from it: a label beside its ablations.

use avibench_protocol::Task;
use avibench_results::ScoringMode;
use avibench_score::{
    CompareError, ComparedModel, Difference, Estimates, FolderVerdicts, PairComparison,
    TestFamilies, compare, estimate,
};
use avibench_store::{AblationKind, Label};
use serde::Serialize;

use crate::{AssessError, Assessment, Assessor};

/// A label and one of its ablations on the same samples.
#[derive(Debug, Serialize)]
pub struct AblationEffect {
    /// The label with the media as they are.
    pub base: Label,
    /// What was done to the media.
    pub kind: AblationKind,
    /// The label of the ablation.
    pub label: Label,
    /// Base minus ablation on formal questions as if no check had been asked. Whoever lacks a sense
    /// fails every check that asks for it, and the checks would hide everything else.
    pub formal: PairComparison,
    /// How many tests the p-values of `formal` are corrected for.
    pub families: TestFamilies,
    /// The same with the checks.
    pub with_checks: PairComparison,
}

impl AblationEffect {
    /// The tasks that can be compared, with the difference without the checks and with them.
    pub fn tasks(&self) -> impl Iterator<Item = (Task, Option<Difference>, Option<Difference>)> {
        self.formal.tasks.iter().filter(|task| task.samples > 0).map(|found| {
            let same = self.with_checks.tasks.iter().find(|other| other.task == found.task);
            (found.task, found.difference, same.and_then(|other| other.difference))
        })
    }
}

impl Assessor<'_> {
    /// Compares each ablation among these with its base, if that is among them, too; in the order of
    /// the ablations.
    ///
    /// # Errors
    ///
    /// If the two are not about the same samples.
    pub fn ablation_effects(
        &self,
        assessments: &[Assessment],
        mode: ScoringMode,
    ) -> Result<Vec<AblationEffect>, AssessError> {
        let mut effects = Vec::new();
        for ablated in assessments {
            let Some((base, kind)) = ablated.label.ablation() else { continue };
            let Some(whole) = assessments.iter().find(|other| other.label == base) else {
                continue;
            };
            let labels = [&base, &ablated.label];
            let verdicts = [whole.verdicts(mode), ablated.verdicts(mode)];
            let bare = verdicts.map(|verdicts| -> Vec<FolderVerdicts> {
                verdicts.iter().cloned().map(FolderVerdicts::without_double_confirm).collect()
            });
            let (formal, families) = self.pair(labels, [&bare[0], &bare[1]])?;
            let (with_checks, _) = self.pair(labels, verdicts)?;
            let label = ablated.label.clone();
            effects.push(AblationEffect { base, kind, label, formal, families, with_checks });
        }
        Ok(effects)
    }

    fn pair(
        &self,
        labels: [&Label; 2],
        verdicts: [&[FolderVerdicts]; 2],
    ) -> Result<(PairComparison, TestFamilies), AssessError> {
        let model =
            |at: usize| ComparedModel { label: labels[at].as_str(), verdicts: verdicts[at] };
        let mut found = compare(&[model(0), model(1)], &self.settings.baselines)?;
        let pair = found.pairs.pop().ok_or(CompareError::TooFew(labels.len()))?;
        Ok((pair, found.families))
    }

    /// A label's numbers on formal questions as if no check had been asked.
    ///
    /// # Errors
    ///
    /// None for the verdicts of one label; the signature is that of several.
    pub fn formal_estimates(
        &self,
        assessment: &Assessment,
        mode: ScoringMode,
    ) -> Result<Option<Estimates>, AssessError> {
        let verdicts = assessment.verdicts(mode).iter().cloned();
        let bare: Vec<FolderVerdicts> =
            verdicts.map(FolderVerdicts::without_double_confirm).collect();
        let sets = [(assessment.label.as_str(), bare.as_slice())];
        let found = estimate(&sets, &self.settings.baselines).map_err(CompareError::from)?;
        Ok(found.into_iter().next())
    }
}
