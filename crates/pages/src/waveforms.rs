//! What sounds look like: their loudest and softest sample in 150 pieces, kept beside the scores so that
//! only the first page has to decode them.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use avibench_files::{FileError, SizeLimit, write_atomic};
use avibench_media::{Sound, decode_audio};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Pieces of a waveform.
const PIECES: usize = 150;
/// Version of the file; another one is made anew.
const VERSION: u32 = 1;
/// The longest medium that is looked into; longer ones have no waveform.
const MEDIUM: SizeLimit = SizeLimit::new(64 << 20, "look whether it is the right file");
/// The longest cache: half a million sounds.
const CACHE: SizeLimit = SizeLimit::new(256 << 20, "remove it, so that it is made anew");

/// A sound as it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Waveform {
    /// Its length in seconds.
    pub seconds: f64,
    /// Least and greatest sample of each piece, -127 to 127; [`PIECES`] pairs, or none if the medium has
    /// no sound.
    peaks: Vec<i8>,
}

/// Waveforms of media by path.
#[derive(Debug, Default)]
pub struct Waveforms {
    by_path: HashMap<PathBuf, Waveform>,
}

/// The file with what is known of earlier pages.
#[derive(Debug, Serialize, Deserialize)]
struct Cache {
    version: u32,
    /// By path: as long as size and time of the file are the same, so is its content.
    files: BTreeMap<String, CachedFile>,
    /// By content.
    sounds: BTreeMap<String, CachedSound>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct CachedFile {
    bytes: u64,
    modified_ns: u128,
    sha256: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct CachedSound {
    seconds: f64,
    /// Base64 of the peaks; empty where there is no sound.
    peaks: String,
}

/// What making waveforms found.
#[derive(Debug, Default)]
pub struct WaveformCounts {
    /// Media whose waveform was known.
    pub known: usize,
    /// Media that were decoded.
    pub decoded: usize,
    /// Media without one: silent videos, and files that cannot be decoded.
    pub without: usize,
    /// Why the cache was not written, so that the next page decodes them again.
    pub not_kept: Option<FileError>,
}

impl Waveform {
    /// The waveform of a sound.
    #[must_use]
    pub fn of(sound: &Sound) -> Self {
        let samples = sound.samples();
        let level = |value: f32| (value.clamp(-1.0, 1.0) * 127.0).round() as i8;
        let mut peaks = Vec::with_capacity(2 * PIECES);
        for piece in 0..PIECES {
            let from = piece * samples.len() / PIECES;
            let to = ((piece + 1) * samples.len() / PIECES).max(from + 1).min(samples.len());
            let part = samples.get(from..to).unwrap_or_default();
            let (low, high) =
                part.iter().fold((0.0_f32, 0.0_f32), |(low, high), &s| (low.min(s), high.max(s)));
            peaks.extend([level(low), level(high)]);
        }
        Self { seconds: sound.duration(), peaks }
    }

    /// The peaks as bytes of two's complement, in Base64.
    #[must_use]
    pub fn peaks_base64(&self) -> String {
        let bytes: Vec<u8> = self.peaks.iter().map(|peak| peak.cast_unsigned()).collect();
        BASE64_STANDARD.encode(bytes)
    }

    fn cached(&self) -> CachedSound {
        CachedSound { seconds: self.seconds, peaks: self.peaks_base64() }
    }
}

impl CachedSound {
    /// `None` where the medium has no sound, or the file was tampered with.
    fn waveform(&self) -> Option<Waveform> {
        let bytes = BASE64_STANDARD.decode(&self.peaks).ok()?;
        let is_whole = bytes.len() == 2 * PIECES && self.seconds.is_finite();
        let peaks = bytes.into_iter().map(u8::cast_signed).collect();
        is_whole.then_some(Waveform { seconds: self.seconds, peaks })
    }
}

impl Waveforms {
    /// The waveform of a file.
    #[must_use]
    pub fn get(&self, path: &Path) -> Option<&Waveform> {
        self.by_path.get(path)
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    /// The waveforms of these files, each decoded once for as long as `cache` is kept. Files that cannot
    /// be decoded have none. `tell` is told of each file that was looked into. A cache that cannot be read is
    /// made anew.
    pub fn of_files(
        paths: &[PathBuf],
        cache: &Path,
        tell: impl Fn() + Sync,
    ) -> (Self, WaveformCounts) {
        let mut known = Cache::read(cache);
        let mut counts = WaveformCounts::default();
        let mut by_path = HashMap::new();
        let mut unknown: Vec<(&PathBuf, CachedFile)> = Vec::new();
        for path in paths {
            let Some(file) = CachedFile::of(path) else {
                counts.without += 1;
                continue;
            };
            match known.files.get(&key(path)).filter(|cached| cached.is_same(&file)) {
                Some(cached) if known.sounds.contains_key(&cached.sha256) => {
                    counts.known += 1;
                    let wave = known.sounds.get(&cached.sha256).and_then(CachedSound::waveform);
                    by_path.extend(wave.map(|wave| (path.clone(), wave)));
                }
                _ => unknown.push((path, file)),
            }
        }
        if unknown.is_empty() {
            return (Self { by_path }, counts);
        }
        let decoded: Vec<(&PathBuf, CachedFile, Option<Waveform>)> = unknown
            .par_iter()
            .filter_map(|(path, file)| {
                let found = decoded(path, file);
                tell();
                found.map(|(file, wave)| (*path, file, wave))
            })
            .collect();
        for (path, file, wave) in decoded {
            counts.decoded += 1;
            counts.without += usize::from(wave.is_none());
            let silent = CachedSound { seconds: 0.0, peaks: String::new() };
            known
                .sounds
                .insert(file.sha256.clone(), wave.as_ref().map_or(silent, Waveform::cached));
            known.files.insert(key(path), file);
            by_path.extend(wave.map(|wave| (path.clone(), wave)));
        }
        let written = write_atomic(cache, |out| {
            serde_json::to_writer(&mut *out, &known)?;
            out.write_all(b"\n")
        });
        counts.not_kept = written.err();
        (Self { by_path }, counts)
    }
}

fn key(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
}

/// A file's hash and waveform; `None` if it cannot be read.
fn decoded(path: &Path, file: &CachedFile) -> Option<(CachedFile, Option<Waveform>)> {
    let bytes = MEDIUM.read(path).ok()?;
    let sha256 = hex::encode(Sha256::digest(&bytes));
    // Pictures, silent videos and broken files have none.
    let wave = decode_audio(&bytes).ok().map(|sound| Waveform::of(&sound));
    Some((CachedFile { sha256, ..*file }, wave))
}

impl CachedFile {
    /// What the system says of a file; `None` if it is none, or too large.
    fn of(path: &Path) -> Option<Self> {
        let about = std::fs::metadata(path).ok()?;
        let modified = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        (about.is_file() && about.len() <= MEDIUM.bytes()).then(|| Self {
            bytes: about.len(),
            modified_ns: modified.as_nanos(),
            sha256: String::new(),
        })
    }

    fn is_same(&self, now: &Self) -> bool {
        self.bytes == now.bytes && self.modified_ns == now.modified_ns
    }
}

impl Cache {
    fn read(path: &Path) -> Self {
        let read = CACHE.read(path).ok().and_then(|text| serde_json::from_slice(&text).ok());
        read.filter(|cache: &Self| cache.version == VERSION).unwrap_or(Self {
            version: VERSION,
            files: BTreeMap::new(),
            sounds: BTreeMap::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_waveform_shows_where_a_sound_is_loud() {
        let samples: Vec<f32> = (0..3_000)
            .map(|at| if at >= 2_000 { if at % 2 == 0 { 0.5 } else { -1.0 } } else { 0.0 })
            .collect();
        let wave = Waveform::of(&Sound::new(1_000, samples).unwrap());
        assert!((wave.seconds - 3.0).abs() < 1e-9);
        assert_eq!(wave.peaks.len(), 2 * PIECES);
        assert_eq!(wave.peaks[..2], [0, 0]);
        assert_eq!(wave.peaks[2 * PIECES - 2..], [-127, 64]);
        let short = Waveform::of(&Sound::new(1_000, vec![0.25; 3]).unwrap());
        assert_eq!(short.peaks.len(), 2 * PIECES, "{short:?}");
    }

    #[test]
    fn a_sound_is_decoded_once_and_again_only_when_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, cache) = (folder.path().join("a.wav"), folder.path().join("waves.json"));
        let sound = |level: f32| Sound::new(8_000, vec![level; 800]).unwrap();
        let store = |level| {
            std::fs::write(&path, avibench_media::encode_wav(&sound(level)).unwrap()).unwrap();
        };
        store(0.5);
        let broken = folder.path().join("b.wav");
        std::fs::write(&broken, b"no sound").unwrap();
        let paths = [path.clone(), broken, folder.path().join("missing.wav")];
        let told = AtomicUsize::new(0);
        let look = || {
            let tell = || {
                told.fetch_add(1, Ordering::Relaxed);
            };
            Waveforms::of_files(&paths, &cache, tell)
        };
        let (waves, counts) = look();
        assert_eq!((counts.known, counts.decoded, counts.without), (0, 2, 2));
        assert_eq!(told.load(Ordering::Relaxed), 2);
        let first = waves.get(&path).unwrap().clone();
        let (waves, counts) = look();
        assert_eq!((counts.known, counts.decoded, counts.without), (2, 0, 1));
        assert_eq!(waves.get(&path), Some(&first));
        store(1.0);
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
        let (waves, counts) = look();
        assert_eq!(counts.decoded, 1);
        assert_ne!(waves.get(&path), Some(&first));
    }
}
