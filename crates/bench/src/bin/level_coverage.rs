//! How often nominal 95% intervals of stages, Overall and levels hold the true value, beside the
//! percentile bootstrap on the same data.
//!
//!     cargo run --release -p avibench-bench --bin level_coverage [models, 2000] [scenario]
//!
//! Four scenarios of true task scores: any; all near each other; all four equalities at which a
//! level has a kink; ear below eye. About half a minute on one core.

#[expect(dead_code, reason = "shared with programs that use the rest of it")]
#[path = "../../../score/tests/made/mod.rs"]
mod made;

use avibench_protocol::{Stage, Task};
use avibench_score::{
    Estimate, Estimates, FolderVerdicts, GuessBaselines, Headlines, Levels, Tally, estimate,
};
use avibench_statistics::{Clusters, Draw, Stratum, Stream, StreamKey, percentile_interval};
use made::{Truth, model};

/// True scores of a random model.
type Scenario = fn(&mut Stream) -> Truth;

/// What is watched, in this order.
const NAMES: [&str; 9] =
    ["perception", "understand", "reasoning", "sensation", "overall", "l1", "l2", "l3", "l4"];
/// The percentile bootstrap costs most of the time, so only every so many models get one.
const EVERY: u64 = 5;

#[derive(Default, Clone, Copy)]
struct Count {
    models: u64,
    below: u64,
    above: u64,
    width: f64,
}

fn main() {
    let models: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(2000);
    println!("scenario     number      covered (below, above)  percentile  width ratio");
    let scenarios: [(&str, Scenario); 4] =
        [("random", random), ("near kinks", near), ("on kinks", on), ("weak hearing", weak)];
    let wanted = std::env::args().nth(2);
    for (name, scenario) in scenarios {
        if wanted.as_ref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        study(name, scenario, models);
    }
}

fn study(name: &str, scenario: Scenario, models: u64) {
    let key = StreamKey::new(11, name);
    let (mut ours, mut theirs) = ([Count::default(); 9], [Count::default(); 9]);
    let mut same_data = [0.0; 9];
    for number in 0..models {
        let truth = scenario(&mut key.stream(number));
        let expected = numbers(&Headlines::from_fn(|task| Some(truth[task as usize])));
        let verdicts = model(&truth, number, 0, 0.0);
        let Ok(found) = estimate(&[("model", &verdicts)], GuessBaselines::embedded()) else {
            return;
        };
        let intervals = NAMES.map(|name| interval(&found[0], name));
        for (place, interval) in intervals.into_iter().enumerate() {
            ours[place].add(interval, expected[place]);
        }
        if number % EVERY == 0 {
            for (place, interval) in percentile(&verdicts, number).into_iter().enumerate() {
                theirs[place].add(interval, expected[place]);
                same_data[place] += intervals[place].map_or(0.0, |(low, high)| high - low);
            }
        }
    }
    for (place, what) in NAMES.into_iter().enumerate() {
        let (own, other) = (ours[place], theirs[place]);
        let percent = |count: u64| 100.0 * count as f64 / own.models as f64;
        println!(
            "{name:12} {what:11} {:5.1}% ({:4.1}%, {:4.1}%)    {:5.1}%    {:5.2}",
            100.0 - percent(own.below + own.above),
            percent(own.below),
            percent(own.above),
            100.0 - 100.0 * (other.below + other.above) as f64 / other.models as f64,
            same_data[place] / other.width,
        );
    }
}

impl Count {
    fn add(&mut self, interval: Option<(f64, f64)>, truth: f64) {
        let Some((low, high)) = interval else { return };
        self.models += 1;
        self.below += u64::from(high < truth);
        self.above += u64::from(low > truth);
        self.width += high - low;
    }
}

fn interval(estimates: &Estimates, name: &str) -> Option<(f64, f64)> {
    let Estimate { low, high, .. } = estimates.above_tasks(name)?;
    low.zip(high)
}

fn numbers(headlines: &Headlines) -> [f64; 9] {
    let levels = Levels::of(headlines, GuessBaselines::embedded());
    let [a, b, c, d] = Stage::ALL.map(|stage| headlines.stage(stage));
    let all = [a, b, c, d, headlines.overall(), levels.l1, levels.l2, levels.l3, levels.l4];
    all.map(|value| value.unwrap_or(f64::NAN))
}

/// Percentile intervals of 400 resamples of the ids of each folder.
fn percentile(verdicts: &[FolderVerdicts], seed: u64) -> [Option<(f64, f64)>; 9] {
    let folders: Vec<(&FolderVerdicts, Vec<Tally>, Stratum)> = verdicts
        .iter()
        .map(|folder| {
            let mut sums = vec![Tally::new(folder.folder.family()); folder.clusters.len()];
            for record in &folder.records {
                if let Some(parts) = &record.parts {
                    sums[record.cluster.0].add(1.0, parts);
                }
            }
            let clusters = Clusters::singletons(sums.len()).expect("few records");
            (folder, sums, Stratum::new(seed, folder.folder.name(), clusters))
        })
        .collect();
    let mut draw = Draw::default();
    let mut columns: [Vec<f64>; 9] = Default::default();
    for resample in 0..400 {
        let mut totals: Vec<(Task, Tally)> = Vec::new();
        for (folder, sums, stratum) in &folders {
            stratum.draw(resample, &mut draw);
            let task = folder.folder.task();
            if totals.last().is_none_or(|(last, _)| *last != task) {
                totals.push((task, Tally::new(task.family())));
            }
            let Some((_, total)) = totals.last_mut() else { continue };
            for (sums, &weight) in sums.iter().zip(draw.per_cluster()) {
                if weight > 0 {
                    total.add_tally(f64::from(weight), sums);
                }
            }
        }
        let headline = |task: Task| {
            let (_, total) = totals.iter().find(|(known, _)| *known == task)?;
            total.score(1.0).map(|score| score.headline())
        };
        for (column, value) in columns.iter_mut().zip(numbers(&Headlines::from_fn(headline))) {
            column.push(value);
        }
    }
    columns.map(|column| {
        percentile_interval(&column, 0.95).ok().map(|interval| (interval.low, interval.high))
    })
}

/// Each task anywhere between 0.15 and 0.9.
fn random(stream: &mut Stream) -> Truth {
    Task::ALL.map(|_| 0.15 + 0.75 * stream.unit())
}

/// All tasks one value between 0.35 and 0.8.
fn near(stream: &mut Stream) -> Truth {
    [0.35 + 0.45 * stream.unit(); Task::ALL.len()]
}

/// As `near`, with AVC and AVQA such that the headroom over guessing is the same in all stages.
fn on(stream: &mut Stream) -> Truth {
    let mut truth = near(stream);
    let guessing = Task::ALL.map(|task| GuessBaselines::embedded().percent(task) / 100.0);
    let headroom = |truth: &Truth, task: Task| {
        let guessing = guessing[task as usize];
        ((truth[task as usize] - guessing) / (1.0 - guessing)).max(0.0)
    };
    let mean = |truth: &Truth, stage: Stage| {
        let tasks: Vec<f64> = stage.tasks().map(|task| headroom(truth, task)).collect();
        tasks.iter().sum::<f64>() / tasks.len() as f64
    };
    let wanted = mean(&truth, Stage::Perception);
    for (task, stage) in [(Task::Avc, Stage::Understand), (Task::Avqa, Stage::Reasoning)] {
        let count = stage.tasks().count() as f64;
        let lacking = count * (wanted - mean(&truth, stage));
        let room = headroom(&truth, task) + lacking;
        let guessing = guessing[task as usize];
        truth[task as usize] = (guessing + room * (1.0 - guessing)).clamp(0.02, 0.98);
    }
    truth
}

/// As `near`, but what is heard 0.2 to 0.35 below.
fn weak(stream: &mut Stream) -> Truth {
    let mut truth = near(stream);
    let gap = 0.2 + 0.15 * stream.unit();
    for task in [Task::Amic, Task::Var, Task::Avh, Task::Asqa] {
        truth[task as usize] = (truth[task as usize] - gap).max(0.02);
    }
    truth
}
