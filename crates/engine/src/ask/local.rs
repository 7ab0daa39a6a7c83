//! A model that answers in this process, on threads for blocking work: it gets the bytes of the
//! media files as they are, and its answer costs no tokens.

use std::sync::Arc;
use std::time::{Duration, Instant};

use avibench_protocol::{Conversation, LocalModel, Medium};
use sha2::{Digest as _, Sha256};

use super::media_file::MediaFile;
use super::media_store::MediaStore;
use super::preparation::Preparation;
use super::{Asked, Loaded, Question, load};
use crate::Reply;
use crate::failure::Failure;

/// Asks a [`LocalModel`] on a blocking thread; media are read here, the model touches no file.
pub struct Local {
    model: Arc<dyn LocalModel>,
    media: Arc<MediaStore>,
}

impl Local {
    /// Around a model; media in memory never exceed `bound` bytes, or one question's. Whether a
    /// question's are whole is found out within `timeout`; the model takes its time.
    #[must_use]
    pub fn new(model: Arc<dyn LocalModel>, bound: u64, timeout: Duration) -> Self {
        Self { model, media: MediaStore::new(bound, timeout, Preparation::default()) }
    }

    pub(super) async fn ask(&self, question: &Question) -> Result<Asked, Failure> {
        let Loaded { lease, media, took: _ } = load(&self.media, &question.media).await?;
        let mut hash = Sha256::new_with_prefix(&question.text);
        let video = media.video.and_then(|content| content.file);
        for file in media.images.iter().chain(&media.audios).chain(&video) {
            hash.update(file.sha256);
        }
        let medium = |file: MediaFile| Medium {
            mime: file.mime.to_owned(),
            bytes: file.bytes.block().into(),
        };
        let conversation = Conversation {
            images: media.images.into_iter().map(medium).collect(),
            audios: media.audios.into_iter().map(medium).collect(),
            video: video.map(medium),
            text: question.text.clone(),
        };
        let model = Arc::clone(&self.model);
        let started = Instant::now();
        let answer = tokio::task::spawn_blocking(move || {
            let _room_taken = lease;
            model.answer(&conversation)
        });
        let text = answer
            .await
            .map_err(|e| Failure::Worker(format!("the built-in model broke down: {e}")))?;
        let reply = Reply {
            text,
            finish_reason: Some("stop".to_owned()),
            model: Some(self.model.name().to_owned()),
            ..Reply::default()
        };
        Ok(Asked { reply, request: hex::encode(hash.finalize()), latency: started.elapsed() })
    }
}
