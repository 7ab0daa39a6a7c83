//! The paths of the endpoint and what answers on each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use avibench_protocol::LocalModel;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::api_error::ApiError;
use crate::batch_routes::batch_routes;
use crate::batches::Batches;
use crate::body::read_body;
use crate::completion::{Completion, FinishReason};
use crate::counters::Counters;
use crate::data_uri::excerpt;
use crate::delivery::Held;
use crate::faults::{self, Gate, Hits, Pass, Question, Schedule};
use crate::line::Scissors;
use crate::options::ServerOptions;
use crate::reply::{Ending, Reply};
use crate::request::{ChatRequest, unix_seconds};
use crate::request_log::RequestLog;
use crate::stored_files::StoredFiles;
use crate::tokens::{self, Usage};

/// What all requests share.
pub(crate) struct State {
    model: Arc<dyn LocalModel>,
    options: ServerOptions,
    gate: Gate,
    schedule: Schedule,
    counters: Counters,
    log: Option<RequestLog>,
    /// One permit a request that is parsed or answered.
    workers: Arc<Semaphore>,
    /// When the server started, seconds since 1970.
    started: u64,
    /// Numbers the answers.
    next_id: AtomicU64,
    files: StoredFiles,
    batches: Batches,
}

impl State {
    pub(crate) fn new(
        model: Arc<dyn LocalModel>,
        options: ServerOptions,
        log: Option<RequestLog>,
        counters: Counters,
    ) -> Arc<Self> {
        Arc::new(Self {
            gate: Gate::new(options.faults.limits.clone()),
            schedule: Schedule::new(&options.faults),
            workers: Arc::new(Semaphore::new(options.parallelism.get())),
            started: unix_seconds(),
            next_id: AtomicU64::new(0),
            files: StoredFiles::new(options.batches.stored_bytes),
            batches: Batches::default(),
            model,
            options,
            counters,
            log,
        })
    }

    pub(crate) const fn options(&self) -> &ServerOptions {
        &self.options
    }

    /// What clients uploaded, and what batches left.
    pub(crate) const fn files(&self) -> &StoredFiles {
        &self.files
    }

    pub(crate) const fn batches(&self) -> &Batches {
        &self.batches
    }
}

/// All paths; anything else is a 404 that names them.
pub(crate) fn routes(state: Arc<State>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat_completions))
        .route("/v1/models", get(models))
        .route("/health", get(health))
        .route("/stats", get(stats))
        .merge(batch_routes())
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
         /v1/files, /v1/batches, GET /health and GET /stats",
        uri.path()
    );
    ApiError::new(StatusCode::NOT_FOUND, message).into()
}

async fn wrong_method(method: Method, uri: Uri) -> Reply {
    let message = format!("{} does not take {method}", uri.path());
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, message).into()
}

async fn chat_completions(
    Shared(state): Shared<Arc<State>>,
    Extension(scissors): Extension<Scissors>,
    request: Request,
) -> Response {
    let in_flight = state.counters.arrive();
    let (pass, reply) = admit(&state, request).await;
    if reply.ending != Ending::ResetAtOnce {
        state.counters.answered(reply.status.as_u16());
    }
    reply.send(Some(Held { _in_flight: in_flight, _pass: pass }), scissors)
}

/// Answers a request with the right key that fits the limits. Refused bodies are read all the
/// same, since most clients only look for an answer when they have sent everything.
async fn admit(state: &Arc<State>, request: Request) -> (Option<Pass>, Reply) {
    let (head, body) = request.into_parts();
    let admission = match check_key(state, &head.headers) {
        Ok(()) => state.gate.enter(Instant::now()).map_err(|crowded| {
            state.counters.struck(crowded.name.to_owned());
            crowded.into_reply(SystemTime::now())
        }),
        Err(error) => Err(error.into()),
    };
    let body = read_body(&head.headers, body, state.options.max_body_bytes).await;
    match (admission, body) {
        (Err(refusal), body) => (None, note_refusal(state, refusal, &body.unwrap_or_default())),
        (Ok(pass), Err(error)) => (Some(pass), error.into()),
        (Ok(pass), Ok(body)) => {
            state.counters.received(body.len());
            (Some(pass), answer(state, body).await)
        }
    }
}

fn note_refusal(state: &State, refusal: Reply, body: &[u8]) -> Reply {
    let noted = state.log.as_ref().map(|log| log.refused(body, refusal.status)).transpose();
    noted.map_or_else(Reply::from, |_| refusal)
}

/// What will be said once the delay is over.
struct Decided {
    reply: Reply,
    delay: Duration,
    /// The question's number in the log.
    number: Option<u64>,
    faults: Vec<String>,
    /// The model's own words.
    said: Option<String>,
}

/// Answers a body, with the faults that the plan has for it.
pub(crate) async fn answer(state: &Arc<State>, body: Vec<u8>) -> Reply {
    let decided = on_worker(state, move |state| decide(state, body)).await;
    let decided = match decided.and_then(|decided| decided) {
        Ok(decided) => decided,
        Err(error) => return error.into(),
    };
    tokio::time::sleep(decided.delay).await;
    if let (Some(log), Some(number)) = (&state.log, decided.number) {
        let status = decided.reply.status;
        if let Err(error) = log.answers(number, status, &decided.faults, decided.said.as_deref()) {
            return error.into();
        }
    }
    decided.reply
}

fn decide(state: &State, body: Vec<u8>) -> Result<Decided, ApiError> {
    let request = ChatRequest::parse(&body);
    let number =
        state.log.as_ref().map(|log| log.asked(&body, request.as_ref().ok())).transpose()?;
    let (streamed, text) = match &request {
        Ok(request) => (request.stream, request.conversation.text.as_str()),
        Err(_) => (false, ""),
    };
    let hits = state.schedule.strike(&Question { body: &body, streamed, text });
    drop(body);
    if streamed {
        state.counters.streamed();
    }
    let faults: Vec<String> = hits.names().collect();
    for name in &faults {
        state.counters.struck(name.clone());
    }
    let refusal = hits.harm().and_then(|fault| faults::replacement(fault, SystemTime::now()));
    let (mut reply, said) = match (refusal, request) {
        (Some(refusal), _) => (refusal, None),
        (None, Ok(request)) => match reply_to(state, &request, &hits) {
            Ok((reply, said)) => (reply, said),
            Err(error) => (error.into(), None),
        },
        (None, Err(error)) => (error.into(), None),
    };
    faults::apply(&mut reply, &hits);
    Ok(Decided { reply, delay: hits.delay(), number, faults, said })
}

/// The model's answer in the shape that was asked for, altered by faults of content, and its
/// words.
fn reply_to(
    state: &State,
    request: &ChatRequest,
    hits: &Hits,
) -> Result<(Reply, Option<String>), ApiError> {
    let mut completion = complete(state, request)?;
    if let Some(fault) = hits.harm() {
        faults::alter(&mut completion, fault);
    }
    let reply = if request.stream {
        Reply::stream(&completion, request.include_usage)
    } else {
        Reply::whole(&completion)
    };
    Ok((reply, completion.text))
}

pub(crate) fn check_key(state: &State, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(key) = &state.options.api_key else { return Ok(()) };
    if key.admits(headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes)) {
        return Ok(());
    }
    let message = "missing or wrong API key; send it as Authorization: Bearer <key>";
    Err(ApiError::new(StatusCode::UNAUTHORIZED, message).with_code("invalid_api_key"))
}

/// Runs `work` on a blocking thread, once one of the bounded number of workers is free. The work
/// goes on to its end, and keeps its worker, if the client leaves meanwhile.
async fn on_worker<T: Send + 'static>(
    state: &Arc<State>,
    work: impl FnOnce(&State) -> T + Send + 'static,
) -> Result<T, ApiError> {
    let permit =
        state.workers.clone().acquire_owned().await.expect("the semaphore is never closed");
    let working = state.counters.work();
    let state = state.clone();
    let result = tokio::task::spawn_blocking(move || {
        let (_permit, _working) = (permit, working);
        work(&state)
    });
    result.await.map_err(|_| {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the model crashed on this request; its own message is on the server's stderr",
        )
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
        text: Some(text),
        refusal: None,
        finish_reason,
    })
}
