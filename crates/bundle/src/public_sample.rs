//! `samples.jsonl` of a public bundle: what each sample scored, under shuffled numbers.

use std::collections::HashMap;

use avibench_protocol::{Folder, Position};
use avibench_results::{PublicOrder, SampleRow, ScoringMode, StoredParts, StoredRun};
use avibench_score::{Cluster, ScoringRule, Verdict, VerdictOutcome};
use avibench_store::AskOutcome;
use serde::{Deserialize, Serialize};

/// What a sample scored in both modes. There is no text in it but names of outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicSample {
    /// The folder.
    pub folder: Folder,
    /// Its number within the folder, from 0, in an order that only the owner of the answers knows.
    pub number: usize,
    /// The number of the id that it shares with its checks, within the folder, from 0 in order of
    /// appearance: what counts as one observation.
    pub cluster: usize,
    /// Whether it is a check, which never counts itself.
    pub is_check: bool,
    /// How asking ended; null for what was not planned, and where it is not known.
    pub asked: Option<AskOutcome>,
    /// As the original evaluator judges.
    pub official: PublicJudgement,
    /// As the benchmark means to judge.
    pub strict: PublicJudgement,
}

/// What became of a sample in one mode.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicJudgement {
    /// What became of it.
    pub outcome: VerdictOutcome,
    /// Whether it counts in the task's score.
    pub counted: bool,
    /// Its statistics; those that do not apply are absent.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub parts: StoredParts,
}

fn is_nothing(parts: &StoredParts) -> bool {
    *parts == StoredParts::default()
}

impl PublicSample {
    /// The samples of a run, folder by folder. `Err` says what does not fit in its rows.
    pub(crate) fn all(run: &StoredRun) -> Result<Vec<Self>, String> {
        let order = PublicOrder::of(&run.report);
        let mut samples = Vec::with_capacity(run.rows.len() / 2);
        for folder in Folder::ALL {
            let of = |mode: ScoringMode| -> Vec<&SampleRow> {
                let rows = run.rows.iter();
                rows.filter(|row| row.mode == mode && row.folder == folder).collect()
            };
            let [official, strict] = [ScoringMode::Official, ScoringMode::Strict].map(of);
            let is_whole =
                |rows: &[&SampleRow]| rows.iter().enumerate().all(|(at, row)| row.position == at);
            if official.len() != strict.len() || !is_whole(&official) || !is_whole(&strict) {
                return Err(format!("the rows of {folder} are not one a sample and mode"));
            }
            let mut clusters: HashMap<&str, usize> = HashMap::new();
            for (number, at) in order.positions(folder, strict.len()).into_iter().enumerate() {
                let (official, strict) = (official[at], strict[at]);
                let next = clusters.len();
                let cluster = *clusters.entry(strict.cluster.as_str()).or_insert(next);
                if (official.cluster.as_str(), official.is_check)
                    != (strict.cluster.as_str(), strict.is_check)
                {
                    return Err(format!("the modes of {folder} are not about the same samples"));
                }
                samples.push(Self {
                    folder,
                    number,
                    cluster,
                    is_check: strict.is_check,
                    asked: strict.ask_outcome,
                    official: official.into(),
                    strict: strict.into(),
                });
            }
        }
        Ok(samples)
    }

    /// What became of it in a mode.
    #[must_use]
    pub const fn judgement(&self, mode: ScoringMode) -> &PublicJudgement {
        match mode {
            ScoringMode::Official => &self.official,
            ScoringMode::Strict => &self.strict,
        }
    }

    /// The verdict of a mode. How the answer was read is not public.
    pub(crate) fn verdict(&self, mode: ScoringMode) -> Verdict {
        let PublicJudgement { outcome, counted, parts } = self.judgement(mode);
        Verdict {
            position: Position(self.number),
            cluster: Cluster(self.cluster),
            is_check: self.is_check,
            outcome: *outcome,
            parts: parts.parts(self.folder.family(), *outcome).filter(|_| *counted),
            read: String::new(),
            rule: ScoringRule::NoAnswer,
            span: None,
        }
    }

    /// What does not fit together in what the sample says; `None` if all does.
    pub(crate) fn contradiction(&self) -> Option<String> {
        let of = |mode: ScoringMode| {
            let reason = self.judgement(mode).contradiction(self.folder, self.is_check)?;
            Some(format!("{} {} ({}) {reason}", self.folder, self.number, mode.name()))
        };
        of(ScoringMode::Official).or_else(|| of(ScoringMode::Strict))
    }
}

impl From<&SampleRow> for PublicJudgement {
    fn from(row: &SampleRow) -> Self {
        Self { outcome: row.outcome, counted: row.counted, parts: row.into() }
    }
}

impl PublicJudgement {
    fn contradiction(&self, folder: Folder, is_check: bool) -> Option<&'static str> {
        let Self { outcome, counted, parts } = self;
        let shares = [
            parts.semantic,
            parts.category_f1,
            parts.iou,
            parts.hit_at_1,
            parts.hit_at_3,
            parts.f1,
            parts.discount,
            parts.stand_in_similarity,
            parts.stand_in,
        ];
        // Sums of fractions are rounded.
        let is_in =
            |least: f64, most: f64| move |value: &f64| (least - 1e-9..=most + 1e-9).contains(value);
        let is_share = is_in(0.0, 1.0);
        if !shares.iter().flatten().all(is_share) || !parts.error.iter().all(is_in(0.0, 1e9)) {
            return Some("has a statistic that is no share of 1, or a negative error");
        }
        if ![parts.similarity, parts.fense].iter().flatten().all(is_in(-1.0, 1.0)) {
            return Some("has a similarity outside -1 to 1");
        }
        if *counted && is_check {
            return Some("is a check and counts");
        }
        let found = parts.parts(folder.family(), *outcome);
        // Samples that were never asked have no statistics in rows.
        if *counted && found.is_none() && *outcome != VerdictOutcome::NotAsked {
            return Some("counts and lacks a statistic of its family");
        }
        if let Some(correct) = parts.correct
            && *counted
            && correct != (*outcome == VerdictOutcome::Right)
        {
            return Some("has an outcome that does not fit whether it is correct");
        }
        None
    }
}
