//! Which of how many parts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The most shards that a run may have.
const MOST: u32 = 100_000;

/// One of the parts of a run. In files and on the command line it is `3/7`; its folder is `3-of-7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    index: u32,
    of: u32,
}

/// What is no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no shard: expected I/N, such as 3/7, where I is 1 to N and N at most {MOST}")]
pub struct ShardError {
    text: String,
}

impl Shard {
    /// Shard `index`, from 1, of `of`.
    ///
    /// # Errors
    ///
    /// If there is no such shard.
    pub fn new(index: u32, of: u32) -> Result<Self, ShardError> {
        if (1..=of).contains(&index) && of <= MOST {
            return Ok(Self { index, of });
        }
        Err(ShardError { text: format!("{index}/{of}") })
    }

    /// Which it is, from 1.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.index
    }

    /// How many there are.
    #[must_use]
    pub const fn of(self) -> u32 {
        self.of
    }

    /// In words, such as `shard 3 of 7`.
    #[must_use]
    pub fn words(self) -> String {
        format!("shard {} of {}", self.index, self.of)
    }

    /// The name of its folder.
    #[must_use]
    pub fn folder_name(self) -> String {
        format!("{}-of-{}", self.index, self.of)
    }

    /// The shard whose folder has this name.
    #[must_use]
    pub fn of_folder_name(name: &str) -> Option<Self> {
        let (index, of) = name.split_once("-of-")?;
        let shard = Self::new(index.parse().ok()?, of.parse().ok()?).ok()?;
        // `03-of-7` and `+3-of-7` are no names that a run gives.
        (shard.folder_name() == name).then_some(shard)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || ShardError { text: text.chars().take(40).collect() };
        let (index, of) = text.split_once('/').ok_or_else(unknown)?;
        let number = |part: &str| part.trim().parse().map_err(|_| unknown());
        Self::new(number(index)?, number(of)?).map_err(|_| unknown())
    }
}

impl TryFrom<String> for Shard {
    type Error = ShardError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_one_of_as_many_as_there_are() {
        let shard: Shard = "3/7".parse().unwrap();
        assert_eq!((shard.index(), shard.of()), (3, 7));
        assert_eq!((shard.to_string(), shard.words()), ("3/7".into(), "shard 3 of 7".into()));
        assert_eq!(Shard::of_folder_name(&shard.folder_name()), Some(shard));
        assert_eq!(serde_json::to_value(shard).unwrap(), "3/7");
        for text in ["", "3", "0/7", "8/7", "-1/7", "3/0", "3/7/9", "a/b", "1/100001", "3-of-7"] {
            let said = text.parse::<Shard>().unwrap_err().to_string();
            assert!(said.starts_with(&format!("`{text}` is no shard: expected I/N")), "{said}");
        }
        for name in ["3-of-2", "03-of-7", "x-of-7", "3of7", "3-of-7 "] {
            assert_eq!(Shard::of_folder_name(name), None, "{name}");
        }
    }
}
