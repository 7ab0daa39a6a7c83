//! What guessing scores on each task, which level L3 takes off before it compares stages.
//!
//! The paper's table could not be read. What is known of it, with the origin of each value, is the
//! data file `data/guess_baselines.json`; a user's file of the same form replaces single values.

use std::path::Path;
use std::sync::LazyLock;

use avibench_protocol::{NotJson, Stage, Task, read_json};
use serde_json::{Map, Value};

use crate::LEVELS_VERSION;

const EMBEDDED: &str = include_str!("../data/guess_baselines.json");

/// Tasks of the list of possible combinations, in its order.
const COMBINED: [Task; 3] = [Task::Var, Task::Avr, Task::Avc];
const COMBINATIONS: &str = "triples_var_avr_avc";

/// What guessing scores on the tasks of the first three stages, in percent.
#[derive(Debug, Clone, PartialEq)]
pub struct GuessBaselines {
    /// By task in table order; 0 for those of sensation, which have none.
    percent: [f64; Task::ALL.len()],
    origins: [String; Task::ALL.len()],
    /// Combinations that are possible for [`COMBINED`]; empty if all three are known.
    combinations: Vec<[f64; 3]>,
}

/// A file of guess baselines that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "{source_name}: {problem}; expected JSON such as {{\"VAR\": 12.5}}, percent from 0 to below 100 by task"
)]
pub struct GuessBaselinesError {
    /// Name of the file.
    pub source_name: String,
    /// What is wrong, with its place.
    pub problem: GuessBaselinesProblem,
}

/// What is wrong with a file of guess baselines. Fields are given with their place, such as `c.VAR`.
#[derive(Debug, thiserror::Error)]
pub enum GuessBaselinesProblem {
    /// It is not JSON.
    #[error("no JSON: {0}")]
    Json(#[source] NotJson),
    /// The whole file or a field is of the wrong type.
    #[error("{} should be {expected}", place.as_ref().map_or("it".to_owned(), |place| format!("`{place}`")))]
    Type {
        /// The field; `None` for the whole file.
        place: Option<String>,
        /// What belongs there.
        expected: &'static str,
    },
    /// A value is not what may stand there.
    #[error("`{place}` should be {expected}, but is {found}")]
    Value {
        /// The field.
        place: String,
        /// What belongs there.
        expected: &'static str,
        /// What stands there.
        found: Box<Value>,
    },
    /// The file belongs to another version of the levels.
    #[error("`levels_version` is {found}, but levels here are of version {LEVELS_VERSION}")]
    LevelsVersion {
        /// What stands there.
        found: Box<Value>,
    },
    /// The file asks for another weight than every level has.
    #[error("`alpha` is {found}, but is 0.5 in every level")]
    Alpha {
        /// What stands there.
        found: Box<Value>,
    },
    /// There is no such field.
    #[error("`{0}` is not known")]
    Unknown(String),
    /// A field names no task.
    #[error("`{place}`: unknown task; known: {}", known_tasks())]
    NoTask {
        /// The field.
        place: String,
    },
    /// A field names a task of sensation.
    #[error("`{place}`: no level takes a guess baseline of a sensation task")]
    Sensation {
        /// The field.
        place: String,
    },
    /// The list of possible combinations is of another shape.
    #[error("`{COMBINATIONS}`: {0}")]
    Combinations(#[source] serde_json::Error),
    /// A possible combination holds what is no baseline.
    #[error("`{COMBINATIONS}` holds a value outside 0 to below 100")]
    CombinationRange,
}

fn known_tasks() -> String {
    let known: Vec<&str> = GuessBaselines::tasks().map(Task::name).collect();
    known.join(", ")
}

static TABLE: LazyLock<GuessBaselines> = LazyLock::new(|| {
    let unknown = GuessBaselines {
        percent: [0.0; Task::ALL.len()],
        origins: Default::default(),
        combinations: Vec::new(),
    };
    unknown.read("the embedded table", EMBEDDED).expect("the embedded file is tested to parse")
});

impl GuessBaselines {
    /// The program's own table.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &TABLE
    }

    /// The table with the values of a user's file in place of its own; tasks that the file leaves
    /// out keep theirs. The file is a JSON object of percentages by task, alone or under `c` with
    /// `origin` beside it as in the program's own file. `source_name` is the file's name.
    ///
    /// # Errors
    ///
    /// If the text is not such an object, names what has no guess baseline, or holds a value outside
    /// 0 to below 100.
    pub fn replaced_by(source_name: &str, text: &str) -> Result<Self, GuessBaselinesError> {
        Self::embedded().clone().read(source_name, text)
    }

    /// What guessing scores on a task, in percent; 0 for tasks of sensation, which no level asks
    /// for.
    #[must_use]
    pub fn percent(&self, task: Task) -> f64 {
        self.percent[task as usize]
    }

    /// Where a task's value comes from.
    #[must_use]
    pub fn origin(&self, task: Task) -> &str {
        &self.origins[task as usize]
    }

    /// The tasks that have a guess baseline: those of the first three stages.
    pub fn tasks() -> impl Iterator<Item = Task> {
        Task::ALL.into_iter().filter(|task| task.stage() != Stage::Sensation)
    }

    /// Tasks whose value is not determined.
    #[must_use]
    pub fn open(&self) -> Vec<Task> {
        let differs = |column: usize| {
            let mut values = self.combinations.iter().map(|values| values[column]);
            values.next().is_some_and(|first| values.any(|value| value.total_cmp(&first).is_ne()))
        };
        COMBINED.into_iter().enumerate().filter(|(i, _)| differs(*i)).map(|(_, t)| t).collect()
    }

    /// The table under every combination of values that is possible for the open tasks.
    pub(crate) fn combinations(&self) -> Vec<Self> {
        let with = |values: &[f64; 3]| {
            let mut percent = self.percent;
            for (task, value) in COMBINED.into_iter().zip(values) {
                percent[task as usize] = *value;
            }
            Self { percent, origins: Default::default(), combinations: Vec::new() }
        };
        self.combinations.iter().map(with).collect()
    }

    fn read(mut self, source_name: &str, text: &str) -> Result<Self, GuessBaselinesError> {
        self.take(source_name, text).map_err(|problem| GuessBaselinesError {
            source_name: source_name.to_owned(),
            problem,
        })?;
        Ok(self)
    }

    fn take(&mut self, source_name: &str, text: &str) -> Result<(), GuessBaselinesProblem> {
        use GuessBaselinesProblem as Problem;
        let root: Value = read_json(text.as_bytes()).map_err(Problem::Json)?;
        let Value::Object(root) = &root else {
            return Err(Problem::Type { place: None, expected: "a JSON object" });
        };
        let Some(values) = root.get("c") else {
            return self.take_values(source_name, root, "");
        };
        for (key, value) in root {
            match (key.as_str(), value) {
                ("c" | "origin" | COMBINATIONS, _) => {}
                ("levels_version", Value::Number(n))
                    if n.as_u64() == Some(LEVELS_VERSION.into()) => {}
                ("alpha", Value::Number(n)) if n.as_f64() == Some(0.5) => {}
                ("levels_version", _) => {
                    return Err(Problem::LevelsVersion { found: Box::new(value.clone()) });
                }
                ("alpha", _) => {
                    return Err(Problem::Alpha { found: Box::new(value.clone()) });
                }
                _ => return Err(Problem::Unknown(key.clone())),
            }
        }
        let values = values
            .as_object()
            .ok_or_else(|| wrong_type("c", "an object of percentages by task"))?;
        self.take_values(source_name, values, "c.")?;
        if let Some(origins) = root.get("origin") {
            self.take_origins(origins)?;
        }
        if let Some(combinations) = root.get(COMBINATIONS) {
            self.combinations =
                serde_json::from_value(combinations.clone()).map_err(Problem::Combinations)?;
            if self.combinations.iter().flatten().any(|value| !is_baseline(*value)) {
                return Err(Problem::CombinationRange);
            }
        }
        Ok(())
    }

    fn take_values(
        &mut self,
        source_name: &str,
        values: &Map<String, Value>,
        place: &str,
    ) -> Result<(), GuessBaselinesProblem> {
        for (name, value) in values {
            let place = format!("{place}{name}");
            let task = task(name, &place)?;
            let percent =
                value.as_f64().filter(|percent| is_baseline(*percent)).ok_or_else(|| {
                    let expected = "a number from 0 to below 100";
                    GuessBaselinesProblem::Value { place, expected, found: Box::new(value.clone()) }
                })?;
            self.percent[task as usize] = percent;
            self.origins[task as usize] = format!("given in {}", file_name(source_name));
            // What is given is no longer open.
            if let Some(column) = COMBINED.into_iter().position(|combined| combined == task) {
                self.combinations.iter_mut().for_each(|values| values[column] = percent);
            }
        }
        if self.open().is_empty() {
            self.combinations.clear();
        }
        Ok(())
    }

    /// Origins by task; several tasks that share one stand in one key with spaces between.
    fn take_origins(&mut self, origins: &Value) -> Result<(), GuessBaselinesProblem> {
        let origins = origins
            .as_object()
            .ok_or_else(|| wrong_type("origin", "an object of texts by task"))?;
        for (names, origin) in origins {
            let place = format!("origin.{names}");
            let text = origin.as_str().ok_or_else(|| GuessBaselinesProblem::Value {
                place: place.clone(),
                expected: "text",
                found: Box::new(origin.clone()),
            })?;
            for name in names.split_whitespace() {
                let task = task(name, &place)?;
                text.clone_into(&mut self.origins[task as usize]);
            }
        }
        Ok(())
    }
}

/// The name without the folders before it, which belong to one machine and not into a report.
fn file_name(source_name: &str) -> &str {
    let name = Path::new(source_name).file_name().and_then(|name| name.to_str());
    name.unwrap_or(source_name)
}

fn is_baseline(percent: f64) -> bool {
    (0.0..100.0).contains(&percent)
}

fn wrong_type(place: &str, expected: &'static str) -> GuessBaselinesProblem {
    GuessBaselinesProblem::Type { place: Some(place.to_owned()), expected }
}

/// The task of a name that stands at `place`, if it has a guess baseline.
fn task(name: &str, place: &str) -> Result<Task, GuessBaselinesProblem> {
    let place = || place.to_owned();
    let task = Task::ALL.into_iter().find(|task| task.name().eq_ignore_ascii_case(name));
    match task {
        Some(task) if task.stage() == Stage::Sensation => {
            Err(GuessBaselinesProblem::Sensation { place: place() })
        }
        Some(task) => Ok(task),
        None => Err(GuessBaselinesProblem::NoTask { place: place() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_table_says_what_is_known_and_what_is_open() {
        let table = GuessBaselines::embedded();
        assert!((table.percent(Task::Avm) - 100.0 / 3.0).abs() < 1e-12);
        assert!((table.percent(Task::Avqa) - 21.35).abs() < 1e-12);
        assert!(GuessBaselines::tasks().all(|task| !table.origin(task).is_empty()));
        assert!(GuessBaselines::tasks().all(|task| !table.origin(task).starts_with("given")));
        assert_eq!(table.open(), COMBINED);
        assert_eq!(table.combinations().len(), 289);
        let own = COMBINED.map(|task| table.percent(task));
        assert!(table.combinations.contains(&own));
    }

    #[test]
    fn a_file_replaces_what_it_names() {
        for text in [r#"{"VAR": 12.5}"#, r#"{"c": {"var": 12.5}}"#] {
            let table = GuessBaselines::replaced_by("here/mine.json", text).unwrap();
            assert!((table.percent(Task::Var) - 12.5).abs() < 1e-12);
            assert_eq!(table.origin(Task::Var), "given in mine.json");
            assert!((table.percent(Task::Avqa) - 21.35).abs() < 1e-12);
            assert_eq!(table.open(), [Task::Avr, Task::Avc]);
            assert!(
                table.combinations().iter().all(|t| (t.percent(Task::Var) - 12.5).abs() < 1e-12)
            );
        }
        let all = r#"{"c": {"VAR": 0, "AVR": 1, "AVC": 99.9}, "origin": {"VAR AVR": "measured"}}"#;
        let table = GuessBaselines::replaced_by("mine.json", all).unwrap();
        assert_eq!((table.open(), table.combinations()), (Vec::new(), Vec::new()));
        assert_eq!(table.origin(Task::Avr), "measured");
        assert_eq!(table.origin(Task::Avc), "given in mine.json");
        // The program's own file is one of its kind.
        let same = GuessBaselines::replaced_by("own.json", EMBEDDED).unwrap();
        assert_eq!(&same, GuessBaselines::embedded());
    }

    #[test]
    fn a_wrong_file_is_named_with_the_place() {
        for (text, problem) in [
            ("", "no JSON"),
            ("[]", "it should be a JSON object"),
            (r#"{"VAR": 100}"#, "`VAR` should be a number from 0 to below 100, but is 100"),
            (r#"{"c": {"VAR": -1}}"#, "`c.VAR` should be a number"),
            (r#"{"VAR": "12"}"#, "but is \"12\""),
            (r#"{"VAR": null}"#, "but is null"),
            (r#"{"VAX": 1}"#, "`VAX`: unknown task; known: AMIC"),
            (r#"{"ASQA": 1}"#, "`ASQA`: no level takes a guess baseline of a sensation task"),
            (r#"{"c": {}, "d": 1}"#, "`d` is not known"),
            (r#"{"c": {}, "alpha": 0.4}"#, "`alpha` is 0.4"),
            (r#"{"c": {}, "levels_version": 1}"#, "`levels_version` is 1"),
            (r#"{"c": {}, "origin": {"ASQA": ""}}"#, "`origin.ASQA`"),
            (r#"{"c": {}, "triples_var_avr_avc": [[1, 2]]}"#, "`triples_var_avr_avc`"),
            (r#"{"c": {}, "triples_var_avr_avc": [[1, 2, 100]]}"#, "outside 0"),
        ] {
            let error = GuessBaselines::replaced_by("mine.json", text).unwrap_err().to_string();
            assert!(error.starts_with("mine.json: ") && error.contains(problem), "{text}: {error}");
        }
    }
}
