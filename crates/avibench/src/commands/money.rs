//! What tokens cost, and how much may be spent.

use std::path::PathBuf;

use avibench_engine::{Price, PriceTable};
use clap::Args;

use super::ranges::dollars;

/// Prices and a limit.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct MoneyArgs {
    // No doc comment: rustdoc would take the table's brackets for a link.
    #[arg(
        long,
        value_name = "FILE",
        help = "Prices in US dollars per million tokens: TOML with [[model]] name, input, output, \
                and audio where sound has its own price"
    )]
    pub prices: Option<PathBuf>,
    /// Stop cleanly before this many US dollars are spent under the label
    #[arg(long, value_parser = dollars, value_name = "DOLLARS")]
    pub max_cost: Option<f64>,
}

impl MoneyArgs {
    /// The price of a model's tokens, if a table has it.
    pub(crate) fn price(&self, model: &str) -> anyhow::Result<Option<Price>> {
        let prices = match &self.prices {
            Some(path) => PriceTable::read(path)?,
            None => PriceTable::embedded(),
        };
        Ok(prices.find(model))
    }
}
