//! The shards of a label, wherever they lie.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::places::SHARDS;
use super::{MergeError, Shard, ShardFolder};
use crate::{Label, Manifest};

/// What stands in shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MergeKind {
    /// Answers, which `run` left.
    Answers,
    /// Formatted answers, which `refine` left.
    Formatted,
}

/// A shard that may be merged.
#[derive(Debug, Clone)]
pub struct ShardSource {
    /// Which shard it is.
    pub shard: Shard,
    /// Its folder.
    pub path: PathBuf,
    /// What was asked of whom.
    pub manifest: Manifest,
}

impl ShardSource {
    /// What stands in it.
    #[must_use]
    pub fn kind(&self) -> MergeKind {
        if self.manifest.identity.backend.starts_with("refine ") {
            MergeKind::Formatted
        } else {
            MergeKind::Answers
        }
    }

    /// All shards of a label below its own folders, `directories`, and in the folders `elsewhere`: each may be
    /// the folder of a shard, of shards, of a label, of labels, or a folder with folders of labels that are
    /// called as those of `directories`. What never began is left out.
    ///
    /// # Errors
    ///
    /// If a folder that was named has no shards of the label, or a shard cannot be used.
    pub fn find(
        label: &Label,
        directories: &[PathBuf],
        elsewhere: &[PathBuf],
    ) -> Result<Vec<Self>, MergeError> {
        let mut folders: Vec<ShardFolder> =
            directories.iter().flat_map(|directory| ShardFolder::below(directory)).collect();
        let roots = directories.iter().filter_map(|directory| directory.parent()?.file_name());
        let roots: Vec<_> = roots.collect();
        for folder in elsewhere {
            let mut found = Vec::new();
            let name = folder.file_name().and_then(|name| name.to_str());
            if let Some(shard) = name.and_then(Shard::of_folder_name) {
                found.push(ShardFolder { shard, path: folder.clone() });
            }
            let below =
                [folder.clone(), folder.join(SHARDS), folder.join(label.as_str()).join(SHARDS)];
            let in_roots =
                roots.iter().map(|root| folder.join(root).join(label.as_str()).join(SHARDS));
            for place in below.into_iter().chain(in_roots) {
                found.extend(ShardFolder::in_folder(&place));
            }
            if found.is_empty() {
                let (folder, label) = (folder.clone(), label.clone());
                return Err(MergeError::NothingIn { folder, label });
            }
            folders.extend(found);
        }
        let mut known = BTreeSet::new();
        let mut sources = Vec::new();
        for ShardFolder { shard, path } in folders {
            let place = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            if !known.insert(place) {
                continue;
            }
            if let Some(manifest) = manifest(label, shard, &path)? {
                sources.push(Self { shard, path, manifest });
            }
        }
        sources.sort_by(|a, b| (a.shard, &a.path).cmp(&(b.shard, &b.path)));
        Ok(sources)
    }
}

/// The manifest of a shard; `None` if it never began.
fn manifest(label: &Label, shard: Shard, path: &Path) -> Result<Option<Manifest>, MergeError> {
    let Some(manifest) = Manifest::read(path)? else {
        if path.join("journal").is_dir() {
            return Err(MergeError::NoManifest { path: path.to_owned() });
        }
        return Ok(None);
    };
    if manifest.label != *label {
        let (path, found) = (path.to_owned(), manifest.label);
        return Err(MergeError::OtherLabel { path, found, label: label.clone() });
    }
    let found = manifest.identity.shard.as_ref().map(|identity| identity.shard);
    if found != Some(shard) {
        let found = found.map_or_else(|| "no shard at all".to_owned(), Shard::words);
        return Err(MergeError::Renamed { path: path.to_owned(), found });
    }
    Ok(Some(manifest))
}
