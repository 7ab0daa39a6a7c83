//! `avibench prompts`: what models are asked, and how to change it.

use std::io::Write as _;

use clap::{Args, Subcommand};

use super::common::{DataArgs, PromptArgs};
use crate::exit::Exit;
use crate::terminal;

/// Show or export the prompts.
#[derive(Debug, Args)]
pub(crate) struct Prompts {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print exactly what would be sent for the samples of a data set
    Show(Show),
    /// Print the prompt pack as TOML, to edit and pass to --prompts
    Export(PromptArgs),
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    prompts: PromptArgs,
    /// Only the sample at this position of each folder (default: the first that asks something)
    #[arg(long, value_name = "POSITION")]
    sample: Option<usize>,
}

impl Prompts {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self.action {
            Action::Show(show) => show.run(),
            Action::Export(prompts) => {
                std::io::stdout().write_all(prompts.load()?.export().as_bytes())?;
                Ok(Exit::Done)
            }
        }
    }
}

impl Show {
    fn run(&self) -> anyhow::Result<Exit> {
        let pack = self.prompts.load()?;
        let loaded = self.data.load()?;
        let mut out = std::io::stdout().lock();
        for data in &loaded.folders {
            let sample = match self.sample {
                Some(position) => data.samples.get(position),
                None => data.samples.iter().find(|sample| pack.prompt(sample).is_some()),
            };
            let Some(sample) = sample else {
                terminal::warning(format!(
                    "{} has {} samples: there is no such one",
                    data.folder,
                    data.samples.len()
                ));
                continue;
            };
            writeln!(out, "{} {} (id {})", data.folder, sample.position, sample.id)?;
            for medium in sample.media.iter() {
                writeln!(out, "  medium: {}", terminal::printable(medium))?;
            }
            match pack.prompt(sample) {
                Some(prompt) => {
                    for warning in &prompt.warnings {
                        terminal::warning(warning);
                    }
                    writeln!(out, "  text: {}\n", terminal::printable(&prompt.text))?;
                }
                None => writeln!(out, "  void check: never asked\n")?,
            }
        }
        Ok(Exit::Done)
    }
}
