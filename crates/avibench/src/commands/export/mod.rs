//! `avibench export`: scored labels in the formats of other tools.

mod eee;
mod hf;
mod inspect;
mod label;

use clap::{Args, Subcommand};

use crate::exit::Exit;

/// Write a scored label in the format of another tool: Inspect, Every Eval Ever, Hugging Face
///
/// Each export is a folder of its own, in which nothing is replaced but what an earlier export of the
/// same label wrote. Questions, truths and answers are in it unless `--public` leaves them out.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench export inspect my-model --data-root DATA\n\
\x20 avibench export eee my-model --developer Lab \\\n\
\x20     --organization Lab --relationship first-party\n\
\x20 avibench export hf my-model --dataset ORG/NAME")]
pub(crate) struct Export {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    Inspect(inspect::Inspect),
    Eee(Box<eee::Eee>),
    Hf(hf::Hf),
}

impl Export {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self.format {
            Format::Inspect(inspect) => inspect.run(),
            Format::Eee(eee) => eee.run(),
            Format::Hf(hf) => hf.run(),
        }
    }
}
