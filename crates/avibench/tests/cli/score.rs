//! `score` on files that another program may have left.

use serde_json::{Value, json};

use crate::program::{contents, folder, run};

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

    let ended = run(root.path(), "score").expect(0);
    let text = std::fs::read_to_string(root.path().join("eval_outputs/m.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["perception"], json!({"avm": 1.0}));
    assert_eq!(file["understand"], json!({}));
    let printed = ended.stdout;
    assert!(printed.contains("Gemini-2.5-Pro (published)"), "{printed}");
    assert!(printed.contains("AVH is not scored: no predictions"), "{printed}");
    assert!(printed.contains("VAH is not scored:") && printed.contains("is not JSON"), "{printed}");
    assert!(printed.contains("AVC is not scored:") && printed.contains("FENSE"), "{printed}");
    assert!(printed.contains("AVL is not scored: no data"), "{printed}");

    let nothing = run(root.path(), "score --models absent").expect(1);
    assert!(nothing.stderr.contains("no answers under the label `absent`"), "{}", nothing.stderr);
    assert!(!contents(root.path()).keys().any(|path| path.ends_with("absent.json")));
}
