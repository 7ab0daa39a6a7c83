//! Runs that are divided into shards, and put together again.

mod going_on;
mod merged;
mod refusals;
mod scheduled;

use std::path::Path;

use serde_json::Value;

use crate::program::{Ended, avibench, contents, run, smoke_set};

/// A command on the smoke set.
fn on_set(root: &Path, line: &str) -> Ended {
    run(root, &format!("{line} --data-root {}", smoke_set().display()))
}

/// The built-in model that guesses, with more flags.
fn chance(root: &Path, more: &str) -> Ended {
    on_set(root, &format!("run --backend chance --model-label m {more}"))
}

/// Runs commands on the smoke set beside each other, as tasks of an array run.
fn all_at_once(root: &Path, lines: &[String]) {
    let start = |line: &String| {
        let mut command = avibench(root);
        command.args(line.split_whitespace()).arg("--data-root").arg(smoke_set());
        std::thread::spawn(move || Ended::from(command.output().unwrap()))
    };
    // As many as no machine minds.
    for lines in lines.chunks(8) {
        let running: Vec<_> = lines.iter().map(start).collect();
        for ended in running {
            ended.join().unwrap().expect(0);
        }
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The prediction files of a label.
fn tasks(root: &Path, label: &str) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    contents(&root.join(label).join("tasks"))
}
