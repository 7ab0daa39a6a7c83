//! `avibench demo`: the whole path, offline, over real HTTP on the loopback interface.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use avibench_assess::{AssessSettings, Assessor, CaptionStandIn};
use avibench_engine::{Backend, End, Http, HttpSettings, RunSettings};
use avibench_pages::PageForm;
use avibench_prompts::PromptPack;
use avibench_protocol::{Dataset, Folder, FolderData, FolderState};
use avibench_refine::{Formatter, RefineSettings};
use avibench_results::Detail;
use avibench_score::{GuessBaselines, Resampling};
use avibench_server::{Server, ServerOptions};
use avibench_stimuli::{SetKind, SetOptions, holds};
use avibench_store::Label;
use clap::Args;

use super::common::DatasetArgs;
use super::ranges::{self, whole};
use super::refine::{Endpoint, format_label, tell};
use super::report::{ReportJob, default_file, open_in_browser};
use super::run::Asking;
use super::score::{Shown, score_labels};
use super::serve::BuiltIn;
use super::{session, synth};
use crate::exit::Exit;
use crate::terminal::{self, Progress, Steps};

/// Folder of raw answers below the demo's.
const OUTPUTS: &str = "user_outputs";
/// Folder of formatted answers below the demo's.
const REFINED: &str = "user_outputs_refined";

/// Show everything offline: data, two served models, run, refine, scores.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench demo --open")]
pub(crate) struct Demo {
    /// Folder for data and results; a demo that was stopped goes on there
    #[arg(long, default_value = "avibench-demo", value_name = "DIR")]
    dir: PathBuf,
    /// Seed of the data
    #[arg(long, default_value_t = 7, value_parser = whole::<u64>(ranges::SEED), value_name = "SEED")]
    seed: u64,
    /// Open the report in a browser at the end
    #[arg(long)]
    open: bool,
}

const ASK: &str = "run";
const FORMAT: &str = "refine";
const SCORE: &str = "score";
const REPORT: &str = "report";

/// The steps of the demo, which are those of any evaluation.
const STEPS: [&str; 4] = [ASK, FORMAT, SCORE, REPORT];

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
        let steps = Steps::new(&STEPS);
        steps.begin(ASK);
        for built_in in [BuiltIn::Signal, BuiltIn::Chance] {
            if let Some(exit) = runtime.block_on(self.ask(built_in, &folders))? {
                return Ok(exit);
            }
        }
        let labels = [BuiltIn::Signal, BuiltIn::Chance].map(label);
        steps.begin(FORMAT);
        runtime.block_on(self.refine(&labels, &folders))?;
        runtime.shutdown_timeout(Duration::from_millis(100));
        steps.begin(SCORE);
        self.score(&labels, data)?;
        steps.begin(REPORT);
        let report = self.report(&labels, &dataset)?;
        drop(steps);
        terminal::note(format!(
            "done in {}; data, answers and scores are in {}",
            terminal::duration(begun.elapsed()),
            self.dir.display()
        ));
        terminal::note(format!("look at it in a browser: {}", report.display()));
        if self.open {
            open_in_browser(&report);
        }
        terminal::hint(format!(
            "captions (AVC) were rated by a stand-in; for FENSE: `avibench fense fetch` (700 MB, two minutes \
             at 50 Mbit/s), then `cd {} && avibench score --data-root data` (ten captions a second)",
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
        let (label, pack) = (label(built_in), PromptPack::embedded());
        let http = HttpSettings::new(&base_url, built_in.name());
        let directory = self.dir.join(OUTPUTS).join(label.as_str());
        let asking = Asking {
            settings: RunSettings {
                program: avibench_build::PROGRAM.to_owned(),
                request: Some(http.request_format()?),
                prompt_pack: pack.hash(),
                wording: Some(pack.source()),
                grace: session::GRACE,
                ..RunSettings::new(label, directory, built_in.name())
            },
            n_samples: None,
            pack,
        };
        let http = Http::new(http)?;
        let progress = Progress::new(format!("asking {}", built_in.name()));
        let summary =
            asking.ask(asking.jobs(folders), Backend::Http(http), Vec::new(), progress).await?;
        drop(stop);
        serving.await?;
        let exit = super::run::report(&summary, "")?;
        if summary.end == End::Interrupted {
            terminal::hint("the same command goes on where it stopped");
        }
        Ok((exit != Exit::Done).then_some(exit))
    }

    /// Formats the answers by rules, which asks nobody.
    async fn refine(&self, labels: &[Label], folders: &[FolderData]) -> anyhow::Result<()> {
        let settings = RefineSettings {
            program: avibench_build::PROGRAM.to_owned(),
            grace: session::GRACE,
            ..RefineSettings::by_rules(self.dir.join(OUTPUTS), self.dir.join(REFINED))
        };
        let mut notes = Vec::new();
        let mut formatter = Formatter::new(&settings, folders, PromptPack::embedded(), &mut notes);
        tell(&mut notes);
        let flags = DatasetArgs { data_root: self.dir.join("data") }.flag();
        for label in labels {
            Box::pin(format_label(&mut formatter, label, Endpoint::none(), &flags)).await?;
        }
        Ok(())
    }

    /// Scores the answers and prints the tables. Captions are rated by the stand-in, since nothing is
    /// downloaded, and whoever has the models should see what everybody else sees.
    fn score(&self, labels: &[Label], data: PathBuf) -> anyhow::Result<()> {
        let settings = AssessSettings {
            data_root: data,
            outputs: self.dir.join(OUTPUTS),
            refined: self.dir.join(REFINED),
            resampling: Resampling::default(),
            only_asked: false,
            baselines: GuessBaselines::embedded().clone(),
            flags: String::new(),
        };
        let assessor = Assessor::open(settings, &CaptionStandIn)?;
        score_labels(
            &assessor,
            labels,
            &self.dir.join("eval_outputs"),
            Detail::Full,
            Shown::default(),
        )?;
        Ok(())
    }

    /// Makes a page of both models.
    fn report(&self, labels: &[Label], dataset: &Dataset) -> anyhow::Result<PathBuf> {
        let eval_dir = self.dir.join("eval_outputs");
        let out = default_file(&eval_dir, labels);
        let job = ReportJob {
            form: PageForm::Private,
            embed: 0,
            eval_dir: &eval_dir,
            out: out.clone(),
            packs: vec![PromptPack::embedded()],
            guess_baselines: None,
        };
        job.make(dataset, labels)?;
        Ok(out)
    }
}

fn label(built_in: BuiltIn) -> Label {
    Label::new(built_in.name()).expect("the names of built-in models are file names")
}
