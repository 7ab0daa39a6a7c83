//! A plan of faults: a TOML file, or words on a command line. `docs/faults.md` describes both.

use serde::Deserialize;
use toml::{Table, Value};

use crate::faults::condition::Condition;
use crate::faults::error::{FaultPlanError, FaultProblem};
use crate::faults::fault::Fault;
use crate::faults::retry_after::RetryAfter;

/// Which faults strike and when; the default has none.
///
/// The same plan, seed and requests give the same faults, whatever order requests arrive in
/// (conditions on arrival numbers and the limits aside).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FaultPlan {
    pub(crate) seed: u64,
    pub(crate) limits: Limits,
    pub(crate) rules: Vec<Rule>,
}

/// A fault and when it strikes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule {
    pub(crate) condition: Condition,
    pub(crate) fault: Fault,
}

/// Limits of the endpoint as a whole; requests beyond get 429.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    /// Requests in flight at a time.
    pub(crate) in_flight: Option<usize>,
    /// Requests in any 60 seconds.
    pub(crate) requests_per_minute: Option<usize>,
    /// The `Retry-After` of these refusals. By default the limit per minute says when the next
    /// request fits, and the limit in flight says nothing.
    pub(crate) retry_after: Option<RetryAfter>,
}

/// The file as it is written; faults are read one by one, to say which is wrong.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    fault: Vec<Table>,
}

impl FaultPlan {
    /// Reads a plan from TOML.
    ///
    /// # Errors
    ///
    /// [`FaultPlanError`] names the line or the fault, and what is known there.
    pub fn from_toml(text: &str) -> Result<Self, FaultPlanError> {
        let file: File =
            toml::from_str(text).map_err(|error| FaultPlanError::Toml(error.to_string()))?;
        let rules = file
            .fault
            .into_iter()
            .enumerate()
            .map(|(index, table)| {
                Rule::read(table).map_err(|problem| FaultPlanError::Fault {
                    place: format!("number {}", index + 1),
                    problem,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { seed: file.seed, limits: file.limits, rules })
    }

    /// Appends a fault written as words: its kind, then settings, such as
    /// `status status=503 first_tries=2` or `torn at=0.3 probability=0.1`.
    ///
    /// # Errors
    ///
    /// [`FaultPlanError::Fault`] says what is wrong with the words.
    pub fn add(&mut self, words: &str) -> Result<(), FaultPlanError> {
        let rule = read_words(words)
            .and_then(Rule::read)
            .map_err(|problem| FaultPlanError::Fault { place: format!("{words:?}"), problem })?;
        self.rules.push(rule);
        Ok(())
    }

    /// Replaces the seed of all draws.
    pub fn set_seed(&mut self, seed: u64) {
        self.seed = seed;
    }
}

impl Rule {
    /// Splits the fields of a fault into when it strikes and what it does.
    fn read(table: Table) -> Result<Self, FaultProblem> {
        let (condition, fault): (Table, Table) =
            table.into_iter().partition(|(name, _)| Condition::FIELDS.contains(&name.as_str()));
        let message = |error: &toml::de::Error| error.message().to_owned();
        let condition: Condition =
            condition.try_into().map_err(|error| FaultProblem::Condition(message(&error)))?;
        let fault: Fault =
            fault.try_into().map_err(|error| FaultProblem::Setting { message: message(&error) })?;
        match condition.problem().or_else(|| fault.problem()) {
            Some(problem) => Err(FaultProblem::OutOfRange(problem)),
            None => Ok(Self { condition, fault }),
        }
    }
}

/// Fields that are text even where they look like a number.
const TEXT_FIELDS: [&str; 5] = ["kind", "contains", "message", "name", "retry_after"];

/// Turns `kind name=value ...` into the table that a file would hold.
fn read_words(words: &str) -> Result<Table, FaultProblem> {
    let mut table = Table::new();
    for (index, word) in words.split_whitespace().enumerate() {
        let (name, value) = match word.split_once('=') {
            None if index == 0 => ("kind", Value::String(word.to_owned())),
            None => return Err(FaultProblem::NoSetting(word.to_owned())),
            Some((name, text)) => {
                let integer = || text.parse().map(Value::Integer).ok();
                let float = || text.parse().map(Value::Float).ok();
                let number =
                    if TEXT_FIELDS.contains(&name) { None } else { integer().or_else(float) };
                (name, number.unwrap_or_else(|| Value::String(text.to_owned())))
            }
        };
        if table.insert(name.to_owned(), value).is_some() {
            return Err(FaultProblem::Repeated(name.to_owned()));
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_words_say_the_same() {
        let file = FaultPlan::from_toml(
            "seed = 3\n[[fault]]\nkind = 'status'\nstatus = 503\nretry_after = 'date+2'\n\
             first_tries = 2\n[[fault]]\nkind = 'torn'\nprobability = 0.25\n",
        )
        .unwrap();
        let mut words = FaultPlan::default();
        words.set_seed(3);
        words.add("status status=503 retry_after=date+2 first_tries=2").unwrap();
        words.add(" torn  probability=0.25 ").unwrap();
        assert_eq!(file, words);
    }

    #[test]
    fn the_documentation_holds() {
        let page = include_str!("../../../../docs/faults.md");
        let block = |kind: &str| {
            let after = page.split_once(&format!("```{kind}\n")).unwrap().1;
            after.split_once("```").unwrap().0
        };
        let file = FaultPlan::from_toml(block("toml")).unwrap();
        let mut words = FaultPlan::default();
        block("text").lines().for_each(|line| words.add(line).unwrap());
        assert_eq!(file.rules, words.rules);
        assert!(file.limits.in_flight.is_some() && file.limits.retry_after.is_some());

        // Rows of the tables: conditions stand with a value, kinds with their settings.
        let (conditions, kinds) = page.split_once("## What goes wrong").unwrap();
        let (kinds, _) = kinds.split_once("## Recorded replies").unwrap();
        let rows = |text: &'static str| text.lines().filter_map(|line| line.strip_prefix("| `"));
        let documented: Vec<&str> =
            rows(conditions).filter_map(|row| row.split_once(" = ")).map(|row| row.0).collect();
        let mut known = Condition::FIELDS;
        assert_eq!(documented.len(), known.len());
        known.sort_unstable_by_key(|name| documented.iter().position(|found| found == name));
        assert_eq!(documented, known);
        let mut count = 0;
        for row in rows(kinds) {
            let kind = row.split_once('`').unwrap().0;
            let settings = match kind {
                "latency" => " ms=1",
                "jitter" => " min_ms=1 max_ms=2",
                "heavy_tail" => " median_ms=1",
                "status" => " status=500",
                "reply" => " name=bare-done",
                _ => "",
            };
            FaultPlan::default().add(&format!("{kind}{settings}")).unwrap();
            count += 1;
        }
        let unknown = FaultPlan::default().add("no_such_kind").unwrap_err().to_string();
        let listed = unknown.split_once("expected one of ").unwrap().1;
        let listed = listed.split_once(" (").unwrap().0;
        assert_eq!(listed.split(", ").count(), count, "each kind has a row: {listed}");
    }

    #[test]
    fn mistakes_are_named() {
        for (text, reason) in [
            ("sed = 1", "unknown field `sed`"),
            ("seed = 'x'", "invalid type"),
            ("[limits]\nrpm = 3", "unknown field `rpm`"),
            ("[[fault]]\nkind = 'html'\n[[fault]]\nstatus = 500", "fault number 2: missing field"),
            ("[[fault]]\nkind = 'explode'", "unknown variant `explode`"),
            ("[[fault]]\nkind = 'html'\nprobabilty = 0.5", "unknown field `probabilty`"),
            ("[[fault]]\nkind = 'status'\nstatus = 200", "status must lie in 400..=599"),
            ("[[fault]]\nkind = 'html'\nprobability = 1.5", "probability must lie in 0..=1"),
            ("[[fault]]\nkind = 'html'\nprobability = nan", "probability must lie in 0..=1"),
            ("[[fault]]\nkind = 'html'\nevery = 0", "every must be 1 or more"),
            ("[[fault]]\nkind = 'torn'\nat = 1.0", "at must lie in 0..1"),
            ("[[fault]]\nkind = 'sse_pieces'\nbytes = 0", "bytes must be 1 or more"),
            ("[[fault]]\nkind = 'jitter'\nmin_ms = 3\nmax_ms = 2", "min_ms must not be above"),
            ("[[fault]]\nkind = 'heavy_tail'\nmedian_ms = 3\nalpha = nan", "alpha must be above 0"),
        ] {
            let message = FaultPlan::from_toml(text).unwrap_err().to_string();
            assert!(message.contains(reason), "{text}: {message}");
        }
        for (words, reason) in [
            ("", "missing field `kind`"),
            ("latency", "missing field `ms`"),
            ("html now", "expected name=value"),
            ("latency ms=1 ms=2", "ms is given twice"),
            ("latency ms=-1", "ms"),
            ("reply name=no-such-reply", "no recorded reply has this name"),
        ] {
            let message = FaultPlan::default().add(words).unwrap_err().to_string();
            assert!(message.contains(reason), "{words:?}: {message}");
        }
    }
}
