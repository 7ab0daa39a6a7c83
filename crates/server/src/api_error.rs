//! An error as OpenAI-compatible clients expect it: a status and an `error` object.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::reply::Reply;

/// A refused request: the HTTP status and the `error` object of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    /// `error.type`, such as `invalid_request_error`.
    pub(crate) kind: &'static str,
    /// `error.param`: the path of the field at fault.
    pub(crate) param: Option<String>,
    /// `error.code`, such as `invalid_api_key`.
    pub(crate) code: Option<&'static str>,
    pub(crate) message: String,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: ErrorObject<'a>,
}

#[derive(Serialize)]
struct ErrorObject<'a> {
    message: &'a str,
    r#type: &'a str,
    param: Option<&'a str>,
    code: Option<&'a str>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        Reply::from(self).into_response()
    }
}

impl ApiError {
    /// An error of the kind that goes with `status`, without a field or a code.
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let kind = match status.as_u16() {
            401 => "authentication_error",
            403 => "permission_error",
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        };
        Self { status, kind, param: None, code: None, message: message.into() }
    }

    /// A 400 for the field at `param` (such as `messages[1].content[0].type`).
    pub(crate) fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::BAD_REQUEST, message);
        error.param = Some(param.into());
        error
    }

    /// The same error with an `error.code`.
    pub(crate) fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// The body: `{"error": {"message", "type", "param", "code"}}`.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let envelope = Envelope {
            error: ErrorObject {
                message: &self.message,
                r#type: self.kind,
                param: self.param.as_deref(),
                code: self.code,
            },
        };
        serde_json::to_vec(&envelope).expect("strings always serialise")
    }
}
