//! That the models could not be fetched, remembered for a while: `score` asks for them each time, and
//! most machines without a network have none for long.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use avibench_files::{SizeLimit, write_atomic};
use serde::{Deserialize, Serialize};

/// How long a failure is remembered.
pub(crate) const REMEMBERED: Duration = Duration::from_mins(15);
const LIMIT: SizeLimit = SizeLimit::new(64 << 10, "remove it");

/// A server that could not be reached. When that was is told by the file's date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnreachableServer {
    /// The server's address.
    pub(crate) address: String,
    /// Why.
    pub(crate) reason: String,
}

/// The file below a cache folder.
fn file(folder: &Path) -> PathBuf {
    folder.join("unreachable.json")
}

impl UnreachableServer {
    /// What is remembered of this address, and how long ago it was. A file that cannot be read is as good
    /// as none: then the server is tried, and the file is written anew.
    pub(crate) fn remembered(folder: &Path, address: &str) -> Option<(Self, Duration)> {
        let path = file(folder);
        let written = path.metadata().ok()?.modified().ok()?;
        // A clock that was set back must not hold off a download for years.
        let ago = SystemTime::now().duration_since(written).ok()?;
        let found: Self = serde_json::from_slice(&LIMIT.read(&path).ok()?).ok()?;
        (ago < REMEMBERED && found.address == address).then_some((found, ago))
    }

    /// Remembers it. A folder that cannot be written to only means that the server is tried again.
    pub(crate) fn remember(&self, folder: &Path) {
        let written = std::fs::create_dir_all(folder).is_ok()
            && write_atomic(&file(folder), |out| Ok(serde_json::to_writer(out, self)?)).is_ok();
        if !written {
            let _ = std::fs::remove_file(file(folder));
        }
    }

    /// Forgets whatever is remembered.
    pub(crate) fn forget(folder: &Path) {
        // Mostly there is none.
        let _ = std::fs::remove_file(file(folder));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_remembered_for_its_address_and_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        let found = UnreachableServer {
            address: "https://hub.example".to_owned(),
            reason: "no network".to_owned(),
        };
        let remembered =
            |address: &str| UnreachableServer::remembered(&cache, address).map(|(found, _)| found);
        assert_eq!(remembered(&found.address), None);
        found.remember(&cache);
        assert_eq!(remembered(&found.address), Some(found.clone()));
        assert_eq!(remembered("https://other.example"), None);

        let dated = |date: SystemTime| {
            let out = std::fs::OpenOptions::new().write(true).open(file(&cache)).unwrap();
            out.set_modified(date).unwrap();
        };
        dated(SystemTime::now() - REMEMBERED);
        assert_eq!(remembered(&found.address), None, "too old");
        dated(SystemTime::now() + 10 * REMEMBERED);
        assert_eq!(remembered(&found.address), None, "from the future");

        found.remember(&cache);
        std::fs::write(file(&cache), "{").unwrap();
        assert_eq!(remembered(&found.address), None, "damaged");
        found.remember(&cache);
        UnreachableServer::forget(&cache);
        assert_eq!(remembered(&found.address), None);
    }
}
