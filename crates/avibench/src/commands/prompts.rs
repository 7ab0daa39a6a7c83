//! `avibench prompts`: what models are asked, and how to change it.

use std::io::Write as _;

use avibench_prompts::PromptPack;
use avibench_protocol::{Sample, WordingSource};
use clap::{Args, Subcommand};

use super::common::{DataArgs, PromptArgs};
use super::ranges::{self, whole};
use crate::exit::Exit;
use crate::terminal::{self, Grid, folded};

/// Show or export the prompts.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench prompts show --prompts definitions.py\n\
\x20 avibench prompts export > mine.toml")]
pub(crate) struct Prompts {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print exactly what would be sent for the samples of a data set
    ///
    /// With --prompts, avibench's own wording and that of the file stand side by side.
    Show(Show),
    /// Print the prompt pack as TOML, to edit and pass to --prompts
    #[command(after_long_help = "\
Examples:\n\
\x20 avibench prompts export > mine.toml")]
    Export(PromptArgs),
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench prompts show --tasks AVQA --data-root DATA")]
struct Show {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    prompts: PromptArgs,
    /// Only the sample at this position of each folder (default: the first that asks something)
    #[arg(long, value_parser = whole::<usize>(ranges::POSITION), value_name = "POSITION")]
    sample: Option<usize>,
}

impl Prompts {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self.action {
            Action::Show(show) => show.run(),
            Action::Export(prompts) => {
                terminal::raw_stdout().write_all(prompts.load()?.export().as_bytes())?;
                Ok(Exit::Done)
            }
        }
    }
}

impl Show {
    fn run(&self) -> anyhow::Result<Exit> {
        let pack = self.prompts.load()?;
        let loaded = self.data.load()?;
        let mut out = terminal::stdout();
        for data in &loaded.folders {
            let sample = match self.sample {
                Some(position) => data.samples.get(position),
                None => data
                    .samples
                    .iter()
                    .find(|sample| pack.prompt(sample).is_ok())
                    .or_else(|| data.samples.iter().find(|sample| !sample.is_void())),
            };
            let Some(sample) = sample else {
                terminal::warning(format!(
                    "{} has {} samples, and none of them is asked here; choose another --sample",
                    data.folder,
                    data.samples.len()
                ));
                continue;
            };
            let id = terminal::printable(&sample.id);
            writeln!(out, "{} {} (id {id})", data.folder, sample.position)?;
            for medium in sample.media.iter() {
                writeln!(out, "  medium: {}", terminal::printable(medium))?;
            }
            if pack.source() == WordingSource::Embedded {
                writeln!(out, "  text: {}\n", worded(&pack, sample))?;
            } else {
                writeln!(out, "{}\n", side_by_side(&pack, sample))?;
            }
        }
        Ok(Exit::Done)
    }
}

/// The question in the words of a pack, or why it is not asked.
fn worded(pack: &PromptPack, sample: &Sample) -> String {
    match pack.prompt(sample) {
        Ok(prompt) => {
            for warning in &prompt.warnings {
                terminal::warning(warning);
            }
            terminal::printable(&prompt.text)
        }
        Err(reason) => terminal::printable(&format!("not asked: {reason}")),
    }
}

/// The program's own wording beside that of another pack.
fn side_by_side(pack: &PromptPack, sample: &Sample) -> Grid {
    // Two columns of text, with two blanks between them.
    let width = terminal::prose_width() / 2 - 1;
    let embedded = PromptPack::embedded();
    let other = format!("{} ({})", pack.source(), terminal::printable(pack.name()));
    let head = |text: &str| folded(text, width);
    let mut grid = Grid::new([head(&embedded.source().to_string()), head(&other)]).with_texts([1]);
    grid.row([worded(embedded, sample), worded(pack, sample)].map(|text| folded(&text, width)));
    grid
}
