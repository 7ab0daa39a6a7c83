//! MP4 and `QuickTime`: boxes to the end of the file, an index, and every sample of every track
//! inside the file. No sample is decoded.

use crate::mp4_boxes::{Boxes, Fields};
use crate::mp4_movie::{Movie, RawTrack};
use crate::mp4_samples::check_table;
use crate::{MediaError, MediumKind};

fn damaged(reason: impl ToString) -> MediaError {
    MediaError::malformed("MP4", reason)
}

pub(crate) fn check(bytes: &[u8]) -> Result<MediumKind, MediaError> {
    let index = Movie::index(bytes)?;
    if let Some(cut) = Boxes::new(bytes).find(|found| found.cut) {
        let name = String::from_utf8_lossy(&cut.kind).into_owned();
        return Err(damaged(format!(
            "its last box ({name}) reaches beyond its end; the file is cut off"
        )));
    }
    let (mut pictures, mut sound) = (None, None);
    for track in Boxes::new(index).filter(|found| found.kind == *b"trak") {
        let handler = Boxes::find_path(track.payload, &[*b"mdia", *b"hdlr"])
            .and_then(|handler| handler.get(8..12));
        let samples = match handler {
            Some(b"vide") => &mut pictures,
            Some(b"soun") => &mut sound,
            // Times, texts and what else there may be is not sent for its own sake.
            _ => continue,
        };
        let raw = RawTrack::read(track.payload, 1)
            .ok_or_else(|| damaged("the description of a track is broken"))?;
        if refers_elsewhere(track.payload) {
            return Err(damaged(
                "a track of it lies in another file; write a self-contained one, for instance \
                 with `ffmpeg -i IN -c copy OUT.mp4`",
            ));
        }
        let count = check_table(raw.table(), bytes.len() as u64)?;
        *samples.get_or_insert(0) += count + raw.fragments(bytes, index)?.len() as u64;
    }
    match (pictures, sound) {
        (Some(1..), _) => Ok(MediumKind::Video),
        (None, Some(1..)) => Ok(MediumKind::Sound),
        (None, None) => Err(damaged("it has neither a picture nor a sound track")),
        (Some(0), _) => Err(damaged("its picture track holds no picture")),
        (None, Some(0)) => Err(damaged("its sound track holds no sound")),
    }
}

/// Whether a data reference (ISO/IEC 14496-12, 8.7.2) names another file.
fn refers_elsewhere(track: &[u8]) -> bool {
    let references = Boxes::find_path(track, &[*b"mdia", *b"minf", *b"dinf", *b"dref"]);
    let entries = references.and_then(|references| references.get(8..)).unwrap_or_default();
    Boxes::new(entries).any(|entry| {
        let flags = Fields::new(entry.payload).version_and_flags();
        flags.is_none_or(|(_, flags)| flags & 1 == 0)
    })
}
