//! Why an answer is not read. Journals and reports keep the words, so these never change.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An enum whose variants are texts.
macro_rules! texts {
    ($(#[$doc:meta])* pub enum $name:ident { $($variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = $text] $variant,)+
        }

        impl $name {
            /// Every variant.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// In words.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.text())
            }
        }

        impl From<$name> for UnreadReason {
            fn from(reason: $name) -> Self {
                Self::$name(reason)
            }
        }
    };
}

texts! {
    /// Why a value that was found cannot be written in the format of its folder.
    pub enum Misfit {
        NoInstances = "the value is not one of instances with boxes",
        InstanceNotText = "an instance whose name is no text",
        InstanceNumber = "an instance number that is too large",
        InstanceWithSeveralBoxes = "several boxes for one instance",
        InstanceWithoutBox = "an instance without a box",
        NotFourCorners = "a box that is not four corner coordinates",
        NumbersInPart = "instances of one category with and without numbers",
        InstanceTwice = "two boxes for the same instance",
        NotWhole = "a count that is not a whole number",
        NoCategories = "the value is not one of categories with counts",
        CategoryNotText = "a category that is no text",
        CategoryTwice = "a category that is counted twice",
        CategoryUnnamed = "a category without a name",
        CategoryOfSeveralWords = "a category of several words",
        Placeholder = "a placeholder instead of a category",
        Plural = "a category in the plural",
        NoFrames = "the value is not one of frames with boxes",
        FrameWithSeveralBoxes = "several boxes in one frame",
        FrameTwice = "a frame that is named twice",
        NoReadableBox = "no frame with a box that can be read",
        MayCountFromOne = "numbers of frames that may count from 1",
        RecordWithoutFrame = "a record without a frame",
        RecordWithoutBox = "a record without a box",
        FrameNotText = "a frame whose name is no text",
        FrameOutOfRange = "a frame that is not one of the ten from 0",
        NotFrame = "a name that is no frame",
        NoList = "the value is not a list",
        NotIndices = "a list of something else than indices",
    }
}

texts! {
    /// Why a rule does not take what it looks for.
    pub enum Doubt {
        OtherContent = "the place of the answer holds something else",
        DifferentAnswers = "several answers that differ",
        AnotherNamed = "the sentence names another option or number",
        MarkedOtherwise = "a sentence is marked as the answer and says something else",
        DifferentMarked = "several marked answers that differ",
        MarkedTakenBack = "what follows the marked answer may take it back",
        TakenBack = "what follows the answer may take it back",
        MoreThanEmphasis = "an option is emphasised, but the text says more than that",
        UnreadableAssignment = "an `answer=` leads to something unreadable",
        DifferentValues = "several values that differ",
        BesideTags = "text beside the tagged boxes",
        OtherNumbers = "the text around the list speaks of other numbers",
    }
}

/// Why an answer is not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum UnreadReason {
    /// No rule finds an answer in it.
    NoRule,
    /// The reasoning never ends, so the answer is missing.
    Unfinished,
    /// A value was found that cannot be written in the folder's format.
    Misfit(Misfit),
    /// A rule found what it looks for, but not without doubt.
    Doubt(Doubt),
    /// This word after the value may take it back.
    ValueTakenBack(String),
    /// This word stands beside the value, as in an example.
    BesideValue(String),
    /// Words in a journal of another version.
    Noted(String),
}

const NO_RULE: &str = "no rule finds an answer in it";
const UNFINISHED: &str = "the reasoning never ends, so the answer is missing";
const TAKES_BACK: &str = "` may take the value back";
const BESIDE: &str = "` stands beside the value";

impl fmt::Display for UnreadReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRule => f.write_str(NO_RULE),
            Self::Unfinished => f.write_str(UNFINISHED),
            Self::Misfit(misfit) => misfit.fmt(f),
            Self::Doubt(doubt) => doubt.fmt(f),
            Self::ValueTakenBack(word) => write!(f, "`{word}{TAKES_BACK}"),
            Self::BesideValue(word) => write!(f, "`{word}{BESIDE}"),
            Self::Noted(words) => f.write_str(words),
        }
    }
}

impl From<UnreadReason> for String {
    fn from(reason: UnreadReason) -> Self {
        reason.to_string()
    }
}

/// From a journal: what no reason of this version says is kept as it is.
impl From<String> for UnreadReason {
    fn from(words: String) -> Self {
        let misfit = || Misfit::ALL.into_iter().find(|misfit| misfit.text() == words);
        let doubt = || Doubt::ALL.into_iter().find(|doubt| doubt.text() == words);
        let word = |rest| words.strip_prefix('`')?.strip_suffix(rest).map(str::to_owned);
        match words.as_str() {
            NO_RULE => Self::NoRule,
            UNFINISHED => Self::Unfinished,
            _ => misfit()
                .map(Self::Misfit)
                .or_else(|| doubt().map(Self::Doubt))
                .or_else(|| word(TAKES_BACK).map(Self::ValueTakenBack))
                .or_else(|| word(BESIDE).map(Self::BesideValue))
                .unwrap_or(Self::Noted(words)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_read_back_from_its_words() {
        let fixed = [UnreadReason::NoRule, UnreadReason::Unfinished];
        let misfits = Misfit::ALL.map(UnreadReason::Misfit);
        let doubts = Doubt::ALL.map(UnreadReason::Doubt);
        let words = [
            UnreadReason::ValueTakenBack("on second thought".to_owned()),
            UnreadReason::BesideValue("e.g.".to_owned()),
            UnreadReason::Noted("the stars were wrong".to_owned()),
        ];
        for reason in fixed.into_iter().chain(misfits).chain(doubts).chain(words) {
            assert_eq!(UnreadReason::from(reason.to_string()), reason);
            let written = serde_json::to_value(&reason).unwrap();
            assert_eq!(written, reason.to_string());
            assert_eq!(serde_json::from_value::<UnreadReason>(written).unwrap(), reason);
        }
    }
}
