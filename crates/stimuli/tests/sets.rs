//! Sets as users make them: whole, repeatable, never at the cost of somebody's files.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use avibench_protocol::{Dataset, Folder, FolderState, Options, Truth, options_of};
use avibench_stimuli::{Difficulty, SetKind, SetOptions, StimuliError, check, generate};

use crate::shared;

fn quiet(_: usize, _: usize) {}

fn small(seed: u64) -> SetOptions {
    SetOptions { seed, scale: Some(0.04), ..SetOptions::default() }
}

/// Every file of a folder with its content.
fn contents(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                files.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    files
}

#[test]
fn one_seed_gives_one_set_however_many_threads_work() {
    let dir = tempfile::tempdir().unwrap();
    let other = dir.path().join("other");
    let one = contents(shared::every_kind().path());
    let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    single.install(|| generate(&shared::of_every_kind(), &other, &quiet)).unwrap();
    assert!(one == contents(&other), "the sets differ");
    let third = dir.path().join("third");
    generate(&SetOptions { folders: vec![Folder::Asqa], ..small(6) }, &third, &quiet).unwrap();
    let name = "levels/sensation/ASQA/input/wavs/00000.wav";
    assert_ne!(one[name], contents(&third)[name]);
}

#[test]
fn the_smoke_set_has_every_folder_medium_and_kind_of_answer() {
    let set = shared::smoke();
    let summary = &set.summary;
    assert_eq!(summary.records.len(), 15);
    let dataset = Dataset::open(set.path()).unwrap();
    assert_eq!(dataset.generated(), Some("smoke"));
    let mut void = 0;
    let mut seen = BTreeMap::new();
    for folder in Folder::ALL {
        let FolderState::Ready(data) = dataset.load(folder) else { panic!("{folder}") };
        assert!(data.samples.len() >= 5, "{folder}");
        for sample in &data.samples {
            sample.media.resolve(&data.path).unwrap();
            void += usize::from(sample.is_void());
            let kind = match &sample.truth {
                Some(Truth::Text(_)) => "text",
                Some(Truth::Counts(_)) => "counts",
                Some(Truth::Indices(list)) if list.is_empty() => "nothing fits",
                Some(Truth::Indices(_)) => "indices",
                Some(Truth::References(list)) if list.len() > 1 => "captions",
                Some(Truth::References(_)) => "caption",
                Some(Truth::Boxes { .. }) => "boxes",
                Some(Truth::FrameBoxes { frames: Some(frames), .. })
                    if frames.iter().any(|(_, place)| place.is_none()) =>
                {
                    "frame boxes with gaps"
                }
                Some(Truth::FrameBoxes { .. }) => "frame boxes",
                Some(Truth::Other { .. }) => "not of the protocol",
                None => "none",
            };
            *seen.entry(kind).or_insert(0) += 1;
        }
        let ids: BTreeSet<&str> = data.samples.iter().map(|sample| sample.id.as_str()).collect();
        let repeats = matches!(folder, Folder::Avqa | Folder::Avlg);
        assert_eq!(ids.len() < data.samples.len(), repeats, "{folder}");
    }
    assert_eq!(void, 2);
    assert!(seen.len() >= 9, "{seen:?}");
    assert!(summary.bytes < 20 << 20, "{} bytes", summary.bytes);
}

#[test]
fn files_that_are_not_ours_are_safe() {
    let dir = tempfile::tempdir().unwrap();
    let options = SetOptions { folders: vec![Folder::Asqa], ..small(1) };
    std::fs::write(dir.path().join("thesis.txt"), "mine").unwrap();
    let refused = generate(&options, dir.path(), &quiet).unwrap_err();
    assert!(matches!(refused, StimuliError::NotEmpty { .. }), "{refused}");

    let forced = SetOptions { force: true, ..options.clone() };
    generate(&forced, dir.path(), &quiet).unwrap();
    assert_eq!(std::fs::read_to_string(dir.path().join("thesis.txt")).unwrap(), "mine");

    // The same set is made again without being asked twice; another one only if forced. What lies
    // beside it stays, but for what a killed generator left.
    generate(&options, dir.path(), &quiet).unwrap();
    std::fs::create_dir(dir.path().join(".avibench-x.partial")).unwrap();
    let again = SetOptions { seed: 2, ..options.clone() };
    let refused = generate(&again, dir.path(), &quiet).unwrap_err().to_string();
    assert!(refused.contains("seed 1, now 2"), "{refused}");
    generate(&SetOptions { force: true, ..again }, dir.path(), &quiet).unwrap();
    assert_eq!(std::fs::read_to_string(dir.path().join("thesis.txt")).unwrap(), "mine");
    let manifest = std::fs::read_to_string(dir.path().join("manifest.json")).unwrap();
    assert!(manifest.contains("\"seed\": 2"));
    let names: Vec<String> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 4, "nothing temporary is left: {names:?}");

    let foreign = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(foreign.path().join("levels/sensation")).unwrap();
    let refused = generate(&forced, foreign.path(), &quiet).unwrap_err();
    assert!(matches!(refused, StimuliError::ForeignDataset { .. }), "{refused}");
}

#[test]
fn options_that_make_no_sense_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("set");
    for scale in [0.0, -1.0, f64::NAN, 1e9] {
        let options = SetOptions { scale: Some(scale), ..SetOptions::default() };
        let error = generate(&options, &out, &quiet).unwrap_err();
        assert!(error.to_string().contains("scale"), "{error}");
    }
    let options = SetOptions { folders: vec![Folder::Avm], ..SetOptions::default() };
    let error = generate(&options, &out, &quiet).unwrap_err();
    assert!(error.to_string().contains("AVM is no folder of this set"), "{error}");
    assert!(!out.exists());
    let blocked = dir.path().join("file");
    std::fs::write(&blocked, "x").unwrap();
    let error = generate(&small(1), &blocked, &quiet).unwrap_err();
    assert!(error.to_string().contains("file"), "{error}");
}

#[test]
fn difficulty_and_sweep_set_the_intensities() {
    let dir = tempfile::tempdir().unwrap();
    let levels = |options: &SetOptions, name: &str| {
        let out = dir.path().join(name);
        generate(options, &out, &quiet).unwrap();
        let dataset = Dataset::open(&out).unwrap();
        let FolderState::Ready(data) = dataset.load(Folder::Asqa) else { panic!() };
        let stimuli = data.samples.into_iter().filter_map(|sample| sample.stimulus);
        stimuli
            .filter(|stimulus| stimulus.kind == "volume" && stimulus.intensity > 0.0)
            .map(|stimulus| stimulus.intensity)
            .collect::<Vec<f64>>()
    };
    let base =
        SetOptions { folders: vec![Folder::Asqa], scale: Some(0.15), ..SetOptions::default() };
    let easy = SetOptions { difficulty: Difficulty::Easy, ..base.clone() };
    let hard = SetOptions { difficulty: Difficulty::Hard, ..base.clone() };
    let sweep = SetOptions { sweep: true, ..base };
    assert!(levels(&easy, "easy").iter().all(|level| (13.0..=24.0).contains(level)));
    assert!(levels(&hard, "hard").iter().all(|level| (0.5..=6.0).contains(level)));
    let swept = levels(&sweep, "sweep");
    assert!(swept.iter().any(|level| *level < 6.0) && swept.iter().any(|level| *level > 18.0));
}

#[test]
fn what_a_watcher_could_answer_is_written_down() {
    let dir = tempfile::tempdir().unwrap();
    // Enough for every right answer of most kinds, and for rows and columns.
    generate(&SetOptions { scale: Some(0.12), ..small(9) }, dir.path(), &quiet).unwrap();
    let dataset = Dataset::open(dir.path()).unwrap();
    let mut counts: BTreeMap<String, BTreeMap<usize, usize>> = BTreeMap::new();
    for folder in Folder::ALL.into_iter().filter(|folder| folder.has_checks()) {
        let FolderState::Ready(data) = dataset.load(folder) else { panic!("{folder}") };
        for sample in data.samples.iter().filter(|sample| !sample.is_check()) {
            let stimulus = sample.stimulus.as_ref().unwrap();
            let possible = stimulus.alternatives().unwrap().unwrap();
            let Some(Truth::Text(truth)) = &sample.truth else { panic!("no text") };
            assert!(possible.contains(truth), "{folder} {}: {possible:?}", sample.position);
            if let Options::List(list) = options_of(sample) {
                let is_offered = |word: &str| list.iter().any(|option| option == word);
                for answer in &possible {
                    assert!(answer.split(';').all(is_offered) && answer != "not sure", "{answer}");
                }
            }
            let kind = counts.entry(stimulus.kind.clone()).or_default();
            *kind.entry(possible.len()).or_default() += 1;
        }
    }
    // Fewer than the options: one layout of two, surfaces without `None`, the axis that is near,
    // four solids on view.
    for (kind, left) in [
        ("volume", 3),
        ("order", 2),
        ("beats_counting", 9),
        ("image_clear", 2),
        ("cone_place", 3),
        ("odd_one_place", 8),
        ("larger_one", 3),
        ("brighter_one", 3),
        ("color", 6),
        ("lines_direction", 2),
        ("area_stays", 4),
        ("movement_2d", 5),
        ("surface", 3),
        ("object_first", 4),
        ("object_all", 14),
        ("color_loudest", 4),
        ("color_all", 14),
    ] {
        assert_eq!(counts[kind].keys().collect::<Vec<_>>(), [&left], "{kind}");
    }
    assert_eq!(counts.len(), 33, "every kind: {counts:?}");
}

#[test]
fn a_smoke_set_of_some_size_has_the_shares_and_the_oddities_of_the_benchmark() {
    let dir = tempfile::tempdir().unwrap();
    let folders = vec![Folder::Avm, Folder::Avr, Folder::Avqa, Folder::VsqaI, Folder::VsqaV];
    let scale = Some(0.1);
    let options =
        SetOptions { kind: SetKind::Smoke, seed: 3, scale, folders, ..SetOptions::default() };
    let summary = generate(&options, dir.path(), &quiet).unwrap();
    let counts: Vec<usize> = summary.records.values().copied().collect();
    assert_eq!(counts, [25, 26, 47, 62, 58]);
    let dataset = Dataset::open(dir.path()).unwrap();
    let mut void = 0;
    for &folder in summary.records.keys() {
        let FolderState::Ready(data) = dataset.load(folder) else { panic!("{folder}") };
        let ids: BTreeSet<&str> = data.samples.iter().map(|sample| sample.id.as_str()).collect();
        let repeats = matches!(folder, Folder::Avqa | Folder::VsqaV);
        assert_eq!(ids.len() < data.samples.len(), repeats, "{folder}");
        let mut media = BTreeMap::new();
        for sample in &data.samples {
            sample.media.resolve(&data.path).unwrap();
            void += usize::from(sample.is_void());
            let name = sample.id.trim_start_matches("pre_");
            let before = media.insert(name, &sample.media);
            assert!(before.is_none_or(|before| *before == sample.media), "{folder} {name}");
        }
    }
    assert_eq!(void, 4);
    // Whoever counts the figures of a clip that is asked about twice finds what data.json says.
    let report = check(dir.path(), &quiet).unwrap();
    let counted: Vec<_> =
        report.mistakes.iter().filter(|mistake| mistake.subtask == "objects_counting").collect();
    assert!(counted.is_empty(), "{counted:#?}");
    assert!(report.accuracy() > 0.95, "{:#?}", report.mistakes);
}
