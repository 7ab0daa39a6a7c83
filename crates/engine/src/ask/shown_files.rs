//! The media of questions under an ablation as files, made when a question is asked.

use std::path::PathBuf;
use std::sync::Arc;

use avibench_ablation::{Kept, RewriteError, RewrittenMedia, Shown, ShownMedia};
use avibench_files::is_out_of_files;
use avibench_protocol::ResolvedMedia;
use tokio::sync::Semaphore;

use super::{Asked, Backend, Question};
use crate::failure::Failure;

/// How often a question is tried for want of a file that another process removed.
const TRIES: usize = 3;

/// Gives rewritten media to questions. One is made at a time, because it may take as much memory as
/// the media of all requests together.
#[derive(Debug, Clone)]
pub(crate) struct ShownFiles {
    media: Arc<RewrittenMedia>,
    place: Arc<Semaphore>,
}

impl ShownFiles {
    pub(crate) fn new(media: Arc<RewrittenMedia>) -> Self {
        Self { media, place: Arc::new(Semaphore::new(1)) }
    }

    /// Asks once, with these media.
    pub(crate) async fn ask(
        &self,
        backend: &Backend,
        text: String,
        shown: &ShownMedia,
        replica: usize,
    ) -> Result<Asked, Failure> {
        let mut question = Question { text, media: ResolvedMedia::default() };
        for _ in 1..TRIES {
            let kept = self.get(shown, &mut question.media).await?;
            let asked = backend.ask(&question, replica).await;
            let is_gone = |kept: &Kept| !kept.path().exists();
            if !matches!(asked, Err(Failure::Medium(_))) || !kept.iter().any(is_gone) {
                return asked;
            }
        }
        let _kept = self.get(shown, &mut question.media).await?;
        backend.ask(&question, replica).await
    }

    /// The files of these media, which are there as long as what comes with them is held.
    pub(crate) async fn files(
        &self,
        shown: &ShownMedia,
    ) -> Result<(ResolvedMedia, Vec<Kept>), Failure> {
        let mut media = ResolvedMedia::default();
        let kept = self.get(shown, &mut media).await?;
        Ok((media, kept))
    }

    /// Sets the files of these media, which are there as long as what is returned is held.
    async fn get(
        &self,
        shown: &ShownMedia,
        media: &mut ResolvedMedia,
    ) -> Result<Vec<Kept>, Failure> {
        let mut kept = Vec::new();
        let ShownMedia { images, audios, video } = shown;
        media.images = self.all(images, &mut kept).await?;
        media.audios = self.all(audios, &mut kept).await?;
        media.video = self.all(video.as_slice(), &mut kept).await?.pop();
        Ok(kept)
    }

    async fn all(&self, media: &[Shown], kept: &mut Vec<Kept>) -> Result<Vec<PathBuf>, Failure> {
        let mut paths = Vec::with_capacity(media.len());
        for medium in media {
            let rewriting = match medium {
                Shown::File(path) => {
                    paths.push(path.clone());
                    continue;
                }
                Shown::Rewritten(rewriting) => rewriting.clone(),
            };
            let broke = |reason: String| Failure::Medium(format!("rewriting broke off: {reason}"));
            let place = Arc::clone(&self.place).acquire_owned().await;
            let place = place.map_err(|error| broke(error.to_string()))?;
            let media = Arc::clone(&self.media);
            let task = tokio::task::spawn_blocking(move || {
                let _place = place;
                media.get(&rewriting)
            });
            let made = task.await.map_err(|error| broke(error.to_string()))??;
            paths.push(made.path().to_owned());
            kept.push(made);
        }
        Ok(paths)
    }
}

impl From<RewriteError> for Failure {
    fn from(error: RewriteError) -> Self {
        match &error {
            // The medium cannot help it, and neither can any other.
            RewriteError::Unreadable { source, .. } if is_out_of_files(source) => {
                Self::Settings(error.to_string())
            }
            RewriteError::Folder(_) => Self::Settings(error.to_string()),
            RewriteError::Unreadable { .. } | RewriteError::Medium { .. } => {
                Self::Medium(error.to_string())
            }
        }
    }
}
