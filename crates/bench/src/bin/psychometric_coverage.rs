//! How often the 95% interval of a threshold holds the true one when a model of known thresholds
//! answers a sweep: from answers as text, through strict judging, to curves.
//!
//!     cargo run --release -p avibench-bench --bin psychometric_coverage [repeats [name]]
//!
//! The model senses a stimulus with a probability that is logistic in its intensity, and answers
//! rightly then; else it guesses, drawing from the answers that the stimulus leaves possible. Trials
//! are as many as in a sweep of the given scale. Where these answers are fewer than the options, the
//! study is also run on data that do not name them, as sets of generators before 0.2.0. The last
//! column is a model that only guesses: how often it gets a threshold or an interval.

use avibench_protocol::{Folder, Position, Record, Sample};
use avibench_score::{Attempts, Captions, PsychometricCurve, judge_strict_by_rules, psychometrics};
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
    /// The answers that a stimulus with this right answer leaves possible.
    leaves: fn(&Study, &str, &mut Stream) -> Vec<String>,
    /// Whether data.json names them.
    is_named: bool,
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
    leaves: |study, _, _| owned(study.truths.iter().copied().chain(study.nothing)),
    is_named: true,
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

/// Which of three figures is the largest: a row or a column is seen, the option list holds both.
const LARGER: Study = Study {
    name: "larger one, 3 of 5",
    folder: Folder::VsqaI,
    options: Some("get_from_space_easy_area"),
    truths: &["the right one", "the left one", "the middle one", "the bottom one", "the top one"],
    range: [1.05, 2.6],
    records: 24,
    leaves: |_, truth, stream| {
        let is_row = match truth {
            "the left one" | "the right one" => true,
            "the middle one" => stream.unit() < 0.5,
            _ => false,
        };
        let ends = if is_row {
            ["the left one", "the right one"]
        } else {
            ["the top one", "the bottom one"]
        };
        owned(ends.into_iter().chain(["the middle one"]))
    },
    ..ORDER
};

const OBJECTS: &[&str] = &["cube", "pyramid", "cone", "sphere"];
const COLOURS: &[&str] = &["red", "blue", "white", "black", "gray", "green"];

/// Which of four solids sounds loudest.
const LOUDEST: Study = Study {
    name: "loudest object, 4 of 5",
    folder: Folder::Avsqa,
    options: Some("avsqa_options_list_object"),
    truths: OBJECTS,
    range: [1.0, 18.0],
    records: 24,
    ..ORDER
};

/// What colour is the loudest of four solids: four colours are seen, the option list holds six.
const LOUDEST_COLOUR: Study = Study {
    name: "loudest colour, 4 of 7",
    options: Some("avsqa_options_list_color"),
    truths: COLOURS,
    leaves: |_, truth, stream| shown(&[truth], stream),
    ..LOUDEST
};

/// Which of the four solids sound at all: sets of one to three of them.
const SOUNDING_COLOURS: Study = Study {
    name: "sounding colours, sets",
    truths: &[
        "red",
        "blue",
        "white",
        "black",
        "gray",
        "green",
        "red;blue",
        "white;black",
        "gray;green",
        "red;gray",
        "blue;white",
        "black;green",
        "red;blue;white",
        "black;gray;green",
        "red;white;gray",
        "blue;black;green",
    ],
    leaves: |_, truth, stream| sets(&shown(&truth.split(';').collect::<Vec<_>>(), stream)),
    range: [100.0, 560.0],
    ..LOUDEST_COLOUR
};

const STUDIES: [Study; 16] = [
    LARGER,
    Study { name: "larger one, unnamed", is_named: false, ..LARGER },
    LOUDEST,
    Study { name: "loudest object, unnamed", is_named: false, ..LOUDEST },
    LOUDEST_COLOUR,
    Study { name: "loudest colour, unnamed", is_named: false, ..LOUDEST_COLOUR },
    SOUNDING_COLOURS,
    Study { name: "sounding colours, unnamed", is_named: false, ..SOUNDING_COLOURS },
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

/// Four colours with the named ones among them, in the order of the list.
fn shown(named: &[&str], stream: &mut Stream) -> Vec<String> {
    let mut colours: Vec<(bool, f64, &str)> =
        COLOURS.iter().map(|&c| (!named.contains(&c), stream.unit(), c)).collect();
    colours.sort_by(|a, b| a.partial_cmp(b).expect("finite draws"));
    let four: Vec<&str> = colours[..4].iter().map(|&(_, _, colour)| colour).collect();
    owned(COLOURS.iter().copied().filter(|colour| four.contains(colour)))
}

/// Sets of one to three of some words.
fn sets(words: &[String]) -> Vec<String> {
    (1_u32..1 << words.len())
        .filter(|set| set.count_ones() <= 3)
        .map(|set| {
            let members: Vec<&str> =
                (0..words.len()).filter(|i| set >> i & 1 == 1).map(|i| words[i].as_str()).collect();
            members.join(";")
        })
        .collect()
}

fn owned<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    words.map(str::to_owned).collect()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let repeats: u64 = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(1000);
    let wanted = arguments.next().unwrap_or_default();
    println!(
        "                          scale trials | covered below above | none  step | width | guesser"
    );
    for study in STUDIES.iter().filter(|study| study.name.contains(&wanted)) {
        for scale in [1, 4, 12] {
            study.run(scale, repeats);
        }
    }
}

/// What many repeats of a study come to.
#[derive(Default)]
struct Counts {
    covered: u64,
    below: u64,
    above: u64,
    none: u64,
    step: u64,
    width: f64,
}

impl Study {
    /// Prints the line of a scale.
    fn run(&self, scale: usize, repeats: u64) {
        let key = StreamKey::new(1, &format!("{} {} {scale}", self.name, self.folder));
        let truth = self.at(self.threshold);
        let ends = [self.range[0].min(self.range[1]), self.range[0].max(self.range[1])];
        let mut counts = Counts::default();
        let (mut trials, mut lucky) = (0, 0);
        for repeat in 0..repeats {
            let stream = &mut key.stream(repeat);
            let curve = self.curve(scale * self.records, true, stream);
            trials = curve.trials;
            counts.add(&curve, truth, ends);
            let guessed = self.curve(scale * self.records, false, stream);
            lucky += u64::from(guessed.threshold.is_some());
        }
        let fitted = repeats - counts.none;
        let percent = |count: u64, of: u64| 100.0 * count as f64 / of.max(1) as f64;
        println!(
            "{:25} {scale:5} {trials:6} | {:6.1}% {:4.1}% {:4.1}% | {:4.1}% {:4.1}% | {:5.2} | {:6.1}%",
            self.name,
            percent(counts.covered, fitted),
            percent(counts.below, fitted),
            percent(counts.above, fitted),
            percent(counts.none, repeats),
            percent(counts.step, repeats),
            counts.width / fitted.max(1) as f64,
            percent(lucky, repeats),
        );
    }

    /// The intensity at a share of the range, from hard to easy.
    fn at(&self, share: f64) -> f64 {
        self.range[0] + share * (self.range[1] - self.range[0])
    }

    /// One model that answers one set. Without `can_sense` it only guesses.
    fn curve(&self, records: usize, can_sense: bool, stream: &mut Stream) -> PsychometricCurve {
        let (mut samples, mut slots) = (Vec::new(), Vec::new());
        let answers: Vec<&str> = self.truths.iter().copied().chain(self.nothing).collect();
        for number in 0..records {
            let truth = answers[number % answers.len()];
            let is_catch = Some(truth) == self.nothing;
            let share = stream.unit();
            let possible = (self.leaves)(self, truth, stream);
            let intensity = if is_catch { 0.0 } else { self.at(share) };
            let sample = self.sample(number, truth, intensity, &possible);
            samples.push(sample.expect("a sample as data sets have it"));
            let logit = self.slope * (share - self.threshold);
            let senses = can_sense && !is_catch && stream.unit() < 1.0 / (1.0 + (-logit).exp());
            let slips = stream.unit() < self.lapse;
            let is_cautious = stream.unit() < self.caution;
            let guess = match self.nothing {
                Some(nothing) if is_cautious => nothing,
                Some(_) => one_of(self.truths, stream),
                None => one_of(&possible, stream),
            };
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
        let attempts = Attempts::of_slots(&samples, &slots);
        let captions = Captions::Rated(&[]);
        let verdicts = judge_strict_by_rules(self.folder, &samples, &slots, &attempts, captions);
        let found = psychometrics(&[(&samples, &verdicts)]).expect("usable intensities");
        found.expect("intensities").curves.swap_remove(0)
    }

    fn sample(
        &self,
        number: usize,
        truth: &str,
        intensity: f64,
        possible: &[String],
    ) -> Result<Sample, avibench_protocol::SampleError> {
        let easier = if self.range[0] > self.range[1] { json!("lower") } else { Value::Null };
        let record = json!({"id": number.to_string(),
            "input": {"question": {"text": "?", "options": self.options}},
            "output": {"question_answer": truth},
            "stimulus": {"kind": "kind", "intensity": intensity, "unit": "unit",
                "catch": Some(truth) == self.nothing, "easier": easier,
                "alternatives": self.is_named.then_some(possible)}});
        Sample::from_json(self.folder, Position(number), &record)
    }
}

fn one_of<'a, T: AsRef<str>>(answers: &'a [T], stream: &mut Stream) -> &'a str {
    let place = (stream.unit() * answers.len() as f64) as usize;
    answers[place.min(answers.len() - 1)].as_ref()
}

impl Counts {
    /// Counts a curve whose true threshold is `truth`, tested between two intensities.
    fn add(&mut self, curve: &PsychometricCurve, truth: f64, [lowest, highest]: [f64; 2]) {
        let Some(threshold) = curve.threshold else {
            self.none += 1;
            return;
        };
        self.step += u64::from(threshold.intensity.is_none());
        let low = threshold.low.unwrap_or(lowest);
        let high = threshold.high.unwrap_or(highest);
        self.below += u64::from(high < truth);
        self.above += u64::from(low > truth);
        self.covered += u64::from(low <= truth && truth <= high);
        self.width += (high - low) / (highest - lowest);
    }
}
