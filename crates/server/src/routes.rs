//! The paths of the endpoint and what answers on each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use avibench_protocol::LocalModel;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::{get, post};
use http_body_util::BodyExt;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::api_error::ApiError;
use crate::completion::{Completion, FinishReason};
use crate::counters::Counters;
use crate::data_uri::excerpt;
use crate::options::ServerOptions;
use crate::reply::Reply;
use crate::request::{ChatRequest, unix_seconds};
use crate::tokens::{self, Usage};

/// What all requests share.
pub(crate) struct State {
    model: Arc<dyn LocalModel>,
    options: ServerOptions,
    counters: Counters,
    /// One permit a request that is parsed or answered.
    workers: Arc<Semaphore>,
    /// When the server started, seconds since 1970.
    started: u64,
    /// Numbers the answers.
    next_id: AtomicU64,
}

impl State {
    pub(crate) fn new(
        model: Arc<dyn LocalModel>,
        options: ServerOptions,
        counters: Counters,
    ) -> Arc<Self> {
        let workers = Arc::new(Semaphore::new(options.parallelism.get()));
        let started = unix_seconds();
        Arc::new(Self { model, options, counters, workers, started, next_id: AtomicU64::new(0) })
    }
}

/// All paths; anything else is a 404 that names them.
pub(crate) fn routes(state: Arc<State>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat_completions))
        .route("/v1/models", get(models))
        .route("/health", get(health))
        .route("/stats", get(stats))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .with_state(state)
}

async fn health() -> Reply {
    Reply::json(&json!({"status": "ok"}))
}

async fn stats(Shared(state): Shared<Arc<State>>) -> Reply {
    Reply::json(&json!(state.counters.snapshot()))
}

async fn models(Shared(state): Shared<Arc<State>>, headers: HeaderMap) -> Reply {
    if let Err(refusal) = check_key(&state, &headers) {
        return refusal.into();
    }
    Reply::json(&json!({
        "object": "list",
        "data": [{
            "id": state.model.name(),
            "object": "model",
            "created": state.started,
            "owned_by": "avibench",
        }],
    }))
}

async fn unknown_path(uri: Uri) -> Reply {
    let message = format!(
        "nothing is served at {}; known are POST /v1/chat/completions, GET /v1/models, \
         GET /health and GET /stats",
        uri.path()
    );
    ApiError::new(StatusCode::NOT_FOUND, message).into()
}

async fn wrong_method(method: Method, uri: Uri) -> Reply {
    let message = format!("{} does not take {method}", uri.path());
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, message).into()
}

async fn chat_completions(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    let in_flight = state.counters.arrive();
    let reply = answer(&state, request).await.unwrap_or_else(Reply::from);
    state.counters.answered(reply.status.as_u16());
    reply.send(Some(in_flight))
}

async fn answer(state: &Arc<State>, request: Request) -> Result<Reply, ApiError> {
    let (head, body) = request.into_parts();
    check_key(state, &head.headers)?;
    let body = read_body(&head.headers, body, state.options.max_body_bytes).await?;
    state.counters.received(body.len());
    on_worker(state, move |state| {
        let request = ChatRequest::parse(&body)?;
        drop(body);
        if request.stream {
            state.counters.streamed();
        }
        let completion = complete(state, &request)?;
        Ok(if request.stream {
            Reply::stream(&completion, request.include_usage)
        } else {
            Reply::whole(&completion)
        })
    })
    .await
}

fn check_key(state: &State, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(key) = &state.options.api_key else { return Ok(()) };
    if key.admits(headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes)) {
        return Ok(());
    }
    let message = "missing or wrong API key; send it as Authorization: Bearer <key>";
    Err(ApiError::new(StatusCode::UNAUTHORIZED, message).with_code("invalid_api_key"))
}

/// Reads a body of at most `limit` bytes. A larger one is read on and thrown away for as much
/// again, since most clients only look for an answer when they have sent everything.
async fn read_body(headers: &HeaderMap, mut body: Body, limit: usize) -> Result<Vec<u8>, ApiError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok())
        .unwrap_or(0);
    let mut bytes = Vec::with_capacity(announced.min(limit));
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

/// Runs `work` on a blocking thread, once one of the bounded number of workers is free. The work
/// goes on to its end, and keeps its worker, if the client leaves meanwhile.
async fn on_worker<T: Send + 'static>(
    state: &Arc<State>,
    work: impl FnOnce(&State) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let permit =
        state.workers.clone().acquire_owned().await.expect("the semaphore is never closed");
    let state = state.clone();
    let result = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work(&state)
    });
    result.await.unwrap_or_else(|_| {
        Err(ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the model crashed on this request; its own message is on the server's stderr",
        ))
    })
}

/// Asks the model and cuts its answer at the request's token limit.
fn complete(state: &State, request: &ChatRequest) -> Result<Completion, ApiError> {
    let served = state.model.name();
    if state.options.only_served_model && request.model != served {
        let message =
            format!("the model {} is not served here; {served:?} is", excerpt(&request.model));
        let mut error = ApiError::new(StatusCode::NOT_FOUND, message).with_code("model_not_found");
        error.param = Some("model".to_owned());
        return Err(error);
    }
    let mut text = state.model.answer(&request.conversation);
    let mut finish_reason = FinishReason::Stop;
    if let Some(limit) = request.max_tokens {
        let end: usize = tokens::pieces(&text).take(limit).map(str::len).sum();
        if end < text.len() {
            text.truncate(end);
            finish_reason = FinishReason::Length;
        }
    }
    let number = state.next_id.fetch_add(1, Ordering::Relaxed);
    Ok(Completion {
        id: format!("chatcmpl-{:x}-{number:08x}", state.started),
        created: unix_seconds(),
        model: served.to_owned(),
        usage: Usage::of(&request.conversation, &text),
        text,
        finish_reason,
    })
}
