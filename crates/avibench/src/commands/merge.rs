//! `avibench merge`: the parts of a run, put together.

use std::io::Write as _;
use std::path::PathBuf;

use avibench_probe::{PROBE_FILE, ProbeReport};
use avibench_protocol::Position;
use avibench_store::{
    Label, Merge as Merging, MergeKind, MergeSettings, Merged, MissingShard, Shard, ShardLedger,
    ShardSource, labels_there,
};
use clap::Args;

use super::common::{DataArgs, DatasetArgs, OutputArgs, RefinedArgs, folder_flags};
use super::locks::LockArgs;
use super::ranges::{self, whole};
use super::session;
use crate::exit::Exit;
use crate::terminal::{self, Grid, counted, folded, printable};

/// Missing shards that are named, each on a line of its own.
const NAMED: usize = 20;

/// Columns for a machine's name.
const MACHINE: usize = 20;

/// Put the shards of a run together: answers, and formatted answers if there are any.
///
/// Takes what `run --shard` and `refine --shard` left below the label, and below any other folders that
/// are named, such as copies from other machines. Shards stay as they are, and can be run and merged
/// again. Exit code 2 as long as answers are missing, which are named.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench merge my-model --data-root DATA\n\
\x20 avibench merge my-model /copies/node1 /copies/node2 \\\n\
\x20     --data-root DATA")]
pub(crate) struct Merge {
    /// The label
    #[arg(value_name = "LABEL")]
    label: Label,
    /// Where else shards lie: copies of a shard, of a label's folder, or of --output-dir
    #[arg(value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    #[command(flatten)]
    dataset: DatasetArgs,
    #[command(flatten)]
    outputs: OutputArgs,
    #[command(flatten)]
    refined: RefinedArgs,
    /// Of how many the shards are, if some of several numbers lie there
    #[arg(long, help_heading = "What is done", value_parser = whole::<u32>(ranges::SHARDS), value_name = "N")]
    shards: Option<u32>,
    /// Merge shards that several versions of the program asked
    #[arg(long, help_heading = "What is done")]
    force: bool,
    #[command(flatten)]
    locks: LockArgs,
}

impl Merge {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let data = DataArgs { dataset: self.dataset.clone(), tasks: Vec::new() }.load()?;
        let roots = [&self.outputs.output_dir, &self.refined.refined_dir];
        let directories = roots.map(|root| root.join(self.label.as_str()));
        let found = ShardSource::find(&self.label, &directories, &self.folders)?;
        if found.is_empty() {
            let there = labels_there(&roots[..1], &self.label).filter(|_| !directories[0].is_dir());
            anyhow::bail!(
                "`{}` has no shards: expected {}/shards/<I>-of-<N>; {}",
                self.label,
                directories[0].display(),
                there.unwrap_or_else(|| "`avibench run --shard I/N` makes them".to_owned())
            );
        }
        let mut exit = Exit::Done;
        let [answers, formatted] = &directories;
        for (kind, directory) in [(MergeKind::Answers, answers), (MergeKind::Formatted, formatted)]
        {
            let sources: Vec<ShardSource> =
                found.iter().filter(|source| source.kind() == kind).cloned().collect();
            if sources.is_empty() {
                continue;
            }
            let settings = MergeSettings {
                label: self.label.clone(),
                directory: directory.clone(),
                answers: (kind == MergeKind::Formatted).then(|| answers.clone()),
                of: self.shards,
                force: self.force,
                locking: self.locks.locking(),
            };
            let probes: Vec<PathBuf> =
                sources.iter().map(|source| source.path.join(PROBE_FILE)).collect();
            let merged = Merging::new(&settings, sources, &data.folders)?.run()?;
            if kind == MergeKind::Answers {
                keep_probe(&directory.join(PROBE_FILE), &probes)?;
            }
            if show(kind, &settings, &merged)? != Exit::Done {
                exit = Exit::SomeFailed;
            }
        }
        if exit == Exit::Done {
            let has_formatted = found.iter().any(|of| of.kind() == MergeKind::Formatted);
            let flags = folder_flags(&self.dataset, &self.outputs, &self.refined);
            terminal::hint(if has_formatted {
                format!("avibench score --models {}{flags}", self.label)
            } else {
                session::after_answers(&self.label, &flags)
            });
        }
        Ok(data.exit(exit))
    }
}

/// Takes the findings of the lowest shard that has any, unless the label has some.
fn keep_probe(path: &std::path::Path, probes: &[PathBuf]) -> anyhow::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let found = probes.iter().find_map(|probe| ProbeReport::read(probe).ok().flatten());
    if let Some(report) = found {
        report.write(path)?;
    }
    Ok(())
}

/// Prints what was merged, and says what is missing.
fn show(kind: MergeKind, settings: &MergeSettings, merged: &Merged) -> anyhow::Result<Exit> {
    let Merged { ledger, missing, has_changed, answers, doubled, notices } = merged;
    let (what, again) = match kind {
        MergeKind::Answers => ("answer", "avibench run"),
        MergeKind::Formatted => ("formatted answer", "avibench refine"),
    };
    for notice in notices {
        terminal::warning(notice);
    }
    if *doubled > 0 {
        terminal::warning(format!(
            "{} {} of several shards, or of several copies of one",
            counted(*doubled, "position"),
            if *doubled == 1 { "has answers" } else { "have answers" }
        ));
    }
    writeln!(terminal::stdout(), "{}", table(ledger))?;
    for shard in missing.iter().take(NAMED) {
        terminal::warning(lacks(shard, again));
    }
    if missing.len() > NAMED {
        terminal::warning(format!("... and {} more shards", missing.len() - NAMED));
    }
    let place = settings.directory.join("tasks");
    let state = if *has_changed { "" } else { "; nothing is new" };
    terminal::note(format!(
        "{} of {} shards of {}: {}{state}\n{what}s: {}",
        ledger.shards.len(),
        ledger.of,
        settings.label,
        counted(*answers, what),
        place.display()
    ));
    if missing.is_empty() {
        return Ok(Exit::Done);
    }
    let lacking: usize = missing.iter().map(|shard| shard.lacking).sum();
    terminal::warning(format!(
        "{} in {} without an {}",
        counted(lacking, "sample"),
        counted(missing.len(), "shard"),
        "answer"
    ));
    terminal::hint(format!(
        "run the same `{again} --shard` again for these, or `{again}` without it for all of them, and merge \
         again"
    ));
    Ok(Exit::SomeFailed)
}

/// What a shard lacks.
fn lacks(missing: &MissingShard, again: &str) -> String {
    let MissingShard { shard, is_absent, selected, lacking, first, holder } = missing;
    let holder = holder.as_ref().map(|holder| format!("; {holder} still writes to it"));
    let holder = holder.unwrap_or_default();
    if *is_absent && lacking == selected {
        return format!(
            "{} is missing with its {}: `{again} --shard {shard}` with the flags of the others asks it{holder}",
            shard.words(),
            counted(*selected, "sample"),
        );
    }
    let named: Vec<String> =
        first.iter().map(|(folder, Position(at))| format!("{folder} {at}")).collect();
    let more = if lacking > &first.len() { ", ..." } else { "" };
    format!(
        "{}: {lacking} of {} without an answer ({}{more}){holder}",
        shard.words(),
        counted(*selected, "sample"),
        named.join(", "),
    )
}

/// One line a shard.
fn table(ledger: &ShardLedger) -> Grid {
    let mut grid = Grid::new([
        "Shard", "Machine", "Samples", "Done", "Starts", "Time", "Tokens", "US$", "End",
    ])
    .with_texts([1, 8]);
    for index in 1..=ledger.of {
        let known = Shard::new(index, ledger.of).ok().and_then(|shard| ledger.shard(shard));
        let Some(known) = known else { continue };
        let spent = known.effort.spending;
        let tokens = spent.tokens_in + spent.tokens_out;
        let machines: Vec<String> =
            known.machines.iter().map(|name| folded(&printable(name), MACHINE)).collect();
        grid.row([
            index.to_string(),
            machines.join("\n"),
            known.selected.to_string(),
            known.done.to_string(),
            known.sessions.to_string(),
            terminal::duration(
                std::time::Duration::try_from_secs_f64(known.seconds).unwrap_or_default(),
            ),
            tokens.to_string(),
            spent.cost.map_or_else(|| "-".to_owned(), |cost| format!("{cost:.2}")),
            known.end.map_or("none noted", |end| end.name()).to_owned(),
        ]);
    }
    grid
}
