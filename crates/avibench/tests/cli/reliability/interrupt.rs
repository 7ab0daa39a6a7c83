//! Ctrl-C: the first lets answers in flight arrive, the second ends at once.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::server::{FaultServer, Logged};
use crate::program::{Ended, avibench, begin, folder, run, smoke_set};

/// A run of 24 questions, three at a time.
fn line(server: &FaultServer) -> String {
    format!(
        "run --base-url {} --model-path m --tasks AVM,AVL,AVC,AVH --concurrency 3 --data-root {}",
        server.base_url(),
        smoke_set().display()
    )
}

/// A run that is under way, and its line.
fn begun(root: &Path, server: &FaultServer) -> (Child, String) {
    let line = line(server);
    (begin(root, &line), line)
}

/// What Ctrl-C does.
pub(crate) fn interrupt(child: &Child) {
    send("-INT", child);
}

fn send(signal: &str, child: &Child) {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
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
    let mut server = FaultServer::late(root.path(), 500);
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
    let server = FaultServer::late(root.path(), 60_000);
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

#[test]
fn other_signals_end_a_run_as_an_interrupt_does() {
    for (signal, name, code) in [("-TERM", "SIGTERM", 143), ("-HUP", "SIGHUP", 129)] {
        let root = folder();
        let mut server = FaultServer::late(root.path(), 500);
        let (child, line) = begun(root.path(), &server);
        has_asked(&server, 4);
        send(signal, &child);
        // A script that forwards what its scheduler sent to it, too.
        send(signal, &child);
        let ended = Ended::from(child.wait_with_output().unwrap()).expect(code);
        assert!(!ended.stderr.contains("stopping now"), "{}", ended.stderr);
        assert!(ended.stderr.contains(&format!("stopping ({name})")), "{}", ended.stderr);
        let first = asked(&server.settled_lines());
        let manifest =
            std::fs::read_to_string(root.path().join("user_outputs/m/run.json")).unwrap();
        assert!(manifest.contains("\"interrupted\""), "{manifest}");
        run(root.path(), &line).expect(0);
        assert_eq!(first + asked(&server.settled_lines()), 24, "nothing was asked twice");
    }
}

#[test]
fn the_end_of_its_time_stops_a_run_softly() {
    let root = folder();
    let mut server = FaultServer::late(root.path(), 500);
    // Three at a time, all 24 take four seconds at least.
    let line = line(&server);
    let ended = run(root.path(), &format!("{line} --time-limit 2s")).expect(124);
    assert!(ended.stderr.contains("--time-limit"), "{}", ended.stderr);
    let first = asked(&server.settled_lines());
    assert!(first < 24, "{first} of 24 were asked");
    run(root.path(), &format!("{line} --time-limit 1h")).expect(0);
    assert_eq!(first + asked(&server.settled_lines()), 24, "nothing was asked twice");
}

#[test]
fn a_run_that_is_to_outlive_its_terminal_does() {
    let root = folder();
    let server = FaultServer::late(root.path(), 300);
    let line = format!(
        "run --base-url {} --model-path m --tasks AVM --concurrency 3 --data-root {}",
        server.base_url(),
        smoke_set().display()
    );
    let child = avibench(root.path());
    let program = child.get_program().to_owned();
    let child = Command::new("nohup")
        .arg(program)
        .args(line.split_whitespace())
        .current_dir(root.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    has_asked(&server, 2);
    send("-HUP", &child);
    Ended::from(child.wait_with_output().unwrap()).expect(0);
}

#[test]
fn a_generator_that_is_stopped_leaves_nothing_half_made() {
    for (signal, code) in
        [("-TERM", Some(143)), ("-HUP", Some(129)), ("-INT", Some(130)), ("-KILL", None)]
    {
        let root = folder();
        let child = begin(root.path(), "synth smoke --seed 3 --out data");
        let data = root.path().join("data");
        let since = Instant::now();
        let is_filling = || {
            std::fs::read_dir(&data).is_ok_and(|entries| {
                entries.flatten().any(|entry| entry.path().join("levels").exists())
            })
        };
        while !is_filling() {
            assert!(since.elapsed() < Duration::from_mins(1), "nothing is made");
            std::thread::sleep(Duration::from_millis(1));
        }
        send(signal, &child);
        let ended = Ended::from(child.wait_with_output().unwrap());
        assert_eq!(ended.code, code, "{signal}: {ended:?}");
        assert!(!data.join("levels").exists(), "no part of a set is a set");
        if code.is_some() {
            assert_eq!(std::fs::read_dir(&data).unwrap().count(), 0, "{signal}");
        }
        // One record of each folder will do: nothing is in its way.
        run(root.path(), "synth smoke --seed 3 --scale 0.001 --out data").expect(0);
        assert_eq!(std::fs::read_dir(&data).unwrap().count(), 3, "levels, manifest and readme");
    }
}
