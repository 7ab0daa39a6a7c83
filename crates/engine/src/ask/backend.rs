//! Who answers: an endpoint, a model in this process, or a worker program.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use avibench_protocol::ResolvedMedia;

use super::medium::{Lease, MediaStore};
use super::profile::LoadedMedia;
use super::{Http, Local, Reply};
use crate::failure::Failure;

/// Whom the questions go to.
pub enum Backend {
    /// An OpenAI-compatible endpoint.
    Http(Http),
    /// A model in this process.
    Local(Local),
}

/// A question on its way.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) text: String,
    pub(crate) media: ResolvedMedia,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) reply: Reply,
    /// Hex sha256 of what was asked.
    pub(crate) request: String,
    /// From the first byte out to the last byte in.
    pub(crate) latency: Duration,
}

impl Backend {
    /// The name in run.json.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Http(_) => "openai",
            Self::Local(_) => "local",
        }
    }

    /// Hosts of the replicas; empty for what runs on this machine.
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        match self {
            Self::Http(http) => http.hosts().map(str::to_owned).collect(),
            Self::Local(_) => Vec::new(),
        }
    }

    /// Whether the number of requests in flight has to be felt out.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self, Self::Http(_))
    }

    /// Asks once.
    pub(crate) async fn ask(&self, question: &Question, replica: usize) -> Result<Asked, Failure> {
        match self {
            Self::Http(http) => http.ask(question, replica).await,
            Self::Local(local) => local.ask(question).await,
        }
    }
}

/// Reads a question's media, waiting for room.
pub(crate) async fn load(
    store: &Arc<MediaStore>,
    media: &ResolvedMedia,
) -> Result<(Lease, LoadedMedia), Failure> {
    let paths: Vec<PathBuf> = media.iter().map(std::path::Path::to_path_buf).collect();
    let (lease, files) = store.lease(&paths).await?;
    let mut files = files.into_iter();
    let images = files.by_ref().take(media.images.len()).collect();
    let audios = files.by_ref().take(media.audios.len()).collect();
    Ok((lease, LoadedMedia { images, audios, video: files.next() }))
}
