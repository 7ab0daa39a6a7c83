//! How often the 95% interval of a threshold holds the true one when a model of known thresholds
//! answers a sweep: from answers as text, through strict judging, to curves.
//!
//!     cargo run --release -p avibench-score --example psychometric_coverage [repeats]
//!
//! The model senses a stimulus with a probability that is logistic in its intensity, and answers
//! rightly then; else it guesses. Trials are as many as in a sweep of the given scale.

use avibench_protocol::{Folder, Position, Record, Sample};
use avibench_score::{Captions, PsychometricCurve, judge_strict, psychometrics};
use avibench_statistics::{Stream, StreamKey};
use serde_json::{Value, json};

/// What is asked, and of whom.
struct Study {
    name: &'static str,
    folder: Folder,
    options: Option<&'static str>,
    /// Answers that are right where there is something to sense.
    truths: &'static [&'static str],
    /// The answer that is right where there is nothing.
    nothing: Option<&'static str>,
    /// Intensities from the hardest to the easiest.
    range: [f64; 2],
    /// Records of the kind in a full set.
    records: usize,
    /// The true threshold, as a share of the range.
    threshold: f64,
    /// The rise of the logit over the whole range.
    slope: f64,
    /// In doubt, how often `nothing` is answered.
    caution: f64,
    /// How often an answer fails whatever the intensity.
    lapse: f64,
}

const COUNTS: &[&str] = &["1", "2", "3", "4", "5", "6", "7", "8", "9"];

const ORDER: Study = Study {
    name: "order, guesses evenly",
    folder: Folder::Asqa,
    options: Some("options_sound_order"),
    truths: &["sound", "noise"],
    nothing: None,
    range: [15.0, 600.0],
    records: 63,
    threshold: 0.45,
    slope: 12.0,
    caution: 0.0,
    lapse: 0.0,
};

const VOLUME: Study = Study {
    name: "volume, guesses evenly",
    options: Some("options_sound_volume"),
    truths: &["first", "last"],
    nothing: Some("same"),
    range: [0.5, 24.0],
    caution: 1.0 / 3.0,
    ..ORDER
};

const STUDIES: [Study; 8] = [
    ORDER,
    Study { name: "order, one slip in 25", lapse: 0.04, ..ORDER },
    VOLUME,
    Study { name: "volume, `same` in doubt", caution: 0.9, ..VOLUME },
    Study { name: "volume, never `same`", caution: 0.0, ..VOLUME },
    Study { name: "volume, shallow", slope: 7.0, ..VOLUME },
    Study {
        name: "blur, half cautious",
        folder: Folder::VsqaI,
        options: Some("get_from_image_binary"),
        truths: &["no"],
        nothing: Some("yes"),
        range: [0.3, 9.0],
        caution: 0.6,
        ..ORDER
    },
    Study {
        name: "counting, less is easier",
        folder: Folder::VsqaV,
        options: None,
        truths: COUNTS,
        range: [2.0, 0.02],
        threshold: 0.6,
        ..ORDER
    },
];

fn main() {
    let repeats: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1000);
    println!("                          scale trials | covered below above | none step | width");
    let mut all = [0; 2];
    for study in &STUDIES {
        for scale in [1, 4] {
            let [covered, fitted] = study.run(scale, repeats);
            if study.lapse == 0.0 {
                all[0] += covered;
                all[1] += fitted;
            }
        }
    }
    println!("all without slips: {:.1}% covered", 100.0 * all[0] as f64 / all[1].max(1) as f64);
}

impl Study {
    /// Prints the line of a scale; gives how many intervals hold the truth, of how many.
    fn run(&self, scale: usize, repeats: u64) -> [u64; 2] {
        let key = StreamKey::new(1, &format!("{} {scale}", self.name));
        let truth = self.at(self.threshold);
        let (low_end, high_end) =
            (self.range[0].min(self.range[1]), self.range[0].max(self.range[1]));
        let [mut covered, mut below, mut above, mut none, mut step, mut trials] = [0_u64; 6];
        let mut width = 0.0;
        for repeat in 0..repeats {
            let curve = self.curve(scale * self.records, &mut key.stream(repeat));
            trials = curve.trials as u64;
            let Some(threshold) = curve.threshold else {
                none += 1;
                continue;
            };
            step += u64::from(threshold.intensity.is_none());
            let low = threshold.low.unwrap_or(low_end);
            let high = threshold.high.unwrap_or(high_end);
            below += u64::from(high < truth);
            above += u64::from(low > truth);
            covered += u64::from(low <= truth && truth <= high);
            width += (high - low) / (high_end - low_end);
        }
        let fitted = repeats - none;
        let percent = |count: u64, of: u64| 100.0 * count as f64 / of.max(1) as f64;
        println!(
            "{:25} {scale:5} {trials:6} | {:6.1}% {:4.1}% {:4.1}% | {:4.1}% {:4.1}% | {:.2}",
            self.name,
            percent(covered, fitted),
            percent(below, fitted),
            percent(above, fitted),
            percent(none, repeats),
            percent(step, repeats),
            width / fitted.max(1) as f64,
        );
        [covered, fitted]
    }

    /// The intensity at a share of the range, from hard to easy.
    fn at(&self, share: f64) -> f64 {
        self.range[0] + share * (self.range[1] - self.range[0])
    }

    /// One model that answers one set.
    fn curve(&self, records: usize, stream: &mut Stream) -> PsychometricCurve {
        let (mut samples, mut slots) = (Vec::new(), Vec::new());
        let answers: Vec<&str> = self.truths.iter().copied().chain(self.nothing).collect();
        for number in 0..records {
            let truth = answers[number % answers.len()];
            let is_catch = Some(truth) == self.nothing;
            let share = stream.unit();
            let sample = self.sample(number, truth, is_catch, self.at(share));
            samples.push(sample.expect("a sample as data sets have it"));
            let logit = self.slope * (share - self.threshold);
            let senses = !is_catch && stream.unit() < 1.0 / (1.0 + (-logit).exp());
            let slips = stream.unit() < self.lapse;
            let guess = if stream.unit() < self.caution { self.nothing } else { None };
            let place = (stream.unit() * self.truths.len() as f64) as usize;
            let guess = guess.unwrap_or(self.truths[place.min(self.truths.len() - 1)]);
            let answer = match (senses, slips) {
                (_, true) => "i dont know",
                (true, false) => truth,
                (false, false) => guess,
            };
            slots.push(Some(Record {
                task: Value::Null,
                subtask: Value::Null,
                id: json!(number.to_string()),
                predict: json!(answer),
            }));
        }
        let verdicts = judge_strict(self.folder, &samples, &slots, Captions::Rated(&[]));
        let found = psychometrics(&[(&samples, &verdicts)]).expect("finite intensities");
        found.expect("intensities").curves.swap_remove(0)
    }

    fn sample(
        &self,
        number: usize,
        truth: &str,
        is_catch: bool,
        intensity: f64,
    ) -> Result<Sample, avibench_protocol::SampleError> {
        let intensity = if is_catch { 0.0 } else { intensity };
        let easier = if self.range[0] > self.range[1] { json!("lower") } else { Value::Null };
        let record = json!({"id": number.to_string(),
            "input": {"question": {"text": "?", "options": self.options}},
            "output": {"question_answer": truth},
            "stimulus": {"kind": "kind", "intensity": intensity, "unit": "unit",
                "catch": is_catch, "easier": easier}});
        Sample::from_json(self.folder, Position(number), &record)
    }
}
