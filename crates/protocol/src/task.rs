//! The fixed vocabulary of the benchmark: 4 stages, 14 reported tasks in 15 folders.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the four stages, in the order of every table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Naming, counting, locating and matching what is seen and heard.
    Perception,
    /// Retrieval across the senses and captioning. The folder is called `understand`.
    Understand,
    /// Hallucination probes, question answering and grounding over time.
    Reasoning,
    /// Primitive sensation (`PriSe`): bare shapes and sounds.
    Sensation,
}

impl Stage {
    /// All stages in table order.
    pub const ALL: [Self; 4] =
        [Self::Perception, Self::Understand, Self::Reasoning, Self::Sensation];

    /// Name on disk and in score files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Perception => "perception",
            Self::Understand => "understand",
            Self::Reasoning => "reasoning",
            Self::Sensation => "sensation",
        }
    }

    /// The name people use in tables.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Perception => "Perception",
            Self::Understand => "Understanding",
            Self::Reasoning => "Reasoning",
            Self::Sensation => "Sensation",
        }
    }

    /// The reported tasks of this stage, in table order.
    pub fn tasks(self) -> impl Iterator<Item = Task> {
        Task::ALL.into_iter().filter(move |task| task.stage() == self)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The sense that dominates a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Modality {
    /// Hearing.
    Audio,
    /// Sight.
    Visual,
    /// Neither can do without the other.
    Both,
}

/// How a folder's answers are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// One option or one short text.
    FullMatch,
    /// Several options joined by `;`.
    SetMatch,
    /// Categories with counts.
    Instances,
    /// Boxes of sounding instances in one image.
    Boxes,
    /// Indices into a list of candidates.
    Retrieval,
    /// One box for each frame of a clip.
    FrameBoxes,
    /// A sentence, scored by FENSE.
    Caption,
}

macro_rules! folders {
    ($($variant:ident $name:literal $task:ident $stage:ident $count:literal $modality:ident $family:ident;)*) => {
        /// One of the 15 folders of the dataset.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Folder {
            $(#[doc = concat!("Folder `", $name, "`.")] #[serde(rename = $name)] $variant,)*
        }

        impl Folder {
            /// All folders, in stage order, then table order.
            pub const ALL: [Self; 15] = [$(Self::$variant,)*];

            /// Name on disk, such as `VSQA_I`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The reported task that this folder belongs to.
            #[must_use]
            pub const fn task(self) -> Task {
                match self { $(Self::$variant => Task::$task,)* }
            }

            /// The stage, which is also the parent folder.
            #[must_use]
            pub const fn stage(self) -> Stage {
                match self { $(Self::$variant => Stage::$stage,)* }
            }

            /// Number of records in the published benchmark, checks included.
            #[must_use]
            pub const fn published_records(self) -> usize {
                match self { $(Self::$variant => $count,)* }
            }

            /// The dominant sense.
            #[must_use]
            pub const fn modality(self) -> Modality {
                match self { $(Self::$variant => Modality::$modality,)* }
            }

            /// How answers are scored.
            #[must_use]
            pub const fn family(self) -> Family {
                match self { $(Self::$variant => Family::$family,)* }
            }
        }
    };
}

folders! {
    Amic  "AMIC"   Amic  Perception 518 Audio  Instances;
    Vmic  "VMIC"   Vmic  Perception 521 Visual Instances;
    Avl   "AVL"    Avl   Perception 205 Both   Boxes;
    Avm   "AVM"    Avm   Perception 250 Both   FullMatch;
    Var   "VAR"    Var   Understand 264 Audio  Retrieval;
    Avr   "AVR"    Avr   Understand 264 Visual Retrieval;
    Avc   "AVC"    Avc   Understand 280 Both   Caption;
    Avh   "AVH"    Avh   Reasoning  250 Audio  FullMatch;
    Vah   "VAH"    Vah   Reasoning  250 Visual FullMatch;
    Avqa  "AVQA"   Avqa  Reasoning  469 Both   FullMatch;
    Avlg  "AVLG"   Avlg  Reasoning  503 Both   FrameBoxes;
    Asqa  "ASQA"   Asqa  Sensation  502 Audio  FullMatch;
    VsqaI "VSQA_I" Vsqa  Sensation  620 Visual FullMatch;
    VsqaV "VSQA_V" Vsqa  Sensation  580 Visual FullMatch;
    Avsqa "AVSQA"  Avsqa Sensation  388 Both   SetMatch;
}

impl Folder {
    /// Whether the benchmark pairs the folder's formal questions with `pre_` checks.
    #[must_use]
    pub const fn has_checks(self) -> bool {
        matches!(self.stage(), Stage::Sensation)
    }

    /// Whether a `pre_<id>` of the folder is a check of `<id>`: in all that compare an answer as a
    /// whole with one label. Elsewhere such an id means nothing.
    #[must_use]
    pub const fn double_confirms(self) -> bool {
        matches!(self.family(), Family::FullMatch | Family::SetMatch)
    }

    /// Whether its questions cannot be answered without sound.
    #[must_use]
    pub const fn needs_sound(self) -> bool {
        !matches!(self, Self::Vmic | Self::VsqaI | Self::VsqaV)
    }

    /// Whether its questions cannot be answered without a picture.
    #[must_use]
    pub const fn needs_picture(self) -> bool {
        !matches!(self, Self::Amic | Self::Asqa)
    }

    /// Folders matching a user's list of names: folder names, reported tasks (`VSQA` is both
    /// halves) or stages, in any case. Duplicates collapse; the result is in table order.
    pub fn select<S: AsRef<str>>(names: &[S]) -> Result<Vec<Self>, UnknownTask> {
        let mut chosen = Vec::new();
        for name in names {
            let name = name.as_ref().trim();
            let matches: Vec<Self> = Self::ALL
                .into_iter()
                .filter(|folder| {
                    name.eq_ignore_ascii_case(folder.name())
                        || name.eq_ignore_ascii_case(folder.task().name())
                        || name.eq_ignore_ascii_case(folder.stage().name())
                        || name.eq_ignore_ascii_case(folder.stage().title())
                })
                .collect();
            if matches.is_empty() {
                return Err(UnknownTask::new(name));
            }
            chosen.extend(matches);
        }
        chosen.sort_unstable();
        chosen.dedup();
        Ok(chosen)
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Folder {
    type Err = UnknownTask;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|folder| folder.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownTask::new(name))
    }
}

/// One of the 14 reported tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Task {
    /// Audio multi-instance counting.
    Amic,
    /// Visual multi-instance counting.
    Vmic,
    /// Audio-visual localization.
    Avl,
    /// Audio-visual matching.
    Avm,
    /// Image-to-audio retrieval.
    Var,
    /// Audio-to-image retrieval.
    Avr,
    /// Audio-visual captioning.
    Avc,
    /// Visual hallucination with sound as the lure.
    Avh,
    /// Audio hallucination with the picture as the lure.
    Vah,
    /// Audio-visual question answering.
    Avqa,
    /// Audio-visual grounding over frames.
    Avlg,
    /// Audio sensation questions.
    Asqa,
    /// Visual sensation questions, stored in two halves.
    Vsqa,
    /// Audio-visual sensation questions.
    Avsqa,
}

impl Task {
    /// All reported tasks in table order.
    pub const ALL: [Self; 14] = [
        Self::Amic,
        Self::Vmic,
        Self::Avl,
        Self::Avm,
        Self::Var,
        Self::Avr,
        Self::Avc,
        Self::Avh,
        Self::Vah,
        Self::Avqa,
        Self::Avlg,
        Self::Asqa,
        Self::Vsqa,
        Self::Avsqa,
    ];

    /// The name in tables, such as `VSQA`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Amic => "AMIC",
            Self::Vmic => "VMIC",
            Self::Avl => "AVL",
            Self::Avm => "AVM",
            Self::Var => "VAR",
            Self::Avr => "AVR",
            Self::Avc => "AVC",
            Self::Avh => "AVH",
            Self::Vah => "VAH",
            Self::Avqa => "AVQA",
            Self::Avlg => "AVLG",
            Self::Asqa => "ASQA",
            Self::Vsqa => "VSQA",
            Self::Avsqa => "AVSQA",
        }
    }

    /// The key in score files: the name in lower case.
    #[must_use]
    pub fn key(self) -> String {
        self.name().to_lowercase()
    }

    /// The stage.
    #[must_use]
    pub const fn stage(self) -> Stage {
        self.folders()[0].stage()
    }

    /// How answers are scored.
    #[must_use]
    pub const fn family(self) -> Family {
        self.folders()[0].family()
    }

    /// The one or two folders that hold the task.
    #[must_use]
    pub const fn folders(self) -> &'static [Folder] {
        match self {
            Self::Amic => &[Folder::Amic],
            Self::Vmic => &[Folder::Vmic],
            Self::Avl => &[Folder::Avl],
            Self::Avm => &[Folder::Avm],
            Self::Var => &[Folder::Var],
            Self::Avr => &[Folder::Avr],
            Self::Avc => &[Folder::Avc],
            Self::Avh => &[Folder::Avh],
            Self::Vah => &[Folder::Vah],
            Self::Avqa => &[Folder::Avqa],
            Self::Avlg => &[Folder::Avlg],
            Self::Asqa => &[Folder::Asqa],
            Self::Vsqa => &[Folder::VsqaI, Folder::VsqaV],
            Self::Avsqa => &[Folder::Avsqa],
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is neither a folder, nor a task, nor a stage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown task `{name}`{}", .suggestion.as_ref().map_or_else(
    || format!("; known: {}", Folder::ALL.map(Folder::name).join(", ")),
    |near| format!("; did you mean `{near}`?")))]
pub struct UnknownTask {
    /// What was asked for.
    pub name: String,
    /// The nearest known name, if one is near.
    pub suggestion: Option<&'static str>,
}

impl UnknownTask {
    fn new(name: &str) -> Self {
        let upper = name.to_uppercase();
        let suggestion = Folder::ALL
            .map(Folder::name)
            .into_iter()
            .chain(Task::ALL.map(Task::name))
            .chain(Stage::ALL.map(Stage::name))
            .map(|known| (strsim::damerau_levenshtein(&upper, &known.to_uppercase()), known))
            // Of names that are equally near, one that begins so is likelier to be meant.
            .min_by_key(|&(distance, known)| (distance, !known.to_uppercase().starts_with(&upper)))
            .filter(|&(distance, _)| distance <= 2)
            .map(|(_, known)| known);
        Self { name: name.to_owned(), suggestion }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_to_the_published_benchmark() {
        let total: usize = Folder::ALL.into_iter().map(Folder::published_records).sum();
        assert_eq!(total, 5_864);
        let by_stage = Stage::ALL.map(|stage| {
            Folder::ALL
                .into_iter()
                .filter(|folder| folder.stage() == stage)
                .map(Folder::published_records)
                .sum::<usize>()
        });
        assert_eq!(by_stage, [1_494, 808, 1_472, 2_090]);
    }

    #[test]
    fn selection_understands_folders_tasks_and_stages() {
        assert_eq!(Folder::select(&["vsqa"]).unwrap(), [Folder::VsqaI, Folder::VsqaV]);
        assert_eq!(Folder::select(&["AVM", "avm"]).unwrap(), [Folder::Avm]);
        assert_eq!(Folder::select(&["understanding"]).unwrap().len(), 3);
        let unknown = Folder::select(&["AVQQ"]).unwrap_err();
        assert_eq!(unknown.suggestion, Some("AVQA"));
        assert_eq!(Folder::select(&["AVQ"]).unwrap_err().suggestion, Some("AVQA"));
        assert_eq!(Folder::select(&["avsq"]).unwrap_err().suggestion, Some("AVSQA"));
        assert_eq!(unknown.to_string(), "unknown task `AVQQ`; did you mean `AVQA`?");
    }
}
