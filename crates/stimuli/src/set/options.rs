//! What set is wanted.

use avibench_protocol::Folder;

use crate::StimuliError;

/// Which set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SetKind {
    /// The four sensation folders with as many records as the published benchmark.
    #[default]
    Prise,
    /// All 15 folders, to try a pipeline with: the sensation folders as in PriSe, simple stand-ins
    /// for the others.
    Smoke,
}

/// How intense stimuli are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Difficulty {
    /// Plain to anybody.
    Easy,
    /// Clear, without being crude.
    #[default]
    Normal,
    /// Down to the end of the sweep, where some differences cannot be sensed.
    Hard,
}

/// What to make.
#[derive(Debug, Clone, PartialEq)]
pub struct SetOptions {
    /// Which set.
    pub kind: SetKind,
    /// Everything random comes from here.
    pub seed: u64,
    /// Number of records relative to the published benchmark, above 0 and at most 100. `None` makes
    /// a PriSe set as large as the benchmark, and a smoke set of a few records a folder. A smaller
    /// set is the beginning of a larger one.
    pub scale: Option<f64>,
    /// Range of intensities.
    pub difficulty: Difficulty,
    /// Spread intensities evenly over the widest range instead, for psychometric curves.
    pub sweep: bool,
    /// Only these folders; empty: all of the set.
    pub folders: Vec<Folder>,
    /// Write into a folder that holds other files.
    pub force: bool,
}

impl Default for SetOptions {
    fn default() -> Self {
        Self {
            kind: SetKind::Prise,
            seed: 0,
            scale: None,
            difficulty: Difficulty::Normal,
            sweep: false,
            folders: Vec::new(),
            force: false,
        }
    }
}

impl SetKind {
    /// The word for it in manifests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prise => "prise",
            Self::Smoke => "smoke",
        }
    }
}

impl Difficulty {
    /// The word for it in manifests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Easy => "easy",
            Self::Normal => "normal",
            Self::Hard => "hard",
        }
    }
}

impl SetOptions {
    /// Number of records relative to the published benchmark; `None` for a few of each.
    pub(super) fn relative(&self) -> Option<f64> {
        match self.kind {
            SetKind::Prise => Some(self.scale.unwrap_or(1.0)),
            SetKind::Smoke => self.scale,
        }
    }

    /// Whether some clips of a folder are asked about twice under one id, as in the benchmark. The
    /// observer and the curves of a PriSe set take each id for one stimulus, so only a smoke set of
    /// some size does.
    pub(super) fn asks_twice(&self, folder: Folder) -> bool {
        self.kind == SetKind::Smoke && self.scale.is_some() && folder == Folder::VsqaV
    }

    /// The folders to make, in table order.
    pub(super) fn selected(&self) -> Result<Vec<Folder>, StimuliError> {
        if let Some(scale) = self.scale.filter(|&scale| !(scale > 0.0 && scale <= 100.0)) {
            return Err(StimuliError::Options(format!(
                "a scale of {scale} is not above 0 and at most 100; 1 makes as many records as the \
                 published benchmark has"
            )));
        }
        let possible: Vec<Folder> = match self.kind {
            SetKind::Prise => Folder::ALL.into_iter().filter(|f| f.has_checks()).collect(),
            SetKind::Smoke => Folder::ALL.to_vec(),
        };
        if let Some(other) = self.folders.iter().find(|folder| !possible.contains(folder)) {
            return Err(StimuliError::Options(format!(
                "{other} is no folder of this set; it has {}",
                possible.iter().map(|f| f.name()).collect::<Vec<_>>().join(", ")
            )));
        }
        let wanted = |folder: &Folder| self.folders.is_empty() || self.folders.contains(folder);
        Ok(possible.into_iter().filter(wanted).collect())
    }
}
