//! `avibench refine`: free-form answers brought into the format that scoring reads.

mod explain;
mod label;
mod plan;
mod refiner;
mod repeat;
mod replies;
mod way;
mod ways;

use std::time::Duration;

use avibench_store::Label;
use clap::{Args, Subcommand, ValueEnum};

use self::label::Formatter;
use self::refiner::RefinerArgs;
use self::repeat::RepeatArgs;
use self::replies::Replies;
pub(crate) use self::ways::count_ways;
use super::common::{DataArgs, OutputArgs, PromptArgs, RefinedArgs, discover_labels};
use crate::exit::Exit;

/// Format a run's answers: by rules where they leave no doubt, by a language model elsewhere.
///
/// The model is any OpenAI-compatible endpoint. Its replies are kept in a journal beside the
/// formatted answers: after Ctrl-C, a crash or an error the same command goes on where it stopped,
/// and no text is sent to a model twice, whatever the label or the endpoint.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Refine {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    job: Job,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show what each rule makes of one answer
    Explain(explain::Explain),
}

/// What to refine, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct Job {
    #[command(flatten)]
    pub data: DataArgs,
    /// Who formats
    #[arg(long, value_enum, default_value_t = Mode::Hybrid)]
    pub refine: Mode,
    #[command(flatten)]
    pub refiner: RefinerArgs,
    #[command(flatten)]
    pub prompts: PromptArgs,
    #[command(flatten)]
    pub outputs: OutputArgs,
    #[command(flatten)]
    pub refined: RefinedArgs,
    /// Labels to refine (default: all in --output-dir); comma or space between
    #[arg(long, visible_alias = "model-label", alias = "model_label", num_args = 1.., value_delimiter = ',', value_name = "LABEL")]
    pub models: Vec<Label>,
    /// Say what would be sent and what it would cost; send nothing
    #[arg(long = "dry-run")]
    pub plan_only: bool,
    #[command(flatten)]
    pub repeat: RepeatArgs,
}

/// Who formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// Rules read what leaves no doubt, the language model rewrites the rest
    Hybrid,
    /// The language model rewrites every answer that needs a format, as in the original
    Llm,
    /// Rules alone: what they do not read passes through as it came
    Rules,
}

impl Mode {
    /// The name on the command line and in files.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Hybrid => "hybrid",
            Self::Llm => "llm",
            Self::Rules => "rules",
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

impl Job {
    /// Refines every label; the first that does not come to its end stops the rest.
    pub(crate) fn run(&self) -> anyhow::Result<Exit> {
        let data = self.data.load()?;
        let labels = if self.models.is_empty() {
            discover_labels(&self.outputs.output_dir)?
        } else {
            self.models.clone()
        };
        if labels.is_empty() {
            anyhow::bail!(
                "{} holds no answers: expected <label>/tasks/<FOLDER>.json below it; \
                 `avibench run` makes them",
                self.outputs.output_dir.display()
            );
        }
        let pack = self.prompts.load()?;
        let refiner = self.refiner.refiner()?;
        let replies = match self.refine {
            Mode::Rules => Replies::default(),
            Mode::Hybrid | Mode::Llm => Replies::read(&self.refined.refined_dir),
        };
        let mut formatter = Formatter {
            job: self,
            folders: &data.folders,
            pack: &pack,
            refiner: &refiner,
            replies,
        };
        let runtime = tokio::runtime::Runtime::new()?;
        let mut exit = Exit::Done;
        for label in &labels {
            let ended = runtime.block_on(async {
                if self.repeat.is_asked() {
                    formatter.repeat(label, &self.repeat).await
                } else {
                    formatter.format(label).await
                }
            })?;
            match ended {
                Exit::Done => {}
                Exit::SomeFailed => exit = Exit::SomeFailed,
                Exit::Interrupted => return Ok(Exit::Interrupted),
            }
        }
        runtime.shutdown_timeout(Duration::from_millis(100));
        Ok(data.exit(exit))
    }
}
