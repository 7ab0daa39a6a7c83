//! Requests that are made and not sent: one after the other, so that no more than one is in memory.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use avibench_ablation::Kept;

use super::batch_format::{BatchForm, BatchFormat};
use super::body::Body;
use super::media_store::MediaStore;
use super::request_format::RequestFormat;
use super::{HttpError, Loaded, ShownFiles, load};
use crate::Job;
use crate::estimate::Estimator;
use crate::failure::Failure;
use crate::run::RunSettings;

/// Makes the requests of a run for a batch. Their bytes and their hashes are those that the run sends.
#[derive(Debug)]
pub struct Packer {
    request: RequestFormat,
    form: BatchForm,
    media: Arc<MediaStore>,
    shown: Option<ShownFiles>,
    estimator: Estimator,
}

/// A request that is ready to be written.
#[derive(Debug)]
pub struct PackedRequest {
    /// Hex sha256 of what it asks, as it stands in the journal of a run.
    pub hash: String,
    /// Prompt tokens, roughly.
    pub tokens_in: u64,
    /// Of these, tokens of sound.
    pub tokens_audio: u64,
    body: Body,
    /// Keeps rewritten media where they are until the last byte is written.
    _kept: Vec<Kept>,
}

impl Packer {
    /// For the requests of a run in `format`. `None` where the backend gets no requests, so that no
    /// batch can be made. Media may take `bound` bytes, with what decoding them takes, and decoding
    /// those of one request may take `time`.
    ///
    /// # Errors
    ///
    /// [`HttpError`] for parameters that a batch in this format cannot have.
    pub fn new(
        settings: &RunSettings,
        format: BatchFormat,
        bound: u64,
        time: Duration,
    ) -> Result<Option<Self>, HttpError> {
        let Some(request) = settings.request.clone() else { return Ok(None) };
        let form = request.batch_form(format)?;
        let preparation = request.preparation(request.installed_ffmpeg());
        Ok(Some(Self {
            media: MediaStore::of_passing(bound, time, preparation),
            shown: settings.rewritten.clone().map(ShownFiles::new),
            estimator: Estimator::new(&settings.model, Some(&request)),
            request,
            form,
        }))
    }

    /// Makes one request.
    ///
    /// # Errors
    ///
    /// If one of its media cannot be read or made ready.
    pub async fn pack(&self, job: &Job) -> Result<PackedRequest, Failure> {
        let media = job.media.clone().map_err(|reason| Failure::Medium(reason.to_string()))?;
        let (media, kept) = match (&job.shown, &self.shown) {
            (None, _) => (media, Vec::new()),
            (Some(shown), Some(files)) => files.files(shown).await?,
            (Some(_), None) => {
                let reason = "the run has media to rewrite, but no folder to keep them in";
                return Err(Failure::Settings(reason.to_owned()));
            }
        };
        let estimate = self.estimator.estimate(job);
        let Loaded { lease, media, .. } = load(&self.media, &media).await?;
        let (body, hash) = self.request.batch_body(&self.form, media, &job.text, lease);
        let (tokens_in, tokens_audio) = (estimate.tokens_in, estimate.tokens_audio);
        Ok(PackedRequest { hash, tokens_in, tokens_audio, body, _kept: kept })
    }
}

impl PackedRequest {
    /// Its length in bytes.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.body.remaining()
    }

    /// Writes it, media in base64, and gives back the room that it took.
    ///
    /// # Errors
    ///
    /// If `out` cannot be written to.
    pub fn write(mut self, out: &mut (impl io::Write + ?Sized)) -> io::Result<()> {
        while let Some(chunk) = self.body.next_chunk() {
            out.write_all(&chunk)?;
        }
        Ok(())
    }
}
