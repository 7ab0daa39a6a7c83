//! `avibench leaderboard entry`: a scored run as an entry of the leaderboard.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use avibench_bundle::Bundle;
use avibench_leaderboard::{EntryMetadata, LeaderboardEntry, RunFacts, check_entry};
use avibench_protocol::{Dataset, Folder, FolderState, Task};
use avibench_results::{Report, read_run};
use avibench_store::Label;
use clap::Args;

use crate::commands::common::ScoresArgs;
use crate::exit::Exit;
use crate::terminal;

/// Print the entry of a scored label as JSON
///
/// Official scores, with intervals and strict scores of tasks; coverage as it was counted, so that a
/// run that asked less than everything is partial. What a run cannot know is told by flags.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench leaderboard entry my-model \\\n\
\x20     --model-name \"My Model\" --released 2026-05-01")]
pub(super) struct Entry {
    /// The label, which `score` has scored
    #[arg(value_name = "LABEL")]
    label: Label,
    #[command(flatten)]
    scores: ScoresArgs,
    /// Folder that holds `levels/<stage>/<TASK>/data.json`, to count the samples of tasks that were not
    /// asked
    #[arg(long, alias = "data_root", env = "DATA_ROOT", value_name = "DIR")]
    data_root: Option<PathBuf>,
    #[command(flatten)]
    metadata: Metadata,
    /// The public bundle of this run, whose SHA-256 the notes are to name
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
}

/// What a run cannot know. All of it is told of at once where it lacks, so that none is required here.
#[derive(Debug, Args)]
struct Metadata {
    /// Id of the entry, which no other has: 2 to 100 of `A-Z a-z 0-9 . _ -`
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Name of the model as people know it
    #[arg(long, value_name = "NAME")]
    model_name: Option<String>,
    /// Who made the model
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// Exact identifier of the model
    #[arg(long, value_name = "ID")]
    model_id: Option<String>,
    /// When the model was released
    #[arg(long, value_name = "YYYY-MM-DD")]
    released: Option<String>,
    /// Where its maker says so: an https address
    #[arg(long, value_name = "URL")]
    release_source: Option<String>,
    /// Release of the benchmark that was used
    #[arg(long, value_name = "VERSION")]
    benchmark_version: Option<String>,
    /// Who publishes the result: paper, participant or maintainer
    #[arg(long, value_name = "TYPE")]
    source_type: Option<String>,
    /// Where the result is published: an https address
    #[arg(long, value_name = "URL")]
    source_url: Option<String>,
    /// When the run was made
    #[arg(long, value_name = "YYYY-MM-DD")]
    evaluated: Option<String>,
    /// Who submits the entry
    #[arg(long, value_name = "NAME")]
    submitter: Option<String>,
}

impl Entry {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let path = self.scores.report_of(&self.label, &[], "")?;
        let stored = read_run(&path)?;
        let lacking = self.metadata.lacking(&stored.report);
        anyhow::ensure!(
            lacking.is_empty(),
            "an entry says what a run cannot know; add these flags, for example:\n  {}",
            lacking.join("\n  ")
        );
        let named = self.bundle.as_deref();
        let bundle_sha256 = named.map(|path| sha256_of(path, &stored.report)).transpose()?;
        let facts = RunFacts {
            is_generated: stored.rows.iter().any(|row| row.stimulus_kind.is_some()),
            bundle_sha256,
            askable: match &self.data_root {
                Some(root) => askable(root, &stored.report)?,
                None => BTreeMap::new(),
            },
        };
        let entry = LeaderboardEntry::new(&stored.report, self.metadata.into(), &facts)?;
        let json = serde_json::to_vec(&entry)?;
        let found = check_entry(&json);
        let wrong: Vec<String> = found
            .violations()
            .map(|violation| format!("{}: {}", flag_of(&violation.pointer), violation.message))
            .collect();
        anyhow::ensure!(
            wrong.is_empty(),
            "the leaderboard would not take this entry:\n  {}",
            wrong.join("\n  ")
        );
        terminal::print_json(&entry)?;
        let covered = &entry.coverage;
        terminal::note(format!(
            "coverage of {}: {}, {} of {} tasks, {} of {} samples",
            self.label,
            if covered.is_full() { "full" } else { "partial" },
            covered.tasks_completed,
            covered.tasks_total,
            covered.samples_completed,
            covered.samples_total
        ));
        if covered.tasks_counted < covered.tasks_total {
            terminal::hint(format!(
                "samples are counted over {} tasks; --data-root DIR counts those of all",
                covered.tasks_counted
            ));
        }
        if facts.is_generated {
            terminal::warning(
                "the samples were generated, so that these scores are not of the benchmark; the notes \
                 say so",
            );
        }
        Ok(Exit::Done)
    }
}

impl Metadata {
    /// Every flag that lacks, each with an example.
    fn lacking(&self, report: &Report) -> Vec<String> {
        let model = report.asking.as_ref().map_or("my-model-2026-01", |asking| &asking.model);
        let flags = [
            ("--id", &self.id, "my-model-2026-01"),
            ("--model-name", &self.model_name, "'My Model'"),
            ("--provider", &self.provider, "'My Lab'"),
            ("--model-id", &self.model_id, model),
            ("--released", &self.released, "2026-01-31"),
            ("--release-source", &self.release_source, "https://example.org/my-model"),
            ("--benchmark-version", &self.benchmark_version, "paper-2606.07643"),
            ("--source-type", &self.source_type, "participant"),
            ("--source-url", &self.source_url, "https://example.org/my-results"),
        ];
        let lacking = flags.into_iter().filter(|(_, told, _)| told.is_none());
        lacking.map(|(flag, _, example)| format!("{flag} {example}")).collect()
    }
}

impl From<Metadata> for EntryMetadata {
    fn from(told: Metadata) -> Self {
        Self {
            id: told.id.unwrap_or_default(),
            model_name: told.model_name.unwrap_or_default(),
            provider: told.provider.unwrap_or_default(),
            model_id: told.model_id.unwrap_or_default(),
            released: told.released.unwrap_or_default(),
            release_source: told.release_source.unwrap_or_default(),
            benchmark_version: told.benchmark_version.unwrap_or_default(),
            source_type: told.source_type.unwrap_or_default(),
            source_url: told.source_url.unwrap_or_default(),
            evaluated: told.evaluated,
            submitter: told.submitter,
        }
    }
}

/// The flag that a value of the entry comes from, or where in the entry it stands.
fn flag_of(pointer: &str) -> String {
    let flag = match pointer {
        "/id" => "--id",
        "/model_name" => "--model-name",
        "/provider" => "--provider",
        "/model_id" => "--model-id",
        "/model_release_date" => "--released",
        "/model_release_source_url" => "--release-source",
        "/benchmark_version" => "--benchmark-version",
        "/source/type" => "--source-type",
        "/source/url" => "--source-url",
        "/evaluation_date" => "--evaluated",
        "/submitter" => "--submitter",
        other => other,
    };
    flag.to_owned()
}

/// How many samples of each task can be asked, void checks left out.
fn askable(root: &Path, report: &Report) -> anyhow::Result<BTreeMap<Task, usize>> {
    let dataset = Dataset::open(root)?;
    let mut counts = BTreeMap::new();
    for folder in Folder::ALL {
        let data = match dataset.load(folder) {
            FolderState::Ready(data) => data,
            FolderState::Absent => continue,
            FolderState::Broken(error) => return Err(error.into()),
        };
        let scored = report.data.iter().find(|scored| scored.folder == folder);
        anyhow::ensure!(
            scored.is_none_or(|scored| scored.sha256 == data.sha256),
            "data.json of {folder} below {} is not the file that was scored against (its hash \
             differs); name the right data set with --data-root, or score again",
            root.display()
        );
        let askable = data.samples.iter().filter(|sample| !sample.is_void()).count();
        *counts.entry(folder.task()).or_default() += askable;
    }
    Ok(counts)
}

/// SHA-256 of the public bundle of this run: of one whose numbers are those that the entry claims.
fn sha256_of(path: &Path, report: &Report) -> anyhow::Result<String> {
    let bundle = Bundle::read(path)?;
    let label = &report.label;
    let Some(public) = bundle.public() else {
        anyhow::bail!(
            "{} is a private bundle; an entry names the public one, as `avibench bundle {label}` makes it",
            path.display()
        );
    };
    anyhow::ensure!(
        public.is_of(report),
        "{} holds other numbers than the scores of {label}; make it anew with `avibench bundle {label}`",
        path.display()
    );
    Ok(bundle.sha256)
}
