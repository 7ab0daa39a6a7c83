//! A run that stops when it is sure: `run --until`, and what scoring makes of what it asked.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Ended, Served, avibench, folder, run};

/// How many questions the data set of these tests has.
const QUESTIONS: usize = 400;

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Questions without media. Of five the served model knows three; every tenth has a check, which it passes.
fn data_set() -> TempDir {
    let root = folder();
    let of_task = root.path().join("levels/reasoning/AVQA");
    std::fs::create_dir_all(&of_task).unwrap();
    let mut records = Vec::new();
    for i in 0..QUESTIONS {
        let colour = if (i * 7) % 5 < 3 { "red" } else { "blue" };
        let record = |id: String, text: String| {
            let question = json!({"text": text, "options": "avqa_options_list_is"});
            json!({"id": id, "input": {"question": question}, "output": {"question_answer": "yes"}})
        };
        records.push(record(i.to_string(), format!("Thing {i} is {colour}, is it not?")));
        if i % 10 == 0 {
            records.push(record(format!("pre_{i}"), format!("Is there a red thing {i}?")));
        }
    }
    std::fs::write(of_task.join("data.json"), serde_json::to_vec(&records).unwrap()).unwrap();
    std::fs::write(
        root.path().join("script.jsonl"),
        "{\"contains\": \"red\", \"answer\": \"yes\"}\n{\"answer\": \"no\"}\n",
    )
    .unwrap();
    root
}

fn served(data: &TempDir) -> Served {
    let script = data.path().join("script.jsonl");
    Served::start_with(&["--script", script.to_str().unwrap(), "--fault", "latency ms=20"])
}

/// A line that asks the served model.
fn asking(served: &Served, data: &TempDir, more: &str) -> String {
    format!(
        "run --base-url {} --model-path m --no-probe --concurrency 4 --data-root {} {more}",
        served.base_url,
        data.path().display()
    )
}

fn scored(root: &Path, data: &TempDir) -> Ended {
    let data = data.path().display();
    run(root, &format!("refine --refine rules --data-root {data}")).expect(0);
    run(root, &format!("score --data-root {data}")).expect(0)
}

fn journal(root: &Path) -> PathBuf {
    root.join("user_outputs/m/journal/AVQA.jsonl")
}

fn lines(root: &Path) -> usize {
    std::fs::read_to_string(journal(root)).unwrap_or_default().lines().count()
}

#[test]
fn a_run_that_is_killed_ten_times_ends_at_the_same_question_with_the_same_bounds() {
    let data = data_set();
    let served = served(&data);
    let line = asking(&served, &data, "--until ci=6 --until-seed 5");
    let undisturbed = folder();
    let told = run(undisturbed.path(), &line).expect(0).stderr;
    assert!(told.contains("until AVQA is known to +-6 points: 400 questions"), "{told}");
    let record = read_json(&undisturbed.path().join("user_outputs/m/until.json"));
    let counted = record["counted"].as_u64().unwrap() as usize;
    assert!((100..300).contains(&counted), "{record}");
    assert!(lines(undisturbed.path()) < QUESTIONS, "it stopped before everything was asked");
    scored(undisturbed.path(), &data);

    let killed = folder();
    // Somewhere in each tenth of what is to be counted.
    let mut luck = 77_u64;
    for part in 0..10 {
        luck = luck.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let goal = (part * counted + (luck >> 33) as usize % counted) / 10;
        let mut child = avibench(killed.path())
            .args(line.split_whitespace())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_mins(1);
        while lines(killed.path()) < goal && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(child.try_wait().unwrap().is_none(), "it was still asking");
        child.kill().unwrap();
        child.wait().unwrap();
    }
    run(killed.path(), &line).expect(0);
    assert_eq!(read_json(&killed.path().join("user_outputs/m/until.json")), record);
    scored(killed.path(), &data);
    let report = |root: &Path| read_json(&root.join("eval_outputs/m.report.json"));
    let (one, other) = (report(undisturbed.path()), report(killed.path()));
    assert_eq!(one["sequence"], other["sequence"]);
    assert_eq!(one["strict"], other["strict"]);
    assert_eq!(one["official"], other["official"]);

    // Whoever has its bundle finds the same, though it holds answers beyond what counts.
    let bundle = format!("bundle m --with-answers --data-root {}", data.path().display());
    run(undisturbed.path(), &bundle).expect(0);
    let verify = format!("verify eval_outputs/m.private.zip --data-root {}", data.path().display());
    run(undisturbed.path(), &verify).expect(0);

    // What is asked twice asks nothing more.
    let before = lines(killed.path());
    let again = run(killed.path(), &line).expect(0).stderr;
    assert!(again.contains(&format!("after {counted} of 400 questions")), "{again}");
    assert_eq!(lines(killed.path()), before);
    assert_eq!(read_json(&killed.path().join("user_outputs/m/until.json")), record);
}

#[test]
fn the_bounds_hold_the_score_of_the_whole_and_narrow_with_more() {
    let data = data_set();
    let served = served(&data);
    let root = folder();
    run(root.path(), &asking(&served, &data, "--until ci=8")).expect(0);
    let printed = scored(root.path(), &data).stdout;
    let said = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("AVQA by sampling:"), "{printed}");
    assert!(said.contains("because +-8 points were asked for"), "{printed}");
    assert!(said.contains("needs the interval over ids as well"), "{printed}");
    assert!(said.contains("drawn at random (--subset, --until)"), "{printed}");
    let sequence = |root: &Path| {
        let report = read_json(&root.join("eval_outputs/m.report.json"));
        let sequence = report["sequence"].clone();
        let number = |name: &str| sequence[name].as_f64().unwrap();
        assert!(number("low") <= 0.6 && number("high") >= 0.6, "{sequence}");
        let counted = sequence["counted"].as_u64().unwrap();
        // Numbers are those of the counted questions alone, whatever came back beyond them.
        let judged = report["strict"]["coverage"][0]["planned"].as_u64();
        assert!(judged.is_none_or(|judged| judged >= counted), "{report}");
        (number("high") - number("low"), counted)
    };
    let (wide, first) = sequence(root.path());
    assert!(wide <= 0.16 + 1e-12);
    run(root.path(), &asking(&served, &data, "--until ci=4")).expect(0);
    scored(root.path(), &data);
    let (narrow, second) = sequence(root.path());
    assert!(narrow <= 0.08 + 1e-12 && second > first);
    let rows =
        run(root.path(), &format!("score --data-root {} --format csv", data.path().display()));
    let rows = rows.expect(0).stdout;
    let found = &read_json(&root.path().join("eval_outputs/m.report.json"))["sequence"];
    let bounds =
        format!("m,strict,bounds,AVQA/bounds,fraction,,{},{},false", found["low"], found["high"]);
    assert!(rows.lines().any(|row| row == bounds), "{bounds}\n{rows}");

    // Everything, in the end: then there is nothing left to estimate.
    run(root.path(), &asking(&served, &data, "--until ci=0.1")).expect(0);
    scored(root.path(), &data);
    let (nothing, all) = sequence(root.path());
    assert!(nothing <= 0.002 && all as usize <= QUESTIONS);

    // What says how much counts may be damaged: then that is said, and nothing is lost.
    let record = root.path().join("user_outputs/m/until.json");
    let whole = std::fs::read_to_string(&record).unwrap();
    for (damaged, said) in [
        (whole.replace("\"half_width\": ", "\"half_width\": -"), "is not between 0 and 1"),
        (whole.replace("\"AVQA\"", "\"L1\""), "neither `overall` nor a stage"),
        ("{".to_owned(), "is not what `run --until` writes"),
    ] {
        std::fs::write(&record, damaged).unwrap();
        let line = format!("score --data-root {}", data.path().display());
        let warned = run(root.path(), &line).expect(2).stderr;
        assert!(warned.contains(said) && warned.contains("every answer counts"), "{warned}");
    }
    std::fs::remove_file(&record).unwrap();

    // Another order is another run.
    let refused = run(root.path(), &asking(&served, &data, "--until ci=4 --until-seed 1"));
    let refused = refused.expect(1).stderr;
    assert!(refused.contains("random order was"), "{refused}");
}

#[test]
fn evaluate_scores_anew_what_another_wish_counts() {
    let data = data_set();
    let served = served(&data);
    let root = folder();
    let counted = |points: &str| {
        let line = asking(&served, &data, &format!("--until ci={points}"));
        run(root.path(), &line.replacen("run", "evaluate", 1)).expect(0);
        let report = read_json(&root.path().join("eval_outputs/m.report.json"));
        let record = read_json(&root.path().join("user_outputs/m/until.json"));
        assert_eq!(report["sequence"]["counted"], record["counted"], "{points}");
        record["counted"].as_u64().unwrap()
    };
    // The wider wish asks nothing more, and counts less of what is there.
    let narrow = counted("5");
    let before = lines(root.path());
    let wide = counted("10");
    assert!(wide < narrow, "{wide} {narrow}");
    assert_eq!(lines(root.path()), before, "what is known need not be asked");
}

#[test]
fn what_cannot_be_bounded_is_refused_with_a_way_out() {
    let data = data_set();
    let served = served(&data);
    let root = folder();
    for (more, said) in [
        ("--until ci=2,of=overall", "has no folder AMIC; bound a stage or a task that is there"),
        ("--until 2", "as in ci=2,of=AVQA"),
        ("--until ci=2,of=L3", "neither `overall` nor a stage"),
        ("--until ci=2 --subset 0.5", "cannot be used with"),
        ("--until ci=2 --epochs 3", "leave either out"),
        ("--until ci=2 --shard 1/2", "leave either out"),
    ] {
        let refused = run(root.path(), &asking(&served, &data, more)).expect(1).stderr;
        let words = refused.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(said), "{more}: {refused}");
    }
    assert!(!journal(root.path()).exists());
}
