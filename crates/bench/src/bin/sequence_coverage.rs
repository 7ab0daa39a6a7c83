//! How often the bounds of a run that stops when it is sure are wrong at any time, and how much such a run asks.
//!
//!     cargo run --release -p avibench-bench --bin sequence_coverage [runs [half-width in points]]
//!
//! Each run makes a data set of the benchmark's size with the answers of a model, walks along the order until the
//! bounds are narrow enough, and looks at them after every question. Answers come back from 64 requests in flight,
//! wrong ones later than right ones. Beside it stand what a union over the tasks' own bounds asks, and the size at
//! which a normal interval would be narrow enough if the variance were known beforehand.

use std::collections::BinaryHeap;
use std::num::NonZeroU32;
use std::path::PathBuf;

use avibench_protocol::{Family, Folder, FolderData, Position, Sample, Stage, Task};
use avibench_score::{
    BoxesParts, CaptionMeasure, CaptionParts, FramesParts, InstancesParts, MatchParts, Parts,
    RankingParts, SequencePlan, SequenceTarget,
};
use avibench_statistics::{Stream, StreamKey};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use serde_json::{Value, json};

const ALPHA: f64 = 0.05;
/// Requests in flight.
const IN_FLIGHT: usize = 64;

/// How scores are spread over questions.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// Every answer is wholly right or wholly wrong, with even odds.
    Coin,
    /// The same, right nine times in ten; counts are off by little, or rarely by much.
    Strong,
    /// Graded scores between, most of them high; matches are right six times in ten.
    Graded,
    /// Tasks differ: right from three times in ten to nine times; graded scores are often just 0 or 1.
    Mixed,
}

/// What came of one run.
#[derive(Default, Clone, Copy)]
struct Run {
    asked: f64,
    by_union: f64,
    by_fixed_size: f64,
    is_wrong: bool,
    /// How far the first hundred answers that came back are off, and the first hundred of the order.
    came_back: f64,
    in_order: f64,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number =
        |default: f64| arguments.next().map_or(default, |text| text.parse().expect("a number"));
    let runs = number(200.0) as u64;
    let wanted = number(2.0) / 100.0;
    let data: Vec<FolderData> = Folder::ALL.into_iter().map(folder).collect();
    let targets = [
        SequenceTarget::Overall,
        SequenceTarget::Stage(Stage::Perception),
        SequenceTarget::Stage(Stage::Understand),
        SequenceTarget::Task(Task::Amic),
        SequenceTarget::Task(Task::Avqa),
    ];
    println!("{runs} runs each, until +-{} points\n", wanted * 100.0);
    println!(
        "| Score | Scores | Asked | Union asks | Fixed size | Ever wrong | First 100 back | First 100 in order |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for target in targets {
        let plan = SequencePlan::new(target, 1, &data).expect("all folders");
        for shape in [Shape::Coin, Shape::Strong, Shape::Graded, Shape::Mixed] {
            let all: Vec<Run> =
                (0..runs).into_par_iter().map(|seed| run(&plan, shape, seed, wanted)).collect();
            let mean = |of: fn(&Run) -> f64| all.iter().map(of).sum::<f64>() / all.len() as f64;
            println!(
                "| {target} | {shape:?} | {:.1}% | {:.1}% | {:.1}% | {:.2}% | {:+.1} | {:+.1} |",
                100.0 * mean(|run| run.asked),
                100.0 * mean(|run| run.by_union),
                100.0 * mean(|run| run.by_fixed_size),
                100.0 * mean(|run| f64::from(u8::from(run.is_wrong))),
                100.0 * mean(|run| run.came_back),
                100.0 * mean(|run| run.in_order),
            );
        }
    }
}

/// One model on one data set, asked until the bounds are narrow enough.
fn run(plan: &SequencePlan, shape: Shape, seed: u64, wanted: f64) -> Run {
    let mut stream = StreamKey::new(seed, &format!("{} {shape:?}", plan.target())).stream(0);
    let units = plan.units();
    // Questions are alike, so that their values in any order are those in a random order.
    let parts: Vec<Parts> =
        units.iter().map(|unit| record(unit.folder.task(), shape, &mut stream)).collect();
    let mut whole = plan.walk(ALPHA, wanted).expect("settings");
    units.iter().zip(&parts).for_each(|(unit, parts)| whole.step(unit, Some(parts)));
    let truth = whole.estimate().expect("everything was taken");

    // Requests that are in flight end in their own time, wrong ones later.
    let mut took = StreamKey::new(seed, "latency").stream(0);
    let mut latency = |parts: &Parts| {
        let milliseconds = 200.0 + 400.0 * took.unit() + 3_000.0 * (1.0 - parts.score());
        milliseconds as u64
    };
    let mut walk = plan.walk(ALPHA, wanted).expect("settings");
    let mut flying = BinaryHeap::new();
    let (mut sent, mut now) = (0, 0);
    let mut is_back = vec![false; units.len()];
    let mut back = Vec::new();
    let mut run = Run { asked: 1.0, ..Run::default() };
    'asking: while walk.counted() < units.len() {
        while flying.len() < IN_FLIGHT && sent < units.len() {
            flying.push(std::cmp::Reverse((now + latency(&parts[sent]), sent)));
            sent += 1;
        }
        let Some(std::cmp::Reverse((ended, at))) = flying.pop() else { break };
        now = ended;
        is_back[at] = true;
        back.push(at);
        // Only what has come back without a gap counts.
        while walk.counted() < units.len() && is_back[walk.counted()] {
            let at = walk.counted();
            walk.step(&units[at], Some(&parts[at]));
            let (low, high) = walk.bounds();
            run.is_wrong |= low > truth + 1e-9 || high < truth - 1e-9;
            if high - low <= 2.0 * wanted {
                run.asked = walk.counted() as f64 / units.len() as f64;
                break 'asking;
            }
        }
    }
    let off = |taken: &mut dyn Iterator<Item = usize>| {
        let scores: Vec<f64> = taken.take(100).map(|at| parts[at].score()).collect();
        let of_all = parts.iter().map(Parts::score).sum::<f64>() / parts.len() as f64;
        scores.iter().sum::<f64>() / scores.len() as f64 - of_all
    };
    run.came_back = off(&mut back.iter().copied());
    run.in_order = off(&mut (0..parts.len()));
    run.by_union = by_union(plan, &parts, wanted);
    run.by_fixed_size = by_fixed_size(plan, &parts, wanted);
    run
}

/// The share of questions after which the weighted sum of the tasks' own bounds is narrow enough, each with
/// its share of the probability of error.
fn by_union(plan: &SequencePlan, parts: &[Parts], wanted: f64) -> f64 {
    let tasks: Vec<Task> = plan.target().tasks().collect();
    let data: Vec<FolderData> = Folder::ALL.into_iter().map(folder).collect();
    let alone: Vec<SequencePlan> = tasks
        .iter()
        .map(|task| SequencePlan::new(SequenceTarget::Task(*task), 1, &data).expect("its folders"))
        .collect();
    let alpha = ALPHA / tasks.len() as f64;
    let mut walks: Vec<_> = alone.iter().map(|of| of.walk(alpha, wanted).expect("valid")).collect();
    let mut width: Vec<f64> = tasks.iter().map(|task| plan.target().weight(*task)).collect();
    for (i, (unit, parts)) in plan.units().iter().zip(parts).enumerate() {
        let task = unit.folder.task();
        let Some(at) = tasks.iter().position(|of| *of == task) else { continue };
        walks[at].step(&alone[at].units()[0], Some(parts));
        if i % 16 == 0 {
            for (width, (walk, task)) in width.iter_mut().zip(walks.iter_mut().zip(&tasks)) {
                let (low, high) = walk.bounds();
                *width = plan.target().weight(*task) * (high - low);
            }
            if width.iter().sum::<f64>() <= 2.0 * wanted {
                return (i + 1) as f64 / parts_len(plan);
            }
        }
    }
    1.0
}

fn parts_len(plan: &SequencePlan) -> f64 {
    plan.units().len() as f64
}

/// The share of every task at which 1.96 standard errors with the finite-set correction are the width wanted. A
/// curved part is taken to first order, through the change of the score when a record is counted once more.
fn by_fixed_size(plan: &SequencePlan, parts: &[Parts], wanted: f64) -> f64 {
    let mut variance = 0.0;
    for task in plan.target().tasks() {
        let of_task: Vec<&Parts> = plan
            .units()
            .iter()
            .zip(parts)
            .filter(|(unit, _)| unit.folder.task() == task)
            .map(|(_, parts)| parts)
            .collect();
        let mut all = avibench_score::Tally::new(task.family());
        for parts in &of_task {
            all.add(1.0, parts);
        }
        let whole = all.score(1.0).expect("records").headline();
        let step = 1e-3;
        for parts in &of_task {
            let mut more = all;
            more.add(step, parts);
            let influence = (more.score(1.0).expect("records").headline() - whole) / step;
            variance += (plan.target().weight(task) * influence).powi(2);
        }
    }
    // v (1 - f) / f z^2 = W^2.
    let needed = 1.96_f64.powi(2) * variance;
    needed / (wanted * wanted + needed)
}

/// A record of a task.
fn record(task: Task, shape: Shape, stream: &mut Stream) -> Parts {
    let often = [0.3, 0.5, 0.7, 0.9][task as usize % 4];
    let score = match (shape, task.family()) {
        (Shape::Coin, _) => f64::from(u8::from(stream.unit() < 0.5)),
        (Shape::Strong, _) => f64::from(u8::from(stream.unit() < 0.9)),
        (Shape::Graded, Family::FullMatch | Family::SetMatch) => {
            f64::from(u8::from(stream.unit() < 0.6))
        }
        (Shape::Graded, _) => stream.unit().max(stream.unit()).powf(0.7),
        (Shape::Mixed, Family::FullMatch | Family::SetMatch) => {
            f64::from(u8::from(stream.unit() < often))
        }
        (Shape::Mixed, _) => match stream.unit() {
            luck if luck < 0.4 * (1.0 - often) => 0.0,
            luck if luck > 1.0 - 0.5 * often => 1.0,
            _ => stream.unit(),
        },
    };
    // Count errors go with the score: none in a right record, all missed in a wrong one; or small ones, and few large.
    let mut error = |worst: f64| match shape {
        Shape::Coin => worst * (1.0 - score),
        Shape::Strong if stream.unit() < 0.05 => worst * stream.unit(),
        Shape::Strong => f64::from(stream.below(NonZeroU32::MIN.saturating_add(2))) / 3.0,
        Shape::Graded | Shape::Mixed => (worst * 0.6 * (1.0 - score) * stream.unit()).min(worst),
    };
    match task.family() {
        Family::FullMatch | Family::SetMatch => Parts::Match(MatchParts { correct: score > 0.5 }),
        Family::FrameBoxes => Parts::Frames(FramesParts { iou: score }),
        Family::Instances => {
            let worst = if task == Task::Vmic { 12.0 } else { 7.0 };
            Parts::Instances(InstancesParts { semantic: score, error: Some(error(worst)) })
        }
        Family::Boxes => {
            Parts::Boxes(BoxesParts { iou: score, category_f1: score, error: error(4.0) })
        }
        Family::Retrieval => {
            Parts::Ranking(RankingParts { hit_at_1: score, hit_at_3: score, f1: score })
        }
        Family::Caption => Parts::Caption(CaptionParts {
            measure: CaptionMeasure::Fense,
            similarity: score,
            fluency_error: false,
            rating: score,
        }),
    }
}

/// A folder of the published size without checks; only that there is a truth matters.
fn folder(folder: Folder) -> FolderData {
    let count = folder.published_records() / if folder.has_checks() { 2 } else { 1 };
    let sample = |i: usize| {
        let truth: Value = match folder.family() {
            Family::FullMatch => json!("yes"),
            Family::SetMatch => json!("red;blue"),
            Family::Instances => json!({"dog": "2"}),
            // Up to four boxes.
            Family::Boxes => {
                let boxes = (0..=i % 4).map(|n| (format!("dog_{n}"), json!([n * 20, 0, 10, 10])));
                let boxes: serde_json::Map<String, Value> = boxes.collect();
                json!({"bbox": boxes, "original_wh": [100, 100]})
            }
            Family::FrameBoxes => {
                json!({"bbox": {"frame_0": [10, 10, 20, 20]}, "original_wh": [100, 100]})
            }
            Family::Retrieval => json!([1]),
            Family::Caption => json!(["A dog barks."]),
        };
        let record = json!({"id": i.to_string(), "input": {"question": {"text": "?"}},
            "output": {"question_answer": truth}});
        Sample::from_json(folder, Position(i), &record).expect("a sample")
    };
    let samples = (0..count).map(sample).collect();
    FolderData { folder, path: PathBuf::new(), samples, sha256: String::new() }
}
