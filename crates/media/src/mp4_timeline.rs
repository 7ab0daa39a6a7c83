//! When a track's samples are presented: its edit list (ISO/IEC 14496-12, 8.6.6) applied.

use crate::mp4_boxes::Fields;
use crate::mp4_samples::{MAX_TRACK_SAMPLES, Sample};

/// One entry of an edit list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Edit {
    /// Seconds it lasts; `None`: to the end of the track.
    seconds: Option<f64>,
    /// Where in the track it starts, in ticks; `None`: nothing is presented.
    media_start: Option<i64>,
}

impl Edit {
    /// Reads an `elst` box; the durations in it are in ticks of the movie's clock.
    pub(crate) fn read_list(payload: &[u8], movie_timescale: u32) -> Option<Vec<Self>> {
        let mut fields = Fields::new(payload);
        let (version, _) = fields.version_and_flags()?;
        fields.u32()?;
        let mut edits = Vec::new();
        while !fields.rest().is_empty() {
            let ticks = fields.sized(version)?;
            let start = if version == 1 { fields.u64()? as i64 } else { i64::from(fields.i32()?) };
            fields.u32()?;
            let media_start = (start >= 0).then_some(start);
            // A fragmented file's only edit lasts "0": as long as there are fragments.
            let seconds = (ticks != 0 || media_start.is_none())
                .then(|| ticks as f64 / f64::from(movie_timescale));
            edits.push(Self { seconds, media_start });
        }
        Some(edits)
    }
}

/// A stretch of a track and when it is presented.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Segment {
    /// Seconds from the start of the presentation.
    pub(crate) start: f64,
    /// First tick of the stretch.
    pub(crate) media_start: i64,
    /// Seconds it lasts; infinite: to the end of the track.
    pub(crate) seconds: f64,
}

impl Segment {
    /// Whether this is all of a track, including what negative shifts put before its tick 0.
    pub(crate) fn is_whole(&self) -> bool {
        self.media_start == 0 && self.seconds.is_infinite()
    }
}

/// The presentation of a track.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Timeline {
    timescale: f64,
    segments: Vec<Segment>,
}

/// A sample that is presented.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shown {
    /// Seconds from the start of the presentation.
    pub(crate) seconds: f64,
    /// Which sample, in decoding order.
    pub(crate) sample: usize,
}

impl Timeline {
    pub(crate) fn new(timescale: u32, edits: &[Edit]) -> Self {
        let mut segments = Vec::new();
        let mut start = 0.0;
        for edit in edits {
            let seconds = edit.seconds.unwrap_or(f64::INFINITY);
            if let Some(media_start) = edit.media_start {
                segments.push(Segment { start, media_start, seconds });
            }
            start += seconds;
        }
        if segments.is_empty() {
            // Without an edit list a track is presented as it is.
            segments.push(Segment { start: 0.0, media_start: 0, seconds: f64::INFINITY });
        }
        Self { timescale: f64::from(timescale), segments }
    }

    /// The stretches in order.
    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Ticks a second.
    pub(crate) fn timescale(&self) -> f64 {
        self.timescale
    }

    /// Seconds from the start of the presentation to the first sample's.
    pub(crate) fn start(&self, samples: &[Sample]) -> Option<f64> {
        self.shown(samples).first().map(|first| first.seconds)
    }

    /// Moves the origin of time to `origin` seconds.
    pub(crate) fn count_from(&mut self, origin: f64) {
        for segment in &mut self.segments {
            segment.start -= origin;
        }
    }

    /// The samples in the order in which they are presented; those outside all edits are left
    /// out, those inside several are repeated.
    pub(crate) fn shown(&self, samples: &[Sample]) -> Vec<Shown> {
        let mut order: Vec<usize> = (0..samples.len()).collect();
        order.sort_by_key(|at| samples[*at].shown);
        let mut shown = Vec::with_capacity(samples.len());
        for segment in &self.segments {
            let first = if segment.is_whole() {
                0
            } else {
                order.partition_point(|at| samples[*at].shown < segment.media_start)
            };
            for &sample in &order[first..] {
                let into = samples[sample].shown.saturating_sub(segment.media_start) as f64
                    / self.timescale;
                // Edits are stated in coarser ticks: what starts at the very end is outside.
                if into > segment.seconds - 1e-6 || shown.len() >= MAX_TRACK_SAMPLES {
                    break;
                }
                shown.push(Shown { seconds: segment.start + into, sample });
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three pictures of 100 ticks in decoding order I P B, shown I B P.
    fn samples() -> Vec<Sample> {
        let sample = |shown| Sample {
            offset: 0,
            size: 1,
            decoded: 0,
            shown,
            duration: 100,
            is_key: shown == 200,
        };
        [200, 400, 300].map(sample).to_vec()
    }

    fn times(edits: &[Edit]) -> Vec<(f64, usize)> {
        let timeline = Timeline::new(100, edits);
        timeline.shown(&samples()).iter().map(|shown| (shown.seconds, shown.sample)).collect()
    }

    #[test]
    fn without_edits_times_are_those_of_the_track() {
        assert_eq!(times(&[]), [(2.0, 0), (3.0, 2), (4.0, 1)]);
    }

    #[test]
    fn an_edit_moves_the_start_and_an_empty_one_delays_it() {
        let media = Edit { seconds: Some(3.0), media_start: Some(200) };
        assert_eq!(times(&[media]), [(0.0, 0), (1.0, 2), (2.0, 1)]);
        let empty = Edit { seconds: Some(0.5), media_start: None };
        assert_eq!(times(&[empty, media]), [(0.5, 0), (1.5, 2), (2.5, 1)]);
    }

    #[test]
    fn what_lies_outside_the_edits_is_not_shown_and_what_lies_in_two_is_shown_twice() {
        let middle = Edit { seconds: Some(1.0), media_start: Some(300) };
        assert_eq!(times(&[middle]), [(0.0, 2)]);
        assert_eq!(times(&[middle, middle]), [(0.0, 2), (1.0, 2)]);
    }

    #[test]
    fn lists_of_both_versions_are_read() {
        let mut first = vec![0, 0, 0, 0, 0, 0, 0, 2];
        for number in [500_u32, u32::MAX, 0x0001_0000, 3000, 1024, 0x0001_0000] {
            first.extend(number.to_be_bytes());
        }
        let expected = [
            Edit { seconds: Some(0.5), media_start: None },
            Edit { seconds: Some(3.0), media_start: Some(1024) },
        ];
        assert_eq!(Edit::read_list(&first, 1000).unwrap(), expected);
        let mut second = vec![1, 0, 0, 0, 0, 0, 0, 1];
        second.extend(0_u64.to_be_bytes());
        second.extend(1024_u64.to_be_bytes());
        second.extend(0x0001_0000_u32.to_be_bytes());
        let open = Edit { seconds: None, media_start: Some(1024) };
        assert_eq!(Edit::read_list(&second, 1000).unwrap(), [open]);
    }
}
