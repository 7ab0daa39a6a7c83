//! The examples of `docs/dataset.md`, read as data sets are read.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first thing amiss")]

use std::collections::BTreeSet;
use std::path::Path;

use avibench_protocol::{
    Dataset, Folder, FolderData, FolderState, MediaPaths, Position, Sample, Truth, option_list,
};

/// The blocks of JSON with the word behind ```` ```json ````: a folder, `manifest`, or nothing.
fn blocks() -> Vec<(String, String)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/dataset.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut blocks = Vec::new();
    for part in page.split("\n```json").skip(1) {
        let (name, rest) = part.split_once('\n').unwrap();
        let (text, _) = rest.split_once("\n```").unwrap();
        blocks.push((name.trim().to_owned(), text.to_owned()));
    }
    blocks
}

/// The samples of a block, from a data set on disk with its media; nothing in them is amiss.
fn samples(folder: Folder, text: &str) -> Vec<Sample> {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("levels").join(folder.stage().name()).join(folder.name());
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join("data.json"), text).unwrap();
    let state = Dataset::open(root.path()).unwrap().load(folder);
    let FolderState::Ready(FolderData { samples, .. }) = state else { panic!("{state:?}") };
    for sample in &samples {
        assert_eq!(sample.defect, None);
        assert_eq!(sample.stimulus_defect, None);
        assert_eq!(sample.task.as_deref(), Some(folder.name()));
        assert!(!matches!(sample.truth, None | Some(Truth::Other { .. })), "{sample:?}");
        assert_eq!(sample.lacking(), None, "{folder} names the media that it is about");
        if let Some(key) = sample.options_key() {
            assert!(option_list(folder, key).is_some(), "{key} is a list of the program");
        }
        for medium in sample.media.iter() {
            let file = path.join(medium);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "a medium").unwrap();
        }
        sample.media.resolve(&path).unwrap();
    }
    samples
}

#[test]
fn every_folder_has_an_example_that_the_reader_takes() {
    let mut seen = BTreeSet::new();
    for (name, text) in blocks() {
        let Some(folder) = Folder::ALL.into_iter().find(|folder| folder.name() == name) else {
            assert!(["", "manifest"].contains(&name.as_str()), "{name} is no folder");
            continue;
        };
        samples(folder, &text);
        seen.insert(folder);
    }
    let missing: Vec<Folder> =
        Folder::ALL.into_iter().filter(|folder| !seen.contains(folder)).collect();
    assert_eq!(missing, []);
}

#[test]
fn the_record_with_all_fields_is_one() {
    let (_, text) = blocks().into_iter().find(|(name, _)| name.is_empty()).unwrap();
    let record = serde_json::from_str(&text).unwrap();
    let sample = Sample::from_json(Folder::Avm, Position(0), &record).unwrap();
    let video = Some("./input/videos/00012.mp4".to_owned());
    assert_eq!(sample.media, MediaPaths { video, ..MediaPaths::default() });
    assert_eq!(sample.truth, Some(Truth::Text("yes".to_owned())));
}

#[test]
fn the_example_of_checks_has_one_that_counts_and_a_void_one() {
    let mut asqa = blocks().into_iter().filter(|(name, _)| name == "ASQA");
    let checks = samples(Folder::Asqa, &asqa.next().unwrap().1);
    let what =
        |sample: &Sample| (sample.is_check(), sample.is_void(), sample.formal_id().to_owned());
    let of = |check, void, id: &str| (check, void, id.to_owned());
    assert_eq!(
        checks.iter().map(what).collect::<Vec<_>>(),
        [of(false, false, "00000"), of(true, false, "00000"), of(true, true, "00001")]
    );
    let generated = samples(Folder::Asqa, &asqa.next().unwrap().1);
    let stimulus = generated[0].stimulus.as_ref().unwrap();
    assert!(stimulus.is_catch() && !stimulus.is_easier_when_lower());
    let alternatives = ["first", "last", "same"].map(str::to_owned).to_vec();
    assert_eq!(stimulus.alternatives(), Ok(Some(alternatives)));
}

#[test]
fn the_manifest_marks_a_set_as_generated() {
    let (_, text) = blocks().into_iter().find(|(name, _)| name == "manifest").unwrap();
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("levels/sensation")).unwrap();
    std::fs::write(root.path().join("manifest.json"), text).unwrap();
    assert_eq!(Dataset::open(root.path()).unwrap().generated(), Some("prise"));
}
