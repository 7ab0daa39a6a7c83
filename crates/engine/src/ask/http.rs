//! An OpenAI-compatible endpoint: one POST to `chat/completions`, one answer.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use avibench_media::Ffmpeg;
use jiff::Timestamp;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, Url, redirect};
use serde_json::{Map, Value};
use tokio::time::timeout_at;

use super::media_store::MediaStore;
use super::packing::Packing;
use super::reply::Reply;
use super::request_format::RequestFormat;
use super::response::Reception;
use super::{Asked, Question, load};
use crate::Secret;
use crate::failure::{Failure, excerpt};
use crate::secret::Secrets;

/// How to reach a model over HTTP.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Base URLs of replicas of one model, such as `http://127.0.0.1:8000/v1`; at least one.
    pub base_urls: Vec<String>,
    /// The key; without one no `Authorization` is sent.
    pub key: Option<Secret>,
    /// The model's name.
    pub model: String,
    /// Further fields of the request, such as `temperature`.
    pub parameters: Map<String, Value>,
    /// How media are packed; `None` where questions are of text alone.
    pub profile: Option<Packing>,
    /// Whether answers arrive as server-sent events.
    pub stream: bool,
    /// Time for a whole request, from the first byte out to the last byte in.
    pub timeout: Duration,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Most bytes of media in memory, unless one request alone needs more.
    pub inflight_bytes: u64,
}

impl HttpSettings {
    /// A model behind an endpoint, everything else as it usually is.
    #[must_use]
    pub fn new(base_url: &str, model: &str) -> Self {
        Self {
            base_urls: vec![base_url.to_owned()],
            key: None,
            model: model.to_owned(),
            parameters: Map::new(),
            profile: Some(Packing::default()),
            stream: false,
            timeout: Duration::from_mins(3),
            connect_timeout: Duration::from_secs(10),
            inflight_bytes: 256 << 20,
        }
    }

    /// What its requests consist of.
    ///
    /// # Errors
    ///
    /// [`HttpError::Parameter`] for a field that the program sets itself.
    pub fn request_format(&self) -> Result<RequestFormat, HttpError> {
        RequestFormat::new(&self.model, &self.parameters, self.stream, self.profile)
    }
}

/// Settings that no request can be made of.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// A base URL that is none.
    #[error(
        "`{url}` is no base URL ({reason}); expected something like http://127.0.0.1:8000/v1 in \
         --base-url or OPENAI_BASE_URL"
    )]
    BaseUrl {
        /// As given, without user name and password.
        url: String,
        /// What is wrong.
        reason: String,
    },
    /// No base URL at all.
    #[error("no base URL: name the endpoint with --base-url or OPENAI_BASE_URL")]
    NoBaseUrl,
    /// A key that cannot stand in a header.
    #[error("the API key holds characters that cannot be sent; check the variable or file")]
    Key,
    /// A parameter that the program sets itself.
    #[error(
        "parameter `{0}` is set by the program itself; leave it out of --param and --extra-body"
    )]
    Parameter(String),
    /// The client could not be set up.
    #[error("cannot set up HTTPS: {0}")]
    Client(String),
}

/// A backend over HTTP.
#[derive(Debug)]
pub struct Http {
    client: Client,
    endpoints: Vec<Endpoint>,
    settings: HttpSettings,
    request: RequestFormat,
    media: Arc<MediaStore>,
    /// Everything that must not be told.
    secrets: Secrets,
}

#[derive(Debug)]
struct Endpoint {
    url: Url,
    host: String,
}

impl Http {
    /// Checks the settings; nothing is sent.
    pub fn new(settings: HttpSettings) -> Result<Self, HttpError> {
        let endpoints = settings
            .base_urls
            .iter()
            .map(|url| Endpoint::new(url))
            .collect::<Result<Vec<_>, _>>()?;
        if endpoints.is_empty() {
            return Err(HttpError::NoBaseUrl);
        }
        let request = settings.request_format()?;
        let mut headers = HeaderMap::new();
        if let Some(key) = settings.key.as_ref().filter(|key| !key.is_empty()) {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose()))
                .map_err(|_| HttpError::Key)?;
            value.set_sensitive(true);
            headers.insert(reqwest::header::AUTHORIZATION, value);
        }
        // Whoever installed one before us has the say; a second install is refused, harmlessly.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("avibench/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(settings.connect_timeout)
            // A key follows no redirect to who knows where.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|e| HttpError::Client(reason_of(&e)))?;
        let preparation = request.preparation(None);
        let media = MediaStore::new(settings.inflight_bytes, preparation);
        let mut secrets = Secrets::default();
        secrets.extend(settings.key.iter().cloned());
        Ok(Self { client, endpoints, settings, request, media, secrets })
    }

    /// Lets an installed ffmpeg read the videos that the built-in decoders do not.
    #[must_use]
    pub fn with_ffmpeg(mut self, ffmpeg: Ffmpeg) -> Self {
        let preparation = self.request.preparation(Some(ffmpeg));
        self.media = MediaStore::new(self.settings.inflight_bytes, preparation);
        self
    }

    /// As [`Self::with_ffmpeg`] with the `ffmpeg` on the search path, if there is one and the
    /// profile takes videos apart.
    #[must_use]
    pub fn with_installed_ffmpeg(self) -> Self {
        match self.request.installed_ffmpeg() {
            Some(ffmpeg) => self.with_ffmpeg(ffmpeg),
            None => self,
        }
    }

    /// What its requests consist of.
    #[must_use]
    pub const fn request_format(&self) -> &RequestFormat {
        &self.request
    }

    /// Host and port of each replica: no key, no password, no path.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.endpoints.iter().map(|endpoint| endpoint.host.as_str())
    }

    pub(super) async fn ask(&self, question: &Question, replica: usize) -> Result<Asked, Failure> {
        let endpoint = &self.endpoints[replica];
        if self.request.packing().is_none() && question.media.iter().next().is_some() {
            let reason = "the endpoint is set up for text alone, but the question has media";
            return Err(Failure::Settings(reason.to_owned()));
        }
        let (lease, media) = load(&self.media, &question.media).await?;
        let (body, request) = self.request.body(media, &question.text, lease);
        let after = self.settings.timeout;
        let started = Instant::now();
        let reception = Reception {
            deadline: (started + after).into(),
            after,
            secrets: &self.secrets,
            failure_of: |error: &reqwest::Error| self.failure_of(endpoint, error),
        };
        let sent = self
            .client
            .post(endpoint.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json, text/event-stream")
            .body(reqwest::Body::wrap(body))
            .send();
        let response = timeout_at(reception.deadline, sent)
            .await
            .map_err(|_| Failure::Timeout { after })?
            .map_err(|error| self.failure_of(endpoint, &error))?;
        let reply = Self::read(&reception, response).await?;
        Ok(Asked { reply, request, latency: started.elapsed() })
    }

    async fn read<F: Fn(&reqwest::Error) -> Failure>(
        reception: &Reception<'_, F>,
        response: Response,
    ) -> Result<Reply, Failure> {
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let retry_after = header(RETRY_AFTER).and_then(|value| wait_of(value, Timestamp::now()));
        let is_announced_as_events = header(CONTENT_TYPE)
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/event-stream"));
        match status {
            200..=299 => reception.reply(response, is_announced_as_events).await,
            300..=399 => Err(Failure::Status {
                status,
                message: "the server redirects; give the final address as base URL".to_owned(),
                code: None,
                retry_after: None,
            }),
            _ => {
                let clean = |text| reception.secrets.redact(text);
                let error = reception.error(response).await;
                match error.verdict(Some((status, retry_after))).into_reply() {
                    Ok(refused) => Ok(refused.map_texts(clean)),
                    Err(failure) => Err(failure.map_texts(clean)),
                }
            }
        }
    }

    /// The class of a transport error, by its type and its chain of sources.
    fn failure_of(&self, endpoint: &Endpoint, error: &reqwest::Error) -> Failure {
        if error.is_builder() {
            Failure::Settings(format!("cannot build the request: {}", reason_of(error)))
        } else if error.is_connect() {
            Failure::Connect { host: endpoint.host.clone(), reason: reason_of(error) }
        } else if error.is_timeout() {
            Failure::Timeout { after: self.settings.timeout }
        } else {
            Failure::Broken { reason: reason_of(error) }
        }
    }
}

impl Endpoint {
    fn new(base: &str) -> Result<Self, HttpError> {
        let bad = |reason: String| HttpError::BaseUrl { url: without_password(base), reason };
        let mut url = Url::parse(base.trim()).map_err(|e| bad(e.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad(format!("its scheme is `{}`", url.scheme())));
        }
        let host = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return Err(bad("it names no host".to_owned())),
        };
        // Accepted with and without the last part, as people paste both.
        let path = url.path().trim_end_matches('/');
        if !path.ends_with("/chat/completions") {
            url.set_path(&format!("{path}/chat/completions"));
        }
        Ok(Self { url, host })
    }
}

fn without_password(base: &str) -> String {
    match (base.find("://"), base.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}{}", &base[..scheme + 3], &base[at + 1..])
        }
        (None, Some(at)) => base[at + 1..].to_owned(),
        _ => base.to_owned(),
    }
}

/// The root cause in words, without the URL.
fn reason_of(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut reason = String::new();
    while let Some(inner) = cause {
        reason = match inner.downcast_ref::<io::Error>() {
            Some(io) if io.kind() == io::ErrorKind::ConnectionRefused => {
                "connection refused".to_owned()
            }
            _ => inner.to_string(),
        };
        cause = inner.source();
    }
    if reason.is_empty() { "no reason given".to_owned() } else { excerpt(&reason) }
}

/// The wait that a `Retry-After` asks for: seconds or a date. Anything else asks for nothing.
fn wait_of(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_are_completed_and_stripped() {
        for (base, url) in [
            ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1/chat/completions"),
            ("http://127.0.0.1:8000/v1/ ", "http://127.0.0.1:8000/v1/chat/completions"),
            ("https://x.org", "https://x.org/chat/completions"),
            ("https://x.org/v1/chat/completions", "https://x.org/v1/chat/completions"),
        ] {
            assert_eq!(Endpoint::new(base).unwrap().url.as_str(), url);
        }
        assert_eq!(Endpoint::new("https://a:secret@x.org:81/v1").unwrap().host, "x.org:81");
        for bad in ["x.org/v1", "ftp://a:secret@x.org", "", "http://"] {
            let message = Endpoint::new(bad).unwrap_err().to_string();
            assert!(!message.contains("secret"), "{message}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let of = |value| wait_of(value, now);
        assert_eq!(of(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(of("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(of("Thu, 01 Jan 2026 00:01:00 GMT"), Some(Duration::from_mins(1)));
        assert_eq!(of("Thu, 01 Jan 2015 00:01:00 GMT"), Some(Duration::ZERO));
        for garbage in ["soon", "-3", "NaN", "inf", "1e400", ""] {
            assert_eq!(of(garbage), None, "{garbage}");
        }
    }
}
