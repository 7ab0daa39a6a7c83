//! The observer solves what the generator makes, and nothing short of it does.

use avibench_protocol::Folder;
use avibench_stimuli::{SetKind, SetOptions, check, generate};

fn quiet(_: usize, _: usize) {}

#[test]
fn unseen_seeds_are_solved() {
    let dir = tempfile::tempdir().unwrap();
    let options = SetOptions { seed: 20_261, scale: 0.12, ..SetOptions::default() };
    generate(&options, dir.path(), &quiet).unwrap();
    let report = check(dir.path(), &quiet).unwrap();
    assert_eq!(report.altered, Vec::<String>::new());
    assert!(report.accuracy() >= 0.98, "{:#?}", report.mistakes);
    for subtask in &report.subtasks {
        // So few records leave room for a single miss.
        assert!(subtask.right + 1 >= subtask.records, "{subtask:?} {:#?}", report.mistakes);
    }
}

#[test]
fn the_smoke_set_is_solved_folder_by_folder() {
    let dir = tempfile::tempdir().unwrap();
    let options = SetOptions { kind: SetKind::Smoke, seed: 7, ..SetOptions::default() };
    generate(&options, dir.path(), &quiet).unwrap();
    let report = check(dir.path(), &quiet).unwrap();
    for folder in [Folder::Asqa, Folder::VsqaI, Folder::VsqaV, Folder::Avsqa] {
        let of_folder = report.subtasks.iter().filter(|subtask| subtask.folder == folder);
        let (right, all) = of_folder
            .fold((0, 0), |(right, all), subtask| (right + subtask.right, all + subtask.records));
        assert!(right * 10 >= all * 9, "{folder}: {right} of {all}: {:#?}", report.mistakes);
    }
}

#[test]
fn neither_ear_nor_eye_alone_nor_any_metadata_suffices() {
    let dir = tempfile::tempdir().unwrap();
    let options =
        SetOptions { seed: 31, scale: 0.6, folders: vec![Folder::Avsqa], ..SetOptions::default() };
    generate(&options, dir.path(), &quiet).unwrap();
    let report = check(dir.path(), &quiet).unwrap();
    assert!(report.accuracy() >= 0.95, "both together do: {:#?}", report.mistakes);
    let by_sense =
        |sense: &str| report.leaks.iter().filter(|leak| leak.by.starts_with(sense)).count();
    assert!(by_sense("picture alone") >= 20 && by_sense("sound alone") >= 20);
    for leak in &report.leaks {
        assert!(!leak.is_real() && leak.accuracy < 0.75, "{leak:?}");
    }
}

#[test]
fn a_changed_file_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let options = SetOptions { scale: 0.02, folders: vec![Folder::Asqa], ..SetOptions::default() };
    generate(&options, dir.path(), &quiet).unwrap();
    let wavs = dir.path().join("levels/sensation/ASQA/input/wavs");
    let mut bytes = std::fs::read(wavs.join("00001.wav")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(wavs.join("00001.wav"), bytes).unwrap();
    std::fs::write(wavs.join("stray.wav"), b"").unwrap();
    let report = check(dir.path(), &quiet).unwrap();
    let folder = "levels/sensation/ASQA/input/wavs";
    assert_eq!(report.altered, [format!("{folder}/00001.wav"), format!("{folder}/stray.wav")]);
}
