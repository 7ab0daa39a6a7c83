//! Stored numbers against those that were computed anew, number by number.

use std::collections::BTreeSet;

use avibench_protocol::{Stage, Task};
use avibench_results::{CoverageReport, ScoringMode, ScoringVersions};
use avibench_score::{Completeness, LEVELS_VERSION, ScoreKey, UNCERTAINTY_VERSION};
use serde_json::{Map, Value};

use crate::{ModeNumbers, Verification};

/// How far numbers of 0 to 1 may lie apart, relative for larger ones: sums of the same parts in another
/// order are rounded otherwise, by much less than this.
pub(crate) const TOLERANCE: f64 = 1e-9;
/// The same for ends of intervals that were computed from parts in another order: the search for an end
/// stops within some 1e-7 of it, and for levels within a hundred times that.
pub(crate) const END_TOLERANCE: f64 = 1e-4;

/// Longest text of a value in a difference.
const SHOWN: usize = 60;

/// Whether two numbers are the same but for rounding.
pub(crate) fn is_same(a: f64, b: f64) -> bool {
    is_within(TOLERANCE, a, b)
}

fn is_within(tolerance: f64, a: f64, b: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}

fn is_end(place: &str) -> bool {
    place.rsplit('.').next().is_some_and(|field| field == "low" || field == "high")
}

/// The comparison of one mode.
pub(crate) struct NumbersDiff<'a> {
    /// Its name.
    pub(crate) mode: ScoringMode,
    /// Versions of the rules behind the stored numbers.
    pub(crate) scoring: ScoringVersions,
    /// Whether what guessing scores is known.
    pub(crate) has_baselines: bool,
    /// How far ends of intervals may lie apart.
    pub(crate) end_tolerance: f64,
    /// Where to put what was found.
    pub(crate) found: &'a mut Verification,
}

/// What is left out of a comparison, by the beginning of its place.
#[derive(Default)]
struct Omissions {
    places: BTreeSet<String>,
    /// Ends of intervals, too.
    intervals: bool,
}

impl NumbersDiff<'_> {
    /// Compares the numbers of a mode.
    pub(crate) fn compare(mut self, stored: &ModeNumbers, recomputed: &ModeNumbers) {
        if self.is_too_long(stored) {
            return;
        }
        let omissions = self.omissions(stored);
        let recomputed = as_far_as_told(recomputed, &stored.coverage);
        let name = self.mode.name();
        let (Ok(stored), Ok(recomputed)) =
            (serde_json::to_value(stored), serde_json::to_value(&recomputed))
        else {
            self.found.differs(name, "numbers", "numbers that cannot be written as JSON");
            return;
        };
        self.values(name, &keyed(stored), &keyed(recomputed), &omissions);
    }

    /// Compares numbers that were made anew from the answers: nothing is left out but what this program
    /// computes otherwise.
    pub(crate) fn compare_again(mut self, stored: &ModeNumbers, again: &ModeNumbers) {
        if self.is_too_long(stored) {
            return;
        }
        let mut omissions = Omissions {
            intervals: self.scoring.uncertainty_version != UNCERTAINTY_VERSION,
            ..Omissions::default()
        };
        if self.scoring.levels_version != LEVELS_VERSION || !self.has_baselines {
            let mode = self.mode.name();
            omissions.places.insert(format!("{mode}.estimates.levels."));
            omissions.places.insert(format!("{mode}.summary.l"));
        }
        let (Ok(stored), Ok(again)) = (serde_json::to_value(stored), serde_json::to_value(again))
        else {
            return;
        };
        self.values(self.mode.name(), &keyed(stored), &keyed(again), &omissions);
    }

    /// Whether a list has more entries than there are tasks, as only a forged one has; says so.
    fn is_too_long(&mut self, stored: &ModeNumbers) -> bool {
        let ModeNumbers { estimates, coverage, .. } = stored;
        let parts = estimates.tasks.iter().map(|task| task.parts.len()).max().unwrap_or_default();
        let lengths = [
            estimates.tasks.len(),
            estimates.stages.len(),
            estimates.levels.len(),
            coverage.len(),
            parts,
        ];
        let longest = lengths.into_iter().max().unwrap_or_default();
        let most = ScoreKey::ALL.len();
        if longest > most {
            let entries = format!("a list of {longest} entries");
            self.found.differs(self.mode.name(), entries, format!("at most {most}"));
        }
        longest > most
    }

    /// What cannot be computed from what the bundle holds; says so.
    fn omissions(&mut self, stored: &ModeNumbers) -> Omissions {
        let mode = self.mode.name();
        let mut omissions = Omissions::default();
        let mut omit = |place: String| omissions.places.insert(format!("{mode}.{place}"));
        let is = |completeness: Completeness| {
            let entries = stored.coverage.iter();
            let entries = entries.filter(move |of| of.judged.completeness == Some(completeness));
            entries.map(|of| of.judged.key.clone()).collect::<Vec<String>>()
        };
        let (untouched, unfinished) = (is(Completeness::Untouched), is(Completeness::Unfinished));
        for key in &untouched {
            omit(format!("coverage.{key}."));
        }
        for key in &unfinished {
            omit(format!("coverage.{key}.bounds."));
        }
        let mut levels: BTreeSet<u8> = BTreeSet::new();
        if self.mode == ScoringMode::Strict && !unfinished.is_empty() {
            for key in &unfinished {
                omit(format!("coverage.{key}.counted."));
            }
            let is_unfinished = |task: Task| unfinished.iter().any(|key| stands_for(key, task));
            for key in &unfinished {
                omit(format!("estimates.tasks.{key}."));
            }
            for stage in Stage::ALL.into_iter().filter(|of| of.tasks().any(is_unfinished)) {
                omit(format!("estimates.stages.{}.", stage.name()));
                omit(format!("summary.{}.", stage.name()));
                levels.insert(4);
                if stage != Stage::Sensation {
                    levels.extend([1, 2, 3]);
                }
            }
            omit("estimates.overall.".to_owned());
            omit("summary.overall.".to_owned());
        }
        let has_levels = self.scoring.levels_version == LEVELS_VERSION;
        if !has_levels {
            levels.extend([1, 2, 3, 4]);
        } else if !self.has_baselines {
            levels.extend([3, 4]);
        }
        for level in &levels {
            omit(format!("estimates.levels.l{level}."));
            omit(format!("summary.l{level}"));
        }
        if levels.contains(&3) {
            omit("summary.level_ranges".to_owned());
        }
        if !has_levels {
            omit("summary.levels_version".to_owned());
        }
        omissions.intervals = self.scoring.uncertainty_version != UNCERTAINTY_VERSION;
        self.tell(&untouched, &unfinished, has_levels, omissions.intervals);
        omissions
    }

    fn tell(&mut self, untouched: &[String], unfinished: &[String], levels: bool, intervals: bool) {
        let mode = self.mode.name();
        let names = |keys: &[String]| keys.join(", ").to_uppercase();
        if !untouched.is_empty() && self.mode == ScoringMode::Official {
            let why = "nothing was asked there, so that there is no sample to count";
            self.found.leaves_out(format!("coverage of {}", names(untouched)), why);
        }
        if !unfinished.is_empty() {
            let what = match self.mode {
                ScoringMode::Official => format!("official bounds of {}", names(unfinished)),
                ScoringMode::Strict => {
                    format!("strict numbers of {} and all above", names(unfinished))
                }
            };
            let why = "samples that were planned and not asked count as wrong, and rows tell nothing of them";
            self.found.leaves_out(what, why);
        }
        if !levels {
            let version = self.scoring.levels_version;
            let why = format!(
                "they are of version {version}, and this program has version {LEVELS_VERSION}"
            );
            self.found.leaves_out(format!("{mode} levels"), why);
        } else if !self.has_baselines {
            let why = "what guessing may score stood in a file of the run's owner";
            self.found.leaves_out(format!("{mode} L3 and L4"), why);
        }
        if intervals {
            let version = self.scoring.uncertainty_version;
            let why = format!(
                "they are of version {version} of the method, and this program has version \
                 {UNCERTAINTY_VERSION}"
            );
            self.found.leaves_out(format!("{mode} intervals"), why);
        }
    }

    fn values(&mut self, place: &str, stored: &Value, recomputed: &Value, omissions: &Omissions) {
        if omissions.holds(place) {
            return;
        }
        match (stored, recomputed) {
            (Value::Object(a), Value::Object(b)) => {
                let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                for key in keys {
                    let at =
                        |object: &Map<String, Value>| object.get(key).cloned().unwrap_or_default();
                    self.values(&format!("{place}.{key}"), &at(a), &at(b), omissions);
                }
            }
            // Everything in an object that is on one side only counts as missing on the other.
            (Value::Object(a), Value::Null) => {
                for (key, value) in a {
                    self.values(&format!("{place}.{key}"), value, &Value::Null, omissions);
                }
            }
            (Value::Null, Value::Object(b)) => {
                for (key, value) in b {
                    self.values(&format!("{place}.{key}"), &Value::Null, value, omissions);
                }
            }
            _ => {
                self.found.count(kind_of(place), 1);
                let tolerance = if is_end(place) { self.end_tolerance } else { TOLERANCE };
                let agree = match (stored.as_f64(), recomputed.as_f64()) {
                    (Some(a), Some(b)) => is_within(tolerance, a, b),
                    _ => stored == recomputed,
                };
                if !agree {
                    self.found.differs(place, shown(stored), shown(recomputed));
                }
            }
        }
    }
}

impl Omissions {
    fn holds(&self, place: &str) -> bool {
        let is_end = self.intervals && is_end(place);
        let begins = |omitted: &String| {
            place.starts_with(omitted.as_str()) || place == omitted.trim_end_matches('.')
        };
        is_end || self.places.iter().any(begins)
    }
}

/// Whether a key of score files is a task's, or one of its halves.
fn stands_for(key: &str, task: Task) -> bool {
    task.key() == key || task.folders().iter().any(|of| of.name().eq_ignore_ascii_case(key))
}

/// Counts that the report does not tell, because no journal did, taken from what was computed.
fn as_far_as_told(recomputed: &ModeNumbers, stored: &[CoverageReport]) -> ModeNumbers {
    let mut told = recomputed.clone();
    for coverage in &mut told.coverage {
        let Some(of) = stored.iter().find(|of| of.judged.key == coverage.judged.key) else {
            continue;
        };
        coverage.empty = coverage.empty.filter(|_| of.empty.is_some());
        coverage.cut_off = coverage.cut_off.filter(|_| of.cut_off.is_some());
        coverage.refused = coverage.refused.filter(|_| of.refused.is_some());
        coverage.failed = coverage.failed.filter(|_| of.failed.is_some());
        coverage.rejected = coverage.rejected.filter(|_| of.rejected.is_some());
    }
    told
}

/// What a place is about, in the plural.
fn kind_of(place: &str) -> &'static str {
    if is_end(place) {
        "ends of intervals"
    } else if place.contains(".coverage.") {
        "counts and bounds of coverage"
    } else if place.contains(".estimates.tasks.") {
        "scores of tasks and their parts"
    } else if place.contains(".level") || place.contains(".summary.l") {
        "numbers of levels"
    } else {
        "numbers of stages and Overall"
    }
}

/// Lists of named things as objects, so that places read well and order does not matter.
fn keyed(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            Value::Object(object.into_iter().map(|(key, value)| (key, keyed(value))).collect())
        }
        Value::Array(values) => {
            let name = |value: &Value| {
                let named =
                    ["key", "name"].into_iter().find_map(|field| value.get(field)?.as_str());
                named.map(str::to_owned)
            };
            let names: Option<Vec<String>> = values.iter().map(name).collect();
            let names = names.filter(|names| {
                !names.is_empty() && names.iter().collect::<BTreeSet<_>>().len() == names.len()
            });
            match names {
                Some(names) => {
                    Value::Object(names.into_iter().zip(values.into_iter().map(keyed)).collect())
                }
                None => Value::Array(values.into_iter().map(keyed).collect()),
            }
        }
        other => other,
    }
}

/// A value in a difference.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.chars().take(SHOWN).collect(),
        other => other.to_string().chars().take(SHOWN).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_of_named_things_become_objects() {
        let list = json!([{"key": "avm", "x": 1}, {"key": "avh", "x": [1, 2]}]);
        let expected = json!({"avm": {"key": "avm", "x": 1}, "avh": {"key": "avh", "x": [1, 2]}});
        assert_eq!(keyed(list), expected);
        let twice = json!([{"key": "avm"}, {"key": "avm"}]);
        assert_eq!(keyed(twice.clone()), twice, "nothing may get lost");
    }

    #[test]
    fn numbers_may_differ_by_rounding_only() {
        assert!(is_same(0.1 + 0.2, 0.3) && is_same(87.5, 87.5 + 1e-8));
        assert!(!is_same(0.5, 0.5 + 2e-9) && !is_same(f64::NAN, f64::NAN));
    }
}
