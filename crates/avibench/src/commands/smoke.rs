//! `avibench smoke`: a few samples of every folder, to see whether an endpoint can be evaluated.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use avibench_engine::{End, Event, Listener, Snapshot};
use avibench_protocol::{Folder, Position, Prediction};
use avibench_store::{AskOutcome, read_predictions};
use clap::Args;

use super::common::{DataArgs, PromptArgs};
use super::endpoint::EndpointArgs;
use super::ranges::{self, whole};
use super::run::Asking;
use super::session::{AskedFor, warn_of_stops};
use crate::exit::Exit;
use crate::interrupt;
use crate::terminal::{self, Grid, Progress, folded, printable};

/// Characters of an answer that the table shows at most.
const SHOWN: usize = 48;

/// Columns of a line that the mark, the folder and the position take.
const PLACE: usize = 22;

/// Try an endpoint with a few samples of every folder; nothing is kept.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench smoke --base-url http://127.0.0.1:8000/v1 \\\n\
\x20     --model-path my-model --data-root DATA --n-samples 2")]
pub(crate) struct Smoke {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    endpoint: EndpointArgs,
    #[command(flatten)]
    prompts: PromptArgs,
    /// Samples of each folder
    #[arg(long, help_heading = "Data", alias = "n_samples", default_value_t = 5, value_parser = whole::<usize>(ranges::SAMPLES), value_name = "N")]
    n_samples: usize,
}

type Endings = Arc<Mutex<BTreeMap<(Folder, Position), (AskOutcome, Option<String>)>>>;

/// Remembers how each sample ended.
struct Ending(Endings);

impl Listener for Ending {
    fn on_event(&mut self, event: &Event, _: &Snapshot) {
        if let Event::Finished { job, outcome, message, .. } = event {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert((job.folder, job.position), (*outcome, message.clone()));
        }
    }
}

impl Smoke {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let data = self.data.load_to_ask(Some(self.n_samples))?;
        let folders = &data.folders;
        let pack = self.prompts.load()?;
        let scratch = tempfile::tempdir()?;
        let label = self.endpoint.label()?;
        let asking = Asking {
            settings: self.endpoint.settings(label, scratch.path(), &pack)?,
            n_samples: Some(self.n_samples),
            pack: &pack,
        };
        let endings = Endings::default();
        let runtime = tokio::runtime::Runtime::new()?;
        let summary = runtime.block_on(asking.ask(
            asking.jobs(folders),
            self.endpoint.backend(&asking.settings.directory)?,
            vec![Box::new(Ending(Arc::clone(&endings)))],
            Progress::new("trying"),
        ))?;
        let mut answers = BTreeMap::new();
        for folder in summary.folders.keys() {
            let path = summary.directory.join("tasks").join(format!("{folder}.json"));
            if path.exists() {
                answers.insert(*folder, read_predictions(&path)?);
            }
        }
        let mut grid = Grid::new(["", "Folder", "Sample", "Answer"]).with_texts([1, 3]);
        let (mut failed, mut cut_off) = (0, 0);
        for ((folder, position), (outcome, message)) in
            endings.lock().unwrap_or_else(PoisonError::into_inner).iter()
        {
            let answer = answers.get(folder).map(|slots| Prediction::at(slots, *position));
            let (mark, said) = match (outcome, answer) {
                (AskOutcome::Answered, Some(Prediction::Text(text))) => ("OK", beginning(text)),
                (AskOutcome::CutOff, Some(Prediction::Text(text))) => {
                    cut_off += 1;
                    ("CUT", beginning(text))
                }
                _ => {
                    failed += 1;
                    let message =
                        message.as_ref().map_or_else(String::new, |said| format!(": {said}"));
                    let said = printable(&format!("{}{message}", outcome.name()));
                    ("FAIL", folded(&said, terminal::prose_width() - PLACE))
                }
            };
            grid.row([mark, folder.name(), &position.to_string(), &said]);
        }
        writeln!(terminal::stdout(), "{grid}")?;
        warn_of_stops(&summary, AskedFor::Answers);
        match &summary.end {
            End::Finished if failed + cut_off == 0 => {
                terminal::note("every sample was answered");
                Ok(data.exit(Exit::Done))
            }
            End::Finished if failed == 0 => Ok(Exit::SomeFailed),
            End::Finished => {
                terminal::warning(format!(
                    "{} not answered",
                    if failed == 1 {
                        "1 sample was".to_owned()
                    } else {
                        format!("{failed} samples were")
                    }
                ));
                Ok(Exit::SomeFailed)
            }
            End::Interrupted => Ok(interrupt::stopped()),
            end => anyhow::bail!("{}", end.describe().unwrap_or_default()),
        }
    }
}

/// The first words on one line.
fn beginning(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let most = SHOWN.min(terminal::prose_width() - PLACE);
    let shown: String = line.chars().take(most).collect();
    let more = if line.chars().count() > most { "…" } else { "" };
    printable(&format!("{shown}{more}"))
}
