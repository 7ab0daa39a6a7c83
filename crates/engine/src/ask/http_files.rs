//! Further paths of an OpenAI-compatible service beside `chat/completions`, by the same way and with
//! the same key: JSON asked for and sent, files uploaded and fetched.

use std::path::Path;
use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::endpoint::Endpoint;
use super::http::{Http, refused_on_the_way};
use super::server_error::ServerError;
use crate::failure::{Failure, excerpt};
use crate::waits;

/// Most bytes of a JSON document that a service sends about files and batches.
const DOCUMENT_LIMIT: usize = 16 << 20;
/// How often a request is made that changes nothing.
const TRIES: u32 = 4;
/// The wait after the first failure; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait, also where the server asks for more.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The time for a file grows with its size: no line is expected to be slower, in bytes a second.
const SLOWEST: u64 = 32 << 10;

/// A file to upload.
#[derive(Debug, Clone, Copy)]
pub struct UploadedFile<'a> {
    /// Where it lies.
    pub path: &'a Path,
    /// The name that the service is to give it.
    pub name: &'a str,
    /// What the service is to use it for.
    pub purpose: &'a str,
}

impl Http {
    /// Asks for the JSON at a path of the service, such as `batches/ID`. A failure that may pass is
    /// tried again a few times.
    ///
    /// # Errors
    ///
    /// If there is no answer, or it is an error or no JSON.
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Failure> {
        let mut wait = FIRST_WAIT;
        for _ in 1..TRIES {
            let asked = self.document(Method::GET, path, |request| request.query(query)).await;
            match asked {
                Err(failure) if failure.consequence() == crate::Consequence::Retry => {
                    sleep(wait.max(failure.retry_after().unwrap_or_default().min(LONGEST_WAIT)))
                        .await;
                    wait *= 2;
                }
                asked => return asked,
            }
        }
        self.document(Method::GET, path, |request| request.query(query)).await
    }

    /// Sends JSON to a path of the service, once.
    ///
    /// # Errors
    ///
    /// If there is no answer, or it is an error or no JSON. What was sent may have arrived all the same.
    pub async fn post(&self, path: &str, document: &Value) -> Result<Value, Failure> {
        self.document(Method::POST, path, |request| request.json(document)).await
    }

    /// Uploads a file to `files`, once, a piece at a time.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or the service does not take it.
    pub async fn upload(&self, file: UploadedFile<'_>) -> Result<Value, Failure> {
        let unreadable =
            |error| Failure::Settings(format!("cannot read {}: {error}", file.path.display()));
        let opened = tokio::fs::File::open(file.path).await.map_err(unreadable)?;
        let length = opened.metadata().await.map_err(unreadable)?.len();
        let part = Part::stream_with_length(opened, length).file_name(file.name.to_owned());
        let form = Form::new().text("purpose", file.purpose.to_owned()).part("file", part);
        let time = self.time() + Duration::from_secs(length / SLOWEST);
        self.document_in(time, Method::POST, "files", |request| request.multipart(form)).await
    }

    /// Fetches the content at a path of the service and gives it to `take` a piece at a time.
    ///
    /// # Errors
    ///
    /// If it breaks off, the service does not give it, or `take` fails.
    pub async fn fetch(
        &self,
        path: &str,
        mut take: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        let endpoint = self.service()?;
        let time = self.time();
        let late = |_| Failure::Timeout { after: time };
        let request = self.request(endpoint, Method::GET, path);
        let mut response = self.respond(endpoint, time, request).await?;
        loop {
            let piece = timeout(time, response.chunk()).await.map_err(late)?;
            let Some(piece) = piece.map_err(|error| self.failure_of(endpoint, &error))? else {
                return Ok(());
            };
            take(&piece).map_err(|error| Failure::Settings(format!("cannot write: {error}")))?;
        }
    }

    /// Whom files and batches go to: the first of several replicas, as others do not know them.
    fn service(&self) -> Result<&Endpoint, Failure> {
        let none = || Failure::Settings("there is no base URL".to_owned());
        self.endpoints.first().ok_or_else(none)
    }

    fn request(&self, endpoint: &Endpoint, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, endpoint.sibling(path))
            .headers(endpoint.headers().clone())
            .header(ACCEPT_ENCODING, "identity")
    }

    async fn document(
        &self,
        method: Method,
        path: &str,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Value, Failure> {
        self.document_in(self.time(), method, path, fill).await
    }

    async fn document_in(
        &self,
        time: Duration,
        method: Method,
        path: &str,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Value, Failure> {
        let endpoint = self.service()?;
        let request = self.request(endpoint, method, path).header(ACCEPT, "application/json");
        let mut response = self.respond(endpoint, time, fill(request)).await?;
        let mut body = Vec::new();
        let read = async {
            while let Some(piece) = response.chunk().await? {
                body.extend_from_slice(&piece);
                if body.len() > DOCUMENT_LIMIT {
                    break;
                }
            }
            Ok(())
        };
        timeout(time, read)
            .await
            .map_err(|_| Failure::Timeout { after: time })?
            .map_err(|error: reqwest::Error| self.failure_of(endpoint, &error))?;
        let malformed = |reason| {
            let said = String::from_utf8_lossy(&body[..body.len().min(2048)]).into_owned();
            Failure::Malformed { reason, excerpt: excerpt(&self.secrets.redact(said)) }
        };
        if body.len() > DOCUMENT_LIMIT {
            return Err(malformed("the document is longer than 16 MiB"));
        }
        serde_json::from_slice(&body).map_err(|_| malformed("the body is no JSON"))
    }

    /// A response with a success status.
    async fn respond(
        &self,
        endpoint: &Endpoint,
        time: Duration,
        request: RequestBuilder,
    ) -> Result<Response, Failure> {
        let mut response = timeout(time, request.send())
            .await
            .map_err(|_| Failure::Timeout { after: time })?
            .map_err(|error| self.failure_of(endpoint, &error))?;
        if let Some(failure) = refused_on_the_way(endpoint, &response) {
            return Err(failure.map_texts(|text| self.secrets.redact(text)));
        }
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if status.is_redirection() {
            return Err(Failure::Status {
                status: status.as_u16(),
                message: "the server redirects; give the final address as base URL".to_owned(),
                code: None,
                retry_after: None,
            });
        }
        let headers = response.headers().clone();
        let mut said = Vec::new();
        while let Ok(Ok(Some(piece))) = timeout(time, response.chunk()).await {
            said.extend_from_slice(&piece);
            if said.len() > DOCUMENT_LIMIT {
                break;
            }
        }
        let said = self.secrets.redact(String::from_utf8_lossy(&said).into_owned());
        let verdict = ServerError::of_body(&said).verdict(Some(status.as_u16())).into_reply();
        let failure = verdict.err().unwrap_or_else(|| Failure::Status {
            status: status.as_u16(),
            message: excerpt(&said),
            code: None,
            retry_after: None,
        });
        Err(waits::completed(failure, &headers, "").map_texts(|text| self.secrets.redact(text)))
    }
}
