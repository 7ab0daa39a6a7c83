//! Media inside a request: base64 text, bare or as a `data:` URI, decoded in one pass into its
//! final allocation.

use std::sync::Arc;

use avibench_protocol::Medium;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig};
use thiserror::Error;

/// Reads both padded and unpadded base64 of the standard alphabet; padding is cut off before.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// What is wrong with a medium inside a request. Its content is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum DataUriError {
    #[error(
        "this server never fetches remote addresses; send the file itself as a base64 data URI \
         (data:<mime type>;base64,...)"
    )]
    Remote,
    #[error("expected a base64 data URI (data:<mime type>;base64,...), found {found}")]
    OtherScheme {
        /// The beginning, in quotes.
        found: String,
    },
    #[error("the data URI has no comma between its mime type and its content")]
    NoComma,
    #[error("the data URI must be base64, found the head {found}")]
    NotBase64 {
        /// The beginning of the head, in quotes.
        found: String,
    },
    #[error("the base64 content is empty")]
    Empty,
    #[error("the content is not base64: {0}")]
    Content(String),
}

/// Decodes the `data:` URI of an image, audio clip or video.
///
/// # Errors
///
/// For a remote address, another scheme, no `;base64`, or broken base64.
pub(crate) fn decode_data_uri(uri: &str) -> Result<Medium, DataUriError> {
    let scheme = uri.split_once(':').map_or("", |(scheme, _)| scheme);
    if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") {
        return Err(DataUriError::Remote);
    }
    if !scheme.eq_ignore_ascii_case("data") {
        return Err(DataUriError::OtherScheme { found: excerpt(uri) });
    }
    let Some((head, payload)) = uri["data:".len()..].split_once(',') else {
        return Err(DataUriError::NoComma);
    };
    let mut attributes = head.split(';');
    let mime = attributes.next().unwrap_or_default().trim().to_ascii_lowercase();
    if !attributes.any(|attribute| attribute.trim().eq_ignore_ascii_case("base64")) {
        return Err(DataUriError::NotBase64 { found: excerpt(head) });
    }
    Ok(Medium { mime, bytes: decode_base64(payload)? })
}

/// Decodes base64 of the standard alphabet, with or without padding.
///
/// # Errors
///
/// Says which byte is out of place, or that nothing was sent.
pub(crate) fn decode_base64(text: &str) -> Result<Arc<[u8]>, DataUriError> {
    let symbols = text.trim_end_matches('=');
    if symbols.is_empty() {
        return Err(DataUriError::Empty);
    }
    // The text is decoded in place, so that the bytes are not held twice. Zeroes of the allocator take no memory until
    // they are written to, and an iterator of them takes a step for each byte where nothing is optimised.
    let mut bytes: Arc<[u8]> = vec![0; symbols.len() / 4 * 3 + symbols.len() % 4 * 3 / 4].into();
    let room = Arc::get_mut(&mut bytes).expect("an Arc that was just made has one owner");
    BASE64
        .decode_slice(symbols, room)
        .map_err(|error| DataUriError::Content(lower_first(&error.to_string())))?;
    Ok(bytes)
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The first characters of `text` in quotes, for messages: content may be megabytes long.
pub(crate) fn excerpt(text: &str) -> String {
    const LIMIT: usize = 40;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};

    #[test]
    fn every_length_survives_with_and_without_padding() {
        for length in 1..70_u8 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(151)).collect();
            for text in [BASE64_STANDARD.encode(&bytes), BASE64_STANDARD_NO_PAD.encode(&bytes)] {
                assert_eq!(&*decode_base64(&text).unwrap(), bytes.as_slice(), "{length}");
            }
        }
    }

    #[test]
    fn mime_type_and_extra_attributes() {
        let medium = decode_data_uri("DATA:Video/MP4;codecs=avc1;base64,AAEC").unwrap();
        assert_eq!(medium.mime, "video/mp4");
        assert_eq!(&*medium.bytes, &[0, 1, 2]);
    }

    #[test]
    fn refusals_say_why_and_stay_short() {
        let long = format!("file:{}", "x".repeat(1_000_000));
        for (uri, reason) in [
            ("https://example.org/cat.png", "never fetches"),
            ("HTTP://example.org/cat.png", "never fetches"),
            ("/home/me/cat.png", "expected a base64 data URI"),
            (long.as_str(), "expected a base64 data URI"),
            ("data:image/png;base64", "no comma"),
            ("data:image/png,abc", "must be base64"),
            ("data:image/png;base64,", "empty"),
            ("data:image/png;base64,====", "empty"),
            ("data:image/png;base64,A", "not base64"),
            ("data:image/png;base64,AA AA", "not base64"),
            ("data:image/png;base64,AA=A", "not base64"),
            ("data:image/png;base64,AA-_", "not base64"),
            ("data:image/png;base64,AAé", "not base64"),
        ] {
            let message = decode_data_uri(uri).unwrap_err().to_string();
            assert!(message.contains(reason), "{message}");
            assert!(message.len() < 200, "{message}");
        }
    }
}
