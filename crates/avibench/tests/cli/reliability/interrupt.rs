//! Ctrl-C: the first lets answers in flight arrive, the second ends at once.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::server::{FaultServer, Logged};
use crate::program::{Ended, avibench, folder, run, smoke_set};

/// A run that is under way, and its line.
fn begun(root: &Path, server: &FaultServer) -> (Child, String) {
    let line = format!(
        "run --base-url {} --model-path m --tasks AVM,AVL,AVC,AVH --concurrency 3 --data-root {}",
        server.base_url(),
        smoke_set().display()
    );
    let child = avibench(root)
        .args(line.split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    (child, line)
}

fn server(root: &Path, ms: u64) -> FaultServer {
    let plan = root.join("faults.toml");
    std::fs::write(&plan, format!("[[fault]]\nkind = \"latency\"\nms = {ms}\n")).unwrap();
    FaultServer::start(&plan, &root.join("requests.jsonl"))
}

/// What Ctrl-C does.
pub(super) fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// Waits until the server has been asked so often.
fn has_asked(server: &FaultServer, times: u64) {
    let begun = Instant::now();
    while server.stats()["requests"].as_u64() < Some(times) {
        assert!(begun.elapsed() < Duration::from_mins(1), "nothing is asked");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn asked(lines: &[Logged]) -> usize {
    lines.iter().filter(|line| matches!(line, Logged::Asked { .. })).count()
}

#[test]
fn what_is_in_flight_arrives_after_the_first_interrupt() {
    let root = folder();
    let mut server = server(root.path(), 500);
    let (child, line) = begun(root.path(), &server);
    has_asked(&server, 4);
    interrupt(&child);
    let ended = Ended::from(child.wait_with_output().unwrap()).expect(130);
    assert!(ended.stderr.contains("requests in flight get 10 s"), "{}", ended.stderr);
    assert!(ended.stderr.contains("it goes on where it stopped"), "{}", ended.stderr);
    let first = asked(&server.settled_lines());
    assert!((4..24).contains(&first), "{first} of 24 were asked");
    run(root.path(), &line).expect(0);
    assert_eq!(first + asked(&server.settled_lines()), 24, "nothing was asked twice");
}

#[test]
fn the_second_interrupt_ends_at_once() {
    let root = folder();
    let server = server(root.path(), 60_000);
    let (child, _) = begun(root.path(), &server);
    has_asked(&server, 2);
    interrupt(&child);
    std::thread::sleep(Duration::from_millis(200));
    let second = Instant::now();
    interrupt(&child);
    let ended = Ended::from(child.wait_with_output().unwrap()).expect(130);
    // Far from the ten seconds that the first one leaves, and from the server's minute.
    assert!(second.elapsed() < Duration::from_secs(5), "{}", ended.stderr);
    assert!(ended.stderr.contains("stopping now"), "{}", ended.stderr);
}
