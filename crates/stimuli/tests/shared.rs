//! Sets that several tests look at, each made once. Nobody writes to them.

use std::path::Path;
use std::sync::OnceLock;

use avibench_stimuli::{SetKind, SetOptions, SetSummary, generate};
use tempfile::TempDir;

/// A set, and what was said of it when it was made.
pub(crate) struct Shared {
    dir: TempDir,
    pub(crate) summary: SetSummary,
}

impl Shared {
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    fn new(options: &SetOptions) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let summary = generate(options, dir.path(), &|_, _| {}).unwrap();
        Self { dir, summary }
    }
}

/// What [`every_kind`] is made with: the size at which every kind of question is there.
pub(crate) fn of_every_kind() -> SetOptions {
    SetOptions { seed: 1, scale: Some(0.043), ..SetOptions::default() }
}

/// A set with every kind of question, whose hashes are written down.
pub(crate) fn every_kind() -> &'static Shared {
    static SET: OnceLock<Shared> = OnceLock::new();
    SET.get_or_init(|| Shared::new(&of_every_kind()))
}

/// A set that nothing was adjusted to.
pub(crate) fn unseen() -> &'static Shared {
    static SET: OnceLock<Shared> = OnceLock::new();
    let options = SetOptions { seed: 20_261, scale: Some(0.06), ..SetOptions::default() };
    SET.get_or_init(|| Shared::new(&options))
}

/// A whole smoke set.
pub(crate) fn smoke() -> &'static Shared {
    static SET: OnceLock<Shared> = OnceLock::new();
    let options = SetOptions { kind: SetKind::Smoke, seed: 7, ..SetOptions::default() };
    SET.get_or_init(|| Shared::new(&options))
}
