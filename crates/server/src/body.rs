//! Request bodies, read whole into one buffer within a limit.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;

use crate::api_error::ApiError;

/// Reads a body of at most `limit` bytes. A larger one is read on and thrown away for as much
/// again, so that the client gets to see the refusal.
pub(crate) async fn read_body(
    headers: &HeaderMap,
    mut body: Body,
    limit: usize,
) -> Result<Vec<u8>, ApiError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok())
        .unwrap_or(0);
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(announced.min(limit)).is_err() {
        let message = format!("there is no memory for a request body of {announced} bytes");
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    let mut excess = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            ApiError::new(StatusCode::BAD_REQUEST, format!("the body broke off: {error}"))
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if excess == 0 && data.len() <= limit - bytes.len() {
            bytes.extend_from_slice(&data);
        } else {
            bytes = Vec::new();
            excess += data.len();
            if excess > limit {
                break;
            }
        }
    }
    if excess == 0 {
        return Ok(bytes);
    }
    Err(ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("the request body is larger than this server's limit of {limit} bytes"),
    ))
}
