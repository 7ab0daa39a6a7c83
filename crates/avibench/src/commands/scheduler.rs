//! Which task of an array this process is, as schedulers say it in environment variables.

use anyhow::{bail, ensure};
use avibench_store::Shard;

/// The most that is shown of a variable's value.
const SHOWN: usize = 40;

/// A scheduler that numbers the tasks of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheduler {
    Slurm,
    Pbs,
    Lsf,
    Sge,
    Kubernetes,
}

/// The variables that hold the number of a task, and whose they are.
const VARIABLES: [(&str, Scheduler); 6] = [
    ("SLURM_ARRAY_TASK_ID", Scheduler::Slurm),
    ("PBS_ARRAY_INDEX", Scheduler::Pbs),
    // Torque's name for the same.
    ("PBS_ARRAYID", Scheduler::Pbs),
    ("LSB_JOBINDEX", Scheduler::Lsf),
    ("SGE_TASK_ID", Scheduler::Sge),
    ("JOB_COMPLETION_INDEX", Scheduler::Kubernetes),
];

/// What the flags say of numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Numbering {
    /// How many shards there are.
    pub shards: Option<u32>,
    /// The number of the first.
    pub base: Option<u32>,
}

/// A task of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArrayTask {
    scheduler: Scheduler,
    variable: &'static str,
    id: u32,
    /// Slurm's lowest and highest number, step and count of the array.
    extent: Option<Extent>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Extent {
    min: u32,
    max: u32,
    step: u32,
    count: u32,
}

impl ArrayTask {
    /// The task that the environment tells of.
    pub(crate) fn find(variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let mut found: Option<Self> = None;
        for (name, scheduler) in VARIABLES {
            let Some(value) = variable(name) else { continue };
            let value = value.trim();
            // LSF and SGE set them for jobs that are no arrays, too.
            let is_none = matches!(
                (scheduler, value),
                (_, "") | (Scheduler::Lsf, "0") | (Scheduler::Sge, "undefined")
            );
            if is_none {
                continue;
            }
            let Ok(id) = value.parse() else {
                bail!(
                    "--shard auto: {name} is `{}`, which is no number of a task; name the shard with \
                     --shard I/N",
                    value.chars().take(SHOWN).collect::<String>()
                );
            };
            match &found {
                None => found = Some(Self { scheduler, variable: name, id, extent: None }),
                Some(known) if known.scheduler == scheduler && known.id == id => {}
                Some(known) => bail!(
                    "--shard auto: {} and {name} are both set, so that it is not clear which numbers the \
                     shards; name the shard with --shard I/N",
                    known.variable
                ),
            }
        }
        let Some(mut task) = found else {
            bail!(
                "--shard auto finds no task of an array: none of {} is set; submit the job as an array, or \
                 name the shard with --shard I/N",
                VARIABLES.map(|(name, _)| name).join(", ")
            );
        };
        if task.scheduler == Scheduler::Slurm {
            let number = |part: &str| {
                variable(&format!("SLURM_ARRAY_TASK_{part}"))?.trim().parse::<u32>().ok()
            };
            let step = number("STEP").unwrap_or(1);
            task.extent = number("MIN")
                .zip(number("MAX"))
                .zip(number("COUNT"))
                .map(|((min, max), count)| Extent { min, max, step, count });
        }
        Ok(task)
    }

    /// Its shard. `others` says of how many the shards are that lie below the label.
    pub(crate) fn shard(&self, numbering: &Numbering, others: &[u32]) -> anyhow::Result<Shard> {
        let Self { variable, id, .. } = *self;
        let usual = u32::from(self.scheduler != Scheduler::Kubernetes);
        let (first, of, above) = if let Some(of) = numbering.shards {
            let base = numbering.base.unwrap_or(usual);
            (base, of, id.checked_sub(base))
        } else {
            let Extent { min, step, count, .. } = self.counted(others)?;
            let above = id.checked_sub(min).filter(|above| above % step == 0);
            (min, count, above.map(|above| above / step))
        };
        let shard = above.and_then(|above| Shard::new(above.checked_add(1)?, of).ok());
        let Some(shard) = shard else {
            let hint = match (first, id) {
                (1, 0) => "; --shard-base 0 is for tasks that are numbered from 0",
                _ => "",
            };
            bail!(
                "--shard auto: {variable} is {id}, and {of} shards have the numbers {first} to {}; number the \
                 tasks so, or say with --shards how many there are{hint}",
                u64::from(first) + u64::from(of) - 1
            );
        };
        Ok(shard)
    }

    /// Slurm's own count, where it can be trusted: after `--array=3`, by which a shard is run again, it is 1.
    fn counted(&self, others: &[u32]) -> anyhow::Result<Extent> {
        const UNCOUNTED: &str = "--shard auto: of how many shards is this one? Say it with --shards N or \
                                 AVIBENCH_SHARDS=N, the same for every task";
        let Some(extent) = self.extent else { bail!(UNCOUNTED) };
        let Extent { min, max, step, count } = extent;
        let range = max.checked_sub(min).filter(|_| step > 0);
        ensure!(
            range.is_some_and(|range| range / step + 1 == count),
            "{UNCOUNTED}: Slurm's array has {count} tasks from {min} to {max} in steps of {step}, so that \
             some are left out"
        );
        ensure!(
            count > 1,
            "{UNCOUNTED}: Slurm's array has the single task {min}, which may be a shard that is run again"
        );
        if let Some(other) = others.iter().find(|other| **other != count) {
            bail!(
                "{UNCOUNTED}: Slurm's array has {count} tasks, and below the label lie shards of {other}, of \
                 which some may be run again"
            );
        }
        Ok(extent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(variables: &[(&str, &str)]) -> anyhow::Result<ArrayTask> {
        ArrayTask::find(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn shard(
        variables: &[(&str, &str)],
        shards: Option<u32>,
        base: Option<u32>,
        others: &[u32],
    ) -> Result<String, String> {
        let task = find(variables).map_err(|error| error.to_string())?;
        let shard = task.shard(&Numbering { shards, base }, others);
        shard.map(|shard| shard.to_string()).map_err(|error| error.to_string())
    }

    /// What Slurm sets for `--array=MIN-MAX:STEP` with so many tasks.
    fn slurm(
        id: &'static str,
        min: &'static str,
        max: &'static str,
        step: &'static str,
        count: &'static str,
    ) -> [(&'static str, &'static str); 5] {
        [
            ("SLURM_ARRAY_TASK_ID", id),
            ("SLURM_ARRAY_TASK_MIN", min),
            ("SLURM_ARRAY_TASK_MAX", max),
            ("SLURM_ARRAY_TASK_STEP", step),
            ("SLURM_ARRAY_TASK_COUNT", count),
        ]
    }

    #[test]
    fn schedulers_number_from_one_and_kubernetes_from_zero() {
        for (name, id) in [
            ("SLURM_ARRAY_TASK_ID", "3"),
            ("PBS_ARRAY_INDEX", "3"),
            ("PBS_ARRAYID", "3"),
            ("LSB_JOBINDEX", " 3 "),
            ("SGE_TASK_ID", "3"),
            ("JOB_COMPLETION_INDEX", "2"),
        ] {
            assert_eq!(shard(&[(name, id)], Some(7), None, &[]), Ok("3/7".to_owned()), "{name}");
        }
        assert_eq!(shard(&[("PBS_ARRAY_INDEX", "0")], Some(7), Some(0), &[]), Ok("1/7".to_owned()));
        let one = [("JOB_COMPLETION_INDEX", "1")];
        assert_eq!(shard(&one, Some(7), Some(1), &[]), Ok("1/7".to_owned()));
        let torque = [("PBS_ARRAY_INDEX", "4"), ("PBS_ARRAYID", "4")];
        assert_eq!(shard(&torque, Some(7), None, &[]), Ok("4/7".to_owned()));
    }

    #[test]
    fn numbers_of_no_shard_are_refused_with_the_mend() {
        for (id, shards, base, said) in [
            ("8", 7, None, "SGE_TASK_ID is 8, and 7 shards have the numbers 1 to 7"),
            ("7", 7, Some(0), "SGE_TASK_ID is 7, and 7 shards have the numbers 0 to 6"),
            ("0", 7, None, "--shard-base 0 is for tasks that are numbered from 0"),
            ("x", 7, None, "SGE_TASK_ID is `x`, which is no number"),
            ("-1", 7, None, "SGE_TASK_ID is `-1`, which is no number"),
        ] {
            let error = shard(&[("SGE_TASK_ID", id)], Some(shards), base, &[]).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
        for none in [&[][..], &[("LSB_JOBINDEX", "0")], &[("SGE_TASK_ID", "undefined")]] {
            let error = shard(none, Some(7), None, &[]).unwrap_err();
            assert!(error.contains("--shard auto finds no task of an array"), "{error}");
        }
        let two = [("SLURM_ARRAY_TASK_ID", "1"), ("JOB_COMPLETION_INDEX", "0")];
        let error = shard(&two, Some(7), None, &[]).unwrap_err();
        assert!(error.contains("SLURM_ARRAY_TASK_ID and JOB_COMPLETION_INDEX"), "{error}");
    }

    #[test]
    fn slurm_counts_where_the_count_can_be_trusted() {
        let counted =
            |id, min, max, step, count| shard(&slurm(id, min, max, step, count), None, None, &[]);
        assert_eq!(counted("3", "1", "7", "1", "7"), Ok("3/7".to_owned()));
        assert_eq!(counted("0", "0", "6", "1", "7"), Ok("1/7".to_owned()));
        // --array=1-7:2 are the tasks 1, 3, 5 and 7.
        assert_eq!(counted("5", "1", "7", "2", "4"), Ok("3/4".to_owned()));
        // --array=1-8:2 are the same.
        assert_eq!(counted("7", "1", "8", "2", "4"), Ok("4/4".to_owned()));
        // --array=1,3,7, and --array=3, by which shards are run again.
        for (id, min, max, step, count) in
            [("3", "1", "7", "1", "3"), ("3", "3", "3", "1", "1"), ("3", "7", "1", "0", "3")]
        {
            let error = counted(id, min, max, step, count).unwrap_err();
            assert!(error.contains("Say it with --shards N or AVIBENCH_SHARDS=N"), "{error}");
        }
        // --array=3,4 after shards of seven.
        let again = slurm("3", "3", "4", "1", "2");
        let error = shard(&again, None, None, &[7, 7]).unwrap_err();
        assert!(error.contains("below the label lie shards of 7"), "{error}");
        assert_eq!(shard(&again, Some(7), None, &[7]), Ok("3/7".to_owned()));
        assert_eq!(shard(&slurm("3", "1", "7", "1", "7"), None, None, &[7]), Ok("3/7".to_owned()));
        // With --shards the numbers are those of shards, whatever the step.
        assert_eq!(
            shard(&slurm("5", "1", "7", "2", "4"), Some(7), None, &[]),
            Ok("5/7".to_owned())
        );
        let error = shard(&slurm("5", "1", "7", "2", "4"), Some(4), None, &[]).unwrap_err();
        assert!(error.contains("is 5, and 4 shards have the numbers 1 to 4"), "{error}");
        let alone = shard(&[("SLURM_ARRAY_TASK_ID", "3")], None, None, &[]).unwrap_err();
        assert!(alone.contains("of how many shards is this one?"), "{alone}");
    }
}
