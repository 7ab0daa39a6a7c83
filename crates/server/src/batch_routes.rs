//! `/v1/files` and `/v1/batches`: what OpenAI's batch interface needs.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Multipart, Path, Query, Request, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio_util::io::ReaderStream;

use crate::api_error::ApiError;
use crate::batch_lines::ENDPOINT;
use crate::batches;
use crate::body::read_body;
use crate::reply::Reply;
use crate::routes::{State, check_key};
use crate::stored_files::{FileInWork, StoredFile, on_disk};

/// Entries of a page, where the client does not say.
const PAGE: usize = 20;
/// Most entries of a page.
const LARGEST_PAGE: usize = 10_000;
/// Most bytes of the request for a batch.
const LONGEST_REQUEST: usize = 1 << 20;
/// Most bytes of a form's fields but the file.
const LONGEST_FIELD: usize = 256;

/// The part of a list that a client wants.
#[derive(Debug, Deserialize)]
struct Wanted {
    limit: Option<usize>,
    after: Option<String>,
    purpose: Option<String>,
}

/// The paths of files and batches.
pub(crate) fn batch_routes() -> Router<Arc<State>> {
    Router::new()
        .route("/v1/files", get(list_files).post(upload).layer(DefaultBodyLimit::disable()))
        .route("/v1/files/{id}", get(file).delete(delete_file))
        .route("/v1/files/{id}/content", get(content))
        .route("/v1/batches", get(list_batches).post(create))
        .route("/v1/batches/{id}", get(batch))
        .route("/v1/batches/{id}/cancel", post(cancel))
}

async fn upload(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Reply, ApiError> {
    check_key(&state, &headers)?;
    let mut form = form.map_err(|rejection| bad(rejection.body_text()))?;
    let (mut purpose, mut file) = (None, None);
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        match field.name() {
            Some("purpose") => purpose = Some(short(field).await?),
            Some("file") if file.is_none() => file = Some(receive(&state, field).await?),
            // Further fields, such as when the file expires, have no effect.
            _ => drop(short(field).await?),
        }
    }
    let (file, name) = file.ok_or_else(|| ApiError::invalid("file", "the form holds no file"))?;
    let purpose =
        purpose.ok_or_else(|| ApiError::invalid("purpose", "the form holds no purpose"))?;
    Ok(Reply::json(&file.keep(name, purpose).to_json()))
}

/// Writes an uploaded file to the disk as it comes.
async fn receive<'a>(
    state: &'a State,
    mut field: Field<'_>,
) -> Result<(FileInWork<'a>, String), ApiError> {
    let name = field.file_name().unwrap_or("upload.jsonl").chars().take(LONGEST_FIELD).collect();
    let mut file = state.files().begin()?;
    let created = tokio::fs::File::create(file.path()).await;
    let mut out = created.map_err(|error| on_disk(&error))?;
    while let Some(piece) = field.chunk().await.map_err(|error| broken(&error))? {
        file.grow(piece.len() as u64)?;
        out.write_all(&piece).await.map_err(|error| on_disk(&error))?;
    }
    out.flush().await.map_err(|error| on_disk(&error))?;
    Ok((file, name))
}

/// A field that holds a word.
async fn short(mut field: Field<'_>) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|error| broken(&error))? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > LONGEST_FIELD {
            return Err(bad(format!("a field of the form is longer than {LONGEST_FIELD} bytes")));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn broken(error: &MultipartError) -> ApiError {
    bad(format!("the form cannot be read: {}", error.body_text()))
}

fn bad(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, message)
}

async fn list_files(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Reply, ApiError> {
    check_key(&state, &headers)?;
    let files = state.files().list(wanted.purpose.as_deref());
    let files: Vec<Value> = files.iter().map(StoredFile::to_json).collect();
    Ok(page(&files, &wanted))
}

/// A page of a list.
fn page(all: &[Value], wanted: &Wanted) -> Reply {
    let id = |entry: &Value| entry["id"].as_str().map(str::to_owned);
    let begin = match &wanted.after {
        None => 0,
        Some(after) => all
            .iter()
            .position(|entry| id(entry).as_ref() == Some(after))
            .map_or(all.len(), |at| at + 1),
    };
    let limit = wanted.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let data: Vec<Value> = all.iter().skip(begin).take(limit).cloned().collect();
    Reply::json(&json!({"object": "list", "has_more": begin + data.len() < all.len(),
        "first_id": data.first().and_then(id), "last_id": data.last().and_then(id), "data": data}))
}

async fn file(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Reply, ApiError> {
    check_key(&state, &headers)?;
    Ok(Reply::json(&state.files().get(&id)?.to_json()))
}

async fn delete_file(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Reply, ApiError> {
    check_key(&state, &headers)?;
    state.files().delete(&id)?;
    Ok(Reply::json(&json!({"id": id, "object": "file", "deleted": true})))
}

async fn content(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    check_key(&state, &headers)?;
    let stored = state.files().get(&id)?;
    let file = tokio::fs::File::open(&stored.path).await.map_err(|error| on_disk(&error))?;
    let kind = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, stored.bytes.to_string()),
    ];
    Ok((kind, Body::from_stream(ReaderStream::new(file))).into_response())
}

async fn list_batches(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Reply, ApiError> {
    check_key(&state, &headers)?;
    let batches = state.batches().list();
    let batches: Vec<Value> = batches.iter().map(batches::Batch::to_json).collect();
    Ok(page(&batches, &wanted))
}

async fn create(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Reply, ApiError> {
    let (head, body) = request.into_parts();
    check_key(&state, &head.headers)?;
    let body = read_body(&head.headers, body, LONGEST_REQUEST).await?;
    let wanted: Value = serde_json::from_slice(&body)
        .map_err(|error| bad(format!("the body is not valid JSON: {error}")))?;
    let text = |name: &'static str| {
        let value = wanted.get(name).and_then(Value::as_str).map(str::to_owned);
        value.ok_or_else(|| ApiError::invalid(name, format!("{name} must be a text")))
    };
    let endpoint = text("endpoint")?;
    if endpoint != ENDPOINT {
        return Err(ApiError::invalid("endpoint", format!("endpoint must be {ENDPOINT}")));
    }
    let input = state.files().get(&text("input_file_id")?)?;
    let metadata = wanted.get("metadata").cloned().unwrap_or(Value::Null);
    let window = text("completion_window")?;
    let batch = state.batches().create(input, endpoint, window, metadata)?;
    let created = Reply::json(&batch.to_json());
    tokio::spawn(batches::work(state, batch));
    Ok(created)
}

async fn batch(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Reply, ApiError> {
    check_key(&state, &headers)?;
    Ok(Reply::json(&state.batches().get(&id)?.to_json()))
}

async fn cancel(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Reply, ApiError> {
    check_key(&state, &headers)?;
    Ok(Reply::json(&state.batches().cancel(&id)?.to_json()))
}
