//! Who answers: an endpoint, a model in this process, or a worker program.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use avibench_protocol::ResolvedMedia;

use super::media_store::{Lease, Leased, MediaStore};
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
    Exec(Box<Exec>),
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

/// A question's media in memory.
pub(crate) struct Loaded {
    pub(crate) lease: Lease,
    pub(crate) media: LoadedMedia,
    /// Time that decoding took.
    pub(crate) took: Duration,
}

/// Reads a question's media, waiting for room.
pub(crate) async fn load(
    store: &Arc<MediaStore>,
    media: &ResolvedMedia,
) -> Result<Loaded, Failure> {
    let paths: Vec<PathBuf> = media.iter().map(Path::to_path_buf).collect();
    let Leased { lease, contents, took } = store.lease(&paths).await?;
    let mut contents = contents.into_iter();
    let files = |contents: &mut dyn Iterator<Item = Content>, paths: &[PathBuf], kind| {
        let files = paths.iter().zip(contents).map(|(path, content)| match content.file {
            Some(file) if file.mime.starts_with(kind) => Ok(file),
            file => Err(misplaced(path, file.map_or("video/", |file| file.mime))),
        });
        files.collect::<Result<Vec<_>, _>>()
    };
    let images = files(&mut contents, &media.images, "image/")?;
    let audios = files(&mut contents, &media.audios, "audio/")?;
    let video = contents.next();
    match (&media.video, video.as_ref().and_then(|content| content.file.as_ref())) {
        (Some(path), Some(file)) if file.mime.starts_with("audio/") => {
            Err(misplaced(path, file.mime))
        }
        _ => Ok(Loaded { lease, media: LoadedMedia { images, audios, video }, took }),
    }
}

/// A medium of another kind than its place in data.json is for.
fn misplaced(path: &Path, mime: &str) -> Failure {
    let found = match mime.split('/').next() {
        Some("image") => "a picture",
        Some("audio") => "sound alone",
        _ => "a video",
    };
    Failure::Medium(format!(
        "cannot use medium {}: it is {found} ({mime}), where data.json asks for something else; \
         correct its place there: image_list, audio_list or video",
        path.display()
    ))
}
