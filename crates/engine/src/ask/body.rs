//! A request body that is encoded while it is sent.
//!
//! Media stay as they are in the file and become base64 a chunk at a time, so a body is never
//! held whole; its length is known beforehand all the same, because some servers refuse chunked
//! requests.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use avibench_protocol::SYSTEM_PROMPT;
use base64_simd::Out;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::blob::Piece;
use super::media_file::{MediaFile, MediaSize};
use super::media_store::Lease;
use super::packing::Part;
use super::profile::PartKind;

/// Media bytes encoded at a time: a multiple of 3, so that chunks join without padding.
const CHUNK: usize = 48 << 10;
/// Bytes that a chunk takes in base64.
const ENCODED_CHUNK: usize = CHUNK / 3 * 4;
/// Most buffers that are kept for the next chunks: 16 MiB.
const MOST_BUFFERS: usize = (16 << 20) / ENCODED_CHUNK;

/// Buffers for chunks in base64 that are not in use. An allocator gives memory of this size back to
/// the system as soon as it is free, and the system fills it with zeroes for the next chunk.
static BUFFERS: Mutex<Vec<Box<[u8]>>> = Mutex::new(Vec::new());

/// A chunk in base64, in a buffer that is used again.
struct Chunk {
    buffer: Box<[u8]>,
    length: usize,
}

impl Chunk {
    fn encode(bytes: &[u8]) -> Bytes {
        let free = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut buffer = free.unwrap_or_else(|| vec![0; ENCODED_CHUNK].into_boxed_slice());
        let length = base64_simd::STANDARD.encode(bytes, Out::from_slice(&mut buffer)).len();
        Bytes::from_owner(Self { buffer, length })
    }
}

impl AsRef<[u8]> for Chunk {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.length]
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        let mut free = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < MOST_BUFFERS {
            free.push(std::mem::take(&mut self.buffer));
        }
    }
}

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
fn base64_length(bytes: u64) -> u64 {
    bytes.div_ceil(3) * 4
}

/// What the media of a request are to whoever writes it: bytes, or only their number.
pub(crate) trait Carried {
    fn mime(&self) -> &'static str;
}

impl Carried for MediaFile {
    fn mime(&self) -> &'static str {
        self.mime
    }
}

impl Carried for MediaSize {
    fn mime(&self) -> &'static str {
        self.mime
    }
}

/// Takes the pieces of a request in their order.
trait RequestWriter<M> {
    fn text(&mut self, text: &str);
    /// A medium that goes out in base64.
    fn base64(&mut self, medium: &M);
}

/// Writes the request `{fields..., "messages": [system, {user: parts}]}`: the one place that says
/// how a request looks.
fn write_chat<M: Carried>(
    fields: &Map<String, Value>,
    parts: &[Part<M>],
    out: &mut impl RequestWriter<M>,
) {
    let json = |text: &str| Value::from(text).to_string();
    out.text("{");
    for (key, value) in fields {
        out.text(&format!("{}:{value},", json(key)));
    }
    out.text(r#""messages":[{"role":"system","content":"#);
    out.text(&json(SYSTEM_PROMPT));
    out.text(r#"},{"role":"user","content":["#);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.text(",");
        }
        match part {
            Part::Text(text) => {
                out.text(&format!(r#"{{"type":"text","text":{}}}"#, json(text)));
            }
            Part::Medium(kind, medium) => write_medium(*kind, medium, out),
        }
    }
    out.text("]}]}");
}

/// Writes the request of a Gemini batch, `{system_instruction, contents: [{user: parts}], fields...}`,
/// with the same parts in the same order.
fn write_gemini<M: Carried>(
    fields: &Map<String, Value>,
    parts: &[Part<M>],
    out: &mut impl RequestWriter<M>,
) {
    let json = |text: &str| Value::from(text).to_string();
    let system = json(SYSTEM_PROMPT);
    out.text(&format!(r#"{{"system_instruction":{{"parts":[{{"text":{system}}}]}},"#));
    out.text(r#""contents":[{"role":"user","parts":["#);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.text(",");
        }
        match part {
            Part::Text(text) => out.text(&format!(r#"{{"text":{}}}"#, json(text))),
            Part::Medium(_, medium) => {
                let mime = gemini_mime(medium.mime());
                out.text(&format!(r#"{{"inline_data":{{"mime_type":"{mime}","data":""#));
                out.base64(medium);
                out.text(r#""}}"#);
            }
        }
    }
    out.text("]}]");
    for (key, value) in fields {
        out.text(&format!(",{}:{value}", json(key)));
    }
    out.text("}");
}

/// Gemini's documents list MP3 under another name.
fn gemini_mime(mime: &str) -> &str {
    if mime == "audio/mpeg" { "audio/mp3" } else { mime }
}

fn write_medium<M: Carried>(kind: PartKind, medium: &M, out: &mut impl RequestWriter<M>) {
    let name = kind.name();
    match kind {
        PartKind::ImageUrl | PartKind::VideoUrl => {
            let mime = medium.mime();
            out.text(&format!(r#"{{"type":"{name}","{name}":{{"url":"data:{mime};base64,"#));
            out.base64(medium);
            out.text(r#""}}"#);
        }
        PartKind::InputAudio => {
            out.text(&format!(r#"{{"type":"{name}","{name}":{{"data":""#));
            out.base64(medium);
            out.text(&format!(r#"","format":"{}"}}}}"#, audio_format(medium.mime())));
        }
    }
}

/// The length in bytes of the request that [`Body::chat`] makes of such parts.
pub(crate) fn chat_length(fields: &Map<String, Value>, parts: &[Part<MediaSize>]) -> u64 {
    struct Length(u64);
    impl RequestWriter<MediaSize> for Length {
        fn text(&mut self, text: &str) {
            self.0 += text.len() as u64;
        }

        fn base64(&mut self, medium: &MediaSize) {
            self.0 += base64_length(medium.bytes);
        }
    }
    let mut length = Length(0);
    write_chat(fields, parts, &mut length);
    length.0
}

/// Collects the pieces of a request and its hash.
#[derive(Debug, Default)]
struct BodyBuilder {
    segments: VecDeque<Segment>,
    text: String,
    hash: Sha256,
}

impl RequestWriter<MediaFile> for BodyBuilder {
    fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn base64(&mut self, file: &MediaFile) {
        self.flush();
        // The file's own digest stands for its content: nothing is hashed twice.
        self.hash.update(file.sha256);
        for piece in file.bytes.pieces() {
            self.segments.push_back(Segment::Base64 { piece: piece.clone(), sent: 0 });
        }
    }
}

impl BodyBuilder {
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.hash.update(&text);
        self.segments.push_back(Segment::Text(text.into()));
    }

    /// The body and the hex sha256 of what it asks.
    fn body(mut self, lease: Option<Lease>) -> (Body, String) {
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
    /// A request, and the hex sha256 of what it asks. `lease` is given back when the last byte is
    /// out.
    pub(crate) fn chat(
        fields: &Map<String, Value>,
        parts: &[Part],
        lease: Option<Lease>,
    ) -> (Self, String) {
        let mut builder = BodyBuilder::default();
        write_chat(fields, parts, &mut builder);
        builder.body(lease)
    }

    /// The request of a Gemini batch with these parts; `fields` are those beside its contents.
    pub(crate) fn gemini(
        fields: &Map<String, Value>,
        parts: &[Part],
        lease: Option<Lease>,
    ) -> Self {
        let mut builder = BodyBuilder::default();
        write_gemini(fields, parts, &mut builder);
        builder.body(lease).0
    }

    /// Bytes that are still to come.
    pub(crate) const fn remaining(&self) -> u64 {
        self.remaining
    }

    /// The next bytes; `None` at the end.
    pub(crate) fn next_chunk(&mut self) -> Option<Bytes> {
        let chunk = match self.segments.front_mut()? {
            Segment::Text(text) => std::mem::take(text),
            Segment::Base64 { piece, sent } => {
                let bytes = piece.bytes();
                let end = bytes.len().min(*sent + CHUNK);
                let chunk = Chunk::encode(&bytes[*sent..end]);
                *sent = end;
                chunk
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
        let parts = Packing::from(profile).pack(media, text);
        let sizes: Vec<_> = parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => Part::Text(text.clone()),
                Part::Medium(kind, file) => Part::Medium(*kind, MediaSize::from(file)),
            })
            .collect();
        let (mut body, hash) = Body::chat(&fields, &parts, None);
        let announced = body.size_hint().exact().unwrap();
        let mut sent = Vec::new();
        while let Some(chunk) = body.next_chunk() {
            assert!(chunk.len() <= (CHUNK / 3 * 4).max(1 << 10));
            sent.extend_from_slice(&chunk);
        }
        assert!(body.is_end_stream());
        assert_eq!(sent.len() as u64, announced, "the announced length must be exact");
        assert_eq!(chat_length(&fields, &sizes), announced, "so must the foreseen one");
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
