//! Clips that others wrote (see `clips/make.sh`): every frame comes out, at its time, with its
//! content, and sound lies where the file says.

use std::ops::ControlFlow;

use avibench_media::{
    MediaError, Picture, Sound, TimedPicture, decode_audio, decode_mp4, decode_wav, frames_at,
    sound_track, visit_frames,
};

const BFRAMES: &[u8] = include_bytes!("clips/bframes.mp4");
const VFR: &[u8] = include_bytes!("clips/vfr.mp4");
const FRAGMENTED: &[u8] = include_bytes!("clips/fragmented.mp4");
const EDITED: &[u8] = include_bytes!("clips/edited.mp4");
const LATE_SOUND: &[u8] = include_bytes!("clips/late_sound.mp4");
const TURNED: &[u8] = include_bytes!("clips/turned.mp4");
const FULL_RANGE: &[u8] = include_bytes!("clips/full_range.mp4");

/// The number that a frame carries: its left half has luma 16 + 7 N of 16..=235.
fn number_of(picture: &Picture) -> f64 {
    let half = 0..picture.width() / 2 - 2;
    let greens: Vec<f64> = (0..picture.height())
        .flat_map(|y| half.clone().filter_map(move |x| picture.pixel(x, y)))
        .map(|[_, green, _]| f64::from(green))
        .collect();
    greens.iter().sum::<f64>() / greens.len() as f64 * 219.0 / 255.0 / 7.0
}

/// Each frame's time must be within a tenth of a millisecond and its number exact.
fn assert_frames(frames: &[TimedPicture], expected: &[(f64, u32)]) {
    assert_eq!(frames.len(), expected.len());
    for (at, (frame, &(seconds, number))) in frames.iter().zip(expected).enumerate() {
        assert!((frame.seconds - seconds).abs() < 1e-4, "frame {at} at {}", frame.seconds);
        let found = number_of(&frame.picture);
        assert!((found - f64::from(number)).abs() < 0.3, "frame {at} shows {found}");
    }
}

/// Seconds at which bursts begin: loud after at least 100 ms of quiet.
fn onsets(sound: &Sound) -> Vec<f64> {
    let rate = f64::from(sound.sample_rate());
    let mut quiet_since = f64::NEG_INFINITY;
    let mut onsets = Vec::new();
    for (at, sample) in sound.samples().iter().enumerate() {
        let seconds = at as f64 / rate;
        if sample.abs() > 0.12 {
            if seconds - quiet_since > 0.1 {
                onsets.push(seconds);
            }
            quiet_since = seconds;
        }
    }
    onsets
}

fn assert_onsets(sound: &Sound, expected: &[f64], tolerance: f64) {
    let found = onsets(sound);
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < tolerance, "{found} instead of {expected}");
    }
}

fn steady(count: u32, rate: f64) -> Vec<(f64, u32)> {
    (0..count).map(|number| (f64::from(number) / rate, number)).collect()
}

#[test]
fn frames_between_others_come_out_in_the_order_in_which_they_are_shown() {
    let decoded = decode_mp4(BFRAMES).unwrap();
    assert_eq!((decoded.frames[0].picture.width(), decoded.frames[0].picture.height()), (66, 50));
    assert_frames(&decoded.frames, &steady(30, 25.0));
}

#[test]
fn stereo_sound_is_mixed_down_and_loses_its_priming() {
    let sound = sound_track(BFRAMES).unwrap().unwrap();
    assert_eq!(sound.sample_rate(), 44_100);
    assert_onsets(&sound, &[0.0, 0.5, 1.0], 0.002);
    // What ffmpeg makes of it when it mixes both channels with weight 0.5.
    let loudest = sound.samples().iter().fold(0.0_f32, |a, b| a.max(b.abs()));
    assert!((loudest - 0.670_925).abs() < 1e-5, "{loudest}");
    assert!((sound.duration() - 1.2).abs() < 0.03, "{}", sound.duration());
}

#[test]
fn variable_frame_rates_keep_their_times() {
    let expected: Vec<_> = (0..12).map(|n| (f64::from(n * n) / 100.0, n)).collect();
    assert_frames(&decode_mp4(VFR).unwrap().frames, &expected);
}

#[test]
fn fragments_are_joined_and_time_begins_with_the_first_sample() {
    let decoded = decode_mp4(FRAGMENTED).unwrap();
    // This muxer's sound begins with 80 ms of priming and gap, without saying so.
    let expected: Vec<_> = (0..20).map(|n| (0.08 + f64::from(n) / 25.0, n)).collect();
    assert_frames(&decoded.frames, &expected);
    assert_onsets(&decoded.sound.unwrap(), &[0.08, 0.58], 0.002);
}

#[test]
fn an_edit_list_hides_what_was_cut_off() {
    let decoded = decode_mp4(EDITED).unwrap();
    let expected: Vec<_> = (0..16).map(|n| (f64::from(n) / 25.0, n + 14)).collect();
    assert_frames(&decoded.frames, &expected);
    assert_onsets(&decoded.sound.unwrap(), &[0.44], 0.002);
}

#[test]
fn sound_that_begins_late_is_preceded_by_silence() {
    let decoded = decode_mp4(LATE_SOUND).unwrap();
    assert_frames(&decoded.frames, &steady(10, 10.0));
    assert_onsets(&decoded.sound.unwrap(), &[0.25, 0.75], 0.003);
}

#[test]
fn a_turned_recording_comes_out_upright() {
    let frames = decode_mp4(TURNED).unwrap().frames;
    let picture = &frames[0].picture;
    assert_eq!((picture.width(), picture.height()), (48, 64));
    // This camera has to be turned counterclockwise: its dark left half becomes the bottom.
    assert!(picture.pixel(24, 60).unwrap()[0] < 10);
    assert!(picture.pixel(24, 5).unwrap()[0] > 40);
}

#[test]
fn several_slices_and_full_range_give_whole_pictures() {
    let frames = decode_mp4(FULL_RANGE).unwrap().frames;
    assert_eq!(frames.len(), 4);
    // Luma 16 of 16..=235 was rescaled to 0 of 0..=255.
    assert!(frames[0].picture.pixel(3, 3).unwrap()[1] <= 2);
    let third = f64::from(frames[3].picture.pixel(3, 40).unwrap()[1]);
    assert!((third - 21.0 * 255.0 / 219.0).abs() < 3.0, "{third}");
}

#[test]
fn evenly_spaced_frames_are_those_on_screen_at_the_middle_of_each_part() {
    let clips =
        [(BFRAMES, 0.04), (VFR, 0.01), (FRAGMENTED, 0.04), (EDITED, 0.04), (LATE_SOUND, 0.1)];
    for (clip, last_interval) in clips {
        let all = decode_mp4(clip).unwrap().frames;
        let begin = all[0].seconds;
        let duration = all[all.len() - 1].seconds - begin + last_interval;
        for count in [1, 2, 3, 7, 10, 16, 40] {
            let frames = frames_at(clip, count).unwrap();
            assert_eq!(frames.len(), count);
            for (part, frame) in frames.iter().enumerate() {
                let at = all.iter().position(|other| other == frame).unwrap();
                let moment = begin + (part as f64 + 0.5) / count as f64 * duration;
                let next = all.get(at + 1).map_or(begin + duration, |next| next.seconds);
                assert!(
                    frame.seconds <= moment + 1e-6 && moment < next + 1e-6,
                    "{moment} is not in {}..{next}",
                    frame.seconds
                );
            }
        }
        assert!(frames_at(clip, 0).unwrap().is_empty());
    }
}

#[test]
fn a_visitor_sees_the_same_frames_and_may_stop() {
    for clip in [BFRAMES, VFR, FRAGMENTED, EDITED, TURNED] {
        let all = decode_mp4(clip).unwrap().frames;
        let mut seen = Vec::new();
        visit_frames(clip, |frame| {
            seen.push(frame);
            if seen.len() == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
        assert_eq!(seen, all[..3]);
    }
}

#[test]
fn what_is_not_built_in_is_named_with_a_way_out() {
    let clips: [(&[u8], &str); 4] = [
        (include_bytes!("clips/hevc.mp4"), "HEVC (hvc1)"),
        (include_bytes!("clips/ten_bits.mp4"), "bit depth"),
        (include_bytes!("clips/interlaced.mp4"), "H.264 with"),
        (include_bytes!("clips/mp3_in_mp4.mp4"), "MP3"),
    ];
    for (clip, name) in clips {
        let error = decode_mp4(clip).unwrap_err();
        assert!(matches!(error, MediaError::Unsupported { .. }), "{error:?}");
        let message = error.to_string();
        assert!(message.contains(name) && message.contains("ffmpeg"), "{message}");
    }
}

#[test]
fn tracks_that_are_not_there_are_named() {
    assert_eq!(sound_track(VFR).unwrap(), None);
    assert_eq!(decode_audio(VFR).unwrap_err(), MediaError::NoTrack("sound"));
}

#[test]
fn sound_files_of_all_kinds_are_read() {
    // Lossy coders delay or smear an onset by some milliseconds.
    let files: [(&[u8], u32, f64); 4] = [
        (include_bytes!("clips/burst.flac"), 16_000, 0.001),
        (include_bytes!("clips/burst.ogg"), 16_000, 0.005),
        (include_bytes!("clips/burst.mp3"), 22_050, 0.005),
        (include_bytes!("clips/burst_mulaw.wav"), 8_000, 0.001),
    ];
    for (bytes, rate, tolerance) in files {
        let sound = decode_audio(bytes).unwrap();
        assert_eq!(sound.sample_rate(), rate);
        assert_onsets(&sound, &[0.0, 0.5], tolerance);
    }
    // A bare AAC stream cannot state its priming of 1024 samples.
    let bare = decode_audio(include_bytes!("clips/burst.aac")).unwrap();
    assert_onsets(&bare, &[0.064, 0.564], 0.003);
    assert!(decode_wav(include_bytes!("clips/burst.flac")).is_err());
}
