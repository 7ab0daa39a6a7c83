//! Everything that belongs to a label, moved or removed as a whole.
//!
//! A label's files lie in several folders, so no single system call moves them all. Every step can
//! be undone, and a step that fails undoes those before it.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use avibench_files::{FileError, SizeLimit, write_atomic};
use avibench_protocol::read_json;
use serde_json::Value;

use crate::lock::in_brackets;
use crate::manifest::MANIFEST_LIMIT;
use crate::{Label, LockError, LockHolder, Locking, RunLock, SHARDS_FILE, ShardFolder};

/// How large a file may be that names its label: manifests, reports and pictures of curves.
const REWRITTEN_LIMIT: SizeLimit = SizeLimit::new(256 << 20, "score the label again");

/// Where labels leave files.
#[derive(Debug, Clone)]
pub struct LabelRoots {
    /// Folders that hold one folder a label: answers, formatted answers.
    pub folders: Vec<PathBuf>,
    /// Folder of score files, whose names begin with the label.
    pub scores: PathBuf,
    /// What follows the label in the names of score files, such as `.report.json`.
    pub suffixes: &'static [&'static str],
    /// Whether locks keep other writers away from what is moved or removed.
    pub locking: Locking,
}

/// What belongs to one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belongings {
    /// The label.
    pub label: Label,
    /// Its folders of answers; a symbolic link counts as itself, not as what it points to.
    pub folders: Vec<PathBuf>,
    /// Its score files.
    pub files: Vec<PathBuf>,
}

/// A file whose content names its label, as it is to read afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// The file under the new label.
    pub path: PathBuf,
    /// Its new content.
    pub content: Vec<u8>,
}

/// Why a label cannot be renamed or deleted. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum BelongingsError {
    /// A run, a refine or another command writes under the label.
    #[error(
        "label `{label}` is in use: {}{} is locked; wait for that run, or stop it, and try again",
        folder.display(),
        in_brackets(holder.as_ref())
    )]
    InUse {
        /// The label.
        label: Label,
        /// The folder that is locked.
        folder: PathBuf,
        /// The process that holds the lock, if it left its id.
        holder: Option<LockHolder>,
    },
    /// Something of the new label is there already.
    #[error("{} exists, and renaming never overwrites; choose another label", path.display())]
    Exists {
        /// What is there.
        path: PathBuf,
    },
    /// A file name that two labels share.
    #[error(
        "{} belongs to the label `{other}` too; rename or delete that one first",
        path.display()
    )]
    Shared {
        /// The file.
        path: PathBuf,
        /// The other label.
        other: Label,
    },
    /// The file system has no locks.
    #[error(transparent)]
    Lock(LockError),
    /// A step failed and those before it were undone.
    #[error(transparent)]
    File(#[from] FileError),
    /// A step failed and one before it could not be undone.
    #[error("{failed}; going back failed too, so {} is left as it is: {source}", path.display())]
    HalfDone {
        /// Why the step failed.
        failed: FileError,
        /// What could not be moved or written back.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl LabelRoots {
    /// All labels that have files here, sorted, and names of folders that cannot be labels.
    ///
    /// # Errors
    ///
    /// When a folder exists and cannot be listed.
    pub fn labels(&self) -> Result<(Vec<Label>, Vec<String>), FileError> {
        let mut labels = BTreeSet::new();
        let mut odd = Vec::new();
        for root in &self.folders {
            for (name, path) in entries(root)? {
                if !holds_a_run(&path) {
                    continue;
                }
                match Label::new(name.clone()) {
                    Ok(label) => drop(labels.insert(label)),
                    Err(_) => odd.push(name),
                }
            }
        }
        for (name, path) in entries(&self.scores)? {
            // The longest suffix that fits: `m.report.json` is the report of `m`.
            let stem = self
                .suffixes
                .iter()
                .filter_map(|suffix| name.strip_suffix(suffix))
                .min_by_key(|stem| stem.len());
            if let Some(Ok(label)) = stem.map(Label::new)
                && path.is_file()
            {
                labels.insert(label);
            }
        }
        Ok((labels.into_iter().collect(), odd))
    }

    /// The labels of a label's ablations, `LABEL@KIND`, that have files here.
    ///
    /// # Errors
    ///
    /// When a folder exists and cannot be listed.
    pub fn ablations(&self, base: &Label) -> Result<Vec<Label>, FileError> {
        let (mut labels, _) = self.labels()?;
        labels.retain(|label| label.ablation().is_some_and(|(of, _)| of == *base));
        Ok(labels)
    }

    /// What belongs to a label; nothing if there is no such label.
    #[must_use]
    pub fn of(&self, label: &Label) -> Belongings {
        let is_there = |path: &PathBuf| path.symlink_metadata().is_ok();
        Belongings {
            folders: self.folders_of(label).into_iter().filter(is_there).collect(),
            files: self.files_of(label).into_iter().filter(is_there).collect(),
            label: label.clone(),
        }
    }

    /// Moves everything that belongs to `from` to the label `to`, and rewrites what names it.
    ///
    /// # Errors
    ///
    /// When either label is in use, when anything of `to` exists, or when the file system refuses
    /// a step. What was done before is undone.
    pub fn rename(
        &self,
        from: &Label,
        to: &Label,
        rewrites: &[Rewrite],
    ) -> Result<(), BelongingsError> {
        self.check_shared(from)?;
        self.check_shared(to)?;
        let _locks = self.lock(from)?;
        let old = self.folders_of(from).into_iter().chain(self.files_of(from));
        let new = self.folders_of(to).into_iter().chain(self.files_of(to));
        let moves: Vec<(PathBuf, PathBuf)> = old.zip(new).collect();
        if let Some((_, path)) = moves.iter().find(|(_, new)| new.symlink_metadata().is_ok()) {
            return Err(BelongingsError::Exists { path: path.clone() });
        }
        let manifests = self.manifests(from, to)?;
        let mut done = Undo::default();
        for (old, new) in moves {
            if old.symlink_metadata().is_ok() {
                done.step(|| move_path(&old, &new))?;
            }
        }
        for rewrite in manifests.iter().chain(rewrites) {
            done.step(|| replace(rewrite))?;
        }
        Ok(())
    }

    /// The manifests of `from` as they are to read under `to`. One that is no JSON object names no
    /// label and stays as it is.
    fn manifests(&self, from: &Label, to: &Label) -> Result<Vec<Rewrite>, FileError> {
        let mut rewrites = Vec::new();
        for (old, new) in self.folders_of(from).into_iter().zip(self.folders_of(to)) {
            let of_shards = ShardFolder::below(&old)
                .into_iter()
                .filter_map(|shard| Some(shard.path.strip_prefix(&old).ok()?.join("run.json")));
            let of_label = ["run.json", SHARDS_FILE].map(PathBuf::from);
            for name in of_label.into_iter().chain(of_shards) {
                let renamed = renamed(&old.join(&name), to)?;
                rewrites.extend(renamed.map(|content| Rewrite { path: new.join(&name), content }));
            }
        }
        Ok(rewrites)
    }

    /// Removes everything that belongs to a label. Links are removed, not what they point to.
    ///
    /// First all of it is moved aside, so that the label is gone at once or not at all.
    ///
    /// # Errors
    ///
    /// When the label is in use or the file system refuses a step. If it refuses to move, nothing
    /// has changed; if it refuses to remove what was moved aside, the error names that folder.
    pub fn delete(&self, label: &Label) -> Result<(), BelongingsError> {
        self.check_shared(label)?;
        let _locks = self.lock(label)?;
        let found = self.of(label);
        let mut done = Undo::default();
        let mut aside = Vec::new();
        for path in found.folders.iter().chain(&found.files) {
            let Some((parent, name)) = path.parent().zip(path.file_name()) else { continue };
            // One file system each, so that moving is a rename.
            let bin = parent.join(format!(".avibench-deleted-{}.partial", std::process::id()));
            if !aside.contains(&bin) {
                done.step(|| make_folder(&bin))?;
                aside.push(bin.clone());
            }
            done.step(|| move_path(path, &bin.join(name)))?;
        }
        for bin in aside {
            std::fs::remove_dir_all(&bin).map_err(FileError::at("remove", &bin))?;
        }
        Ok(())
    }

    fn folders_of(&self, label: &Label) -> Vec<PathBuf> {
        self.folders.iter().map(|root| root.join(label.as_str())).collect()
    }

    fn files_of(&self, label: &Label) -> Vec<PathBuf> {
        let name = |suffix: &&str| self.scores.join(format!("{label}{suffix}"));
        self.suffixes.iter().map(name).collect()
    }

    /// Refuses a label with a score file that is another label's as well: `m.report.json` is the
    /// report of `m` and the scores of `m.report`.
    fn check_shared(&self, label: &Label) -> Result<(), BelongingsError> {
        let (labels, _) = self.labels().map_err(BelongingsError::File)?;
        let mine = self.files_of(label);
        for other in labels.into_iter().filter(|other| other != label) {
            let has_runs =
                self.folders_of(&other).iter().any(|path| path.symlink_metadata().is_ok());
            let shared = self.files_of(&other).into_iter().find(|path| mine.contains(path));
            if let (true, Some(path)) = (has_runs, shared)
                && path.symlink_metadata().is_ok()
            {
                return Err(BelongingsError::Shared { path, other });
            }
        }
        Ok(())
    }

    /// Locks those of a label's folders that exist.
    fn lock(&self, label: &Label) -> Result<Vec<RunLock>, BelongingsError> {
        let mut locks = Vec::new();
        let folders = self.folders_of(label).into_iter().flat_map(|folder| {
            let shards = ShardFolder::below(&folder).into_iter().map(|shard| shard.path);
            std::iter::once(folder).chain(shards).collect::<Vec<_>>()
        });
        for folder in folders.filter(|folder| folder.is_dir()) {
            locks.push(RunLock::acquire(&folder, self.locking).map_err(|error| match error {
                LockError::Held { folder, holder } => {
                    BelongingsError::InUse { label: label.clone(), folder, holder }
                }
                LockError::File(error) => error.into(),
                error @ LockError::Unknown { .. } => BelongingsError::Lock(error),
            })?);
        }
        Ok(locks)
    }
}

impl Belongings {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.folders.is_empty() && self.files.is_empty()
    }

    /// Size of all files in bytes; links count nothing.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.folders.iter().chain(&self.files).map(|path| size(path)).sum()
    }
}

/// The manifest or ledger at `path` as it is to read under the label `to`; `None` if there is none, or if it
/// is no JSON object.
fn renamed(path: &Path, to: &Label) -> Result<Option<Vec<u8>>, FileError> {
    let Some(text) = MANIFEST_LIMIT.read_if_any(path)? else { return Ok(None) };
    let Ok(Value::Object(mut manifest)) = read_json(&text) else { return Ok(None) };
    manifest.insert("label".to_owned(), to.as_str().into());
    if let (Some((base, _)), Some(Value::Object(ablation))) =
        (to.ablation(), manifest.get_mut("ablation"))
    {
        ablation.insert("base".to_owned(), base.as_str().into());
    }
    let content = serde_json::to_vec_pretty(&manifest)
        .map_err(|error| FileError::at("write", path)(error.into()))?;
    Ok(Some(content))
}

/// A way back: which path it concerns, and what restores it.
type Back = (PathBuf, Box<dyn FnOnce() -> io::Result<()>>);

/// How to take back what was done, the last step first.
#[derive(Default)]
struct Undo(Vec<Back>);

impl Undo {
    /// Does a step, or undoes all before it.
    fn step(
        &mut self,
        step: impl FnOnce() -> Result<Back, FileError>,
    ) -> Result<(), BelongingsError> {
        match step() {
            Ok(back) => {
                self.0.push(back);
                Ok(())
            }
            Err(failed) => {
                while let Some((path, back)) = self.0.pop() {
                    if let Err(source) = back() {
                        return Err(BelongingsError::HalfDone { failed, path, source });
                    }
                }
                Err(failed.into())
            }
        }
    }
}

fn move_path(from: &Path, to: &Path) -> Result<Back, FileError> {
    std::fs::rename(from, to).map_err(FileError::at("move", from))?;
    let (from, to) = (from.to_owned(), to.to_owned());
    Ok((to.clone(), Box::new(move || std::fs::rename(to, from))))
}

fn make_folder(path: &Path) -> Result<Back, FileError> {
    std::fs::create_dir(path).map_err(FileError::at("create", path))?;
    let path = path.to_owned();
    Ok((path.clone(), Box::new(move || std::fs::remove_dir(path))))
}

fn replace(rewrite: &Rewrite) -> Result<Back, FileError> {
    let path = rewrite.path.clone();
    let before = REWRITTEN_LIMIT.read(&path)?;
    write_atomic(&path, |writer| writer.write_all(&rewrite.content))?;
    Ok((path.clone(), Box::new(move || std::fs::write(path, before))))
}

/// Names and paths in a folder; none if there is no folder. Names that are no text are shown with
/// replacement characters.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>, FileError> {
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FileError::at("list", folder)(error)),
    };
    let mut found = Vec::new();
    for entry in listed {
        let entry = entry.map_err(FileError::at("list", folder))?;
        found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    Ok(found)
}

/// Whether a folder holds what runs leave, were it only the lock of a start that failed.
fn holds_a_run(folder: &Path) -> bool {
    ["tasks", "journal", "run.json", "shards", ".lock"]
        .iter()
        .any(|name| folder.join(name).exists())
}

fn size(path: &Path) -> u64 {
    let Ok(metadata) = path.symlink_metadata() else { return 0 };
    if metadata.is_file() {
        return metadata.len();
    }
    if !metadata.is_dir() {
        return 0;
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| size(&entry.path())).sum()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const SUFFIXES: [&str; 2] = [".json", ".report.json"];

    fn label(name: &str) -> Label {
        Label::new(name).unwrap()
    }

    /// Labels `m` (answers, formatted answers, scores) and `m.2` (answers).
    fn world(root: &Path) -> LabelRoots {
        for folder in ["raw/m/tasks", "refined/m/tasks", "raw/m.2/tasks", "eval"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        let manifest = r#"{"version": 1, "label": "m", "unknown": [1]}"#;
        for (path, text) in [
            ("raw/m/tasks/AVM.json", "[]"),
            ("raw/m/run.json", manifest),
            ("refined/m/tasks/AVM.json", "[]"),
            ("raw/m.2/tasks/AVM.json", "[]"),
            ("eval/m.json", "{}"),
            ("eval/m.report.json", "{}"),
            ("eval/m.2.json", "{}"),
            ("eval/notes.txt", "mine"),
        ] {
            std::fs::write(root.join(path), text).unwrap();
        }
        let folders = vec![root.join("raw"), root.join("refined")];
        LabelRoots {
            folders,
            scores: root.join("eval"),
            suffixes: &SUFFIXES,
            locking: Locking::System,
        }
    }

    /// All files but locks, with their content.
    fn files(root: &Path) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut waiting = vec![root.to_owned()];
        while let Some(folder) = waiting.pop() {
            for (name, path) in entries(&folder).unwrap() {
                if path.is_dir() && !path.is_symlink() {
                    waiting.push(path);
                } else if name != ".lock" {
                    let name = path.strip_prefix(root).unwrap().display().to_string();
                    found.insert(name, std::fs::read_to_string(&path).unwrap_or_default());
                }
            }
        }
        found
    }

    #[test]
    fn a_label_moves_with_all_that_is_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let roots = world(dir.path());
        assert_eq!(roots.labels().unwrap().0, [label("m"), label("m.2")]);
        roots.rename(&label("m"), &label("n"), &[]).unwrap();
        let found = files(dir.path());
        let names: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "eval/m.2.json",
                "eval/n.json",
                "eval/n.report.json",
                "eval/notes.txt",
                "raw/m.2/tasks/AVM.json",
                "raw/n/run.json",
                "raw/n/tasks/AVM.json",
                "refined/n/tasks/AVM.json"
            ]
        );
        let manifest: Value = serde_json::from_str(&found["raw/n/run.json"]).unwrap();
        assert_eq!((&manifest["label"], &manifest["unknown"][0]), (&"n".into(), &1.into()));
    }

    #[test]
    fn an_ablation_that_moves_names_its_new_base() {
        let dir = tempfile::tempdir().unwrap();
        let roots = world(dir.path());
        let folder = dir.path().join("raw/m@mute/tasks");
        std::fs::create_dir_all(&folder).unwrap();
        let manifest = r#"{"label": "m@mute", "ablation": {"kind": "mute", "base": "m"}}"#;
        std::fs::write(dir.path().join("raw/m@mute/run.json"), manifest).unwrap();
        assert_eq!(roots.ablations(&label("m")).unwrap(), [label("m@mute")]);
        assert!(roots.ablations(&label("m.2")).unwrap().is_empty());
        roots.rename(&label("m@mute"), &label("n@mute"), &[]).unwrap();
        let found = &files(dir.path())["raw/n@mute/run.json"];
        let manifest: Value = serde_json::from_str(found).unwrap();
        assert_eq!(manifest["label"], "n@mute");
        assert_eq!(manifest["ablation"]["base"], "n");
    }

    #[test]
    fn a_step_that_fails_undoes_those_before_it() {
        let dir = tempfile::tempdir().unwrap();
        let roots = world(dir.path());
        let before = files(dir.path());
        // The last step of all: everything has been moved by then.
        let path = dir.path().join("eval/absent.json");
        let rewrite = Rewrite { path, content: b"x".to_vec() };
        let failed = roots.rename(&label("m"), &label("n"), &[rewrite]).unwrap_err();
        assert!(failed.to_string().contains("absent.json"), "{failed}");
        assert_eq!(files(dir.path()), before);
    }

    #[test]
    fn nothing_is_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let roots = world(dir.path());
        let before = files(dir.path());
        let refused = roots.rename(&label("m"), &label("m.2"), &[]).unwrap_err();
        assert!(matches!(refused, BelongingsError::Exists { .. }), "{refused}");
        assert_eq!(files(dir.path()), before);
    }

    #[test]
    fn deleting_takes_the_label_and_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let roots = world(dir.path());
        let held = RunLock::acquire(&dir.path().join("refined/m"), Locking::System).unwrap();
        let refused = roots.delete(&label("m")).unwrap_err();
        assert!(matches!(refused, BelongingsError::InUse { .. }), "{refused}");
        drop(held);
        roots.delete(&label("m")).unwrap();
        let names: Vec<String> = files(dir.path()).into_keys().collect();
        assert_eq!(names, ["eval/m.2.json", "eval/notes.txt", "raw/m.2/tasks/AVM.json"]);
        assert!(entries(&dir.path().join("eval")).unwrap().len() == 2, "nothing is left aside");
    }

    #[test]
    fn a_file_that_two_labels_share_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let roots = world(dir.path());
        std::fs::create_dir_all(dir.path().join("raw/m.report/tasks")).unwrap();
        for name in ["m", "m.report"] {
            let refused = roots.delete(&label(name)).unwrap_err();
            assert!(matches!(refused, BelongingsError::Shared { .. }), "{name}: {refused}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn of_a_link_only_the_link_is_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let roots = world(dir.path());
        std::os::unix::fs::symlink(dir.path().join("raw/m"), dir.path().join("raw/link")).unwrap();
        let gone = dir.path().join("gone");
        std::os::unix::fs::symlink(gone, dir.path().join("raw/dangling")).unwrap();
        let before = files(&dir.path().join("raw/m"));
        for name in ["link", "dangling"] {
            assert_eq!(roots.of(&label(name)).folders.len(), 1, "{name}");
            roots.delete(&label(name)).unwrap();
            assert!(roots.of(&label(name)).is_empty(), "{name}");
        }
        assert_eq!(files(&dir.path().join("raw/m")), before);
    }
}
