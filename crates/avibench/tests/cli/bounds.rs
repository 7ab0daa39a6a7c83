//! Memory and time are bounded, whatever a medium, a server or a worker program does: the sample gets
//! an outcome that names the bound, and the others their answers.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::canned::{Canned, completion};
use crate::hostile::{self, DataSet, Place, adts, clip, gif, outcomes, png, wav};
use crate::program::{Ended, avibench, folder, run};

/// Frames of silence that last ten hours.
const TEN_HOURS: usize = 10 * 3_600 * 48_000 / 1_024;

fn server() -> Canned {
    Canned::start(vec![completion(Some("yes"), "stop")])
}

/// Runs over `data` below `root` with frames and sounds; what became of each sample.
fn ask(root: &Path, url: &str, arguments: &str) -> Vec<Value> {
    let line = format!(
        "run --base-url {url} --model-path m --data-root data --profile openai {arguments}"
    );
    run(root, &line).expect(2);
    outcomes(&root.join("user_outputs/m"))
}

#[track_caller]
fn assert_rejected(line: &Value, words: &[&str]) {
    assert_eq!(line["outcome"], "rejected", "{line}");
    let message = line["error"]["message"].as_str().unwrap();
    for words in words {
        assert!(message.contains(words), "no `{words}` in {message}");
    }
}

/// Media that claim to be what nobody can hold, with what is said of each.
fn bombs(data: &mut DataSet) -> Vec<&'static str> {
    let mut wav_of_four_gib = wav(800, b"");
    wav_of_four_gib[40..44].copy_from_slice(&0xf000_0000_u32.to_le_bytes());
    data.add(Place::Image, "sides.png", &png(60_000, 60_000, 1, "bomb"));
    data.add(Place::Image, "canvas.gif", &gif(65_535, 65_535));
    data.add(Place::Audio, "long.wav", &wav_of_four_gib);
    data.add(Place::Video, "pictures.mp4", &hostile::mp4_of_huge_pictures());
    vec![
        "pixels is 3600000000, more than the limit of 67108864",
        "pixels is 4294836225, more than the limit of 67108864",
        "claims 4026531840 bytes, but 1600 follow",
        "macroblocks in a video picture is 1048576, more than the limit of 36864",
    ]
}

fn healthy(data: &mut DataSet) -> usize {
    data.add(Place::Video, "clip.mp4", &clip("bframes.mp4"));
    data.add(Place::Audio, "sound.flac", &clip("burst.flac"));
    data.add(Place::Image, "picture.png", &png(640, 480, 480, "none"));
    3
}

#[test]
fn bombs_are_rejected_by_their_bound_and_cost_no_other_sample() {
    let root = folder();
    let mut data = DataSet::new(root.path());
    let bombs = bombs(&mut data);
    let healthy = healthy(&mut data);
    let server = server();
    let lines = ask(root.path(), &server.base_url, "");
    assert_eq!(lines.len(), bombs.len() + healthy);
    for (line, words) in lines.iter().zip(&bombs) {
        assert_rejected(line, &[words]);
    }
    assert!(lines[bombs.len()..].iter().all(|line| line["outcome"] == "answered"), "{lines:?}");
    assert_eq!(server.requests(), healthy);
}

#[test]
fn decoding_is_part_of_the_time_of_a_request_and_of_the_memory_of_all() {
    let root = folder();
    let mut data = DataSet::new(root.path());
    data.add(Place::Audio, "hours.aac", &adts(TEN_HOURS));
    let server = server();
    let lines = ask(root.path(), &server.base_url, "--timeout 0.2");
    assert_rejected(
        &lines[0],
        &["hours.aac", "took too long", "of the 0.2 s for one request", "--timeout"],
    );
    let lines = ask(root.path(), &server.base_url, "");
    let words = ["hours.aac", "more than", "of 1024 MiB", "raise --max-inflight-mib"];
    assert_rejected(&lines[0], &words);
    assert_eq!(server.requests(), 0);
}

/// Runs the program with two GiB of address space.
#[cfg(target_os = "linux")]
fn in_two_gib(root: &Path, arguments: &[&str]) -> Ended {
    let limited = "ulimit -v 2097152; exec \"$@\"";
    let ended = Command::new("sh")
        .args(["-c", limited, "sh"])
        .arg(avibench(root).get_program())
        .args(arguments)
        .current_dir(root)
        .env("HF_HUB_OFFLINE", "1")
        .env("NO_COLOR", "1")
        .output();
    ended.unwrap().into()
}

#[cfg(target_os = "linux")]
#[test]
fn two_gib_of_address_space_are_enough() {
    let root = folder();
    let mut data = DataSet::new(root.path());
    let mut bombs = bombs(&mut data);
    data.add(Place::Audio, "hours.aac", &adts(TEN_HOURS / 4));
    bombs.push("raise --max-inflight-mib");
    // As many pixels as a picture may have, which is enough to need all of the memory.
    data.add(Place::Image, "large.png", &png(8_192, 8_192, 8_192, "none"));
    let mut answered = 1;
    for _ in 0..20 {
        answered += healthy(&mut data);
    }
    let server = server();
    let ended = in_two_gib(
        root.path(),
        &[
            "run",
            "--base-url",
            &server.base_url,
            "--model-path",
            "m",
            "--data-root",
            "data",
            "--profile",
            "openai",
            "--concurrency",
            "64",
        ],
    );
    let lines = outcomes(&root.path().join("user_outputs/m"));
    for (line, words) in lines.iter().zip(&bombs) {
        assert_rejected(line, &[words]);
    }
    let others = &lines[bombs.len()..];
    assert!(others.iter().all(|line| line["outcome"] == "answered"), "{others:?}");
    assert_eq!(others.len(), answered);
    ended.expect(2);
}

/// Workers that write without an end to either stream: a line that does not end, lines that say
/// nothing, complaints.
#[cfg(target_os = "linux")]
#[test]
fn worker_programs_that_never_stop_writing_are_bounded() {
    let ready = r#"echo "{\"ready\": true}""#;
    for (worker, words) in [
        ("exec cat /dev/zero", "a line of more than"),
        ("exec yes", "no answer within 0.3 s"),
        ("exec cat /dev/zero >&2", "a line of more than 1 MiB to its standard error"),
        ("cat /dev/zero >&2; :", "a line of more than 1 MiB to its standard error"),
        ("yes >&2; :", "no answer within 0.3 s"),
    ] {
        let root = folder();
        let mut data = DataSet::new(root.path());
        healthy(&mut data);
        let backend = format!("exec:sh -c '{ready}; {worker}'");
        let ended = in_two_gib(
            root.path(),
            &[
                "run",
                "--backend",
                &backend,
                "--model-path",
                "m",
                "--data-root",
                "data",
                "--timeout",
                "0.3",
                "--tries",
                "1",
            ],
        );
        assert!(matches!(ended.code, Some(1 | 2)), "{worker}: {ended:?}");
        assert!(ended.stderr.contains(words), "{worker}: {}", ended.stderr);
    }
}
