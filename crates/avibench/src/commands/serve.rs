//! `avibench serve`: a built-in model behind an OpenAI-compatible interface.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use avibench_protocol::LocalModel;
use avibench_server::{FaultPlan, Scripted, Server, ServerOptions};
use avibench_stimuli::{Chance, Signal};
use clap::{Args, ValueEnum};

use super::ranges::{self, whole};
use crate::exit::Exit;
use crate::terminal;

/// Serve a built-in model on 127.0.0.1.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Who answers
    #[arg(long, value_enum, default_value_t = BuiltIn::Signal)]
    model: BuiltIn,
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 8077, value_parser = whole::<u16>(ranges::PORT))]
    port: u16,
    /// Seed of the `chance` model and of the faults
    #[arg(long, default_value_t = 0, value_parser = whole::<u64>(ranges::SEED))]
    seed: u64,
    /// Answer from a script instead: JSON lines such as {"contains": "red", "answer": "yes"}
    /// (docs/scripted-model.md)
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Misbehave, such as `status status=503 first_tries=2`; may be repeated (docs/faults.md)
    #[arg(long, value_name = "FAULT")]
    fault: Vec<String>,
    /// Misbehave as this TOML file says (docs/faults.md)
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Note every question and answer, a JSON line each, with times and the faults that struck
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

/// A model that the program brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BuiltIn {
    /// Decodes the media and answers the sensation questions from pixels and samples alone
    Signal,
    /// Draws uniformly among what a question allows
    Chance,
}

impl BuiltIn {
    /// The name it is served and reported under.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::Chance => "chance",
        }
    }

    /// The model itself.
    pub(crate) fn model(self, seed: u64) -> Arc<dyn LocalModel> {
        match self {
            Self::Signal => Arc::new(Signal::new()),
            Self::Chance => Arc::new(Chance::new(seed)),
        }
    }
}

impl Serve {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async {
            let model: Arc<dyn LocalModel> = match &self.script {
                Some(path) => Arc::new(Scripted::from_json_lines("scripted", &read(path)?)?),
                None => self.model.model(self.seed),
            };
            let name = model.name().to_owned();
            let options = ServerOptions {
                faults: self.plan()?,
                request_log: self.log.clone(),
                ..ServerOptions::default()
            };
            let server = Server::bind(self.port, model, options)?;
            // The base URL is data: scripts wait for this line and take it from here.
            writeln!(terminal::stdout(), "{}", server.base_url())?;
            terminal::note(format!("serving `{name}` until Ctrl-C"));
            server
                .serve_until(async {
                    // Without a handler for the signal there is nothing to wait for.
                    let _ = tokio::signal::ctrl_c().await;
                })
                .await;
            Ok(Exit::Done)
        })
    }

    fn plan(&self) -> anyhow::Result<FaultPlan> {
        let mut plan = match &self.faults {
            Some(path) => FaultPlan::from_toml(&read(path)?)
                .with_context(|| format!("in {}", path.display()))?,
            None => FaultPlan::default(),
        };
        for fault in &self.fault {
            plan.add(fault)?;
        }
        if self.seed != 0 {
            plan.set_seed(self.seed);
        }
        Ok(plan)
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
