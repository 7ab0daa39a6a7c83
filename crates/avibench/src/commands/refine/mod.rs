//! `avibench refine`: free-form answers brought into the format that scoring reads.

mod explain;
mod format;
mod refiner;
mod repeat;
mod step;

use std::fmt;
use std::time::Duration;

use avibench_refine::{Formatter, RefineError, RefineMode, RefineNote, RefineSettings, Refiner};
use avibench_store::{Label, Shard};
use clap::{Args, Subcommand, ValueEnum};

pub(crate) use self::format::{Endpoint, format_label, tell};
use self::refiner::RefinerArgs;
use self::repeat::RepeatArgs;
pub(crate) use self::step::{Before, RefineStep};
use super::common::{
    DataArgs, Loaded, OutputArgs, PromptArgs, RefinedArgs, discover_labels, folder_flags,
};
use super::locks::LockArgs;
use super::session;
use super::sharding::{self, ShardArgs};
use super::time_limit::TimeLimitArgs;
use crate::exit::Exit;
use crate::terminal;

/// Format a run's answers: by rules where they leave no doubt, by a language model elsewhere.
///
/// The model is any OpenAI-compatible endpoint. Its replies are kept in a journal beside the
/// formatted answers: after Ctrl-C, a crash or an error the same command goes on where it stopped,
/// and no text is sent to a model twice, whatever the label or the endpoint.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench refine --refine rules --data-root DATA\n\
\x20 avibench refine --base-url https://host.example/v1 \\\n\
\x20     --refine-model gemini-2.5-flash --models my-model")]
pub(crate) struct Refine {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    job: Job,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show what official and strict scoring read in an answer
    Explain(explain::Explain),
}

/// What to refine, and how.
#[derive(Debug, Args)]
pub(crate) struct Job {
    #[command(flatten)]
    data: DataArgs,
    /// Who formats
    #[arg(long, help_heading = "Formatting", value_enum, default_value_t = ModeArg::Hybrid)]
    refine: ModeArg,
    #[command(flatten)]
    refiner: RefinerArgs,
    #[command(flatten)]
    prompts: PromptArgs,
    #[command(flatten)]
    outputs: OutputArgs,
    #[command(flatten)]
    refined: RefinedArgs,
    /// Labels to refine (default: all in --output-dir); comma or space between
    #[arg(long, help_heading = "Data", visible_alias = "model-label", alias = "model_label", num_args = 1.., value_delimiter = ',', value_name = "LABEL")]
    models: Vec<Label>,
    /// Replace answers that another refiner (mode, model, rules) formatted
    #[arg(long, help_heading = "What is done")]
    force: bool,
    /// Say what would be sent and what it would cost; send nothing
    #[arg(long = "dry-run", help_heading = "What is done")]
    plan_only: bool,
    #[command(flatten)]
    shard: ShardArgs,
    #[command(flatten)]
    repeat: RepeatArgs,
    #[command(flatten)]
    time_limit: TimeLimitArgs,
    #[command(flatten)]
    locks: LockArgs,
}

/// [`RefineMode`] as the command line spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeArg {
    /// Rules read what leaves no doubt, the language model rewrites the rest
    Hybrid,
    /// The language model rewrites every answer that needs a format, as in the original
    Llm,
    /// Rules alone: what they do not read stays unformatted
    Rules,
}

/// As the flag spells it.
impl fmt::Display for ModeArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        RefineMode::from(*self).fmt(f)
    }
}

impl From<ModeArg> for RefineMode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Hybrid => Self::Hybrid,
            ModeArg::Llm => Self::Llm,
            ModeArg::Rules => Self::Rules,
        }
    }
}

impl Refine {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self.action {
            Some(Action::Explain(explain)) => explain.run(),
            None => self.job.run(),
        }
    }
}

/// Whether a label was left alone because another refiner formatted it.
fn is_formatted_otherwise(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(RefineError::OtherRefiner { .. }))
}

impl Job {
    /// Refines every label; the first that does not come to its end stops the rest.
    fn run(&self) -> anyhow::Result<Exit> {
        self.time_limit.begin()?;
        let data = self.data.load()?;
        Ok(data.exit(self.format(&data)?))
    }

    /// Refines every label with the answers to these folders.
    pub(crate) fn format(&self, data: &Loaded) -> anyhow::Result<Exit> {
        let flags = self.flags();
        let labels = if self.models.is_empty() {
            discover_labels(&self.outputs.output_dir, &flags)?
        } else {
            self.models.clone()
        };
        let shard = self.part(&labels)?;
        if labels.is_empty() {
            anyhow::bail!(
                "there are no labels here: nothing was found in {}; `avibench run` or `evaluate` asks a model \
                 first, and --output-dir names another folder",
                self.outputs.output_dir.display()
            );
        }
        let pack = self.prompts.load()?;
        let settings = RefineSettings { shard, ..self.settings()? };
        let endpoint = Endpoint::of(&self.refiner);
        let mut notes: Vec<RefineNote> = Vec::new();
        let mut formatter = Formatter::new(&settings, &data.folders, &pack, &mut notes);
        tell(&mut notes);
        let runtime = tokio::runtime::Runtime::new()?;
        let mut exit = Exit::Done;
        for label in &labels {
            let ended = if let Some(repeat) = self.repeat.settings() {
                let repeated = repeat::repeat_label(&formatter, label, &repeat, endpoint);
                Some(runtime.block_on(repeated)?)
            } else if self.plan_only {
                format::show_plan(&formatter, label)?
            } else {
                match runtime.block_on(format_label(&mut formatter, label, endpoint, &flags)) {
                    Ok(ended) => ended,
                    // Nobody named this label, and it is formatted already.
                    Err(error) if self.models.is_empty() && is_formatted_otherwise(&error) => {
                        terminal::warning(format!(
                            "`{label}` is left as it is: {error}; `--models` names the labels that are meant"
                        ));
                        continue;
                    }
                    Err(error) => return Err(error),
                }
            };
            match ended {
                Some(Exit::Done) => {}
                Some(Exit::SomeFailed) => exit = Exit::SomeFailed,
                Some(exit @ (Exit::Stopped(_) | Exit::Lacking | Exit::Differs)) => {
                    return Ok(exit);
                }
                None => {
                    terminal::warning(format!(
                        "nothing under the label `{label}` was answered, so it is left out and \
                         nothing is written; go on with `avibench run`, or remove it with \
                         `avibench labels delete {label}`"
                    ));
                    // Failed starts among all labels are nobody's mistake; a name is.
                    if !self.models.is_empty() {
                        exit = Exit::SomeFailed;
                    }
                }
            }
        }
        runtime.shutdown_timeout(Duration::from_millis(100));
        Ok(exit)
    }

    /// The flags of the folders that were named, for a command to copy.
    fn flags(&self) -> String {
        folder_flags(&self.data.dataset, &self.outputs, &self.refined)
    }

    /// The flags, resolved.
    fn settings(&self) -> anyhow::Result<RefineSettings> {
        let mode = RefineMode::from(self.refine);
        let connection = &self.refiner.connection;
        let price = self.refiner.money.price(&self.refiner.refine_model, false)?;
        Ok(RefineSettings {
            mode,
            refiner: Refiner {
                model: self.refiner.refine_model.clone(),
                parameters: connection.parameters()?,
            },
            request: match self.refine {
                ModeArg::Rules => None,
                ModeArg::Hybrid | ModeArg::Llm => Some(self.refiner.request_format()?),
            },
            outputs: self.outputs.output_dir.clone(),
            refined: self.refined.refined_dir.clone(),
            program: avibench_build::PROGRAM.to_owned(),
            concurrency: self.refiner.concurrency,
            requests_per_minute: connection.rpm,
            tokens_per_minute: connection.tpm,
            retry: connection.retry(),
            grace: session::GRACE,
            price,
            max_cost: self.refiner.money.max_cost,
            force: self.force,
            shard: None,
            locking: self.locks.locking(),
            flags: self.flags(),
        })
    }

    /// Which part is formatted here, if others format the rest.
    fn part(&self, labels: &[Label]) -> anyhow::Result<Option<Shard>> {
        let refined = |label: &Label| self.refined.refined_dir.join(label.as_str());
        if !self.shard.is_wanted() {
            for label in labels {
                sharding::check_whole(label, &refined(label), self.force, &self.flags())?;
            }
            return Ok(None);
        }
        let [label] = &self.models[..] else {
            anyhow::bail!("--shard formats a part of one label: name it with --models");
        };
        anyhow::ensure!(
            self.repeat.settings().is_none(),
            "--judge-repeat takes a sample of all answers; leave out --shard"
        );
        let shard = self.shard.shard(&refined(label))?;
        sharding::wait_for_whole(label, &refined(label))?;
        if let Some(shard) = shard {
            let limits = sharding::limits(&self.refiner.connection, &self.refiner.money);
            terminal::note(sharding::described_part(shard, &limits));
        }
        Ok(shard)
    }
}
