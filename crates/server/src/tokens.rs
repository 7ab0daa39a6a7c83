//! Token counts without a tokenizer: plausible in size, deterministic, and cut points for streams.
//!
//! A token is up to four letters or digits with the blanks before them, or one other character; a
//! character outside ASCII stands alone. For English prose that is close to common tokenizers,
//! which is enough to rehearse budgets and prices.

use avibench_protocol::{Conversation, Medium, SYSTEM_PROMPT};

/// Letters or digits that make one token.
const LETTERS: usize = 4;
/// Tokens of one image, as common gateways bill it.
const IMAGE_TOKENS: u64 = 258;
/// Bytes of a sound file a token: 32 tokens a second of 16 kHz, 16-bit mono WAV.
const AUDIO_BYTES: u64 = 1_000;
/// Bytes of a video file a token: about 290 tokens a second (one frame and its sound) at 1 Mbit/s.
const VIDEO_BYTES: u64 = 430;
/// Tokens that a message's own markup costs.
const MESSAGE_TOKENS: u64 = 4;

/// Token counts of one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) prompt: u64,
    /// The part of `prompt` that is sound.
    pub(crate) audio: u64,
    pub(crate) completion: u64,
}

impl Usage {
    /// Counts what was asked and answered.
    pub(crate) fn of(conversation: &Conversation, answer: &str) -> Self {
        let audio = conversation.audios.iter().map(|clip| tokens_of(clip, AUDIO_BYTES)).sum();
        let video = conversation.video.as_ref().map_or(0, |clip| tokens_of(clip, VIDEO_BYTES));
        let text = count(SYSTEM_PROMPT) + count(&conversation.text) + 2 * MESSAGE_TOKENS;
        let images = IMAGE_TOKENS * conversation.images.len() as u64;
        Self { prompt: text + images + audio + video, audio, completion: count(answer) }
    }
}

fn tokens_of(medium: &Medium, bytes_a_token: u64) -> u64 {
    (medium.bytes.len() as u64).div_ceil(bytes_a_token)
}

fn count(text: &str) -> u64 {
    pieces(text).count() as u64
}

/// The tokens of `text` in order; put together they are `text`.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at(first_length(rest));
        rest = after;
        Some(piece)
    })
}

/// Bytes of the first token of a text that is not empty.
fn first_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let blanks = bytes.iter().take_while(|&&byte| byte == b' ').count();
    let letters = bytes[blanks..]
        .iter()
        .take(LETTERS)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    match text[blanks..].chars().next() {
        Some(other) if letters == 0 => blanks + other.len_utf8(),
        _ => blanks + letters,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_add_up_to_the_text() {
        for text in ["", " ", "   ", "**no availabel option**", "a  b", "日本 é🙂.", "x\n\ny "]
        {
            assert_eq!(pieces(text).collect::<String>(), text);
            assert!(pieces(text).all(|piece| !piece.is_empty()));
        }
        assert_eq!(
            pieces("Hello world, 日本").collect::<Vec<_>>(),
            ["Hell", "o", " worl", "d", ",", " 日", "本"]
        );
    }

    #[test]
    fn media_count_by_kind_and_size() {
        let clip = |length: usize| Medium { mime: String::new(), bytes: vec![0; length].into() };
        let bare = Usage::of(&Conversation::default(), "");
        assert_eq!(bare.completion, 0);
        let full = Conversation {
            images: vec![clip(1), clip(1_000_000)],
            audios: vec![clip(32_000)],
            video: Some(clip(430_000)),
            text: String::new(),
        };
        let usage = Usage::of(&full, "yes");
        assert_eq!(usage.prompt - bare.prompt, 2 * 258 + 32 + 1_000);
        assert_eq!((usage.audio, usage.completion), (32, 1));
    }
}
