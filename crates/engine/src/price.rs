//! What tokens cost.

use std::path::{Path, PathBuf};

use avibench_files::{FileError, SizeLimit};
use serde::{Deserialize, Serialize};

/// US dollars per million tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Prompt tokens.
    pub input: f64,
    /// Completion tokens.
    pub output: f64,
    /// Prompt tokens of sound, where they have a price of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<f64>,
    /// What the same costs in a batch, where that is not half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchPrice>,
}

/// US dollars per million tokens of requests that are answered in a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchPrice {
    /// Prompt tokens.
    pub input: f64,
    /// Completion tokens.
    pub output: f64,
    /// Prompt tokens of sound, where they have a price of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<f64>,
}

/// What providers take of requests in a batch, where a table does not say.
const BATCH_SHARE: f64 = 0.5;

impl Price {
    /// The price of requests that are answered in a batch: as the table says, or half.
    #[must_use]
    pub fn in_batch(self) -> Self {
        let BatchPrice { input, output, audio } = self.batch.unwrap_or_else(|| BatchPrice {
            input: self.input * BATCH_SHARE,
            output: self.output * BATCH_SHARE,
            audio: self.audio.map(|audio| audio * BATCH_SHARE),
        });
        Self { input, output, audio, batch: self.batch }
    }

    /// The cost of so many tokens in US dollars; `audio` of `tokens_in` are those of sound.
    #[must_use]
    pub fn cost(self, tokens_in: u64, audio: u64, tokens_out: u64) -> f64 {
        let audio = audio.min(tokens_in);
        let sound = audio as f64 * self.audio.unwrap_or(self.input);
        ((tokens_in - audio) as f64 * self.input + sound + tokens_out as f64 * self.output) / 1e6
    }
}

/// Prices by model name.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceTable {
    models: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    input: f64,
    output: f64,
    #[serde(default)]
    audio: Option<f64>,
    #[serde(default)]
    batch: Option<BatchPrice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    model: Vec<Entry>,
}

/// A price table that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PriceError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is no price table.
    #[error(
        "{} is no price table: {reason}; expected [[model]] tables with name, input, output, \
         where sound has its own price audio, and where a batch does not cost half batch (US \
         dollars per million tokens)",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its place.
        reason: PriceProblem,
    },
}

/// What is wrong with a price table.
#[derive(Debug, thiserror::Error)]
pub enum PriceProblem {
    /// It is not TOML, or has other fields.
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
    /// A price is negative or no number.
    #[error("the price of `{model}` is no amount of money")]
    Amount {
        /// The model's name in the table.
        model: String,
    },
}

impl PriceTable {
    /// The prices that the program knows.
    ///
    /// # Panics
    ///
    /// Never in a released program: the table is part of it, and a test reads it.
    #[must_use]
    pub fn embedded() -> Self {
        Self::parse(include_str!("../data/prices.toml"))
            .expect("the embedded table is read by a test")
    }

    /// The prices of a file; those it lacks come from the embedded table.
    pub fn read(path: &Path) -> Result<Self, PriceError> {
        let text = SizeLimit::SETTINGS.read_text(path)?;
        let mut table = Self::parse(&text)
            .map_err(|reason| PriceError::Format { path: path.to_owned(), reason })?;
        table.models.extend(Self::embedded().models);
        Ok(table)
    }

    fn parse(text: &str) -> Result<Self, PriceProblem> {
        let File { model: models } = toml::from_str(text)?;
        let unusable = |price: &f64| !price.is_finite() || *price < 0.0;
        let prices = |entry: &Entry| {
            let batch = entry.batch;
            let of_batch = [batch.map(|of| of.input), batch.map(|of| of.output)];
            let live = [Some(entry.input), Some(entry.output), entry.audio];
            live.into_iter().chain(of_batch).chain([batch.and_then(|of| of.audio)])
        };
        match models.iter().find(|entry| prices(entry).flatten().any(|price| unusable(&price))) {
            Some(entry) => Err(PriceProblem::Amount { model: entry.name.clone() }),
            None => Ok(Self { models }),
        }
    }

    /// The price of a model. Gateways put the maker before the name (`google/gemini-2.5-pro`):
    /// the part after the last `/` is looked up if the whole is unknown.
    #[must_use]
    pub fn find(&self, model: &str) -> Option<Price> {
        let find = |name: &str| self.models.iter().find(|entry| entry.name == name);
        find(model).or_else(|| find(model.rsplit('/').next()?)).map(|entry| Price {
            input: entry.input,
            output: entry.output,
            audio: entry.audio,
            batch: entry.batch,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_table_is_sound() {
        let table = PriceTable::embedded();
        assert!(table.find("gemini-2.5-flash").is_some());
        assert_eq!(table.find("google/gemini-2.5-flash"), table.find("gemini-2.5-flash"));
        assert_eq!(table.find("my-own"), None);
        // Models of these names cost nothing only where the program itself answers.
        for name in ["chance", "signal", "signal-guessing"] {
            assert_eq!(table.find(name), None, "{name}");
        }
    }

    #[test]
    fn a_users_table_comes_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("prices.toml");
        std::fs::write(&path, "[[model]]\nname = \"gemini-2.5-flash\"\ninput = 2\noutput = 4.5\n")
            .unwrap();
        let price = PriceTable::read(&path).unwrap().find("gemini-2.5-flash").unwrap();
        assert!((price.cost(1_000_000, 400_000, 2_000_000) - 11.0).abs() < 1e-12);
        let sound = Price { audio: Some(32.0), ..price };
        assert!((sound.cost(1_000_000, 500_000, 0) - 17.0).abs() < 1e-12);
        assert!((sound.cost(10, 20, 0) - 10.0 * 32.0 / 1e6).abs() < 1e-12, "never more than all");
        let half = sound.in_batch();
        assert!((half.cost(1_000_000, 500_000, 0) - 8.5).abs() < 1e-12, "half, where none is said");
        let own =
            "[[model]]\nname = \"m\"\ninput = 2\noutput = 4\nbatch = { input = 0.5, output = 1 }\n";
        std::fs::write(&path, own).unwrap();
        let price = PriceTable::read(&path).unwrap().find("m").unwrap();
        assert!((price.in_batch().cost(1_000_000, 0, 1_000_000) - 1.5).abs() < 1e-12);
        std::fs::write(&path, own.replace("0.5", "-0.5")).unwrap();
        assert!(PriceTable::read(&path).unwrap_err().to_string().contains("`m`"));
        std::fs::write(&path, "[[model]]\nname = \"m\"\ninput = -1\noutput = 1\n").unwrap();
        assert!(PriceTable::read(&path).unwrap_err().to_string().contains("`m`"));
        std::fs::write(&path, "[model]\nname = 1").unwrap();
        assert!(matches!(PriceTable::read(&path), Err(PriceError::Format { .. })));
    }
}
