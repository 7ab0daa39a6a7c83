//! A demo with its report, made once for all tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

/// A demo: data, two labels, scores and a report of both.
pub(crate) struct Made {
    root: tempfile::TempDir,
}

pub(crate) fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let root = tempfile::tempdir().unwrap();
        let made = Made { root };
        avibench(made.root(), &["demo", "--dir", "."]);
        made
    })
}

impl Made {
    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// The report of both labels.
    pub(crate) fn report(&self) -> PathBuf {
        self.root().join("eval_outputs/report.html")
    }

    /// The report of a label as JSON.
    pub(crate) fn json(&self, label: &str) -> Value {
        let path = self.root().join(format!("eval_outputs/{label}.report.json"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    /// The rows of a label.
    pub(crate) fn rows(&self, label: &str) -> Vec<Value> {
        let path = self.root().join(format!("eval_outputs/{label}.samples.jsonl"));
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Runs the program in a folder; what it printed.
pub(crate) fn avibench(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 2)), "{args:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs the program where it cannot do what it is asked to; what it said.
pub(crate) fn avibench_fails(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    assert_eq!(output.status.code(), Some(1), "{args:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_avibench"))
        .args(args)
        .current_dir(folder)
        .env("AVIBENCH_NO_PROBE", "1")
        .output()
        .unwrap()
}
