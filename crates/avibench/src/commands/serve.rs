//! `avibench serve`: a built-in model behind an OpenAI-compatible interface.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use avibench_files::SizeLimit;
use avibench_protocol::LocalModel;
use avibench_reading::{BoxForm, Order, Scale};
use avibench_server::{BatchServing, FaultPlan, Scripted, Server, ServerOptions};
use avibench_stimuli::{Chance, Impaired, Impairments, Noisy, Signal};
use clap::{Args, ValueEnum};

use super::ranges::{self, whole};
use crate::exit::Exit;
use crate::terminal;

/// How large a script of answers may be.
const SCRIPT_LIMIT: SizeLimit = SizeLimit::new(256 << 20, "look whether it is the right file");

/// Serve a built-in model on 127.0.0.1.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench serve --model chance --port 0\n\
\x20 avibench serve --noise 0.3 --seed 7\n\
\x20 avibench serve --fault 'status status=503 probability=0.1'")]
pub(crate) struct Serve {
    /// Who answers
    #[arg(long, help_heading = "Model", value_enum, default_value_t = BuiltIn::Signal)]
    model: BuiltIn,
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, help_heading = "Server", default_value_t = 8077, value_parser = whole::<u16>(ranges::PORT))]
    port: u16,
    /// Seed of the `chance` and `signal-guessing` models, of --noise and of the faults
    #[arg(long, help_heading = "Model", default_value_t = 0, value_parser = whole::<u64>(ranges::SEED))]
    seed: u64,
    /// Guess at this share of the requests instead, drawn by --seed anew each time a question comes again:
    /// to rehearse `run --epochs`
    #[arg(long, help_heading = "Model", value_parser = noise, value_name = "SHARE")]
    noise: Option<f64>,
    /// Answer from a script instead: JSON lines such as {"contains": "red", "answer": "yes"}
    /// (docs/scripted-model.md)
    #[arg(long, help_heading = "Model", value_name = "FILE")]
    script: Option<PathBuf>,
    /// Misbehave, such as `status status=503 first_tries=2`; may be repeated (docs/faults.md)
    #[arg(long, help_heading = "Faults", value_name = "FAULT")]
    fault: Vec<String>,
    /// Misbehave as this TOML file says (docs/faults.md)
    #[arg(long, help_heading = "Faults", value_name = "FILE")]
    faults: Option<PathBuf>,
    #[command(flatten)]
    impairments: ImpairmentArgs,
    /// Answer the requests of a batch (`/v1/batches`) in an order drawn by --seed
    #[arg(long, help_heading = "Server")]
    shuffle_batches: bool,
    /// Answer N requests of each batch, and let it expire then
    #[arg(long, help_heading = "Server", value_parser = whole::<usize>(ranges::SAMPLES), value_name = "N")]
    stop_batches_after: Option<usize>,
    /// Note every question and answer, a JSON line each, with times and the faults that struck
    #[arg(long, help_heading = "Server", value_name = "FILE")]
    log: Option<PathBuf>,
}

/// What goes wrong with media on the way to the model, to rehearse `probe`.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct ImpairmentArgs {
    /// Drop recordings and the sound of videos
    #[arg(long, help_heading = "Faults")]
    deaf: bool,
    /// Drop pictures and the picture of videos
    #[arg(long, help_heading = "Faults")]
    blind: bool,
    /// Drop the sound of videos
    #[arg(long, help_heading = "Faults")]
    silent_video: bool,
    /// Drop all frames of a video but the first
    #[arg(long, help_heading = "Faults")]
    first_frame_only: bool,
    /// Give pictures and recordings to the model in an order that does not depend on theirs
    #[arg(long, help_heading = "Faults")]
    order_lost: bool,
    /// Give boxes in this form, such as yxyx-thousandths: xyxy, yxyx, xywh or centre, then unit,
    /// percent, thousandths, parts1024 or pixels
    #[arg(long, help_heading = "Faults", value_parser = box_form, value_name = "FORM")]
    boxes: Option<BoxForm>,
}

impl ImpairmentArgs {
    fn impairments(&self) -> Impairments {
        let Self { deaf, blind, silent_video, first_frame_only, order_lost, boxes } = *self;
        Impairments { deaf, blind, silent_video, first_frame_only, order_lost, boxes }
    }
}

/// A share of the requests.
fn noise(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1, such as 0.3".to_owned()),
    }
}

/// `ORDER-SCALE`, by the names in journals.
fn box_form(text: &str) -> Result<BoxForm, String> {
    let orders = [Order::Xyxy, Order::Yxyx, Order::Xywh, Order::Centre];
    let scales = [Scale::Unit, Scale::Percent, Scale::Thousandths, Scale::Parts1024, Scale::Pixels];
    let form = text.split_once('-').and_then(|(order, scale)| {
        let order = orders.into_iter().find(|known| known.name() == order)?;
        let scale = scales.into_iter().find(|known| known.name() == scale)?;
        Some(BoxForm { order, scale })
    });
    form.ok_or_else(|| {
        format!(
            "expected an order ({}), a hyphen and a scale ({})",
            orders.map(Order::name).join(", "),
            scales.map(Scale::name).join(", ")
        )
    })
}

/// A model that the program brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BuiltIn {
    /// Decodes the media and answers the sensation questions from pixels and samples alone
    Signal,
    /// `signal`, but where media do not determine an answer (silence, a black picture) it draws
    /// uniformly from those that are left (docs/ablation.md)
    SignalGuessing,
    /// Draws uniformly among what a question allows
    Chance,
}

impl BuiltIn {
    /// The name it is served and reported under.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::SignalGuessing => "signal-guessing",
            Self::Chance => "chance",
        }
    }

    /// The model itself.
    pub(crate) fn model(self, seed: u64) -> Arc<dyn LocalModel> {
        match self {
            Self::Signal => Arc::new(Signal::new()),
            Self::SignalGuessing => Arc::new(Signal::guessing(seed)),
            Self::Chance => Arc::new(Chance::new(seed)),
        }
    }
}

impl Serve {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async {
            let model: Arc<dyn LocalModel> = match &self.script {
                Some(path) => {
                    Arc::new(Scripted::from_json_lines("scripted", &SCRIPT_LIMIT.read_text(path)?)?)
                }
                None => self.model.model(self.seed),
            };
            let model: Arc<dyn LocalModel> = match self.noise {
                Some(noise) => Arc::new(Noisy::new(model, noise, self.seed)),
                None => model,
            };
            let model = Arc::new(Impaired::new(model, self.impairments.impairments()));
            let name = model.name().to_owned();
            let options = ServerOptions {
                faults: self.plan()?,
                request_log: self.log.clone(),
                batches: BatchServing {
                    shuffle: self.shuffle_batches.then_some(self.seed),
                    stop_after: self.stop_batches_after,
                    ..BatchServing::default()
                },
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
            Some(path) => FaultPlan::from_toml(&SizeLimit::SETTINGS.read_text(path)?)
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
