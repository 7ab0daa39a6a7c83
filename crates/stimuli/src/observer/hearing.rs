//! Hearing: the single sounds of a recording, by short-time energy.

use avibench_media::Sound;

use super::spectrum::flatness;

/// Seconds between two looks at the energy, and the length of each look.
const HOP: f64 = 0.005;
const LOOK: f64 = 0.010;
/// Seconds of quiet that do not part a sound in two.
const BRIDGE: f64 = 0.025;
/// Quieter than this against the loudest is silence.
const RANGE: f64 = 0.016;
/// Quieter than this is silence in any case (full scale 1).
const SILENCE: f64 = 2e-4;

/// One sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heard {
    /// Seconds from the start of the recording.
    pub(crate) onset: f64,
    /// Seconds.
    pub(crate) length: f64,
    /// Loudness in the body of the sound (RMS, full scale 1).
    pub(crate) level: f64,
    /// Loudness at its loudest (RMS of 10 ms).
    pub(crate) peak: f64,
    /// Spectral flatness: near 0 for a tone, above 0.3 for noise.
    pub(crate) flatness: f64,
}

impl Heard {
    /// Whether it is noise rather than a tone.
    pub(crate) fn is_noise(&self) -> bool {
        self.flatness > 0.12
    }
}

/// All sounds of a recording, in order.
pub(crate) fn listen(sound: &Sound) -> Vec<Heard> {
    let rate = f64::from(sound.sample_rate());
    let samples = sound.samples();
    let hop = ((HOP * rate) as usize).max(1);
    let look = ((LOOK * rate) as usize).max(1);
    let levels: Vec<f64> = samples.windows(look).step_by(hop).map(rms).collect();
    let loudest = levels.iter().copied().fold(0.0, f64::max);
    let threshold = (loudest * RANGE).max(SILENCE);
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let bridge = (BRIDGE / HOP) as usize;
    for (i, _) in levels.iter().enumerate().filter(|(_, level)| **level > threshold) {
        match spans.last_mut() {
            Some((_, end)) if i <= *end + bridge => *end = i,
            _ => spans.push((i, i)),
        }
    }
    spans
        .into_iter()
        .map(|(first, last)| {
            let (start, end) = (first * hop, (last * hop + look).min(samples.len()));
            let body = &samples[start..end];
            let edge = body.len() / 6;
            let middle = &body[edge..body.len() - edge];
            Heard {
                onset: start as f64 / rate,
                length: (end - start) as f64 / rate,
                level: rms(middle),
                peak: levels[first..=last].iter().copied().fold(0.0, f64::max),
                flatness: mean_flatness(middle, sound.sample_rate()),
            }
        })
        .filter(|heard| heard.length > 0.012)
        .collect()
}

/// Mean flatness over stretches of 64 ms.
fn mean_flatness(samples: &[f32], sample_rate: u32) -> f64 {
    let stretch = (sample_rate as usize * 64 / 1_000).max(64);
    if samples.len() < 2 * stretch {
        return flatness(samples, sample_rate);
    }
    let each: Vec<f64> =
        samples.chunks_exact(stretch).map(|stretch| flatness(stretch, sample_rate)).collect();
    each.iter().sum::<f64>() / each.len() as f64
}

fn rms(samples: &[f32]) -> f64 {
    let energy: f64 = samples.iter().map(|sample| f64::from(*sample) * f64::from(*sample)).sum();
    (energy / samples.len().max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::sound::{Timbre, Track, noise, tone};

    #[test]
    fn sounds_are_found_where_they_are() {
        let mut stream = Stream::new(3, "hearing");
        let mut track = Track::silence(2.0);
        track.add(0.3, &tone(440.0, 0.4, Timbre::PURE), 0.1);
        track.add(1.0, &noise(0.5, &mut stream), 0.02);
        let heard = listen(&track.finish(1.0).unwrap());
        assert_eq!(heard.len(), 2);
        assert!((heard[0].onset - 0.3).abs() < 0.02 && (heard[1].onset - 1.0).abs() < 0.02);
        assert!((heard[0].length - 0.4).abs() < 0.03);
        assert!((heard[0].level / heard[1].level - 5.0).abs() < 0.4);
        assert!(!heard[0].is_noise() && heard[1].is_noise());
    }

    #[test]
    fn silence_holds_no_sound() {
        assert!(listen(&Track::silence(1.0).finish(1.0).unwrap()).is_empty());
        assert!(listen(&Track::silence(0.0).finish(1.0).unwrap()).is_empty());
    }
}
