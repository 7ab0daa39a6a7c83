//! Stages and Overall: means of task scores, and what is missing in them.

use avibench_protocol::{Stage, Task};
use serde::{Deserialize, Serialize};

use crate::{Completeness, GuessBaselines, LevelRanges, Levels, ScoreKey, TaskScoring};

/// The headline of each reported task, 0 to 1; `None` where there is no score.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Headlines([Option<f64>; 14]);

/// What a mean lacks, or has in another form. Tasks are named in a stage, stages in Overall and in levels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Unmeasured {
    /// What has no score.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// What has a score in which samples that were not yet asked count as wrong (officially: are
    /// left out).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unfinished: Vec<String>,
    /// What was asked only in the part that the run planned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub part: Vec<String>,
    /// What rests on captions that rules rated in place of FENSE: nothing compares with it but other
    /// numbers by the same rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_stand_in: Vec<String>,
}

/// A mean that is whole or says what it lacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// The mean, 0 to 1; null if anything is missing.
    pub value: Option<f64>,
    /// The mean of what is there, if anything is; only beside a null value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<f64>,
    /// What the mean (of what is there) would be if every sample that was not yet asked were right;
    /// only in strict scoring, and only if something is unfinished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// What it lacks.
    #[serde(flatten)]
    pub unmeasured: Unmeasured,
}

/// Everything above single tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreSummary {
    /// Perception, over its reported tasks.
    pub perception: Mean,
    /// Understanding, over its reported tasks.
    pub understand: Mean,
    /// Reasoning, over its reported tasks.
    pub reasoning: Mean,
    /// Primitive sensation, over its reported tasks.
    pub sensation: Mean,
    /// Mean of the four stages; `partial` is that of the complete ones.
    pub overall: Mean,
    /// Taxonomy levels.
    #[serde(flatten)]
    pub levels: Levels,
    /// L3 and L4 over the guess baselines that are possible; null if none is open or L3 is null.
    pub level_ranges: Option<LevelRanges>,
}

impl Headlines {
    /// Asks for each task in table order.
    pub fn from_fn(headline: impl FnMut(Task) -> Option<f64>) -> Self {
        Self(Task::ALL.map(headline))
    }

    /// A task's headline.
    #[must_use]
    pub fn get(&self, task: Task) -> Option<f64> {
        // Tasks are numbered in table order.
        self.0[task as usize]
    }

    /// Mean over the stage's reported tasks; `None` unless all are there.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> Option<f64> {
        let mut sum = 0.0;
        let mut tasks = 0.0;
        for task in stage.tasks() {
            sum += self.get(task)?;
            tasks += 1.0;
        }
        Some(sum / tasks)
    }

    /// Mean of the four stages; `None` unless all are complete.
    #[must_use]
    pub fn overall(&self) -> Option<f64> {
        let [a, b, c, d] = Stage::ALL.map(|stage| self.stage(stage));
        Some((a? + b? + c? + d?) / 4.0)
    }
}

impl ScoreSummary {
    /// Stages, Overall and levels of scored tasks.
    #[must_use]
    pub fn of(scoring: &TaskScoring, baselines: &GuessBaselines) -> Self {
        let of_task = |task: Task| {
            let scored = scoring.scores.iter().zip(&scoring.bases);
            let mut scored = scored.filter(|((key, _), _)| *key == ScoreKey::Task(task));
            scored.next().map(|((_, score), basis)| (score, *basis))
        };
        let headlines = Headlines::from_fn(|task| of_task(task).map(|(score, _)| score.headline()));
        let stage = |stage: Stage| {
            Mean::of(stage.tasks().map(|task| {
                let scored = of_task(task);
                let completeness = scored.map(|(_, basis)| basis.extent.completeness());
                Member {
                    name: task.name(),
                    value: scored.map(|(score, _)| score.headline()),
                    at_most: scored.and_then(|(_, basis)| basis.at_most),
                    is_unfinished: completeness == Some(Completeness::Unfinished),
                    is_part: completeness == Some(Completeness::Part),
                    is_by_stand_in: scored.is_some_and(|(score, _)| score.is_by_stand_in()),
                }
            }))
        };
        let [perception, understand, reasoning, sensation] = Stage::ALL.map(stage);
        let stages = [&perception, &understand, &reasoning, &sensation];
        let overall = Mean::of(Stage::ALL.into_iter().zip(stages).map(|(stage, mean)| Member {
            name: stage.name(),
            value: mean.value,
            at_most: mean.at_most,
            is_unfinished: !mean.unmeasured.unfinished.is_empty(),
            is_part: !mean.unmeasured.part.is_empty(),
            is_by_stand_in: !mean.unmeasured.by_stand_in.is_empty(),
        }));
        Self {
            perception,
            understand,
            reasoning,
            sensation,
            overall,
            levels: Levels::of(&headlines, baselines),
            level_ranges: LevelRanges::of(&headlines, baselines),
        }
    }

    /// A stage's mean.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> &Mean {
        match stage {
            Stage::Perception => &self.perception,
            Stage::Understand => &self.understand,
            Stage::Reasoning => &self.reasoning,
            Stage::Sensation => &self.sensation,
        }
    }

    /// The stages that a level (1 to 4) lacks: sensation is part of L4 only.
    #[must_use]
    pub fn level_lacks(&self, level: usize) -> Unmeasured {
        let mut lacks = Unmeasured::default();
        for stage in Stage::ALL.into_iter().filter(|s| level > 3 || *s != Stage::Sensation) {
            let mean = self.stage(stage);
            let name = || stage.name().to_owned();
            if mean.value.is_none() {
                lacks.missing.push(name());
            }
            if !mean.unmeasured.unfinished.is_empty() {
                lacks.unfinished.push(name());
            }
            if !mean.unmeasured.part.is_empty() {
                lacks.part.push(name());
            }
            if !mean.unmeasured.by_stand_in.is_empty() {
                lacks.by_stand_in.push(name());
            }
        }
        lacks
    }
}

impl Unmeasured {
    /// Whether every sample behind the number was asked, so that it can have an interval: what rated
    /// captions does not matter for that.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.missing.is_empty() && self.unfinished.is_empty() && self.part.is_empty()
    }
}

/// One of the things that a mean is over.
struct Member {
    name: &'static str,
    value: Option<f64>,
    at_most: Option<f64>,
    is_unfinished: bool,
    is_part: bool,
    is_by_stand_in: bool,
}

impl Mean {
    fn of(members: impl IntoIterator<Item = Member>) -> Self {
        let mut unmeasured = Unmeasured::default();
        let (mut sum, mut most, mut count) = (0.0, 0.0, 0_usize);
        for member in members {
            let Member { name, value, at_most, is_unfinished, is_part, is_by_stand_in } = member;
            match value {
                Some(value) => {
                    sum += value;
                    most += at_most.unwrap_or(value);
                    count += 1;
                }
                None => unmeasured.missing.push(name.to_owned()),
            }
            if is_unfinished {
                unmeasured.unfinished.push(name.to_owned());
            }
            if is_part {
                unmeasured.part.push(name.to_owned());
            }
            if is_by_stand_in {
                unmeasured.by_stand_in.push(name.to_owned());
            }
        }
        let mean = |sum: f64| (count > 0).then(|| sum / count as f64);
        let is_whole = unmeasured.missing.is_empty();
        Self {
            value: mean(sum).filter(|_| is_whole),
            partial: mean(sum).filter(|_| !is_whole),
            at_most: mean(most).filter(|most| *most > sum / count as f64),
            unmeasured,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Basis, Extent, TaskScore};

    fn scoring(score: impl Fn(Task) -> Option<(f64, Basis)>) -> TaskScoring {
        let mut scoring = TaskScoring::default();
        for task in Task::ALL {
            if let Some((score, basis)) = score(task) {
                scoring.scores.push((ScoreKey::Task(task), TaskScore::Number(score)));
                scoring.bases.push(basis);
            }
        }
        scoring
    }

    fn summary(score: impl Fn(Task) -> Option<(f64, Basis)>) -> ScoreSummary {
        ScoreSummary::of(&scoring(score), GuessBaselines::embedded())
    }

    const WHOLE: Basis =
        Basis { extent: Extent { total: 9, planned: 9, asked: 9, is_drawn: false }, at_most: None };

    #[test]
    fn incomplete_means_say_what_is_missing() {
        let summary =
            summary(|task| (task != Task::Avc).then_some((0.1 * (task as usize) as f64, WHOLE)));
        let json = serde_json::to_value(&summary).unwrap();
        assert!((summary.perception.value.unwrap() - 0.15).abs() < 1e-12);
        assert_eq!(json["perception"].as_object().unwrap().len(), 1);
        assert_eq!(summary.understand.value, None);
        assert!((summary.understand.partial.unwrap() - 0.45).abs() < 1e-12);
        assert_eq!(summary.understand.unmeasured.missing, ["AVC"]);
        assert_eq!(summary.overall.unmeasured.missing, ["understand"]);
        assert_eq!(json["overall"]["value"], serde_json::Value::Null);
        assert_eq!(json["l1"], serde_json::Value::Null);
        assert_eq!(json["levels_version"], 2);
        assert_eq!(json["level_ranges"], serde_json::Value::Null);
        assert_eq!(summary.level_lacks(1).missing, ["understand"]);
        assert_eq!(serde_json::from_value::<ScoreSummary>(json).unwrap(), summary);
        let nothing = self::summary(|_| None);
        assert_eq!(nothing.overall.partial, None);
        assert_eq!(nothing.overall.unmeasured.missing.len(), 4);
    }

    #[test]
    fn means_over_unfinished_tasks_say_so_and_how_far_they_may_rise() {
        let begun = Basis {
            extent: Extent { total: 9, planned: 9, asked: 4, is_drawn: false },
            at_most: Some(0.9),
        };
        let part = Basis {
            extent: Extent { total: 9, planned: 3, asked: 3, is_drawn: false },
            at_most: None,
        };
        let summary = summary(|task| match task {
            Task::Asqa => Some((0.3, begun)),
            Task::Vsqa => Some((0.5, part)),
            _ => Some((0.5, WHOLE)),
        });
        let sensation = &summary.sensation;
        assert!((sensation.value.unwrap() - 1.3 / 3.0).abs() < 1e-12);
        assert!((sensation.at_most.unwrap() - 1.9 / 3.0).abs() < 1e-12);
        assert_eq!(sensation.unmeasured.unfinished, ["ASQA"]);
        assert_eq!(sensation.unmeasured.part, ["VSQA"]);
        assert_eq!(summary.overall.unmeasured.unfinished, ["sensation"]);
        assert!(summary.overall.at_most > summary.overall.value);
        assert!(summary.perception.unmeasured.is_nothing());
        assert_eq!(summary.perception.at_most, None);
        assert!(summary.level_lacks(3).is_nothing());
        assert_eq!(summary.level_lacks(4).unfinished, ["sensation"]);
    }

    #[test]
    fn tasks_are_numbered_in_table_order() {
        for (i, task) in Task::ALL.into_iter().enumerate() {
            assert_eq!(task as usize, i);
        }
    }
}
