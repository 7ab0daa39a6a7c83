//! What tokens cost, and how much may be spent.

use std::path::PathBuf;

use avibench_engine::{Price, PriceTable};
use clap::Args;

use super::ranges::dollars;

/// Reads a price.
fn price(text: &str) -> Result<Price, String> {
    let expected = "expected input=USD,output=USD, and ,audio=USD where sound has its own price";
    let (mut input, mut output, mut audio) = (None, None, None);
    for part in text.split(',') {
        let (name, amount) = part.split_once('=').ok_or(expected)?;
        let place = match name.trim() {
            "input" => &mut input,
            "output" => &mut output,
            "audio" => &mut audio,
            _ => return Err(expected.to_owned()),
        };
        if place.replace(dollars(amount)?).is_some() {
            return Err(expected.to_owned());
        }
    }
    match (input, output) {
        (Some(input), Some(output)) => Ok(Price { input, output, audio, batch: None }),
        _ => Err(expected.to_owned()),
    }
}

/// Prices and a limit.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct MoneyArgs {
    // No doc comment: rustdoc would take the table's brackets for a link.
    #[arg(
        long,
        help_heading = "Cost",
        value_name = "FILE",
        help = "Prices in US dollars per million tokens: TOML with [[model]] name, input, output, \
                audio where sound has its own price, and batch = { input, output } where a batch \
                does not cost half"
    )]
    pub prices: Option<PathBuf>,
    /// Price of the model in US dollars per million tokens, such as input=1.25,output=10, and audio=3
    /// where sound has its own; comes before --prices
    #[arg(long, help_heading = "Cost", value_parser = price, value_name = "input=USD,output=USD")]
    pub price: Option<Price>,
    /// Most US dollars to spend under the label; stops cleanly before
    #[arg(long, help_heading = "Cost", value_parser = dollars, value_name = "DOLLARS")]
    pub max_cost: Option<f64>,
}

impl MoneyArgs {
    /// The price of a model's tokens, if a table has it. What the program brings along runs on this machine
    /// and costs nothing; somebody else's model of such a name has a price, which is not known.
    pub(crate) fn price(&self, model: &str, is_built_in: bool) -> anyhow::Result<Option<Price>> {
        if self.price.is_some() {
            return Ok(self.price);
        }
        let prices = match &self.prices {
            Some(path) => PriceTable::read(path)?,
            None => PriceTable::embedded(),
        };
        Ok(prices.find(model).or_else(|| is_built_in.then(Price::default)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_built_in_costs_nothing_by_itself() {
        let money = MoneyArgs::default();
        assert_eq!(money.price("chance", true).unwrap(), Some(Price::default()));
        assert_eq!(money.price("chance", false).unwrap(), None);
        let dear = Price { input: 1.0, output: 2.0, ..Price::default() };
        let money = MoneyArgs { price: Some(dear), ..money };
        assert_eq!(money.price("chance", false).unwrap(), Some(dear));
    }

    #[test]
    fn a_price_has_input_and_output() {
        let given = price("input=1.25,output=10,audio=3").unwrap();
        assert_eq!((given.input, given.output, given.audio), (1.25, 10.0, Some(3.0)));
        assert_eq!(price("output=2, input=1").unwrap().audio, None);
        for text in [
            "",
            "1",
            "input=1",
            "input=1,output=nan",
            "input=1,output=-1",
            "input=1,input=2,output=3",
        ] {
            assert!(price(text).is_err(), "{text}");
        }
    }
}
