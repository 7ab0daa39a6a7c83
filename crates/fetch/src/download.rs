//! One file over HTTP: resumed where it tore, verified, and put in place in one step.

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use avibench_fense::file_sha256;
use avibench_network::{Diagnosis, Network};
use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use reqwest::header::{CONTENT_RANGE, HeaderMap, LOCATION, RANGE};

use crate::FetchError;

/// Times a file is asked for without a single byte of progress.
const TRIES: u32 = 4;
/// Redirections that are followed.
const HOPS: usize = 8;
/// Connecting, and each read, may take this long.
const PATIENCE: Duration = Duration::from_mins(1);

/// Fetches files.
#[derive(Debug)]
pub(crate) struct Downloader {
    client: Client,
    network: Network,
    /// Before the second try; doubled each time.
    pause: Duration,
}

/// How a fetch ended, apart from errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The file is in place.
    Fetched,
    /// There is no such file.
    NotFound,
}

/// How one try ended.
enum Try {
    Complete { sha256: Option<String> },
    NotFound,
    Again(String),
}

impl Downloader {
    pub(crate) fn new(pause: Duration) -> Result<Self, FetchError> {
        let network = Network::from_env();
        let client = Client::builder()
            .user_agent(concat!("avibench/", env!("CARGO_PKG_VERSION")))
            // Followed by hand: the hub states the file's hash on the way.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .connect_timeout(PATIENCE)
            .proxy(network.proxy())
            .tls_backend_preconfigured(network.tls(true)?)
            .build()
            .map_err(|error| {
                FetchError::download("https client", Diagnosis::of(&error, None).to_string())
            })?;
        Ok(Self { client, network, pause })
    }

    /// Fetches `url` to `target`. `progress` hears the bytes so far and their total, if known.
    ///
    /// A torn transfer is kept beside the target as `.part` and continued, here or next time, if
    /// the finished file's `sha256` (lowercase hex) is known from the caller or the server.
    pub(crate) fn fetch(
        &self,
        url: &str,
        target: &Path,
        sha256_expected: Option<&str>,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Outcome, FetchError> {
        let part = part_of(target);
        let mut tries = 0;
        let mut most = 0;
        loop {
            match self.try_once(url, &part, sha256_expected, progress)? {
                Try::NotFound => return Ok(Outcome::NotFound),
                Try::Complete { sha256: announced } => {
                    if let Some(expected) = sha256_expected.or(announced.as_deref()) {
                        verify(&part, target, expected)?;
                    }
                    std::fs::rename(&part, target).map_err(FetchError::io(target))?;
                    return Ok(Outcome::Fetched);
                }
                Try::Again(reason) => {
                    let length = length_of(&part);
                    tries = if length > most { 1 } else { tries + 1 };
                    most = most.max(length);
                    if tries >= TRIES {
                        let reason = format!("{reason}; try again later");
                        return Err(FetchError::download(url, reason));
                    }
                    std::thread::sleep(self.pause * 2_u32.pow(tries - 1));
                }
            }
        }
    }

    fn try_once(
        &self,
        url: &str,
        part: &Path,
        sha256_expected: Option<&str>,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Try, FetchError> {
        let start = length_of(part);
        let (mut response, announced) = match self.request(url, start) {
            Ok(answer) => answer,
            Err(Refusal::Passing(reason)) => return Ok(Try::Again(reason)),
            Err(Refusal::Final(reason)) => return Err(FetchError::download(url, reason)),
        };
        let status = response.status();
        let start = match status {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT
                if range_start(response.headers()) == Some(start)
                    && (sha256_expected.is_some() || announced.is_some()) =>
            {
                start
            }
            // Another range, a range beyond the end, or one that could not be verified later.
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE if start > 0 => {
                std::fs::remove_file(part).map_err(FetchError::io(part))?;
                return Ok(Try::Again(format!("the server answers {status} to a resumption")));
            }
            StatusCode::NOT_FOUND => return Ok(Try::NotFound),
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
                return Ok(Try::Again(format!("the server answers {status}")));
            }
            status if status.is_server_error() => {
                return Ok(Try::Again(format!("the server answers {status}")));
            }
            status => {
                let reason = format!("the server answers {status}");
                return Err(FetchError::download(url, reason));
            }
        };
        let total = response.content_length().map(|rest| start + rest);
        let mut file = OpenOptions::new()
            .create(true)
            .append(start > 0)
            .write(true)
            .truncate(start == 0)
            .open(part)
            .map_err(FetchError::io(part))?;
        let mut done = start;
        progress(done, total);
        let mut buffer = vec![0; 1 << 17];
        loop {
            match response.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => {
                    file.write_all(&buffer[..read]).map_err(FetchError::io(part))?;
                    done += read as u64;
                    progress(done, total);
                }
                Err(error) => return Ok(Try::Again(format!("the transfer broke off: {error}"))),
            }
        }
        if total.is_some_and(|total| total != done) {
            return Ok(Try::Again("the transfer broke off".to_owned()));
        }
        file.sync_all().map_err(FetchError::io(part))?;
        Ok(Try::Complete { sha256: announced })
    }

    /// Asks for the bytes from `start` on, follows redirections, and notes the hash that the hub
    /// states for large files.
    fn request(&self, url: &str, start: u64) -> Result<(Response, Option<String>), Refusal> {
        let mut address = reqwest::Url::parse(url)
            .map_err(|error| Refusal::Final(format!("not an address: {error}")))?;
        let mut announced = None;
        for _ in 0..HOPS {
            let route =
                self.network.route(&address).map_err(|error| Refusal::Final(error.to_string()))?;
            let mut request = self.client.get(address.clone());
            if start > 0 {
                request = request.header(RANGE, format!("bytes={start}-"));
            }
            let response = request.send().map_err(|error| {
                Refusal::Passing(Diagnosis::of(&error, route.as_ref()).to_string())
            })?;
            announced = announced.or_else(|| announced_hash(response.headers()));
            if !response.status().is_redirection() {
                return Ok((response, announced));
            }
            address = response
                .headers()
                .get(LOCATION)
                .and_then(|location| location.to_str().ok())
                .and_then(|location| address.join(location).ok())
                .filter(|next| next.scheme() == "https" || address.scheme() == "http")
                .ok_or_else(|| Refusal::Final("a redirection that leads nowhere".to_owned()))?;
        }
        Err(Refusal::Final("too many redirections".to_owned()))
    }
}

enum Refusal {
    /// May go better next time.
    Passing(String),
    /// Will not.
    Final(String),
}

fn announced_hash(headers: &HeaderMap) -> Option<String> {
    let tag = headers.get("x-linked-etag")?.to_str().ok()?.trim_matches('"').to_lowercase();
    (tag.len() == 64 && tag.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(tag)
}

/// The first byte of `Content-Range: bytes first-last/total`.
fn range_start(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
}

fn part_of(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    target.with_file_name(name)
}

fn length_of(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}

/// Compares a finished transfer with its hash and deletes it if they differ.
fn verify(part: &Path, target: &Path, expected: &str) -> Result<(), FetchError> {
    let found = file_sha256(part)?;
    if found == expected {
        return Ok(());
    }
    std::fs::remove_file(part).map_err(FetchError::io(part))?;
    Err(FetchError::Checksum { path: target.to_owned(), expected: expected.to_owned(), found })
}
