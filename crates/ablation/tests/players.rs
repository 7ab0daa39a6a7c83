//! Rewritten clips are what they should be to a browser, too: without a sound track, or with the
//! sound at another time.
//!
//! Where there is no browser nothing is tried; the gate (`CI`) installs one and insists.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

#[path = "../../stimuli/tests/page/mod.rs"]
mod page;

use avibench_ablation::{Rewriter, Rewriting, Rewritten};
use avibench_media::{Clip, Picture, Sound, encode_mp4};

#[test]
fn a_browser_hears_nothing_or_hears_it_later() {
    let Some(browser) = page::browser() else {
        assert!(std::env::var_os("CI").is_none(), "chromium is not installed");
        println!("no browser here: nothing is tried");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let mut samples = vec![0.0; 48_000];
    // A burst of 20 ms at half a second of three.
    for (n, sample) in samples[8_000..8_320].iter_mut().enumerate() {
        *sample = if n % 16 < 8 { 0.8 } else { -0.8 };
    }
    let sound = Sound::new(16_000, samples).unwrap();
    let pictures = vec![Picture::filled(64, 48, [200, 60, 60]).unwrap(); 30];
    let whole = dir.path().join("whole.mp4");
    let clip = Clip::new(pictures, 10.0, Some(sound)).unwrap();
    std::fs::write(&whole, encode_mp4(&clip).unwrap()).unwrap();
    let mut media = vec![whole.clone()];
    for (name, rewriting) in [
        ("mute", Rewriting::Mute(whole.clone())),
        ("shift", Rewriting::Shift(whole.clone())),
        ("blind", Rewriting::Blind(whole)),
    ] {
        let path = dir.path().join(format!("{name}.mp4"));
        let Rewritten::Made(bytes) = Rewriter::default().rewrite(&rewriting).unwrap() else {
            panic!("{name} should change something")
        };
        std::fs::write(&path, bytes).unwrap();
        media.push(path);
    }
    let lines = page::play(&browser, &media);
    for (line, loudest) in lines.iter().zip([Some(0.5), None, Some(1.3), Some(0.5)]) {
        let [outcome, width, seconds, found] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let seconds: f64 = seconds.parse().unwrap();
        assert!(outcome == "ended" && width == "64" && (2.9..3.2).contains(&seconds), "{line}");
        match loudest {
            None => assert_eq!(found, "silent", "{line}"),
            Some(at) => assert!((found.parse::<f64>().unwrap() - at).abs() < 0.06, "{line}"),
        }
    }
}
