//! The plan at work: numbers requests and their tries, and decides what strikes each.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::faults::condition::Circumstance;
use crate::faults::draw::{Draw, Key};
use crate::faults::fault::Fault;
use crate::faults::plan::{FaultPlan, Rule};

/// Draws of one fault on one try, by what they are for.
pub(crate) const STRIKES: u64 = 0;
pub(crate) const SIZE: u64 = 1;

/// The rules of a plan with the state that conditions need.
#[derive(Debug)]
pub(crate) struct Schedule {
    seed: u64,
    rules: Vec<Rule>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    arrivals: u64,
    /// Tries so far of each distinct request.
    tries: HashMap<Key, u64>,
}

/// What the schedule needs to know of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) streamed: bool,
    /// The text of the question.
    pub(crate) text: &'a str,
}

/// The faults that strike one try of one request.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    /// In the plan's order; at most the last one does harm.
    pub(crate) faults: Vec<(Fault, Draw)>,
}

impl Schedule {
    pub(crate) fn new(plan: &FaultPlan) -> Self {
        Self { seed: plan.seed, rules: plan.rules.clone(), seen: Mutex::default() }
    }

    /// Counts a try and decides what strikes it: harmless faults up to the first that does harm.
    pub(crate) fn strike(&self, question: &Question<'_>) -> Hits {
        let mut hits = Hits::default();
        if self.rules.is_empty() {
            return hits;
        }
        let key: Key = Sha256::digest(question.body).into();
        let (arrival, attempt) = self.count(key);
        let now = Circumstance { arrival, attempt, text: question.text };
        for (index, rule) in self.rules.iter().enumerate() {
            if rule.fault.is_for_streams() && !question.streamed {
                continue;
            }
            let draw = Draw { seed: self.seed, fault: index, key, attempt };
            if rule.condition.holds(&now, || draw.uniform(STRIKES)) {
                hits.faults.push((rule.fault.clone(), draw));
                if !rule.fault.is_harmless() {
                    break;
                }
            }
        }
        hits
    }

    fn count(&self, key: Key) -> (u64, u64) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.arrivals += 1;
        let arrivals = seen.arrivals;
        let tries = seen.tries.entry(key).or_default();
        *tries += 1;
        (arrivals, *tries)
    }
}

impl Hits {
    /// The names under which the faults are counted.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        self.faults.iter().map(|(fault, _)| fault.name())
    }

    /// The sum of all delays.
    pub(crate) fn delay(&self) -> Duration {
        self.faults.iter().map(|(fault, draw)| delay(fault, *draw)).sum()
    }

    /// The fault that does harm, if one struck.
    pub(crate) fn harm(&self) -> Option<&Fault> {
        self.faults.last().map(|(fault, _)| fault).filter(|fault| !fault.is_harmless())
    }
}

fn delay(fault: &Fault, draw: Draw) -> Duration {
    match *fault {
        Fault::Latency { ms } => Duration::from_millis(ms),
        Fault::Jitter { min_ms, max_ms } => {
            let span = (max_ms - min_ms) as f64;
            Duration::from_millis(min_ms + (span * draw.uniform(SIZE)) as u64)
        }
        Fault::HeavyTail { median_ms, alpha, max_ms } => {
            // Pareto: P(wait > t) = (least / t)^alpha, with `least` chosen so that the median fits.
            let least = median_ms as f64 / 2_f64.powf(1.0 / alpha);
            let wait = least / (1.0 - draw.uniform(SIZE)).powf(1.0 / alpha);
            Duration::from_millis(wait.min(max_ms as f64) as u64)
        }
        _ => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(faults: &[&str]) -> Schedule {
        let mut plan = FaultPlan::default();
        for words in faults {
            plan.add(words).unwrap();
        }
        Schedule::new(&plan)
    }

    fn names(schedule: &Schedule, body: &str, streamed: bool) -> Vec<String> {
        let question = Question { body: body.as_bytes(), streamed, text: body };
        schedule.strike(&question).names().collect()
    }

    #[test]
    fn harmless_faults_add_up_to_the_first_harm() {
        let schedule = schedule(&[
            "latency ms=5",
            "sse_crlf",
            "status status=500 first_tries=1",
            "latency ms=7",
            "torn first_tries=2",
            "html",
        ]);
        assert_eq!(names(&schedule, "a", true), ["latency", "sse_crlf", "status_500"]);
        assert_eq!(names(&schedule, "a", false), ["latency", "latency", "torn"]);
        assert_eq!(names(&schedule, "a", false), ["latency", "latency", "html"]);
        assert_eq!(names(&schedule, "b", false), ["latency", "status_500"]);
    }

    #[test]
    fn order_of_arrival_does_not_change_the_draws() {
        let faults = ["status status=503 probability=0.4", "torn probability=0.5"];
        let bodies: Vec<String> = (0..50).map(|number| format!("question {number}")).collect();
        let run = |order: &mut dyn Iterator<Item = &String>| {
            let schedule = schedule(&faults);
            let mut struck: Vec<_> = order
                .flat_map(|body| {
                    [1, 2, 3].map(|attempt| (body.clone(), attempt, names(&schedule, body, false)))
                })
                .collect();
            struck.sort();
            struck
        };
        let forward = run(&mut bodies.iter());
        assert_eq!(forward, run(&mut bodies.iter().rev()));
        let share = |name: &str| {
            let hits = forward.iter().filter(|(_, _, names)| names.iter().any(|hit| hit == name));
            hits.count() as f64 / forward.len() as f64
        };
        // 150 draws: four standard errors are about 0.16.
        assert!((share("status_503") - 0.4).abs() < 0.16);
        assert!((share("torn") - 0.3).abs() < 0.16);
    }

    #[test]
    fn delays_follow_their_distributions() {
        let delays = |words: &str| -> Vec<u128> {
            let schedule = schedule(&[words]);
            let mut delays: Vec<u128> = (0..1_001)
                .map(|number: u32| {
                    let question =
                        Question { body: &number.to_le_bytes(), streamed: false, text: "" };
                    schedule.strike(&question).delay().as_millis()
                })
                .collect();
            delays.sort_unstable();
            delays
        };
        assert!(delays("latency ms=250").iter().all(|&delay| delay == 250));
        let even = delays("jitter min_ms=100 max_ms=200");
        assert!(even[0] >= 100 && even[1_000] <= 200 && (140..=160).contains(&even[500]));
        let heavy = delays("heavy_tail median_ms=1000 alpha=1.5 max_ms=30000");
        assert!((900..=1_100).contains(&heavy[500]), "median {}", heavy[500]);
        // P(wait > 10 medians) = 0.5 * 10^-1.5 = 1.6 %, so some of 1,001 are that long.
        assert!(heavy[1_000] > 10_000 && heavy[1_000] <= 30_000, "longest {}", heavy[1_000]);
    }
}
