//! The manifest of a set: what made it, and a fingerprint of every file.

use std::collections::BTreeMap;
use std::path::Path;

use avibench_files::SizeLimit;
use avibench_media::MAX_FILE_BYTES;
use avibench_protocol::{MANIFEST_LIMIT, read_json_as};
use serde::{Deserialize, Serialize};

use super::options::SetOptions;
use crate::StimuliError;

/// Version of the manifest's layout.
const FORMAT: u32 = 1;
/// What the generator calls itself, without its version.
const GENERATOR: &str = "avibench-stimuli";
/// How large a file of a set may be.
pub(crate) const MEDIUM_LIMIT: SizeLimit =
    SizeLimit::new(MAX_FILE_BYTES, "make the set anew with `avibench synth`");

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// Version of this layout.
    pub(crate) format: u32,
    /// `prise` or `smoke`.
    pub(crate) kind: String,
    /// Name and version of the generator, which is that of this crate: the same version gives the
    /// same bytes.
    pub(crate) generator: String,
    /// The seed.
    pub(crate) seed: u64,
    /// Number of records relative to the published benchmark; null for a few of each.
    pub(crate) scale: Option<f64>,
    /// Range of intensities.
    pub(crate) difficulty: String,
    /// Whether intensities are spread over the widest range.
    pub(crate) sweep: bool,
    /// Numbers from this set must not be compared with published ones.
    pub(crate) comparable: bool,
    /// Lower-case hex sha256 of every file below `levels/`, by its path with `/`.
    pub(crate) files: BTreeMap<String, String>,
}

impl Manifest {
    /// The manifest of a set made with `options`.
    pub(super) fn new(options: &SetOptions, files: BTreeMap<String, String>) -> Self {
        Self {
            format: FORMAT,
            kind: options.kind.name().to_owned(),
            generator: format!("{GENERATOR} {}", env!("CARGO_PKG_VERSION")),
            seed: options.seed,
            scale: options.relative(),
            difficulty: options.difficulty.name().to_owned(),
            sweep: options.sweep,
            comparable: false,
            files,
        }
    }

    /// In what a set made with `options` would differ, apart from the choice of folders.
    pub(super) fn difference(&self, options: &SetOptions) -> Option<String> {
        let now = Self::new(options, BTreeMap::new());
        let differences: Vec<String> = [
            ("kind", self.kind.clone(), now.kind),
            ("generator", self.generator.clone(), now.generator),
            ("seed", self.seed.to_string(), now.seed.to_string()),
            ("scale", scale(self.scale), scale(now.scale)),
            ("difficulty", self.difficulty.clone(), now.difficulty),
            ("sweep", self.sweep.to_string(), now.sweep.to_string()),
        ]
        .into_iter()
        .filter(|(_, was, is)| was != is)
        .map(|(what, was, is)| format!("{what} {was}, now {is}"))
        .collect();
        (!differences.is_empty()).then(|| differences.join(", "))
    }

    /// Reads `dir/manifest.json`.
    pub(crate) fn read(dir: &Path) -> Result<Self, StimuliError> {
        let path = dir.join("manifest.json");
        let bytes = MANIFEST_LIMIT.read(&path)?;
        let wrong = |reason: String| StimuliError::Manifest { path: path.clone(), reason };
        let manifest: Self = read_json_as(&bytes).map_err(|e| wrong(e.to_string()))?;
        if !manifest.generator.starts_with(GENERATOR) {
            return Err(wrong(format!("it was made by {}", manifest.generator)));
        }
        if manifest.format > FORMAT {
            return Err(wrong(format!(
                "its format {} is newer than {FORMAT}, the newest this program knows",
                manifest.format
            )));
        }
        Ok(manifest)
    }
}

/// A scale for people.
pub(super) fn scale(scale: Option<f64>) -> String {
    scale.map_or_else(|| "a few of each".to_owned(), |scale| scale.to_string())
}
