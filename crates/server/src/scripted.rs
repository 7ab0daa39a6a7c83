//! A model that answers from a table: for scripted refiners, and to know what must come out.

use std::collections::HashMap;

use avibench_protocol::{Conversation, LocalModel, read_json_as};
use regex::Regex;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The answer where no line of the script fits.
const NOTHING_FITS: &str = "i dont know";

/// Answers by the text of the question alone: the first line of the script that fits counts.
///
/// A script is JSON Lines. A line has at most one condition and exactly one answer:
///
/// | Condition | Fits |
/// |---|---|
/// | none | every question |
/// | `"equals": "..."` | this very text |
/// | `"sha256": "..."` | the text with this SHA-256, in hex |
/// | `"contains": "..."` | texts that hold this |
/// | `"regex": "..."` | texts in which the pattern is found |
///
/// | Answer | Says |
/// |---|---|
/// | `"answer": "..."` | this |
/// | `"template": "..."` | this, with `$1`, `${name}` replaced by what the line's `regex` captured |
/// | `"echo": true` | the question's text |
///
/// Where no line fits, the answer is `i dont know`.
#[derive(Debug)]
pub struct Scripted {
    name: String,
    lines: Vec<Line>,
    /// Lines with `equals` or `sha256`, by hash: found without trying them one by one.
    by_hash: HashMap<[u8; 32], usize>,
    /// The other lines, in order.
    others: Vec<usize>,
}

/// A script that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("script line {line}: {problem}")]
pub struct ScriptError {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub problem: ScriptProblem,
}

/// What is wrong with a line of a script.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScriptProblem {
    /// Not a JSON object with the fields of a line.
    #[error("{0}")]
    Json(String),
    /// More than one condition.
    #[error("give one of equals, sha256, contains and regex, or none")]
    Conditions,
    /// A hash that is none.
    #[error("sha256 must be 64 hexadecimal digits")]
    Hash,
    /// A pattern that cannot be compiled.
    #[error("{0}")]
    Pattern(String),
    /// No answer, or several.
    #[error("give one of answer, template and echo")]
    Answers,
    /// A template without a pattern that captures anything.
    #[error("a template needs a regex to fill it; use answer otherwise")]
    Template,
}

#[derive(Debug)]
struct Line {
    condition: Condition,
    answer: Answer,
}

#[derive(Debug)]
enum Condition {
    Always,
    Hash([u8; 32]),
    Contains(String),
    Matches(Regex),
}

#[derive(Debug)]
enum Answer {
    Verbatim(String),
    /// Only beside [`Condition::Matches`].
    Template(String),
    Echo,
}

/// A line as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLine {
    equals: Option<String>,
    sha256: Option<String>,
    contains: Option<String>,
    regex: Option<String>,
    answer: Option<String>,
    template: Option<String>,
    #[serde(default)]
    echo: bool,
}

impl Scripted {
    /// A model that repeats the question.
    #[must_use]
    pub fn echo(name: impl Into<String>) -> Self {
        Self::new(name, vec![Line { condition: Condition::Always, answer: Answer::Echo }])
    }

    /// Reads a script; blank lines are skipped.
    ///
    /// # Errors
    ///
    /// [`ScriptError`] names the first line that is wrong.
    pub fn from_json_lines(name: impl Into<String>, script: &str) -> Result<Self, ScriptError> {
        let lines = script
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(index, line)| {
                read_json_as::<WrittenLine>(line.as_bytes())
                    .map_err(|error| ScriptProblem::Json(error.to_string()))
                    .and_then(Line::read)
                    .map_err(|problem| ScriptError { line: index + 1, problem })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self::new(name, lines))
    }

    fn new(name: impl Into<String>, lines: Vec<Line>) -> Self {
        let mut by_hash = HashMap::new();
        let mut others = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            if let Condition::Hash(hash) = line.condition {
                by_hash.entry(hash).or_insert(index);
            } else {
                others.push(index);
            }
        }
        Self { name: name.into(), lines, by_hash, others }
    }
}

impl Line {
    fn read(written: WrittenLine) -> Result<Self, ScriptProblem> {
        let conditions = [
            written.equals.map(|text| Ok(Condition::Hash(Sha256::digest(text).into()))),
            written.sha256.map(|digits| read_hash(&digits).map(Condition::Hash)),
            written.contains.map(|part| Ok(Condition::Contains(part))),
            written.regex.map(|pattern| {
                Regex::new(&pattern)
                    .map(Condition::Matches)
                    .map_err(|error| ScriptProblem::Pattern(error.to_string()))
            }),
        ];
        let condition = match at_most_one(conditions) {
            Ok(condition) => condition.unwrap_or(Ok(Condition::Always))?,
            Err(()) => return Err(ScriptProblem::Conditions),
        };
        let answers = [
            written.answer.map(Answer::Verbatim),
            written.template.map(Answer::Template),
            written.echo.then_some(Answer::Echo),
        ];
        let Ok(Some(answer)) = at_most_one(answers) else {
            return Err(ScriptProblem::Answers);
        };
        if matches!(answer, Answer::Template(_)) && !matches!(condition, Condition::Matches(_)) {
            return Err(ScriptProblem::Template);
        }
        Ok(Self { condition, answer })
    }

    /// The answer, if the line fits; `hash` is that of `text`.
    fn answer(&self, text: &str, hash: &[u8; 32]) -> Option<String> {
        let captures = match &self.condition {
            Condition::Always => None,
            Condition::Hash(wanted) if wanted == hash => None,
            Condition::Contains(part) if text.contains(part) => None,
            Condition::Matches(pattern) => Some(pattern.captures(text)?),
            Condition::Hash(_) | Condition::Contains(_) => return None,
        };
        Some(match (&self.answer, captures) {
            (Answer::Template(template), Some(captures)) => {
                let mut answer = String::new();
                captures.expand(template, &mut answer);
                answer
            }
            (Answer::Verbatim(answer) | Answer::Template(answer), _) => answer.clone(),
            (Answer::Echo, _) => text.to_owned(),
        })
    }
}

impl LocalModel for Scripted {
    fn name(&self) -> &str {
        &self.name
    }

    fn answer(&self, conversation: &Conversation) -> String {
        let text = conversation.text.as_str();
        let hash: [u8; 32] = Sha256::digest(text).into();
        let exact = self.by_hash.get(&hash).copied();
        self.others
            .iter()
            .copied()
            .take_while(|&index| exact.is_none_or(|exact| index < exact))
            .chain(exact)
            .find_map(|index| self.lines[index].answer(text, &hash))
            .unwrap_or_else(|| NOTHING_FITS.to_owned())
    }
}

/// The one that is there; an error if several are.
fn at_most_one<T>(options: impl IntoIterator<Item = Option<T>>) -> Result<Option<T>, ()> {
    let mut given = options.into_iter().flatten();
    match (given.next(), given.next()) {
        (first, None) => Ok(first),
        _ => Err(()),
    }
}

fn read_hash(digits: &str) -> Result<[u8; 32], ScriptProblem> {
    let mut hash = [0; 32];
    hex::decode_to_slice(digits, &mut hash).map_err(|_| ScriptProblem::Hash)?;
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(model: &Scripted, text: &str) -> String {
        model.answer(&Conversation { text: text.to_owned(), ..Conversation::default() })
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let script = r#"
            {"contains": "red", "answer": "a $1 colour"}
            {"equals": "is it red?", "answer": "never reached"}
            {"equals": "is it blue?", "answer": "yes"}

            {"sha256": "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", "answer": "abc"}
            {"regex": "count: (?<number>\\d+)", "template": "**${number}**"}
            {"contains": "repeat", "echo": true}
        "#;
        let model = Scripted::from_json_lines("table", script).unwrap();
        assert_eq!(model.name(), "table");
        for (question, answer) in [
            ("is it red?", "a $1 colour"),
            ("is it blue?", "yes"),
            ("is it blue? ", "i dont know"),
            ("abc", "abc"),
            ("the count: 42.", "**42**"),
            ("repeat me", "repeat me"),
            ("", "i dont know"),
        ] {
            assert_eq!(ask(&model, question), answer, "{question:?}");
        }
        let caught_all =
            format!("{}\n{}", r#"{"answer": "first"}"#, r#"{"equals": "x", "answer": "x"}"#);
        assert_eq!(ask(&Scripted::from_json_lines("all", &caught_all).unwrap(), "x"), "first");
        assert_eq!(ask(&Scripted::echo("echo"), "hello"), "hello");
    }

    #[test]
    fn mistakes_name_the_line() {
        for (line, reason) in [
            ("{", "ends too early"),
            (r#"{"answer": 1}"#, "invalid type"),
            (r#"{"contain": "x", "answer": "y"}"#, "unknown field `contain`"),
            (r#"{"contains": "x"}"#, "give one of answer"),
            (r#"{"answer": "x", "echo": true}"#, "give one of answer"),
            (r#"{"contains": "x", "regex": "x", "answer": "y"}"#, "give one of equals"),
            (r#"{"contains": "x", "template": "y"}"#, "needs a regex"),
            (r#"{"regex": "(", "answer": "y"}"#, "unclosed group"),
            (r#"{"sha256": "abc", "answer": "y"}"#, "64 hexadecimal digits"),
        ] {
            let script = format!("\n{line}\n");
            let error = Scripted::from_json_lines("table", &script).unwrap_err();
            assert_eq!(error.line, 2);
            assert!(error.problem.to_string().contains(reason), "{line}: {error}");
        }
    }
}
