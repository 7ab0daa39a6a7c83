//! How well repeats of every question split the variance of a score, and whether what they promise holds.
//!
//!     cargo run --release -p avibench-bench --bin repeat_variance [repeats, 4000]
//!
//! Models with known probabilities answer made questions at the benchmark's sizes several times. Each repeat
//! draws other questions and other answers. Prints the table of docs/statistics.md. About three minutes for 4,000 repeats on one core.

use std::num::NonZeroU32;

use avibench_protocol::{Family, Folder, Position};
use avibench_score::{
    Cluster, EpochVerdicts, Extent, FolderVerdicts, FramesParts, InstancesParts, MatchParts, Parts,
    RankingParts, RepeatedNumber, ScoringRule, VarianceSplit, Verdict, VerdictOutcome,
    repeated_scores,
};
use avibench_statistics::{Stream, StreamKey, normal_upper_quantile};

/// How likely a model is to answer a question rightly.
#[derive(Clone, Copy)]
enum Mix {
    /// Always or never, half of the questions each: answers do not vary.
    Fixed,
    /// Half of the time, every question: questions do not differ.
    Coin,
    /// Beta(2, 1) over questions: two in three on average.
    Beta21,
    /// Uniform between 0.2 and 0.8.
    Uniform,
    /// Beta(1/2, 1/2): mostly nearly always or nearly never.
    BetaHalves,
}

/// What is studied.
#[derive(Clone, Copy)]
struct Study {
    folder: Folder,
    mix: Mix,
    /// Ids of one to four records with one probability, instead of an id each.
    clustered: bool,
    /// Each id has a check, which is right nine times in ten; a wrong one zeroes the id in that epoch.
    checked: bool,
}

const CHECK: f64 = 0.9;
const EPOCHS: [usize; 4] = [2, 3, 5, 10];

fn main() {
    let repeats: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(4000);
    let plain = |folder, mix| Study { folder, mix, clustered: false, checked: false };
    let studies = [
        plain(Folder::Avm, Mix::Fixed),
        plain(Folder::Avm, Mix::Coin),
        plain(Folder::Avm, Mix::Beta21),
        plain(Folder::Avm, Mix::BetaHalves),
        plain(Folder::Avm, Mix::Uniform),
        Study { clustered: true, ..plain(Folder::Avm, Mix::Uniform) },
        Study { clustered: true, checked: true, ..plain(Folder::Avm, Mix::Beta21) },
        plain(Folder::Avlg, Mix::Beta21),
        plain(Folder::Amic, Mix::Beta21),
        plain(Folder::Var, Mix::Beta21),
    ];
    println!(
        "| Folder | Records | Answers | K | Within, true | estimated | In all, true | estimated | Below 0 | \
         Covered | Two runs | Two models |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    for study in studies {
        for epochs in EPOCHS {
            study.run(epochs, repeats);
        }
    }
}

impl Mix {
    const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "0 or 1",
            Self::Coin => "0.5",
            Self::Beta21 => "Beta(2, 1)",
            Self::Uniform => "U(.2, .8)",
            Self::BetaHalves => "Beta(.5, .5)",
        }
    }

    /// The probability of a question.
    fn draw(self, stream: &mut Stream) -> f64 {
        let unit = stream.unit();
        match self {
            Self::Fixed => f64::from(u8::from(unit < 0.5)),
            Self::Coin => 0.5,
            Self::Beta21 => unit.sqrt(),
            Self::Uniform => 0.2 + 0.6 * unit,
            // The arcsine distribution.
            Self::BetaHalves => (std::f64::consts::FRAC_PI_2 * unit).sin().powi(2),
        }
    }
}

/// Made questions: for each record its id and its probability.
type Questions = Vec<(usize, f64)>;

impl Study {
    fn name(self) -> String {
        let more = match (self.clustered, self.checked) {
            (true, true) => ", checks",
            (true, false) => ", ids",
            _ => "",
        };
        format!("{}{more}", self.mix.name())
    }

    fn questions(self, seed: u64) -> Questions {
        let records = formal_records(self.folder);
        let mut stream = StreamKey::new(seed, "questions").stream(0);
        let mut questions = Vec::with_capacity(records);
        let mut id = 0;
        while questions.len() < records {
            let size = if self.clustered {
                1 + stream.below(NonZeroU32::MIN.saturating_add(3))
            } else {
                1
            };
            let probability = self.mix.draw(&mut stream);
            for _ in 0..(size as usize).min(records - questions.len()) {
                questions.push((id, probability));
            }
            id += 1;
        }
        questions
    }

    /// The verdicts of one epoch; `lift` is added to every probability.
    fn epoch(self, questions: &Questions, seed: u64, epoch: usize, lift: f64) -> FolderVerdicts {
        let mut stream = StreamKey::new(seed, "answers").stream(epoch as u64);
        let ids = questions.last().map_or(0, |(id, _)| id + 1);
        let is_checked: Vec<bool> =
            (0..ids).map(|_| !self.checked || stream.unit() < CHECK).collect();
        let records = questions.iter().enumerate().map(|(at, &(id, probability))| {
            let right = stream.unit() < probability + lift && is_checked[id];
            let share = if right { 1.0 - 0.2 * stream.unit() } else { 0.2 * stream.unit() };
            let outcome = if right { VerdictOutcome::Right } else { VerdictOutcome::Wrong };
            Verdict {
                position: Position(at),
                cluster: Cluster(id),
                is_check: false,
                outcome,
                parts: Some(self.parts(right, share)),
                read: String::new(),
                rule: ScoringRule::Equal,
                span: None,
            }
        });
        let total = questions.len();
        FolderVerdicts {
            folder: self.folder,
            records: records.collect(),
            clusters: (0..ids).map(|id| id.to_string()).collect(),
            diversity: 1.0,
            unscored: None,
            extent: Extent { total, planned: total, asked: total, is_drawn: false },
            ceiling: None,
            warnings: Vec::new(),
        }
    }

    fn parts(self, right: bool, share: f64) -> Parts {
        match self.folder.family() {
            Family::FrameBoxes => Parts::Frames(FramesParts { iou: share }),
            Family::Instances => {
                let error = Some(4.0 * (1.0 - share));
                Parts::Instances(InstancesParts { semantic: share, error })
            }
            Family::Retrieval => {
                let hit = f64::from(u8::from(right));
                Parts::Ranking(RankingParts { hit_at_1: hit, hit_at_3: hit, f1: share })
            }
            _ => Parts::Match(MatchParts { correct: right }),
        }
    }

    /// The numbers of several epochs on these questions.
    fn number(self, questions: &Questions, seed: u64, epochs: usize, lift: f64) -> RepeatedNumber {
        let verdicts: Vec<[FolderVerdicts; 1]> =
            (0..epochs).map(|epoch| [self.epoch(questions, seed, epoch, lift)]).collect();
        let sets: Vec<EpochVerdicts<'_>> = verdicts
            .iter()
            .zip(1..)
            .map(|(folders, epoch)| EpochVerdicts { epoch, folders })
            .collect();
        let mut found = repeated_scores(&sets).expect("all epochs are of the same questions");
        found.tasks.remove(0)
    }

    fn run(self, epochs: usize, repeats: u64) {
        let (mut within, mut total) = (Vec::new(), Vec::new());
        let (mut means, mut noise) = (Vec::new(), Vec::new());
        let mut intervals = Vec::new();
        let mut negative = 0_u64;
        for repeat in 0..repeats {
            let questions = self.questions(repeat);
            let found = self.number(&questions, repeat, epochs, 0.0);
            let value = 100.0 * found.headline.value.expect("all is scored");
            // The same questions once more: half the squared difference is the variance within.
            let again = self.number(&questions, repeat + (1 << 32), epochs, 0.0);
            let other = 100.0 * again.headline.value.expect("all is scored");
            noise.push(0.5 * (value - other) * (value - other));
            means.push(value);
            within.push(found.variance.within);
            total.push(found.variance.total.expect("there are many ids"));
            negative += u64::from(found.variance.between.is_some_and(|between| between < 0.0));
            intervals.push((found.headline.low, found.headline.high));
        }
        let truth = mean(&means);
        let holds = |interval: &&(Option<f64>, Option<f64>)| {
            let (Some(low), Some(high)) = **interval else { return false };
            (low..=high).contains(&(truth / 100.0))
        };
        let covered = intervals.iter().filter(holds).count() as f64 / repeats as f64;
        let [runs, models] = self.power(epochs, repeats, mean(&within), mean(&total));
        let percent = |share: Option<f64>| {
            share.map_or_else(String::new, |share| format!("{:.1}%", 100.0 * share))
        };
        // The standard error of the variance of about normal values.
        let of_means = variance(&means);
        let error = of_means * (2.0 / (repeats as f64 - 1.0)).sqrt();
        println!(
            "| {} | {} | {} | {epochs} | {} | {} | {} | {} | {} | {} | {} | {} |",
            self.folder.name(),
            formal_records(self.folder),
            self.name(),
            told(mean(&noise), error_of_mean(&noise)),
            told(mean(&within), error_of_mean(&within)),
            told(of_means, error),
            told(mean(&total), error_of_mean(&total)),
            percent(Some(negative as f64 / repeats as f64)),
            percent(Some(covered)),
            percent(runs),
            percent(models),
        );
    }

    /// How often a difference of the size that is said to be found is found: of two runs on the same
    /// questions by the variance within, and of two models on questions of their own by that in all. Only
    /// where probabilities leave room for the one to be better throughout.
    fn power(self, epochs: usize, repeats: u64, within: f64, total: f64) -> [Option<f64>; 2] {
        let has_room = matches!(self.mix, Mix::Coin | Mix::Uniform);
        if !has_room || self.checked || self.folder.family() != Family::FullMatch {
            return [None, None];
        }
        let (critical, of_power) = (normal_upper_quantile(0.025), normal_upper_quantile(0.2));
        let found = |variance: f64, are_same: bool| {
            let needed = (critical + of_power) * (2.0 * variance).sqrt();
            let half = needed / 200.0;
            let mut hits = 0_u64;
            for repeat in 0..repeats {
                let (one, other) = (self.questions(repeat), self.questions(repeat + (1 << 40)));
                let other = if are_same { &one } else { &other };
                let first = self.number(&one, repeat + (2 << 32), epochs, half);
                let second = self.number(other, repeat + (3 << 32), epochs, -half);
                let of = |number: &RepeatedNumber| {
                    let VarianceSplit { within, total, .. } = number.variance;
                    let variance = if are_same { Some(within) } else { total };
                    (
                        100.0 * number.headline.value.unwrap_or_default(),
                        variance.unwrap_or_default(),
                    )
                };
                let ((a, of_a), (b, of_b)) = (of(&first), of(&second));
                hits += u64::from((a - b).abs() > critical * (of_a + of_b).sqrt());
            }
            Some(hits as f64 / repeats as f64)
        };
        [found(within, true), found(total, false)]
    }
}

/// Formal records of the published folder: half of those with checks.
fn formal_records(folder: Folder) -> usize {
    folder.published_records() / if folder.has_checks() { 2 } else { 1 }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// With two standard errors.
fn told(value: f64, error: f64) -> String {
    format!("{value:.3} +- {:.3}", 2.0 * error)
}

fn error_of_mean(values: &[f64]) -> f64 {
    (variance(values) / values.len() as f64).sqrt()
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    squares / (values.len() as f64 - 1.0)
}
