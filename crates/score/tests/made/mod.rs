//! Verdicts whose true scores are known.

use std::num::NonZeroU32;

use avibench_protocol::{Family, Folder, Position, Task};
use avibench_score::{
    BoxesParts, CaptionMeasure, CaptionParts, Cluster, Extent, FolderVerdicts, FramesParts,
    InstancesParts, MatchParts, Parts, RankingParts, ScoringRule, Verdict, VerdictOutcome,
};
use avibench_statistics::{Stream, StreamKey};

/// True headlines in table order; every part of a task has the same true score.
pub(crate) type Truth = [f64; Task::ALL.len()];

/// How records of a folder belong together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grouping {
    /// Every record has an id of its own.
    Single,
    /// Ids of one to four records, each of which takes its id's luck half of the time.
    Clustered,
}

/// Formal records of the published folder: half of those with checks.
pub(crate) fn formal_records(folder: Folder) -> usize {
    folder.published_records() / if folder.has_checks() { 2 } else { 1 }
}

/// Every folder of one made model. Sample sizes of ids follow from `dataset`, luck from `model`.
pub(crate) fn model(truth: &Truth, dataset: u64, model: u64, shared: f64) -> Vec<FolderVerdicts> {
    Folder::ALL
        .into_iter()
        .map(|folder| {
            let score = truth[folder.task() as usize];
            let records = formal_records(folder);
            Made { folder, records, grouping: Grouping::Clustered, score }
                .verdicts(dataset, model, shared)
        })
        .collect()
}

/// A folder of made verdicts.
#[derive(Clone, Copy)]
pub(crate) struct Made {
    /// The folder.
    pub(crate) folder: Folder,
    /// Formal records.
    pub(crate) records: usize,
    /// How they belong together.
    pub(crate) grouping: Grouping,
    /// The true score of every part.
    pub(crate) score: f64,
}

/// True scores of AMIC's parts with rare large errors, which [`RARE_ERRORS`] as a score asks for:
/// one record in twenty is off by 7 to 12, the others by at most 1.
pub(crate) const RARE_ERRORS: f64 = -1.0;

impl Made {
    /// The true score of a part.
    pub(crate) fn truth(self, part: &str) -> f64 {
        if self.score != RARE_ERRORS {
            return self.score;
        }
        // The mean of the squares of the errors below.
        let square = 0.05 * (49.0 + 35.0 + 25.0 / 3.0) + (1.0 / 3.0 - 0.05) + 1.0 / 12.0;
        let (semantic, instance) = (2.0 / 3.0, 1.0 - (0.3 * f64::sqrt(square)).tanh());
        match part {
            "Semantic" => semantic,
            "Instance" => instance,
            _ => f64::midpoint(semantic, instance),
        }
    }

    /// The verdicts. With probability `shared` a record's luck is that of the dataset, the same for
    /// every model: two models then agree more than by chance.
    pub(crate) fn verdicts(self, dataset: u64, model: u64, shared: f64) -> FolderVerdicts {
        let stream = |purpose: &str, index| {
            StreamKey::new(dataset, &format!("{purpose} {}", self.folder)).stream(index)
        };
        let (mut sizes, mut common) = (stream("sizes", 0), stream("common", 0));
        let mut luck = stream("luck", model + 1);
        let mut records = Vec::with_capacity(self.records);
        let mut clusters = 0;
        while records.len() < self.records {
            let size = match self.grouping {
                Grouping::Single => 1,
                Grouping::Clustered => 1 + sizes.below(NonZeroU32::MIN.saturating_add(3)),
            };
            let of_cluster = [common.unit(), luck.unit()];
            for _ in 0..size.min((self.records - records.len()) as u32) {
                let of_record = [common.unit(), luck.unit()];
                let takes_cluster = common.unit() < 0.5;
                let from = usize::from(luck.unit() >= shared);
                let drawn = if takes_cluster && size > 1 { of_cluster } else { of_record };
                records.push(Verdict {
                    position: Position(records.len()),
                    cluster: Cluster(clusters),
                    is_check: false,
                    outcome: VerdictOutcome::Partly,
                    parts: Some(self.parts(drawn[from], &mut luck)),
                    read: String::new(),
                    rule: ScoringRule::Equal,
                    span: None,
                });
            }
            clusters += 1;
        }
        FolderVerdicts {
            folder: self.folder,
            records,
            clusters: (0..clusters).map(|cluster| cluster.to_string()).collect(),
            diversity: 1.0,
            unscored: None,
            extent: Extent {
                total: self.records,
                planned: self.records,
                asked: self.records,
                is_drawn: false,
            },
            ceiling: None,
            warnings: Vec::new(),
        }
    }

    /// A record whose answer is as good as its luck, 0 to 1.
    fn parts(self, luck: f64, stream: &mut Stream) -> Parts {
        let score = self.score;
        if score == RARE_ERRORS {
            let large = 7.0 + 5.0 * stream.unit();
            let error = if luck < 0.05 { large } else { (3.0 * (1.0 - luck)).floor() / 2.0 };
            return Parts::Instances(InstancesParts { semantic: luck.sqrt(), error: Some(error) });
        }
        // The mean of luck^(1 / s - 1) is s.
        let graded = if score > 0.0 { luck.powf(1.0 / score - 1.0) } else { 0.0 };
        // Squared errors with the mean that gives the score, the largest five times the mean.
        let error = |scale: f64| {
            let root_mean_square = (1.0 - score).atanh() / scale;
            root_mean_square * 5_f64.sqrt() * (1.0 - luck).powi(2)
        };
        match self.folder.family() {
            Family::FullMatch | Family::SetMatch => {
                Parts::Match(MatchParts { correct: luck < score })
            }
            Family::FrameBoxes => Parts::Frames(FramesParts { iou: graded }),
            Family::Instances => {
                Parts::Instances(InstancesParts { semantic: graded, error: Some(error(0.3)) })
            }
            Family::Boxes => {
                Parts::Boxes(BoxesParts { iou: graded, category_f1: 1.0, error: error(1.0) })
            }
            Family::Retrieval => {
                let hit = f64::from(u8::from(luck < score));
                Parts::Ranking(RankingParts { hit_at_1: hit, hit_at_3: hit, f1: graded })
            }
            Family::Caption => Parts::Caption(CaptionParts {
                measure: CaptionMeasure::Fense,
                similarity: graded,
                fluency_error: stream.unit() < 0.1,
                rating: graded,
            }),
        }
    }
}
