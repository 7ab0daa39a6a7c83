//! Bundles of real runs: made, recomputed, searched, and told of in words.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{
    Ended, avibench, contents, copy_smoke_set, folder, run, smoke_set, with_answers_of_signal,
};
use crate::snapshots::steady_words;

/// Two labels, scored with the tiny caption models that the caption crate is tested with. Read only.
fn scored() -> &'static Path {
    static RUNS: OnceLock<TempDir> = OnceLock::new();
    let root = RUNS.get_or_init(|| {
        let root = folder();
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fense/tests/data");
        let data = smoke_set().display().to_string();
        let ran = |line: &str| run(root.path(), &format!("{line} --data-root {data}")).expect(0);
        with_answers_of_signal(root.path());
        ran("run --backend chance --chance-seed 3 --model-label part --tasks perception --n-samples 3");
        ran("refine --refine rules");
        ran(&format!("score --fense-models {}", models.display()));
        root
    });
    root.path()
}

/// A bundle of a label, made into `to`.
fn bundle(label: &str, flags: &str, to: &Path) -> PathBuf {
    let out = to.join(format!("{label}.zip"));
    let (data, out_name) = (smoke_set(), out.display().to_string());
    let line = format!("bundle {label} {flags} --data-root {} --out {out_name}", data.display());
    run(scored(), &line).expect(0);
    out
}

fn verify(file: &Path, flags: &str) -> Ended {
    run(scored(), &format!("verify {} {flags}", file.display()))
}

fn with_data() -> String {
    format!("--data-root {}", smoke_set().display())
}

/// The members of a ZIP file, as one text.
fn unzipped(file: &Path) -> String {
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\n\
        sys.stdout.buffer.write(b'\\n'.join(z.read(name) for name in z.namelist()))";
    let output =
        std::process::Command::new("python3").args(["-c", script]).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Every text below a value.
pub(crate) fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(object) => object.values().for_each(|value| texts(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn a_public_bundle_is_recomputed_and_holds_no_text_of_data_or_answers() {
    let to = folder();
    let file = bundle("ear", "", to.path());
    let told = verify(&file, "").expect(0).stdout;
    assert!(told.contains("All") && told.contains("not that it is honest"), "{told}");
    let held = unzipped(&file);
    let mut secrets = BTreeSet::new();
    for (path, content) in contents(&smoke_set()) {
        if path.ends_with("data.json") {
            texts(&serde_json::from_slice(&content).unwrap(), &mut secrets);
        }
    }
    let rows = std::fs::read_to_string(scored().join("eval_outputs/ear.samples.jsonl")).unwrap();
    for line in rows.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        for field in [
            "id",
            "cluster",
            "question",
            "options",
            "truth",
            "raw_answer",
            "refined_answer",
            "read",
        ] {
            texts(&row[field], &mut secrets);
        }
    }
    // Shorter ones are parts of words such as `counted`; that no field holds them, the tests of the bundle
    // crate show by structure.
    secrets.retain(|text| text.trim().len() >= 8);
    assert!(secrets.len() > 300, "only {} texts to look for", secrets.len());
    for secret in &secrets {
        assert!(!held.contains(secret.as_str()), "the bundle holds `{secret}`");
    }
    for path in [scored(), smoke_set().as_path()] {
        assert!(!held.contains(path.to_str().unwrap()));
    }
}

#[test]
fn a_private_bundle_is_judged_anew_with_captions_as_they_were_rated() {
    let to = folder();
    let file = bundle("ear", "--with-answers", to.path());
    let told = verify(&file, "").expect(0).stdout;
    assert!(told.contains("readings by rules") && told.contains("--data-root"), "{told}");
    let told = verify(&file, &with_data()).expect(0).stdout;
    assert!(told.contains("verdicts made anew"), "{told}");
    assert!(told.contains("ratings of captions: they were taken as they stand"), "{told}");
    let other = folder();
    copy_smoke_set(other.path());
    let data = other.path().join("levels/perception/AMIC/data.json");
    let text = std::fs::read_to_string(&data).unwrap();
    std::fs::write(&data, format!("{text} ")).unwrap();
    let line = format!("--data-root {}", other.path().display());
    let told = verify(&file, &line).expect(2).stdout;
    assert!(told.contains("data.json of AMIC"), "{told}");
    let nowhere = verify(&file, "--data-root nowhere").expect(1);
    assert!(nowhere.stderr.contains("nowhere"), "{}", nowhere.stderr);
}

#[test]
fn both_forms_are_the_same_whenever_they_are_made_and_name_each_other() {
    let to = [folder(), folder()];
    let [one, again] =
        [&to[0], &to[1]].map(|to| std::fs::read(bundle("part", "", to.path())).unwrap());
    assert_eq!(one, again);
    let line =
        format!("bundle part --out {} {}", to[0].path().join("x.zip").display(), with_data());
    let told = run(scored(), &line).expect(0).stderr;
    let private = bundle("part", "--with-answers", to[1].path());
    let told_private = verify(&private, "").expect(0).stdout;
    let hash = Regex::new("sha256 ([0-9a-f]{64})").unwrap();
    let private_hash = &hash.captures(&told_private).unwrap()[1];
    assert!(told.contains(&format!("(--with-answers) has sha256 {private_hash}")), "{told}");
}

#[test]
fn what_was_changed_after_scoring_is_named() {
    let root = folder();
    for (path, content) in contents(scored()) {
        if path.to_string_lossy().contains("ear") {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }
    let answers = root.path().join("user_outputs_refined/ear/tasks/AVM.json");
    let mut slots: Value = serde_json::from_slice(&std::fs::read(&answers).unwrap()).unwrap();
    let right = slots[0]["predict"].as_str().unwrap().to_owned();
    slots[0]["predict"] = if right == "yes" { "no" } else { "yes" }.into();
    std::fs::write(&answers, slots.to_string()).unwrap();
    run(root.path(), &format!("bundle ear --with-answers {}", with_data())).expect(0);
    let file = root.path().join("eval_outputs/ear.private.zip");
    // Rows and report still agree; what was judged is another answer.
    verify(&file, "").expect(0);
    let told = verify(&file, &with_data()).expect(2).stdout;
    assert!(told.contains("- AVM 0 (official)") && told.contains("Do not use these"), "{told}");

    let report = root.path().join("eval_outputs/ear.report.json");
    let mut value: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    value["official"]["estimates"]["levels"][0]["value"] = 12.5.into();
    std::fs::write(&report, value.to_string()).unwrap();
    let refused = run(root.path(), &format!("bundle ear {}", with_data())).expect(1).stderr;
    assert!(refused.contains("official.estimates.levels.l1.value is 12.5"), "{refused}");
    run(root.path(), &format!("bundle ear --with-answers {}", with_data())).expect(0);
    let told = verify(&file, "").expect(2).stdout;
    assert!(told.contains("- official.estimates.levels.l1.value\n  stored:     12.5"), "{told}");
    let json = verify(&file, "--json").expect(2).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["differences"][0]["stored"], "12.5");
    assert_eq!((&json["agrees"], &json["label"]), (&false.into(), &"ear".into()));

    // One byte of a member, with a checksum that fits, as whoever changes a file leaves it.
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\n\
        members = [(name, z.read(name)) for name in z.namelist()]\nz.close()\n\
        z = zipfile.ZipFile(sys.argv[1], 'w')\n\
        [z.writestr(name, data.replace(b'12.5', b'13.5')) for name, data in members]\nz.close()";
    let output =
        std::process::Command::new("python3").args(["-c", script]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = verify(&file, "").expect(2).stdout;
    assert!(told.contains("report.json of") && told.contains("was changed"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 80 || !line.trim().contains(' ')));
    let json: Value = serde_json::from_str(&verify(&file, "--json").expect(2).stdout).unwrap();
    assert_eq!(json["differences"][0]["place"], "sha256 of report.json, by manifest.json");

    // Bundles are among the files of a label.
    run(root.path(), "labels rename ear eye").expect(0);
    assert!(root.path().join("eval_outputs/eye.private.zip").exists());
    run(root.path(), "labels delete eye --yes").expect(0);
    assert!(!root.path().join("eval_outputs/eye.private.zip").exists());
}

#[test]
fn what_is_no_bundle_is_refused_with_the_reason() {
    let root = folder();
    let file = root.path().join("x.zip");
    let said = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        verify(&file, "").expect(1).stderr
    };
    assert!(said(b"").contains("does not end as a bundle does"));
    assert!(said(b"PK\x05\x06").contains("get the bundle again"));
    let whole = std::fs::read(bundle("part", "", root.path())).unwrap();
    assert!(said(&whole[..whole.len() / 2]).contains("x.zip: it does not end as a bundle"));
    assert_eq!(contents(root.path()).len(), 2, "nothing is unpacked");
    let absent = run(root.path(), "bundle absent").expect(1).stderr;
    assert!(absent.contains("run `avibench score --models absent` first"), "{absent}");
}

#[test]
fn a_bundle_replaces_nothing_but_a_bundle() {
    let root = tempfile::tempdir().unwrap();
    let refused = |to: &Path| {
        let line = format!("bundle ear --out {} {}", to.display(), with_data());
        run(scored(), &line).expect(1).stderr
    };
    let notes = root.path().join("notes.txt");
    std::fs::write(&notes, "keep me").unwrap();
    assert!(refused(&notes).contains("holds something else than a bundle"));
    assert_eq!(std::fs::read_to_string(&notes).unwrap(), "keep me");
    let pipe = root.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(refused(&pipe).contains("is no file"));
    assert!(!std::fs::metadata(&pipe).unwrap().is_file());
    // A link stays one, and an earlier bundle is replaced.
    let (target, link) = (root.path().join("bundle.zip"), root.path().join("link.zip"));
    std::fs::write(&target, "").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    for _ in 0..2 {
        let line = format!("bundle ear --out {} {}", link.display(), with_data());
        run(scored(), &line).expect(0);
    }
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    verify(&target, "").expect(0);
}

#[test]
fn words_of_verifying() {
    let to = folder();
    let program = Regex::new(r"(?s)made by.*?\nsha256").unwrap();
    for (name, label, flags, code) in [
        ("verify_public", "ear", "", 0),
        ("verify_part", "part", "", 0),
        ("verify_private", "ear", "--with-answers", 0),
    ] {
        let file = bundle(label, flags, to.path());
        let mut line = format!("verify {}", file.display());
        if !flags.is_empty() {
            line = format!("{line} {}", with_data());
        }
        let [_, narrow, ..] = [60, 80, 100, 120].map(|width: usize| {
            let mut command = avibench(scored());
            command.env("COLUMNS", width.to_string()).args(line.split_whitespace());
            let printed = Ended::from(command.output().unwrap()).expect(code).stdout;
            // Only a hash or a path may stick out.
            for line in printed.lines().filter(|line| line.chars().count() > width) {
                let longest = line.split(' ').map(|word| word.chars().count()).max();
                assert!(longest >= Some(40), "{width} columns: {line}");
            }
            printed
        });
        let steady = steady_words(&program.replace(&narrow, "made by [program]\nsha256"));
        insta::assert_snapshot!(name, steady);
    }
}
