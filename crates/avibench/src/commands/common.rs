//! Flags and steps that several commands share.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use avibench_doctor::nonsense;
use avibench_prompts::PromptPack;
use avibench_protocol::{Dataset, Folder, FolderData, FolderState};
use avibench_results::RunFile;
use avibench_store::{Discovery, Label, labels_known};
use clap::Args;

use super::by_name::by_name;
use super::task_choice::TaskChoice;
use crate::exit::Exit;
use crate::terminal::{self, counted};

/// Where the data set is.
#[derive(Debug, Clone, Args)]
pub(crate) struct DatasetArgs {
    /// Folder that holds `levels/<stage>/<TASK>/data.json`
    #[arg(
        long,
        help_heading = "Data",
        alias = "data_root",
        env = "DATA_ROOT",
        default_value = ".",
        value_name = "DIR"
    )]
    pub data_root: PathBuf,
}

impl DatasetArgs {
    /// The flag with a blank before it, for a command to copy; nothing for the current folder, which
    /// is its own value.
    pub(crate) fn flag(&self) -> String {
        flag("data-root", &self.data_root, ".")
    }
}

/// A flag that names a folder, with a blank before it, for a command to copy; nothing where the folder is
/// the flag's own value.
pub(crate) fn flag(name: &str, folder: &Path, own: &str) -> String {
    if folder == Path::new(own) { String::new() } else { format!(" --{name} {}", quoted(folder)) }
}

/// The flags of the folders that were named, for a command to copy.
pub(crate) fn folder_flags(
    data: &DatasetArgs,
    outputs: &OutputArgs,
    refined: &RefinedArgs,
) -> String {
    [data.flag(), outputs.flag(), refined.flag()].concat()
}

/// A path as a shell takes it.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%:,=".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Which data set, and which of its folders.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataArgs {
    #[command(flatten)]
    pub dataset: DatasetArgs,

    /// Folders, tasks or stages to take (default: all), such as VSQA_I, VSQA, sensation; comma or
    /// space between
    #[arg(long, help_heading = "Data", alias = "task", num_args = 1.., value_delimiter = ',', hide_possible_values = true, value_parser = by_name::<TaskChoice>(TaskChoice::names()), value_name = "TASK")]
    pub tasks: Vec<TaskChoice>,
}

impl DataArgs {
    /// Opens the data set and reads the chosen folders. What is absent or broken is said and left
    /// out, unless the user named it; with nothing left there is nothing to do.
    pub(crate) fn load(&self) -> anyhow::Result<Loaded> {
        let folders = TaskChoice::folders(&self.tasks);
        let dataset = Dataset::open(&self.dataset.data_root)?;
        let mut ready = Vec::new();
        let mut broken = Vec::new();
        for folder in folders {
            match dataset.load(folder) {
                FolderState::Ready(data) => ready.push(data),
                FolderState::Absent if self.tasks.is_empty() => {}
                FolderState::Absent => anyhow::bail!(
                    "{folder} is not in the data set: expected {}",
                    dataset.path(folder).join("data.json").display()
                ),
                FolderState::Broken(error) => {
                    broken.push(folder);
                    terminal::warning(format!("{folder} is left out: {error}"));
                }
            }
        }
        if ready.is_empty() {
            anyhow::bail!(
                "no folder of {} can be used{}",
                dataset.levels().display(),
                if broken.is_empty() { ": none holds a data.json" } else { "" }
            );
        }
        Ok(Loaded { dataset, folders: ready, broken })
    }

    /// As [`Self::load`], for who asks the first `n_samples` of each folder: says beforehand which
    /// questions cannot be answered well, or scored.
    pub(crate) fn load_to_ask(&self, n_samples: Option<usize>) -> anyhow::Result<Loaded> {
        let loaded = self.load()?;
        warn_of_nonsense(&self.dataset.data_root, &loaded.folders);
        for notice in loaded.folders.iter().filter_map(|data| data.notice(n_samples)) {
            terminal::warning(notice);
        }
        Ok(loaded)
    }
}

/// Says in a line how many ground truths and option lists make no sense.
pub(crate) fn warn_of_nonsense<'a>(
    data_root: &Path,
    folders: impl IntoIterator<Item = &'a FolderData>,
) {
    let counts = folders.into_iter().map(|data| (data.folder, nonsense(data)));
    let counts: Vec<(Folder, usize)> = counts.filter(|(_, count)| *count > 0).collect();
    if counts.is_empty() {
        return;
    }
    let sum: usize = counts.iter().map(|(_, count)| count).sum();
    let each: Vec<String> =
        counts.iter().map(|(folder, count)| format!("{folder} {count}")).collect();
    terminal::warning(format!(
        "the truth or options of {} make no sense ({}): `avibench doctor {}` names {}",
        counted(sum, "record"),
        each.join(", "),
        data_root.display(),
        if sum == 1 { "it" } else { "them" },
    ));
}

/// A data set and those of its folders that can be used.
pub(crate) struct Loaded {
    pub dataset: Dataset,
    pub folders: Vec<FolderData>,
    broken: Vec<Folder>,
}

impl Loaded {
    /// How a command ended that did all it could: not well, if folders had to be left out.
    pub(crate) fn exit(&self, exit: Exit) -> Exit {
        if exit != Exit::Done || self.broken.is_empty() {
            return exit;
        }
        let names: Vec<&str> = self.broken.iter().map(|folder| folder.name()).collect();
        terminal::warning(format!(
            "left out, because data.json cannot be read: {}",
            names.join(", ")
        ));
        Exit::SomeFailed
    }
}

/// Where `run` leaves answers.
#[derive(Debug, Clone, Args)]
pub(crate) struct OutputArgs {
    /// Folder of raw answers, with a folder for each label
    #[arg(
        long,
        help_heading = "Output",
        alias = "output_dir",
        env = "OUTPUT_DIR",
        default_value = "user_outputs",
        value_name = "DIR"
    )]
    pub output_dir: PathBuf,
}

impl OutputArgs {
    /// As [`DatasetArgs::flag`].
    pub(crate) fn flag(&self) -> String {
        flag("output-dir", &self.output_dir, "user_outputs")
    }
}

/// Where `refine` leaves answers.
#[derive(Debug, Clone, Args)]
pub(crate) struct RefinedArgs {
    /// Folder of formatted answers, with a folder for each label
    #[arg(
        long,
        help_heading = "Output",
        alias = "refined_dir",
        env = "REFINED_DIR",
        default_value = "user_outputs_refined",
        value_name = "DIR"
    )]
    pub refined_dir: PathBuf,
}

impl RefinedArgs {
    /// As [`DatasetArgs::flag`].
    pub(crate) fn flag(&self) -> String {
        flag("refined-dir", &self.refined_dir, "user_outputs_refined")
    }
}

/// Where `score` leaves its files.
#[derive(Debug, Clone, Args)]
pub(crate) struct ScoresArgs {
    /// Folder of score files
    #[arg(
        long,
        help_heading = "Output",
        alias = "eval_dir",
        alias = "eval_output_dir",
        env = "EVAL_OUTPUT_DIR",
        default_value = "eval_outputs",
        value_name = "DIR"
    )]
    pub eval_dir: PathBuf,
}

impl ScoresArgs {
    /// As [`DatasetArgs::flag`].
    pub(crate) fn flag(&self) -> String {
        flag("eval-dir", &self.eval_dir, "eval_outputs")
    }

    /// The report of a scored label; an error that says how to make it, or which labels there are, if it is
    /// not there. A label that `answers` holds is no other's misspelt; `flags` lead `score` to its answers.
    pub(crate) fn report_of(
        &self,
        label: &Label,
        answers: &[&Path],
        flags: &str,
    ) -> anyhow::Result<PathBuf> {
        let report = RunFile::Report.path(&self.eval_dir, label);
        if report.exists() {
            return Ok(report);
        }
        let is_there = answers.iter().any(|root| root.join(label.as_str()).is_dir());
        let there = if is_there { None } else { labels_known(&self.scored(), label) };
        let score = format!("run `avibench score --models {label}{flags}{}` first", self.flag());
        let next = match there {
            // Whether it was asked is not known here.
            Some(there) if answers.is_empty() => format!("{there}; if it was asked, {score}"),
            Some(there) => there,
            None => score,
        };
        anyhow::bail!("`{label}` has no scores: expected {}; {next}", report.display());
    }

    /// The labels that have a report, sorted.
    fn scored(&self) -> Vec<Label> {
        let Ok(entries) = std::fs::read_dir(&self.eval_dir) else { return Vec::new() };
        let mut labels: Vec<Label> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                Label::new(name.strip_suffix(".report.json")?).ok()
            })
            .collect();
        labels.sort();
        labels
    }
}

/// The prompt pack in use.
#[derive(Debug, Clone, Args)]
pub(crate) struct PromptArgs {
    /// The benchmark's Python definitions file, or a TOML pack of your own
    ///
    /// Without it questions are put in avibench's own words, and scores are not comparable with
    /// published ones. The benchmark's file (.py, with the dictionary `havib_constants`) is read as
    /// data and never executed; questions are then letter for letter the benchmark's. For a pack of
    /// your own `avibench prompts export` gives a start.
    #[arg(long, help_heading = "Data", value_name = "FILE")]
    pub prompts: Option<PathBuf>,
}

impl PromptArgs {
    /// The user's pack, or the embedded one.
    pub(crate) fn load(&self) -> anyhow::Result<PromptPack> {
        Ok(match &self.prompts {
            Some(path) => PromptPack::load(path).context("--prompts")?,
            None => PromptPack::embedded().clone(),
        })
    }
}

/// The prompts that pages show.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShownPromptsArgs {
    /// The definitions file or prompt pack that the runs were asked with, so that requests are shown as
    /// they were sent (default: avibench's own words)
    #[arg(long, help_heading = "Data", value_name = "FILE")]
    pub prompts: Option<PathBuf>,
}

impl ShownPromptsArgs {
    /// The user's pack, then the embedded one.
    pub(crate) fn packs(&self) -> anyhow::Result<Vec<PromptPack>> {
        let named = self.prompts.as_deref().map(PromptPack::load).transpose()?;
        Ok(named.into_iter().chain([PromptPack::embedded().clone()]).collect())
    }
}

/// The file that an output which was named on the command line goes to: that which a link leads to. What is
/// no file, such as a device or a pipe, would be replaced by one, and is refused.
pub(crate) fn output_file(path: &Path) -> anyhow::Result<PathBuf> {
    let Ok(target) = std::fs::canonicalize(path) else { return Ok(path.to_owned()) };
    anyhow::ensure!(
        target.is_file(),
        "{} is there and is no file, so that nothing was written; name a file",
        path.display()
    );
    Ok(target)
}

/// Labels that have a `tasks` folder below `root`, sorted; folders that cannot be labels are said. Where
/// there is no folder there are none. `flags` lead `merge` to the label.
pub(crate) fn discover_labels(root: &Path, flags: &str) -> anyhow::Result<Vec<Label>> {
    if root.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return Ok(Vec::new());
    }
    let found = Discovery::below(root)?;
    for unusable in &found.unusable {
        terminal::warning(unusable);
    }
    for label in &found.unmerged {
        terminal::warning(format!(
            "`{label}` has nothing but shards, and is left out; `avibench merge {label}{flags}` puts them together"
        ));
    }
    Ok(found.labels)
}
