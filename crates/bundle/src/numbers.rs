//! The numbers of a mode, computed from verdicts.

use std::collections::BTreeMap;

use avibench_protocol::Folder;
use avibench_results::{CoverageReport, ModeReport, SampleCounts};
use avibench_score::{
    Estimate, Estimates, FolderVerdicts, GuessBaselines, Misaligned, NamedEstimate, ScoreSummary,
    coverage, estimate, score_folders,
};
use avibench_store::{AskEnding, AskOutcome};
use serde::{Deserialize, Serialize};

/// Every number of a mode, as reports have them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModeNumbers {
    /// Every number, not rounded, with its interval.
    pub estimates: Estimates,
    /// Stages, Overall and levels with what they lack.
    pub summary: ScoreSummary,
    /// What was asked, answered and judged by task.
    pub coverage: Vec<CoverageReport>,
}

/// Everything that numbers are computed from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judged {
    /// Official verdicts.
    pub(crate) official: Vec<FolderVerdicts>,
    /// Strict verdicts of the same samples.
    pub(crate) strict: Vec<FolderVerdicts>,
    /// How asking each formal sample ended, where it was planned and is known.
    pub(crate) asked: BTreeMap<Folder, Vec<AskOutcome>>,
}

impl ModeNumbers {
    /// The numbers of a report; `None` if it lacks its summary.
    pub(crate) fn of(report: &ModeReport) -> Option<Self> {
        Some(Self {
            estimates: report.estimates.clone(),
            summary: report.summary.clone()?,
            coverage: report.coverage.clone(),
        })
    }
}

impl ModeNumbers {
    /// Takes the ends of intervals over from numbers that were computed from the same parts in another order.
    /// The search for an end stops when it is near enough, so that the rounding of sums moves it: only the
    /// ends that were computed in the order of the bundle's samples are those that whoever has the bundle
    /// computes.
    pub(crate) fn take_ends(&mut self, of: &Self) {
        let (own, others) = (&mut self.estimates, &of.estimates);
        for task in &mut own.tasks {
            let Some(other) = others.task(&task.key) else { continue };
            take_end(&mut task.headline, other.headline);
            take_named_ends(&mut task.parts, &other.parts);
        }
        take_named_ends(&mut own.stages, &others.stages);
        take_end(&mut own.overall, others.overall);
        take_named_ends(&mut own.levels, &others.levels);
    }
}

fn take_named_ends(own: &mut [NamedEstimate], others: &[NamedEstimate]) {
    for named in own {
        if let Some(other) = others.iter().find(|other| other.name == named.name) {
            take_end(&mut named.estimate, other.estimate);
        }
    }
}

fn take_end(own: &mut Estimate, other: Estimate) {
    own.low = own.low.and(other.low).or(own.low);
    own.high = own.high.and(other.high).or(own.high);
}

impl Judged {
    /// The numbers of both modes: official, strict.
    pub(crate) fn numbers(
        &self,
        baselines: &GuessBaselines,
    ) -> Result<[ModeNumbers; 2], Misaligned> {
        let sets = [("official", self.official.as_slice()), ("strict", self.strict.as_slice())];
        let mut estimates = estimate(&sets, baselines)?.into_iter();
        let mut mode = |verdicts: &[FolderVerdicts]| ModeNumbers {
            estimates: estimates.next().unwrap_or_else(nothing),
            summary: ScoreSummary::of(&score_folders(verdicts), baselines),
            coverage: self.coverage(verdicts),
        };
        Ok([mode(&self.official), mode(&self.strict)])
    }

    fn coverage(&self, verdicts: &[FolderVerdicts]) -> Vec<CoverageReport> {
        let judged = coverage(verdicts, &self.strict).into_iter().map(|judged| {
            let of_task = self.asked.iter().filter(|(folder, _)| judged.covers(**folder));
            let endings = of_task.flat_map(|(_, asked)| asked);
            let counts =
                SampleCounts::of(endings.map(|&outcome| AskEnding { outcome, is_recorded: true }));
            CoverageReport {
                judged,
                answered: counts.answered,
                empty: Some(counts.empty),
                cut_off: counts.cut_off,
                refused: counts.refused,
                failed: Some(counts.failed),
                rejected: counts.rejected,
            }
        });
        judged.collect()
    }
}

/// No estimates: there are as many as sets of verdicts, so that this is never asked for.
fn nothing() -> Estimates {
    let overall = Estimate { value: None, low: None, high: None };
    Estimates { tasks: Vec::new(), stages: Vec::new(), overall, levels: Vec::new() }
}
