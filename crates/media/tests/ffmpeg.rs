//! The way round through an installed `ffmpeg`; where there is none, its absence must be told well.

use std::path::Path;

use avibench_media::{Ffmpeg, MediaError, frames_at, sound_track};

fn clip(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clips").join(name)
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let error = Ffmpeg::new("no-such-ffmpeg-program").unwrap_err();
    assert!(matches!(error, MediaError::Ffmpeg(_)), "{error:?}");
    assert!(error.to_string().contains("no-such-ffmpeg-program"), "{error}");
}

#[test]
fn with_the_program_other_codecs_are_read_and_ours_alike() {
    let Ok(ffmpeg) = Ffmpeg::new("ffmpeg") else {
        println!("no ffmpeg program here: nothing to compare with");
        return;
    };
    let frames = ffmpeg.frames_at(&clip("hevc.mp4"), 3).unwrap();
    assert_eq!(frames.len(), 3);
    assert_eq!((frames[0].picture.width(), frames[0].picture.height()), (64, 48));

    let path = clip("bframes.mp4");
    let bytes = std::fs::read(&path).unwrap();
    let ours = frames_at(&bytes, 7).unwrap();
    let theirs = ffmpeg.frames_at(&path, 7).unwrap();
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert!((ours.seconds - theirs.seconds).abs() < 1e-3);
        let difference: u32 = ours
            .picture
            .rgb()
            .iter()
            .zip(theirs.picture.rgb())
            .map(|(a, b)| u32::from(a.abs_diff(*b)))
            .max()
            .unwrap();
        assert!(difference <= 3, "{difference}");
    }
    let ours = sound_track(&bytes).unwrap().unwrap();
    let theirs = ffmpeg.sound_track(&path).unwrap().unwrap();
    let off = ours.samples().iter().zip(theirs.samples()).map(|(a, b)| (a - b).abs());
    assert!(off.fold(0.0, f32::max) < 1e-4);

    let late = ffmpeg.sound_track(&clip("late_sound.mp4")).unwrap().unwrap();
    let onset = late.samples().iter().position(|sample| sample.abs() > 0.12).unwrap();
    let seconds = onset as f64 / f64::from(late.sample_rate());
    assert!((seconds - 0.25).abs() < 0.003, "{seconds}");

    assert_eq!(ffmpeg.sound_track(&clip("vfr.mp4")).unwrap(), None);
    assert!(ffmpeg.frames_at(&clip("make.sh"), 3).is_err());
}
