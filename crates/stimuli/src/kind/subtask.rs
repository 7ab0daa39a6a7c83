//! The table of subtasks.

use avibench_media::MediaError;
use avibench_protocol::Folder;

use super::{Made, asqa, avsqa, clear, colour, lines, moving, place, solids, surface};
use crate::random::Stream;

/// Makes a stimulus for an answer at a level of intensity.
pub(crate) type Make = fn(&mut Stream, &str, f64) -> Result<Made, MediaError>;

/// One kind of question.
pub(crate) struct Subtask {
    /// The folder it belongs to.
    pub(crate) folder: Folder,
    /// Its name in data.json.
    pub(crate) name: &'static str,
    /// Pseudo key of the option list, if the answers are options.
    pub(crate) options: Option<&'static str>,
    /// All right answers, equally frequent.
    pub(crate) answers: Answers,
    /// Unit of the intensity.
    pub(crate) unit: &'static str,
    /// Intensities, from hardest to easiest: end of the sweep, end of the default range, other
    /// end of the default range, other end of the sweep.
    pub(crate) intensities: [f64; 4],
    /// How a stimulus is made.
    pub(crate) make: Make,
}

/// The right answers of a subtask.
#[derive(Clone, Copy)]
pub(crate) enum Answers {
    /// As they stand.
    Words(&'static [&'static str]),
    /// Digits from 1 to this number.
    Counts(usize),
    /// Sets of one to three of these words, joined by `;`.
    Sets(&'static [&'static str]),
}

impl Answers {
    /// All of them.
    pub(crate) fn list(self) -> Vec<String> {
        match self {
            Self::Words(words) => words.iter().map(|&word| word.to_owned()).collect(),
            Self::Counts(highest) => (1..=highest).map(|count| count.to_string()).collect(),
            Self::Sets(words) => sets(words),
        }
    }
}

/// All sets of one to three of some words, joined by `;` in the order of the words.
pub(crate) fn sets(words: &[&str]) -> Vec<String> {
    (1_u32..1 << words.len())
        .filter(|set| set.count_ones() <= 3)
        .map(|set| {
            let members: Vec<&str> =
                (0..words.len()).filter(|i| set >> i & 1 == 1).map(|i| words[i]).collect();
            members.join(";")
        })
        .collect()
}

/// The question that is asked before all others: is there anything at all? Half of them ask for
/// a yes, half for a no, so that saying yes to everything does not pass.
pub(crate) struct Check {
    /// The question.
    pub(crate) text: &'static str,
    /// Its answer.
    pub(crate) answer: &'static str,
    /// Pseudo key of its option list.
    pub(crate) options: Option<&'static str>,
}

impl Check {
    /// The check of a folder of which every medium shows or plays something.
    pub(crate) fn of(folder: Folder, stream: &mut Stream) -> Self {
        let (positive, negative) = match folder {
            Folder::Asqa => (
                "Can you hear any sound in this recording?",
                "Is this recording completely silent?",
            ),
            Folder::VsqaI => {
                ("Can you see any object in this image?", "Is this image completely blank?")
            }
            Folder::VsqaV => {
                ("Can you see any object in this video?", "Is this video completely blank?")
            }
            // This folder has no list of yes and no.
            _ => (
                "Can you hear any sound in this video? Answer yes or no.",
                "Is this video completely silent? Answer yes or no.",
            ),
        };
        let options = (folder != Folder::Avsqa).then_some("options_yes_no");
        if stream.chance(0.5) {
            Self { text: positive, answer: "yes", options }
        } else {
            Self { text: negative, answer: "no", options }
        }
    }
}

/// All subtasks of a folder; none outside the sensation stage.
pub(crate) fn subtasks(folder: Folder) -> &'static [Subtask] {
    match folder {
        Folder::Asqa => &asqa::SUBTASKS,
        Folder::VsqaI => &VSQA_I,
        Folder::VsqaV => &VSQA_V,
        Folder::Avsqa => &avsqa::SUBTASKS,
        _ => &[],
    }
}

static VSQA_I: [Subtask; 13] = [
    clear::BACKGROUND,
    clear::FOREGROUND,
    clear::IMAGE,
    clear::DEGREE,
    solids::WHERE,
    solids::WHAT,
    solids::COUNT,
    place::ODD,
    place::LARGER,
    place::BRIGHTER,
    colour::COLOUR,
    lines::COUNT,
    lines::DIRECTION,
];

static VSQA_V: [Subtask; 8] = [
    solids::TURNING,
    moving::COUNT,
    moving::CHANGES,
    moving::STAYS,
    moving::FLAT,
    moving::SPATIAL,
    moving::DEEP,
    surface::SURFACE,
];
