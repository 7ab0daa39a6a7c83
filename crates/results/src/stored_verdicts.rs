//! The verdicts of a scored run, made anew from its rows: whoever has the rows can add them up again and
//! compare runs, without the data set and without rating a caption twice.

use std::collections::HashMap;

use avibench_protocol::{Family, Folder, Position};
use avibench_score::{
    BoxesParts, CaptionParts, Cluster, Extent, FolderVerdicts, FramesParts, InstancesParts,
    MatchParts, Parts, RankingParts, RetrievalParts, ScoreKey, Tally, Verdict, VerdictOutcome,
};

use crate::{ModeReport, SampleRow, ScoringMode, StoredRun};

impl StoredRun {
    /// The verdicts of a mode, in the order of folders.
    ///
    /// They add up to the numbers of the report, with one exception: a sample that was planned and not
    /// asked has no statistics in its row, so that it does not count here, while strict scoring counts
    /// it as wrong. Such tasks have no interval and are never compared.
    #[must_use]
    pub fn verdicts(&self, mode: ScoringMode) -> Vec<FolderVerdicts> {
        let report = self.report.mode(mode);
        Folder::ALL
            .into_iter()
            .filter_map(|folder| {
                let rows: Vec<&SampleRow> = self
                    .rows
                    .iter()
                    .filter(|row| row.mode == mode && row.folder == folder)
                    .collect();
                (!rows.is_empty()).then(|| folder_verdicts(folder, &rows, report))
            })
            .collect()
    }
}

fn folder_verdicts(folder: Folder, rows: &[&SampleRow], report: &ModeReport) -> FolderVerdicts {
    let mut numbers: HashMap<&str, Cluster> = HashMap::new();
    let mut clusters = Vec::new();
    let mut extent = Extent { is_drawn: is_drawn(folder, report), ..Extent::default() };
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        // Rows name the cluster with its folder: `AVQA/12`.
        let id = row.cluster.split_once('/').map_or(row.cluster.as_str(), |(_, id)| id);
        let cluster = *numbers.entry(id).or_insert_with(|| {
            clusters.push(id.to_owned());
            Cluster(clusters.len() - 1)
        });
        if !is_void_check(row) {
            extent.total += 1;
            extent.planned += usize::from(row.outcome != VerdictOutcome::NotPlanned);
            let was_asked =
                !matches!(row.outcome, VerdictOutcome::NotPlanned | VerdictOutcome::NotAsked);
            extent.asked += usize::from(was_asked);
        }
        let span = row.span_start.zip(row.span_end).map(|(from, to)| from as usize..to as usize);
        records.push(Verdict {
            position: Position(row.position),
            cluster,
            is_check: row.is_check,
            outcome: row.outcome,
            parts: if row.counted { parts(folder.family(), row) } else { None },
            read: row.read.clone(),
            rule: row.rule,
            span,
        });
    }
    let diversity = diversity(folder, &records, report);
    FolderVerdicts {
        folder,
        records,
        clusters,
        diversity,
        unscored: None,
        extent,
        ceiling: None,
        warnings: Vec::new(),
    }
}

/// A check that is never asked; formal questions that do not count are void, too, but are asked.
fn is_void_check(row: &SampleRow) -> bool {
    row.is_check && row.outcome == VerdictOutcome::Void
}

fn is_drawn(folder: Folder, report: &ModeReport) -> bool {
    let mut of_task = report.coverage.iter().filter(|coverage| coverage.judged.covers(folder));
    of_task.any(|coverage| coverage.judged.extent.is_some_and(|extent| extent.is_drawn))
}

fn parts(family: Family, row: &SampleRow) -> Option<Parts> {
    let is_hit = |hit: f64| hit > 0.5;
    Some(match family {
        Family::FullMatch | Family::SetMatch => Parts::Match(MatchParts { correct: row.correct? }),
        Family::Instances => {
            Parts::Instances(InstancesParts { semantic: row.semantic?, error: row.error })
        }
        Family::Boxes => Parts::Boxes(BoxesParts {
            iou: row.iou?,
            category_f1: row.category_f1?,
            error: row.error?,
        }),
        Family::Retrieval => match row.discount {
            Some(discount) => Parts::Retrieval(RetrievalParts {
                hit_at_1: is_hit(row.hit_at_1?),
                hit_at_3: is_hit(row.hit_at_3?),
                f1: row.f1?,
                discount,
                // They only matter for the factor for repeated answers, which the report tells.
                indices: Vec::new(),
            }),
            None => Parts::Ranking(RankingParts {
                hit_at_1: row.hit_at_1?,
                hit_at_3: row.hit_at_3?,
                f1: row.f1?,
            }),
        },
        Family::FrameBoxes => Parts::Frames(FramesParts { iou: row.iou? }),
        Family::Caption => Parts::Caption(match row.fense {
            Some(fense) => CaptionParts {
                similarity: row.similarity?,
                fluency_error: row.fluency_error?,
                fense,
            },
            // Without a caption there is nothing that could be similar or faulty.
            None if row.outcome == VerdictOutcome::Missing => {
                CaptionParts { similarity: 0.0, fluency_error: false, fense: 0.0 }
            }
            None => return None,
        }),
    })
}

/// The factor for retrieval answers that repeat each other: what the report's headline has of the one
/// that the rows give without it.
fn diversity(folder: Folder, records: &[Verdict], report: &ModeReport) -> f64 {
    if folder.family() != Family::Retrieval {
        return 1.0;
    }
    let mut tally = Tally::new(folder.family());
    for parts in records.iter().filter_map(|record| record.parts.as_ref()) {
        tally.add(1.0, parts);
    }
    let without = tally.score(1.0).map(|score| score.headline());
    let key = ScoreKey::Task(folder.task()).name();
    let of_task = report.estimates.tasks.iter().find(|task| task.key == key);
    let with = of_task.and_then(|task| task.headline.value);
    match without.zip(with) {
        Some((without, with)) if without > 0.0 => (with / without).clamp(0.0, 1.0),
        _ => 1.0,
    }
}
