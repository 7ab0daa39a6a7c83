//! `avibench run`: every question of a data set, put to a model.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use avibench_engine::{
    Backend, DryRun, End, FolderJobs, JsonLog, Listener, Price, PriceTable, Run as EngineRun,
    RunSettings, RunSummary, StopHandle,
};
use avibench_protocol::{FolderData, Label, PromptPack, Sample};
use clap::Args;

use super::common::{DataArgs, PromptArgs};
use super::endpoint::EndpointArgs;
use crate::exit::Exit;
use crate::terminal::{self, Progress, plan_table, run_table};

/// Program and version, as run.json has it.
pub(crate) const PROGRAM: &str = concat!("avibench ", env!("CARGO_PKG_VERSION"));

/// Time for requests in flight when the run is to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Ask a model every question of a data set.
///
/// Answers are kept in a journal as they come. After Ctrl-C, a crash or an error, the same command
/// goes on where it stopped; only what was in flight is asked again.
#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub endpoint: EndpointArgs,
    #[command(flatten)]
    pub prompts: PromptArgs,
    /// Where `<label>/` with the answers goes
    #[arg(
        long,
        alias = "output_dir",
        env = "OUTPUT_DIR",
        default_value = "user_outputs",
        value_name = "DIR"
    )]
    pub output_dir: PathBuf,
    /// Only the first N samples of each folder
    #[arg(long, alias = "n_samples", value_name = "N")]
    pub n_samples: Option<usize>,
    /// Go on under a label that holds another model, prompt pack, data set or profile
    #[arg(long)]
    pub force: bool,
    /// Say what would be sent and what it would cost; send nothing
    #[arg(long = "dry-run")]
    pub plan_only: bool,
    /// Prices in US dollars per million tokens: TOML with [[model]] name, input, output
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
    /// Stop cleanly before this many US dollars are spent under the label
    #[arg(long, value_name = "DOLLARS")]
    pub max_cost: Option<f64>,
    /// Write every event as a JSON line
    #[arg(long, value_name = "FILE")]
    pub log_json: Option<PathBuf>,
}

/// What is asked under which label, whoever answers.
pub(crate) struct Asking<'a> {
    pub label: Label,
    pub model: String,
    pub backend_name: String,
    pub endpoint: &'a EndpointArgs,
    pub output_dir: &'a Path,
    pub n_samples: Option<usize>,
    pub force: bool,
    pub pack: &'a PromptPack,
    pub price: Option<Price>,
    pub max_cost: Option<f64>,
}

impl Run {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let (dataset, folders) = self.data.load()?;
        let pack = self.prompts.load()?;
        let label = self.endpoint.label()?;
        if dataset.generated().is_none() && !self.output_dir.join(label.as_str()).exists() {
            terminal::note(
                "AVI-Bench's data is for evaluation only: do not mirror, share or train on it; \
                 cite arXiv 2606.07643",
            );
        }
        let model = self.endpoint.model()?;
        let prices = match &self.prices {
            Some(path) => PriceTable::read(path)?,
            None => PriceTable::embedded(),
        };
        let asking = Asking {
            label,
            price: prices.find(&model),
            max_cost: self.max_cost,
            model,
            backend_name: self.endpoint.backend.clone(),
            endpoint: &self.endpoint,
            output_dir: &self.output_dir,
            n_samples: self.n_samples,
            force: self.force,
            pack: &pack,
        };
        if self.plan_only {
            let plan = DryRun::new(&asking.settings()?, &asking.jobs(&folders))?;
            writeln!(anstream::stdout(), "{}", plan_table(&plan))?;
            return Ok(Exit::Done);
        }
        let backend = self.endpoint.backend(&asking.directory())?;
        let log = self.log_json.as_deref().map(JsonLog::open).transpose()?;
        let listeners: Vec<Box<dyn Listener>> =
            log.map(|log| Box::new(log) as Box<dyn Listener>).into_iter().collect();
        let runtime = tokio::runtime::Runtime::new()?;
        let summary =
            runtime.block_on(asking.ask(&folders, backend, listeners, Progress::new("asking")))?;
        // A blocked built-in model must not hold up the exit after a second Ctrl-C.
        runtime.shutdown_timeout(Duration::from_millis(100));
        report(&summary)
    }
}

impl Asking<'_> {
    /// Asks what is left to ask. Ctrl-C stops softly, a second one at once.
    pub(crate) async fn ask(
        &self,
        folders: &[FolderData],
        backend: Backend,
        mut listeners: Vec<Box<dyn Listener>>,
        progress: Progress,
    ) -> anyhow::Result<RunSummary> {
        let jobs = self.jobs(folders);
        let run = EngineRun::open(self.settings()?, jobs)?;
        listeners.push(Box::new(progress));
        let stop = StopHandle::new();
        let interrupts = tokio::spawn(watch_interrupts(stop.clone()));
        let summary = run.execute(backend, listeners, &stop).await;
        interrupts.abort();
        Ok(summary?)
    }

    /// Where the label's files go.
    pub(crate) fn directory(&self) -> PathBuf {
        self.output_dir.join(self.label.as_str())
    }

    /// Words every question. What the prompt pack does not know is said once.
    fn jobs(&self, folders: &[FolderData]) -> Vec<FolderJobs> {
        let mut warnings = BTreeSet::new();
        let mut word = |sample: &Sample| {
            self.pack.prompt(sample).map_or_else(String::new, |prompt| {
                warnings.extend(prompt.warnings);
                prompt.text
            })
        };
        let jobs =
            folders.iter().map(|data| FolderJobs::new(data, self.n_samples, &mut word)).collect();
        for warning in &warnings {
            terminal::warning(warning);
        }
        jobs
    }

    fn settings(&self) -> anyhow::Result<RunSettings> {
        Ok(RunSettings {
            program: PROGRAM.to_owned(),
            label: self.label.clone(),
            directory: self.directory(),
            model: self.model.clone(),
            backend: self.backend_name.clone(),
            profile: self.endpoint.packing(),
            parameters: self.endpoint.deciding()?,
            prompt_pack: self.pack.hash(),
            concurrency: self.endpoint.concurrency,
            requests_per_minute: self.endpoint.rpm,
            tokens_per_minute: self.endpoint.tpm,
            retry: self.endpoint.retry(),
            grace: GRACE,
            price: self.price,
            max_cost: self.max_cost,
            force: self.force,
            finish: None,
        })
    }
}

async fn watch_interrupts(stop: StopHandle) {
    while tokio::signal::ctrl_c().await.is_ok() {
        let again = stop.is_stopped();
        stop.stop();
        terminal::note(if again {
            "stopping now"
        } else {
            "stopping: requests in flight get 10 s; Ctrl-C again stops now"
        });
    }
}

/// The closing summary of a run, and what its end means for the exit code.
pub(crate) fn report(summary: &RunSummary) -> anyhow::Result<Exit> {
    terminal::note(run_table(summary));
    for (kind, trouble) in &summary.troubles {
        terminal::warning(format!(
            "{} samples: {}, such as {} {}: {}",
            trouble.count,
            kind.describe(),
            trouble.folder,
            trouble.position,
            trouble.message
        ));
    }
    terminal::note(format!("answers: {}", summary.directory.join("tasks").display()));
    let go_on = "run the same command again: it goes on where it stopped";
    match &summary.end {
        End::Finished if summary.is_complete() => {
            terminal::hint("avibench refine, then avibench score");
            Ok(Exit::Done)
        }
        End::Finished => {
            terminal::hint(format!("to ask the samples without an answer again, {go_on}"));
            Ok(Exit::SomeFailed)
        }
        End::Interrupted => {
            terminal::hint(go_on);
            Ok(Exit::Interrupted)
        }
        end => {
            let reason = end.describe().unwrap_or_default();
            anyhow::bail!("{reason}. Nothing that was answered is lost; once mended, {go_on}")
        }
    }
}
