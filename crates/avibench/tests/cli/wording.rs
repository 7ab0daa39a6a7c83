//! Whose words questions are put in, and that everybody is told.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{folder, run};

const DEFINITIONS: &str = "\
havib_constants = {
    'AVQA': {'prompt_avqa_is': 'Look and listen', 'avqa_options_list_is': ['yes', 'no', 'not sure']},
    'AVH': {'cls': 3},
}
";

/// A data set of questions without media, as the benchmark's own: nothing says it was generated.
fn data(root: &Path) {
    let question = |task: &str, id: &str, question: Value| {
        json!({"id": id, "task": task, "input": {"question": question},
            "output": {"question_answer": "yes"}})
    };
    let write = |folder: &str, records: Value| {
        let folder = root.join("data/levels/reasoning").join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("data.json"), records.to_string()).unwrap();
    };
    let listed = "avqa_options_list_is";
    write(
        "AVQA",
        json!([
            question(
                "AVQA",
                "0",
                json!({"prompt": "prompt_avqa", "options": listed, "text": "Is it?"})
            ),
            question("AVQA", "pre_1", json!({"text": null})),
            question("AVQA", "1", json!({"text": null})),
            question("AVQA", "2", json!({"prompt": ["x"], "text": "Is it?"})),
            question("AVQA", "3", json!({"options": 5, "text": "Is it?"})),
            question("AVQA", "4", json!({"options": listed})),
            question("AVH", "5", json!({"text": "Is it?"})),
        ]),
    );
    write("AVH", json!([question("AVH", "0", json!({"options": "cls", "text": "Is it?"}))]));
    write("VAH", json!([question("VAH", "0", json!({"text": "Is it?"}))]));
    std::fs::write(root.join("havib.py"), DEFINITIONS).unwrap();
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn both_wordings_stand_side_by_side() {
    let root = folder();
    data(root.path());
    let alone = run(root.path(), "prompts show --data-root data --tasks AVQA").expect(0);
    let text = "  text: Available options are: ['yes', 'no', 'not sure']. Is it?\n";
    assert!(alone.stdout.contains(text), "{}", alone.stdout);
    assert_eq!(alone.stderr, "", "no warning about a key of the benchmark's own data");

    let both = run(root.path(), "prompts show --data-root data --prompts havib.py").expect(0);
    assert!(both.stdout.lines().all(|line| line.chars().count() <= 80), "{}", both.stdout);
    for words in ["avibench's own words", "the benchmark's words (havib.py)", "prompt_avqa."] {
        assert!(both.stdout.contains(words), "{words}: {}", both.stdout);
    }
    assert!(both.stdout.contains("not asked:"), "{}", both.stdout);
    let texts: Vec<String> = (2..7)
        .map(|position| {
            let line = format!(
                "prompts show --data-root data --prompts havib.py --tasks AVQA --sample {position}"
            );
            let shown = run(root.path(), &line).expect(0).stdout;
            shown.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert!(texts[0].contains(". . None"), "{}", texts[0]);
    assert!(texts[1..].iter().all(|text| text.contains("not asked:")), "{texts:?}");
}

#[test]
fn a_run_says_whose_words_it_uses_and_scores_remember() {
    let root = folder();
    data(root.path());
    let own = run(root.path(), "run --backend chance --data-root data --model-label own").expect(2);
    assert!(own.stderr.contains("asked in avibench's own words"), "{}", own.stderr);
    assert!(own.stderr.contains("--prompts takes the benchmark's definitions"), "{}", own.stderr);
    let theirs = run(
        root.path(),
        "run --backend chance --data-root data --model-label theirs --prompts havib.py",
    )
    .expect(2);
    let line = "asked in the benchmark's words (havib.py)";
    assert!(theirs.stderr.contains(line), "{}", theirs.stderr);

    // What the original stops on is rejected by name; the void check is not asked at all.
    let manifest = read(&root.path().join("user_outputs/theirs/run.json"));
    assert_eq!(manifest["wording"], "benchmark");
    let rejected = |label: &str, folder: &str| {
        let manifest = read(&root.path().join("user_outputs").join(label).join("run.json"));
        manifest["folders"][folder]["rejected"].clone()
    };
    assert_eq!(["AVQA", "AVH", "VAH"].map(|folder| rejected("theirs", folder)), [4, 1, 1]);
    assert_eq!(["AVQA", "AVH", "VAH"].map(|folder| rejected("own", folder)), [1, 0, 0]);
    let slots = read(&root.path().join("user_outputs/theirs/tasks/AVQA.json"));
    let answered = |slot: &&Value| slot["predict"].is_string();
    assert_eq!(slots.as_array().unwrap().iter().filter(answered).count(), 2);

    run(root.path(), "refine --refine rules --data-root data").expect(0);
    let scored = run(root.path(), "score --data-root data").expect(0);
    let note =
        "Not asked in the benchmark's words, so not comparable with the published rows:\nown.";
    assert!(scored.stdout.contains(note), "{}", scored.stdout);
    for (label, source) in [("own", "embedded"), ("theirs", "benchmark")] {
        let report = read(&root.path().join("eval_outputs").join(format!("{label}.report.json")));
        assert_eq!(report["asking"]["wording"], source);
    }
}
