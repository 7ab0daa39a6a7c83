//! The way round through an installed `ffmpeg`; where there is none, its absence must be told well.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::path::Path;
use std::time::{Duration, Instant};

use avibench_media::{
    Allowance, Container, Ffmpeg, FfmpegInput, MediaError, Picture, frames_at, sound_track,
};

fn clip(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clips").join(name);
    std::fs::read(path).unwrap()
}

fn mp4(bytes: &[u8]) -> FfmpegInput<'_> {
    let deadline = Some(Instant::now() + Duration::from_mins(1));
    let allowance = Allowance { deadline, ..Allowance::default() };
    FfmpegInput { bytes, container: Container::Mp4, allowance }
}

/// A frame that is kept as it is.
fn kept(picture: Picture) -> (Picture, u64) {
    let bytes = picture.rgb().len() as u64;
    (picture, bytes)
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
    let frames =
        ffmpeg.frames_within(mp4(&clip("hevc.mp4")), 3, |picture| Ok(kept(picture))).unwrap();
    assert_eq!(frames.len(), 3);
    assert_eq!((frames[0].width(), frames[0].height()), (64, 48));

    let bytes = clip("bframes.mp4");
    let ours = frames_at(&bytes, 7).unwrap();
    let theirs = ffmpeg.frames_within(mp4(&bytes), 7, |picture| Ok(kept(picture))).unwrap();
    for (ours, theirs) in ours.iter().zip(&theirs) {
        let difference: u32 = ours
            .picture
            .rgb()
            .iter()
            .zip(theirs.rgb())
            .map(|(a, b)| u32::from(a.abs_diff(*b)))
            .max()
            .unwrap();
        assert!(difference <= 3, "{difference}");
    }
    let ours = sound_track(&bytes).unwrap().unwrap();
    let theirs = ffmpeg.sound_track(mp4(&bytes)).unwrap().unwrap();
    let off = ours.samples().iter().zip(theirs.samples()).map(|(a, b)| (a - b).abs());
    assert!(off.fold(0.0, f32::max) < 1e-4);

    let late = ffmpeg.sound_track(mp4(&clip("late_sound.mp4"))).unwrap().unwrap();
    let onset = late.samples().iter().position(|sample| sample.abs() > 0.12).unwrap();
    let seconds = onset as f64 / f64::from(late.sample_rate());
    assert!((seconds - 0.25).abs() < 0.003, "{seconds}");

    assert_eq!(ffmpeg.sound_track(mp4(&clip("vfr.mp4"))).unwrap(), None);
    let music = ffmpeg.sound_track(mp4(&clip("mp3_in_mp4.mp4"))).unwrap().unwrap();
    assert!((music.duration() - 0.5).abs() < 0.1, "{}", music.duration());
}

#[test]
fn the_program_reads_nothing_but_what_it_is_given() {
    let Ok(ffmpeg) = Ffmpeg::new("ffmpeg") else {
        println!("no ffmpeg program here: nothing to confine");
        return;
    };
    let dir = std::env::temp_dir().join(format!("avibench-confined-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let secret = dir.join("secret.mp4");
    std::fs::write(&secret, clip("vfr.mp4")).unwrap();
    let named = secret.display();
    for list in [
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{named}\n#EXT-X-ENDLIST\n"),
        format!("ffconcat version 1.0\nfile '{named}'\n"),
        format!("file:{named}"),
        clip("make.sh").iter().map(|byte| char::from(*byte)).collect(),
    ] {
        for container in [Container::Mp4, Container::Matroska, Container::Avi] {
            let input = FfmpegInput { container, ..mp4(list.as_bytes()) };
            assert!(ffmpeg.frames_within(input, 2, |picture| Ok(kept(picture))).is_err(), "{list}");
        }
    }
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn the_program_is_stopped_when_its_time_is_up() {
    let Ok(ffmpeg) = Ffmpeg::new("ffmpeg") else {
        println!("no ffmpeg program here: nothing to stop");
        return;
    };
    let bytes = clip("hevc.mp4");
    let allowance = Allowance { deadline: Some(Instant::now()), ..Allowance::default() };
    let input = FfmpegInput { allowance, ..mp4(&bytes) };
    let error = ffmpeg.frames_within(input, 2, |picture| Ok(kept(picture))).unwrap_err();
    assert_eq!(error, MediaError::OutOfTime);
}

#[test]
fn frames_and_what_is_made_of_them_are_added_up() {
    let Ok(ffmpeg) = Ffmpeg::new("ffmpeg") else {
        println!("no ffmpeg program here: nothing to add up");
        return;
    };
    let bytes = clip("bframes.mp4");
    let read = |memory, of_each| {
        let input = mp4(&bytes);
        let allowance = Allowance { memory, ..input.allowance };
        let make = |picture: Picture| Ok((picture.rgb().len() as u64, of_each));
        ffmpeg.frames_within(FfmpegInput { allowance, ..input }, 3, make)
    };
    let frames = read(u64::MAX, 0).unwrap();
    let frame = frames[0];
    // Two frames stand in memory, and what was made of three.
    let most = 2 * frame + 3 * 10_000;
    assert_eq!(read(most, 10_000), Ok(frames.clone()));
    assert_eq!(read(most - 1, 10_000), Err(MediaError::OutOfMemory { limit: most - 1 }));
    assert_eq!(read(most, 10_001), Err(MediaError::OutOfMemory { limit: most }));
    // All frames together would not fit, but they are never in memory together.
    assert_eq!(read(2 * frame, 0), Ok(frames));
    assert_eq!(read(2 * frame - 1, 0), Err(MediaError::OutOfMemory { limit: 2 * frame - 1 }));
}

#[test]
fn a_sound_and_the_file_that_it_is_taken_from_are_added_up() {
    let Ok(ffmpeg) = Ffmpeg::new("ffmpeg") else {
        println!("no ffmpeg program here: nothing to add up");
        return;
    };
    // Eight channels, which take 32 bytes a moment as the program writes them, and 4 mixed down.
    let wav = wav_of_eight_channels(1_000);
    let read = |memory| {
        let input = FfmpegInput { container: Container::Wav, ..mp4(&wav) };
        let allowance = Allowance { memory, ..input.allowance };
        ffmpeg.sound_track(FfmpegInput { allowance, ..input })
    };
    assert_eq!(read(36_000 + 200).unwrap().unwrap().samples().len(), 1_000);
    assert_eq!(read(36_000 - 1), Err(MediaError::OutOfMemory { limit: 36_000 - 1 }));
}

fn wav_of_eight_channels(moments: u32) -> Vec<u8> {
    let length = 16 * moments;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + length).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x08\0");
    wav.extend(8_000_u32.to_le_bytes());
    wav.extend((8_000_u32 * 16).to_le_bytes());
    wav.extend(b"\x10\0\x10\0data");
    wav.extend(length.to_le_bytes());
    wav.extend((0..length).map(|at| (at % 7) as u8));
    wav
}
