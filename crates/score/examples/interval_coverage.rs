//! How often nominal 95% intervals of real aggregates hold the true score at the benchmark's sample
//! sizes, how often two equal models are called different on some task, and what a full run costs.
//!
//!     cargo run --release -p avibench-score --example interval_coverage [repeats]
//!
//! Records come in clusters of one to four that share half of their luck.

use std::num::NonZeroU32;
use std::time::Instant;

use avibench_protocol::{Family, Folder, Position};
use avibench_score::{
    Cluster, ComparedModel, Extent, FolderVerdicts, GuessBaselines, Outcome, Parts, Resampling,
    Rule, Verdict, compare, estimate, score_task,
};
use avibench_statistics::{Stream, StreamKey};

/// Records of the sample that stands for the population.
const POPULATION: usize = 400_000;

fn main() {
    let repeats: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(500);
    println!("folder  records  part        truth   covered  below  above");
    let folders = [
        Folder::Avm,
        Folder::Asqa,
        Folder::Avlg,
        Folder::Amic,
        Folder::Vmic,
        Folder::Avl,
        Folder::Var,
    ];
    for folder in folders {
        coverage(folder, repeats);
    }
    family(repeats);
    cost();
}

fn coverage(folder: Folder, repeats: u64) {
    let streams = |seed: u64, index: u64| {
        [0, 100].map(|purpose| StreamKey::new(seed + purpose, folder.name()).stream(index))
    };
    let [mut sizes, mut luck] = streams(1, 0);
    let population = folder_of(folder, POPULATION, &mut sizes, &mut luck);
    let Ok(truth) = score_task(&[&population]) else { return };
    let records = folder.published_records();
    let parts = truth.parts();
    // Counts of intervals that hold the truth, lie below it, lie above it.
    let mut counts = vec![[0_u64; 3]; parts.len()];
    for repeat in 0..repeats {
        let [mut sizes, mut luck] = streams(2, repeat);
        let sample = [folder_of(folder, records, &mut sizes, &mut luck)];
        let resampling = Resampling { seed: repeat, ..Resampling::default() };
        let Ok(estimates) = estimate(&[("model", &sample)], resampling, GuessBaselines::embedded())
        else {
            return;
        };
        let Some(task) = estimates[0].tasks.first() else { continue };
        for (((_, truth), part), counts) in parts.iter().zip(&task.parts).zip(&mut counts) {
            let (Some(low), Some(high)) = (part.estimate.low, part.estimate.high) else { continue };
            let place = if high < *truth { 1 } else { usize::from(low > *truth) * 2 };
            counts[place] += 1;
        }
    }
    for ((name, truth), [held, below, above]) in parts.iter().zip(counts) {
        let percent = |count: u64| 100.0 * count as f64 / repeats as f64;
        let (held, below, above) = (percent(held), percent(below), percent(above));
        println!(
            "{folder:7} {records:7}  {name:10} {truth:6.4}  {held:6.1}%  {below:4.1}%  {above:4.1}%"
        );
    }
}

/// Two equal models on six tasks: how often Holm-corrected tests find a difference.
fn family(repeats: u64) {
    let folders = [Folder::Avm, Folder::Asqa, Folder::Avlg, Folder::Amic, Folder::Avl, Folder::Var];
    let mut found = 0_u64;
    for repeat in 0..repeats {
        let model = |number: u64| -> Vec<FolderVerdicts> {
            let one = |folder: Folder| {
                // Clusters belong to the dataset, luck to the model.
                let mut sizes = StreamKey::new(3, folder.name()).stream(repeat);
                let mut luck = StreamKey::new(4 + number, folder.name()).stream(repeat);
                folder_of(folder, folder.published_records(), &mut sizes, &mut luck)
            };
            folders.into_iter().map(one).collect()
        };
        let (first, second) = (model(0), model(1));
        let models = [
            ComparedModel { label: "first", verdicts: &first },
            ComparedModel { label: "second", verdicts: &second },
        ];
        let resampling = Resampling { seed: repeat, ..Resampling::default() };
        let Ok(comparison) = compare(&models, resampling, GuessBaselines::embedded()) else {
            return;
        };
        let significant = |pair: &avibench_score::PairComparison| {
            pair.tasks.iter().filter_map(|task| task.difference?.p_holm).any(|p| p < 0.05)
        };
        found += u64::from(comparison.pairs.iter().any(significant));
    }
    let share = 100.0 * found as f64 / repeats as f64;
    println!("\nequal models called different on some of {} tasks: {share:.1}%", folders.len());
}

/// A full benchmark in two modes.
fn cost() {
    let verdicts: Vec<FolderVerdicts> = Folder::ALL
        .into_iter()
        .map(|folder| {
            let [mut sizes, mut luck] =
                [9, 109].map(|seed| StreamKey::new(seed, folder.name()).stream(0));
            folder_of(folder, folder.published_records(), &mut sizes, &mut luck)
        })
        .collect();
    let records: usize = verdicts.iter().map(|folder| folder.records.len()).sum();
    let start = Instant::now();
    let sets = [("official", verdicts.as_slice()), ("strict", verdicts.as_slice())];
    let found = estimate(&sets, Resampling::default(), GuessBaselines::embedded())
        .map_or(0, |estimates| estimates.len());
    println!("{records} records, {found} modes, 1000 resamples: {:.3?}", start.elapsed());
}

/// A folder whose cluster sizes come from one stream and whose answers from the other.
fn folder_of(
    folder: Folder,
    records: usize,
    sizes: &mut Stream,
    stream: &mut Stream,
) -> FolderVerdicts {
    let mut verdicts = Vec::with_capacity(records);
    let mut clusters = 0;
    while verdicts.len() < records {
        let shared = stream.unit();
        for _ in 0..=sizes.below(NonZeroU32::MIN.saturating_add(3)) {
            if verdicts.len() == records {
                break;
            }
            // Half of the records of a cluster share their luck.
            let luck = if stream.unit() < 0.5 { shared } else { stream.unit() };
            verdicts.push(Verdict {
                position: Position(verdicts.len()),
                cluster: Cluster(clusters),
                is_check: false,
                outcome: Outcome::Partly,
                parts: Some(parts(folder.family(), luck, stream)),
                read: String::new(),
                rule: Rule::Equal,
                span: None,
            });
        }
        clusters += 1;
    }
    FolderVerdicts {
        folder,
        records: verdicts,
        clusters: (0..clusters).map(|cluster| cluster.to_string()).collect(),
        diversity: 1.0,
        unscored: None,
        extent: Extent { total: records, planned: records, asked: records },
        ceiling: None,
        warnings: Vec::new(),
    }
}

/// A record whose answer is as good as its luck, 0 to 1.
fn parts(family: Family, luck: f64, stream: &mut Stream) -> Parts {
    // A third of the overlaps are exact zeros, the rest leans to the right end.
    let overlap = |luck: f64| if luck < 0.33 { 0.0 } else { ((luck - 0.33) / 0.67).sqrt() };
    match family {
        Family::FullMatch | Family::SetMatch => Parts::Match { correct: luck < 0.7 },
        Family::FrameBoxes => Parts::Frames { iou: overlap(luck) },
        // Mostly small count errors, rarely one of 7 or more.
        Family::Instances => Parts::Instances {
            semantic: luck.sqrt(),
            error: Some(if luck < 0.05 {
                7.0 + 5.0 * stream.unit()
            } else {
                (3.0 * (1.0 - luck)).floor() / 2.0
            }),
        },
        Family::Boxes => Parts::Boxes {
            iou: overlap(luck),
            category_f1: luck.sqrt(),
            error: if luck < 0.1 { 3.0 } else { (2.0 * (1.0 - luck)).floor() },
        },
        Family::Retrieval => {
            let long = stream.unit() < 0.1;
            Parts::Retrieval {
                hit_at_1: luck < 0.5,
                hit_at_3: luck < 0.75,
                f1: 1.0 - luck,
                discount: if long { 0.3 } else { 1.0 },
                indices: Vec::new(),
            }
        }
        Family::Caption => {
            Parts::Caption { similarity: luck, fluency_error: luck < 0.1, fense: luck }
        }
    }
}
