//! Where words go: data to stdout, talk to stderr.

use std::process::Stdio;

use tempfile::tempdir;

use crate::program::{Ended, avibench, smoke_set};

#[test]
fn a_reader_that_leaves_ends_a_command_quietly() {
    let folder = tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = avibench(folder.path());
    command.args(["prompts", "export"]).stdout(writer).stderr(Stdio::piped());
    let ended = Ended::from(command.spawn().unwrap().wait_with_output().unwrap()).expect(141);
    assert_eq!(ended.stderr, "");
}

#[test]
fn what_happens_inside_is_said_on_stderr_only_if_asked_for() {
    let folder = tempdir().unwrap();
    let smoke = |arguments: &[&str]| {
        let mut command = avibench(folder.path());
        command.args(arguments);
        Ended::from(command.output().unwrap())
    };
    let set = smoke_set().display().to_string();
    let ask = |label: &str, flags: &[&str]| {
        let run = ["run", "--backend", "chance", "--data-root", &set, "--tasks", "AVM"];
        smoke(&[&run[..], &["--model-label", label], flags].concat()).expect(0)
    };
    let quiet = ask("quiet", &[]);
    assert!(!quiet.stderr.contains("DEBUG"), "{}", quiet.stderr);
    let told = ask("told", &["-v"]);
    assert!(told.stderr.contains("DEBUG avibench_engine::run: run is ready"), "{}", told.stderr);
    assert_eq!(told.stdout, quiet.stdout);
}
