//! The names that members may have: no other ones are written or read.

use avibench_protocol::Folder;
use avibench_store::SEQUENCE_FILE;

use crate::BundleForm;

/// What the bundle is.
pub(crate) const MANIFEST: &str = "manifest.json";
/// The hash of the manifest, as `sha256sum` writes it.
pub(crate) const MANIFEST_HASH: &str = "manifest.sha256";
/// The numbers.
pub(crate) const REPORT: &str = "report.json";
/// What each sample scored.
pub(crate) const SAMPLES: &str = "samples.jsonl";

/// Most members that any bundle has.
pub(crate) const MOST: usize = 128;

/// A file of a private bundle: its name there, and its place below the label's folder.
pub(crate) struct LabelFile {
    /// Its name in the bundle.
    pub(crate) name: String,
    /// Whether it is of the formatted answers, not of the raw ones.
    pub(crate) is_refined: bool,
    /// Its place below the label's folder.
    pub(crate) place: String,
}

/// What a private bundle holds of a label's folders, as far as it is there, in its order.
pub(crate) fn label_files() -> Vec<LabelFile> {
    let mut files = Vec::new();
    for (beginning, is_refined) in [("asked", false), ("refined", true)] {
        let mut add = |place: String| {
            files.push(LabelFile { name: format!("{beginning}/{place}"), is_refined, place });
        };
        add("run.json".to_owned());
        if !is_refined {
            add("probe.json".to_owned());
            add(SEQUENCE_FILE.to_owned());
        }
        for folder in Folder::ALL {
            add(format!("journal/{folder}.jsonl"));
        }
        for folder in Folder::ALL {
            add(format!("tasks/{folder}.json"));
        }
    }
    files
}

/// Whether a member of this name belongs into a bundle of this form.
pub(crate) fn is_known(form: BundleForm, name: &str) -> bool {
    [MANIFEST, MANIFEST_HASH, REPORT, SAMPLES].contains(&name)
        || form == BundleForm::Private && label_files().iter().any(|file| file.name == name)
}
