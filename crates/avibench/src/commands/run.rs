//! `avibench run`: every question of a data set, put to a model.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use avibench_assess::prepare_rules;
use avibench_engine::{
    Backend, DryRun, FolderJobs, LEAST_MEDIUM_BYTES, Listener, Run as EngineRun, RunSettings,
    RunSummary, StopHandle, TokenRates,
};
use avibench_prompts::{NotAsked, PromptPack};
use avibench_protocol::{FolderData, Sample};
use avibench_store::{Ablation, Label, OnDifference, Shard, ShardFolder};
use clap::Args;

use super::ablation::{self, AblationArgs};
use super::common::{DataArgs, Loaded, OutputArgs, PromptArgs};
use super::endpoint::EndpointArgs;
use super::epochs::{EpochArgs, progress_of_epochs};
use super::fense::CaptionArgs;
use super::locks::LockArgs;
use super::money::MoneyArgs;
use super::probing::{BeforeRun, ProbeArgs, Prober};
use super::ranges::{self, whole};
use super::session::{self, AskedFor};
use super::sharding::{self, ShardArgs};
use super::time_limit::TimeLimitArgs;
use super::until::{Followed, Found, Sought, UntilArgs};
use crate::exit::Exit;
use crate::terminal::{
    self, Measuring, Progress, ProgressNote, dry_run_table, note_dry_run, run_table,
};

/// Ask a model every question of a data set.
///
/// Answers are kept in a journal as they come. After Ctrl-C, a crash or an error, the same command
/// goes on where it stopped; only what was in flight is asked again.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench run --base-url http://127.0.0.1:8000/v1 \\\n\
\x20     --model-path my-model --profile vllm --data-root DATA\n\
\x20 avibench run --use gemini --subset 0.2 --dry-run\n\
\x20 avibench run --use gemini --epochs 5\n\
\x20 avibench run --backend my-adapter --tasks AVQA,perception")]
pub(crate) struct Run {
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub endpoint: EndpointArgs,
    #[command(flatten)]
    pub prompts: PromptArgs,
    #[command(flatten)]
    pub outputs: OutputArgs,
    /// Only the first N samples of each folder, which need not be like the others: to estimate
    /// scores, take --subset
    #[arg(long, help_heading = "Data", alias = "n_samples", value_parser = whole::<usize>(ranges::SAMPLES), value_name = "N")]
    pub n_samples: Option<usize>,
    #[command(flatten)]
    pub ablation: AblationArgs,
    #[command(flatten)]
    pub epochs: EpochArgs,
    #[command(flatten)]
    pub until: UntilArgs,
    #[command(flatten)]
    pub captions: CaptionArgs,
    #[command(flatten)]
    pub shard: ShardArgs,
    /// Go on under a label that holds another model, prompt pack, data set or profile
    #[arg(long, help_heading = "What is done")]
    pub force: bool,
    /// Say what would be sent and what it would cost; send nothing
    #[arg(long = "dry-run", help_heading = "What is done")]
    pub plan_only: bool,
    /// Print the dry run as JSON, in bytes and tokens
    #[arg(long, help_heading = "What is done", requires = "plan_only")]
    pub json: bool,
    #[command(flatten)]
    pub money: MoneyArgs,
    #[command(flatten)]
    pub probe: ProbeArgs,
    #[command(flatten)]
    pub time_limit: TimeLimitArgs,
    #[command(flatten)]
    pub locks: LockArgs,
    /// Write every event as a JSON line
    #[arg(long, help_heading = "Output", value_name = "FILE")]
    pub log_json: Option<PathBuf>,
}

/// What is asked under which label, whoever answers.
pub(crate) struct Asking<'a> {
    pub settings: RunSettings,
    pub pack: &'a PromptPack,
    /// Only the first so many samples of each folder.
    pub n_samples: Option<usize>,
}

/// A part of [`Run::ask`] that takes its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Finding out what the endpoint receives.
    Probing,
    /// Asking the questions.
    Asking,
}

/// How [`Run::ask`] ended.
pub(crate) enum Asked {
    /// It did what else was to be done than asking, or was not allowed to ask.
    Nothing(Exit),
    /// The questions were asked, as far as the summary tells; and what comes next.
    Questions(Box<RunSummary>, String),
}

impl Run {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        self.time_limit.begin()?;
        let data = self.data.load_to_ask(self.n_samples)?;
        let exit = match self.ask(&data, &mut |_| {})? {
            Asked::Nothing(exit) => exit,
            Asked::Questions(summary, next) => report(&summary, &next)?,
        };
        Ok(data.exit(exit))
    }

    /// The label that answers are kept under.
    pub(crate) fn label(&self) -> anyhow::Result<Label> {
        let base = self.endpoint.label()?;
        let ablation = self.ablation.ablation(&base)?;
        Ok(ablation.as_ref().map_or(Ok(base), Ablation::label)?)
    }

    /// Probes the endpoint where that is due, and asks what is left to ask; says which part `begins`.
    pub(crate) fn ask(&self, data: &Loaded, begins: &mut dyn FnMut(Part)) -> anyhow::Result<Asked> {
        let sought = self.until.sought(&data.folders, &self.captions)?;
        let chosen = sought.as_ref().map(|sought| sought.folders(&data.folders));
        let (dataset, folders) = (&data.dataset, chosen.as_ref().unwrap_or(&data.folders));
        let pack = self.prompts.load()?;
        let base = self.endpoint.label()?;
        let ablation = self.ablation.ablation(&base)?;
        let label = ablation.as_ref().map_or(Ok(base), Ablation::label)?;
        if dataset.generated().is_none() && !self.outputs.output_dir.join(label.as_str()).exists() {
            terminal::note(
                "AVI-Bench's data is for evaluation only: do not mirror, share or train on it; \
                 cite arXiv 2606.07643",
            );
        }
        let directory = self.outputs.output_dir.join(label.as_str());
        let flags = [self.data.dataset.flag(), self.outputs.flag()].concat();
        let shard = self.shard.shard(&directory)?;
        if sought.is_some() {
            self.check_sought(shard)?;
        }
        match shard {
            Some(_) => sharding::wait_for_whole(&label, &directory)?,
            None => sharding::check_whole(&label, &directory, self.force, &flags)?,
        }
        let settings = self.endpoint.settings(label.clone(), &self.outputs.output_dir, &pack)?;
        terminal::note(wording_line(&pack));
        let mut asking = Asking {
            settings: RunSettings {
                price: self.money.price(&settings.model, self.endpoint.is_built_in())?,
                max_cost: self.money.max_cost,
                on_difference: if self.force { OnDifference::Force } else { OnDifference::Refuse },
                ablation,
                // As much as decoding a medium may take, so that what can be sent can be rewritten.
                rewritten: self.ablation.rewritten(
                    &self.outputs.output_dir,
                    (self.endpoint.max_inflight_mib << 20).max(LEAST_MEDIUM_BYTES),
                ),
                subset: self.ablation.subset(),
                epochs: self.epochs.epochs,
                locking: self.locks.locking(),
                ..settings
            },
            n_samples: self.n_samples,
            pack: &pack,
        };
        self.epochs.warn(&asking.settings.parameters);
        if let Some(sought) = &sought {
            terminal::note(sought.described());
            asking.settings = sought.ordered(asking.settings);
        }
        let mut jobs = asking.jobs(folders);
        let questions = jobs.iter().map(|folder| folder.jobs.len()).sum();
        let mut next = session::after_answers(&label, &flags);
        if let Some(shard) = shard {
            let (identity, part) = sharding::part(shard, jobs, self.n_samples);
            jobs = part;
            let asked: usize = jobs.iter().map(|folder| folder.jobs.len()).sum();
            terminal::note(sharding::described(shard, asked, questions, &self.limits()));
            asking.settings.directory = ShardFolder::of(&directory, shard).path;
            asking.settings.shard = Some(identity);
            sharding::check_part(shard, &label, &directory, &jobs, self.force)?;
            next = sharding::next(&label, &flags);
        }
        if let Some(ablation) = &asking.settings.ablation {
            terminal::note(ablation::described(ablation, &jobs));
        }
        if self.plan_only {
            self.show_plan(&asking.settings, &jobs)?;
            return Ok(Asked::Nothing(Exit::Done));
        }
        let backend = Arc::new(self.endpoint.backend(&asking.settings.directory)?);
        let listeners = session::json_log(self.log_json.as_deref())?;
        let runtime = tokio::runtime::Runtime::new()?;
        let prober = Prober {
            endpoint: &self.endpoint,
            settings: &asking.settings,
            output_dir: &self.outputs.output_dir,
            runtime: &runtime,
            label_directory: shard.map(|_| directory.as_path()),
        };
        begins(Part::Probing);
        match prober.before_run(&self.probe, &backend, questions)? {
            BeforeRun::GoOn { cost } => asking.settings.spent_elsewhere += cost,
            BeforeRun::Stop(exit) => return Ok(Asked::Nothing(exit)),
        }
        begins(Part::Asking);
        let progress = Progress::new("asking");
        let summary = match &sought {
            None => runtime.block_on(asking.ask(jobs, backend, listeners, progress))?,
            Some(sought) => {
                let seeking = Seeking { asking: &asking, sought, folders, runtime: &runtime };
                let (summary, found) = seeking.ask(jobs, backend, listeners, progress)?;
                terminal::note(found.described());
                summary
            }
        };
        // A blocked built-in model must not hold up the exit after a second Ctrl-C.
        runtime.shutdown_timeout(Duration::from_millis(100));
        Ok(Asked::Questions(Box::new(summary), next))
    }

    /// Says what would be sent and what it would cost.
    fn show_plan(&self, settings: &RunSettings, jobs: &[FolderJobs]) -> anyhow::Result<()> {
        let measuring = Measuring::new("measuring media");
        let plan = DryRun::new(settings, jobs, &|done, all| measuring.tell(done, all));
        measuring.clear();
        let plan = plan?;
        if self.json {
            terminal::print_json(&plan)?;
        } else {
            let rates = TokenRates::source(&settings.model);
            writeln!(terminal::stdout(), "{}", dry_run_table(&plan, &rates))?;
        }
        let batches = match plan.total().batch_cost {
            Some(_) => "; to ask in a batch, begin with avibench batch export",
            None => "",
        };
        let most =
            if settings.sequence.is_some() { "; --until asks that much at most" } else { "" };
        let next = format!("to ask, run the same command without --dry-run{batches}{most}");
        note_dry_run(&plan, &next);
        Ok(())
    }

    /// Refuses what cannot be done together with a run that stops when it is sure.
    fn check_sought(&self, shard: Option<Shard>) -> anyhow::Result<()> {
        anyhow::ensure!(
            shard.is_none(),
            "--until stops a run that is asked in one random order, and shards ask apart from each other; leave \
             either out"
        );
        anyhow::ensure!(
            self.epochs.epochs == 1,
            "--until asks no more than it needs, and --epochs everything several times; leave either out"
        );
        Ok(())
    }

    /// The limits that are set, and hold for each shard by itself.
    fn limits(&self) -> Vec<&'static str> {
        sharding::limits(&self.endpoint.connection, &self.money)
    }
}

/// Asking until a score is known.
struct Seeking<'a> {
    asking: &'a Asking<'a>,
    sought: &'a Sought,
    folders: &'a [FolderData],
    runtime: &'a tokio::runtime::Runtime,
}

impl Seeking<'_> {
    /// Asks in the order of what is sought, while a thread of its own follows the journals and stops the run as
    /// soon as they tell enough.
    fn ask(
        &self,
        jobs: Vec<FolderJobs>,
        backend: Arc<Backend>,
        mut listeners: Vec<Box<dyn Listener>>,
        progress: Progress,
    ) -> anyhow::Result<(RunSummary, Found)> {
        let Self { asking, sought, folders, runtime } = *self;
        let (directory, label) = (&asking.settings.directory, &asking.settings.label);
        let note = ProgressNote::default();
        listeners.push(Box::new(progress.with_note(note.clone())));
        // Otherwise the first answers wait for them, and quick models are done before the first look.
        prepare_rules(folders);
        let run = EngineRun::open(asking.settings.clone(), jobs)?;
        sought.begin(directory)?;
        let (stop, is_over) = (StopHandle::new(), AtomicBool::new(false));
        let (looked, first_look) = std::sync::mpsc::channel();
        let followed = Followed { directory, label, data: folders, stop: &stop };
        std::thread::scope(|scope| {
            let (note, is_ended) = (&note, &is_over);
            let watching = scope.spawn(move || sought.watch(&followed, note, looked, is_ended));
            // What is known already need not be asked. If the thread ends before it has looked, joining it says why.
            let _ = first_look.recv();
            let summary = runtime.block_on(session::execute_until(run, backend, listeners, &stop));
            is_over.store(true, Ordering::Release);
            let found =
                watching.join().map_err(|_| anyhow::anyhow!("following the run broke down"))?;
            Ok((summary?, found?))
        })
    }
}

impl Asking<'_> {
    /// Asks what is left to ask. Ctrl-C stops softly, a second one at once.
    pub(crate) async fn ask(
        &self,
        jobs: Vec<FolderJobs>,
        backend: impl Into<Arc<Backend>>,
        mut listeners: Vec<Box<dyn Listener>>,
        progress: Progress,
    ) -> anyhow::Result<RunSummary> {
        let run = EngineRun::open(self.settings.clone(), jobs)?;
        EpochArgs { epochs: self.settings.epochs }.note_further(run.planned_epochs());
        listeners.push(Box::new(progress));
        session::execute(run, backend, listeners).await
    }

    /// Words every question. What the prompt pack does not know is said once.
    pub(crate) fn jobs(&self, folders: &[FolderData]) -> Vec<FolderJobs> {
        let mut warnings = BTreeSet::new();
        let mut word = |sample: &Sample| {
            let prompt = self.pack.prompt(sample)?;
            warnings.extend(prompt.warnings);
            Ok::<_, NotAsked>(prompt.text)
        };
        let jobs = folders
            .iter()
            .map(|data| {
                let mut jobs = FolderJobs::worded(data, self.n_samples, &mut word);
                if let Some(subset) = &self.settings.subset {
                    jobs = jobs.drawn(subset, data);
                }
                match &self.settings.ablation {
                    Some(ablation) => jobs.ablated(ablation, data),
                    None => jobs,
                }
            })
            .collect();
        for warning in &warnings {
            terminal::warning(warning);
        }
        jobs
    }
}

/// Whose words questions are put in, and what that means for the scores.
pub(crate) fn wording_line(pack: &PromptPack) -> String {
    let source = pack.source();
    if source.is_published() {
        return format!("asked in {source} ({})", pack.name());
    }
    format!(
        "asked in {source}: scores do not compare with published ones\n\
         hint: --prompts takes the benchmark's definitions file (.py)"
    )
}

/// The closing summary of a run, what comes next, and what its end means for the exit code.
pub(crate) fn report(summary: &RunSummary, next: &str) -> anyhow::Result<Exit> {
    terminal::note(run_table(summary));
    if let Some(progress) = progress_of_epochs(summary) {
        terminal::note(progress);
    }
    session::close(summary, AskedFor::Answers, next)
}
