//! Making a set and writing it: whole or not at all.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use avibench_files::{FileError, PartialFolder, remove_partial_files, uninterrupted};
use avibench_media::{encode_mp4, encode_png, encode_wav};
use avibench_protocol::{Folder, MediaPaths};
use rayon::prelude::*;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::manifest::Manifest;
use super::options::{SetKind, SetOptions};
use super::plan::{Planned, plan};
use super::{pad, readme, record, smoke};
use crate::StimuliError;
use crate::kind::{Check, Medium};

/// Called with the number of records that are made and the number of all, from any thread.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetSummary {
    /// Records by folder, checks included.
    pub records: BTreeMap<Folder, usize>,
    /// Number of files below `levels/`.
    pub files: usize,
    /// Their size in bytes.
    pub bytes: u64,
}

/// A file of the set.
pub(super) struct Written {
    /// Path below the set's folder, with `/`.
    pub(super) path: String,
    /// Lower-case hex.
    pub(super) sha256: String,
    /// Size.
    pub(super) bytes: u64,
}

/// Makes the set that `options` describe and writes it to `out`.
///
/// Everything is built in a temporary folder inside `out` and moved into place at the end; an
/// earlier set of ours made with the same options is replaced, another one only if forced; nothing
/// else is ever removed, but for what a killed generator left half-made.
///
/// # Errors
///
/// [`StimuliError::NotEmpty`] when `out` holds files and no set of ours, and
/// [`StimuliError::OtherSet`] when it holds one made with other options (unless forced),
/// [`StimuliError::ForeignDataset`] when it holds a dataset of another origin, else what the file
/// system or an encoder says. Nothing half-written is left.
pub fn generate(
    options: &SetOptions,
    out: &Path,
    progress: Progress<'_>,
) -> Result<SetSummary, StimuliError> {
    let folders = options.selected()?;
    let was_there = out.exists();
    remove_partial_files(out)?;
    let replaces = may_write(out, options)?;
    std::fs::create_dir_all(out).map_err(FileError::at("create", out))?;
    let result = build(options, &folders, out, progress).and_then(|(temporary, summary)| {
        uninterrupted(|| move_in(temporary.path(), out, replaces)).map(|()| summary)
    });
    if result.is_err() && !was_there {
        // Only succeeds if it is empty, which is what we want.
        let _ = std::fs::remove_dir(out);
    }
    result
}

/// Whether `out` holds the very set that `options` describe, by its manifest.
#[must_use]
pub fn holds(options: &SetOptions, out: &Path) -> bool {
    // A generator that was killed while it moved things in place leaves the manifest alone.
    out.join("levels").exists()
        && Manifest::read(out).is_ok_and(|manifest| manifest.difference(options).is_none())
}

/// Whether `out` holds a set of ours that is to be replaced.
fn may_write(out: &Path, options: &SetOptions) -> Result<bool, StimuliError> {
    let mut entries = match std::fs::read_dir(out) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(FileError::at("read", out)(error).into()),
    };
    if entries.next().is_none() {
        return Ok(false);
    }
    if let Ok(manifest) = Manifest::read(out) {
        return match manifest.difference(options) {
            Some(difference) if !options.force => {
                Err(StimuliError::OtherSet { path: out.to_owned(), difference })
            }
            _ => Ok(true),
        };
    }
    if !options.force {
        return Err(StimuliError::NotEmpty { path: out.to_owned() });
    }
    if out.join("levels").exists() || out.join("manifest.json").exists() {
        return Err(StimuliError::ForeignDataset { path: out.to_owned() });
    }
    Ok(false)
}

fn build(
    options: &SetOptions,
    folders: &[Folder],
    out: &Path,
    progress: Progress<'_>,
) -> Result<(PartialFolder, SetSummary), StimuliError> {
    let temporary = PartialFolder::new(out)?;
    let plans: Vec<(Folder, Vec<Planned>)> =
        folders.iter().map(|&folder| (folder, plan(folder, options))).collect();
    let planned: Vec<&Planned> = plans.iter().flat_map(|(_, plan)| plan).collect();
    // A PriSe set has no folders for stand-ins.
    let stand_ins: usize = folders.iter().map(|&folder| smoke::count(folder, options)).sum();
    let formal: usize = planned.iter().map(|planned| planned.questions()).sum();
    let total = 2 * formal + stand_ins;
    let done = AtomicUsize::new(0);
    let advance = |records| {
        let made = done.fetch_add(records, Ordering::Relaxed) + records;
        progress(made, total);
    };
    let store = Store { root: &temporary };
    let made: Vec<(Vec<Value>, Written)> = planned
        .par_iter()
        .map(|planned| {
            let result = make(planned, options, &store);
            advance(2 * planned.questions());
            result
        })
        .collect::<Result<_, _>>()?;

    let mut files = Vec::new();
    let mut records: BTreeMap<Folder, Vec<Value>> = BTreeMap::new();
    for (planned, (pairs, written)) in planned.iter().zip(made) {
        records.entry(planned.subtask.folder).or_default().extend(pairs);
        files.push(written);
    }
    if options.kind == SetKind::Smoke {
        for (folder, more, written) in smoke::stand_ins(options, folders, &store, &advance)? {
            records.entry(folder).or_default().extend(more);
            files.extend(written);
        }
        smoke::unsettle(&mut records);
    }
    for (&folder, records) in &records {
        files.push(store.write(folder, "data.json", &data_json(records))?);
    }
    let summary = SetSummary {
        records: records.iter().map(|(&folder, records)| (folder, records.len())).collect(),
        files: files.len(),
        bytes: files.iter().map(|file| file.bytes).sum(),
    };
    let files = files.into_iter().map(|file| (file.path, file.sha256)).collect();
    let manifest = Manifest::new(options, files);
    let readme = readme::readme(options.kind, &manifest);
    let path = temporary.path().join("manifest.json");
    let json = serde_json::to_vec_pretty(&manifest)
        .map_err(|error| FileError::at("write", &path)(error.into()))?;
    temporary.write("manifest.json", &json)?;
    temporary.write("README.md", readme.as_bytes())?;
    Ok((temporary, summary))
}

/// A formal record and its check, and a second such pair where the medium is asked about twice.
fn make(
    planned: &Planned,
    options: &SetOptions,
    store: &Store<'_>,
) -> Result<(Vec<Value>, Written), StimuliError> {
    let folder = planned.subtask.folder;
    let mut stream = planned.stream(options.seed);
    let check = Check::of(folder, &mut stream);
    let fail = |source| StimuliError::Medium {
        medium: format!("{folder}, record {}", planned.id()),
        source,
    };
    let made = (planned.subtask.make)(&mut stream, &planned.answer, planned.level).map_err(fail)?;
    let (media, written) = store.medium(folder, &planned.id(), &made.medium)?;
    // The check follows its question: official scoring only looks back.
    let pair = [record::formal(planned, &made, &media), record::check(planned, &check, &media)];
    let second = if planned.is_asked_twice { smoke::second_pair(planned, &pair) } else { None };
    Ok((pair.into_iter().chain(second.into_iter().flatten()).collect(), written))
}

/// One record a line: small, and still to be read and compared.
fn data_json(records: &[Value]) -> Vec<u8> {
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    format!("[\n{}\n]\n", lines.join(",\n")).into_bytes()
}

/// Where files of a set are put while it is made.
pub(super) struct Store<'a> {
    root: &'a PartialFolder,
}

impl Store<'_> {
    /// Encodes a medium and writes it as `id` into a folder's `input/`.
    pub(super) fn medium(
        &self,
        folder: Folder,
        id: &str,
        medium: &Medium,
    ) -> Result<(MediaPaths, Written), StimuliError> {
        let mut media = MediaPaths::default();
        let fail =
            |source| StimuliError::Medium { medium: format!("{folder}, medium {id}"), source };
        // Stand-ins measure nothing: there is nothing to give away.
        let is_padded = folder.has_checks();
        let (name, bytes) = match medium {
            Medium::Sound(sound) => {
                let name = format!("wavs/{id}.wav");
                media.audios.push(format!("./input/{name}"));
                (name, encode_wav(sound).map_err(fail)?)
            }
            Medium::Picture(picture) => {
                let name = format!("images/{id}.png");
                media.images.push(format!("./input/{name}"));
                let png = encode_png(picture).map_err(fail)?;
                (name, if is_padded { pad::pad_png(png, pad::PNG_BLOCK) } else { png })
            }
            Medium::Clip(clip) => {
                let name = format!("videos/{id}.mp4");
                media.video = Some(format!("./input/{name}"));
                let mp4 = encode_mp4(clip).map_err(fail)?;
                (name, if is_padded { pad::pad_mp4(mp4, pad::MP4_BLOCK) } else { mp4 })
            }
        };
        let written = self.write(folder, &format!("input/{name}"), &bytes)?;
        Ok((media, written))
    }

    fn write(&self, folder: Folder, name: &str, bytes: &[u8]) -> Result<Written, StimuliError> {
        let path = format!("levels/{}/{}/{name}", folder.stage().name(), folder.name());
        self.root.write(&path, bytes)?;
        let sha256 = hex::encode(Sha256::digest(bytes));
        Ok(Written { path, sha256, bytes: bytes.len() as u64 })
    }
}

/// Moves a finished set from `from` into `out`. The manifest goes first and the media last: whenever
/// there are media, a manifest says what they are, so that no part of a set is ever taken for the
/// benchmark itself or for a whole set.
fn move_in(from: &Path, out: &Path, replaces: bool) -> Result<(), StimuliError> {
    let old = from.join("old");
    if replaces {
        std::fs::create_dir(&old).map_err(FileError::at("create", &old))?;
        let place = out.join("levels");
        if place.exists() {
            std::fs::rename(&place, old.join("levels"))
                .map_err(FileError::at("replace", &place))?;
        }
    }
    for name in ["manifest.json", "README.md", "levels"] {
        let place = out.join(name);
        if name == "README.md" && place.exists() && !replaces {
            continue; // somebody's own
        }
        std::fs::rename(from.join(name), &place).map_err(FileError::at("write", &place))?;
    }
    Ok(())
}
