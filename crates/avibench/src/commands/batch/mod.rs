//! `avibench batch`: a run by way of a provider's batch interface.

mod export;
mod fetch;
mod import;
mod remote;
mod status;
mod submit;

use clap::{Args, Subcommand};

use crate::exit::Exit;

/// Have questions answered in batches, which most providers do at half the price.
///
/// `export` writes what `run` would send as files, `submit` uploads them, `status` says how far the batches
/// are, and `fetch` brings the answers into the label, where they are what a run's answers are. Files can
/// also be brought to a provider, and to vLLM's `run_batch`, by hand: `import` reads what comes back. What is
/// left unanswered is asked by the next `run`, or goes into the next export (docs/scale.md).
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench batch export --model-path my-model \\\n\
\x20     --data-root DATA\n\
\x20 avibench batch submit batches/my-model/1 \\\n\
\x20     --base-url https://host/v1\n\
\x20 avibench batch fetch batches/my-model/1 \\\n\
\x20     --base-url https://host/v1 --data-root DATA")]
pub(crate) struct Batch {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Export(Box<export::Export>),
    Submit(submit::Submit),
    Status(status::Status),
    Fetch(fetch::Fetch),
    Import(import::Import),
}

impl Batch {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self.action {
            Action::Export(export) => export.run(),
            Action::Submit(submit) => submit.run(),
            Action::Status(status) => status.run(),
            Action::Fetch(fetch) => fetch.run(),
            Action::Import(import) => import.run(),
        }
    }
}
