//! How often nominal 95% bootstrap intervals hold the true score, how often 14 Holm-corrected
//! paired tests of two equal models find a difference, and what a full benchmark costs.
//!
//!     cargo run --release -p avibench-statistics --example coverage [repeats]
//!
//! Records come in clusters of one to four that share half of their luck.

use std::num::NonZeroU32;
use std::time::Instant;

use avibench_statistics::{
    Clusters, Draw, PairedDifference, Stratum, Stream, StreamKey, holm, percentile_interval,
    replicate,
};

/// One made-up record: parts of a score.
type Record = [f64; 3];

/// A score over weighted records.
type Score = fn(&[Record], &[u32]) -> f64;

fn main() {
    let repeats: u32 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(2000);
    println!("score                       n   truth  covered  below  above");
    for records in [100, 250, 500] {
        study("accuracy 0.6", repeats, records, |s| bernoulli(s, 0.6), mean);
        study("accuracy 0.9", repeats, records, |s| bernoulli(s, 0.9), mean);
        study("bounded mean (mIoU)", repeats, records, bounded, mean);
        study("1 - tanh(0.3 RMSE)", repeats, records, count_error, rmse);
        study("retrieval, two means x c", repeats, records, retrieval, product);
    }
    family(repeats / 4);
    cost();
}

fn bernoulli(stream: &mut Stream, share: f64) -> Record {
    [f64::from(u8::from(stream.unit() < share)), 0.0, 0.0]
}

/// A third exact zeros (no match), the rest skewed to the right end.
fn bounded(stream: &mut Stream) -> Record {
    let missed = stream.unit() < 0.33;
    let overlap = stream.unit().sqrt();
    [if missed { 0.0 } else { overlap }, 0.0, 0.0]
}

/// Mostly small squared errors of a count, rarely a large one.
fn count_error(stream: &mut Stream) -> Record {
    let error = if stream.unit() < 0.05 { 7.0 } else { (3.0 * stream.unit()).floor() };
    [error * error, 0.0, 0.0]
}

/// Hit at one, F1, and whether the answer is so long that it is cut to 0.3.
fn retrieval(stream: &mut Stream) -> Record {
    let hit = f64::from(u8::from(stream.unit() < 0.5));
    let long = f64::from(u8::from(stream.unit() < 0.1));
    [hit, f64::midpoint(hit, stream.unit()), 1.0 - 0.7 * long]
}

fn weighted(records: &[Record], weights: &[u32], part: usize) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for (record, &weight) in records.iter().zip(weights) {
        sum += f64::from(weight) * record[part];
        total += f64::from(weight);
    }
    sum / total
}

fn mean(records: &[Record], weights: &[u32]) -> f64 {
    weighted(records, weights, 0)
}

fn rmse(records: &[Record], weights: &[u32]) -> f64 {
    1.0 - (0.3 * weighted(records, weights, 0).sqrt()).tanh()
}

fn product(records: &[Record], weights: &[u32]) -> f64 {
    f64::midpoint(weighted(records, weights, 0), weighted(records, weights, 1))
        * weighted(records, weights, 2)
}

/// Records in clusters of one to four; half of them repeat the first of their cluster.
fn sample(
    stream: &mut Stream,
    records: usize,
    make: fn(&mut Stream) -> Record,
) -> (Vec<Record>, Clusters) {
    let four = NonZeroU32::new(4).expect("four is not zero");
    let (mut sample, mut keys) = (Vec::with_capacity(records), Vec::with_capacity(records));
    while sample.len() < records {
        let first = make(stream);
        let key = sample.len();
        for member in 0..=stream.below(four) {
            let own = make(stream);
            sample.push(if member == 0 || stream.unit() < 0.5 { first } else { own });
            keys.push(key);
        }
    }
    (sample, Clusters::from_keys(keys).expect("few records"))
}

fn study(name: &str, repeats: u32, records: usize, make: fn(&mut Stream) -> Record, score: Score) {
    let key = StreamKey::new(1, &format!("{name} {records}"));
    // The truth is the score of very many records.
    let many: Vec<Record> = {
        let mut stream = key.stream(u64::MAX);
        (0..2_000_000).map(|_| make(&mut stream)).collect()
    };
    let truth = score(&many, &vec![1; many.len()]);
    let sides = replicate(repeats, Draw::default, |draw, repeat| {
        let (sample, clusters) = sample(&mut key.stream(u64::from(repeat)), records, make);
        let stratum = Stratum::new(u64::from(repeat), name, clusters);
        let values: Vec<f64> = (0..1000)
            .map(|resample| {
                stratum.draw(resample, draw);
                score(&sample, draw.per_record())
            })
            .collect();
        let interval = percentile_interval(&values, 0.95).expect("finite scores");
        (truth < interval.low, truth > interval.high)
    });
    let share = |count: usize| 100.0 * count as f64 / f64::from(repeats);
    let below = share(sides.iter().filter(|side| side.0).count());
    let above = share(sides.iter().filter(|side| side.1).count());
    println!(
        "{name:25} {records:4}  {truth:.4}   {:5.1}%  {below:4.1}%  {above:4.1}%",
        100.0 - below - above
    );
}

/// Two equally good models on 14 tasks: how often any test is significant.
fn family(repeats: u32) {
    let key = StreamKey::new(2, "family");
    let found = replicate(repeats, Draw::default, |draw, repeat| {
        let mut stream = key.stream(u64::from(repeat));
        let p_values: Vec<f64> = (0..14)
            .map(|task| {
                let make = |s: &mut Stream| bernoulli(s, 0.6);
                let (first, clusters) = sample(&mut stream, 300, make);
                // The second model agrees with the first on some records, by luck on the others.
                let second: Vec<Record> = first
                    .iter()
                    .map(|record| if stream.unit() < 0.5 { *record } else { make(&mut stream) })
                    .collect();
                let stratum = Stratum::new(u64::from(repeat), &format!("task {task}"), clusters);
                let (mut one, mut other) = (Vec::new(), Vec::new());
                for resample in 0..1000 {
                    stratum.draw(resample, draw);
                    one.push(mean(&first, draw.per_record()));
                    other.push(mean(&second, draw.per_record()));
                }
                PairedDifference::new((0.0, &one), (0.0, &other)).expect("finite scores").p
            })
            .collect();
        let raw = p_values.iter().filter(|&&p| p <= 0.05).count();
        (raw, holm(&p_values).iter().any(|&p| p <= 0.05))
    });
    let raw: usize = found.iter().map(|found| found.0).sum();
    let any = found.iter().filter(|found| found.1).count();
    println!(
        "14 paired tests, {repeats} repeats: {:.1}% of single tests, {:.1}% of families after Holm",
        100.0 * raw as f64 / (14.0 * f64::from(repeats)),
        100.0 * any as f64 / f64::from(repeats)
    );
}

/// 15 strata, 5,864 records, two modes, 1,000 resamples.
fn cost() {
    let strata: Vec<(Vec<Record>, Stratum)> = (0..15)
        .map(|task| {
            let records = if task == 0 { 5_864 - 14 * 391 } else { 391 };
            let mut stream = StreamKey::new(3, "cost").stream(task);
            let sample: Vec<Record> = (0..records).map(|_| bounded(&mut stream)).collect();
            let clusters = Clusters::singletons(sample.len()).expect("few records");
            (sample, Stratum::new(3, &task.to_string(), clusters))
        })
        .collect();
    let start = Instant::now();
    let scores = replicate(1000, Draw::default, |draw, resample| {
        let both = |(records, stratum): &(Vec<Record>, Stratum)| {
            stratum.draw(resample, draw);
            [mean(records, draw.per_record()), rmse(records, draw.per_record())]
        };
        strata.iter().map(both).collect::<Vec<[f64; 2]>>()
    });
    println!("{} resamples of 15 strata, two scores each: {:?}", scores.len(), start.elapsed());
}
