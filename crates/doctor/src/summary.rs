//! What a folder holds, in numbers.

use avibench_protocol::Folder;
use serde::Serialize;

/// The least, the middle and the greatest of some numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    /// The least.
    pub least: f64,
    /// The median: of an even number, the lower of the two in the middle.
    pub median: f64,
    /// The greatest.
    pub greatest: f64,
}

impl Range {
    /// `None` without numbers.
    pub(crate) fn of(mut numbers: Vec<f64>) -> Option<Self> {
        numbers.sort_by(f64::total_cmp);
        let median = *numbers.get(numbers.len().checked_sub(1)? / 2)?;
        Some(Self { least: *numbers.first()?, median, greatest: *numbers.last()? })
    }
}

/// A folder in numbers. Media that several samples share count once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FolderSummary {
    /// The folder.
    pub folder: Folder,
    /// Records in data.json.
    pub samples: usize,
    /// Of these, checks.
    pub checks: usize,
    /// Of these, checks that are never asked.
    pub void_checks: usize,
    /// Ids that stand more than once, which is usual.
    pub repeated_ids: usize,
    /// Pictures that were decoded.
    pub pictures: usize,
    /// Sounds that were decoded.
    pub sounds: usize,
    /// Videos that were decoded.
    pub videos: usize,
    /// Of these, videos with a sound track.
    pub videos_with_sound: usize,
    /// Bytes of all media.
    pub bytes: u64,
    /// Length of sounds and videos in seconds.
    pub seconds: Option<Range>,
    /// Width of pictures and videos in pixels.
    pub width: Option<Range>,
    /// Height of pictures and videos in pixels.
    pub height: Option<Range>,
}

impl FolderSummary {
    pub(crate) fn new(folder: Folder) -> Self {
        Self {
            folder,
            samples: 0,
            checks: 0,
            void_checks: 0,
            repeated_ids: 0,
            pictures: 0,
            sounds: 0,
            videos: 0,
            videos_with_sound: 0,
            bytes: 0,
            seconds: None,
            width: None,
            height: None,
        }
    }
}
