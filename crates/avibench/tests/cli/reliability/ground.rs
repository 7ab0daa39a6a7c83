//! Files of a label that somebody deletes, cuts or replaces while a run writes them.

use std::path::Path;
use std::time::{Duration, Instant};

use super::server::FaultServer;
use crate::program::{Ended, begin, contents, folder, run, smoke_set};

/// A run during which `meddle` does something to the label; how it ended, and its line.
fn meddled(root: &Path, meddle: impl FnOnce(&Path)) -> (Ended, String, FaultServer) {
    let server = FaultServer::late(root, 150);
    let line = format!(
        "run --base-url {} --model-path m --tasks AVM --concurrency 1 --data-root {}",
        server.base_url(),
        smoke_set().display()
    );
    let child = begin(root, &line);
    let label = root.join("user_outputs/m");
    let begun = Instant::now();
    let lines = || std::fs::read(label.join("journal/AVM.jsonl")).map_or(0, |text| text.len());
    while lines() == 0 {
        assert!(begun.elapsed() < Duration::from_mins(1), "nothing is written");
        std::thread::sleep(Duration::from_millis(2));
    }
    meddle(&label);
    (child.wait_with_output().unwrap().into(), line, server)
}

#[test]
fn what_happens_to_a_journal_is_noticed_and_its_answers_are_kept() {
    type Meddle = fn(&Path);
    let deleted: Meddle = |label| std::fs::remove_file(label.join("journal/AVM.jsonl")).unwrap();
    let cut: Meddle = |label| std::fs::write(label.join("journal/AVM.jsonl"), "").unwrap();
    let replaced: Meddle = |label| {
        std::fs::write(label.join("other"), "").unwrap();
        std::fs::rename(label.join("other"), label.join("journal/AVM.jsonl")).unwrap();
    };
    for (meddle, words) in [
        (deleted, "somebody deleted it"),
        (cut, "somebody cut it"),
        (replaced, "another file in its place"),
    ] {
        let root = folder();
        let (ended, line, _server) = meddled(root.path(), meddle);
        let ended = ended.expect(1);
        assert!(
            ended.stderr.contains("AVM.jsonl") && ended.stderr.contains(words),
            "{}",
            ended.stderr
        );
        assert!(ended.stderr.contains("put into its prediction file"), "{}", ended.stderr);
        assert!(!ended.stderr.contains("Nothing that was answered is lost"), "{}", ended.stderr);
        let saved =
            std::fs::read_to_string(root.path().join("user_outputs/m/tasks/AVM.json")).unwrap();
        assert!(saved.contains("\"predict\": \"") || saved.contains("\"predict\":\""), "{saved}");
        run(root.path(), &line).expect(0);
    }
}

#[test]
fn a_label_that_was_deleted_does_not_come_back() {
    let root = folder();
    let (ended, line, _server) =
        meddled(root.path(), |label| std::fs::remove_dir_all(label).unwrap());
    let ended = ended.expect(1);
    assert!(ended.stderr.contains("deleted the folder or its lock"), "{}", ended.stderr);
    assert!(!root.path().join("user_outputs/m").exists(), "{:?}", contents(root.path()).keys());
    run(root.path(), &line).expect(0);
}

#[test]
fn too_many_open_files_are_not_the_fault_of_a_medium() {
    let root = folder();
    let line = ["-c", "ulimit -n \"$1\"; shift; exec \"$@\"", "sh"];
    let mut told = 0;
    for limit in 8..24 {
        let ended: Ended = std::process::Command::new("sh")
            .current_dir(root.path())
            .args(line)
            .args([&limit.to_string(), env!("CARGO_BIN_EXE_avibench")])
            .args(["run", "--backend", "chance", "--tasks", "AVM", "--force", "--data-root"])
            .arg(smoke_set())
            .args(["--model-label", &format!("m{limit}")])
            .output()
            .unwrap()
            .into();
        assert!(!ended.stderr.contains("rejected, such as"), "{}", ended.stderr);
        let rejected = ended.stderr.contains("cannot read medium");
        assert!(!rejected, "{limit}: {}", ended.stderr);
        told += usize::from(ended.stderr.contains("ulimit -n"));
    }
    assert!(told > 0, "at least one limit is too small for the files");
}
