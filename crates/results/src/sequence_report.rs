//! What a run found out that asked in a random order until it was sure.

use avibench_protocol::Task;
use avibench_score::{Estimate, Estimates};
use serde::{Deserialize, Serialize};

use crate::{STAND_IN_MARK, number_title};

/// Bounds of one strict score of the whole data set, from the beginning of a random order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SequenceReport {
    /// The score: `overall`, a stage or a task.
    pub of: String,
    /// What the order follows from, beside the data.
    pub seed: u64,
    /// The half-width at which the run stops, 0 to 1.
    pub wanted_half_width: f64,
    /// Questions of the order that count.
    pub counted: usize,
    /// Questions of the order.
    pub questions: usize,
    /// Whether the run found its bounds narrow enough after them; otherwise it was stopped before.
    pub is_enough: bool,
    /// The probability with which the bounds hold at all times at once.
    pub confidence: f64,
    /// The least that the score of all questions of this data set is, 0 to 1.
    pub low: f64,
    /// The most.
    pub high: f64,
}

impl SequenceReport {
    /// What it says, in sentences; `strict` are the numbers of the part that counts, with the intervals for
    /// questions of this kind.
    #[must_use]
    pub fn sentences(&self, strict: &Estimates) -> String {
        let Self { counted, questions, seed, confidence, .. } = self;
        let wanted = (1e4 * self.wanted_half_width).round() / 100.0;
        let end = if self.is_enough {
            format!("The run stopped there, because +-{wanted} points were asked for.")
        } else if counted == questions {
            format!(
                "All were asked, and +-{wanted} points were not found before: something is not known of too many \
                 answers."
            )
        } else {
            format!("The run has not yet found +-{wanted} points; the same `avibench run` goes on.")
        };
        let name = self.task().map_or_else(|| self.of.clone(), Task::key);
        let mark = if strict.is_by_stand_in(&name) { STAND_IN_MARK } else { "" };
        let of_kind = self.of_kind(strict).map_or_else(String::new, |(low, high)| {
            format!(
                " A claim about questions of this kind needs the interval over ids as well: {:.1} to {:.1}.",
                100.0 * low,
                100.0 * high
            )
        });
        format!(
            "{}{mark} by sampling: {:.1} to {:.1}, strict, at any time with {:.0}% confidence, from {counted} of {questions} \
             questions in a random order (seed {seed}). {end} These bounds are about the questions of this data set \
             alone, and what is not known of an answer counts as anything from 0 to 1.{of_kind}",
            number_title(&self.of),
            100.0 * self.low,
            100.0 * self.high,
            100.0 * confidence,
        )
    }

    /// The task, if the score is one of a task.
    fn task(&self) -> Option<Task> {
        Task::ALL.into_iter().find(|task| task.name() == self.of)
    }

    /// The interval of the same score over ids.
    fn of_kind(&self, strict: &Estimates) -> Option<(f64, f64)> {
        let estimate: Estimate = match self.task() {
            Some(task) => strict.tasks.iter().find(|of| of.key == task.key())?.headline,
            None if self.of == "overall" => strict.overall,
            None => strict.stages.iter().find(|stage| stage.name == self.of)?.estimate,
        };
        estimate.low.zip(estimate.high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_said_in_whole_sentences() {
        let none = Estimate { value: None, low: None, high: None };
        let overall = Estimate { value: Some(0.6), low: Some(0.571), high: Some(0.642) };
        let estimates =
            Estimates { tasks: Vec::new(), stages: Vec::new(), overall, levels: Vec::new() };
        let report = SequenceReport {
            of: "overall".to_owned(),
            seed: 3,
            wanted_half_width: 0.02,
            counted: 2311,
            questions: 4819,
            is_enough: true,
            confidence: 0.95,
            low: 0.592,
            high: 0.631,
        };
        assert_eq!(
            report.sentences(&estimates),
            "Overall by sampling: 59.2 to 63.1, strict, at any time with 95% confidence, from 2311 of 4819 questions \
             in a random order (seed 3). The run stopped there, because +-2 points were asked for. These bounds are \
             about the questions of this data set alone, and what is not known of an answer counts as anything from \
             0 to 1. A claim about questions of this kind needs the interval over ids as well: 57.1 to 64.2."
        );
        let stopped = SequenceReport { is_enough: false, ..report };
        let nothing = Estimates { overall: none, ..estimates };
        let said = stopped.sentences(&nothing);
        assert!(said.contains("has not yet found +-2 points") && !said.contains("ids"), "{said}");
    }
}
