//! `avibench batch fetch`: what came of an export's batches, brought into its label.

use std::io::Write as _;
use std::time::{Duration, Instant};

use avibench_batch::BatchStatus;
use clap::Args;

use super::import::{IntoArgs, report};
use super::remote::{Opened, RemoteArgs, status_table, warn_of_errors};
use crate::commands::ranges::length_of_time;
use crate::exit::Exit;
use crate::terminal;

/// The first wait between two looks; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait between two looks.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Fetch the results of batches that have ended, and read them into the journals of the label.
///
/// Each file is fetched once and kept beside the export; what could not be answered stays open for the next
/// `run` or `batch export`. Exit code 2: some batches go on, or some requests have no answer.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench batch fetch batches/my-model/1 \\\n\
\x20     --base-url https://host/v1 --data-root DATA \\\n\
\x20     --wait 24h")]
pub(crate) struct Fetch {
    #[command(flatten)]
    remote: RemoteArgs,
    #[command(flatten)]
    into: IntoArgs,
    /// Wait so long for batches that go on, such as 30m or 24h
    #[arg(long, value_parser = length_of_time, value_name = "TIME")]
    wait: Option<Duration>,
}

impl Fetch {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let mut opened = self.remote.open()?;
        let statuses = self.look(&mut opened)?;
        let Opened { http, mut submission, runtime } = opened;
        let tell = |step: &_| terminal::note(step);
        let results = submission.fetch(&http, &statuses, runtime.handle(), &tell)?;
        writeln!(terminal::stdout(), "{}", status_table(&submission))?;
        let export = &self.remote.export;
        warn_of_errors(&statuses, export);
        if statuses.iter().any(Option::is_none) {
            let export = export.display();
            terminal::warning(format!(
                "not all files of {export} are submitted; avibench batch submit {export} goes on"
            ));
        }
        let has_ended =
            statuses.iter().all(|status| status.as_ref().is_some_and(BatchStatus::has_ended));
        if results.is_empty() {
            let (said, next) = if has_ended {
                (
                    "nothing came of the batches",
                    "avibench batch export, with its first flags".to_owned(),
                )
            } else {
                let next = format!("avibench batch fetch {} --wait 24h", export.display());
                ("nothing has come of the batches yet", next)
            };
            terminal::note(said);
            terminal::hint(next);
            return Ok(Exit::SomeFailed);
        }
        let secrets = http.secrets().clone();
        let hosts = http.hosts().map(str::to_owned).collect();
        let locking = self.remote.locks.locking();
        let summary = self.into.import(export, &results, None, secrets, hosts, locking)?;
        report(&summary, export, &self.into.flags())
    }

    /// How far the batches are once they have ended, or once the wait is over.
    fn look(&self, opened: &mut Opened) -> anyhow::Result<Vec<Option<BatchStatus>>> {
        let (begun, mut wait) = (Instant::now(), FIRST_WAIT);
        loop {
            let statuses = opened.look()?;
            let has_ended = statuses.iter().flatten().all(BatchStatus::has_ended);
            let left = self.wait.unwrap_or_default().saturating_sub(begun.elapsed());
            if has_ended || left.is_zero() {
                return Ok(statuses);
            }
            std::thread::sleep(wait.min(left));
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }
}
