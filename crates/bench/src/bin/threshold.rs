//! How often the 95% interval of a psychometric threshold holds the true one.
//!
//!     cargo run --release -p avibench-bench --bin threshold [repeats]

use avibench_statistics::{
    Clusters, Direction, Fit, NoThreshold, PsychometricModel, StreamKey, Trial, threshold,
};

fn main() {
    let repeats: u32 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1000);
    println!(
        "trials chance slope place spread | covered below above  open  steep none | mean width"
    );
    for trials in [50, 100, 200] {
        for chance in [0.25, 0.5] {
            // Slope in logits over the tested range of 10 units; threshold at 5 or 3.5.
            for (slope, place, grid) in [
                (0.8, 5.0, false),
                (1.6, 5.0, false),
                (1.6, 5.0, true),
                (1.6, 3.5, false),
                (4.0, 5.0, false),
            ] {
                study(repeats, trials, chance, slope, place, grid);
            }
        }
    }
}

fn study(repeats: u32, trials: u32, chance: f64, slope: f64, place: f64, grid: bool) {
    let truth = PsychometricModel { intercept: -slope * place, slope, lapse: 0.0 };
    let key = StreamKey::new(1, &format!("{trials} {chance} {slope} {place} {grid}"));
    let [mut covered, mut below, mut above, mut open, mut separable, mut none] = [0_u32; 6];
    let mut width = 0.0;
    for repeat in 0..repeats {
        let mut stream = key.stream(u64::from(repeat));
        let sample: Vec<Trial> = (0..trials)
            .map(|trial| {
                let intensity =
                    if grid { f64::from(trial % 10) * 10.0 / 9.0 } else { 10.0 * stream.unit() };
                let right = stream.unit() < truth.probability(intensity, chance);
                Trial { intensity, chance, right }
            })
            .collect();
        let clusters = Clusters::singletons(sample.len()).expect("few trials");
        let fit = threshold(&sample, Direction::Rising, 0.0, &clusters).expect("valid trials");
        let (low, high) = match fit {
            Fit::Threshold(found) => (found.low, found.high),
            Fit::None(NoThreshold::Separable { low, high, .. }) => {
                separable += 1;
                (low, high)
            }
            Fit::None(_) => {
                none += 1;
                continue;
            }
        };
        open += u32::from(low.is_none() || high.is_none());
        let (low, high) = (low.unwrap_or(0.0), high.unwrap_or(10.0));
        width += high - low;
        below += u32::from(place < low);
        above += u32::from(place > high);
        covered += u32::from(low <= place && place <= high);
    }
    let fitted = f64::from(repeats - none).max(1.0);
    let percent = |count: u32| 100.0 * f64::from(count) / fitted;
    println!(
        "{trials:6} {chance:6.2} {slope:5.1} {place:5.1} {:>6} | {:6.1}% {:4.1}% {:4.1}% {:4.1}% {:4.1}% {:4.1}% | {:.2}",
        if grid { "grid" } else { "even" },
        percent(covered),
        percent(below),
        percent(above),
        percent(open),
        100.0 * f64::from(separable) / f64::from(repeats),
        100.0 * f64::from(none) / f64::from(repeats),
        width / fitted,
    );
}
