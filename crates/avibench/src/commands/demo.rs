//! `avibench demo`: the whole path, offline, over real HTTP on the loopback interface.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use avibench_engine::End;
use avibench_prompts::PromptPack;
use avibench_protocol::{Dataset, Folder, FolderData, FolderState};
use avibench_score::Resampling;
use avibench_server::{Server, ServerOptions};
use avibench_stimuli::{SetKind, SetOptions, holds};
use avibench_store::Label;
use clap::{Args, Parser as _};

use super::common::{DataArgs, OutputArgs, RefinedArgs};
use super::endpoint::EndpointArgs;
use super::fense::FenseArgs;
use super::judging::JudgingArgs;
use super::refine::Job as RefineJob;
use super::run::Asking;
use super::score::Score;
use super::serve::BuiltIn;
use super::synth;
use crate::exit::Exit;
use crate::terminal::{self, Progress};

/// Show everything offline: data, two served models, run, refine, scores.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Folder for data and results; a demo that was stopped goes on there
    #[arg(long, default_value = "avibench-demo", value_name = "DIR")]
    dir: PathBuf,
    /// Seed of the data
    #[arg(long, default_value_t = 7, value_name = "SEED")]
    seed: u64,
}

impl Demo {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let begun = Instant::now();
        let data = self.dir.join("data");
        let options = SetOptions { kind: SetKind::Smoke, seed: self.seed, ..SetOptions::default() };
        if holds(&options, &data) {
            terminal::note(format!("data: {} is there already", data.display()));
        } else {
            synth::make(&options, &data)?;
        }
        let dataset = Dataset::open(&data)?;
        let folders: Vec<FolderData> = Folder::ALL
            .into_iter()
            .filter_map(|folder| match dataset.load(folder) {
                FolderState::Ready(data) => Some(Ok(data)),
                FolderState::Absent => None,
                FolderState::Broken(error) => Some(Err(error)),
            })
            .collect::<Result<_, _>>()?;

        let runtime = tokio::runtime::Runtime::new()?;
        for built_in in [BuiltIn::Signal, BuiltIn::Chance] {
            if let Some(exit) = runtime.block_on(self.ask(built_in, &folders))? {
                return Ok(exit);
            }
        }
        runtime.shutdown_timeout(Duration::from_millis(100));

        let outputs = OutputArgs { output_dir: self.dir.join("user_outputs") };
        let refined = RefinedArgs { refined_dir: self.dir.join("user_outputs_refined") };
        let models = [BuiltIn::Signal, BuiltIn::Chance].map(label).to_vec();
        RefineJob {
            data: DataArgs { data_root: data.clone(), tasks: Vec::new() },
            outputs: outputs.clone(),
            refined: refined.clone(),
            models: models.clone(),
            ..by_rules()
        }
        .run()?;
        Score {
            judging: JudgingArgs {
                guess_baselines: None,
                data_root: data,
                outputs,
                refined,
                resamples: Resampling::default().resamples,
                seed: Resampling::default().seed,
                fense: FenseArgs::default(),
                may_fetch: false,
            },
            eval_dir: self.dir.join("eval_outputs"),
            models,
            diff: None,
        }
        .run()?;
        terminal::note(format!(
            "done in {}; data, answers and scores are in {}",
            terminal::duration(begun.elapsed()),
            self.dir.display()
        ));
        terminal::hint(
            "your own model: avibench smoke --base-url URL --model-path NAME --data-root DATA",
        );
        Ok(Exit::Done)
    }

    /// Serves a built-in model on a free port and asks it everything. `Some` if it was stopped.
    async fn ask(&self, built_in: BuiltIn, folders: &[FolderData]) -> anyhow::Result<Option<Exit>> {
        let server = Server::bind(0, built_in.model(self.seed), ServerOptions::default())?;
        let base_url = server.base_url();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve_until(async {
            // Either end of the channel going away ends the service.
            let _ = stopped.await;
        }));
        terminal::note(format!("serving `{}` at {base_url}", built_in.name()));
        let endpoint = endpoint(built_in, &base_url);
        let outputs = self.dir.join("user_outputs");
        let asking = Asking {
            label: label(built_in),
            model: built_in.name().to_owned(),
            backend_name: endpoint.backend.clone(),
            endpoint: &endpoint,
            output_dir: &outputs,
            n_samples: None,
            force: false,
            pack: PromptPack::embedded(),
            price: None,
            max_cost: None,
        };
        let progress = Progress::new(format!("asking {}", built_in.name()));
        let summary = asking
            .ask(folders, endpoint.backend(&asking.directory())?, Vec::new(), progress)
            .await?;
        drop(stop);
        serving.await?;
        Ok(match super::run::report(&summary)? {
            Exit::Done => None,
            exit => Some(if summary.end == End::Interrupted { Exit::Interrupted } else { exit }),
        })
    }
}

fn label(built_in: BuiltIn) -> Label {
    Label::new(built_in.name()).expect("the names of built-in models are file names")
}

/// Formatting that asks nobody.
fn by_rules() -> RefineJob {
    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        job: RefineJob,
    }
    Line::parse_from(["refine", "--refine", "rules"]).job
}

/// What a user would have typed.
fn endpoint(built_in: BuiltIn, base_url: &str) -> EndpointArgs {
    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        endpoint: EndpointArgs,
    }
    Line::parse_from([
        "run",
        "--backend",
        "openai",
        "--base-url",
        base_url,
        "--model-path",
        built_in.name(),
        "--model-label",
        built_in.name(),
        "--concurrency",
        "8",
    ])
    .endpoint
}
