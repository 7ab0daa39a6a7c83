//! `avibench report`: scored runs as one HTML file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use avibench_files::write_atomic;
use avibench_pages::{MediaLinks, PageError, PageForm, PageSettings, ReportPage, Waveforms};
use avibench_prompts::PromptPack;
use avibench_protocol::{Dataset, Folder, FolderData, FolderState};
use avibench_results::{RunFile, read_run};
use avibench_store::Label;
use clap::Args;

use super::assessing::read_baselines;
use super::common::{
    DatasetArgs, OutputArgs, RefinedArgs, ScoresArgs, ShownPromptsArgs, folder_flags, output_file,
};
use super::ranges::{self, whole};
use super::sharding::warn_of_shards;
use super::waveforms::waveforms;
use crate::exit::Exit;
use crate::terminal;

/// Make one HTML file of scored labels: numbers, pictures, and every sample.
///
/// The file opens from disk and needs no network. Two or three labels stand side by side, with paired
/// tests. Media are linked where they lie; questions, truths and answers are on the page, so that it is
/// for whoever has the data set. `--public` makes one for everybody.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench report my-model --data-root DATA\n\
\x20 avibench report my-model other --public --out page.html")]
pub(crate) struct Report {
    /// Labels that `score` has scored; ablations (LABEL@KIND) stand beside their base
    #[arg(required = true, num_args = 1.., value_name = "LABEL")]
    labels: Vec<Label>,
    #[command(flatten)]
    dataset: DatasetArgs,
    #[command(flatten)]
    outputs: OutputArgs,
    #[command(flatten)]
    refined: RefinedArgs,
    #[command(flatten)]
    scores: ScoresArgs,
    /// The file to make (default: `<label>.report.html` among the score files)
    #[arg(long, help_heading = "Output", value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only numbers: no question, truth, answer or medium, samples under shuffled numbers; the only form
    /// that is meant for a web page
    #[arg(long, help_heading = "Output", conflicts_with = "embed_media")]
    public: bool,
    /// Put media into the file, as many as fit into so many MiB; the benchmark's policy forbids
    /// passing its media on
    #[arg(long, help_heading = "Output", value_parser = whole::<u64>(ranges::EMBED_MIB), value_name = "MIB")]
    embed_media: Option<u64>,
    #[command(flatten)]
    prompts: ShownPromptsArgs,
    /// What guessing scores on each task, as `score --guess-baselines` takes it
    #[arg(long, help_heading = "Scoring", value_name = "FILE")]
    guess_baselines: Option<PathBuf>,
}

impl Report {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let begun = Instant::now();
        let form = if self.public { PageForm::Public } else { PageForm::Private };
        let packs = self.prompts.packs()?;
        let job = ReportJob {
            form,
            embed: self.embed_media.unwrap_or(0) << 20,
            eval_dir: &self.scores.eval_dir,
            out: match &self.out {
                Some(out) => output_file(out)?,
                None => default_file(&self.scores.eval_dir, &self.labels),
            },
            packs: packs.iter().collect(),
            guess_baselines: self.guess_baselines.as_deref(),
        };
        let answers: [&Path; 2] = [&self.outputs.output_dir, &self.refined.refined_dir];
        let flags = folder_flags(&self.dataset, &self.outputs, &self.refined);
        for label in &self.labels {
            self.scores.report_of(label, &answers, &flags)?;
        }
        for label in &self.labels {
            warn_of_shards(&answers, label, &flags);
        }
        let dataset = Dataset::open(&self.dataset.data_root)?;
        let made = job.make(&dataset, &self.labels)?;
        terminal::note(format!(
            "report of {}: {} ({:.1} MB, made in {})",
            names(&self.labels),
            job.out.display(),
            made.bytes as f64 / 1e6,
            terminal::duration(begun.elapsed()),
        ));
        if self.embed_media.is_some() {
            terminal::note(format!("media in it: {:.1} MB", made.embedded as f64 / 1e6));
            if dataset.generated().is_none() {
                terminal::warning(
                    "the file holds media of the benchmark, whose policy forbids passing them on",
                );
            }
        }
        Ok(Exit::Done)
    }
}

/// A report to make.
pub(crate) struct ReportJob<'a> {
    pub(crate) form: PageForm,
    /// Most bytes of media in the file.
    pub(crate) embed: u64,
    pub(crate) eval_dir: &'a Path,
    pub(crate) out: PathBuf,
    pub(crate) packs: Vec<&'a PromptPack>,
    pub(crate) guess_baselines: Option<&'a Path>,
}

/// What was made.
pub(crate) struct MadeReport {
    /// Length of the file.
    pub(crate) bytes: u64,
    /// Bytes of media in it.
    pub(crate) embedded: u64,
}

impl ReportJob<'_> {
    /// Makes the file, whole or not at all.
    pub(crate) fn make(&self, dataset: &Dataset, labels: &[Label]) -> anyhow::Result<MadeReport> {
        let mut different = BTreeSet::new();
        if let Some(twice) = labels.iter().find(|label| !different.insert(label.as_str())) {
            anyhow::bail!("{twice} is named twice; name each label once");
        }
        let folders = folders(dataset);
        let baselines = read_baselines(self.guess_baselines)?;
        let waveforms = match self.form {
            PageForm::Private => waveforms(&folders, self.eval_dir),
            PageForm::Public => Waveforms::default(),
        };
        let parent = self.out.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).map_err(|error| {
            anyhow::anyhow!("cannot make the folder {}: {error}", parent.display())
        })?;
        let links = match self.form {
            PageForm::Private => MediaLinks::RelativeTo { page: parent.to_owned() },
            PageForm::Public => MediaLinks::None,
        };
        let settings = PageSettings {
            form: self.form,
            generated: dataset.generated(),
            links,
            serving: None,
            packs: self.packs.clone(),
            baselines: &baselines,
            waveforms: &waveforms,
            embed: self.embed,
        };
        let mut page = ReportPage::new(settings, &folders);
        for label in labels {
            page.add(read_run(&RunFile::Report.path(self.eval_dir, label))?)?;
        }
        let mut embedded = 0;
        let mut failed: Option<PageError> = None;
        let written = write_atomic(&self.out, |out| match page.write(out) {
            Ok(bytes) => {
                embedded = bytes;
                Ok(())
            }
            Err(PageError::Write(error)) => Err(error),
            Err(error) => {
                let said = std::io::Error::other(error.to_string());
                failed = Some(error);
                Err(said)
            }
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
        written?;
        let bytes = std::fs::metadata(&self.out)?.len();
        Ok(MadeReport { bytes, embedded })
    }
}

/// The folders of a data set that can be used; what is broken was told of by `score`.
pub(crate) fn folders(dataset: &Dataset) -> Vec<FolderData> {
    let load = |folder| match dataset.load(folder) {
        FolderState::Ready(data) => Some(data),
        FolderState::Broken(error) => {
            terminal::warning(error);
            None
        }
        FolderState::Absent => None,
    };
    Folder::ALL.into_iter().filter_map(load).collect()
}

/// `<label>.report.html`, or `report.html` for several.
pub(crate) fn default_file(eval_dir: &Path, labels: &[Label]) -> PathBuf {
    match labels {
        [label] => RunFile::Page.path(eval_dir, label),
        _ => eval_dir.join("report.html"),
    }
}

fn names(labels: &[Label]) -> String {
    labels.iter().map(Label::as_str).collect::<Vec<_>>().join(", ")
}

/// Opens a file in the browser that the system prefers. Where there is none, the file's name was said.
pub(crate) fn open_in_browser(file: &Path) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let opened = std::process::Command::new(opener)
        .arg(file)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status();
    if !opened.is_ok_and(|status| status.success()) {
        terminal::warning(format!(
            "`{opener}` could not open it: open {} in a browser yourself",
            file.display()
        ));
    }
}
