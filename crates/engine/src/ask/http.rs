//! An OpenAI-compatible endpoint: one POST to `chat/completions`, one answer.

use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use avibench_media::Ffmpeg;
use avibench_network::{Diagnosis, Network, NetworkError};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::{Client, Response, redirect};
use serde_json::{Map, Value};
use tokio::time::timeout_at;

use super::endpoint::Endpoint;
use super::header::ExtraHeader;
use super::media_store::MediaStore;
use super::packing::Packing;
use super::reply::Reply;
use super::request_format::RequestFormat;
use super::response::Reception;
use super::{Asked, Loaded, Question, load};
use crate::Secret;
use crate::failure::{Failure, excerpt};
use crate::secret::Secrets;
use crate::waits;

/// How to reach a model over HTTP.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Base URLs of replicas of one model, such as `http://127.0.0.1:8000/v1`; at least one.
    pub base_urls: Vec<String>,
    /// The key; without one no `Authorization` is sent, unless a header or a base URL brings it.
    pub key: Option<Secret>,
    /// Further headers of every request; an `Authorization` among them replaces the key's.
    pub headers: Vec<ExtraHeader>,
    /// Proxies and certificates.
    pub network: Network,
    /// The model's name.
    pub model: String,
    /// Further fields of the request, such as `temperature`.
    pub parameters: Map<String, Value>,
    /// How media are packed; `None` where questions are of text alone.
    pub profile: Option<Packing>,
    /// Whether answers arrive as server-sent events.
    pub stream: bool,
    /// Time for a whole request: for decoding its media, and from the first byte out to the last byte
    /// in.
    pub timeout: Duration,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Most bytes of media in memory, with what decoding them takes, unless one request alone needs
    /// more.
    pub inflight_bytes: u64,
}

impl HttpSettings {
    /// A model behind an endpoint, everything else as it usually is.
    #[must_use]
    pub fn new(base_url: &str, model: &str) -> Self {
        Self {
            base_urls: vec![base_url.to_owned()],
            key: None,
            headers: Vec::new(),
            network: Network::from_env(),
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
    /// A header that cannot be sent along.
    #[error("--header {name}: {reason}")]
    Header {
        /// Its name.
        name: String,
        /// Why, without the value.
        reason: &'static str,
    },
    /// A proxy or certificates that cannot be used.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A key that cannot stand in a header.
    #[error("the API key holds characters that cannot be sent; check the variable or file")]
    Key,
    /// A parameter that the program sets itself.
    #[error(
        "parameter `{0}` is set by the program itself; leave it out of --param and --extra-body"
    )]
    Parameter(String),
    /// A parameter without a counterpart in Gemini's requests.
    #[error(
        "parameter `{0}` has no counterpart in a Gemini batch; leave it out, or give Gemini's own \
         settings with --extra-body '{{\"generationConfig\": {{...}}}}'"
    )]
    NotForGemini(String),
    /// Streamed answers in a batch.
    #[error("the answers of a batch come as files and cannot be streamed; leave out --stream")]
    Streamed,
    /// The client could not be set up.
    #[error("cannot set up HTTPS: {0}")]
    Client(String),
}

/// A backend over HTTP.
#[derive(Debug)]
pub struct Http {
    pub(super) client: Client,
    pub(super) endpoints: Vec<Endpoint>,
    settings: Box<HttpSettings>,
    request: RequestFormat,
    media: Arc<MediaStore>,
    /// Everything that must not be told: key, headers, passwords.
    pub(super) secrets: Secrets,
}

impl Http {
    /// Checks the settings; nothing is sent.
    pub fn new(settings: HttpSettings) -> Result<Self, HttpError> {
        let endpoints = settings
            .base_urls
            .iter()
            .map(|url| Endpoint::new(url, &settings))
            .collect::<Result<Vec<_>, _>>()?;
        if endpoints.is_empty() {
            return Err(HttpError::NoBaseUrl);
        }
        let request = settings.request_format()?;
        let mut secrets = Secrets::default();
        secrets.extend(settings.key.iter().cloned());
        secrets.extend(settings.headers.iter().map(|header| header.value().clone()));
        secrets.extend(endpoints.iter().flat_map(Endpoint::secrets));
        let mut client = Client::builder()
            .user_agent(concat!("avibench/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(settings.connect_timeout)
            // A key follows no redirect to who knows where.
            .redirect(redirect::Policy::none())
            // Some proxies find a password only under a name written like this.
            .http1_title_case_headers()
            .proxy(settings.network.proxy());
        // Otherwise an upload that the server does not take for 30 s ends as if the whole time were up.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            client = client.tcp_user_timeout(settings.timeout);
        }
        // A flag that names certificates is checked in any case; what the machine trusts is read
        // where it is needed.
        let tls = settings.network.tls(endpoints.iter().any(Endpoint::needs_tls))?;
        client = client.tls_backend_preconfigured(tls);
        let client = client
            .build()
            .map_err(|error| HttpError::Client(Diagnosis::of(&error, None).reason))?;
        let preparation = request.preparation(None);
        let media = MediaStore::new(settings.inflight_bytes, settings.timeout, preparation);
        Ok(Self { client, endpoints, settings: Box::new(settings), request, media, secrets })
    }

    /// Lets an installed ffmpeg read the videos that the built-in decoders do not.
    #[must_use]
    pub fn with_ffmpeg(mut self, ffmpeg: Ffmpeg) -> Self {
        let preparation = self.request.preparation(Some(ffmpeg));
        let HttpSettings { inflight_bytes, timeout, .. } = *self.settings;
        self.media = MediaStore::new(inflight_bytes, timeout, preparation);
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

    /// Time for a whole request.
    pub(super) const fn time(&self) -> Duration {
        self.settings.timeout
    }

    /// Everything that must not be told: key, headers, passwords.
    #[must_use]
    pub const fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// What its requests consist of.
    #[must_use]
    pub const fn request_format(&self) -> &RequestFormat {
        &self.request
    }

    /// Host and port of each replica: no key, no password, no path.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.endpoints.iter().map(Endpoint::host)
    }

    pub(super) async fn ask(&self, question: &Question, replica: usize) -> Result<Asked, Failure> {
        let endpoint = &self.endpoints[replica];
        if self.request.packing().is_none() && question.media.iter().next().is_some() {
            let reason = "the endpoint is set up for text alone, but the question has media";
            return Err(Failure::Settings(reason.to_owned()));
        }
        let Loaded { lease, media, took } = load(&self.media, &question.media).await?;
        let (body, request) = self.request.body(media, &question.text, lease);
        let after = self.settings.timeout;
        let started = Instant::now();
        let reception = Reception {
            deadline: (started + after.saturating_sub(took)).into(),
            after,
            secrets: &self.secrets,
            failure_of: |error: &reqwest::Error| self.failure_of(endpoint, error),
        };
        let sent = self
            .client
            .post(endpoint.url().clone())
            .headers(endpoint.headers().clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json, text/event-stream")
            // Whoever compresses an answer of a few words all the same is understood.
            .header(ACCEPT_ENCODING, "identity")
            .body(reqwest::Body::wrap(body))
            .send();
        let response = timeout_at(reception.deadline, sent)
            .await
            .map_err(|_| Failure::Timeout { after })?
            .map_err(|error| self.failure_of(endpoint, &error))?;
        let headers = response.headers().clone();
        let reply = match refused_on_the_way(endpoint, &response) {
            None => Self::read(&reception, response).await,
            Some(failure) => Err(failure.map_texts(|text| self.secrets.redact(text))),
        };
        let reply = reply.map_err(|failure| {
            with_likely_address(waits::completed(failure, &headers, ""), endpoint)
        })?;
        Ok(Asked { reply, request, latency: started.elapsed() })
    }

    async fn read<F: Fn(&reqwest::Error) -> Failure>(
        reception: &Reception<'_, F>,
        response: Response,
    ) -> Result<Reply, Failure> {
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
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
                match error.verdict(Some(status)).into_reply() {
                    Ok(refused) => Ok(refused.map_texts(clean)),
                    Err(failure) => Err(failure.map_texts(clean)),
                }
            }
        }
    }

    /// The class of a transport error, by its type and its chain of sources.
    pub(super) fn failure_of(&self, endpoint: &Endpoint, error: &reqwest::Error) -> Failure {
        let Diagnosis { reason, mend } = Diagnosis::of(error, endpoint.route());
        let reason = excerpt(&self.secrets.redact(reason));
        if error.is_builder() {
            Failure::Settings(format!("cannot build the request: {reason}"))
        } else if is_for_want_of_files(error) {
            let reason = "this process may open no more files, connections included; raise the limit \
                          (ulimit -n), or ask fewer at a time (--concurrency)";
            Failure::Settings(format!("cannot connect to {}: {reason}", endpoint.host()))
        } else if error.is_connect() {
            Failure::Connect { host: endpoint.host().to_owned(), reason, mend }
        } else if error.is_timeout() {
            Failure::Timeout { after: self.settings.timeout }
        } else {
            let mend = mend.map(|mend| format!("; {mend}")).unwrap_or_default();
            Failure::Broken { reason: reason + &mend }
        }
    }
}

/// Whether a connection could not be made because this process has too many open.
fn is_for_want_of_files(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.downcast_ref().is_some_and(avibench_files::is_out_of_files) {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// Says where the server may listen, if it knows nothing at an address that is a host alone. Where it knows no
/// model of the name, it was asked at the right place.
fn with_likely_address(failure: Failure, endpoint: &Endpoint) -> Failure {
    match failure {
        Failure::Status { status: status @ (404 | 405), message, code, retry_after } => {
            let is_about_model = message.to_lowercase().contains("the model");
            let message = match endpoint.likely_base().filter(|_| !is_about_model) {
                Some(base) => {
                    let said = message.trim_end_matches('.');
                    format!("{said}; most servers are found below /v1, at {base}")
                }
                None => message,
            };
            Failure::Status { status, message, code, retry_after }
        }
        other => other,
    }
}

/// Responses that are no answer of the server that was asked, or none that can be read.
pub(super) fn refused_on_the_way(endpoint: &Endpoint, response: &Response) -> Option<Failure> {
    if let (407, Some(route)) = (response.status().as_u16(), endpoint.route()) {
        return Some(Failure::Settings(format!(
            "the proxy {route} asks for a user name and a password, or does not accept those that it \
             got: write them into {}, as in http://USER:PASSWORD@HOST:PORT",
            route.variable()
        )));
    }
    // Encodings that are understood have left the headers with the decoding.
    let encoding = response.headers().get(CONTENT_ENCODING)?.to_str().ok()?.trim();
    if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
        return None;
    }
    let reason = "its Content-Encoding is none that can be decoded";
    Some(Failure::Malformed { reason, excerpt: excerpt(encoding) })
}
