//! Media of a question as parts of a message: inlined up to a limit, else by path.

use std::cell::Cell;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use avibench_files::SizeLimit;
use avibench_media::{Container, MediaFormat, MediumKind, RECOGNISED_BY};
use avibench_protocol::{FolderData, Sample};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Named;
use super::log::ContentPart;

/// How many bytes of media may still be inlined.
pub(super) struct MediaBudget(Cell<u64>);

impl MediaBudget {
    pub(super) const fn new(bytes: u64) -> Self {
        Self(Cell::new(bytes))
    }

    pub(super) const fn left(&self) -> u64 {
        self.0.get()
    }

    /// The content of a file, if it fits.
    fn take(&self, path: &Path) -> Option<Vec<u8>> {
        let left = self.left();
        if left == 0 || std::fs::metadata(path).ok()?.len() > left {
            return None;
        }
        let bytes = SizeLimit::new(left, "inline fewer media").read(path).ok()?;
        self.0.set(left - bytes.len() as u64);
        Some(bytes)
    }
}

/// The media of a sample in the order in which they are sent. Inlined ones go to `attachments`, to which the parts
/// refer, so that a medium stands once however often messages show it.
pub(super) fn media_parts(
    data: &FolderData,
    sample: &Sample,
    budget: &MediaBudget,
    attachments: &mut Named<String>,
) -> Vec<ContentPart> {
    let files = match sample.media.resolve(&data.path) {
        Ok(files) => files,
        Err(error) => return vec![ContentPart::text(format!("[media left out: {error}]"))],
    };
    files.iter().map(|path| part(path, budget, attachments)).collect()
}

fn part(path: &Path, budget: &MediaBudget, attachments: &mut Named<String>) -> ContentPart {
    let shown = path.display();
    let Some(format) = format_of(path) else {
        return ContentPart::text(format!("[medium of an unknown format: {shown}]"));
    };
    // Types that Inspect has no name for would be refused.
    let kind = match (format.kind, format.container) {
        (MediumKind::Picture, _) => None,
        (MediumKind::Sound, Container::Wav) => Some("wav"),
        (MediumKind::Sound, Container::Mp3) => Some("mp3"),
        (MediumKind::Video, Container::Mp4) => Some("mp4"),
        (MediumKind::Video, Container::QuickTime) => Some("mov"),
        (MediumKind::Sound, _) => return ContentPart::text(format!("[sound: {shown}]")),
        (MediumKind::Video, _) => return ContentPart::text(format!("[video: {shown}]")),
    };
    let place = match budget.take(path) {
        Some(bytes) => {
            let name = format!("medium-{}", attachments.len() + 1);
            let address = format!("attachment://{name}");
            let uri = format!("data:{};base64,{}", format.mime(), STANDARD.encode(&bytes));
            attachments.insert(name, uri);
            address
        }
        None => shown.to_string(),
    };
    match (format.kind, kind) {
        (MediumKind::Sound, Some(format)) => ContentPart::Audio { audio: place, format },
        (MediumKind::Video, Some(format)) => ContentPart::Video { video: place, format },
        _ => ContentPart::Image { image: place },
    }
}

/// What a file is, by its first bytes and never by its name.
fn format_of(path: &Path) -> Option<MediaFormat> {
    let mut beginning = Vec::with_capacity(RECOGNISED_BY);
    File::open(path).ok()?.take(RECOGNISED_BY as u64).read_to_end(&mut beginning).ok()?;
    let container = Container::of(&beginning).ok()?;
    Some(MediaFormat { container, kind: container.usual_kind() })
}
