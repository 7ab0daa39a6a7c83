//! MP4 files put together anew out of tracks that are there: sound taken out or replaced, pictures
//! made black. Samples that stay are copied as they are coded, whatever their coding; only the
//! tables that say where they lie and when they are presented are written anew (ISO/IEC 14496-12,
//! 8.3 to 8.7). Chapters, texts and tags are left out.

use crate::h264_parameters::MAX_MACROBLOCKS;
use crate::mp4_boxes::Boxes;
use crate::mp4_movie::{Movie, RawTrack, header_timescale};
use crate::mp4_samples::{MAX_TRACK_SAMPLES, Sample};
use crate::mp4_timeline::{Segment, Timeline};
use crate::whole::check_mp4;
use crate::{Clip, MediaError, Picture, Sound, encode_mp4, mp4_writer};

/// Seconds of one track before the other's turn.
const INTERLEAVING: f64 = 0.5;
/// Bytes of size and type before a box's content.
const BOX_HEADER: usize = 8;
/// Pictures a second that a video of black pictures may have.
const FRAME_RATES: std::ops::RangeInclusive<f64> = 0.1..=240.0;
/// What a file that does not state its type is taken for.
const QUICKTIME: &[u8] = b"qt  \0\0\x02\0qt  ";

/// The MP4 with its pictures alone: no sound track is left in it.
///
/// # Errors
///
/// [`MediaError::Malformed`] when the file is foreign, cut off or damaged, or a track of it lies in
/// another file; [`MediaError::NoTrack`] without a picture track. No coding is unsupported, because nothing is decoded.
pub fn without_sound(mp4: &[u8]) -> Result<Vec<u8>, MediaError> {
    let source = Source::read(mp4)?;
    write_movie(&source, source.timescale, &[source.pictures()?])
}

/// The MP4 with its pictures and `sound` in place of its sound track, if it had one. The sound
/// begins where the file's presentation begins, as [`sound_track`](crate::sound_track) reads it.
///
/// # Errors
///
/// As [`without_sound`], and [`MediaError::Encode`] for a file of more than 4 GiB.
pub fn with_sound(mp4: &[u8], sound: &Sound) -> Result<Vec<u8>, MediaError> {
    if sound.samples().is_empty() {
        return without_sound(mp4);
    }
    let source = Source::read(mp4)?;
    let pictures = source.pictures()?;
    // The encoder writes whole files; of this one only the sound is taken.
    let carrier = Clip::new(vec![Picture::filled(16, 16, [0; 3])?], 1.0, Some(sound.clone()))?;
    let coded = encode_mp4(&carrier)?;
    let coded = Source::read(&coded)?;
    let mut track = coded.track(*b"soun")?.ok_or(MediaError::NoTrack("sound"))?;
    track.timeline.count_from(-source.origin()?);
    write_movie(&source, coded.timescale, &[pictures, track])
}

/// The MP4 with black pictures, as many, as large and for as long as its own, and its sound track
/// as it is.
///
/// # Errors
///
/// As [`without_sound`]; [`MediaError::TooLarge`] for pictures larger than what H.264 level 5.2 allows,
/// or more of them than a track may have; [`MediaError::Encode`] for others that cannot be written.
pub fn with_black_pictures(mp4: &[u8]) -> Result<Vec<u8>, MediaError> {
    let source = Source::read(mp4)?;
    let pictures = source.pictures()?;
    let (width, height) = pictures.raw.upright_size();
    let macroblocks = u64::from(width.div_ceil(16)) * u64::from(height.div_ceil(16));
    if macroblocks > MAX_MACROBLOCKS {
        return Err(MediaError::TooLarge {
            what: "the number of macroblocks in a video picture",
            found: macroblocks,
            limit: MAX_MACROBLOCKS,
        });
    }
    let (count, start, end) = pictures.presented()?;
    let seconds = end - start;
    let rate = (count as f64 / seconds).clamp(*FRAME_RATES.start(), *FRAME_RATES.end());
    let count = ((seconds * rate).round() as usize).max(1);
    if count > MAX_TRACK_SAMPLES {
        return Err(MediaError::TooLarge {
            what: "the number of black pictures for the video's length",
            found: count as u64,
            limit: MAX_TRACK_SAMPLES as u64,
        });
    }
    let black = Picture::filled(width, height, [0; 3])?;
    let black = mp4_writer::encode_still(&black, count, rate)?;
    let black = Source::read(&black)?;
    let mut track = black.pictures()?;
    track.timeline.count_from(-start);
    let sound = source.track(*b"soun")?;
    let tracks: Vec<Track<'_>> = [track].into_iter().chain(sound).collect();
    write_movie(&source, source.timescale, &tracks)
}

/// Seconds from the beginning of an MP4's presentation to the end of its last picture.
///
/// # Errors
///
/// As [`without_sound`].
pub fn presented_seconds(mp4: &[u8]) -> Result<f64, MediaError> {
    let source = Source::read(mp4)?;
    let (_, _, end) = source.pictures()?.presented()?;
    Ok(end - source.origin()?)
}

fn damaged(reason: &str) -> MediaError {
    MediaError::malformed("MP4", reason)
}

fn too_large() -> MediaError {
    MediaError::encode("MP4", "more than 4 GiB")
}

/// A file that tracks are taken out of.
struct Source<'a> {
    file: &'a [u8],
    index: &'a [u8],
    timescale: u32,
}

/// A track that goes into a new file.
struct Track<'a> {
    file: &'a [u8],
    /// The payload of its `trak` box.
    description: &'a [u8],
    raw: RawTrack<'a>,
    samples: Vec<Sample>,
    timeline: Timeline,
}

/// Samples of a track that lie together in the new file.
struct Chunk {
    track: usize,
    count: usize,
    /// From the first byte of all samples.
    offset: usize,
}

/// An entry of an edit list: seconds, and the tick of the track's clock at which it begins; `None`
/// presents nothing.
struct PresentedStretch {
    seconds: f64,
    media_start: Option<i64>,
}

impl<'a> Source<'a> {
    fn read(file: &'a [u8]) -> Result<Self, MediaError> {
        check_mp4(file)?;
        let index = Movie::index(file)?;
        let timescale = Boxes::find(index, *b"mvhd")
            .and_then(header_timescale)
            .ok_or_else(|| damaged("its movie header (mvhd box) is broken"))?;
        Ok(Self { file, index, timescale })
    }

    /// The first track of a kind.
    fn track(&self, handler: [u8; 4]) -> Result<Option<Track<'a>>, MediaError> {
        let found =
            Boxes::new(self.index).filter(|found| found.kind == *b"trak").find_map(|found| {
                let raw = RawTrack::read(found.payload, self.timescale)?;
                (raw.handler() == handler).then_some((found.payload, raw))
            });
        let Some((description, raw)) = found else { return Ok(None) };
        let samples = raw.samples(self.file, self.index)?;
        let timeline = raw.timeline();
        Ok(Some(Track { file: self.file, description, raw, samples, timeline }))
    }

    fn pictures(&self) -> Result<Track<'a>, MediaError> {
        self.track(*b"vide")?.ok_or(MediaError::NoTrack("picture"))
    }

    /// When the first thing there is to see or hear is presented.
    fn origin(&self) -> Result<f64, MediaError> {
        let tracks = [self.track(*b"vide")?, self.track(*b"soun")?];
        let starts =
            tracks.iter().flatten().filter_map(|track| track.timeline.start(&track.samples));
        Ok(starts.reduce(f64::min).unwrap_or(0.0))
    }

    /// The box that states the file's type.
    fn file_type(&self) -> Vec<u8> {
        boxed(*b"ftyp", &[Boxes::find(self.file, *b"ftyp").unwrap_or(QUICKTIME)])
    }
}

impl Track<'_> {
    /// How many samples are presented, and from when to when in seconds.
    fn presented(&self) -> Result<(usize, f64, f64), MediaError> {
        let shown = self.timeline.shown(&self.samples);
        let (Some(first), Some(last)) = (shown.first(), shown.last()) else {
            return Err(damaged("its picture track shows no frame"));
        };
        let last_one = f64::from(self.samples[last.sample].duration) / self.timeline.timescale();
        let end = last.seconds + last_one;
        if end <= first.seconds {
            return Err(damaged("its picture track lasts no time"));
        }
        Ok((shown.len(), first.seconds, end))
    }

    /// The tick at which the first sample is decoded: fragments of a longer recording start late, but
    /// a sample table starts at 0.
    fn first_tick(&self) -> i64 {
        self.samples.first().map_or(0, |sample| sample.decoded)
    }

    /// Ticks from each sample to the next in decoding order.
    fn durations(&self) -> impl Iterator<Item = u32> {
        let next = self.samples.iter().skip(1).map(Some).chain([None]);
        self.samples.iter().zip(next).map(|(sample, next)| match next {
            Some(next) => u32::try_from(next.decoded - sample.decoded).unwrap_or(0),
            None => sample.duration,
        })
    }

    /// Ticks that the track lasts.
    fn ticks(&self) -> u64 {
        self.durations().map(u64::from).sum()
    }

    /// When the track is presented, in ticks that start at 0 with its first sample; nothing for a
    /// track that is presented from its beginning to its end.
    fn edits(&self) -> Vec<PresentedStretch> {
        let scale = self.timeline.timescale();
        let is_plain = |segment: &Segment| segment.is_whole() && segment.start == 0.0;
        if self.first_tick() == 0 && self.timeline.segments().iter().all(is_plain) {
            return Vec::new();
        }
        let mut edits = Vec::new();
        let mut presented = 0.0;
        for segment in self.timeline.segments() {
            let into = segment.media_start.saturating_sub(self.first_tick());
            // Before its first sample a track presents nothing.
            let late = (-into).max(0) as f64 / scale;
            let media_start = into.max(0);
            let left = (self.ticks() as f64 - media_start as f64).max(0.0) / scale;
            let seconds = if segment.seconds.is_finite() { segment.seconds - late } else { left };
            let gap = segment.start + late - presented;
            if gap > 0.0 {
                edits.push(PresentedStretch { seconds: gap, media_start: None });
            }
            if seconds > 0.0 {
                edits.push(PresentedStretch { seconds, media_start: Some(media_start) });
            }
            presented = segment.start + late + seconds.max(0.0);
        }
        edits
    }

    /// The time of a sample for the order of the file, in seconds.
    fn written_at(&self, sample: &Sample) -> f64 {
        let start = self.timeline.segments().first().map_or(0.0, |segment| segment.start);
        start + (sample.decoded - self.first_tick()) as f64 / self.timeline.timescale()
    }
}

/// Writes a file of these tracks: its type, its index, and then the media in turns.
fn write_movie(
    source: &Source<'_>,
    timescale: u32,
    tracks: &[Track<'_>],
) -> Result<Vec<u8>, MediaError> {
    let mut order: Vec<(u64, usize, usize)> = Vec::new();
    for (number, track) in tracks.iter().enumerate() {
        // Fragments may go back in time, but the samples of a track are written in their order.
        let mut turn = 0;
        for (at, sample) in track.samples.iter().enumerate() {
            turn = turn.max((track.written_at(sample) / INTERLEAVING) as u64);
            order.push((turn, number, at));
        }
    }
    order.sort_unstable();
    let mut media = Vec::new();
    let mut chunks: Vec<Chunk> = Vec::new();
    for (_, number, at) in order {
        match chunks.last_mut() {
            Some(chunk) if chunk.track == number => chunk.count += 1,
            _ => chunks.push(Chunk { track: number, count: 1, offset: media.len() }),
        }
        let Sample { offset, size, .. } = tracks[number].samples[at];
        let bytes = tracks[number].file.get(offset..offset + size);
        media.extend_from_slice(bytes.ok_or_else(|| damaged("a sample lies beyond the file"))?);
    }
    let mut file = source.file_type();
    // The index says where the media begin, which its own length decides; that is always the same.
    let length = index(tracks, &chunks, timescale, 0)?.len();
    let media_start = file.len() + length + BOX_HEADER;
    u32::try_from(media_start + media.len()).map_err(|_| too_large())?;
    file.extend(index(tracks, &chunks, timescale, media_start)?);
    file.extend(boxed(*b"mdat", &[&media]));
    Ok(file)
}

/// The `moov` box of a file whose media begin at `media_start`.
fn index(
    tracks: &[Track<'_>],
    chunks: &[Chunk],
    timescale: u32,
    media_start: usize,
) -> Result<Vec<u8>, MediaError> {
    let mut length = 0;
    let mut boxes = Vec::new();
    for (number, track) in tracks.iter().enumerate() {
        let chunks: Vec<&Chunk> = chunks.iter().filter(|chunk| chunk.track == number).collect();
        let edits = track.edits();
        let whole = track.ticks() as f64 / track.timeline.timescale();
        let edited: f64 = edits.iter().map(|edit| edit.seconds).sum();
        let presented = ticks_of(if edits.is_empty() { whole } else { edited }, timescale);
        length = length.max(presented);
        boxes.push(trak(
            track,
            number as u32 + 1,
            presented,
            &edits,
            timescale,
            &chunks,
            media_start,
        )?);
    }
    let mut header = vec![0; 12];
    for number in [timescale, length, 0x0001_0000, 0x0100_0000, 0, 0] {
        header.extend(number.to_be_bytes());
    }
    for number in [0x0001_0000_u32, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000] {
        header.extend(number.to_be_bytes());
    }
    header.extend([0; 24]);
    header.extend((tracks.len() as u32 + 1).to_be_bytes());
    boxes.insert(0, boxed(*b"mvhd", &[&header]));
    let boxes: Vec<&[u8]> = boxes.iter().map(Vec::as_slice).collect();
    Ok(boxed(*b"moov", &boxes))
}

fn ticks_of(seconds: f64, timescale: u32) -> u32 {
    (seconds * f64::from(timescale)).round() as u32
}

fn trak(
    track: &Track<'_>,
    number: u32,
    presented: u32,
    edits: &[PresentedStretch],
    timescale: u32,
    chunks: &[&Chunk],
    media_start: usize,
) -> Result<Vec<u8>, MediaError> {
    let broken = || damaged("the description of a track is broken");
    let find = |kind: &[u8; 4]| Boxes::find(track.description, *kind).ok_or_else(broken);
    let mut header = find(b"tkhd")?.to_vec();
    let is_wide = header.first() == Some(&1);
    put(&mut header, if is_wide { 20 } else { 12 }, &number.to_be_bytes()).ok_or_else(broken)?;
    put_sized(&mut header, is_wide, [20, 28], u64::from(presented)).ok_or_else(broken)?;
    let header = boxed(*b"tkhd", &[&header]);

    let mut list = full_box_start(0, edits.len());
    for edit in edits {
        list.extend(ticks_of(edit.seconds, timescale).to_be_bytes());
        let start = edit.media_start.map_or(Ok(-1), i32::try_from);
        list.extend(start.map_err(|_| damaged("an edit of it begins too late"))?.to_be_bytes());
        list.extend(0x0001_0000_u32.to_be_bytes());
    }
    let list = boxed(*b"edts", &[&boxed(*b"elst", &[&list])]);
    let edits = if edits.is_empty() { Vec::new() } else { list };

    let mut media = Vec::new();
    for found in Boxes::new(find(b"mdia")?) {
        let rewritten = match &found.kind {
            b"mdhd" => {
                let mut header = found.payload.to_vec();
                let is_wide = header.first() == Some(&1);
                put_sized(&mut header, is_wide, [16, 24], track.ticks()).ok_or_else(broken)?;
                boxed(found.kind, &[&header])
            }
            b"minf" => {
                let mut inside = Vec::new();
                for found in Boxes::new(found.payload) {
                    inside.extend(if found.kind == *b"stbl" {
                        sample_table(track, found.payload, chunks, media_start)?
                    } else {
                        boxed(found.kind, &[found.payload])
                    });
                }
                boxed(found.kind, &[&inside])
            }
            _ => boxed(found.kind, &[found.payload]),
        };
        media.extend(rewritten);
    }
    Ok(boxed(*b"trak", &[&header, &edits, &boxed(*b"mdia", &[&media])]))
}

/// The `stbl` box: how samples are coded as it was, everything else anew.
fn sample_table(
    track: &Track<'_>,
    table: &[u8],
    chunks: &[&Chunk],
    media_start: usize,
) -> Result<Vec<u8>, MediaError> {
    let coding = Boxes::find(table, *b"stsd")
        .ok_or_else(|| damaged("a track does not say how it is coded"))?;
    let mut inside = boxed(*b"stsd", &[coding]);
    inside.extend(numbers(*b"stts", 0, &runs(track.durations()), 2));
    let shift = |sample: &Sample| (sample.shown - sample.decoded) as u32;
    if track.samples.iter().any(|sample| shift(sample) != 0) {
        // Version 1, in which shifts may be negative.
        inside.extend(numbers(*b"ctts", 1, &runs(track.samples.iter().map(shift)), 2));
    }
    if track.samples.iter().any(|sample| !sample.is_key) {
        let keys = (1..).zip(&track.samples).filter(|(_, sample)| sample.is_key);
        inside.extend(numbers(
            *b"stss",
            0,
            &keys.map(|(number, _)| number).collect::<Vec<u32>>(),
            1,
        ));
    }
    let mut each: Vec<u32> = Vec::new();
    let mut last = 0;
    for (number, chunk) in (1..).zip(chunks) {
        if chunk.count as u32 != last {
            last = chunk.count as u32;
            each.extend([number, last, 1]);
        }
    }
    inside.extend(numbers(*b"stsc", 0, &each, 3));
    let mut sizes = vec![0; 8];
    sizes.extend((track.samples.len() as u32).to_be_bytes());
    sizes.extend(track.samples.iter().flat_map(|sample| (sample.size as u32).to_be_bytes()));
    inside.extend(boxed(*b"stsz", &[&sizes]));
    let offsets = chunks.iter().map(|chunk| u32::try_from(media_start + chunk.offset));
    let offsets = offsets.collect::<Result<Vec<u32>, _>>().map_err(|_| too_large())?;
    inside.extend(numbers(*b"stco", 0, &offsets, 1));
    Ok(boxed(*b"stbl", &[&inside]))
}

/// Values as pairs of how often each comes in a row, and itself.
fn runs(values: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut runs: Vec<u32> = Vec::new();
    for value in values {
        match runs.last_chunk_mut::<2>() {
            Some([count, of]) if *of == value => *count += 1,
            _ => runs.extend([1, value]),
        }
    }
    runs
}

/// A full box with a list of entries of `width` numbers each.
fn numbers(kind: [u8; 4], version: u8, list: &[u32], width: usize) -> Vec<u8> {
    let mut content = full_box_start(version, list.len() / width);
    content.extend(list.iter().flat_map(|number| number.to_be_bytes()));
    boxed(kind, &[&content])
}

/// Version, no flags, and the number of entries.
fn full_box_start(version: u8, entries: usize) -> Vec<u8> {
    [[version, 0, 0, 0], (entries as u32).to_be_bytes()].concat()
}

fn boxed(kind: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = ((BOX_HEADER + length) as u32).to_be_bytes().to_vec();
    bytes.extend(kind);
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

/// Writes over the bytes at `at`; `None` if there are not as many.
fn put(bytes: &mut [u8], at: usize, value: &[u8]) -> Option<()> {
    bytes.get_mut(at..at + value.len())?.copy_from_slice(value);
    Some(())
}

/// A number of 32 bits at the first place, or of 64 at the second where the box is of version 1.
fn put_sized(bytes: &mut [u8], is_wide: bool, at: [usize; 2], value: u64) -> Option<()> {
    if is_wide {
        put(bytes, at[1], &value.to_be_bytes())
    } else {
        put(bytes, at[0], &u32::try_from(value).unwrap_or(u32::MAX).to_be_bytes())
    }
}
