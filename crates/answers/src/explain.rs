//! What each rule makes of an answer.

use avibench_protocol::Folder;
use serde::Serialize;

use crate::answer::{Answer, rules};
use crate::format::{Formatted, format};
use crate::rule::{FormattingRule, RuleOutcome};

/// How an answer was read, rule by rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The result.
    pub formatted: Formatted,
    /// The folder's rules in the order in which they are asked, those after the deciding one
    /// included. Empty where answers need no format and where the answer is cut off in its
    /// reasoning.
    pub steps: Vec<Step>,
}

/// One rule's say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The rule.
    pub rule: FormattingRule,
    /// Its version.
    pub version: u32,
    /// What it says.
    #[serde(flatten)]
    pub outcome: RuleOutcome,
    /// Whether this decided: the first rule that takes or doubts does.
    pub decides: bool,
}

/// What every rule of the folder makes of an answer; see [`format`](fn@crate::format) for the arguments.
#[must_use]
pub fn explain(folder: Folder, raw: &str, options: &[String]) -> Explanation {
    let mut decided = false;
    let steps = match Answer::new(raw, options) {
        Err(_) => Vec::new(),
        Ok(answer) => rules(folder)
            .iter()
            .map(|(rule, apply)| {
                let outcome = apply(&answer);
                let decides = !decided && !matches!(outcome, RuleOutcome::Passes { .. });
                decided |= decides;
                Step { rule: *rule, version: rule.version(), outcome, decides }
            })
            .collect(),
    };
    Explanation { formatted: format(folder, raw, options), steps }
}
