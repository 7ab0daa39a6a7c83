//! What a request consists of, whichever endpoint it goes to: model, parameters, packing, and
//! whether the answer is streamed. Sending, sizes and estimates all start from it.

use avibench_media::Ffmpeg;
use serde_json::{Map, Value, json};

use super::batch_format::{BatchForm, BatchFormat, gemini_fields};
use super::body::{Body, chat_length};
use super::http::HttpError;
use super::media_file::MediaSize;
use super::media_store::Lease;
use super::packing::{LoadedMedia, Packing, Part};
use super::preparation::Preparation;

/// The fields of a chat completions request and how media are packed into it. What a run records,
/// what a dry run measures and what is sent all come from one of these.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestFormat {
    fields: Map<String, Value>,
    packing: Option<Packing>,
}

impl RequestFormat {
    /// A request to `model` with further fields such as `temperature`. Without a packing it
    /// carries text alone.
    ///
    /// # Errors
    ///
    /// [`HttpError::Parameter`] for a field that the program sets itself.
    pub fn new(
        model: &str,
        parameters: &Map<String, Value>,
        stream: bool,
        packing: Option<Packing>,
    ) -> Result<Self, HttpError> {
        for key in ["model", "messages", "stream", "n"] {
            if parameters.contains_key(key) {
                return Err(HttpError::Parameter(key.to_owned()));
            }
        }
        let mut fields = Map::new();
        fields.insert("model".to_owned(), json!(model));
        fields.extend(parameters.clone());
        if stream {
            fields.insert("stream".to_owned(), json!(true));
            fields.entry("stream_options").or_insert_with(|| json!({"include_usage": true}));
        }
        Ok(Self { fields, packing })
    }

    /// How media are packed; `None` for requests of text alone.
    #[must_use]
    pub const fn packing(&self) -> Option<Packing> {
        self.packing
    }

    /// What has to be made of videos.
    pub(crate) fn preparation(&self, ffmpeg: Option<Ffmpeg>) -> Preparation {
        self.packing.map_or_else(Preparation::default, |packing| packing.preparation(ffmpeg))
    }

    /// The `ffmpeg` on the search path, if there is one and videos are taken apart: it reads what
    /// the built-in decoders do not. Without one, the medium that needs it says so.
    pub(crate) fn installed_ffmpeg(&self) -> Option<Ffmpeg> {
        if !self.preparation(None).takes_videos_apart() {
            return None;
        }
        Ffmpeg::new("ffmpeg").ok()
    }

    /// The request and the hex sha256 of what it asks.
    pub(crate) fn body(&self, media: LoadedMedia, text: &str, lease: Lease) -> (Body, String) {
        Body::chat(&self.fields, &self.parts(media, text), Some(lease))
    }

    /// The request as a line of a batch holds it, and the hex sha256 of what it asks, which is that of
    /// [`Self::body`] whatever the format.
    pub(crate) fn batch_body(
        &self,
        format: &BatchForm,
        media: LoadedMedia,
        text: &str,
        lease: Lease,
    ) -> (Body, String) {
        let parts = self.parts(media, text);
        match format {
            BatchForm::OpenAi => Body::chat(&self.fields, &parts, Some(lease)),
            BatchForm::Gemini { fields } => {
                let (_, request) = Body::chat(&self.fields, &parts, None);
                (Body::gemini(fields, &parts, Some(lease)), request)
            }
        }
    }

    /// What a batch in `format` needs to know of the parameters.
    ///
    /// # Errors
    ///
    /// [`HttpError::Streamed`] for requests whose answers are to be streamed, and
    /// [`HttpError::NotForGemini`] for a parameter that has no counterpart there.
    pub(crate) fn batch_form(&self, format: BatchFormat) -> Result<BatchForm, HttpError> {
        if self.fields.contains_key("stream") {
            return Err(HttpError::Streamed);
        }
        match format {
            BatchFormat::OpenAi => Ok(BatchForm::OpenAi),
            BatchFormat::Gemini => {
                gemini_fields(&self.fields).map(|fields| BatchForm::Gemini { fields })
            }
        }
    }

    /// The length of the request in bytes.
    pub(crate) fn length(&self, media: LoadedMedia<MediaSize>, text: &str) -> u64 {
        chat_length(&self.fields, &self.parts(media, text))
    }

    fn parts<M>(&self, media: LoadedMedia<M>, text: &str) -> Vec<Part<M>> {
        match self.packing {
            Some(packing) => packing.pack(media, text),
            None => vec![Part::Text(text.to_owned())],
        }
    }
}
