//! `score` on files that another program may have left.

use serde_json::{Value, json};

use crate::program::{contents, folder, run, smoke_set};

fn write(path: &std::path::Path, value: &Value) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, value.to_string()).unwrap();
}

fn question(id: &str, options: &str, answer: &str) -> Value {
    json!({"id": id, "input": {"question": {"text": "?", "options": options}},
        "output": {"question_answer": answer}})
}

#[test]
fn what_cannot_be_scored_is_named_and_stops_nothing() {
    let root = folder();
    let levels = root.path().join("levels");
    let tasks = root.path().join("user_outputs_refined/m/tasks");
    write(
        &levels.join("perception/AVM/data.json"),
        &json!([question("0", "avm_options_list", "yes"), question("1", "avm_options_list", "no")]),
    );
    write(
        &levels.join("reasoning/AVH/data.json"),
        &json!([question("0", "avh_options_list", "yes")]),
    );
    std::fs::create_dir_all(levels.join("reasoning/VAH")).unwrap();
    std::fs::write(levels.join("reasoning/VAH/data.json"), "[{").unwrap();
    write(
        &levels.join("understand/AVC/data.json"),
        &json!([{"id": "0", "input": {"question": {"text": "?"}},
            "output": {"question_answer": "a dog barks"}}]),
    );
    write(&tasks.join("AVM.json"), &json!([{"id": "0", "predict": "Yes."}, null]));
    write(&tasks.join("VAH.json"), &json!([{"id": "0", "predict": "Yes."}]));
    write(&tasks.join("AVC.json"), &json!([{"id": "0", "predict": "a dog barks"}]));

    let ended = run(root.path(), "score").expect(2);
    let text = std::fs::read_to_string(root.path().join("eval_outputs/m.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["perception"], json!({"avm": 1.0}));
    assert_eq!(file["understand"], json!({}));
    let printed = ended.stdout;
    let published = |line: &&str| line.starts_with(" Gemini-2.5-Pro");
    assert_eq!(printed.lines().filter(published).count(), 2, "stages and levels: {printed}");
    assert!(printed.contains("AVH is not scored: no predictions"), "{printed}");
    assert!(printed.contains("VAH is not scored:") && printed.contains("is not JSON"), "{printed}");
    assert!(printed.contains("AVC is not scored:") && printed.contains("FENSE"), "{printed}");
    assert!(printed.contains("not in the data set and not scored: AMIC, VMIC, AVL,"), "{printed}");
    assert!(printed.contains("Where official and strict part"), "{printed}");

    let nothing = run(root.path(), "score --models absent").expect(1);
    assert!(nothing.stderr.contains("no answers under the label `absent`"), "{}", nothing.stderr);
    let never = run(root.path(), "refine --models absent").expect(1);
    assert!(nothing.stderr.contains("; there are: m\n"), "{}", nothing.stderr);
    assert!(never.stderr.contains("`evaluate` asks a model first"), "{}", never.stderr);
    assert!(!contents(root.path()).keys().any(|path| path.ends_with("absent.json")));
}

/// The tiny models that the caption crate is tested with.
fn fense_models() -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fense/tests/data");
    folder.canonicalize().unwrap().display().to_string()
}

fn refined_by_chance(root: &std::path::Path, label: &str, seed: u32) {
    let data = smoke_set();
    let data = data.display();
    run(
        root,
        &format!(
            "run --backend chance --chance-seed {seed} --model-label {label} --data-root {data}"
        ),
    )
    .expect(0);
    run(root, &format!("refine --models {label} --data-root {data}")).expect(0);
}

#[test]
fn a_whole_run_has_every_score_interval_and_row() {
    let root = folder();
    refined_by_chance(root.path(), "a", 1);
    let data = smoke_set();
    let line = format!("score --data-root {} --resamples 50", data.display());
    let with_models = format!("{line} --fense-models {}", fense_models());
    let ended = run(root.path(), &with_models).expect(0);
    assert!(!ended.stdout.contains("not scored"), "{}", ended.stdout);

    let read = |name: &str| std::fs::read(root.path().join("eval_outputs").join(name)).unwrap();
    let file: Value = serde_json::from_slice(&read("a.json")).unwrap();
    assert!(file["understand"]["avc"]["fense"].is_f64());
    let report: Value = serde_json::from_slice(&read("a.report.json")).unwrap();
    assert_eq!(report["official"]["scores"], file);
    for mode in ["official", "strict"] {
        let overall = &report[mode]["estimates"]["overall"];
        let [value, low, high] = ["value", "low", "high"].map(|key| overall[key].as_f64().unwrap());
        assert!(low <= value && value <= high, "{mode}: {low} {value} {high}");
        assert_eq!(report[mode]["estimates"]["levels"].as_array().unwrap().len(), 4);
    }
    let rows = String::from_utf8(read("a.samples.jsonl")).unwrap();
    assert_eq!(rows.lines().count(), report["samples"]["rows"].as_u64().unwrap() as usize);
    for row in rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let counts = row["folder"] == "AVC" && row["similarity"].is_f64();
        for kind in
            ["add_tail", "repeat_event", "repeat_adv", "remove_conj", "remove_verb", "error"]
        {
            assert_eq!(row[format!("p_{kind}")].is_f64(), counts, "{row}");
        }
        let is_asked = row["outcome"] != "void";
        assert_eq!(
            (row["tries"].is_u64(), row["latency_ms"].is_f64()),
            (is_asked, is_asked),
            "{row}"
        );
    }
    assert_eq!(report["asking"]["model"], "chance");
    assert_eq!(report["formatting"]["refiner"], "gemini-2.5-flash");
    let ways = report["formatting"]["folders"].as_array().unwrap();
    let count = |way: &str| ways.iter().map(|folder| folder[way].as_u64().unwrap()).sum::<u64>();
    assert!(count("by_rule") > 80 && count("by_llm") + count("unread") + count("unknown") == 0);
    assert!(ended.stdout.contains("Coverage ("), "{}", ended.stdout);
    assert!(ended.stdout.contains("asked chance (chance)"), "{}", ended.stdout);
    assert_eq!(&read("a.samples.parquet")[..4], b"PAR1");

    // The same answers scored again: nothing moves, to the byte.
    let before = contents(&root.path().join("eval_outputs"));
    let again = format!("{with_models} --models a --diff eval_outputs/a.report.json");
    let ended = run(root.path(), &again).expect(0);
    assert!(ended.stdout.contains("0 verdicts moved"), "{}", ended.stdout);
    assert_eq!(before, contents(&root.path().join("eval_outputs")));

    // One answer changed: one sample moves.
    let path = root.path().join("user_outputs_refined/a/tasks/AVC.json");
    let mut slots: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    slots[0]["predict"] = json!("something else altogether");
    std::fs::write(&path, slots.to_string()).unwrap();
    let ended = run(root.path(), &again).expect(0);
    // Strict scoring reads what the model wrote, which is as it was.
    assert!(ended.stdout.contains("1 verdict moved"), "{}", ended.stdout);
    assert!(ended.stdout.contains("official AVC 0:"), "{}", ended.stdout);
}

#[test]
fn two_draws_of_chance_are_not_told_apart() {
    let root = folder();
    refined_by_chance(root.path(), "a", 1);
    refined_by_chance(root.path(), "b", 2);
    let data = smoke_set();
    let line = format!("compare a b --data-root {} --resamples 200", data.display());
    let ended = run(root.path(), &line).expect(0);
    assert!(ended.stdout.contains("No task tells them apart"), "{}", ended.stdout);
    let json = run(root.path(), &format!("{line} --json")).expect(0).stdout;
    let comparison: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(comparison["pairs"][0]["first"], "a");
    let alone = run(root.path(), &format!("compare a --data-root {}", data.display())).expect(1);
    assert!(alone.stderr.contains("2 values required"), "{}", alone.stderr);
}

/// Boxes of many categories: the order in which overlaps are added shows in the last bits.
#[test]
fn the_same_input_gives_the_same_bytes_on_any_number_of_threads() {
    let root = folder();
    let boxes = |shift: f64| -> Value {
        let one = |i: usize| {
            let at = 10.0 + 31.0 * i as f64;
            (
                format!("thing{i}_0"),
                json!([at + shift, at / 3.0, at + 17.0 + shift, at / 3.0 + 13.1]),
            )
        };
        (0..12).map(one).collect::<serde_json::Map<_, _>>().into()
    };
    let truth = |i: usize| {
        let corners = boxes(0.0);
        let sized = |corner: &Value| -> Value {
            let number = |k: usize| corner[k].as_f64().unwrap();
            json!([number(0), number(1), number(2) - number(0), number(3) - number(1)])
        };
        let boxes = corners.as_object().unwrap().iter();
        let boxes: serde_json::Map<String, Value> =
            boxes.map(|(key, corner)| (key.clone(), sized(corner))).collect();
        json!({"id": i.to_string(), "input": {"question": {"text": "?"}},
            "output": {"question_answer": {"bbox": boxes, "original_wh": [640, 480]}}})
    };
    let truths: Vec<Value> = (0..20).map(truth).collect();
    let answers: Vec<Value> = (0..20)
        .map(|i| json!({"id": i.to_string(), "predict": boxes(0.37 * f64::from(i)).to_string()}))
        .collect();
    write(&root.path().join("levels/perception/AVL/data.json"), &truths.into());
    write(&root.path().join("user_outputs_refined/m/tasks/AVL.json"), &answers.into());
    let mut first = None;
    for (time, threads) in [1, 2, 4, 1].into_iter().enumerate() {
        let target = format!("scores{time}");
        let ended = crate::program::avibench(root.path())
            .args(["score", "--resamples", "200", "--eval-dir", &target])
            .env("RAYON_NUM_THREADS", threads.to_string())
            .output()
            .unwrap();
        assert!(ended.status.success(), "{ended:?}");
        let files = contents(&root.path().join(&target));
        assert_eq!(files.len(), 4, "{:?}", files.keys());
        let same = first.get_or_insert_with(|| files.clone()) == &files;
        assert!(same, "another result on {threads} threads");
    }
}

#[test]
fn numbers_come_as_csv_and_json_with_their_intervals() {
    let root = folder();
    let data = smoke_set();
    let data = data.display();
    run(root.path(), &format!("run --backend chance --model-label a --data-root {data}")).expect(0);
    run(root.path(), &format!("refine --refine rules --data-root {data}")).expect(0);
    let csv = run(root.path(), &format!("score --format csv --data-root {data}")).expect(0).stdout;
    let json =
        run(root.path(), &format!("score --format json --data-root {data}")).expect(0).stdout;
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("label,mode,kind,name,unit,value,low,high,by_stand_in"));
    let numbers: Vec<Value> = serde_json::from_str(&json).unwrap();
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.len(), numbers.len());
    let number = |text: &str| (!text.is_empty()).then(|| text.parse::<f64>().unwrap());
    for (line, row) in lines.iter().zip(&numbers) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[3], row["name"]);
        for (cell, name) in cells[5..].iter().zip(["value", "low", "high"]) {
            assert_eq!(number(cell), row[name].as_f64(), "{line}");
        }
        assert_eq!(cells[8], "false");
    }
    let report = std::fs::read_to_string(root.path().join("eval_outputs/a.report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    let asqa = numbers.iter().find(|row| row["name"] == "ASQA" && row["mode"] == "strict").unwrap();
    let tasks = report["strict"]["estimates"]["tasks"].as_array().unwrap();
    let task = tasks.iter().find(|task| task["task"] == "ASQA").unwrap();
    assert_eq!(asqa["low"], task["headline"]["low"]);
    let refused = run(root.path(), &format!("score --format csv --doubts x --data-root {data}"));
    assert!(refused.expect(1).stderr.contains("--format markdown"));
}

#[test]
fn what_nobody_was_asked_is_told_in_a_line_and_what_lacks_is_told_with_its_file() {
    let root = folder();
    let data = smoke_set().display().to_string();
    run(root.path(), &format!("run --backend chance --tasks AVM,AVH --data-root {data}")).expect(0);
    run(root.path(), &format!("refine --refine rules --data-root {data}")).expect(0);
    let score = || run(root.path(), &format!("score --data-root {data}")).expect(0).stdout;
    let told = score();
    let line = "- not asked and not scored: AMIC, VMIC, AVL, VAR, AVR, AVC, VAH, AVQA, AVLG,\n  ASQA, VSQA, AVSQA\n";
    assert!(told.contains(line) && !told.contains("no predictions"), "{told}");
    run(root.path(), &format!("report chance --data-root {data}")).expect(0);
    let page = root.path().join("eval_outputs/chance.report.html");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("; not asked: AMIC, VMIC, AVL"), "{page}");
    assert!(page.contains("AVSQA: nothing of them was asked</li></ul>"), "{page}");

    // What the run was asked and what is lost is no such task, nor what nobody recorded.
    let tasks = root.path().join("user_outputs_refined/chance/tasks");
    std::fs::remove_file(tasks.join("AVH.json")).unwrap();
    let told = run(root.path(), &format!("score --data-root {data}")).expect(2).stdout;
    assert!(told.contains("AVH is not scored: its 6 answers are not formatted"), "{told}");
    std::fs::remove_dir_all(root.path().join("user_outputs")).unwrap();
    let told = score();
    assert!(told.contains("- AVH is not scored: no predictions: expected"), "{told}");
}
