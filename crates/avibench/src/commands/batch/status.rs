//! `avibench batch status`: how far the batches of an export are.

use std::io::Write as _;

use clap::Args;

use super::remote::{RemoteArgs, status_table, warn_of_errors};
use crate::exit::Exit;
use crate::terminal;

/// Say how far the batches of an export are.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench batch status batches/my-model/1 \\\n\
\x20     --base-url https://host/v1")]
pub(crate) struct Status {
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Status {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let mut opened = self.remote.open()?;
        let statuses = opened.look()?;
        writeln!(terminal::stdout(), "{}", status_table(&opened.submission))?;
        warn_of_errors(&statuses, &self.remote.export);
        if statuses.iter().any(Option::is_none) {
            terminal::hint(format!(
                "with the same flags, avibench batch submit {} goes on",
                self.remote.export.display()
            ));
        } else if statuses.iter().flatten().any(avibench_batch::BatchStatus::has_ended) {
            terminal::hint(format!(
                "with the same flags, avibench batch fetch {}",
                self.remote.export.display()
            ));
        }
        Ok(Exit::Done)
    }
}
