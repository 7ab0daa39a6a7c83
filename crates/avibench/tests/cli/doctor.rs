//! A data set looked over, and what a run makes of the same damage.

use std::path::Path;

use serde_json::{Value, json};

use crate::bad_input::{change, copied};
use crate::program::{Served, folder, run, smoke_set};

/// What `doctor` found: kind, position and message.
fn findings(root: &Path, code: i32) -> Vec<(String, Option<u64>, String)> {
    let ended = run(root, "doctor data --json").expect(code);
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(found["schema_version"], 1);
    let findings = found["findings"].as_array().unwrap().iter();
    let told = findings.map(|finding| {
        let text = |name: &str| finding[name].as_str().unwrap().to_owned();
        (text("kind"), finding["position"].as_u64(), text("message"))
    });
    told.collect()
}

#[test]
fn a_generated_set_is_well() {
    let root = folder();
    let ended = run(root.path(), &format!("doctor {}", smoke_set().display())).expect(0);
    assert!(ended.stdout.contains("Nothing was found"), "{}", ended.stdout);
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ended.stdout);
    for name in ["AMIC", "VSQA_V", "AVSQA"] {
        assert!(ended.stdout.contains(name), "{}", ended.stdout);
    }
    run(root.path(), "doctor nowhere").expect(1);
}

#[test]
fn damaged_media_are_found_and_rejected_alike_in_every_profile() {
    let root = folder();
    let data = copied(root.path(), "perception/AVM");
    let video = |number: usize| data.join(format!("input/videos/0000{number}.mp4"));
    let whole = std::fs::read(video(0)).unwrap();
    std::fs::write(video(0), b"").unwrap();
    std::fs::write(video(1), &whole[..whole.len() * 2 / 3]).unwrap();
    std::fs::write(video(2), b"<!DOCTYPE html><title>Not found</title>").unwrap();
    std::fs::remove_file(video(3)).unwrap();
    let outside = root.path().join("outside.mp4");
    std::fs::write(&outside, &whole).unwrap();
    let playlist = format!("#EXTM3U\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n", outside.display());
    std::fs::write(video(4), playlist).unwrap();
    let found = findings(root.path(), 2);
    for (position, kind, words) in [
        (0, "medium_unusable", "empty (0 bytes)"),
        (1, "medium_unusable", "cut off"),
        (2, "medium_unusable", "an HTML page"),
        (3, "medium_missing", "is missing"),
        (4, "medium_unusable", "an HLS playlist"),
    ] {
        let is_it = |(k, p, m): &(String, Option<u64>, String)| {
            k == kind && *p == Some(position) && m.contains(words)
        };
        assert!(found.iter().any(is_it), "{position} {words}: {found:?}");
    }
    let served = Served::start("--model chance");
    for profile in ["gateway", "vllm", "openai"] {
        let line = format!(
            "run --base-url {} --model-path m --model-label {profile} --profile {profile} \
             --data-root data --tasks AVM --n-samples 5 --log-json {profile}.jsonl",
            served.base_url
        );
        let ended = run(root.path(), &line).expect(2);
        assert!(ended.stderr.contains("5 samples: unusable medium"), "{}", ended.stderr);
        assert!(ended.stderr.contains("0 requests"), "{}", ended.stderr);
        let log = std::fs::read_to_string(root.path().join(format!("{profile}.jsonl"))).unwrap();
        assert!(!log.contains("\"outcome\":\"answered\""), "nothing is sent: {log}");
        let journal = root.path().join(format!("user_outputs/{profile}/journal/AVM.jsonl"));
        let journal = std::fs::read_to_string(journal).unwrap();
        let rejected = journal.lines().filter(|line| line.contains("\"rejected\""));
        assert_eq!(rejected.count(), 5, "{journal}");
    }
}

#[test]
fn answers_and_records_without_sense_are_found() {
    let root = folder();
    let avl = copied(root.path(), "perception/AVL");
    change(&avl, |records| {
        let truth = |record: usize| format!("/{record}/output/question_answer/bbox");
        *records.pointer_mut(&truth(0)).unwrap() = json!({"dog_1": [3, 4, 0, 5]});
        *records.pointer_mut(&truth(1)).unwrap() = json!({"dog_1": [3, 4, 50_000, 5]});
        records[2]["output"]["question_answer"] = json!("yes");
        records[5]["output"]["question_answer"]["original_wh"] = json!([0, 480]);
        records[3]["output"]["question_answer"] = Value::Null;
        records[4]["snr"] = json!(7);
    });
    let avr = copied(root.path(), "understand/AVR");
    change(&avr, |records| {
        records[0]["output"]["question_answer"] = json!([-1]);
        records[1]["output"]["question_answer"] = json!([0, 99]);
        records[2]["input"]["audio_list"] = json!([]);
        records[3] = records[4].clone();
    });
    let asqa = copied(root.path(), "sensation/ASQA");
    change(&asqa, |records| {
        for record in records.as_array_mut().unwrap() {
            let is_formal = !record["id"].as_str().unwrap().starts_with("pre_");
            if is_formal && record["input"]["question"]["options"].is_string() {
                record["output"]["question_answer"] = json!("purple");
                break;
            }
        }
    });
    let found = findings(root.path(), 2);
    let has = |kind: &str, words: &str| {
        let is_it = |(k, _, m): &(String, Option<u64>, String)| k == kind && m.contains(words);
        assert!(found.iter().any(is_it), "{kind} {words}: {found:#?}");
    };
    has("nonsense_truth", "has no area");
    has("nonsense_truth", "`original_wh` is 0 x 480");
    has("nonsense_truth", "reaches out of its picture");
    has("unusable_truth", "question_answer");
    has("no_truth", "null or absent");
    has("unknown_field", "`snr` in 1 record");
    has("nonsense_truth", "candidate -1 of");
    has("nonsense_truth", "candidate 99 of");
    has("lacking", "names nothing to hear");
    has("same_question", "as sample 3");
    has("not_an_option", "`purple` is not among the options");
    // Whoever loads the data says how many there are, and who names them.
    run(root.path(), "run --backend chance --data-root data --model-label m");
    run(root.path(), "refine --refine rules --data-root data");
    run(root.path(), "run --backend chance --data-root data --model-label o");
    run(root.path(), "refine --refine rules --data-root data");
    for line in [
        "run --backend chance --data-root data --model-label n",
        "smoke --backend chance --data-root data",
        "score --data-root data",
        "compare m o --data-root data",
    ] {
        let stderr = run(root.path(), line).stderr;
        let mend = "`avibench doctor data` names them";
        let lines: Vec<&str> = stderr.lines().filter(|line| line.contains(mend)).collect();
        let [said] = lines.as_slice() else { panic!("{line}: {stderr}") };
        assert!(said.contains("the truth or options of 7 records make no sense"), "{said}");
        assert!(said.contains("(AVL 4, AVR 2, ASQA 1)"), "{said}");
    }
    // Whoever asks says what lacks media, too.
    for command in ["run", "smoke"] {
        let line = format!("{command} --backend chance --data-root data --tasks AVR");
        let ended = run(root.path(), &line);
        assert!(ended.stderr.contains("AVR 2 names nothing to hear"), "{}", ended.stderr);
    }
}

#[test]
fn names_and_places_that_do_not_fit_are_found() {
    let root = folder();
    let asqa = copied(root.path(), "sensation/ASQA");
    let wavs = asqa.join("input/wavs");
    let first = std::fs::read(wavs.join("00000.wav")).unwrap();
    std::fs::write(wavs.join("00001.wav"), &first).unwrap();
    let mut silent = std::fs::read(wavs.join("00002.wav")).unwrap();
    silent[44..].fill(0);
    std::fs::write(wavs.join("00002.wav"), silent).unwrap();
    let picture = contents_of_a_picture();
    std::fs::write(wavs.join("00003.wav"), picture).unwrap();
    let found = findings(root.path(), 2);
    for (kind, words) in [
        ("same_medium", "00001.wav has the same content as"),
        ("silence", "00002.wav"),
        ("medium_misplaced", "00003.wav is a picture (PNG), but stands in `audio_list`"),
        ("misleading_name", "00003.wav is PNG"),
    ] {
        let is_it = |(k, _, m): &(String, Option<u64>, String)| k == kind && m.contains(words);
        assert!(found.iter().any(is_it), "{kind} {words}: {found:#?}");
    }
}

fn contents_of_a_picture() -> Vec<u8> {
    let images = smoke_set().join("levels/sensation/VSQA_I/input/images");
    let first = std::fs::read_dir(images).unwrap().next().unwrap().unwrap();
    std::fs::read(first.path()).unwrap()
}

#[test]
fn files_of_python_are_read_with_its_liberties() {
    let root = folder();
    let data = copied(root.path(), "perception/AVM");
    let file = data.join("data.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let open = text.find('{').unwrap() + 1;
    let odd = r#""snr": NaN, "gain": -Infinity, "big": 123456789012345678901234567890,
        "half": "\ud800", "snr": Infinity, "#;
    let text = format!("\u{feff}{}{odd}{}", &text[..open], &text[open..]);
    std::fs::write(&file, text).unwrap();
    run(root.path(), "run --backend chance --data-root data --tasks AVM").expect(0);
    // Answers and a report that Python has written anew.
    let tasks = root.path().join("user_outputs/chance/tasks/AVM.json");
    let text = std::fs::read_to_string(&tasks).unwrap();
    let open = text.find('{').unwrap() + 1;
    let text = format!("\u{feff}{}\"score\": NaN, {}", &text[..open], &text[open..]);
    std::fs::write(&tasks, text).unwrap();
    run(root.path(), "refine --refine rules --data-root data").expect(0);
    run(root.path(), "score --data-root data").expect(0);
    let report = root.path().join("eval_outputs/chance.report.json");
    let text = std::fs::read_to_string(&report).unwrap();
    std::fs::write(root.path().join("old.report.json"), format!("\u{feff}{text}")).unwrap();
    let rows = root.path().join("eval_outputs/chance.samples.jsonl");
    if rows.exists() {
        std::fs::copy(rows, root.path().join("chance.samples.jsonl")).unwrap();
    }
    let ended = run(root.path(), "score --data-root data --diff old.report.json");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    std::fs::write(root.path().join("old.report.json"), "[{'label': None}]").unwrap();
    let ended = run(root.path(), "score --data-root data --diff old.report.json").expect(1);
    assert!(ended.stderr.contains("how Python prints values"), "{}", ended.stderr);
}
