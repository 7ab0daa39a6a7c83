//! Videos that the built-in decoders do not read: an installed ffmpeg is used, and missed in words.

use std::process::Command;

use serde_json::json;

use crate::program::{Ended, Served, avibench, folder};

/// HEVC, which is not built in.
const CLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../media/tests/clips/hevc.mp4");

#[test]
fn an_installed_ffmpeg_reads_what_is_not_built_in_and_is_missed_by_name() {
    let root = folder();
    let task = root.path().join("levels/reasoning/AVQA");
    std::fs::create_dir_all(task.join("input")).unwrap();
    std::fs::copy(CLIP, task.join("input/0.mp4")).unwrap();
    let sample = json!({"id": "0", "input": {"question": {"text": "?"}, "video": "input/0.mp4"},
        "output": {"question_answer": "yes"}});
    std::fs::write(task.join("data.json"), json!([sample]).to_string()).unwrap();
    let served = Served::start("--model chance");
    let command = |label: &str| {
        let mut command = avibench(root.path());
        command.args(["run", "--base-url", &served.base_url, "--profile", "openai"]);
        command.args(["--model-path", "m", "--model-label", label]);
        command
    };
    let without = command("without").env("PATH", root.path()).output().unwrap();
    let ended = Ended::from(without).expect(2);
    assert!(ended.stderr.contains("input/0.mp4: video codec HEVC"), "{}", ended.stderr);
    assert!(ended.stderr.contains("install ffmpeg"), "{}", ended.stderr);
    if Command::new("ffmpeg").arg("-version").output().is_err() {
        println!("no ffmpeg program here: only its absence was tried");
        return;
    }
    Ended::from(command("with").output().unwrap()).expect(0);
}
