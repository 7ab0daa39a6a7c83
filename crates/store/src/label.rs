//! A label: the name under which a run's files are kept.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A run's name, safe as a single file name on every system.
///
/// 1 to 128 characters, no path separators, no control characters, not `.` or `..`, no leading
/// `-` (it would read as a flag).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

/// A name that cannot be a label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` cannot be a label: {reason}; choose one such as `my-model_v1` with --model-label"
)]
pub struct LabelError {
    name: String,
    reason: &'static str,
}

impl Label {
    /// Checks a name.
    pub fn new(name: impl Into<String>) -> Result<Self, LabelError> {
        let name = name.into();
        let reason = if name.is_empty() {
            "it is empty"
        } else if name.chars().count() > 128 {
            "it is longer than 128 characters"
        } else if name == "." || name == ".." {
            "it names a folder"
        } else if name.starts_with('-') {
            "it starts with `-`"
        } else if name
            .chars()
            .any(|c| matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'))
        {
            "it holds one of / \\ : * ? \" < > |"
        } else if name.chars().any(char::is_control) {
            "it holds a control character"
        } else {
            return Ok(Self(name));
        };
        Err(LabelError { name, reason })
    }

    /// A label made of a model's name: what cannot stand in a file name becomes `_`.
    pub fn from_model(model: &str) -> Result<Self, LabelError> {
        let name: String = model
            .chars()
            .map(|c| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' })
            .collect();
        Self::new(name.trim_start_matches('-'))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Label {
    type Err = LabelError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::new(name)
    }
}

impl TryFrom<String> for Label {
    type Error = LabelError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::new(name)
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_single_file_names() {
        for good in ["m", "gemini-2.5-pro", "Qwen2.5 Omni (7B)", "模型"] {
            assert_eq!(Label::new(good).unwrap().as_str(), good);
        }
        for bad in ["", ".", "..", "a/b", "a\\b", "-x", "a\nb", &"x".repeat(129)] {
            assert!(Label::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Label::from_model("openai/gpt-4o").unwrap().as_str(), "openai_gpt-4o");
    }
}
