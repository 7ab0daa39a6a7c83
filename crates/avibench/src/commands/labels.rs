//! `avibench labels`: what lies under which label, and moving or removing all of it at once.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use avibench_protocol::Folder;
use avibench_results::{OriginReport, RunFile, SampleCounts, relabelled};
use avibench_store::{
    Asked, Belongings, Label, LabelRoots, Manifest, ShardState, ShardsState, labels_known,
    read_predictions,
};
use clap::{Args, Subcommand};

use super::common::{OutputArgs, RefinedArgs, ScoresArgs};
use super::locks::LockArgs;
use crate::exit::Exit;
use crate::terminal::{self, Grid, OUTCOME_NAME, folded, label_heading, outcome_table, printable};

/// List, rename or delete labels with everything that belongs to them.
///
/// Answers, journals, formatted answers, scores, reports, rows and charts of a label go together.
/// A label that a run is writing to is left alone.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench labels list\n\
\x20 avibench labels rename my-model my-model-v1")]
pub(crate) struct Labels {
    #[command(subcommand)]
    action: Action,
}

/// Columns for a name, so that two of them and the rest fit a terminal of 80.
const NAME: usize = 20;

#[derive(Debug, Subcommand)]
enum Action {
    /// Show all labels: whom they asked, how far they are, how much they hold
    #[command(after_long_help = "\
Examples:\n\
\x20 avibench labels list --output-dir user_outputs")]
    List(Where),
    /// Give a label another name; nothing is ever overwritten
    Rename(Rename),
    /// Delete labels; asks first, or wants --yes where there is no terminal
    Delete(Delete),
}

#[derive(Debug, Args)]
struct Where {
    #[command(flatten)]
    outputs: OutputArgs,
    #[command(flatten)]
    refined: RefinedArgs,
    #[command(flatten)]
    scores: ScoresArgs,
    #[command(flatten)]
    locks: LockArgs,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench labels rename my-model my-model-v1")]
struct Rename {
    /// The label as it is
    #[arg(value_name = "LABEL")]
    from: Label,
    /// What it shall be called
    #[arg(value_name = "NEW")]
    to: Label,
    #[command(flatten)]
    place: Where,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench labels delete my-model --yes")]
struct Delete {
    /// The labels
    #[arg(required = true, value_name = "LABEL")]
    labels: Vec<Label>,
    /// Delete without asking
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    place: Where,
}

impl Labels {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self.action {
            Action::List(place) => place.list(),
            Action::Rename(rename) => rename.run(),
            Action::Delete(delete) => delete.run(),
        }
    }
}

impl Where {
    fn roots(&self) -> LabelRoots {
        LabelRoots {
            folders: vec![self.outputs.output_dir.clone(), self.refined.refined_dir.clone()],
            scores: self.scores.eval_dir.clone(),
            suffixes: &RunFile::SUFFIXES,
            locking: self.locks.locking(),
        }
    }

    /// What belongs to a label that there is.
    fn existing(&self, label: &Label) -> anyhow::Result<Belongings> {
        let roots = self.roots();
        let found = roots.of(label);
        if found.is_empty() {
            let (labels, _) = roots.labels()?;
            let there = labels_known(&labels, label);
            let there = there.unwrap_or_else(|| "there are none here".to_owned());
            anyhow::bail!("there is no label `{label}`; {there}");
        }
        Ok(found)
    }

    fn rename(&self, from: &Label, to: &Label) -> anyhow::Result<()> {
        let rewrites = relabelled(&self.scores.eval_dir, from, to)?;
        Ok(self.roots().rename(from, to, &rewrites)?)
    }

    fn list(&self) -> anyhow::Result<Exit> {
        let roots = self.roots();
        let (labels, odd) = roots.labels()?;
        for name in odd {
            terminal::warning(format!("`{name}` holds a run, but cannot be a label"));
        }
        if labels.is_empty() {
            terminal::note("no labels here; `avibench run` makes one");
            return Ok(Exit::Done);
        }
        let mut grid =
            Grid::new(["Label", "Model", "Answers", "Formatted", "Scored", "MB"]).with_texts([1]);
        for label in &labels {
            let [answers, formatted] = [&self.outputs.output_dir, &self.refined.refined_dir]
                .map(|root| answered(&root.join(label.as_str())));
            let is_scored = RunFile::Report.path(&self.scores.eval_dir, label).exists();
            grid.row([
                folded(&printable(&label_heading(label, Some(&self.origins(label)))), NAME),
                folded(&printable(&model(&self.outputs.output_dir.join(label.as_str()))), NAME),
                answers,
                formatted,
                if is_scored { "yes" } else { "no" }.to_owned(),
                format!("{:.1}", roots.of(label).bytes() as f64 / 1e6),
            ]);
        }
        let mut out = terminal::stdout();
        writeln!(out, "{grid}")?;
        let mut damage = Vec::new();
        if let Some(outcomes) = self.outcomes(&labels, &mut damage) {
            writeln!(out, "\nWhat became of their questions (samples and checks)\n{outcomes}")?;
        }
        if let Some(shards) = self.shards(&labels) {
            writeln!(out, "\nShards (`avibench merge LABEL` puts them together)\n{shards}")?;
        }
        for label in &labels {
            for root in [&self.outputs.output_dir, &self.refined.refined_dir] {
                damage.extend(defects(&root.join(label.as_str())));
            }
        }
        for defect in &damage {
            terminal::warning(defect);
        }
        Ok(if damage.is_empty() { Exit::Done } else { Exit::SomeFailed })
    }

    /// Whom a label's answers are of. What cannot be read is told of with the outcomes.
    fn origins(&self, label: &Label) -> OriginReport {
        let run = Asked::read(self.outputs.output_dir.join(label.as_str()));
        let origins: Vec<_> = Folder::ALL
            .into_iter()
            .flat_map(|folder| run.origins(folder).unwrap_or_default())
            .collect();
        OriginReport::of(origins.iter().map(Option::as_ref), true)
    }

    /// How far the shards of labels are; `None` if no label has any.
    fn shards(&self, labels: &[Label]) -> Option<Grid> {
        let mut grid =
            Grid::new(["Label", "Of", "Of shards", "Here", "Ended", "Merged", "Samples", "Done"])
                .with_texts([1]);
        let mut has_any = false;
        let roots =
            [(&self.outputs.output_dir, "answers"), (&self.refined.refined_dir, "formatted")];
        for label in labels {
            for (root, what) in roots {
                let Some(state) = ShardsState::of(&root.join(label.as_str())) else { continue };
                has_any = true;
                let shards = &state.shards;
                let count = |is: fn(&ShardState) -> bool| shards.iter().filter(|of| is(of)).count();
                let samples: usize = shards.iter().filter_map(|shard| shard.selected).sum();
                let done: usize = shards.iter().map(|shard| shard.done).sum();
                grid.row([
                    folded(&printable(label.as_str()), NAME),
                    what.to_owned(),
                    state.of.map_or_else(|| "several".to_owned(), |of| of.to_string()),
                    count(|shard| shard.path.is_some()).to_string(),
                    count(|shard| shard.end.is_some()).to_string(),
                    count(|shard| shard.is_merged).to_string(),
                    samples.to_string(),
                    done.to_string(),
                ]);
            }
        }
        has_any.then_some(grid)
    }

    /// How asking ended for the labels with anything but answers; `None` if there are none.
    fn outcomes(&self, labels: &[Label], damage: &mut Vec<String>) -> Option<Grid> {
        let mut of_label = |label: &Label| {
            let run = Asked::read(self.outputs.output_dir.join(label.as_str()));
            let mut counts = SampleCounts::default();
            for folder in Folder::ALL {
                match run.endings(folder) {
                    Ok(endings) => counts += SampleCounts::of(endings),
                    Err(error) => damage.push(error.to_string()),
                }
            }
            (counts.answered < counts.total)
                .then(|| (folded(&printable(label.as_str()), OUTCOME_NAME), counts))
        };
        let rows: Vec<(String, SampleCounts)> = labels.iter().filter_map(&mut of_label).collect();
        (!rows.is_empty()).then(|| outcome_table("Label", rows.into_iter()))
    }
}

impl Rename {
    fn run(self) -> anyhow::Result<Exit> {
        let Self { from, to, place } = self;
        anyhow::ensure!(from != to, "`{from}` is called so already");
        for label in [&from, &to] {
            if let Some((base, kind)) = label.ablation() {
                anyhow::bail!(
                    "`{label}` is the {kind} ablation of `{base}`, and is renamed with it: rename \
                     `{base}`"
                );
            }
        }
        place.existing(&from)?;
        let mut renames = vec![(from.clone(), to.clone())];
        for label in place.roots().ablations(&from)? {
            if let Some((_, kind)) = label.ablation() {
                renames.push((label, to.ablated(kind)?));
            }
        }
        for (at, (from, to)) in renames.iter().enumerate() {
            if let Err(error) = place.rename(from, to) {
                for (from, to) in renames[..at].iter().rev() {
                    place.rename(to, from)?;
                }
                return Err(error);
            }
        }
        for (from, to) in &renames {
            terminal::note(format!("{from} is now {to}"));
        }
        Ok(Exit::Done)
    }
}

impl Delete {
    fn run(self) -> anyhow::Result<Exit> {
        // All names are checked before anything is deleted.
        let found: Vec<Belongings> =
            self.labels.iter().map(|label| self.place.existing(label)).collect::<Result<_, _>>()?;
        for belongings in &found {
            terminal::note(described(belongings));
        }
        if !self.yes && !confirmed()? {
            terminal::note("nothing was deleted");
            return Ok(Exit::Done);
        }
        let roots = self.place.roots();
        for label in &self.labels {
            roots.delete(label)?;
            terminal::note(format!("deleted {label}"));
            let left = roots.ablations(label)?;
            if !left.is_empty() {
                let names: Vec<&str> = left.iter().map(Label::as_str).collect();
                terminal::note(format!("its ablations are still there: {}", names.join(", ")));
            }
        }
        Ok(Exit::Done)
    }
}

/// What is about to be deleted.
fn described(belongings: &Belongings) -> String {
    let mut lines =
        vec![format!("{}: {:.1} MB in", belongings.label, belongings.bytes() as f64 / 1e6)];
    lines.extend(belongings.folders.iter().chain(&belongings.files).map(|path| {
        let link = if path.is_symlink() { " (the link, not what it points to)" } else { "" };
        format!("  {}{link}", path.display())
    }));
    lines.join("\n")
}

/// Asks on the terminal.
fn confirmed() -> anyhow::Result<bool> {
    anyhow::ensure!(
        std::io::stdin().is_terminal(),
        "deleting needs a yes, and there is no terminal to ask on: add --yes"
    );
    terminal::question("delete this? [y/N] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Number of answers in a label's prediction files; a dash if there are no files.
fn answered(folder: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(folder.join("tasks")) else { return "-".to_owned() };
    let mut count = 0;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|extension| extension == "json") {
            match read_predictions(&path) {
                Ok(slots) => count += slots.iter().flatten().filter(|slot| slot.is_done()).count(),
                Err(_) => return "damaged".to_owned(),
            }
        }
    }
    count.to_string()
}

/// What of a label's files cannot be read, and why: the table only says `damaged`.
fn defects(folder: &Path) -> Vec<String> {
    let mut found: Vec<String> =
        Manifest::read(folder).err().map(|e| e.to_string()).into_iter().collect();
    let Ok(entries) = std::fs::read_dir(folder.join("tasks")) else { return found };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    found.extend(files.iter().filter_map(|path| Some(read_predictions(path).err()?.to_string())));
    found
}

/// The model that a label's manifest names; a dash where there is none.
fn model(folder: &Path) -> String {
    match Manifest::read(folder) {
        Ok(Some(manifest)) => manifest.identity.model,
        Ok(None) => "-".to_owned(),
        Err(_) => "damaged".to_owned(),
    }
}
