//! MP4 in: frames with their times, and the sound track.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::h264_decoder::{VideoDecoder, is_disposable, is_entry};
use crate::mp4_movie::{Movie, Track, VideoCoding};
use crate::mp4_samples::Sample;
use crate::mp4_timeline::Shown;
use crate::{Allowance, MediaError, Picture, PictureOutline, Sound, TimedPicture, aac_decoder};

/// Bytes of pixels that [`decode_mp4`] may hold.
const MAX_DECODED_BYTES: u64 = 1 << 30;
/// Decoded pictures that may wait for an earlier one; the standard allows 16.
const MAX_WAITING: usize = 32;
/// Times that an edit list may go back in a track, which costs decoding it again.
const MAX_REPEATS: u64 = 64;

/// All of a clip.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The frames in the order in which they are shown; none without a picture track.
    pub frames: Vec<TimedPicture>,
    /// The sound track, from time 0 on.
    pub sound: Option<Sound>,
}

/// Decodes a whole MP4: H.264 pictures and AAC sound. Time counts from the first thing there is
/// to see or hear, edit lists applied; a rotated track comes out upright.
///
/// Use [`visit_frames`] for clips of more than a few seconds: all pictures are held here.
///
/// # Errors
///
/// [`MediaError::Malformed`] when the file is foreign, cut off or damaged;
/// [`MediaError::Unsupported`], with the coding's name, for what is not built in: other codecs,
/// interlaced, 10-bit or 4:4:4 H.264; [`MediaError::TooLarge`] above 1 GiB of pixels or beyond
/// H.264 level 5.2 (4096x2304).
pub fn decode_mp4(bytes: &[u8]) -> Result<Decoded, MediaError> {
    let movie = Movie::read(bytes)?;
    let mut frames = Vec::new();
    let mut held = 0_u64;
    if let Some(track) = &movie.video {
        visit(bytes, track, |frame| {
            held += frame.picture.rgb().len() as u64;
            frames.push(frame);
            if held > MAX_DECODED_BYTES {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
    }
    if held > MAX_DECODED_BYTES {
        return Err(MediaError::TooLarge {
            what: "the decoded clip's number of bytes",
            found: held,
            limit: MAX_DECODED_BYTES,
        });
    }
    Ok(Decoded { frames, sound: sound_of(bytes, &movie, &Allowance::default())? })
}

/// Decodes an MP4's frames one after the other, in the order in which they are shown, until the
/// visitor breaks; no more than a few are held at a time.
///
/// # Errors
///
/// As [`decode_mp4`]; [`MediaError::NoTrack`] without a picture track.
pub fn visit_frames(
    bytes: &[u8],
    visitor: impl FnMut(TimedPicture) -> ControlFlow<()>,
) -> Result<(), MediaError> {
    visit(bytes, &video_of(Movie::read(bytes)?)?, visitor)
}

/// Takes `count` evenly spaced frames out of an MP4: the ones on screen at the middle of each of
/// `count` equal parts of the picture track's duration. A clip of fewer frames gives some of them
/// repeatedly. Only the stretches between key pictures that are needed are decoded.
///
/// # Errors
///
/// As [`visit_frames`]; [`MediaError::Malformed`] when the track has no frame.
pub fn frames_at(bytes: &[u8], count: usize) -> Result<Vec<TimedPicture>, MediaError> {
    let timed = timed_frames(bytes, count, &Allowance::default(), |picture| Ok((picture, 0)))?;
    Ok(timed.into_iter().map(|(seconds, picture)| TimedPicture { seconds, picture }).collect())
}

/// Makes something of each of the frames that [`frames_at`] takes, as soon as it is decoded, so that
/// no more than one of them stands in memory with all its pixels. `make` says how many bytes of memory
/// what it made takes; together they may be as many as the allowance.
///
/// # Errors
///
/// As [`frames_at`], and what `make` ends with; [`MediaError::OutOfMemory`] and
/// [`MediaError::OutOfTime`] beyond the allowance.
pub fn frames_within<T: Clone>(
    bytes: &[u8],
    count: usize,
    allowance: &Allowance,
    make: impl FnMut(Picture) -> Result<(T, u64), MediaError>,
) -> Result<Vec<T>, MediaError> {
    let timed = timed_frames(bytes, count, allowance, make)?;
    Ok(timed.into_iter().map(|(_, made)| made).collect())
}

/// What `make` makes of each of `count` evenly spaced frames, and when it is shown, in seconds.
fn timed_frames<T: Clone>(
    bytes: &[u8],
    count: usize,
    allowance: &Allowance,
    make: impl FnMut(Picture) -> Result<(T, u64), MediaError>,
) -> Result<Vec<(f64, T)>, MediaError> {
    let track = video_of(Movie::read(bytes)?)?;
    let shown = track.timeline.shown(&track.samples);
    let wanted = evenly_spaced(&shown, &track, count)?;
    let samples: Vec<usize> = wanted.iter().map(|shown| shown.sample).collect();
    let made = decode_only(bytes, &track, &samples, allowance, make)?;
    Ok(wanted
        .iter()
        .filter_map(|shown| Some((shown.seconds, made.get(&shown.sample)?.clone())))
        .collect())
}

/// Decodes an MP4's sound track, mixed down to mono; `None` without one. Its first sample lies at
/// the movie's time 0: priming is cut off, a late start is silence.
///
/// # Errors
///
/// As [`decode_mp4`].
pub fn sound_track(bytes: &[u8]) -> Result<Option<Sound>, MediaError> {
    sound_track_within(bytes, &Allowance::default())
}

/// As [`sound_track`], within an allowance.
///
/// # Errors
///
/// As [`decode_mp4`]; [`MediaError::OutOfMemory`] and [`MediaError::OutOfTime`] beyond the
/// allowance.
pub fn sound_track_within(
    bytes: &[u8],
    allowance: &Allowance,
) -> Result<Option<Sound>, MediaError> {
    sound_of(bytes, &Movie::read(bytes)?, allowance)
}

fn sound_of(
    bytes: &[u8],
    movie: &Movie,
    allowance: &Allowance,
) -> Result<Option<Sound>, MediaError> {
    let track = movie.sound.as_ref();
    track.map(|track| aac_decoder::decode_track(bytes, track, allowance)).transpose()
}

fn video_of(movie: Movie) -> Result<Track<VideoCoding>, MediaError> {
    movie.video.ok_or(MediaError::NoTrack("picture"))
}

/// The bytes of a sample, which the index has already found to lie inside the file.
fn bytes_of<'a>(file: &'a [u8], sample: &Sample) -> Result<&'a [u8], MediaError> {
    file.get(sample.offset..sample.offset + sample.size)
        .ok_or_else(|| MediaError::malformed("MP4", "a sample lies beyond the file"))
}

fn visit(
    file: &[u8],
    track: &Track<VideoCoding>,
    mut visitor: impl FnMut(TimedPicture) -> ControlFlow<()>,
) -> Result<(), MediaError> {
    let mut decoder = VideoDecoder::new(&track.coding);
    let mut waiting = BTreeMap::new();
    let (mut next, mut repeats) = (0, 0);
    for Shown { seconds, sample } in track.timeline.shown(&track.samples) {
        if next > sample && !waiting.contains_key(&sample) {
            // Shown before and let go: an edit list repeats the stretch.
            repeats += 1;
            if repeats > MAX_REPEATS {
                return Err(MediaError::TooLarge {
                    what: "the number of times that the edit list goes back",
                    found: repeats,
                    limit: MAX_REPEATS,
                });
            }
            decoder = VideoDecoder::new(&track.coding);
            waiting.clear();
            next = 0;
        }
        while next <= sample {
            let frame = decoder.decode(bytes_of(file, &track.samples[next])?, next + 1)?;
            waiting.insert(next, decoder.picture(&frame, track.quarter_turns)?);
            next += 1;
            if waiting.len() > MAX_WAITING {
                // Pictures that no edit shows, or that come too early, would pile up.
                waiting.retain(|&waiting, _| {
                    track.samples[waiting].shown >= track.samples[sample].shown
                });
            }
            if waiting.len() > MAX_WAITING {
                return Err(MediaError::malformed(
                    "MP4",
                    format!("more than {MAX_WAITING} pictures have to wait for sample {sample}"),
                ));
            }
        }
        let Some(picture) = waiting.remove(&sample) else {
            return Err(MediaError::malformed("MP4", "a picture is missing"));
        };
        if visitor(TimedPicture { seconds, picture }).is_break() {
            break;
        }
    }
    Ok(())
}

/// The frames on screen at the middle of each of `count` equal parts.
fn evenly_spaced(
    shown: &[Shown],
    track: &Track<VideoCoding>,
    count: usize,
) -> Result<Vec<Shown>, MediaError> {
    let (Some(first), Some(last)) = (shown.first(), shown.last()) else {
        return Err(MediaError::malformed("MP4", "its picture track shows no frame"));
    };
    let last_duration = f64::from(track.samples[last.sample].duration) / track.timeline.timescale();
    let duration = last.seconds + last_duration - first.seconds;
    Ok((0..count)
        .map(|part| {
            let moment = first.seconds + (part as f64 + 0.5) / count as f64 * duration;
            // What starts at that very moment is on screen; rounding must not miss it.
            let after = shown.partition_point(|frame| frame.seconds <= moment + 1e-9);
            shown[after.saturating_sub(1)]
        })
        .collect())
}

/// Decodes the wanted samples and as little else as possible; what `make` makes of them.
fn decode_only<T>(
    file: &[u8],
    track: &Track<VideoCoding>,
    wanted: &[usize],
    allowance: &Allowance,
    mut make: impl FnMut(Picture) -> Result<(T, u64), MediaError>,
) -> Result<BTreeMap<usize, T>, MediaError> {
    let (mut made, mut taken) = (BTreeMap::new(), 0);
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let mut decoder = VideoDecoder::new(&track.coding);
    let mut next = 0;
    for sample in wanted {
        let entry = entry_before(file, track, sample, next);
        if entry > next {
            decoder = VideoDecoder::new(&track.coding);
            next = entry;
        }
        while next <= sample {
            allowance.check_time()?;
            let bytes = bytes_of(file, &track.samples[next])?;
            if next == sample || !is_disposable(bytes, &track.coding) {
                let frame = decoder.decode(bytes, next + 1)?;
                if let Some(size) = PictureOutline::new(frame.width as u32, frame.height as u32) {
                    allowance.check_memory(Allowance::for_video(size))?;
                }
                if next == sample {
                    let (one, bytes) = make(decoder.picture(&frame, track.quarter_turns)?)?;
                    taken += bytes;
                    allowance.check_memory(taken)?;
                    made.insert(sample, one);
                }
            }
            next += 1;
        }
    }
    Ok(made)
}

/// The last sample up to `sample`, but after `from`, at which decoding can start; `from` if there
/// is none.
fn entry_before(file: &[u8], track: &Track<VideoCoding>, sample: usize, from: usize) -> usize {
    (from + 1..=sample)
        .rev()
        .find(|&at| {
            bytes_of(file, &track.samples[at]).is_ok_and(|bytes| is_entry(bytes, &track.coding))
        })
        .unwrap_or(from)
}
