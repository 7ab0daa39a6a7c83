//! Formatting as a step of `evaluate`: its flags, and the job that they and those of the evaluated
//! model's endpoint make.

use std::path::PathBuf;

use avibench_refine::DEFAULT_REFINER;
use avibench_store::Label;
use clap::Args;

use super::refiner::RefinerArgs;
use super::repeat::RepeatArgs;
use super::{Job, ModeArg};
use crate::commands::common::{DataArgs, OutputArgs, PromptArgs, RefinedArgs};
use crate::commands::connection::{ConnectionArgs, RouteArgs};
use crate::commands::locks::LockArgs;
use crate::commands::money::MoneyArgs;
use crate::commands::ranges::{self, seconds, whole};
use crate::commands::sharding::ShardArgs;
use crate::commands::time_limit::TimeLimitArgs;

/// Who formats the answers of an evaluated model.
#[derive(Debug, Clone, Args)]
pub(crate) struct RefineStep {
    /// Who formats answers (default: `hybrid` if a model is named with --refine-model, else `rules`)
    #[arg(long, help_heading = "Formatting", value_enum)]
    refine: Option<ModeArg>,
    /// The language model that formats answers: what rules do not read, or all (--refine llm)
    #[arg(
        long,
        help_heading = "Formatting",
        alias = "refine_model",
        env = "REFINE_MODEL",
        value_name = "NAME"
    )]
    refine_model: Option<String>,
    /// Base URL of that model (default: --base-url)
    #[arg(long, help_heading = "Formatting", num_args = 1.., value_delimiter = ',', value_name = "URL")]
    refine_base_url: Vec<String>,
    /// File that holds the API key for --refine-base-url (default: the key from `OPENAI_API_KEY`)
    #[arg(long, help_heading = "Formatting", requires = "refine_base_url", value_name = "FILE")]
    refine_api_key_file: Option<PathBuf>,
    /// Most requests of formatting in flight
    #[arg(long, help_heading = "Formatting", env = "REFINE_CONCURRENCY", default_value_t = 8, value_parser = whole::<usize>(ranges::CONCURRENCY), value_name = "N")]
    refine_concurrency: usize,
    /// Seconds for one request of formatting
    #[arg(long, help_heading = "Formatting", default_value_t = 60.0, value_parser = seconds, value_name = "SECONDS")]
    refine_timeout: f64,
    #[command(flatten)]
    pub refined: RefinedArgs,
}

/// What formatting takes over from the steps before it.
pub(crate) struct Before<'a> {
    pub data: &'a DataArgs,
    pub prompts: &'a PromptArgs,
    pub outputs: &'a OutputArgs,
    /// The way to the evaluated model.
    pub connection: &'a ConnectionArgs,
    pub money: &'a MoneyArgs,
    /// US dollars that asking has cost.
    pub spent: f64,
    pub force: bool,
    pub locks: LockArgs,
}

impl RefineStep {
    /// Who formats.
    pub(crate) fn mode(&self) -> ModeArg {
        let is_model_named = self.refine_model.is_some() || !self.refine_base_url.is_empty();
        let usual = if is_model_named { ModeArg::Hybrid } else { ModeArg::Rules };
        self.refine.unwrap_or(usual)
    }

    /// Who formats, in words that differ whenever the formats may.
    pub(crate) fn refiner(&self) -> String {
        let model = self.refine_model.as_deref().unwrap_or(DEFAULT_REFINER);
        format!("{} {model}", self.mode())
    }

    /// Whether rules alone format because nothing else was asked for.
    pub(crate) fn is_by_rules_unasked(&self) -> bool {
        self.refine.is_none() && self.mode() == ModeArg::Rules
    }

    /// Formatting the answers of one label.
    pub(crate) fn job(&self, label: &Label, before: &Before<'_>) -> Job {
        let connection = if self.refine_base_url.is_empty() {
            before.connection.clone()
        } else {
            // Keys and headers are for the server that they were named for.
            ConnectionArgs {
                route: RouteArgs {
                    base_url: self.refine_base_url.clone(),
                    api_key_file: self.refine_api_key_file.clone(),
                    api_key_variable: None,
                    header: Vec::new(),
                    ..before.connection.route.clone()
                },
                ..before.connection.clone()
            }
        };
        let left = |limit: f64| (limit - before.spent).max(0.0);
        Job {
            data: before.data.clone(),
            refine: self.mode(),
            refiner: RefinerArgs {
                refine_model: self.refine_model.clone().unwrap_or(DEFAULT_REFINER.to_owned()),
                // Parameters were chosen for the evaluated model.
                connection: ConnectionArgs { param: Vec::new(), extra_body: None, ..connection },
                concurrency: self.refine_concurrency,
                timeout: self.refine_timeout,
                money: MoneyArgs {
                    price: None,
                    max_cost: before.money.max_cost.map(left),
                    ..before.money.clone()
                },
                log_json: None,
            },
            prompts: before.prompts.clone(),
            outputs: before.outputs.clone(),
            refined: self.refined.clone(),
            models: vec![label.clone()],
            force: before.force,
            plan_only: false,
            repeat: RepeatArgs::default(),
            shard: ShardArgs::default(),
            time_limit: TimeLimitArgs::default(),
            locks: before.locks,
        }
    }
}
