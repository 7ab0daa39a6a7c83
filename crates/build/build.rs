//! Tells the crate which commit it is built from, and how.
//!
//! Without a git repository, as in a release archive, the commit is that of `commit.txt`, which
//! `git archive` fills in; failing that it is unknown. Nothing here can fail the build.

use std::path::Path;
use std::process::Command;

/// Digits of a commit's hash that are shown.
const DIGITS: usize = 12;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=commit.txt");
    let commit = from_git().or_else(from_archive).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env=AVIBENCH_COMMIT={commit}");
    println!("cargo::rustc-env=AVIBENCH_PROFILE={}", profile());
    println!("cargo::rustc-env=AVIBENCH_TARGET={}", variable("TARGET"));
    println!("cargo::rustc-env=AVIBENCH_TARGET_FEATURES={}", variable("CARGO_CFG_TARGET_FEATURE"));
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// The profile's own name, which only the place of the output tells:
/// `target/<profile>/build/<package>/out`.
fn profile() -> String {
    let out = variable("OUT_DIR");
    let folder = Path::new(&out).ancestors().nth(3).and_then(Path::file_name);
    match folder.and_then(|name| name.to_str()) {
        Some("debug") | None => variable("PROFILE"),
        Some(name) => name.to_owned(),
    }
}

/// The commit that is checked out, with `+changes` if source files differ from it.
fn from_git() -> Option<String> {
    let root = Path::new("../..");
    // A repository that merely surrounds the sources is not theirs.
    root.join(".git").exists().then_some(())?;
    for file in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", file])?;
        let path = root.join(path);
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    // What is built into the program; a change there has it compiled again in any case.
    for entry in std::fs::read_dir(root.join("crates")).ok()?.flatten() {
        for part in ["src", "data", "Cargo.toml"] {
            let path = entry.path().join(part);
            if path.exists() {
                println!("cargo::rerun-if-changed={}", path.display());
            }
        }
    }
    let hash = git(&["rev-parse", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no", "--", "crates"])?;
    let mark = if changed.is_empty() { "" } else { "+changes" };
    Some(format!("{}{mark}", hash.get(..DIGITS)?))
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).current_dir("../..").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// The commit that `git archive` wrote into `commit.txt`.
fn from_archive() -> Option<String> {
    let text = std::fs::read_to_string("commit.txt").ok()?;
    let hash = text.trim();
    let is_hash = hash.len() >= DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| hash[..DIGITS].to_owned())
}
