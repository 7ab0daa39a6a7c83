//! The verdicts of a scored run, made anew from its rows: whoever has the rows can add them up again and
//! compare runs, without the data set and without rating a caption twice.

use std::collections::HashMap;

use avibench_protocol::{Family, Folder, Position};
use avibench_score::{
    Cluster, Extent, FolderVerdicts, ScoreKey, Tally, Verdict, VerdictOutcome, repeat_factor,
};

use crate::{ModeReport, SampleRow, ScoringMode, StoredParts, StoredRun};

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
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        // Rows name the cluster with its folder: `AVQA/12`.
        let id = row.cluster.split_once('/').map_or(row.cluster.as_str(), |(_, id)| id);
        let cluster = *numbers.entry(id).or_insert_with(|| {
            clusters.push(id.to_owned());
            Cluster(clusters.len() - 1)
        });
        let span = row.span_start.zip(row.span_end).map(|(from, to)| from as usize..to as usize);
        let parts = StoredParts::from(*row);
        records.push(Verdict {
            position: Position(row.position),
            cluster,
            is_check: row.is_check,
            outcome: row.outcome,
            parts: parts.parts(folder.family(), row.outcome).filter(|_| row.counted),
            read: row.read.clone(),
            rule: row.rule,
            span,
        });
    }
    let diversity = diversity(folder, &records, report);
    FolderVerdicts {
        diversity,
        ..stored_folder(folder, records, clusters, is_drawn(folder, report))
    }
}

/// The verdicts on a folder by the records that files hold of it; `is_drawn` tells whether chance decided
/// which samples were planned. Answers do not repeat each other: the factor for those that do is 1.
#[must_use]
pub fn stored_folder(
    folder: Folder,
    records: Vec<Verdict>,
    clusters: Vec<String>,
    is_drawn: bool,
) -> FolderVerdicts {
    let mut extent = Extent { is_drawn, ..Extent::default() };
    for record in records.iter().filter(|record| !is_void_check(record)) {
        let is = |outcomes: &[VerdictOutcome]| outcomes.contains(&record.outcome);
        extent.total += 1;
        extent.planned += usize::from(!is(&[VerdictOutcome::NotPlanned]));
        extent.asked += usize::from(!is(&[VerdictOutcome::NotPlanned, VerdictOutcome::NotAsked]));
    }
    FolderVerdicts {
        folder,
        records,
        clusters,
        diversity: 1.0,
        unscored: None,
        extent,
        ceiling: None,
        warnings: Vec::new(),
    }
}

/// A check that is never asked; formal questions that do not count are void, too, but are asked.
fn is_void_check(record: &Verdict) -> bool {
    record.is_check && record.outcome == VerdictOutcome::Void
}

fn is_drawn(folder: Folder, report: &ModeReport) -> bool {
    let mut of_task = report.coverage.iter().filter(|coverage| coverage.judged.covers(folder));
    of_task.any(|coverage| coverage.judged.extent.is_some_and(|extent| extent.is_drawn))
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
        Some((without, with)) if without > 0.0 => {
            let counted = records.iter().filter(|record| record.parts.is_some()).count();
            exact_factor((with / without).clamp(0.0, 1.0), counted)
        }
        _ => 1.0,
    }
}

/// The factor that some number of distinct answers among `samples` gives, if it is but for rounding
/// `factor`.
fn exact_factor(factor: f64, samples: usize) -> f64 {
    let mut possible = (1..=samples).map(|distinct| repeat_factor(distinct, samples));
    possible.find(|exact| (exact - factor).abs() < 1e-9).unwrap_or(factor)
}
