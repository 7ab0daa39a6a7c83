//! `evaluate`: the whole way in one command, which goes on where it stopped.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::canned::{Canned, completion};
use crate::program::{Ended, NO_PROBE, Served, avibench, begin, contents, folder, run, smoke_set};

fn evaluate(root: &Path, more: &str) -> Ended {
    run(root, &format!("evaluate --data-root {} {more}", smoke_set().display()))
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn one_command_gives_what_the_single_ones_give() {
    let (whole, single) = (folder(), folder());
    let ended = evaluate(whole.path(), "--backend chance --chance-seed 4").expect(0);
    let data = smoke_set().display().to_string();
    for line in
        ["run --backend chance --chance-seed 4", "refine --refine rules", "score", "report chance"]
    {
        run(single.path(), &format!("{line} --data-root {data}")).expect(0);
    }
    let names = |root: &Path| contents(root).into_keys().collect::<Vec<_>>();
    let without = |mut names: Vec<_>| {
        names.retain(|name| name != Path::new("user_outputs/chance/evaluate.json"));
        names
    };
    assert_eq!(without(names(whole.path())), names(single.path()));
    for file in [
        "user_outputs/chance/tasks/AVQA.json",
        "user_outputs_refined/chance/tasks/AVQA.json",
        "eval_outputs/chance.json",
    ] {
        let [a, b] = [&whole, &single].map(|root| std::fs::read(root.path().join(file)).unwrap());
        assert!(a == b, "{file}");
    }
    for step in ["1 of 5 (probe)", "2 of 5 (run)", "3 of 5 (refine)", "5 of 5 (report)"] {
        assert!(
            ended.stderr.contains(&format!("\nstep {step}\n")) || step.starts_with('1'),
            "{step}"
        );
    }
    assert!(ended.stderr.contains("\n2/5 asking: "), "{}", ended.stderr);
    assert!(!ended.stderr.contains("avibench refine, then"), "{}", ended.stderr);
    assert!(ended.stderr.contains("rules alone format the answers"), "{}", ended.stderr);
    let report = read(&whole.path().join("eval_outputs/chance.report.json"));
    let overall = report["official"]["summary"]["overall"]["partial"].as_f64().unwrap();
    let told = [format!("{:.2}", 100.0 * overall), "162 of 162 samples answered".to_owned()];
    let told = [told.to_vec(), vec!["probe   left out (--no-probe)".to_owned()]].concat();
    for words in told.iter().chain(&["eval_outputs/chance.report.html".to_owned()]) {
        assert!(ended.stdout.contains(words), "{words}: {}", ended.stdout);
    }
}

#[test]
fn answers_that_stay_unformatted_are_counted_and_an_error_names_its_step_once() {
    let root = folder();
    let served = Canned::start(vec![completion(Some("Bananas grow in the sun."), "stop")]);
    let line = format!("--tasks AVQA --model-path m --base-url {}", served.base_url);
    let told = evaluate(root.path(), &line).expect(0).stdout;
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = "Official scoring: 6 answers that no rule reads (--refine-model names a model that formats \
                 them) are left unformatted.";
    assert!(told.contains(words), "{told}");
    let refused = evaluate(root.path(), &format!("{line} --guess-baselines none.json")).expect(1);
    assert!(refused.stderr.ends_with("step 4 of 5 (score)\nerror: cannot read none.json: No such file or directory (os error 2)\n"), "{}", refused.stderr);
}

#[test]
fn what_is_finished_is_not_done_again() {
    let root = folder();
    let served = Canned::start(vec![completion(Some("yes"), "stop")]);
    let line = format!("--tasks AVM,AVH --model-path m --base-url {}", served.base_url);
    evaluate(root.path(), &line).expect(0);
    assert_eq!(served.requests(), 12);
    let before = contents(root.path());
    let again = evaluate(root.path(), &line).expect(0);
    assert_eq!(served.requests(), 12, "nothing was asked again");
    for words in
        ["nothing was left to ask", "refine  unchanged", "score   unchanged", "report  unchanged"]
    {
        assert!(again.stdout.contains(words), "{words}: {}", again.stdout);
    }
    let after = contents(root.path());
    let scores = |files: &std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>| {
        let of_scores = |path: &std::path::PathBuf| path.starts_with("eval_outputs");
        files
            .iter()
            .filter(|(path, _)| of_scores(path))
            .map(|(a, b)| (a.clone(), b.clone()))
            .collect::<Vec<_>>()
    };
    assert!(scores(&before) == scores(&after));

    // A page that is gone is made again, of the same scores.
    std::fs::remove_file(root.path().join("eval_outputs/m.report.html")).unwrap();
    let made = evaluate(root.path(), &line).expect(0);
    assert!(made.stdout.contains("score   unchanged"), "{}", made.stdout);
    assert!(made.stdout.contains("report  one page made"), "{}", made.stdout);

    // Another answer moves the scores, and the page with them.
    let tasks = root.path().join("user_outputs_refined/m/tasks/AVM.json");
    std::fs::remove_file(&tasks).unwrap();
    std::fs::remove_file(root.path().join("user_outputs_refined/m/journal/AVM.jsonl")).unwrap();
    std::fs::remove_file(root.path().join("eval_outputs/m.json")).unwrap();
    let moved = evaluate(root.path(), &line).expect(0);
    assert!(moved.stdout.contains("score   official and strict"), "{}", moved.stdout);
    assert_eq!(served.requests(), 12);
}

#[test]
fn samples_that_fail_are_told_by_the_exit_code_and_asked_again() {
    let root = folder();
    let faults = ["--model", "chance", "--fault", "status status=400 first_requests=3"];
    let served = Served::start_with(&faults);
    let line = format!("--tasks AVM --model-path m --base-url {}", served.base_url);
    let ended = evaluate(root.path(), &line).expect(2);
    assert!(ended.stdout.contains("3 of 6 samples answered, 3 rejected"), "{}", ended.stdout);
    assert!(root.path().join("eval_outputs/m.report.html").exists());
    let ended = evaluate(root.path(), &line).expect(0);
    assert!(ended.stdout.contains("6 of 6 samples answered, 3 of them"), "{}", ended.stdout);
}

#[test]
fn a_step_that_cannot_go_on_is_named() {
    let root = folder();
    let failing = Served::start_with(&["--model", "chance", "--fault", "status status=400"]);
    let line = format!("--tasks AVM --model-path none --base-url {}", failing.base_url);
    let ended = evaluate(root.path(), &line).expect(2);
    assert!(ended.stderr.contains("nothing was answered"), "{}", ended.stderr);
    assert!(ended.stderr.contains("goes on with step 2 of 5 (run)"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");

    let served = Served::start_with(&["--model", "chance", "--deaf", "--blind"]);
    let mut command = avibench(root.path());
    command.env_remove(NO_PROBE);
    command.args(["evaluate", "--tasks", "AVM", "--model-path", "m", "--require", "hear"]);
    command.args(["--base-url", &served.base_url, "--data-root"]).arg(smoke_set());
    let ended = Ended::from(command.output().unwrap()).expect(3);
    assert!(ended.stderr.contains("begins step 1 of 5 (probe) again"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    assert!(!root.path().join("user_outputs/m/tasks").exists());

    let answers = Canned::start(vec![completion(Some("a long answer that no rule reads"), "stop")]);
    let line = format!(
        "--tasks AMIC --model-path m --base-url {} --refine llm --refine-base-url http://127.0.0.1:1/v1 \
         --max-wait 1s --tries 1",
        answers.base_url
    );
    let ended = evaluate(root.path(), &line);
    assert!(ended.code == Some(1) || ended.code == Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("step 3 of 5 (refine)"), "{}", ended.stderr);
    let ended = run(root.path(), "evaluate --backend chance --data-root nowhere").expect(1);
    assert!(ended.stderr.contains("nowhere"), "{}", ended.stderr);
}

#[test]
fn the_refiner_is_asked_at_its_own_place() {
    let root = folder();
    let model = Canned::start(vec![completion(Some("I hear two dogs and a cat, I think"), "stop")]);
    let refiner = Canned::start(vec![completion(Some("{'dog': '2', 'cat': '1'}"), "stop")]);
    let line = format!(
        "--tasks AMIC --model-path m --base-url {} --param temperature=0 --refine-model r \
         --refine-base-url {}",
        model.base_url, refiner.base_url
    );
    let ended = evaluate(root.path(), &line).expect(0);
    assert_eq!(model.requests(), 6);
    assert!(refiner.requests() >= 1, "{}", ended.stderr);
    assert!(ended.stdout.contains("formatted by hybrid"), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("asking") && ended.stdout.contains("formatting"),
        "{}",
        ended.stdout
    );
    let manifest = read(&root.path().join("user_outputs_refined/m/run.json"));
    assert_eq!(manifest["model"], "r", "{manifest}");
    assert_eq!(manifest["parameters"], serde_json::json!({}));
}

#[test]
fn an_interrupt_says_which_step_comes_next() {
    let root = folder();
    let served = Served::start_with(&["--model", "chance", "--fault", "latency ms=300"]);
    let line = format!(
        "evaluate --tasks AVM,AVL,AVH --concurrency 2 --model-path m --base-url {} --data-root {}",
        served.base_url,
        smoke_set().display()
    );
    let child = begin(root.path(), &line);
    let journal = root.path().join("user_outputs/m/journal/AVM.jsonl");
    let begun = Instant::now();
    while std::fs::metadata(&journal).map_or(0, |file| file.len()) == 0 {
        assert!(begun.elapsed() < Duration::from_mins(1), "nothing is answered");
        std::thread::sleep(Duration::from_millis(5));
    }
    crate::reliability::interrupt(&child);
    let ended = Ended::from(child.wait_with_output().unwrap()).expect(130);
    assert!(ended.stderr.contains("goes on with step 2 of 5 (run)"), "{}", ended.stderr);
    assert!(!root.path().join("user_outputs_refined").exists());
    let ended = run(root.path(), &line).expect(0);
    assert!(ended.stdout.contains("18 of 18 samples answered, "), "{}", ended.stdout);
    assert!(ended.stdout.contains("of them from earlier"), "{}", ended.stdout);
}

#[test]
fn a_dry_run_sends_nothing() {
    let root = folder();
    let served = Canned::start(vec![completion(Some("yes"), "stop")]);
    let line = format!("--tasks AVM --dry-run --model-path m --base-url {}", served.base_url);
    let ended = evaluate(root.path(), &line).expect(0);
    assert!(ended.stdout.contains("AVM") && served.requests() == 0, "{}", ended.stdout);
    assert!(contents(root.path()).is_empty());
}
