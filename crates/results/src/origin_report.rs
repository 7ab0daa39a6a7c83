//! Whom the answers under a label are of: a label may hold those of several models or deliveries.

use avibench_store::AnswerOrigin;
use serde::{Deserialize, Serialize};

/// The origins of a label's answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginReport {
    /// Each origin with its answers, the most frequent first.
    pub origins: Vec<OriginCount>,
    /// Answers of which no journal tells whom they are of.
    pub unknown: usize,
    /// Whether a `run.json` tells what the run asked for. Without one, models are as servers reported
    /// them.
    pub has_manifest: bool,
    /// Whether the answers are of more than one origin: then no number is of one model.
    pub is_mixed: bool,
}

/// Answers of one origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginCount {
    /// Whom they are of.
    #[serde(flatten)]
    pub origin: AnswerOrigin,
    /// How many, cut off ones included.
    pub answers: usize,
}

impl OriginReport {
    /// Counts answers by their origins; `None` is one that no journal tells of.
    #[must_use]
    pub fn of<'a>(
        answers: impl IntoIterator<Item = Option<&'a AnswerOrigin>>,
        has_manifest: bool,
    ) -> Self {
        let mut counts: std::collections::BTreeMap<&AnswerOrigin, usize> =
            std::collections::BTreeMap::new();
        let mut unknown = 0;
        for origin in answers {
            match origin {
                Some(origin) => *counts.entry(origin).or_default() += 1,
                None => unknown += 1,
            }
        }
        let of = |(origin, answers): (&AnswerOrigin, usize)| OriginCount {
            origin: origin.clone(),
            answers,
        };
        let mut origins: Vec<OriginCount> = counts.into_iter().map(of).collect();
        origins.sort_by_key(|count| std::cmp::Reverse(count.answers));
        let is_mixed = origins.len() + usize::from(unknown > 0) > 1;
        Self { origins, unknown, has_manifest, is_mixed }
    }

    /// What a person should know of it; `None` for a label with one known origin.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        if !self.is_mixed && self.has_manifest {
            return None;
        }
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "unknown".to_owned());
        let mut parts: Vec<String> = self
            .origins
            .iter()
            .map(|OriginCount { origin, answers }| {
                let prompts = origin.prompt_pack.as_ref();
                let prompts = prompts.map_or_else(String::new, |pack| {
                    format!(", prompts {}", pack.chars().take(12).collect::<String>())
                });
                format!(
                    "{answers} of {} (packed {}{prompts})",
                    name(&origin.model),
                    name(&origin.packing)
                )
            })
            .collect();
        if self.unknown > 0 {
            parts.push(format!("{} of unknown origin", self.unknown));
        }
        let parts = parts.join("; ");
        if self.is_mixed {
            Some(format!("mixed: answers of several origins stand under the label: {parts}"))
        } else if self.origins.is_empty() {
            None
        } else {
            Some(format!("without run.json, so that models are as servers named them: {parts}"))
        }
    }
}
