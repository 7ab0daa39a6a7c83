//! `avibench probe`: what an endpoint really receives.

use std::io::Write as _;
use std::sync::Arc;

use avibench_engine::RunSettings;
use avibench_prompts::PromptPack;
use clap::Args;

use super::common::OutputArgs;
use super::endpoint::EndpointArgs;
use super::money::MoneyArgs;
use super::probing::{Probed, Prober, RequireArgs, tell_warnings};
use super::ranges::{self, whole};
use crate::exit::Exit;
use crate::interrupt;
use crate::terminal::{self, printable, probe_table};

/// Find out what an endpoint really receives: sounds, pictures, their order, all of a video.
///
/// Asks about 50 short questions about small media that are made on the spot, whose answers are
/// known. What it finds is kept for a week, and `run` uses it.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench probe --base-url http://127.0.0.1:8000/v1 \\\n\
\x20     --model-path my-model --profile vllm\n\
\x20 avibench probe --use gemini --require hear,see")]
pub(crate) struct Probe {
    #[command(flatten)]
    endpoint: EndpointArgs,
    #[command(flatten)]
    outputs: OutputArgs,
    #[command(flatten)]
    require: RequireArgs,
    #[command(flatten)]
    money: MoneyArgs,
    /// Seed of the questions (default: another one every time)
    #[arg(long, help_heading = "Probe", value_parser = whole::<u64>(ranges::SEED), value_name = "SEED")]
    seed: Option<u64>,
    /// Print the findings as JSON, with every answer
    #[arg(long, help_heading = "Output")]
    json: bool,
}

impl Probe {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let label = self.endpoint.label()?;
        let output_dir = &self.outputs.output_dir;
        let settings = self.endpoint.settings(label, output_dir, PromptPack::embedded())?;
        let settings = RunSettings {
            price: self.money.price(&settings.model, self.endpoint.is_built_in())?,
            max_cost: self.money.max_cost,
            ..settings
        };
        let runtime = tokio::runtime::Runtime::new()?;
        let prober = Prober {
            endpoint: &self.endpoint,
            settings: &settings,
            output_dir,
            runtime: &runtime,
            label_directory: None,
        };
        let backend = Arc::new(self.endpoint.backend(&prober.kept_in())?);
        let seed = self.seed.unwrap_or_else(|| fastrand::u64(..));
        let Some(Probed { report, dead_end }) = prober.ask(&backend, seed)? else {
            return Ok(interrupt::stopped());
        };
        if self.json {
            terminal::print_json(&report)?;
        }
        if let Some(reason) = dead_end {
            anyhow::ensure!(!self.require.require.is_empty(), "{reason} No question was answered");
            terminal::warning(reason);
        } else if !self.json {
            let model = printable(&report.model);
            writeln!(
                terminal::stdout(),
                "What the endpoint of {model} receives\n{}",
                probe_table(&report)
            )?;
        }
        tell_warnings(&report);
        let exit = self.require.check(&report);
        Ok(if exit == Exit::Done && !report.is_whole() { Exit::SomeFailed } else { exit })
    }
}
