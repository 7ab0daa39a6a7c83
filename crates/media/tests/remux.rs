//! Sound taken out or replaced, and pictures made black: what stays is what it was, at its time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::process::Command;

use avibench_media::{
    Allowance, MediaError, MediumKind, Sound, TimedPicture, check_whole, decode_mp4,
    presented_seconds, with_black_pictures, with_sound, without_sound,
};

const CLIPS: [(&str, &[u8]); 6] = [
    ("bframes", include_bytes!("clips/bframes.mp4")),
    ("vfr", include_bytes!("clips/vfr.mp4")),
    ("fragmented", include_bytes!("clips/fragmented.mp4")),
    ("edited", include_bytes!("clips/edited.mp4")),
    ("late_sound", include_bytes!("clips/late_sound.mp4")),
    ("turned", include_bytes!("clips/turned.mp4")),
];
const HEVC: &[u8] = include_bytes!("clips/hevc.mp4");

/// What makes an MP4 of another.
type Maker = fn(&[u8]) -> Result<Vec<u8>, MediaError>;

/// A click of 2 ms at `at` seconds in silence.
fn click(at: f64, seconds: f64) -> Sound {
    let mut samples = vec![0.0; (seconds * 16_000.0) as usize];
    let begin = (at * 16_000.0) as usize;
    for (n, sample) in samples[begin..begin + 32].iter_mut().enumerate() {
        *sample = if n % 2 == 0 { 0.9 } else { -0.9 };
    }
    Sound::new(16_000, samples).unwrap()
}

fn assert_same_frames(name: &str, found: &[TimedPicture], expected: &[TimedPicture], moved: f64) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.picture, expected.picture, "{name}");
        let off = found.seconds - (expected.seconds - moved);
        assert!(off.abs() < 1e-3, "{name}: {} for {}", found.seconds, expected.seconds);
    }
}

fn names_a_sound_track(mp4: &[u8]) -> bool {
    mp4.windows(4).any(|bytes| bytes == b"soun" || bytes == b"mp4a")
}

#[test]
fn without_sound_every_picture_stays_and_no_sound_track_does() {
    for (name, clip) in CLIPS {
        let before = decode_mp4(clip).unwrap();
        let muted = without_sound(clip).unwrap();
        assert_eq!(
            check_whole(&muted, &Allowance::default()).unwrap().kind,
            MediumKind::Video,
            "{name}"
        );
        assert!(!names_a_sound_track(&muted), "{name}");
        assert!(muted.len() <= clip.len() + 64, "{name}: {} of {}", muted.len(), clip.len());
        let after = decode_mp4(&muted).unwrap();
        assert_eq!(after.sound, None, "{name}");
        // Time counts from the first thing there is, which is a picture now.
        assert_same_frames(name, &after.frames, &before.frames, before.frames[0].seconds);
        assert_eq!(without_sound(&muted).unwrap(), muted, "{name}: nothing more is changed");
    }
}

#[test]
fn another_sound_lies_where_it_should_beside_the_same_pictures() {
    for (name, clip) in CLIPS {
        let before = decode_mp4(clip).unwrap();
        let changed = with_sound(clip, &click(0.3, 0.7)).unwrap();
        check_whole(&changed, &Allowance::default()).unwrap();
        let after = decode_mp4(&changed).unwrap();
        assert_same_frames(name, &after.frames, &before.frames, 0.0);
        let sound = after.sound.unwrap();
        assert!((sound.duration() - 0.7).abs() < 0.001, "{name}: {}", sound.duration());
        let onset = sound.samples().iter().position(|sample| sample.abs() > 0.3).unwrap();
        let seconds = onset as f64 / f64::from(sound.sample_rate());
        assert!((seconds - 0.3).abs() < 0.002, "{name}: {seconds}");
    }
}

#[test]
fn black_pictures_are_as_many_as_large_and_as_long_and_the_sound_stays() {
    for (name, clip) in CLIPS {
        let before = decode_mp4(clip).unwrap();
        let blind = with_black_pictures(clip).unwrap();
        check_whole(&blind, &Allowance::default()).unwrap();
        let after = decode_mp4(&blind).unwrap();
        assert_eq!(after.sound, before.sound, "{name}: sample for sample");
        assert_eq!(after.frames.len(), before.frames.len(), "{name}");
        let (first, last) = (&before.frames[0], &before.frames[before.frames.len() - 1]);
        assert!((after.frames[0].seconds - first.seconds).abs() < 0.001, "{name}");
        let long = |mp4| presented_seconds(mp4).unwrap();
        assert!((long(&blind) - long(clip)).abs() < 0.002, "{name}: {}", long(&blind));
        assert!(long(clip) > last.seconds, "{name}");
        for frame in &after.frames {
            let (seen, was) = (&frame.picture, &first.picture);
            assert_eq!((seen.width(), seen.height()), (was.width(), was.height()), "{name}");
            assert!(seen.rgb().iter().all(|value| *value <= 2), "{name}");
        }
    }
}

#[test]
fn a_coding_that_is_not_built_in_is_copied_all_the_same() {
    let sounding = with_sound(HEVC, &click(0.05, 0.2)).unwrap();
    assert!(names_a_sound_track(&sounding));
    assert_eq!(check_whole(&sounding, &Allowance::default()).unwrap().kind, MediumKind::Video);
    let muted = without_sound(&sounding).unwrap();
    assert!(!names_a_sound_track(&muted));
    // The movie's clock may have become finer for the sound; what is coded is the same.
    let coded = |movie: &[u8]| {
        let at = movie.windows(4).position(|name| name == b"mdat").unwrap();
        movie[at..].to_vec()
    };
    assert_eq!(coded(&muted), coded(&without_sound(HEVC).unwrap()));
    let blind = decode_mp4(&with_black_pictures(HEVC).unwrap()).unwrap();
    assert_eq!((blind.frames.len(), blind.frames[0].picture.width()), (2, 64));
}

#[test]
fn files_without_pictures_and_damaged_ones_are_errors() {
    let sound_alone = include_bytes!("clips/mp3_in_mp4.mp4");
    assert_eq!(without_sound(sound_alone).unwrap_err(), MediaError::NoTrack("picture"));
    for (_, clip) in CLIPS {
        for length in (0..clip.len()).step_by(97) {
            // Only that it comes back.
            let _ = without_sound(&clip[..length]);
            let _ = with_black_pictures(&clip[..length]);
        }
        let mut broken = clip.to_vec();
        for at in (0..clip.len()).step_by(41) {
            broken[at] ^= 0xff;
            let _ = without_sound(&broken).map(|muted| check_whole(&muted, &Allowance::default()));
            broken[at] ^= 0xff;
        }
    }
}

#[test]
fn samples_of_fragments_that_go_back_in_time_stay_in_their_order() {
    // Where fragments state when they begin: first that of the pictures, then that of the sound.
    let mut clip = include_bytes!("clips/fragmented.mp4").to_vec();
    let places: Vec<usize> =
        (0..clip.len() - 4).filter(|&at| &clip[at..at + 4] == b"tfdt").collect();
    let second = places[2];
    assert_eq!(clip[second + 4], 1, "times of 64 bits");
    // The second fragment begins two million ticks late, and so the third one before it.
    clip[second + 13] = 32;
    let before = decode_mp4(include_bytes!("clips/fragmented.mp4")).unwrap();
    let changed = with_sound(&clip, &click(0.3, 0.7)).unwrap();
    check_whole(&changed, &Allowance::default()).unwrap();
    let after = decode_mp4(&changed).unwrap();
    let pictures = |frames: &[TimedPicture]| -> Vec<Vec<u8>> {
        let mut found: Vec<_> = frames.iter().map(|frame| frame.picture.rgb().to_vec()).collect();
        found.sort();
        found
    };
    // The same pictures, whenever they are shown.
    assert!(pictures(&after.frames).iter().all(|one| pictures(&before.frames).contains(one)));
}

#[test]
fn black_pictures_are_no_larger_than_what_is_read_again() {
    // Width and height stand 24 bytes into the entry that says how pictures are coded.
    let mut clip = include_bytes!("clips/vfr.mp4").to_vec();
    let entry = clip.windows(4).position(|found| found == b"avc1").unwrap() + 4;
    let entry = if clip[entry..entry + 6] == [0; 6] {
        entry
    } else {
        // The first one stands among the brands of the file.
        let next = clip[entry..].windows(4).position(|found| found == b"avc1").unwrap();
        entry + next + 4
    };
    clip[entry + 24..entry + 28].copy_from_slice(&[0x40, 0, 0x10, 0]);
    let error = with_black_pictures(&clip).unwrap_err();
    assert!(matches!(error, MediaError::TooLarge { found: 262_144, .. }), "{error:?}");
}

#[test]
fn tracks_that_lie_elsewhere_or_hold_nothing_are_errors() {
    let makers: [Maker; 3] =
        [without_sound, with_black_pictures, |mp4| with_sound(mp4, &click(0.1, 0.3))];
    let change = |from: &[u8], to: &[u8]| {
        let clip = include_bytes!("clips/vfr.mp4");
        let at = clip.windows(from.len()).position(|found| found == from).unwrap();
        [&clip[..at], to, &clip[at + to.len()..]].concat()
    };
    // A reference that is not to the file itself; a table of no samples.
    let elsewhere = change(b"url \0\0\0\x01", b"url \0\0\0\0");
    let nothing = change(b"stsz", b"stsz\0\0\0\0\0\0\0\0\0\0\0\0");
    for make in makers {
        let error = make(&elsewhere).unwrap_err().to_string();
        assert!(error.contains("lies in another file"), "{error}");
        let error = make(&nothing).unwrap_err().to_string();
        assert!(error.contains("holds no picture"), "{error}");
    }
}

/// What a program writes to stdout without a word to stderr; `None` where it is not installed,
/// which the gate (`CI`) does not excuse.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let Ok(found) = Command::new(program).args(arguments).output() else {
        assert!(std::env::var_os("CI").is_none(), "{program} is not installed");
        println!("no {program} here: nothing is tried with it");
        return None;
    };
    let talk = String::from_utf8_lossy(&found.stderr);
    assert!(found.status.success() && talk.is_empty(), "{program} {arguments:?}: {talk}");
    Some(String::from_utf8(found.stdout).unwrap())
}

#[test]
fn ffmpeg_agrees_about_what_is_left() {
    let dir = std::env::temp_dir().join(format!("avibench-remux-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let streams = |name: &str, bytes: &[u8]| {
        let path = dir.join(format!("{name}.mp4"));
        std::fs::write(&path, bytes).unwrap();
        let path = path.to_str().unwrap();
        let entries = "stream=codec_type,nb_read_frames";
        let mut ask = vec!["-v", "warning", "-count_frames", "-show_entries", entries];
        ask.extend(["-of", "csv=p=0", path]);
        let found = said("ffprobe", &ask)?;
        let decode = [
            "-v",
            "warning",
            "-xerror",
            "-i",
            path,
            "-fps_mode",
            "passthrough",
            "-enc_time_base",
            "-1",
        ];
        said("ffmpeg", &[&decode[..], &["-f", "null", "-"]].concat())?;
        // Of a stream that is turned, ffprobe has an empty field and an empty line more.
        let lines = found.lines().map(|line| line.trim_end_matches(',').to_owned());
        Some(lines.filter(|line| !line.is_empty()).collect::<Vec<String>>())
    };
    for (name, clip) in CLIPS.into_iter().chain([("hevc", HEVC)]) {
        // The group before the edit is decoded and not shown; which of it ffprobe counts is its affair.
        if name == "edited" {
            continue;
        }
        let Some(before) = streams(name, clip) else { break };
        let pictures: Vec<&String> = before.iter().filter(|line| line.contains("video")).collect();
        let muted = streams("muted", &without_sound(clip).unwrap()).unwrap();
        assert_eq!(muted.iter().collect::<Vec<_>>(), pictures, "{name}");
        let changed = streams("changed", &with_sound(clip, &click(0.1, 0.5)).unwrap()).unwrap();
        assert_eq!(&changed[0], pictures[0], "{name}");
        assert!(changed[1].starts_with("audio"), "{name}: {changed:?}");
        let blind = streams("blind", &with_black_pictures(clip).unwrap()).unwrap();
        assert_eq!(blind, before, "{name}");
    }
    std::fs::remove_dir_all(&dir).unwrap();
}
