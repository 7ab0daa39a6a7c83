//! A clip: pictures at a steady rate, with or without sound.

use crate::{MediaError, Picture, Sound};

/// A moving picture that is to be encoded. All pictures have one size; picture `i` is shown from
/// `i / frame_rate` seconds; the sound starts with the first picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    pictures: Vec<Picture>,
    frame_rate: f64,
    sound: Option<Sound>,
}

impl Clip {
    /// Puts a clip together. `frame_rate` is in pictures a second, 0.1..=240.
    ///
    /// # Errors
    ///
    /// [`MediaError::Invalid`] when there is no picture, the sizes differ or the rate is out of
    /// range.
    pub fn new(
        pictures: Vec<Picture>,
        frame_rate: f64,
        sound: Option<Sound>,
    ) -> Result<Self, MediaError> {
        let Some(first) = pictures.first() else {
            return Err(MediaError::Invalid("a clip needs at least one picture".to_owned()));
        };
        let size = (first.width(), first.height());
        if let Some(at) =
            pictures.iter().position(|picture| (picture.width(), picture.height()) != size)
        {
            return Err(MediaError::Invalid(format!(
                "picture {at} of the clip differs in size from the first, which is {}x{}",
                size.0, size.1
            )));
        }
        if !(0.1..=240.0).contains(&frame_rate) {
            return Err(MediaError::Invalid(format!(
                "a frame rate of {frame_rate} is not in 0.1..=240"
            )));
        }
        Ok(Self { pictures, frame_rate, sound })
    }

    /// The pictures, at least one, all of one size.
    #[must_use]
    pub fn pictures(&self) -> &[Picture] {
        &self.pictures
    }

    /// Pictures a second.
    #[must_use]
    pub fn frame_rate(&self) -> f64 {
        self.frame_rate
    }

    /// The sound, if there is one.
    #[must_use]
    pub fn sound(&self) -> Option<&Sound> {
        self.sound.as_ref()
    }
}

/// A decoded frame and when it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct TimedPicture {
    /// Seconds from the start of the presentation, edit lists applied.
    pub seconds: f64,
    /// What is shown.
    pub picture: Picture,
}
