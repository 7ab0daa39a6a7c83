//! Where an MP4 track's samples lie and when they are decoded and shown, from the sample tables
//! (ISO/IEC 14496-12, 8.6 and 8.7) and from movie fragments (8.8).

use crate::MediaError;
use crate::mp4_boxes::{Boxes, Fields};

/// The largest number of samples in a track: 9 hours of pictures, 6 of sound.
pub(crate) const MAX_TRACK_SAMPLES: usize = 1 << 20;

/// The flag of a sample at which decoding cannot begin (ISO/IEC 14496-12, 8.8.3.1).
const NOT_KEY: u32 = 0x1_0000;

/// A coded picture or stretch of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sample {
    /// First byte in the file.
    pub(crate) offset: usize,
    /// Bytes.
    pub(crate) size: usize,
    /// Decoded at this tick of the track's clock.
    pub(crate) decoded: i64,
    /// Shown from here, in ticks of the track's clock, before edits.
    pub(crate) shown: i64,
    /// Ticks to the next sample in decoding order.
    pub(crate) duration: u32,
    /// Whether decoding can begin here.
    pub(crate) is_key: bool,
}

/// Collects samples and keeps them within the file: each must lie inside it, and together they
/// may not be larger than it, which bounds all later work by the file's size.
pub(crate) struct SampleList {
    samples: Vec<Sample>,
    file_bytes: usize,
    total_bytes: usize,
}

impl SampleList {
    pub(crate) fn new(file_bytes: usize) -> Self {
        Self { samples: Vec::new(), file_bytes, total_bytes: 0 }
    }

    pub(crate) fn into_samples(self) -> Vec<Sample> {
        self.samples
    }

    /// Adds a sample; `shift` is what it is shown after it was decoded.
    fn push(
        &mut self,
        offset: u64,
        size: u32,
        [decoded, shift]: [i64; 2],
        duration: u32,
        is_key: bool,
    ) -> Result<(), MediaError> {
        let shown = decoded.checked_add(shift).ok_or_else(overflow)?;
        let number = self.samples.len() + 1;
        if number > MAX_TRACK_SAMPLES {
            return Err(MediaError::TooLarge {
                what: "a track's number of samples",
                found: number as u64,
                limit: MAX_TRACK_SAMPLES as u64,
            });
        }
        let end = offset.checked_add(u64::from(size));
        if end.is_none_or(|end| end > self.file_bytes as u64) {
            return Err(damaged(format!(
                "sample {number} lies beyond its end; the file is cut off or still being written"
            )));
        }
        self.total_bytes += size as usize;
        if self.total_bytes > self.file_bytes {
            return Err(damaged(format!("sample {number} overlaps with others")));
        }
        let (offset, size) = (offset as usize, size as usize);
        self.samples.push(Sample { offset, size, decoded, shown, duration, is_key });
        Ok(())
    }

    /// Adds the samples of a sample table box (`stbl`).
    pub(crate) fn add_table(&mut self, table: &[u8]) -> Result<(), MediaError> {
        let find = |kind: &[u8; 4]| Boxes::find(table, *kind);
        let missing = |kind: &str| damaged(format!("its sample table has no readable {kind} box"));
        let mut sizes = find(b"stsz").and_then(Sizes::new).ok_or_else(|| missing("stsz"))?;
        if sizes.left == 0 {
            return Ok(());
        }
        let mut durations = find(b"stts").and_then(Runs::new).ok_or_else(|| missing("stts"))?;
        let mut shifts = find(b"ctts").and_then(Runs::new);
        let mut keys = find(b"stss").and_then(Keys::new);
        let mut chunks = Chunks::new(table).ok_or_else(|| missing("stsc, stco or co64"))?;
        let mut decoded = 0_i64;
        while sizes.left > 0 {
            let (mut offset, samples) =
                chunks.next()?.ok_or_else(|| damaged("it has more samples than chunks"))?;
            for _ in 0..samples.min(sizes.left) {
                let size = sizes.next().ok_or_else(|| missing("stsz"))?;
                // Tables that end early are common; players repeat the last value.
                let duration = durations.next_or_last();
                let shift = shifts.as_mut().map_or(0, Runs::next_or_last) as i32;
                let is_key = keys.as_mut().is_none_or(Keys::next_is_key);
                self.push(offset, size, [decoded, i64::from(shift)], duration, is_key)?;
                offset += u64::from(size);
                decoded = decoded.checked_add(i64::from(duration)).ok_or_else(overflow)?;
            }
        }
        Ok(())
    }

    /// Adds a track fragment box (`traf`) of a movie fragment that begins at `fragment_start`;
    /// `decoded` is the decoding time reached so far and is moved on.
    pub(crate) fn add_fragment(
        &mut self,
        fragment: &[u8],
        fragment_start: u64,
        defaults: FragmentDefaults,
        decoded: &mut i64,
    ) -> Result<(), MediaError> {
        let broken = || damaged("a movie fragment is broken");
        let header = Boxes::find(fragment, *b"tfhd")
            .and_then(|tfhd| FragmentHeader::read(tfhd, fragment_start, defaults))
            .ok_or_else(broken)?;
        if let Some(base) = Boxes::find(fragment, *b"tfdt").and_then(base_time) {
            *decoded = i64::try_from(base).map_err(|_| overflow())?;
        }
        let mut offset = header.base;
        for run in Boxes::new(fragment).filter(|inside| inside.kind == *b"trun") {
            let mut fields = Fields::new(run.payload);
            let (_, flags) = fields.version_and_flags().ok_or_else(broken)?;
            let count = fields.u32().ok_or_else(broken)?;
            if flags & 0x1 != 0 {
                let shift = fields.i32().ok_or_else(broken)?;
                offset = header.base.checked_add_signed(i64::from(shift)).ok_or_else(broken)?;
            }
            let mut first_flags =
                if flags & 0x4 == 0 { None } else { Some(fields.u32().ok_or_else(broken)?) };
            for _ in 0..count {
                let mut field = |flag: u32, default: u32| {
                    if flags & flag == 0 { Some(default) } else { fields.u32() }
                };
                let duration = field(0x100, header.defaults.duration).ok_or_else(broken)?;
                let size = field(0x200, header.defaults.size).ok_or_else(broken)?;
                let own_flags = field(0x400, header.defaults.flags).ok_or_else(broken)?;
                let is_key = first_flags.take().unwrap_or(own_flags) & NOT_KEY == 0;
                let shift = field(0x800, 0).ok_or_else(broken)? as i32;
                self.push(offset, size, [*decoded, i64::from(shift)], duration, is_key)?;
                offset += u64::from(size);
                *decoded = decoded.checked_add(i64::from(duration)).ok_or_else(overflow)?;
            }
        }
        Ok(())
    }
}

/// Checks that all samples of a sample table box (`stbl`) lie inside the file, and counts them.
/// Nothing is unrolled, so a table of any size costs no memory.
pub(crate) fn check_table(table: &[u8], file_bytes: u64) -> Result<u64, MediaError> {
    let missing = |kind: &str| damaged(format!("its sample table has no readable {kind} box"));
    let sizes = Boxes::find(table, *b"stsz").and_then(Sizes::new);
    let mut sizes = sizes.ok_or_else(|| missing("stsz"))?;
    let count = u64::from(sizes.left);
    if count == 0 {
        return Ok(0);
    }
    let mut chunks = Chunks::new(table).ok_or_else(|| missing("stsc, stco or co64"))?;
    let mut total = 0_u64;
    while sizes.left > 0 {
        let (offset, samples) =
            chunks.next()?.ok_or_else(|| damaged("it has more samples than chunks"))?;
        let samples = samples.min(sizes.left);
        let bytes = sizes.sum(samples).ok_or_else(|| missing("stsz"))?;
        total = total.saturating_add(bytes);
        if offset.checked_add(bytes).is_none_or(|end| end > file_bytes) {
            return Err(damaged(format!(
                "sample {} lies beyond its end; the file is cut off or still being written",
                count - u64::from(sizes.left)
            )));
        }
        if total > file_bytes {
            return Err(damaged("its samples overlap"));
        }
    }
    Ok(count)
}

fn damaged(reason: impl Into<String>) -> MediaError {
    MediaError::Malformed { format: "MP4", reason: reason.into() }
}

fn overflow() -> MediaError {
    damaged("its times overflow")
}

/// The sizes in an `stsz` box.
struct Sizes<'a> {
    same: u32,
    fields: Fields<'a>,
    left: u32,
}

impl<'a> Sizes<'a> {
    fn new(payload: &'a [u8]) -> Option<Self> {
        let mut fields = Fields::new(payload);
        fields.version_and_flags()?;
        let same = fields.u32()?;
        let left = fields.u32()?;
        Some(Self { same, fields, left })
    }

    fn next(&mut self) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        if self.same == 0 { self.fields.u32() } else { Some(self.same) }
    }

    /// The bytes of the next `count` samples together.
    fn sum(&mut self, count: u32) -> Option<u64> {
        if self.same != 0 {
            self.left = self.left.checked_sub(count)?;
            return Some(u64::from(self.same) * u64::from(count));
        }
        (0..count).try_fold(0, |sum, _| Some(sum + u64::from(self.next()?)))
    }
}

/// The samples at which decoding can begin, from an `stss` box; without one, at all.
struct Keys<'a> {
    numbers: Fields<'a>,
    coming: Option<u32>,
    /// Number of the sample that was told last, from 1.
    sample: u32,
}

impl<'a> Keys<'a> {
    fn new(payload: &'a [u8]) -> Option<Self> {
        let mut numbers = Fields::new(payload);
        numbers.version_and_flags()?;
        numbers.u32()?;
        let coming = numbers.u32();
        Some(Self { numbers, coming, sample: 0 })
    }

    fn next_is_key(&mut self) -> bool {
        self.sample = self.sample.saturating_add(1);
        while self.coming.is_some_and(|number| number < self.sample) {
            self.coming = self.numbers.u32();
        }
        self.coming == Some(self.sample)
    }
}

/// Run-length coded values: `stts` and `ctts` boxes.
struct Runs<'a> {
    fields: Fields<'a>,
    left: u32,
    value: u32,
}

impl<'a> Runs<'a> {
    fn new(payload: &'a [u8]) -> Option<Self> {
        let mut fields = Fields::new(payload);
        fields.version_and_flags()?;
        fields.u32()?;
        Some(Self { fields, left: 0, value: 0 })
    }

    fn next_or_last(&mut self) -> u32 {
        while self.left == 0 {
            let (Some(count), Some(value)) = (self.fields.u32(), self.fields.u32()) else {
                return self.value;
            };
            (self.left, self.value) = (count, value);
        }
        self.left -= 1;
        self.value
    }
}

/// Chunks of samples: `stsc` with `stco` or `co64`.
struct Chunks<'a> {
    /// First chunk, samples in each and description, for each run of like chunks.
    runs: Fields<'a>,
    coming: Option<(u32, u32)>,
    samples_each: u32,
    offsets: Fields<'a>,
    wide: bool,
    number: u32,
}

impl<'a> Chunks<'a> {
    fn new(table: &'a [u8]) -> Option<Self> {
        let mut runs = Fields::new(Boxes::find(table, *b"stsc")?);
        runs.version_and_flags()?;
        runs.u32()?;
        let wide = Boxes::find(table, *b"co64");
        let mut offsets = Fields::new(wide.or_else(|| Boxes::find(table, *b"stco"))?);
        offsets.version_and_flags()?;
        offsets.u32()?;
        let mut chunks =
            Self { runs, coming: None, samples_each: 0, offsets, wide: wide.is_some(), number: 0 };
        chunks.coming = chunks.read_run();
        Some(chunks)
    }

    fn read_run(&mut self) -> Option<(u32, u32)> {
        let first = self.runs.u32()?;
        let samples = self.runs.u32()?;
        self.runs.u32()?;
        Some((first, samples))
    }

    /// The next chunk's offset and number of samples.
    fn next(&mut self) -> Result<Option<(u64, u32)>, MediaError> {
        self.number += 1;
        while let Some((first, samples)) = self.coming.filter(|run| run.0 <= self.number) {
            if first == 0 {
                return Err(damaged("its chunks are numbered from 0"));
            }
            self.samples_each = samples;
            self.coming = self.read_run();
        }
        let offset = if self.wide { self.offsets.u64() } else { self.offsets.u32().map(u64::from) };
        Ok(offset.map(|offset| (offset, self.samples_each)))
    }
}

/// What samples of fragments have unless they say otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FragmentDefaults {
    duration: u32,
    size: u32,
    flags: u32,
}

impl FragmentDefaults {
    /// From a `trex` box: the track and its defaults.
    pub(crate) fn read(payload: &[u8]) -> Option<(u32, Self)> {
        let mut fields = Fields::new(payload);
        fields.version_and_flags()?;
        let track = fields.u32()?;
        fields.u32()?;
        let (duration, size) = (fields.u32()?, fields.u32()?);
        Some((track, Self { duration, size, flags: fields.u32()? }))
    }
}

struct FragmentHeader {
    base: u64,
    defaults: FragmentDefaults,
}

impl FragmentHeader {
    /// From a `tfhd` box. Data offsets count from the fragment's start unless a base is given;
    /// the older rule (from the previous track's data) is met by no muxer in use.
    fn read(payload: &[u8], fragment_start: u64, defaults: FragmentDefaults) -> Option<Self> {
        let mut fields = Fields::new(payload);
        let (_, flags) = fields.version_and_flags()?;
        fields.u32()?;
        let base = if flags & 0x1 == 0 { fragment_start } else { fields.u64()? };
        if flags & 0x2 != 0 {
            fields.u32()?;
        }
        let duration = if flags & 0x8 == 0 { defaults.duration } else { fields.u32()? };
        let size = if flags & 0x10 == 0 { defaults.size } else { fields.u32()? };
        let flags = if flags & 0x20 == 0 { defaults.flags } else { fields.u32()? };
        Some(Self { base, defaults: FragmentDefaults { duration, size, flags } })
    }
}

/// The track that a track fragment box adds to.
pub(crate) fn fragment_track(fragment: &[u8]) -> Option<u32> {
    let mut fields = Fields::new(Boxes::find(fragment, *b"tfhd")?);
    fields.version_and_flags()?;
    fields.u32()
}

/// The decoding time in a `tfdt` box.
fn base_time(payload: &[u8]) -> Option<u64> {
    let mut fields = Fields::new(payload);
    let (version, _) = fields.version_and_flags()?;
    fields.sized(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full_box(kind: [u8; 4], numbers: &[u32]) -> Vec<u8> {
        let mut bytes = (12 + 4 * numbers.len() as u32).to_be_bytes().to_vec();
        bytes.extend_from_slice(&kind);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
        bytes
    }

    fn table(
        sizes: &[u32],
        times: &[u32],
        shifts: &[u32],
        runs: &[u32],
        chunks: &[u32],
    ) -> Vec<u8> {
        [
            full_box(*b"stsz", sizes),
            full_box(*b"stts", times),
            full_box(*b"ctts", shifts),
            full_box(*b"stsc", runs),
            full_box(*b"stco", chunks),
        ]
        .concat()
    }

    #[test]
    fn chunks_runs_shifts_and_keys_are_unrolled() {
        let mut table = table(
            &[0, 4, 10, 20, 30, 40],
            &[2, 3, 100, 1, 200],
            &[2, 1, 100, 3, 0],
            &[2, 1, 2, 1, 2, 1, 1],
            &[3, 1000, 2000, 3000],
        );
        table.extend(full_box(*b"stss", &[2, 1, 4]));
        let mut list = SampleList::new(10_000);
        list.add_table(&table).unwrap();
        let sample = |offset, size, [decoded, shown]: [i64; 2], duration, is_key| Sample {
            offset,
            size,
            decoded,
            shown,
            duration,
            is_key,
        };
        assert_eq!(
            list.into_samples(),
            [
                sample(1000, 10, [0, 100], 100, true),
                sample(1010, 20, [100, 100], 100, false),
                sample(2000, 30, [200, 200], 100, false),
                sample(3000, 40, [300, 300], 200, true)
            ]
        );
    }

    #[test]
    fn more_samples_than_chunks_hold_are_an_error() {
        let table = table(&[1, 3], &[1, 3, 1], &[0], &[1, 1, 1, 1], &[2, 0, 1]);
        assert!(SampleList::new(100).add_table(&table).is_err());
    }

    #[test]
    fn hostile_tables_end_in_errors_and_not_in_memory() {
        // Four billion samples of one byte in one chunk.
        let huge = table(&[1, u32::MAX], &[1, u32::MAX, 1], &[0], &[1, 1, u32::MAX, 1], &[1, 0]);
        assert!(SampleList::new(1 << 16).add_table(&huge).is_err());
        // The same, in a file that is large enough for the samples.
        let error = SampleList::new(1 << 31).add_table(&huge).unwrap_err();
        assert!(matches!(error, MediaError::TooLarge { .. }), "{error}");
        // Empty chunks, and samples that all lie on the same bytes.
        let empty = table(&[1, 9], &[1, 9, 1], &[0], &[1, 1, 0, 1], &[2, 0, 0]);
        assert!(SampleList::new(1 << 16).add_table(&empty).is_err());
        let same = table(&[60, 3], &[1, 3, 1], &[0], &[1, 1, 1, 1], &[3, 0, 0, 0]);
        assert!(SampleList::new(100).add_table(&same).is_err());
        for table in [&huge, &empty, &same] {
            assert!(check_table(table, 100).is_err());
        }
        assert!(check_table(&huge, 1 << 31).is_err());
    }

    #[test]
    fn a_table_is_checked_without_unrolling_it() {
        let table = table(
            &[0, 4, 10, 20, 30, 40],
            &[2, 3, 100, 1, 200],
            &[0],
            &[2, 1, 2, 1, 2, 1, 1],
            &[3, 1000, 2000, 3000],
        );
        assert_eq!(check_table(&table, 3_040).unwrap(), 4);
        assert!(check_table(&table, 3_039).is_err());
    }
}
