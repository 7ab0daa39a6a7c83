//! A request body that is encoded while it is sent.
//!
//! Media stay as they are in the file and become base64 a chunk at a time, so a body is never
//! held whole; its length is known beforehand all the same, because some servers refuse chunked
//! requests.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use avibench_protocol::SYSTEM_PROMPT;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::blob::Piece;
use super::media_file::MediaFile;
use super::media_store::Lease;
use super::packing::Part;

/// Media bytes encoded at a time: a multiple of 3, so that chunks join without padding.
const CHUNK: usize = 48 << 10;

/// A body in pieces.
#[derive(Debug)]
pub(crate) struct Body {
    segments: VecDeque<Segment>,
    remaining: u64,
    /// Keeps the room of the media taken until the last byte is out.
    _lease: Option<Lease>,
}

#[derive(Debug)]
enum Segment {
    Text(Bytes),
    Base64 { piece: Piece, sent: usize },
}

impl Segment {
    fn encoded_length(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Base64 { piece, sent } => base64_length((piece.bytes().len() - sent) as u64),
        }
    }
}

/// Length of `bytes` bytes in base64, padding included.
pub(crate) fn base64_length(bytes: u64) -> u64 {
    bytes.div_ceil(3) * 4
}

/// Builds the JSON of a request and its hash.
#[derive(Debug, Default)]
pub(crate) struct BodyBuilder {
    segments: VecDeque<Segment>,
    text: String,
    hash: Sha256,
}

impl BodyBuilder {
    /// The request `{fields..., "messages": [system, {user: parts}]}`.
    pub(crate) fn chat(fields: &Map<String, Value>, parts: Vec<Part>) -> Self {
        let mut builder = Self::default();
        builder.text.push('{');
        for (key, value) in fields {
            builder.json(key);
            builder.text.push(':');
            builder.text.push_str(&value.to_string());
            builder.text.push(',');
        }
        builder.text.push_str(r#""messages":[{"role":"system","content":"#);
        builder.json(SYSTEM_PROMPT);
        builder.text.push_str(r#"},{"role":"user","content":["#);
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                builder.text.push(',');
            }
            builder.part(part);
        }
        builder.text.push_str("]}]}");
        builder
    }

    fn part(&mut self, part: Part) {
        match part {
            Part::Text(text) => {
                self.text.push_str(r#"{"type":"text","text":"#);
                self.json(&text);
                self.text.push('}');
            }
            Part::DataUri(kind, file) => {
                let opening =
                    format!(r#"{{"type":"{kind}","{kind}":{{"url":"data:{};base64,"#, file.mime);
                self.text.push_str(&opening);
                self.base64(&file);
                self.text.push_str(r#""}}"#);
            }
            Part::InputAudio(file) => {
                self.text.push_str(r#"{"type":"input_audio","input_audio":{"data":""#);
                let format = audio_format(file.mime);
                self.base64(&file);
                let closing = format!(r#"","format":"{format}"}}}}"#);
                self.text.push_str(&closing);
            }
        }
    }

    fn json(&mut self, text: &str) {
        self.text.push_str(&Value::from(text).to_string());
    }

    fn base64(&mut self, file: &MediaFile) {
        self.flush();
        // The file's own digest stands for its content: nothing is hashed twice.
        self.hash.update(file.sha256);
        for piece in file.bytes.pieces() {
            self.segments.push_back(Segment::Base64 { piece: piece.clone(), sent: 0 });
        }
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.hash.update(&text);
        self.segments.push_back(Segment::Text(text.into()));
    }

    /// The body and the hex sha256 of what was asked.
    pub(crate) fn finish(mut self, lease: Option<Lease>) -> (Body, String) {
        self.flush();
        let remaining = self.segments.iter().map(Segment::encoded_length).sum();
        let body = Body { segments: self.segments, remaining, _lease: lease };
        (body, hex::encode(self.hash.finalize()))
    }
}

/// The `format` of an audio part.
fn audio_format(mime: &str) -> &str {
    match mime {
        "audio/mpeg" => "mp3",
        "audio/mp4" => "m4a",
        other => other.strip_prefix("audio/").unwrap_or(other),
    }
}

impl Body {
    fn next_chunk(&mut self) -> Option<Bytes> {
        let chunk = match self.segments.front_mut()? {
            Segment::Text(text) => std::mem::take(text),
            Segment::Base64 { piece, sent } => {
                let bytes = piece.bytes();
                let end = bytes.len().min(*sent + CHUNK);
                let chunk = base64_simd::STANDARD.encode_to_string(&bytes[*sent..end]);
                *sent = end;
                Bytes::from(chunk)
            }
        };
        if self.segments.front().is_some_and(|segment| segment.encoded_length() == 0) {
            self.segments.pop_front();
        }
        self.remaining -= chunk.len() as u64;
        Some(chunk)
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.next_chunk().map(|chunk| Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.segments.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use http_body::Body as _;
    use serde_json::json;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::ask::packing::{LoadedMedia, Packing};
    use crate::ask::preparation::Content;
    use crate::ask::profile::Profile;

    fn file(mime: &'static str, bytes: Vec<u8>) -> MediaFile {
        MediaFile::new(PathBuf::new(), mime, bytes.into())
    }

    fn send(media: LoadedMedia, text: &str) -> (Value, String) {
        send_as(Profile::Gateway, media, text)
    }

    fn send_as(profile: Profile, media: LoadedMedia, text: &str) -> (Value, String) {
        let fields =
            json!({"model": "m\"1", "temperature": 0}).as_object().cloned().unwrap_or_default();
        let (mut body, hash) =
            BodyBuilder::chat(&fields, Packing::from(profile).pack(media, text)).finish(None);
        let announced = body.size_hint().exact().unwrap();
        let mut sent = Vec::new();
        while let Some(chunk) = body.next_chunk() {
            assert!(chunk.len() <= (CHUNK / 3 * 4).max(1 << 10));
            sent.extend_from_slice(&chunk);
        }
        assert!(body.is_end_stream());
        assert_eq!(sent.len() as u64, announced, "the announced length must be exact");
        (serde_json::from_slice(&sent).unwrap(), hash)
    }

    #[test]
    fn any_length_of_media_arrives_whole() {
        for length in [0, 1, 2, 3, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 2] {
            let bytes: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let media = LoadedMedia {
                images: vec![file("image/png", bytes.clone())],
                ..LoadedMedia::default()
            };
            let (request, _) = send(media, "x");
            let url = request["messages"][1]["content"][0]["image_url"]["url"].as_str().unwrap();
            let data = url.strip_prefix("data:image/png;base64,").unwrap();
            assert_eq!(STANDARD.decode(data).unwrap(), bytes);
        }
    }

    #[test]
    fn the_gateway_profile_packs_as_the_protocol_says() {
        let media = LoadedMedia {
            images: vec![file("image/png", vec![1]), file("image/jpeg", vec![2])],
            audios: vec![file("audio/wav", vec![3]), file("audio/mpeg", vec![4])],
            video: None,
        };
        let (request, _) = send(media, "say \"yes\"\n");
        assert_eq!(
            request,
            json!({"model": "m\"1", "temperature": 0, "messages": [
                {"role": "system", "content": "You are a helpful assistant."},
                {"role": "user", "content": [
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AQ=="}},
                    {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,Ag=="}},
                    {"type": "input_audio", "input_audio": {"data": "Aw==", "format": "wav"}},
                    {"type": "input_audio", "input_audio": {"data": "BA==", "format": "mp3"}},
                    {"type": "text", "text": "say \"yes\"\n"},
                ]},
            ]})
        );
        let media = LoadedMedia {
            images: vec![],
            audios: vec![file("audio/wav", vec![3])],
            video: Some(Content { file: Some(file("video/mp4", vec![5])), ..Content::default() }),
        };
        let (request, _) = send(media, "x");
        assert_eq!(
            request["messages"][1]["content"],
            json!([
                {"type": "image_url", "image_url": {"url": "data:video/mp4;base64,BQ=="}},
                {"type": "text", "text": "x"},
            ])
        );
    }

    #[test]
    fn other_profiles_bring_the_sound_beside_the_picture() {
        let kinds = |profile, sound: bool| {
            let content = Content {
                file: (profile == Profile::Vllm).then(|| file("video/mp4", vec![5])),
                sound: sound.then(|| file("audio/wav", vec![6])),
                frames: match profile {
                    Profile::OpenAi => vec![file("image/png", vec![7]); 2],
                    _ => Vec::new(),
                },
            };
            let audios = vec![file("audio/wav", vec![3]), file("audio/wav", vec![4])];
            let media = LoadedMedia { images: vec![], audios, video: Some(content) };
            let (request, _) = send_as(profile, media, "x");
            let content = request["messages"][1]["content"].as_array().unwrap().clone();
            let kind = |part: Value| part["type"].as_str().unwrap().to_owned();
            content.into_iter().map(kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds(Profile::Vllm, true), ["input_audio", "video_url", "text"]);
        assert_eq!(
            kinds(Profile::Vllm, false),
            ["input_audio", "input_audio", "video_url", "text"]
        );
        assert_eq!(kinds(Profile::OpenAi, true), ["input_audio", "image_url", "image_url", "text"]);
    }

    #[test]
    fn the_hash_tells_questions_and_media_apart() {
        let of = |byte, text| {
            let audios = vec![file("audio/wav", vec![byte])];
            send(LoadedMedia { audios, ..LoadedMedia::default() }, text).1
        };
        assert_eq!(of(1, "a"), of(1, "a"));
        assert_ne!(of(1, "a"), of(2, "a"));
        assert_ne!(of(1, "a"), of(1, "b"));
    }
}
