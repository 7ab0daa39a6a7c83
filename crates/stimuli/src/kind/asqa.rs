//! Bare sounds: which is louder, which is clearer, which comes first, how many.

use avibench_media::MediaError;
use avibench_protocol::Folder;
use serde_json::json;

use super::made::rounded;
use super::subtask::Answers;
use super::{Made, Subtask};
use crate::random::Stream;
use crate::sound::{Timbre, Track, beat, low_pass, melody, noise, rms, tone};

/// All subtasks of the folder.
pub(super) static SUBTASKS: [Subtask; 4] = [
    Subtask {
        folder: Folder::Asqa,
        name: "volume",
        options: Some("options_sound_volume"),
        answers: Answers::Words(&["first", "last", "same"]),
        unit: "dB",
        intensities: [0.5, 6.0, 20.0, 24.0],
        make: volume,
    },
    Subtask {
        folder: Folder::Asqa,
        name: "clarity",
        options: Some("options_sound_clarity"),
        answers: Answers::Words(&["first", "last", "same"]),
        unit: "degradation 0..1",
        intensities: [0.02, 0.4, 0.9, 1.0],
        make: clarity,
    },
    Subtask {
        folder: Folder::Asqa,
        name: "order",
        options: Some("options_sound_order"),
        answers: Answers::Words(&["sound", "noise"]),
        unit: "ms",
        intensities: [15.0, 200.0, 450.0, 600.0],
        make: order,
    },
    Subtask {
        folder: Folder::Asqa,
        name: "beats_counting",
        options: None,
        answers: Answers::Counts(9),
        unit: "ms between beats",
        intensities: [90.0, 240.0, 380.0, 420.0],
        make: beats,
    },
];

fn decibels(level: f64) -> f64 {
    libm::pow(10.0, level / 20.0)
}

/// Two sounds of one kind, one after the other; one may be `level` dB louder.
fn volume(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let length = stream.between(0.45, 0.70);
    let pause = stream.between(0.25, 0.45);
    let start = stream.between(0.10, 0.45);
    let (voice, timbre) = if stream.chance(0.5) {
        let pitch = stream.between(220.0, 700.0);
        (tone(pitch, length, Timbre::any(stream)), "tone")
    } else {
        (noise(length, stream), "noise")
    };
    // The quieter one may be anything audible, so that its level alone tells nothing.
    let loud = stream.between(0.14, 0.22);
    let soft = loud * decibels(-level);
    let (first, last) = match answer {
        "first" => (loud, soft),
        "last" => (soft, loud),
        _ => {
            let both = if stream.chance(0.5) { loud } else { soft };
            (both, both)
        }
    };
    let mut track = Track::silence(2.4);
    track.add(start, &voice, first);
    track.add(start + length + pause, &voice, last);
    let question = "Two sounds are played one after the other. Which one is louder, the first or \
                    the last, or are both the same?";
    let intensity = if answer == "same" { 0.0 } else { level };
    Ok(Made::sound(track.finish(0.95)?, question, intensity).note("timbre", timbre))
}

/// The same melody twice; one of them, or both, may be muffled and noisy.
fn clarity(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let length = stream.between(1.0, 1.2);
    let pause = stream.between(0.30, 0.45);
    let start = stream.between(0.10, 0.30);
    let clean = melody(stream, length);
    let cutoff = 5_000.0 * libm::exp2(-3.2 * level);
    let noise_level = -30.0 + 28.0 * level;
    let mut muffled = clean.clone();
    low_pass(&mut muffled, cutoff);
    let hiss = noise(length, stream);
    for (sample, hiss) in muffled.iter_mut().zip(hiss) {
        *sample += hiss * decibels(noise_level);
    }
    // Equally loud: clarity must not be heard as volume.
    let makeup = rms(&clean) / rms(&muffled);
    for sample in &mut muffled {
        *sample *= makeup;
    }
    let both_muffled = stream.chance(0.5);
    let (first, last) = match answer {
        "first" => (&clean, &muffled),
        "last" => (&muffled, &clean),
        _ if both_muffled => (&muffled, &muffled),
        _ => (&clean, &clean),
    };
    let gain = stream.between(0.08, 0.14);
    let mut track = Track::silence(3.3);
    track.add(start, first, gain);
    track.add(start + length + pause, last, gain);
    let question = "The same melody is played twice. Which time is it clearer, less muffled and \
                    less noisy: the first, the last, or are both the same?";
    let intensity = if answer == "same" { 0.0 } else { level };
    Ok(Made::sound(track.finish(0.95)?, question, intensity)
        .note("cutoff_hz", rounded(cutoff))
        .note("noise_db", rounded(noise_level)))
}

/// A tone and a burst of noise, `level` ms long each, one after the other.
fn order(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let length = level / 1_000.0;
    let pause = stream.between(0.4, 0.8) * length.max(0.05);
    let start = stream.between(0.10, 0.40);
    let pitch = stream.between(250.0, 900.0);
    let sound = tone(pitch, length, Timbre::any(stream));
    let burst = noise(length, stream);
    let gains = [stream.between(0.09, 0.18), stream.between(0.09, 0.18)];
    let (first, last) = if answer == "sound" { (&sound, &burst) } else { (&burst, &sound) };
    let mut track = Track::silence(2.2);
    track.add(start, first, gains[0]);
    track.add(start + length + pause, last, gains[1]);
    let question = "A tone (the sound) and a burst of noise are played one after the other. Which \
                    comes first, the sound or the noise?";
    Ok(Made::sound(track.finish(0.95)?, question, level)
        .note("pause_ms", rounded(1_000.0 * pause))
        .note("pitch_hz", rounded(pitch)))
}

/// Beats of a drum, never closer than `level` ms, evenly spaced or not.
fn beats(stream: &mut Stream, answer: &str, level: f64) -> Result<Made, MediaError> {
    let count: usize = answer.parse().unwrap_or(1);
    let even = stream.chance(0.5);
    let drum = beat(stream.between(140.0, 420.0));
    let gain = stream.between(0.12, 0.22);
    let mut onset = stream.between(0.10, 0.40);
    let mut onsets = Vec::new();
    let mut track = Track::silence(5.4);
    for _ in 0..count {
        track.add(onset, &drum, gain * stream.between(0.85, 1.0));
        onsets.push(json!(rounded(onset)));
        onset += level / 1_000.0 * if even { 1.0 } else { stream.between(1.0, 1.45) };
    }
    let question = "How many beats do you hear? Answer with a number.";
    Ok(Made::sound(track.finish(0.95)?, question, level)
        .note("spacing", if even { "even" } else { "uneven" })
        .note("onsets_s", onsets))
}
