//! A stimulus that was made: the medium, the question and what was varied.

use avibench_media::{Clip, MediaError, Picture, Sound};
use serde_json::{Map, Value};

/// Pictures a second of every generated clip.
pub(crate) const FRAME_RATE: f64 = 12.0;

/// What is shown or played.
pub(crate) enum Medium {
    Sound(Sound),
    Picture(Picture),
    Clip(Clip),
}

/// A stimulus with its question.
pub(crate) struct Made {
    /// What is shown or played.
    pub(crate) medium: Medium,
    /// The question, without prompt and options.
    pub(crate) question: String,
    /// The physical quantity that makes it easy or hard; 0 where there is no difference to sense.
    pub(crate) intensity: f64,
    /// The answers that remain possible to a watcher who senses everything but the difference that
    /// the intensity grades; `None` if these are all answers of the subtask.
    pub(crate) alternatives: Option<Vec<String>>,
    /// Everything else worth writing down.
    pub(crate) facts: Map<String, Value>,
}

impl Made {
    /// A sound with its question.
    pub(crate) fn sound(sound: Sound, question: impl Into<String>, intensity: f64) -> Self {
        Self::new(Medium::Sound(sound), question.into(), intensity)
    }

    /// A picture with its question.
    pub(crate) fn picture(picture: Picture, question: impl Into<String>, intensity: f64) -> Self {
        Self::new(Medium::Picture(picture), question.into(), intensity)
    }

    /// A clip with its question.
    pub(crate) fn clip(
        pictures: Vec<Picture>,
        sound: Option<Sound>,
        question: impl Into<String>,
        intensity: f64,
    ) -> Result<Self, MediaError> {
        let clip = Clip::new(pictures, FRAME_RATE, sound)?;
        Ok(Self::new(Medium::Clip(clip), question.into(), intensity))
    }

    fn new(medium: Medium, question: String, intensity: f64) -> Self {
        Self { medium, question, intensity, alternatives: None, facts: Map::new() }
    }

    /// Rules out answers: what is plain to see or hear leaves only these.
    pub(crate) fn leaving(mut self, alternatives: Vec<String>) -> Self {
        self.alternatives = Some(alternatives);
        self
    }

    /// Writes down one more fact about the stimulus.
    pub(crate) fn note(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }
}

/// A number rounded to four decimals, so that data.json stays readable.
pub(crate) fn rounded(value: f64) -> f64 {
    libm::round(value * 1e4) / 1e4
}
