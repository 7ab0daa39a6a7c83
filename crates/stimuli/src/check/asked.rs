//! A record as a model would be asked it.

use std::path::Path;
use std::sync::Arc;

use avibench_prompts::PromptPack;
use avibench_protocol::{Conversation, Medium, Sample};

use crate::StimuliError;
use crate::set::MEDIUM_LIMIT;

/// The conversation for a sample of the folder at `path`, worded by the embedded prompt pack.
pub(super) fn conversation(path: &Path, sample: &Sample) -> Result<Conversation, StimuliError> {
    let text = PromptPack::embedded().prompt(sample).map(|prompt| prompt.text).unwrap_or_default();
    let read = |medium: &String, mime: &str| -> Result<Medium, StimuliError> {
        let file = path.join(medium);
        let bytes = MEDIUM_LIMIT.read(&file)?;
        Ok(Medium { mime: mime.to_owned(), bytes: Arc::from(bytes) })
    };
    let media = &sample.media;
    Ok(Conversation {
        images: media.images.iter().map(|m| read(m, "image/png")).collect::<Result<_, _>>()?,
        audios: media.audios.iter().map(|m| read(m, "audio/wav")).collect::<Result<_, _>>()?,
        video: media.video.as_ref().map(|m| read(m, "video/mp4")).transpose()?,
        text,
    })
}

/// Whether an answer is the right one: equal, or the same set of pieces between `;`. The marks
/// that a prompt asks for are taken off.
pub(super) fn is_right(answer: &str, truth: &str) -> bool {
    let pieces = |text: &str| {
        let text = text.to_lowercase().replace('#', "");
        let mut pieces: Vec<String> =
            text.split(';').map(|piece| piece.trim().to_owned()).collect();
        pieces.sort();
        pieces
    };
    pieces(answer) == pieces(truth)
}
