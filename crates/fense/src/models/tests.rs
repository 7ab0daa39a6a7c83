//! Locating, against folders made on the spot.

use std::path::{Path, PathBuf};

use super::{PUBLISHED_CHECKPOINT, Places, identify_checkpoint, locate};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("data")
}

/// Places below one folder, in which nothing lies yet.
fn places(root: &Path, address: &str) -> Places {
    Places {
        folder: None,
        hub_cache: Some(root.join("hub")),
        sentence_transformers: Some(root.join("st")),
        detector_data: Some(root.join("fense_data")),
        own: Some(root.join("own")),
        offline: false,
        hub_address: address.to_owned(),
        detector_address: address.to_owned(),
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(from, to).unwrap();
    }
}

#[test]
fn a_folder_of_models_is_all_that_counts() {
    let mut places = places(Path::new("/nowhere"), "http://127.0.0.1:9");
    places.folder = Some(data());
    let files = locate(&places).files().unwrap();
    assert_eq!(files.sentence, data().join("sbert"));
    let root = tempfile::tempdir().unwrap();
    places.folder = Some(root.path().to_owned());
    copy(&data().join("sbert"), &root.path().join("sbert"));
    let error = locate(&places).files().unwrap_err().to_string();
    assert!(error.contains("(echecker.ckpt, echecker_base in "), "{error}");
    assert!(error.contains("--fense-models") && !error.contains('\n'), "{error}");
}

#[test]
fn the_caches_of_the_python_tools_are_found() {
    let root = tempfile::tempdir().unwrap();
    let places = places(root.path(), "http://127.0.0.1:9");
    assert!(locate(&places).files().is_err());
    let snapshot = |name: &str, from: &str| {
        let folder = root.path().join("hub").join(format!("models--{name}"));
        copy(&data().join(from), &folder.join("snapshots").join("abc123"));
        std::fs::create_dir_all(folder.join("refs")).unwrap();
        std::fs::write(folder.join("refs").join("main"), "abc123").unwrap();
        folder.join("snapshots").join("abc123")
    };
    let sentence = snapshot("sentence-transformers--paraphrase-TinyBERT-L6-v2", "sbert");
    let base = snapshot("google-bert--bert-base-uncased", "echecker_base");
    let checkpoint = root.path().join("fense_data").join(PUBLISHED_CHECKPOINT.0);
    copy(&data().join("echecker.ckpt"), &checkpoint);
    let files = locate(&places).files().unwrap();
    assert_eq!((&files.sentence, &files.checkpoint, &files.base), (&sentence, &checkpoint, &base));
    assert_eq!(identify_checkpoint(&checkpoint).unwrap(), None);

    std::fs::remove_file(sentence.join("1_Pooling").join("config.json")).unwrap();
    let located = locate(&places);
    let reason = located.findings[0].looked[0].missing.as_ref().unwrap();
    assert!(reason.ends_with("config.json is missing"), "{reason}");
    let old = root.path().join("st").join("sentence-transformers_paraphrase-TinyBERT-L6-v2");
    copy(&data().join("sbert"), &old);
    assert_eq!(locate(&places).files().unwrap().sentence, old);
}
