//! How often nominal 95% intervals of task scores hold the true score, and what a full run costs.
//!
//!     cargo run --release -p avibench-bench --bin interval_coverage [repeats, 1000 [part]]
//!
//! With `part` only random parts are studied.
//!
//! Ids of one to four records share half of their luck, or every record has its own id. Beside the
//! program's intervals stands the percentile bootstrap on the same data (every fifth repeat). About
//! 40 s for 1,000 repeats on one core.

#[path = "../../../score/tests/made/mod.rs"]
mod made;

use std::num::NonZeroU32;
use std::time::Instant;

use avibench_protocol::{Folder, Task};
use avibench_score::{FolderVerdicts, GuessBaselines, Tally, VerdictOutcome, estimate};
use avibench_statistics::{Clusters, Draw, Stratum, StreamKey, percentile_interval};
use made::{Grouping, Made, RARE_ERRORS, formal_records, model};

/// The percentile bootstrap costs most of the time, so only every so many repeats get one.
const EVERY: u64 = 5;

fn main() {
    let repeats: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1000);
    if std::env::args().nth(2).is_some_and(|study| study == "part") {
        random_parts(repeats);
        return;
    }
    println!(
        "folder records ids       part        truth  covered (below, above)  percentile  width"
    );
    println!("The benchmark's sizes");
    for folder in [Folder::Avm, Folder::Asqa, Folder::Avlg, Folder::Amic, Folder::Vmic, Folder::Avl]
    {
        study(folder, formal_records(folder), Grouping::Clustered, 0.6, repeats);
    }
    study(Folder::Var, formal_records(Folder::Var), Grouping::Clustered, 0.6, repeats);
    study(Folder::Amic, 518, Grouping::Clustered, 0.3, repeats);
    println!("Rare large errors");
    study(Folder::Amic, 518, Grouping::Clustered, RARE_ERRORS, repeats);
    println!("Near 0 and 1");
    for records in [194, 250] {
        for score in [0.005, 0.01, 0.05, 0.95, 0.99, 0.995] {
            for grouping in [Grouping::Single, Grouping::Clustered] {
                study(Folder::Avm, records, grouping, score, repeats);
            }
        }
    }
    for folder in [Folder::Avlg, Folder::Amic, Folder::Avl, Folder::Var, Folder::Avc] {
        for score in [0.02, 0.98] {
            study(folder, formal_records(folder), Grouping::Clustered, score, repeats);
        }
    }
    println!("Few ids");
    for records in [5, 10, 19] {
        for score in [0.3, 0.6, 0.9] {
            study(Folder::Avm, records, Grouping::Single, score, repeats);
        }
        study(Folder::Avlg, records, Grouping::Single, 0.6, repeats);
        study(Folder::Avm, 3 * records, Grouping::Clustered, 0.6, repeats);
    }
    for records in [26, 53] {
        for score in [0.6, 0.95] {
            study(Folder::Var, records, Grouping::Clustered, score, repeats);
        }
    }
    random_parts(repeats);
    cost();
}

/// Parts of several sizes of several folders.
fn random_parts(repeats: u64) {
    println!("A random part of the ids, drawn ten times from each of the data sets");
    println!(
        "folder  share  truth  off on average (+- 2 s.e.)  holds the whole's  the truth  width"
    );
    for folder in [Folder::Avm, Folder::Avlg, Folder::Amic, Folder::Var] {
        for share in [0.1, 0.2, 0.5] {
            for score in [0.6, 0.95] {
                random_part(folder, share, score, repeats);
            }
        }
    }
}

/// Coverage of every part of one task.
fn study(folder: Folder, records: usize, grouping: Grouping, score: f64, repeats: u64) {
    let made = Made { folder, records, grouping, score };
    let mut counts: Vec<(&'static str, [u64; 2])> = Vec::new();
    let (mut other_misses, mut others, mut widths) = (0_u64, 0_u64, [0.0; 2]);
    for repeat in 0..repeats {
        let verdicts = [made.verdicts(repeat, 0, 0.0)];
        let Ok(found) = estimate(&[("model", &verdicts)], GuessBaselines::embedded()) else {
            return;
        };
        let Some(task) = found[0].tasks.first() else { return };
        let parts = task.parts.iter().filter(|part| !is_alike(&part.name));
        for (place, part) in parts.enumerate() {
            let (Some(low), Some(high)) = (part.estimate.low, part.estimate.high) else { continue };
            if counts.len() <= place {
                counts.push((leak(&part.name), [0; 2]));
            }
            let score = made.truth(&part.name);
            // What agrees to nine digits is the same number.
            counts[place].1[0] += u64::from(high < score - 1e-9);
            counts[place].1[1] += u64::from(low > score + 1e-9);
        }
        if repeat % EVERY == 0 {
            let Some((low, high)) = percentile(&verdicts[0], repeat) else { continue };
            others += 1;
            let score = made.truth("Average");
            other_misses += u64::from(low > score || high < score);
            widths[0] += task.headline.high.unwrap_or(0.0) - task.headline.low.unwrap_or(0.0);
            widths[1] += high - low;
        }
    }
    let percent = |count: u64| 100.0 * count as f64 / repeats as f64;
    let last = counts.len().saturating_sub(1);
    for (place, (name, [below, above])) in counts.into_iter().enumerate() {
        let ids = if grouping == Grouping::Single { "single" } else { "clustered" };
        let beside = if place == last {
            let covered = 100.0 - 100.0 * other_misses as f64 / others as f64;
            format!("{covered:5.1}%  {:5.2}", widths[0] / widths[1])
        } else {
            String::new()
        };
        println!(
            "{folder:7} {records:4} {ids:9} {name:10} {:6.3}  {:5.1}% ({:4.1}%, {:4.1}%)      {beside}",
            made.truth(name),
            100.0 - percent(below + above),
            percent(below),
            percent(above),
        );
    }
}

/// What the number of a random part says of that of the whole, and of the truth behind both.
fn random_part(folder: Folder, share: f64, score: f64, repeats: u64) {
    let records = formal_records(folder);
    let made = Made { folder, records, grouping: Grouping::Clustered, score };
    let (mut sum, mut squares, mut whole_held, mut truth_held, mut width) = (0.0, 0.0, 0, 0, 0.0);
    for repeat in 0..repeats {
        let whole = made.verdicts(repeat / 10, 0, 0.0);
        let part = drawn(&whole, share, repeat);
        let (Some((all, ..)), Some((value, low, high))) = (headline(&whole), headline(&part))
        else {
            return;
        };
        sum += value - all;
        squares += (value - all).powi(2);
        whole_held += u64::from((low..=high).contains(&all));
        truth_held += u64::from((low..=high).contains(&made.truth("Average")));
        width += high - low;
    }
    let count = repeats as f64;
    let mean = sum / count;
    let error = ((squares / count - mean * mean) / count).sqrt();
    let percent = |held: u64| 100.0 * held as f64 / count;
    println!(
        "{folder:7} {share:5}  {score:5}  {:+.2} +- {:.2} points  {:10.1}%  {:10.1}%  {:6.1}",
        100.0 * mean,
        200.0 * error,
        percent(whole_held),
        percent(truth_held),
        100.0 * width / count
    );
}

/// The verdicts as a run leaves them that asked a random share of the ids.
fn drawn(whole: &FolderVerdicts, share: f64, seed: u64) -> FolderVerdicts {
    let mut part = whole.clone();
    let count = part.clusters.len();
    let mut stream = StreamKey::new(seed, "subset").stream(0);
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        let choices = NonZeroU32::MIN.saturating_add(last as u32);
        order.swap(last, stream.below(choices) as usize);
    }
    let left_out = &order[(share * count as f64).round() as usize..];
    for record in part.records.iter_mut().filter(|r| left_out.contains(&r.cluster.0)) {
        (record.outcome, record.parts) = (VerdictOutcome::NotPlanned, None);
        part.extent.planned -= 1;
        part.extent.asked -= 1;
    }
    part.extent.is_drawn = true;
    part
}

/// The number of a task with its interval.
fn headline(verdicts: &FolderVerdicts) -> Option<(f64, f64, f64)> {
    let verdicts = std::slice::from_ref(verdicts);
    let found = estimate(&[("model", verdicts)], GuessBaselines::embedded()).ok()?;
    let headline = found.first()?.tasks.first()?.headline;
    Some((headline.value?, headline.low?, headline.high?))
}

/// Parts that are made the same as another one.
fn is_alike(name: &str) -> bool {
    ["Recall@3", "sbert_sim", "fer", "fense"].contains(&name)
}

/// Names of parts are constants of the library; reports own theirs.
fn leak(name: &str) -> &'static str {
    ["score", "Semantic", "Instance", "Average", "mIoU", "Recall@1", "F1_score", "average"]
        .into_iter()
        .find(|known| *known == name)
        .unwrap_or("?")
}

/// The percentile interval of the headline over 1,000 resamples of ids.
fn percentile(folder: &FolderVerdicts, seed: u64) -> Option<(f64, f64)> {
    let mut sums = vec![Tally::new(folder.folder.family()); folder.clusters.len()];
    for record in &folder.records {
        sums[record.cluster.0].add(1.0, record.parts.as_ref()?);
    }
    let clusters = Clusters::singletons(sums.len()).ok()?;
    let stratum = Stratum::new(seed, folder.folder.name(), clusters);
    let mut draw = Draw::default();
    let mut values = Vec::with_capacity(1000);
    for resample in 0..1000 {
        stratum.draw(resample, &mut draw);
        let mut total = Tally::new(folder.folder.family());
        for (sums, &weight) in sums.iter().zip(draw.per_cluster()).filter(|(_, w)| **w > 0) {
            total.add_tally(f64::from(weight), sums);
        }
        values.push(total.score(1.0)?.headline());
    }
    percentile_interval(&values, 0.95).ok().map(|interval| (interval.low, interval.high))
}

/// A full benchmark in two modes.
fn cost() {
    let verdicts = model(&[0.6; Task::ALL.len()], 9, 0, 0.0);
    let records: usize = verdicts.iter().map(|folder| folder.records.len()).sum();
    let sets = [("official", verdicts.as_slice()), ("strict", verdicts.as_slice())];
    let start = Instant::now();
    let found = estimate(&sets, GuessBaselines::embedded()).map_or(0, |estimates| estimates.len());
    println!("{records} formal records, {found} modes: {:.3?}", start.elapsed());
}
