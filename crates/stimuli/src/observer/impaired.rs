//! A model that is served badly: what a gateway or a server in front of it may do to media.

use std::sync::Arc;

use avibench_media::{Clip, Decoded, Picture, decode_image, decode_mp4, encode_mp4, encode_wav};
use avibench_protocol::{Conversation, LocalModel, Medium};
use avibench_reading::{BoxForm, Corners, Order, Scale};

use super::senses::FRAMES_AT_LEAST;

/// What happens to the media of a conversation and to the boxes of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a defect of its own")]
pub struct Impairments {
    /// Recordings and the sound of videos are dropped.
    pub deaf: bool,
    /// Pictures and the picture of videos are dropped; the sound of videos stays, as a recording.
    pub blind: bool,
    /// The sound of videos is dropped; recordings stay.
    pub silent_video: bool,
    /// Of a video nothing but its first frame is seen; its sound stays.
    pub first_frame_only: bool,
    /// Pictures and recordings come in an order of their own, whatever order they are sent in.
    pub order_lost: bool,
    /// Boxes are given in this form, whatever form is asked for.
    pub boxes: Option<BoxForm>,
}

/// A model behind a server that does some of that.
pub struct Impaired {
    model: Arc<dyn LocalModel>,
    impairments: Impairments,
}

impl Impaired {
    /// Puts a model behind such a server. Without any impairment answers are the model's own.
    #[must_use]
    pub fn new(model: Arc<dyn LocalModel>, impairments: Impairments) -> Self {
        Self { model, impairments }
    }
}

impl LocalModel for Impaired {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn answer(&self, conversation: &Conversation) -> String {
        let answer = self.model.answer(&self.impairments.of(conversation));
        let Some(form) = self.impairments.boxes else { return answer };
        picture_size(conversation).map_or(answer.clone(), |size| in_form(&answer, form, size))
    }
}

impl Impairments {
    /// What is left of a conversation.
    fn of(self, conversation: &Conversation) -> Conversation {
        let mut left = conversation.clone();
        // Many pictures and no video are the frames of one, and the recording beside them its sound.
        let is_film = left.video.is_none() && left.images.len() >= FRAMES_AT_LEAST;
        if self.deaf || (self.silent_video && is_film) {
            left.audios.clear();
        }
        if self.deaf || self.silent_video {
            left.video = left.video.and_then(|video| remade(&video, |clip| clip.sound = None));
        }
        if self.first_frame_only {
            if is_film {
                left.images.truncate(1);
            }
            left.video =
                left.video.and_then(|video| remade(&video, |clip| clip.frames.truncate(1)));
        }
        if self.blind {
            left.images.clear();
            left.audios.extend(left.video.take().and_then(|video| sound_of(&video)));
        }
        if self.order_lost {
            left.audios.sort_by(|a, b| a.bytes.cmp(&b.bytes));
            if !is_film {
                left.images.sort_by(|a, b| a.bytes.cmp(&b.bytes));
            }
        }
        left
    }
}

/// A video with a change; `None` if it cannot be decoded, as a server could not either.
fn remade(video: &Medium, change: impl FnOnce(&mut Decoded)) -> Option<Medium> {
    let mut decoded = decode_mp4(&video.bytes).ok()?;
    let rate = frame_rate(&decoded);
    change(&mut decoded);
    let pictures = decoded.frames.into_iter().map(|frame| frame.picture).collect();
    let clip = Clip::new(pictures, rate, decoded.sound).ok()?;
    let bytes = encode_mp4(&clip).ok()?;
    Some(Medium { mime: video.mime.clone(), bytes: bytes.into() })
}

/// Frames a second on average; 1 for a single frame.
fn frame_rate(decoded: &Decoded) -> f64 {
    match &decoded.frames[..] {
        [first, .., last] if last.seconds > first.seconds => {
            (decoded.frames.len() - 1) as f64 / (last.seconds - first.seconds)
        }
        _ => 1.0,
    }
}

/// The sound of a video as a recording.
fn sound_of(video: &Medium) -> Option<Medium> {
    let wav = encode_wav(&decode_mp4(&video.bytes).ok()?.sound?).ok()?;
    Some(Medium { mime: "audio/wav".to_owned(), bytes: wav.into() })
}

/// Width and height in pixels of what a question is about.
fn picture_size(conversation: &Conversation) -> Option<[f64; 2]> {
    let size = |picture: &Picture| [picture.width(), picture.height()].map(f64::from);
    if let Some(image) = conversation.images.first() {
        return decode_image(&image.bytes).ok().as_ref().map(size);
    }
    let decoded = decode_mp4(&conversation.video.as_ref()?.bytes).ok()?;
    decoded.frames.first().map(|frame| size(&frame.picture))
}

/// The same answer with its boxes, `[left, top, right, bottom]` in fractions, in another form.
fn in_form(answer: &str, form: BoxForm, size: [f64; 2]) -> String {
    let mut pieces = answer.split('[');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push('[');
        match piece.split_once(']').and_then(|(list, rest)| Some((fractions(list)?, rest))) {
            Some((corners, rest)) => {
                text.push_str(&written(corners, form, size));
                text.push(']');
                text.push_str(rest);
            }
            None => text.push_str(piece),
        }
    }
    text
}

/// Four numbers, if a list holds these.
fn fractions(list: &str) -> Option<Corners> {
    let numbers: Vec<f64> =
        list.split(',').map(|number| number.trim().parse().ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

/// A box in a form, its corners given in fractions of a picture of `[width, height]` pixels.
fn written(
    [left, top, right, bottom]: Corners,
    form: BoxForm,
    [width, height]: [f64; 2],
) -> String {
    let (across, down, decimals) = match form.scale {
        Scale::Unit => (1.0, 1.0, 4),
        Scale::Percent => (100.0, 100.0, 1),
        Scale::Thousandths => (1000.0, 1000.0, 0),
        Scale::Parts1024 => (1024.0, 1024.0, 0),
        Scale::Pixels => (width, height, 0),
    };
    let ([l, r], [t, b]) = ([left, right].map(|x| x * across), [top, bottom].map(|y| y * down));
    let numbers = match form.order {
        Order::Xyxy => [l, t, r, b],
        Order::Yxyx => [t, l, b, r],
        Order::Xywh => [l, t, r - l, b - t],
        Order::Centre => [f64::midpoint(l, r), f64::midpoint(t, b), r - l, b - t],
    };
    numbers.map(|number| format!("{number:.decimals$}")).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_written_in_every_form_and_nothing_else_changes() {
        let answer = "answer={'a_1': '[0.1, 0.2, 0.5, 0.9]', 'b': [1], 'c': [x]}";
        for (order, scale, wanted) in [
            (Order::Xyxy, Scale::Unit, "0.1000, 0.2000, 0.5000, 0.9000"),
            (Order::Yxyx, Scale::Thousandths, "200, 100, 900, 500"),
            (Order::Xywh, Scale::Pixels, "20, 20, 80, 70"),
            (Order::Centre, Scale::Percent, "30.0, 55.0, 40.0, 70.0"),
        ] {
            let found = in_form(answer, BoxForm { order, scale }, [200.0, 100.0]);
            assert_eq!(found, answer.replace("0.1, 0.2, 0.5, 0.9", wanted));
        }
    }
}
