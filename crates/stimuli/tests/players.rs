//! What is made can be played elsewhere: by ffmpeg without a warning, by a browser to the end.
//!
//! Programs that are not installed are passed over on a developer's machine; the gate (`CI`) installs
//! them and insists.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic as tests do")]

use std::path::PathBuf;
use std::process::Command;

use avibench_protocol::{Dataset, Folder, FolderState};

use crate::shared;

/// Every kind of question once.
fn every_kind() -> Vec<PathBuf> {
    let dataset = Dataset::open(shared::every_kind().path()).unwrap();
    let mut media = Vec::new();
    for folder in Folder::ALL.into_iter().filter(|folder| folder.has_checks()) {
        let FolderState::Ready(data) = dataset.load(folder) else { panic!("{folder}") };
        let mut kinds = std::collections::BTreeSet::new();
        for sample in data.samples.iter().filter(|sample| !sample.is_check()) {
            if kinds.insert(sample.subtask.clone()) {
                media.extend(sample.media.iter().map(|medium| data.path.join(medium)));
            }
        }
    }
    assert_eq!(media.len(), 33, "one medium a kind");
    media
}

fn is_installed(program: &str) -> bool {
    let found = Command::new(program).arg("-version").output().is_ok();
    found || passed_over(program)
}

/// Says that nothing is tried with a program; the gate has no excuse.
fn passed_over(program: &str) -> bool {
    assert!(std::env::var_os("CI").is_none(), "{program} is not installed");
    println!("no {program} here: nothing is tried with it");
    false
}

/// Stands for the medium among the arguments of a program.
const MEDIUM: &str = "{}";

/// What a program writes to stdout; it must succeed and write nothing to stderr. The media stand for
/// [`MEDIUM`], one after another.
fn output(program: &str, arguments: &[impl AsRef<str>], media: &[&PathBuf]) -> String {
    let mut command = Command::new(program);
    let mut next = media.iter();
    for argument in arguments {
        match argument.as_ref() {
            MEDIUM => command.arg(next.next().unwrap()),
            other => command.arg(other),
        };
    }
    let found = command.output().unwrap();
    let talk = String::from_utf8_lossy(&found.stderr);
    assert!(found.status.success() && talk.is_empty(), "{program} on {media:?}: {talk}");
    String::from_utf8(found.stdout).unwrap()
}

#[test]
fn ffmpeg_reads_every_kind_without_a_warning() {
    if !is_installed("ffprobe") || !is_installed("ffmpeg") {
        return;
    }
    let media = every_kind();
    for medium in &media {
        let entries = "stream=codec_name,pix_fmt,width,height,sample_rate,channels";
        let what = ["-v", "warning", "-show_entries", entries, "-of", "csv=p=0", MEDIUM];
        let streams = output("ffprobe", &what, &[medium]);
        let streams: Vec<&str> = streams.lines().collect();
        let name = medium.display().to_string();
        let expected: &[&str] = match medium.extension().and_then(|e| e.to_str()) {
            Some("wav") => &["pcm_s16le,16000,1"],
            Some("png") => &["png,384,384,rgb24"],
            _ if name.contains("AVSQA") => &["h264,256,256,yuv420p", "aac,16000,1"],
            _ => &["h264,256,256,yuv420p"],
        };
        assert_eq!(streams, expected, "{name}");
    }
    // All of them at once: ffmpeg takes much longer to start than to decode one.
    let media: Vec<&PathBuf> = media.iter().collect();
    output("ffmpeg", &decoding(media.len()), &media);
}

/// Arguments of ffmpeg that decode so many media to their ends, and stop at the first error.
fn decoding(media: usize) -> Vec<String> {
    let mut arguments = vec!["-v".to_owned(), "warning".to_owned(), "-xerror".to_owned()];
    for _ in 0..media {
        // A plain WAV does not name its only channel, which ffmpeg would remark on.
        arguments.extend(["-guess_layout_max", "0", "-i", MEDIUM].map(str::to_owned));
    }
    // Without a map only one picture and one sound of all would be decoded.
    for at in 0..media {
        arguments.extend(["-map".to_owned(), at.to_string()]);
    }
    arguments.extend(["-f", "null", "-"].map(str::to_owned));
    arguments
}

#[test]
fn a_browser_plays_every_kind_to_its_end() {
    let Some(browser) = crate::page::browser() else {
        passed_over("chromium");
        return;
    };
    let media = every_kind();
    let lines = crate::page::play(&browser, &media);
    assert_eq!(lines.len(), media.len());
    for (medium, line) in media.iter().zip(&lines) {
        let name = medium.display().to_string();
        let [outcome, width, seconds, _] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{name}: {line}")
        };
        let seconds: f64 = seconds.parse().unwrap();
        let (expected, long_enough) = match medium.extension().and_then(|e| e.to_str()) {
            Some("wav") => ("0", (2.0..6.0).contains(&seconds)),
            Some("png") => ("384", true),
            _ if name.contains("AVSQA") => ("256", (2.9..3.2).contains(&seconds)),
            _ => ("256", (1.9..2.1).contains(&seconds)),
        };
        assert!(outcome == "ended" && width == expected && long_enough, "{name}: {line}");
    }
}
