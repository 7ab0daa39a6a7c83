//! An MP4 file's movie: its first picture track and its first sound track, and what they hold.

use crate::MediaError;
use crate::mp4_boxes::{Boxes, Fields};
use crate::mp4_samples::{FragmentDefaults, Sample, SampleList, fragment_track};
use crate::mp4_timeline::{Edit, Timeline};
use crate::yuv::{ColourCoding, Matrix};

/// Bytes of a sample entry before its boxes, for pictures and for sound (ISO/IEC 14496-12, 12.1.3
/// and 12.2.3).
const VISUAL_ENTRY: usize = 78;
const AUDIO_ENTRY: usize = 28;

/// What to do about a coding that is not built in.
const CONVERT: &str = "convert the file, for instance with \
    `ffmpeg -i IN -c:v libx264 -pix_fmt yuv420p -c:a aac OUT.mp4`, or install ffmpeg and use it";

/// The tracks that matter.
pub(crate) struct Movie {
    pub(crate) video: Option<Track<VideoCoding>>,
    pub(crate) sound: Option<Track<SoundCoding>>,
}

/// A track: how it is coded, its samples in decoding order, and when they are shown.
pub(crate) struct Track<C> {
    pub(crate) coding: C,
    pub(crate) samples: Vec<Sample>,
    pub(crate) timeline: Timeline,
    /// Clockwise quarter turns to apply when showing.
    pub(crate) quarter_turns: u8,
}

/// H.264 in MP4 (ISO/IEC 14496-15, 5.3.3).
pub(crate) struct VideoCoding {
    /// Bytes of the length before each NAL unit.
    pub(crate) length_bytes: usize,
    /// Sequence and picture parameter sets, as NAL units.
    pub(crate) parameters: Vec<Vec<u8>>,
    /// As the container says, if it does.
    pub(crate) colour: Option<ColourCoding>,
}

/// AAC in MP4.
pub(crate) struct SoundCoding {
    /// `AudioSpecificConfig` (ISO/IEC 14496-3, 1.6.2.1).
    pub(crate) configuration: Vec<u8>,
}

/// What a movie's index says without its samples.
pub(crate) struct MovieOutline {
    /// Width and height in pixels, upright, and seconds of the first picture track; 0 where the
    /// index does not say.
    pub(crate) video: Option<(u32, u32, f64)>,
    /// Seconds of the first sound track.
    pub(crate) sound_seconds: Option<f64>,
}

/// A track of either kind, not yet looked into.
pub(crate) struct RawTrack<'a> {
    id: u32,
    handler: [u8; 4],
    timescale: u32,
    /// Length of the media in seconds as its header states it, 0 if it does not.
    seconds: f64,
    edits: Vec<Edit>,
    table: &'a [u8],
    quarter_turns: u8,
}

fn damaged(reason: &str) -> MediaError {
    MediaError::malformed("MP4", reason)
}

/// Whether the bytes begin like an MP4 or `QuickTime` file.
pub(crate) fn is_mp4(bytes: &[u8]) -> bool {
    matches!(
        bytes.get(4..8),
        Some(
            b"ftyp" | b"moov" | b"moof" | b"styp" | b"wide" | b"mdat" | b"free" | b"skip" | b"pnot"
        )
    )
}

impl MovieOutline {
    /// Reads the payload of a moov box.
    pub(crate) fn read(index: &[u8]) -> Result<Self, MediaError> {
        let timescale = Boxes::find(index, *b"mvhd")
            .and_then(header_timescale)
            .ok_or_else(|| damaged("its movie header (mvhd box) is broken"))?;
        let tracks: Vec<_> = Boxes::new(index)
            .filter(|found| found.kind == *b"trak")
            .filter_map(|found| RawTrack::read(found.payload, timescale))
            .collect();
        let first = |handler: &[u8; 4]| tracks.iter().find(|track| track.handler == *handler);
        Ok(Self {
            video: first(b"vide").map(|track| {
                let (width, height) = track.upright_size();
                (width, height, track.seconds)
            }),
            sound_seconds: first(b"soun").map(|track| track.seconds),
        })
    }
}

impl Movie {
    /// The payload of a file's index.
    pub(crate) fn index(bytes: &[u8]) -> Result<&[u8], MediaError> {
        if !is_mp4(bytes) {
            return Err(damaged("it does not begin with an MP4 box"));
        }
        let Some(movie) = Boxes::new(bytes).find(|found| found.kind == *b"moov") else {
            return Err(damaged("it has no index (moov box); the file is likely cut off"));
        };
        if movie.cut {
            return Err(damaged("its index is cut off"));
        }
        Ok(movie.payload)
    }

    /// Reads the index of a file.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, MediaError> {
        let index = Self::index(bytes)?;
        let movie_timescale = Boxes::find(index, *b"mvhd")
            .and_then(header_timescale)
            .ok_or_else(|| damaged("its movie header (mvhd box) is broken"))?;
        let tracks: Vec<_> = Boxes::new(index)
            .filter(|found| found.kind == *b"trak")
            .filter_map(|found| RawTrack::read(found.payload, movie_timescale))
            .collect();
        let first = |handler: &[u8; 4]| tracks.iter().find(|track| track.handler == *handler);
        let mut video =
            first(b"vide").map(|raw| raw.open(bytes, index, video_coding)).transpose()?;
        let mut sound =
            first(b"soun").map(|raw| raw.open(bytes, index, sound_coding)).transpose()?;
        // A file cut out of a longer recording may start late on all tracks: time counts from
        // the first thing there is to see or hear.
        let starts = [
            video.as_ref().and_then(|track| track.timeline.start(&track.samples)),
            sound.as_ref().and_then(|track| track.timeline.start(&track.samples)),
        ];
        let origin = starts.into_iter().flatten().reduce(f64::min).unwrap_or(0.0);
        if let Some(track) = &mut video {
            track.timeline.count_from(origin);
        }
        if let Some(track) = &mut sound {
            track.timeline.count_from(origin);
        }
        Ok(Self { video, sound })
    }
}

impl<'a> RawTrack<'a> {
    pub(crate) fn read(track: &'a [u8], movie_timescale: u32) -> Option<Self> {
        let mut header = Fields::new(Boxes::find(track, *b"tkhd")?);
        let (version, _) = header.version_and_flags()?;
        header.take(if version == 1 { 16 } else { 8 })?;
        let id = header.u32()?;
        let media = Boxes::find_path(track, &[*b"mdia", *b"mdhd"])?;
        let timescale = header_timescale(media)?;
        let duration = header_duration(media).unwrap_or(0);
        let mut handler = Fields::new(Boxes::find_path(track, &[*b"mdia", *b"hdlr"])?);
        handler.take(8)?;
        Some(Self {
            id,
            handler: handler.array()?,
            timescale,
            seconds: duration as f64 / f64::from(timescale),
            edits: Boxes::find_path(track, &[*b"edts", *b"elst"])
                .and_then(|list| Edit::read_list(list, movie_timescale))
                .unwrap_or_default(),
            table: Boxes::find_path(track, &[*b"mdia", *b"minf", *b"stbl"])?,
            quarter_turns: quarter_turns(header, version).unwrap_or(0),
        })
    }

    /// The sample table.
    pub(crate) fn table(&self) -> &'a [u8] {
        self.table
    }

    /// The samples in movie fragments.
    pub(crate) fn fragments(&self, file: &[u8], index: &[u8]) -> Result<Vec<Sample>, MediaError> {
        let mut list = SampleList::new(file.len());
        self.add_fragments(file, index, &mut list)?;
        Ok(list.into_samples())
    }

    /// All samples, in the sample table and in movie fragments, whatever their coding.
    pub(crate) fn samples(&self, file: &[u8], index: &[u8]) -> Result<Vec<Sample>, MediaError> {
        let mut list = SampleList::new(file.len());
        list.add_table(self.table)?;
        self.add_fragments(file, index, &mut list)?;
        Ok(list.into_samples())
    }

    /// What it is for: `vide`, `soun` or another.
    pub(crate) fn handler(&self) -> [u8; 4] {
        self.handler
    }

    /// When its samples are presented.
    pub(crate) fn timeline(&self) -> Timeline {
        Timeline::new(self.timescale, &self.edits)
    }

    /// Width and height in pixels, upright; 0 where the track does not say.
    pub(crate) fn upright_size(&self) -> (u32, u32) {
        let (width, height) = self.size().unwrap_or_default();
        if self.quarter_turns % 2 == 1 { (height, width) } else { (width, height) }
    }

    /// Width and height in pixels as the first sample entry states them.
    fn size(&self) -> Option<(u32, u32)> {
        let entry = Boxes::new(Boxes::find(self.table, *b"stsd")?.get(8..)?).next()?;
        let mut fields = Fields::new(entry.payload);
        fields.take(24)?;
        Some((u32::from(fields.u16()?), u32::from(fields.u16()?)))
    }

    fn open<C>(
        &self,
        file: &[u8],
        movie: &[u8],
        coding: impl FnOnce(&[u8]) -> Result<C, MediaError>,
    ) -> Result<Track<C>, MediaError> {
        let descriptions = Boxes::find(self.table, *b"stsd")
            .and_then(|stsd| stsd.get(8..))
            .ok_or_else(|| damaged("a track does not say how it is coded"))?;
        let coding = coding(descriptions)?;
        if Boxes::new(descriptions).count() > 1 {
            return Err(MediaError::Unsupported {
                what: "a track whose coding changes midway".to_owned(),
                hint: CONVERT.to_owned(),
            });
        }
        Ok(Track {
            coding,
            samples: self.samples(file, movie)?,
            timeline: self.timeline(),
            quarter_turns: self.quarter_turns,
        })
    }

    fn add_fragments(
        &self,
        file: &[u8],
        movie: &[u8],
        list: &mut SampleList,
    ) -> Result<(), MediaError> {
        let defaults = Boxes::find(movie, *b"mvex")
            .and_then(|extends| {
                Boxes::new(extends)
                    .filter(|found| found.kind == *b"trex")
                    .filter_map(|found| FragmentDefaults::read(found.payload))
                    .find(|(track, _)| *track == self.id)
            })
            .map(|(_, defaults)| defaults)
            .unwrap_or_default();
        let mut decoded = 0;
        for fragment in Boxes::new(file).filter(|found| found.kind == *b"moof") {
            for part in Boxes::new(fragment.payload).filter(|found| found.kind == *b"traf") {
                if fragment_track(part.payload) == Some(self.id) {
                    let start = fragment.start as u64;
                    list.add_fragment(part.payload, start, defaults, &mut decoded)?;
                }
            }
        }
        Ok(())
    }
}

/// The ticks a second in an `mvhd` or `mdhd` box, above 0.
pub(crate) fn header_timescale(payload: &[u8]) -> Option<u32> {
    let mut fields = Fields::new(payload);
    let (version, _) = fields.version_and_flags()?;
    fields.take(if version == 1 { 16 } else { 8 })?;
    fields.u32().filter(|timescale| *timescale > 0)
}

/// The duration in an `mdhd` box, in its ticks; `None` where it is unknown, which is all ones.
fn header_duration(payload: &[u8]) -> Option<u64> {
    let mut fields = Fields::new(payload);
    let (version, _) = fields.version_and_flags()?;
    fields.take(if version == 1 { 20 } else { 12 })?;
    let unknown = if version == 1 { u64::MAX } else { u64::from(u32::MAX) };
    fields.sized(version).filter(|duration| *duration != unknown)
}

/// Clockwise quarter turns in the matrix of a `tkhd` box, of which `fields` has been read up to
/// the track's number; anything but a plain rotation counts as none.
fn quarter_turns(mut fields: Fields<'_>, version: u8) -> Option<u8> {
    fields.u32()?;
    fields.sized(version)?;
    fields.take(16)?;
    let (a, b) = (fields.i32()?, fields.i32()?);
    fields.u32()?;
    let (c, d) = (fields.i32()?, fields.i32()?);
    Some(match (a.signum(), b.signum(), c.signum(), d.signum()) {
        (0, 1, -1, 0) => 1,
        (-1, 0, 0, -1) => 2,
        (0, -1, 1, 0) => 3,
        _ => 0,
    })
}

/// A coding's four letters, made printable.
fn letters(kind: [u8; 4]) -> String {
    kind.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '?' }).collect()
}

fn unsupported(medium: &str, name: &str, kind: [u8; 4]) -> MediaError {
    let name = if name.is_empty() { String::new() } else { format!("{name} ") };
    MediaError::Unsupported {
        what: format!("{medium} codec {name}({})", letters(kind)),
        hint: CONVERT.to_owned(),
    }
}

fn video_coding(descriptions: &[u8]) -> Result<VideoCoding, MediaError> {
    let entry = Boxes::new(descriptions)
        .next()
        .ok_or_else(|| damaged("its picture track does not say how it is coded"))?;
    let name = match &entry.kind {
        b"avc1" | b"avc2" | b"avc3" | b"avc4" => "",
        b"hvc1" | b"hev1" => "HEVC",
        b"av01" => "AV1",
        b"vp09" => "VP9",
        b"vp08" => "VP8",
        b"mp4v" => "MPEG-4 part 2",
        b"mjpa" | b"mjpb" | b"jpeg" => "Motion JPEG",
        b"encv" => "encrypted video",
        _ => "unknown to this program",
    };
    if !name.is_empty() {
        return Err(unsupported("video", name, entry.kind));
    }
    let boxes = entry.payload.get(VISUAL_ENTRY..).unwrap_or_default();
    let (length_bytes, parameters) =
        Boxes::find(boxes, *b"avcC")
            .and_then(decoder_configuration)
            .ok_or_else(|| damaged("its H.264 configuration (avcC box) is broken"))?;
    let colour = Boxes::find(boxes, *b"colr").and_then(container_colour);
    Ok(VideoCoding { length_bytes, parameters, colour })
}

/// An `avcC` box: bytes of NAL lengths, and the parameter sets.
fn decoder_configuration(payload: &[u8]) -> Option<(usize, Vec<Vec<u8>>)> {
    let mut fields = Fields::new(payload);
    fields.take(4)?;
    let length_bytes = usize::from(fields.u8()? & 3) + 1;
    let mut parameters = Vec::new();
    for mask in [0x1f, 0xff] {
        for _ in 0..fields.u8()? & mask {
            let length = fields.u16()?;
            parameters.push(fields.take(usize::from(length))?.to_vec());
        }
    }
    Some((length_bytes, parameters))
}

/// A `colr` box of type `nclx` or `nclc`.
fn container_colour(payload: &[u8]) -> Option<ColourCoding> {
    let mut fields = Fields::new(payload);
    let kind = fields.array::<4>()?;
    fields.take(4)?;
    let matrix = Matrix::from_code(u32::from(fields.u16()?));
    match &kind {
        b"nclx" => Some(ColourCoding { matrix, full_range: fields.u8()? & 0x80 != 0 }),
        b"nclc" => Some(ColourCoding { matrix, full_range: false }),
        _ => None,
    }
}

fn sound_coding(descriptions: &[u8]) -> Result<SoundCoding, MediaError> {
    let entry = Boxes::new(descriptions)
        .next()
        .ok_or_else(|| damaged("its sound track does not say how it is coded"))?;
    let name = match &entry.kind {
        b"mp4a" => "",
        b"Opus" => "Opus",
        b"ac-3" | b"ec-3" => "Dolby Digital",
        b"alac" => "Apple Lossless",
        b"fLaC" => "FLAC",
        b".mp3" => "MP3",
        b"sowt" | b"twos" | b"lpcm" | b"ipcm" | b"fpcm" => "PCM",
        b"enca" => "encrypted sound",
        _ => "unknown to this program",
    };
    if !name.is_empty() {
        return Err(unsupported("audio", name, entry.kind));
    }
    // QuickTime's versions 1 and 2 of the entry are longer, and wrap the descriptor once more.
    let version = Fields::new(entry.payload.get(8..).unwrap_or_default()).u16().unwrap_or(0);
    let extra = match version {
        1 => 16,
        2 => 36,
        _ => 0,
    };
    let boxes = entry.payload.get(AUDIO_ENTRY + extra..).unwrap_or_default();
    let descriptor = Boxes::find(boxes, *b"esds")
        .or_else(|| Boxes::find_path(boxes, &[*b"wave", *b"esds"]))
        .and_then(|esds| esds.get(4..))
        .ok_or_else(|| damaged("its sound track has no decoder configuration (esds box)"))?;
    match elementary_stream(descriptor) {
        Some((0x40 | 0x66 | 0x67 | 0x68, Some(configuration))) => {
            Ok(SoundCoding { configuration: configuration.to_vec() })
        }
        Some((0x69 | 0x6b, _)) => Err(unsupported("audio", "MP3", entry.kind)),
        _ => Err(damaged("its sound track's decoder configuration (esds box) is broken")),
    }
}

/// An `ES_Descriptor` (ISO/IEC 14496-1, 7.2.6.5): the object type and the decoder's configuration.
fn elementary_stream(bytes: &[u8]) -> Option<(u8, Option<&[u8]>)> {
    let mut stream = Fields::new(descriptor(&mut Fields::new(bytes), 3)?);
    stream.u16()?;
    let flags = stream.u8()?;
    if flags & 0x80 != 0 {
        stream.u16()?;
    }
    if flags & 0x40 != 0 {
        let length = stream.u8()?;
        stream.take(usize::from(length))?;
    }
    if flags & 0x20 != 0 {
        stream.u16()?;
    }
    let mut decoder = Fields::new(descriptor(&mut stream, 4)?);
    let object_type = decoder.u8()?;
    decoder.take(12)?;
    Some((object_type, descriptor(&mut decoder, 5)))
}

/// The payload of the next descriptor, if it has this tag; its length is coded in groups of seven
/// bits.
fn descriptor<'a>(fields: &mut Fields<'a>, tag: u8) -> Option<&'a [u8]> {
    if fields.u8()? != tag {
        return None;
    }
    let mut length = 0;
    for _ in 0..4 {
        let byte = fields.u8()?;
        length = length << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    // Some muxers state more than there is.
    fields.take(length.min(fields.rest().len()))
}
