//! AAC to sound: access units out of an MP4 track, or a whole ADTS file.

use syom::{DecodeOptions, Decoder};

use crate::contain::contained;
use crate::mp4_movie::{SoundCoding, Track};
use crate::{Allowance, MAX_SAMPLE_RATE, MAX_SAMPLES, MediaError, Sound};

/// Seconds by which times may wander because they are stated in coarse ticks; a larger gap between
/// access units is silence.
const CLOCK_JITTER: f64 = 0.005;

/// Bytes of a raw AAC file that are decoded between two looks at the allowance: frames of silence take
/// a few bytes each, so this is up to 16 MB of sound.
const STRETCH: usize = 16 << 10;

/// Reads all of a raw AAC file (ADTS).
pub(crate) fn decode_file(bytes: &[u8], allowance: &Allowance) -> Result<Sound, MediaError> {
    contained("AAC", || {
        let mut decoder = Decoder::new(options());
        let mut mono = Vec::new();
        for stretch in bytes.chunks(STRETCH) {
            let mixed = decoder.feed(stretch, |frame| {
                mix_planes(frame.planar, &mut mono);
                Ok(())
            });
            mixed.map_err(malformed)?;
            allowance.check_time()?;
            allowance.check_samples(mono.len() as u64)?;
        }
        let ended = decoder.finish(|frame| {
            mix_planes(frame.planar, &mut mono);
            Ok(())
        });
        Sound::new(ended.map_err(malformed)?.sample_rate, mono)
    })
}

/// Decodes a sound track and presents it as its edit list says: priming cut off, silence where
/// nothing is presented, the first sample at the movie's time 0.
pub(crate) fn decode_track(
    file: &[u8],
    track: &Track<SoundCoding>,
    allowance: &Allowance,
) -> Result<Sound, MediaError> {
    let (rate, media) = contained("AAC", || decode_samples(file, track, allowance))?;
    let first_tick = track.samples.first().map_or(0, |sample| sample.shown);
    let mut presented: Vec<f32> = Vec::new();
    for segment in track.timeline.segments() {
        let start = (segment.start * f64::from(rate)).round().max(0.0) as usize;
        let ticks =
            if segment.is_whole() { 0 } else { segment.media_start.saturating_sub(first_tick) };
        let from = (ticks as f64 / track.timeline.timescale() * f64::from(rate)).round();
        let length = (segment.seconds * f64::from(rate)).round();
        // A segment that begins before the track has anything begins with silence.
        let silence = (-from).max(0.0) as usize;
        let from = (from.max(0.0) as usize).min(media.len());
        let until =
            (from as f64 + length - silence as f64).min(media.len() as f64).max(from as f64);
        let stretch = &media[from..until as usize];
        let begin = start.max(presented.len()).saturating_add(silence);
        let end = begin.saturating_add(stretch.len());
        allowance.check_samples(end as u64)?;
        presented.resize(begin, 0.0);
        presented.extend_from_slice(stretch);
    }
    Sound::new(rate, presented)
}

/// All samples of a track at their places in the track, the first at index 0; the rate in Hz.
fn decode_samples(
    file: &[u8],
    track: &Track<SoundCoding>,
    allowance: &Allowance,
) -> Result<(u32, Vec<f32>), MediaError> {
    let mut decoder =
        Decoder::from_asc(&track.coding.configuration, options()).map_err(malformed)?;
    let first_tick = track.samples.first().map_or(0, |sample| sample.shown);
    let mut mono: Vec<f32> = Vec::new();
    let mut rate = None;
    let most = (allowance.memory / Allowance::for_sound(1)).min(MAX_SAMPLES);
    for sample in &track.samples {
        let Some(unit) = file.get(sample.offset..sample.offset + sample.size) else {
            return Err(MediaError::malformed("AAC", "an access unit lies beyond the file"));
        };
        if unit.is_empty() {
            continue;
        }
        let seconds = sample.shown.saturating_sub(first_tick) as f64 / track.timeline.timescale();
        if let Some(rate) = rate {
            allowance.check_samples((seconds * f64::from(rate)).max(0.0) as u64)?;
        }
        decoder
            .decode_au(unit, |frame| {
                rate = Some(frame.sample_rate);
                let place = (seconds * f64::from(frame.sample_rate)).round().max(0.0);
                let gap = (place - mono.len() as f64) / f64::from(frame.sample_rate);
                if gap > CLOCK_JITTER && place < most as f64 {
                    mono.resize(place as usize, 0.0);
                }
                mix_planes(frame.planar, &mut mono);
                Ok(())
            })
            .map_err(malformed)?;
        allowance.check_time()?;
        allowance.check_samples(mono.len() as u64)?;
    }
    match rate {
        Some(rate) => Ok((rate, mono)),
        None => Err(MediaError::malformed("AAC", "the sound track holds no sample")),
    }
}

fn options() -> DecodeOptions {
    let seconds = MAX_SAMPLES as f64 / 48_000.0;
    DecodeOptions::audio().with_max_sample_rate(MAX_SAMPLE_RATE).with_max_duration_secs(seconds)
}

fn malformed(error: syom::AacError) -> MediaError {
    match error {
        syom::AacError::Unsupported(feature) => MediaError::Unsupported {
            what: format!("AAC with {feature:?}"),
            hint: "convert the sound to AAC-LC or WAV".to_owned(),
        },
        other => MediaError::malformed("AAC", other),
    }
}

/// Appends the mean of the channels.
fn mix_planes(planes: &[&[f32]], mono: &mut Vec<f32>) {
    match planes {
        [] => {}
        [only] => mono.extend_from_slice(only),
        [first, others @ ..] => {
            let weight = 1.0 / planes.len() as f32;
            mono.extend(first.iter().enumerate().map(|(at, sample)| {
                let rest: f32 = others.iter().filter_map(|plane| plane.get(at)).sum();
                (sample + rest) * weight
            }));
        }
    }
}
