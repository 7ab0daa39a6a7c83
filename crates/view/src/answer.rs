//! Answers of the server: pages and sentences.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

/// A page.
pub(crate) fn html(page: impl Into<axum::body::Body>) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], page.into())
        .into_response()
}

/// A sentence.
pub(crate) fn text(status: StatusCode, sentence: impl Into<String>) -> Response {
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    (status, [(CONTENT_TYPE, plain)], format!("{}\n", sentence.into())).into_response()
}

/// A page that says why another one cannot be shown.
pub(crate) fn no_page(error: &dyn std::fmt::Display) -> Response {
    let mut page = Vec::new();
    match avibench_pages::write_problem(&error.to_string(), &mut page) {
        Ok(()) => (StatusCode::UNPROCESSABLE_ENTITY, html(page)).into_response(),
        Err(_) => problem(error),
    }
}

/// Data.
pub(crate) fn json(data: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(data) {
        Ok(json) => {
            ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response()
        }
        Err(error) => problem(&error),
    }
}

/// What went wrong.
pub(crate) fn problem(error: &dyn std::fmt::Display) -> Response {
    text(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
}
