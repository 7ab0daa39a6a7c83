//! One message's content: plain text, or parts that carry text and media in the shapes that the
//! profiles `gateway`, `vllm` and `openai` send.

use avibench_protocol::{Conversation, Medium};
use serde_json_borrow::Value;

use crate::api_error::ApiError;
use crate::data_uri::{decode_base64, decode_data_uri, excerpt};

/// Adds the content of a user message at `path` to `conversation`: texts are joined by line
/// breaks, media keep their order.
pub(crate) fn read_content(
    content: &Value<'_>,
    path: &str,
    conversation: &mut Conversation,
) -> Result<(), ApiError> {
    match content {
        Value::Str(text) => {
            add_text(text, conversation);
            Ok(())
        }
        Value::Array(parts) => parts.iter().enumerate().try_for_each(|(index, part)| {
            read_part(part, &format!("{path}[{index}]"), conversation)
        }),
        _ => Err(ApiError::invalid(path, format!("{path} must be a string or an array of parts"))),
    }
}

/// The text of a message that may hold text only (system, developer).
pub(crate) fn check_text_only(content: &Value<'_>, path: &str) -> Result<(), ApiError> {
    let mut spoken = Conversation::default();
    read_content(content, path, &mut spoken)?;
    if spoken.images.is_empty() && spoken.audios.is_empty() && spoken.video.is_none() {
        return Ok(());
    }
    Err(ApiError::invalid(path, format!("{path}: media belong in a message of the role user")))
}

fn read_part(
    part: &Value<'_>,
    path: &str,
    conversation: &mut Conversation,
) -> Result<(), ApiError> {
    match text_field(part, "type", path)? {
        "text" => {
            add_text(text_field(part, "text", path)?, conversation);
            Ok(())
        }
        kind @ ("image_url" | "audio_url" | "video_url") => {
            let path = format!("{path}.{kind}");
            let url = text_field(part.get(kind), "url", &path)?;
            let medium = decode_data_uri(url)
                .map_err(|reason| ApiError::invalid(&path, format!("{path}.url: {reason}")))?;
            add_medium(kind, medium, &path, conversation)
        }
        "input_audio" => {
            let path = format!("{path}.input_audio");
            let audio = part.get("input_audio");
            let format = text_field(audio, "format", &path)?;
            let data = text_field(audio, "data", &path)?;
            // Some gateways want a data URI here, maybe without a mime type; base64 has no colon.
            let bytes = if data.contains(':') {
                decode_data_uri(data).map(|medium| medium.bytes)
            } else {
                decode_base64(data)
            };
            let bytes = bytes
                .map_err(|reason| ApiError::invalid(&path, format!("{path}.data: {reason}")))?;
            conversation.audios.push(Medium { mime: audio_mime(format, &path)?, bytes });
            Ok(())
        }
        other => Err(ApiError::invalid(
            format!("{path}.type"),
            format!(
                "{path}.type: unknown part type {}; known are text, image_url, input_audio, \
                 audio_url and video_url",
                excerpt(other)
            ),
        )),
    }
}

/// Sorts a medium by its mime type, as far as the part type allows: gateways send videos in
/// `image_url` too.
fn add_medium(
    kind: &str,
    medium: Medium,
    path: &str,
    conversation: &mut Conversation,
) -> Result<(), ApiError> {
    let family = medium.mime.split('/').next().unwrap_or_default();
    match (kind, family) {
        ("image_url", "image") => conversation.images.push(medium),
        ("audio_url", "audio") => conversation.audios.push(medium),
        ("image_url" | "video_url", "video") => {
            if conversation.video.replace(medium).is_some() {
                return Err(ApiError::invalid(
                    path,
                    format!("{path}: at most one video fits a question"),
                ));
            }
        }
        _ => {
            let wanted = match kind {
                "image_url" => "image/* or video/*",
                "audio_url" => "audio/*",
                _ => "video/*",
            };
            return Err(ApiError::invalid(
                path,
                format!(
                    "{path}.url: the mime type must be {wanted}, found {}",
                    excerpt(&medium.mime)
                ),
            ));
        }
    }
    Ok(())
}

fn add_text(text: &str, conversation: &mut Conversation) {
    if !conversation.text.is_empty() {
        conversation.text.push('\n');
    }
    conversation.text.push_str(text);
}

/// The mime type of an `input_audio.format`.
fn audio_mime(format: &str, path: &str) -> Result<String, ApiError> {
    let subtype = match format {
        "mp3" => "mpeg",
        "m4a" => "mp4",
        "wav" | "flac" | "ogg" | "opus" | "aac" | "webm" | "aiff" => format,
        _ => {
            return Err(ApiError::invalid(
                format!("{path}.format"),
                format!(
                    "{path}.format: unknown audio format {}; known are wav, mp3, flac, ogg, opus, \
                     aac, m4a, webm and aiff",
                    excerpt(format)
                ),
            ));
        }
    };
    Ok(format!("audio/{subtype}"))
}

/// The string in `name` of the object at `path`.
fn text_field<'a>(
    object: &'a Value<'_>,
    name: &'static str,
    path: &str,
) -> Result<&'a str, ApiError> {
    object.get(name).as_str().ok_or_else(|| {
        let problem = if object.is_object() {
            format!("{path}.{name} must be a string")
        } else {
            format!("{path} must be an object with the string {name:?}")
        };
        ApiError::invalid(format!("{path}.{name}"), problem)
    })
}
