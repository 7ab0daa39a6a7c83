//! Several labels on the same samples.

use std::fmt;

use avibench_probe::ProbeReport;
use avibench_protocol::Task;
use avibench_results::{Asking, CaptionRaterReport, Endings, OriginReport, ScoringMode};
use avibench_score::{ComparedModel, Comparison, compare};
use avibench_store::Label;
use serde::Serialize;

use crate::{AblationEffect, AssessError, Assessment, Assessor, UnscoredTask};

/// A way in which two labels were not asked alike: a difference between their scores may come from
/// that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryDifference {
    /// The two labels.
    pub labels: [Label; 2],
    /// What differs.
    pub what: Delivery,
    /// What it is for each label.
    pub values: [String; 2],
}

/// A part of how questions are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// How media are packed.
    Packing,
    /// How questions are worded.
    Prompts,
}

impl fmt::Display for DeliveryDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([a, b], [one, other]) = (&self.labels, &self.values);
        let what = match self.what {
            Delivery::Packing => "packing",
            Delivery::Prompts => "prompts",
        };
        write!(
            f,
            "{a} and {b} were not asked alike ({what}: {one} against {other}); a difference may \
             come from that"
        )
    }
}

impl DeliveryDifference {
    /// Where the first label and one of the others were not asked alike.
    #[must_use]
    pub fn of(assessments: &[Assessment]) -> Vec<Self> {
        let Some((first, others)) = assessments.split_first() else { return Vec::new() };
        others.iter().flat_map(|other| Self::between(first, other)).collect()
    }

    fn between(first: &Assessment, second: &Assessment) -> Vec<Self> {
        let (Some(a), Some(b)) = (&first.recorded.asking, &second.recorded.asking) else {
            return Vec::new();
        };
        let packing = |asking: &Asking| asking.profile.clone().unwrap_or_else(|| "none".to_owned());
        // Hashes are told apart by their beginnings.
        let prompts = |asking: &Asking| asking.prompt_pack.chars().take(12).collect::<String>();
        [
            (Delivery::Packing, [packing(a), packing(b)]),
            (Delivery::Prompts, [prompts(a), prompts(b)]),
        ]
        .into_iter()
        .filter(|(_, [one, other])| one != other)
        .map(|(what, values)| Self {
            labels: [first.label.clone(), second.label.clone()],
            what,
            values,
        })
        .collect()
    }
}

/// A comparison with what became of the questions behind it, as `compare --json` prints it.
#[derive(Debug, Serialize)]
pub struct ComparedLabels<'a> {
    /// The differences; nothing where only ablations are compared with their bases.
    #[serde(flatten)]
    pub comparison: &'a Comparison,
    /// What models lose under ablations.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub ablations: &'a [AblationEffect],
    /// How asking ended, by label.
    pub outcomes: Vec<LabelEndings<'a>>,
    /// Tasks that a label takes no part in, though another does or its files are there.
    pub not_compared: Vec<NotCompared>,
}

/// How asking ended under a label.
#[derive(Debug, Serialize)]
pub struct LabelEndings<'a> {
    /// The label.
    pub label: &'a str,
    /// Samples of all folders by outcome.
    #[serde(flatten)]
    pub endings: &'a Endings,
    /// Whom its answers are of.
    pub origins: &'a OriginReport,
    /// What rated its captions, if anything did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub captions: Option<&'a CaptionRaterReport>,
    /// What a probe of the endpoint found out before the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe: Option<&'a ProbeReport>,
}

/// A task that a label takes no part in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCompared {
    /// The label.
    pub label: Label,
    /// The task.
    pub task: Task,
    /// Why, with file and mend.
    pub reason: String,
    /// Whether it should have been there.
    pub is_defect: bool,
    /// Whether nothing of the task was asked, because the label's run was not to, or has not come to it.
    pub was_not_asked: bool,
}

impl NotCompared {
    /// What stands in the way of tasks that another label has, or whose files are broken.
    #[must_use]
    pub fn of(assessments: &[Assessment]) -> Vec<Self> {
        let has = |of: &Assessment, task: Task| of.folders().any(|folder| folder.task() == task);
        let lacks = |assessment: &Assessment| -> Vec<Self> {
            let of_task = |unscored: &UnscoredTask| {
                let task = unscored.task;
                let others = assessments
                    .iter()
                    .any(|other| other.label != assessment.label && has(other, task));
                // What another label was asked and this one should have been, too.
                let is_gap = unscored.has_no_predictions() && others;
                let is_defect = unscored.is_defect() || is_gap;
                (is_defect || others).then(|| Self {
                    label: assessment.label.clone(),
                    task,
                    reason: unscored.to_string(),
                    is_defect,
                    was_not_asked: unscored.was_not_asked(),
                })
            };
            assessment.unscored.iter().filter_map(of_task).collect()
        };
        assessments.iter().flat_map(lacks).collect()
    }
}

impl<'a> ComparedLabels<'a> {
    /// The comparison of these labels.
    #[must_use]
    pub fn new(
        comparison: &'a Comparison,
        ablations: &'a [AblationEffect],
        assessments: &'a [Assessment],
    ) -> Self {
        let of = |assessment: &'a Assessment| LabelEndings {
            label: assessment.label.as_str(),
            endings: &assessment.outcomes.all,
            origins: &assessment.origins,
            captions: assessment.caption_rater.as_ref(),
            probe: assessment.recorded.probe.as_ref(),
        };
        let not_compared = NotCompared::of(assessments);
        let outcomes = assessments.iter().map(of).collect();
        Self { comparison, ablations, outcomes, not_compared }
    }
}

impl Assessor<'_> {
    /// Compares labels on the samples that are judged for both of a pair. Ablations are left out:
    /// they are no models of their own. Nothing is compared if that leaves fewer than two.
    ///
    /// # Errors
    ///
    /// If there are fewer than two and no ablation, or they are not about the same samples.
    pub fn compare(
        &self,
        assessments: &[Assessment],
        mode: ScoringMode,
    ) -> Result<Comparison, AssessError> {
        let models: Vec<ComparedModel<'_>> = assessments
            .iter()
            .filter(|assessment| assessment.label.ablation().is_none())
            .map(|assessment| ComparedModel {
                label: assessment.label.as_str(),
                verdicts: assessment.verdicts(mode),
            })
            .collect();
        let has_ablations = models.len() < assessments.len();
        if models.len() < 2 && has_ablations {
            return Ok(Comparison::empty());
        }
        Ok(compare(&models, &self.settings.baselines)?)
    }
}
