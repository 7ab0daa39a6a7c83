//! What a question lacks to be answered at all.

use std::fmt;

use crate::Sample;

impl Sample {
    /// What the question lacks, by the media that it names: it would be asked all the same, but
    /// nobody could answer it. `None` for one that has what it needs or is not asked.
    #[must_use]
    pub fn lacking(&self) -> Option<Lacking> {
        if self.is_void() || self.defect.is_some() {
            return None;
        }
        let media = &self.media;
        let has_sound = media.video.is_some() || !media.audios.is_empty();
        let has_picture = media.video.is_some() || !media.images.is_empty();
        if media.is_empty() {
            Some(Lacking::Medium)
        } else if self.folder.needs_sound() && !has_sound {
            Some(Lacking::Sound)
        } else if self.folder.needs_picture() && !has_picture {
            Some(Lacking::Picture)
        } else {
            None
        }
    }
}

/// What a question lacks that its folder asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    /// It names no medium at all.
    Medium,
    /// It names a picture, and nothing to hear.
    Sound,
    /// It names a sound, and nothing to see.
    Picture,
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Medium => "names no medium (video, audio_list and image_list are null or empty)",
            Self::Sound => "names nothing to hear (video and audio_list are null or empty)",
            Self::Picture => "names nothing to see (video and image_list are null or empty)",
        })
    }
}

#[cfg(test)]
mod tests {
    use avibench_python::json_of_serde;
    use serde_json::json;

    use super::*;
    use crate::{Folder, Position};

    #[test]
    fn a_question_without_what_it_is_about_is_noticed() {
        let lacking = |folder, input: serde_json::Value| {
            let record = json!({"id": "0", "task": folder, "input": input, "output": {}});
            Sample::read(folder, Position(0), &json_of_serde(&record)).lacking()
        };
        let (image, audio) = (json!(["a.png"]), json!(["a.wav"]));
        let question = json!({"text": "?"});
        for (folder, input, expected) in [
            (Folder::Asqa, json!({"audio_list": []}), Some(Lacking::Medium)),
            (Folder::Asqa, json!({"audio_list": audio}), None),
            (Folder::Var, json!({"image_list": image, "audio_list": []}), Some(Lacking::Sound)),
            (Folder::Avr, json!({"audio_list": audio, "image_list": null}), Some(Lacking::Picture)),
            (Folder::VsqaI, json!({"image_list": image, "audio_list": []}), None),
            (Folder::Avm, json!({"video": "a.mp4", "audio_list": []}), None),
            (Folder::Avm, json!({"video": null}), Some(Lacking::Medium)),
        ] {
            let mut input = input;
            input["question"] = question.clone();
            assert_eq!(lacking(folder, input), expected, "{folder}");
        }
        let void = json!({"id": "pre_0", "input": {"question": {"text": null}}, "output": {}});
        let void = Sample::read(Folder::VsqaI, Position(0), &json_of_serde(&void));
        assert_eq!(void.lacking(), None);
    }
}
