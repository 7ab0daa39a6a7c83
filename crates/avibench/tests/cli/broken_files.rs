//! Files that are broken: each is named with its reason and remembered by the exit code, and costs no other.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::canned::{Canned, completion};
use crate::program::{avibench, contents, folder, run, smoke_set};

/// Two labels with answers to three folders of a data set of the test's own.
fn labels(root: &Path) {
    for place in ["perception/AVM", "reasoning/AVH", "reasoning/VAH"] {
        for (path, content) in contents(&smoke_set().join("levels").join(place)) {
            let path = root.join("data/levels").join(place).join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }
    for (label, seed) in [("a", 1), ("b", 2)] {
        let line = format!("run --backend chance --chance-seed {seed} --model-label {label}");
        run(root, &format!("{line} --data-root data")).expect(0);
    }
    run(root, "refine --refine rules --data-root data").expect(0);
}

#[test]
fn what_cannot_be_scored_or_compared_stands_there_with_its_reason() {
    let root = folder();
    let root = root.path();
    labels(root);
    run(root, "score --data-root data").expect(0);
    run(root, "compare a b --data-root data").expect(0);
    let refined = root.join("user_outputs_refined/b/tasks/AVH.json");
    let whole = std::fs::read(&refined).unwrap();
    let truncated = whole[..whole.len() / 2].to_vec();
    for (content, reason) in [
        (Some(truncated), "is not JSON"),
        (Some(b"{}".to_vec()), "should hold a JSON array of records"),
        (Some(b"\xff\xfe[\0]\0".to_vec()), "AVH.json"),
        (None, "are not formatted"),
    ] {
        match content {
            Some(content) => std::fs::write(&refined, content).unwrap(),
            None => std::fs::remove_file(&refined).unwrap(),
        }
        for (line, said) in [
            ("score --models b", "AVH is not scored:"),
            ("compare a b", "AVH of b is not compared:"),
        ] {
            let ended = run(root, &format!("{line} --data-root data")).expect(2);
            let words = ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(said), "{line}: {}", ended.stdout);
            assert!(words.contains(reason) || ended.stdout.contains(reason), "{line}: {words}");
            assert!(words.contains("VAH"), "the others are there: {words}");
        }
        let json = run(root, "compare a b --json --data-root data").expect(2).stdout;
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["not_compared"][0]["task"], "AVH", "{json}");
        std::fs::write(&refined, &whole).unwrap();
    }
    // Another length, and records that are none.
    let mut slots: Value = serde_json::from_slice(&whole).unwrap();
    slots.as_array_mut().unwrap().push(json!({"id": "x", "predict": "yes"}));
    std::fs::write(&refined, slots.to_string()).unwrap();
    run(root, "compare a b --data-root data").expect(2);
    slots.as_array_mut().unwrap().truncate(6);
    slots[1] = json!(7);
    std::fs::write(&refined, slots.to_string()).unwrap();
    run(root, "score --models b --data-root data").expect(2);
    std::fs::write(&refined, &whole).unwrap();
    // The folder's data.
    let data = root.join("data/levels/reasoning/AVH/data.json");
    let records = std::fs::read(&data).unwrap();
    std::fs::write(&data, &records[..records.len() / 2]).unwrap();
    for line in ["score --models b", "compare a b"] {
        let ended = run(root, &format!("{line} --data-root data")).expect(2);
        assert!(ended.stdout.contains("AVH/data.json"), "{line}: {}", ended.stdout);
    }
    std::fs::write(&data, &records).unwrap();
    // A raw answer file: refine names it and formats the rest.
    std::fs::write(root.join("user_outputs/b/tasks/AVH.json"), "[nul").unwrap();
    let refined = run(root, "refine --refine rules --data-root data").expect(2);
    assert!(refined.stderr.contains("left out:"), "{}", refined.stderr);
    assert!(refined.stderr.contains("b/tasks/AVH.json is not JSON"), "{}", refined.stderr);
    let listed = run(root, "labels list").expect(2);
    assert!(listed.stdout.contains("damaged"), "{}", listed.stdout);
    assert!(listed.stderr.contains("b/tasks/AVH.json is not JSON"), "{}", listed.stderr);
}

fn ask(root: &Path, server: &Canned, more: &str) -> crate::program::Ended {
    let line = format!(
        "run --base-url {} --model-label m --concurrency 1 --tasks AVM --data-root {} {more}",
        server.base_url,
        smoke_set().display()
    );
    run(root, &line)
}

#[test]
fn nothing_of_a_journal_is_destroyed() {
    let root = folder();
    let root = root.path();
    let server = Canned::start(vec![completion(Some("yes"), "stop")]);
    ask(root, &server, "--model-path m").expect(0);
    let path = root.join("user_outputs/m/journal/AVM.jsonl");
    let aside = root.join("user_outputs/m/journal/AVM.jsonl.damaged-1");
    let whole = std::fs::read(&path).unwrap();
    let text = String::from_utf8(whole.clone()).unwrap();
    // Files that stop: nothing is written.
    let utf16: Vec<u8> =
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let foreign = text.replace("\"folder\":\"AVM\"", "\"folder\":\"AVH\"");
    for (content, said) in [
        (utf16, "is in UTF-16"),
        (vec![0; 4096].into_iter().chain(*b"\n").collect(), "no line of the file can be read"),
        (foreign.into_bytes(), "line 1: the line is about AVH"),
    ] {
        std::fs::write(&path, &content).unwrap();
        let refused = ask(root, &server, "--model-path m").expect(1);
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
        assert_eq!(std::fs::read(&path).unwrap(), content);
        assert!(!aside.exists());
    }
    // Lines that are moved aside, byte for byte; the others stay.
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for (damage, is_torn) in
        [("{\"v\":1,\"posi\n", false), ("\0\0\0\0\n", false), ("\0\0\0\0", true)]
    {
        let content = if is_torn {
            format!("{text}{damage}")
        } else {
            format!("{}{damage}{}", lines[0], lines[1..].concat())
        };
        std::fs::write(&path, content).unwrap();
        let ended = ask(root, &server, "--model-path m").expect(0);
        assert!(ended.stderr.contains("AVM.jsonl.damaged-1"), "{}", ended.stderr);
        assert_eq!(std::fs::read(&aside).unwrap(), damage.as_bytes());
        assert_eq!(std::fs::read(&path).unwrap(), whole, "the rest is as it was");
        std::fs::remove_file(&aside).unwrap();
    }
    // The beginning of a line is only cut, and a line that stands twice counts once.
    std::fs::write(&path, format!("{text}{}", &lines[0][..40])).unwrap();
    let ended = ask(root, &server, "--model-path m").expect(0);
    assert!(ended.stderr.contains("cut a torn last line of 40 bytes"), "{}", ended.stderr);
    assert!(!aside.exists());
    std::fs::write(&path, format!("{text}{}", lines[2])).unwrap();
    let ended = ask(root, &server, "--model-path m").expect(0);
    assert!(ended.stderr.contains("1 line stands there twice"), "{}", ended.stderr);
    assert_eq!(server.requests(), 6, "nothing was asked again");
}

#[test]
fn answers_of_two_models_under_one_label_are_told_apart() {
    let root = folder();
    let root = root.path();
    let server = Canned::start(vec![completion(Some("yes"), "stop")]);
    ask(root, &server, "--model-path first --n-samples 2").expect(0);
    ask(root, &server, "--model-path second").expect(1);
    ask(root, &server, "--model-path second --force").expect(0);
    let data = smoke_set();
    run(root, &format!("refine --refine rules --data-root {}", data.display())).expect(0);
    let scored = run(root, &format!("score --data-root {}", data.display())).expect(0).stdout;
    let words = scored.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("m (mixed)"), "{scored}");
    assert!(words.contains("4 of second (packed gateway@"), "{scored}");
    assert!(words.contains("2 of first (packed gateway@"), "{scored}");
    let report: Value =
        serde_json::from_slice(&std::fs::read(root.join("eval_outputs/m.report.json")).unwrap())
            .unwrap();
    let origins = &report["origins"];
    assert_eq!(
        (&origins["is_mixed"], &origins["origins"][1]["model"]),
        (&json!(true), &json!("first"))
    );
    let rows = std::fs::read_to_string(root.join("eval_outputs/m.samples.jsonl")).unwrap();
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |model: &str| rows.iter().filter(|row| row["model"] == model).count();
    assert_eq!((of("first"), of("second")), (2 * 2, 2 * 4));
    let listed = run(root, "labels list").expect(0).stdout;
    assert!(listed.contains("m (mixed)"), "{listed}");
    // Without run.json what servers reported is named.
    std::fs::remove_file(root.join("user_outputs/m/run.json")).unwrap();
    let scored = run(root, &format!("score --data-root {}", data.display())).expect(0).stdout;
    let words = scored.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("without run.json") && words.contains("6 of canned"), "{scored}");
}

#[test]
fn what_would_turn_a_terminal_round_is_shown_as_escapes() {
    let root = folder();
    let root = root.path();
    let server = Canned::start(vec![
        completion(Some("yes\u{202e}\u{200b}"), "stop\u{202e}\u{200b}odd"),
        completion(Some("no"), "stop"),
    ]);
    let asked = ask(root, &server, "--model-path m").expect(0);
    let data = smoke_set();
    let data = data.display();
    run(root, &format!("refine --refine rules --data-root {data}")).expect(0);
    let mut shown = vec![asked.stderr];
    for line in [
        format!("score --data-root {data}"),
        format!(
            "smoke --base-url {} --model-path m --tasks AVM --data-root {data}",
            server.base_url
        ),
        "labels list".to_owned(),
        format!("refine explain --task AVM --data-root {data} yes\u{202e}"),
    ] {
        let ended = run(root, &line);
        shown.extend([ended.stdout, ended.stderr]);
    }
    let all = shown.concat();
    assert!(!all.contains(['\u{202e}', '\u{200b}']), "{all}");
    assert!(all.contains("\\u{202e}"), "{all}");
}

#[cfg(target_os = "linux")]
#[test]
fn talk_that_nobody_can_hear_ends_no_command() {
    let root = folder();
    let root = root.path();
    let line = format!(
        "-vv run --backend chance --model-label m --tasks AVM --data-root {}",
        smoke_set().display()
    );
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended = avibench(root).args(line.split_whitespace()).stderr(full).output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    let mut child = avibench(root)
        .args(line.replace("label m", "label n").split_whitespace())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0), "a reader that left");
    for label in ["m", "n"] {
        assert!(root.join("user_outputs").join(label).join("tasks/AVM.json").exists());
    }
}
