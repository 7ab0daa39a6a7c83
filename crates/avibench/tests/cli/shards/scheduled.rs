//! Shards that schedulers number, and the flags about them.

use super::{chance, on_set};
use crate::program::{Ended, avibench, folder, smoke_set};

/// A shard of the task that these variables tell of.
fn task(root: &std::path::Path, variables: &[(&str, &str)], more: &str) -> Ended {
    let mut command = avibench(root);
    command.envs(variables.iter().copied());
    let line = format!("run --backend chance --model-label m --tasks AVM {more}");
    command.args(line.split_whitespace()).arg("--data-root").arg(smoke_set());
    command.output().unwrap().into()
}

#[test]
fn tasks_of_an_array_find_their_shards() {
    let root = folder();
    // Slurm's task 3 of `--array=1-5:2`.
    let slurm = |id| {
        [
            ("SLURM_ARRAY_TASK_ID", id),
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_MAX", "5"),
            ("SLURM_ARRAY_TASK_STEP", "2"),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
        ]
    };
    let second = task(root.path(), &slurm("3"), "--shard auto").expect(0);
    assert!(second.stderr.contains("shard 2 of 3: 2 of 6 questions"), "{}", second.stderr);
    // The same task submitted again by itself.
    let again = [
        ("SLURM_ARRAY_TASK_ID", "3"),
        ("SLURM_ARRAY_TASK_MIN", "3"),
        ("SLURM_ARRAY_TASK_MAX", "3"),
        ("SLURM_ARRAY_TASK_COUNT", "1"),
    ];
    let refused = task(root.path(), &again, "--shard auto").expect(1);
    assert!(
        refused.stderr.contains("Say it with --shards N or AVIBENCH_SHARDS=N"),
        "{}",
        refused.stderr
    );
    let numbered = [again.as_slice(), &[("AVIBENCH_SHARDS", "3")]].concat();
    let third = task(root.path(), &numbered, "--shard auto --max-cost 5").expect(0);
    assert!(third.stderr.contains("shard 3 of 3"), "{}", third.stderr);
    assert!(third.stderr.contains("--max-cost holds for this shard alone"), "{}", third.stderr);
    let kubernetes = [("JOB_COMPLETION_INDEX", "0"), ("AVIBENCH_SHARDS", "3")];
    let first = task(root.path(), &kubernetes, "--shard auto").expect(0);
    assert!(first.stderr.contains("shard 1 of 3"), "{}", first.stderr);
    on_set(root.path(), "merge m").expect(0);
    let none = task(root.path(), &[], "--shard auto --shards 3").expect(1);
    assert!(none.stderr.contains("finds no task of an array"), "{}", none.stderr);
}

#[test]
fn flags_that_contradict_each_other_are_refused() {
    let root = folder();
    for (flags, said) in [
        ("--shard 0/3", "expected I/N, such as 3/7"),
        ("--shard 4/3", "expected I/N, such as 3/7"),
        ("--shard 2", "--shard 2 of how many?"),
        ("--shard 2/3 --shards 4", "leave one of them out"),
        ("--shard auto --shards 0", "expected a whole number from 1 to 100000"),
        ("--shard auto --shard-base 2", "expected a whole number from 0 to 1"),
        ("--time-limit soon", "expected a length of time such as 90s"),
    ] {
        let refused = chance(root.path(), flags).expect(1);
        assert!(refused.stderr.contains(said), "{flags}: {}", refused.stderr);
    }
    let warned = chance(root.path(), "--tasks AVM --shards 3").expect(0);
    assert!(warned.stderr.contains("have no effect without --shard"), "{}", warned.stderr);
    chance(root.path(), "--model-label n --tasks AVM --shard 1 --shards 3");
    for (line, said) in [
        ("refine --refine rules --shard 1/2", "name it with --models"),
        ("refine --refine rules --models m --shard 1/2 --judge-repeat 2", "leave out --shard"),
    ] {
        let refused = on_set(root.path(), line).expect(1);
        assert!(refused.stderr.contains(said), "{line}: {}", refused.stderr);
    }
}

/// A file system without locks, played by a library that stands before the system's.
#[cfg(target_os = "linux")]
#[test]
fn where_there_are_no_locks_that_is_said() {
    let root = folder();
    let source = root.path().join("no_locks.c");
    // ENOLCK, as network file systems without a service for locks have it.
    std::fs::write(
        &source,
        "#include <errno.h>\nint flock(int f, int o) { errno = ENOLCK; return -1; }\n",
    )
    .unwrap();
    let library = root.path().join("no_locks.so");
    let compiled = std::process::Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .status();
    assert!(compiled.unwrap().success());
    let library = library.display().to_string();
    let preload = [("LD_PRELOAD", library.as_str())];
    let refused = task(root.path(), &preload, "--shard 1/2").expect(1);
    assert!(refused.stderr.contains("knows no locks"), "{}", refused.stderr);
    assert!(refused.stderr.contains("add --no-lock"), "{}", refused.stderr);
    task(root.path(), &preload, "--shard 1/2 --no-lock").expect(0);
    task(root.path(), &preload, "--shard 2/2 --no-lock").expect(0);
    on_set(root.path(), "merge m --no-lock").expect(0);
}
