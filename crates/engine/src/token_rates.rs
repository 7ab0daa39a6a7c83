//! How many prompt tokens a part of a message takes, by family of models.
//!
//! The rates are those that the makers publish; `docs/dry-run.md` names the sources. They are
//! estimates all the same: servers may sample videos otherwise or count what they add themselves.

use avibench_media::PictureOutline;

/// How a family of models turns parts into tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TokenRates {
    /// The family, as it is named to people.
    name: &'static str,
    /// Beginnings of the names of its models, in lower case.
    prefixes: &'static [&'static str],
    picture: PictureTokens,
    /// Tokens a second of sound.
    sound: f64,
    video: VideoTokens,
}

/// Tokens of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
enum PictureTokens {
    /// The same for every picture.
    Each(u64),
    /// `tile` tokens for each square of 768 pixels, one for pictures of at most 384 pixels.
    Squares768 { tile: u64 },
    /// `base` and `tile` for each square of 512 pixels, after shrinking to 2,048 pixels on the
    /// longer and 768 on the shorter side.
    Squares512 { base: u64, tile: u64 },
    /// One for each square of `side` pixels, at least 4 and at most `most`.
    Patches { side: u32, most: u64 },
}

/// Tokens of a video that is sent whole.
#[derive(Debug, Clone, Copy, PartialEq)]
struct VideoTokens {
    /// Pictures a second that the model looks at.
    pictures: f64,
    /// Tokens of each.
    picture: PictureTokens,
    /// Whether the model hears the video's sound track, too.
    heard: bool,
}

/// All families. The first whose prefix matches counts, so longer prefixes come first.
const FAMILIES: [TokenRates; 8] = [
    TokenRates {
        name: "Gemini 3",
        prefixes: &["gemini-3", "gemini-4"],
        picture: PictureTokens::Each(1120),
        sound: 32.0,
        video: VideoTokens { pictures: 1.0, picture: PictureTokens::Each(70), heard: true },
    },
    GEMINI_2,
    TokenRates {
        name: "GPT-4o mini",
        prefixes: &["gpt-4o-mini"],
        picture: PictureTokens::Squares512 { base: 2833, tile: 5667 },
        ..GPT_4O
    },
    GPT_4O,
    TokenRates {
        name: "Qwen3-Omni",
        prefixes: &["qwen3-omni", "qwen3.5-omni"],
        picture: PictureTokens::Patches { side: 32, most: 16_384 },
        sound: 12.5,
        video: VideoTokens {
            pictures: 1.0,
            picture: PictureTokens::Patches { side: 32, most: 768 },
            heard: false,
        },
    },
    QWEN_2_5_OMNI,
    TokenRates { name: "Qwen2.5-VL", prefixes: &["qwen2.5-vl", "qwen2-vl"], ..QWEN_2_5_OMNI },
    TokenRates {
        name: "built-in models",
        prefixes: &["signal", "chance"],
        picture: PictureTokens::Each(0),
        sound: 0.0,
        video: VideoTokens { pictures: 0.0, picture: PictureTokens::Each(0), heard: false },
    },
];

/// Their rates also stand in for those of unknown models.
const GEMINI_2: TokenRates = TokenRates {
    name: "Gemini 2",
    prefixes: &["gemini"],
    picture: PictureTokens::Squares768 { tile: 258 },
    sound: 32.0,
    video: VideoTokens { pictures: 1.0, picture: PictureTokens::Each(258), heard: true },
};

const GPT_4O: TokenRates = TokenRates {
    name: "GPT-4o",
    prefixes: &["gpt-"],
    picture: PictureTokens::Squares512 { base: 85, tile: 170 },
    sound: 10.0,
    // They take no video; a gateway in between may make pictures of one.
    video: VideoTokens {
        pictures: 1.0,
        picture: PictureTokens::Squares512 { base: 85, tile: 170 },
        heard: true,
    },
};

const QWEN_2_5_OMNI: TokenRates = TokenRates {
    name: "Qwen2.5-Omni",
    prefixes: &["qwen2.5-omni", "qwen-omni"],
    picture: PictureTokens::Patches { side: 28, most: 16_384 },
    sound: 25.0,
    // Two pictures a second, of which two at a time become one layer of patches.
    video: VideoTokens {
        pictures: 1.0,
        picture: PictureTokens::Patches { side: 28, most: 768 },
        heard: false,
    },
};

impl TokenRates {
    /// The rates of a model; those of Gemini 2 where its family is unknown. Gateways put the maker
    /// before the name (`google/gemini-2.5-pro`): only what follows the last `/` counts.
    #[must_use]
    pub fn of_model(model: &str) -> Self {
        Self::known(model).unwrap_or(GEMINI_2)
    }

    /// The rates of a model whose family is known.
    fn known(model: &str) -> Option<Self> {
        let name = model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase();
        let matches = |family: &&Self| family.prefixes.iter().any(|start| name.starts_with(start));
        FAMILIES.iter().find(matches).copied()
    }

    /// Whose rates are taken for a model, in words for people.
    #[must_use]
    pub fn source(model: &str) -> String {
        match Self::known(model) {
            Some(rates) => format!("the rates of {}", rates.name),
            None => format!("the rates of {}, as those of this model are not known", GEMINI_2.name),
        }
    }

    /// Tokens of a picture.
    pub(crate) fn picture(&self, size: PictureOutline) -> f64 {
        self.picture.of(size)
    }

    /// Tokens of so many seconds of sound.
    pub(crate) fn sound(&self, seconds: f64) -> f64 {
        self.sound * seconds
    }

    /// Tokens of the pictures of a video of so many seconds.
    pub(crate) fn video_pictures(&self, size: PictureOutline, seconds: f64) -> f64 {
        // Even the shortest clip is looked at once.
        (self.video.pictures * seconds).ceil() * self.video.picture.of(size)
    }

    /// Tokens of the sound of a video that is sent whole.
    pub(crate) fn video_sound(&self, seconds: f64) -> f64 {
        if self.video.heard { self.sound(seconds) } else { 0.0 }
    }
}

impl PictureTokens {
    fn of(self, PictureOutline { width, height }: PictureOutline) -> f64 {
        let squares =
            |width: f64, height: f64, side: f64| (width / side).ceil() * (height / side).ceil();
        let (wide, high) = (f64::from(width), f64::from(height));
        match self {
            Self::Each(tokens) => tokens as f64,
            Self::Squares768 { tile } if width.max(height) <= 384 => tile as f64,
            Self::Squares768 { tile } => tile as f64 * squares(wide, high, 768.0),
            Self::Squares512 { base, tile } => {
                let first = (2048.0 / wide.max(high)).min(1.0);
                let scale = first * (768.0 / (wide.min(high) * first)).min(1.0);
                base as f64 + tile as f64 * squares(wide * scale, high * scale, 512.0)
            }
            Self::Patches { side, most } => {
                let side = f64::from(side);
                let patches = (wide / side).round().max(1.0) * (high / side).round().max(1.0);
                patches.clamp(4.0, most as f64)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(model: &str, width: u32, height: u32) -> f64 {
        TokenRates::of_model(model).picture(PictureOutline { width, height })
    }

    fn is(found: f64, wanted: f64) {
        assert!((found - wanted).abs() < 1e-9, "{found} instead of {wanted}");
    }

    #[test]
    fn the_makers_own_examples_come_out() {
        // OpenAI's guide: 1,024 x 1,024 takes 765 tokens, 2,048 x 4,096 takes 1,105.
        is(picture("gpt-4o", 1024, 1024), 765.0);
        is(picture("gpt-4o", 2048, 4096), 1105.0);
        // Seen in OpenAI's own counts: 8,512 for a picture of 128 x 64 with 12 tokens of text.
        is(picture("gpt-4o-mini-2024-07-18", 128, 64), 8500.0);
        // Google's guide: one tile up to 384 pixels, then one for each 768 pixels.
        is(picture("google/gemini-2.5-pro", 384, 384), 258.0);
        is(picture("gemini-2.5-flash", 960, 540), 516.0);
        is(picture("gemini-3.1-pro-preview", 64, 64), 1120.0);
        is(picture("Qwen/Qwen2.5-Omni-7B", 280, 280), 100.0);
    }

    #[test]
    fn sound_is_counted_once() {
        let size = PictureOutline { width: 640, height: 360 };
        let gemini = TokenRates::of_model("gemini-2.5-flash");
        is(gemini.video_pictures(size, 10.0) + gemini.video_sound(10.0), 2580.0 + 320.0);
        let qwen = TokenRates::of_model("qwen2.5-omni-7b");
        is(qwen.video_sound(10.0), 0.0);
        is(qwen.sound(10.0), 250.0);
    }

    #[test]
    fn unknown_models_are_said_to_be_unknown() {
        assert_eq!(TokenRates::of_model("my-own"), GEMINI_2);
        assert!(TokenRates::source("my-own").contains("not known"));
        assert_eq!(TokenRates::source("openai/gpt-4o-mini"), "the rates of GPT-4o mini");
        for (index, family) in FAMILIES.iter().enumerate() {
            for prefix in family.prefixes {
                let earlier = FAMILIES[..index].iter().flat_map(|family| family.prefixes);
                assert!(
                    earlier.clone().all(|earlier| !prefix.starts_with(earlier)),
                    "{prefix} can never match"
                );
            }
        }
    }
}
