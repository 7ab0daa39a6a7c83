//! `avibench view`: the pages of all labels in a folder, while runs go on.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use avibench_protocol::Dataset;
use avibench_store::Discovery;
use avibench_view::{ViewError, ViewSettings, Viewer};
use clap::Args;

use super::assessing::read_baselines;
use super::common::{OutputArgs, RefinedArgs, ScoresArgs, ShownPromptsArgs};
use super::ranges::{self, whole};
use super::report::{folders, open_in_browser};
use super::session;
use super::waveforms::waveforms;
use crate::exit::Exit;
use crate::terminal;

/// The port that is tried first, so that a tunnel can be set up beforehand.
const PORT: u16 = 8079;

/// Look at all labels of a folder in a browser, finished or running.
///
/// Serves the pages of `report` on 127.0.0.1 and follows runs as answers come in. Only a browser that
/// opened the printed address sees anything. Nothing is written but doubts about ground truths, which
/// `score --doubts` takes, and what sounds look like. On another machine, tunnel the port:
/// `ssh -L 8079:127.0.0.1:8079 HOST`.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench view --data-root DATA --open")]
pub(crate) struct View {
    /// Folder that holds the folders of answers and scores
    #[arg(default_value = ".", value_name = "FOLDER")]
    folder: PathBuf,
    /// Folder that holds `levels/<stage>/<TASK>/data.json` (default: FOLDER, or `data` in it)
    #[arg(long, help_heading = "Data", alias = "data_root", env = "DATA_ROOT", value_name = "DIR")]
    data_root: Option<PathBuf>,
    // Relative folders are looked for in FOLDER.
    #[command(flatten)]
    outputs: OutputArgs,
    #[command(flatten)]
    refined: RefinedArgs,
    #[command(flatten)]
    scores: ScoresArgs,
    /// File of doubts about ground truths (default: `doubts.json` in FOLDER)
    #[arg(long, help_heading = "Pages", value_name = "FILE")]
    doubts: Option<PathBuf>,
    /// Port on 127.0.0.1; 0 takes any free one (default: 8079, or any free one)
    #[arg(long, help_heading = "Pages", value_parser = whole::<u16>(ranges::PORT))]
    port: Option<u16>,
    /// Open the address in a browser
    #[arg(long, help_heading = "Pages")]
    open: bool,
    #[command(flatten)]
    prompts: ShownPromptsArgs,
    /// What guessing scores on each task, as `score --guess-baselines` takes it
    #[arg(long, help_heading = "Scoring", value_name = "FILE")]
    guess_baselines: Option<PathBuf>,
}

impl View {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let port = self.port;
        let open = self.open;
        let settings = self.settings()?;
        let has_labels = |root| {
            Discovery::below(root)
                .is_ok_and(|found| !found.labels.is_empty() || !found.unmerged.is_empty())
        };
        let has_scores =
            std::fs::read_dir(&settings.scores).is_ok_and(|mut all| all.next().is_some());
        let answers = [&settings.outputs, &settings.refined];
        if !has_scores && !answers.into_iter().any(|root| has_labels(root)) {
            terminal::warning(format!(
                "there are no labels yet in {} and {}: the page shows them as soon as a run writes there; \
                 FOLDER, --output-dir and --refined-dir name other places",
                settings.outputs.display(),
                settings.refined.display()
            ));
        }
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async {
            let viewer = bind(port, settings)?;
            // The address is data: scripts wait for this line and take it from here.
            writeln!(terminal::stdout(), "{}", viewer.entrance())?;
            terminal::note("open this address in a browser; it is served until Ctrl-C");
            terminal::hint(format!(
                "from another machine: ssh -L {0}:127.0.0.1:{0} HOST, then the same address",
                viewer.port()
            ));
            let entrance = if open { Some(entrance_file(&viewer.entrance())?) } else { None };
            if let Some(file) = &entrance {
                open_in_browser(file.path());
            }
            viewer
                .serve_until(async {
                    // Without a handler for the signal there is nothing to wait for.
                    let _ = tokio::signal::ctrl_c().await;
                })
                .await?;
            Ok(Exit::Done)
        })
    }

    fn settings(self) -> anyhow::Result<ViewSettings> {
        anyhow::ensure!(
            self.folder.is_dir(),
            "there is no folder {}: name the one in which `avibench run` was started",
            self.folder.display()
        );
        let within = |path: &Path| self.folder.join(path);
        let data_root = self.data_root.clone().unwrap_or_else(|| data_in(&self.folder));
        let dataset = Dataset::open(&data_root)?;
        let folders = folders(&dataset);
        let scores = within(&self.scores.eval_dir);
        let waveforms = waveforms(&folders, &scores);
        let name = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        let name = name.file_name().unwrap_or(name.as_os_str()).to_string_lossy().into_owned();
        Ok(ViewSettings {
            title: format!("Labels in {name}"),
            data_root,
            folders,
            generated: dataset.generated().map(str::to_owned),
            outputs: within(&self.outputs.output_dir),
            refined: within(&self.refined.refined_dir),
            scores,
            doubts: self.doubts.clone().unwrap_or_else(|| within(Path::new("doubts.json"))),
            packs: self.prompts.packs()?,
            baselines: read_baselines(self.guess_baselines.as_deref())?,
            waveforms,
            program: session::program(),
        })
    }
}

/// Where the data set of a folder is: there, or in `data` as the demo has it.
fn data_in(folder: &Path) -> PathBuf {
    let beside = folder.join("data");
    if !folder.join("levels").is_dir() && beside.join("levels").is_dir() {
        beside
    } else {
        folder.to_owned()
    }
}

/// Listens on the port that is asked for; else on the usual one, or on any if that is taken.
fn bind(port: Option<u16>, settings: ViewSettings) -> Result<Viewer, ViewError> {
    if let Some(port) = port {
        return Viewer::bind(port, settings);
    }
    let is_free = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, PORT)).is_ok();
    Viewer::bind(if is_free { PORT } else { 0 }, settings)
}

/// A file that leads to the address: the command line of a browser can be read by every user of the
/// machine, and the address holds the token.
fn entrance_file(address: &str) -> anyhow::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("avibench-view-").suffix(".html").tempfile()?;
    writeln!(
        file,
        "<!DOCTYPE html><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" \
         content=\"0;url={address}\"><title>avibench</title><a href=\"{address}\">avibench</a>"
    )?;
    file.flush()?;
    Ok(file)
}
