//! Flags that say which part of a run is asked here, and what a run without them makes of shards.

use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use avibench_engine::FolderJobs;
use avibench_protocol::{Position, Prediction, Record};
use avibench_store::{
    Dealing, Label, RunLock, SelectionDigest, Shard, ShardFolder, ShardIdentity, ShardsState,
    read_answers,
};
use clap::Args;

use super::connection::ConnectionArgs;
use super::money::MoneyArgs;
use super::ranges::{self, whole};
use super::scheduler::{ArrayTask, Numbering};
use crate::terminal::{self, counted};

/// Which part of a run is asked.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ShardArgs {
    /// Only every Nth id of each folder, with its checks: I/N, such as 3/7, or `auto` to take I from Slurm,
    /// PBS, LSF, SGE or Kubernetes; `merge` puts the parts together (docs/scale.md)
    #[arg(long, help_heading = "Ablations and parts", value_name = "I/N|auto")]
    pub shard: Option<WantedShard>,
    /// How many parts there are, for `--shard auto` and `--shard I`
    #[arg(long, help_heading = "Ablations and parts", env = "AVIBENCH_SHARDS", value_parser = whole::<u32>(ranges::SHARDS), value_name = "N")]
    pub shards: Option<u32>,
    /// The scheduler's number of the first part, for `--shard auto` (default: 1, with Kubernetes 0)
    #[arg(long, help_heading = "Ablations and parts", value_parser = whole::<u32>(0..=1), value_name = "0|1")]
    pub shard_base: Option<u32>,
}

/// Which part is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WantedShard {
    /// That of the scheduler's task.
    Auto,
    /// This one, of as many as --shards says.
    Index(u32),
    /// This one.
    Named(Shard),
}

impl FromStr for WantedShard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        match text.parse() {
            Ok(index) => Ok(Self::Index(index)),
            Err(_) => text.parse().map(Self::Named).map_err(|_| {
                "expected I/N, such as 3/7, where I is 1 to N; I with --shards N; or auto"
                    .to_owned()
            }),
        }
    }
}

impl ShardArgs {
    /// Whether a part is asked.
    pub(crate) const fn is_wanted(&self) -> bool {
        self.shard.is_some()
    }

    /// The part that is asked of a label whose folder is `directory`; `None` is all of it.
    pub(crate) fn shard(&self, directory: &Path) -> anyhow::Result<Option<Shard>> {
        let shard = match self.shard {
            None => {
                if self.shards.is_some() {
                    terminal::warning(
                        "--shards and AVIBENCH_SHARDS have no effect without --shard: all is asked here",
                    );
                }
                return Ok(None);
            }
            Some(WantedShard::Named(shard)) => {
                anyhow::ensure!(
                    self.shards.is_none_or(|shards| shards == shard.of()),
                    "--shard {shard} is of {}, and --shards or AVIBENCH_SHARDS says {}; leave one of them out",
                    shard.of(),
                    self.shards.unwrap_or_default()
                );
                shard
            }
            Some(WantedShard::Index(index)) => {
                let Some(of) = self.shards else {
                    anyhow::bail!(
                        "--shard {index} of how many? Write --shard {index}/N, or add --shards N"
                    );
                };
                Shard::new(index, of)?
            }
            Some(WantedShard::Auto) => {
                let task = ArrayTask::find(|name| std::env::var(name).ok())?;
                let others =
                    ShardFolder::below(directory).into_iter().map(|known| known.shard.of());
                let numbering = Numbering { shards: self.shards, base: self.shard_base };
                task.shard(&numbering, &others.collect::<Vec<_>>())?
            }
        };
        if let Some(other) =
            ShardFolder::below(directory).into_iter().find(|known| known.shard.of() != shard.of())
        {
            terminal::warning(format!(
                "{} is of another division: `merge` puts together the shards of one number, and leaves the \
                 others alone",
                other.path.display()
            ));
        }
        Ok(Some(shard))
    }
}

/// The part of the questions that a shard asks, and what its manifest is to say of it.
pub(crate) fn part(
    shard: Shard,
    mut folders: Vec<FolderJobs>,
    n_samples: Option<usize>,
) -> (ShardIdentity, Vec<FolderJobs>) {
    // The same order everywhere, however the user named the folders.
    folders.sort_by_key(|jobs| jobs.folder);
    let mut dealing = Dealing::new(shard.of());
    let mut digest = SelectionDigest::default();
    let mut parts = Vec::with_capacity(folders.len());
    for jobs in folders {
        let mut is_chosen = vec![false; jobs.samples.len()];
        for job in &jobs.jobs {
            is_chosen[job.position.0] = true;
            digest.add(job.folder, job.position, &job.sample.id);
        }
        let samples = jobs.samples.iter().zip(&is_chosen);
        let dealt = dealing.deal(samples.map(|(sample, is)| (sample.formal_id(), *is)));
        let own: Vec<bool> = dealt.into_iter().map(|of| of == shard.index()).collect();
        parts.push(jobs.only(&own));
    }
    let (samples, selection) = digest.finish();
    (ShardIdentity { shard, samples, selection, n_samples }, parts)
}

/// The limits that are set, and hold for each shard by itself.
pub(crate) fn limits(connection: &ConnectionArgs, money: &MoneyArgs) -> Vec<&'static str> {
    let limits = [
        ("--max-cost", money.max_cost.is_some()),
        ("--rpm", connection.rpm.is_some()),
        ("--tpm", connection.tpm.is_some()),
    ];
    limits.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name).collect()
}

/// What a shard asks, and what its limits mean.
pub(crate) fn described(shard: Shard, asked: usize, all: usize, limits: &[&str]) -> String {
    format!("{}: {asked} of {}{}", shard.words(), counted(all, "question"), of_limits(limits))
}

/// The same before it is known how much that is.
pub(crate) fn described_part(shard: Shard, limits: &[&str]) -> String {
    format!("{} of the answers{}", shard.words(), of_limits(limits))
}

fn of_limits(limits: &[&str]) -> String {
    match limits {
        [] => String::new(),
        [limit] => format!("; {limit} holds for this shard alone"),
        [limits @ .., last] => {
            format!("; {} and {last} hold for this shard alone", limits.join(", "))
        }
    }
}

/// What comes after a shard.
pub(crate) fn next(label: &Label, flags: &str) -> String {
    format!("once all shards have run: avibench merge {label}{flags}")
}

/// Refuses to ask a shard for what the label itself has answers to and the shard has not: a run without
/// shards gave them, and they would be paid for twice.
pub(crate) fn check_part(
    shard: Shard,
    label: &Label,
    directory: &Path,
    part: &[FolderJobs],
    force: bool,
) -> anyhow::Result<()> {
    if force {
        return Ok(());
    }
    let own = ShardFolder::of(directory, shard).path;
    let mut again = 0;
    for jobs in part {
        let answers = |root: &Path| read_answers(root, jobs.folder, &jobs.samples);
        let (of_label, of_shard) = (answers(directory)?, answers(&own)?);
        let has = |answers: &Option<Vec<Option<Record>>>, at: Position| {
            let slots = answers.as_deref().unwrap_or_default();
            matches!(Prediction::at(slots, at), Prediction::Text(_))
        };
        let positions = jobs.jobs.iter().map(|job| job.position);
        again += positions.filter(|at| has(&of_label, *at) && !has(&of_shard, *at)).count();
    }
    anyhow::ensure!(
        again == 0,
        "`{label}` has answers to {} of {} already, which this shard would ask for again; \
         `avibench run` without --shard asks what is missing, and --force asks them again",
        counted(again, "question"),
        shard.words()
    );
    Ok(())
}

/// Refuses to ask a whole label while one of its shards is asked, or before its shards are merged: their
/// answers would be paid for twice. `flags` lead `merge` to them.
pub(crate) fn check_whole(
    label: &Label,
    directory: &Path,
    force: bool,
    flags: &str,
) -> anyhow::Result<()> {
    let Some(state) = ShardsState::of(directory) else { return Ok(()) };
    if let Some((shard, holder)) = state.held() {
        let holder = holder.map(|holder| format!(" ({holder})")).unwrap_or_default();
        anyhow::bail!(
            "{} of `{label}` is being written to{holder}: wait for it, or stop it, and merge the shards with \
             `avibench merge {label}{flags}`; the same command goes on from there",
            shard.words()
        );
    }
    let unmerged: Vec<String> =
        state.unmerged().map(|state| state.shard.index().to_string()).collect();
    if unmerged.is_empty() || force {
        return Ok(());
    }
    anyhow::bail!(
        "`{label}` has answers in shards that are not merged ({}), and would ask for them again: first run \
         `avibench merge {label}{flags}`, and the same command goes on from there; --force leaves them out",
        unmerged.join(", ")
    )
}

/// Says where answers of a label stand in shards that are not merged, below these folders of labels.
pub(crate) fn warn_of_shards(roots: &[&Path], label: &Label, flags: &str) {
    let mut states = roots.iter().filter_map(|root| ShardsState::of(&root.join(label.as_str())));
    if let Some(warning) = states.find_map(|state| state.warning(label, flags)) {
        terminal::warning(warning);
    }
}

/// Waits for who writes to the whole label, because a merge is done in seconds; a run without shards would ask
/// the same questions.
pub(crate) fn wait_for_whole(label: &Label, directory: &Path) -> anyhow::Result<()> {
    const PATIENCE: Duration = Duration::from_secs(10);
    let begun = Instant::now();
    while let Some(holder) = RunLock::holder(directory) {
        if begun.elapsed() >= PATIENCE {
            let holder = holder.map(|holder| format!(" ({holder})")).unwrap_or_default();
            anyhow::bail!(
                "a run without shards, or a merge, is writing to `{label}`{holder}; wait for it, or stop it, and \
                 run the same command again"
            );
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_named_by_number_or_left_to_the_scheduler() {
        let parsed = |text: &str| text.parse::<WantedShard>();
        assert_eq!(parsed("auto"), Ok(WantedShard::Auto));
        assert_eq!(parsed("3"), Ok(WantedShard::Index(3)));
        assert_eq!(parsed("3/7"), Ok(WantedShard::Named(Shard::new(3, 7).unwrap())));
        for text in ["", "0/7", "8/7", "a", "-1", "3/", "auto/7"] {
            assert!(parsed(text).unwrap_err().starts_with("expected I/N"), "{text}");
        }
        let directory = tempfile::tempdir().unwrap();
        let of = |shard: &str, shards: Option<u32>| {
            let args = ShardArgs { shard: Some(parsed(shard).unwrap()), shards, shard_base: None };
            args.shard(directory.path()).map(|shard| shard.unwrap().to_string())
        };
        assert_eq!(of("3", Some(7)).unwrap(), "3/7");
        assert_eq!(of("3/7", Some(7)).unwrap(), "3/7");
        assert!(of("3", None).unwrap_err().to_string().contains("--shard 3/N"));
        assert!(of("3/7", Some(8)).unwrap_err().to_string().contains("leave one of them out"));
        assert!(of("9", Some(7)).unwrap_err().to_string().contains("`9/7` is no shard"));
    }

    #[test]
    fn limits_are_said_to_be_of_one_shard() {
        let shard = Shard::new(2, 3).unwrap();
        assert_eq!(described(shard, 4, 11, &[]), "shard 2 of 3: 4 of 11 questions");
        assert_eq!(
            described(shard, 1, 1, &["--max-cost", "--rpm", "--tpm"]),
            "shard 2 of 3: 1 of 1 question; --max-cost, --rpm and --tpm hold for this shard alone"
        );
        assert!(described_part(shard, &["--tpm"]).ends_with("; --tpm holds for this shard alone"));
    }
}
