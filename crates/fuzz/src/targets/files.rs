//! Parsers of whole files.

use std::ops::ControlFlow;

use avibench_media::{
    Allowance, check_whole, decode_audio, decode_image, decode_medium, frames_at, visit_frames,
};
use avibench_prompts::PromptPack;
use avibench_store::{JournalText, read_journal};

/// Looks whether the bytes are a whole medium, and decodes them in every way in which a medium of
/// a data set is decoded.
pub(crate) fn media(bytes: &[u8]) {
    if let Err(error) = check_whole(bytes, &Allowance::default()) {
        let decoded = decode_medium(bytes);
        assert!(decoded.is_err(), "decoded though it is not whole: {error}");
    }
    if let Ok(sound) = decode_audio(bytes) {
        assert!(sound.samples().iter().all(|sample| sample.is_finite()), "a sample is not finite");
    }
    if let Ok(picture) = decode_image(bytes) {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        assert_eq!(picture.rgb().len(), width * height * 3, "a picture of another size");
    }
    if let Ok(frames) = frames_at(bytes, 2) {
        assert_eq!(frames.len(), 2, "another number of frames than asked for");
    }
    // A few frames show what there is to show; a stream of thousands would only take time.
    let mut left = 8;
    drop(visit_frames(bytes, |_| {
        left -= 1;
        if left > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }));
}

/// Reads the bytes as a file of prompts, in Python and in TOML. A pack that is read must be the
/// same when it is exported and read again.
pub(crate) fn definitions(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["definitions.py", "pack.toml"] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a temporary file");
        let Ok(pack) = PromptPack::load(&path) else { continue };
        let exported = folder.path().join("exported.toml");
        std::fs::write(&exported, pack.export()).expect("a temporary file");
        let again = PromptPack::load(&exported).expect("what is exported can be read");
        assert_eq!(again.hash(), pack.hash(), "an exported pack is another one");
    }
}

/// Reads the bytes as a journal, twice: the same bytes must give the same entries. The reader that
/// scoring uses must find the same lines.
pub(crate) fn journal(bytes: &[u8]) {
    let file = super::checkpoint::temporary(bytes);
    let read = || match read_journal(file.path()) {
        Ok(journal) => format!("{journal:?}"),
        Err(error) => error.to_string(),
    };
    assert_eq!(read(), read(), "two readings differ");
    let Ok(Some(text)) = JournalText::read(file.path()) else { return };
    let lines = text.lines::<serde_json::Value>();
    match (read_journal(file.path()), &lines) {
        (Ok(journal), Ok(found)) => {
            assert_eq!(
                [journal.entries.len(), journal.further.len()],
                [found.lines.len(), found.further.len()],
                "another number of lines"
            );
            let entries = journal.entries.iter().chain(&journal.further);
            for (entry, line) in entries.zip(found.lines.iter().chain(&found.further)) {
                let (entry, line) = (
                    (
                        entry.epoch,
                        entry.position,
                        &*entry.id,
                        entry.outcome,
                        entry.prediction(),
                        &entry.note,
                    ),
                    (
                        line.epoch,
                        line.position,
                        line.id(),
                        line.outcome,
                        line.prediction(),
                        &line.note,
                    ),
                );
                assert_eq!(entry, line, "the readers differ");
            }
        }
        (whole, part) => assert_eq!(whole.is_err(), part.is_err(), "only one reader refuses"),
    }
}
