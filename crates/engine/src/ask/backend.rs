//! Who answers: an endpoint, a model in this process, or a worker program.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use avibench_protocol::ResolvedMedia;

use super::media_store::{Lease, MediaStore};
use super::packing::LoadedMedia;
use super::preparation::Content;
use super::{Exec, Http, Local, Reply, RequestFormat};
use crate::failure::Failure;

/// Whom the questions go to.
pub enum Backend {
    /// An OpenAI-compatible endpoint.
    Http(Http),
    /// A model in this process.
    Local(Local),
    /// Worker programs.
    Exec(Exec),
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
    /// Hosts of the replicas; empty for what runs on this machine.
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        match self {
            Self::Http(http) => http.hosts().map(str::to_owned).collect(),
            Self::Local(_) | Self::Exec(_) => Vec::new(),
        }
    }

    /// What its requests consist of; `None` where files or bytes are handed over as they are.
    #[must_use]
    pub const fn request_format(&self) -> Option<&RequestFormat> {
        match self {
            Self::Http(http) => Some(http.request_format()),
            Self::Local(_) | Self::Exec(_) => None,
        }
    }

    /// Most requests that make sense at a time, if the backend knows; otherwise it has to be felt
    /// out.
    pub(crate) fn places(&self, wanted: usize) -> Option<usize> {
        match self {
            Self::Http(_) => None,
            Self::Local(_) => Some(wanted),
            Self::Exec(exec) => Some(exec.workers()),
        }
    }

    /// Asks once.
    pub(crate) async fn ask(&self, question: &Question, replica: usize) -> Result<Asked, Failure> {
        match self {
            Self::Http(http) => http.ask(question, replica).await,
            Self::Local(local) => local.ask(question).await,
            Self::Exec(exec) => exec.ask(question).await,
        }
    }
}

/// Reads a question's media, waiting for room.
pub(crate) async fn load(
    store: &Arc<MediaStore>,
    media: &ResolvedMedia,
) -> Result<(Lease, LoadedMedia), Failure> {
    let paths: Vec<PathBuf> = media.iter().map(std::path::Path::to_path_buf).collect();
    let (lease, contents) = store.lease(&paths).await?;
    let mut contents = contents.into_iter();
    let files = |contents: &mut dyn Iterator<Item = Content>, count| {
        contents.take(count).filter_map(|content| content.file).collect()
    };
    let images = files(&mut contents, media.images.len());
    let audios = files(&mut contents, media.audios.len());
    Ok((lease, LoadedMedia { images, audios, video: contents.next() }))
}
