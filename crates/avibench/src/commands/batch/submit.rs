//! `avibench batch submit`: an export uploaded, and batches made of it.

use std::io::Write as _;

use clap::Args;

use super::remote::{Opened, RemoteArgs, status_table};
use crate::exit::Exit;
use crate::terminal;

/// Upload an export to an OpenAI-compatible service, and have batches made of its files.
///
/// Interrupted, it goes on where it was when it is started again, and submits nothing twice: each step is
/// noted in `submission.json` beforehand, and looked for at the service afterwards.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench batch submit batches/my-model/1 \\\n\
\x20     --base-url https://host/v1")]
pub(crate) struct Submit {
    #[command(flatten)]
    remote: RemoteArgs,
    /// The time that the service may take for a batch
    #[arg(long, default_value = "24h", value_name = "TIME")]
    window: String,
}

impl Submit {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let Opened { http, mut submission, runtime } = self.remote.open()?;
        submission.submit(&http, &self.window, runtime.handle(), &|step| terminal::note(step))?;
        writeln!(terminal::stdout(), "{}", status_table(&submission))?;
        let export = self.remote.export.display();
        terminal::hint(format!(
            "avibench batch status {export}, then avibench batch fetch {export} --data-root DATA, with the same \
             endpoint"
        ));
        Ok(Exit::Done)
    }
}
