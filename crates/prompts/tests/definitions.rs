//! A definitions file read as data, against what Python itself makes of it.

use std::path::{Path, PathBuf};

use avibench_prompts::{PromptPack, PromptWarning};
use avibench_protocol::{Folder, Position, Sample};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Case {
    folder: Folder,
    prompt: Option<String>,
    options: Option<String>,
    text: String,
    leaked: Vec<String>,
}

fn definitions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/definitions/definitions.py")
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("definitions/expected.json")).expect("expected.py wrote it")
}

impl Case {
    fn check(&self, pack: &PromptPack) {
        let record = json!({"id": "0", "input": {"question":
            {"prompt": self.prompt, "options": self.options, "text": "Is it?"}}});
        let sample = Sample::from_json(self.folder, Position(0), &record).expect("a valid record");
        let asked = pack.prompt(&sample).expect("the sample has a text");
        assert_eq!(asked.text, self.text);
        let leaked = self
            .leaked
            .iter()
            .map(|key| PromptWarning::Leaked { folder: self.folder, key: key.clone() });
        assert_eq!(asked.warnings, leaked.collect::<Vec<_>>(), "{}", self.text);
    }
}

#[test]
fn prompts_are_character_for_character_what_python_makes() {
    let pack = PromptPack::load(&definitions()).unwrap();
    for case in cases() {
        case.check(&pack);
    }
}

#[test]
fn a_definitions_pack_survives_its_export() {
    let pack = PromptPack::load(&definitions()).unwrap();
    let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    std::fs::write(file.path(), pack.export()).unwrap();
    let again = PromptPack::load(file.path()).unwrap();
    assert_eq!(again.hash(), pack.hash());
    for case in cases() {
        case.check(&again);
    }
}

#[test]
fn what_is_passed_over_is_noted() {
    let pack = PromptPack::load(&definitions()).unwrap();
    let notes = pack.notes().join("\n");
    assert!(notes.contains("`BASE` passed over"), "{notes}");
    assert_eq!(pack.notes().len(), 2, "{notes}");
}

/// The message after the file's name, for a file with this content.
fn error(content: &str) -> String {
    let file = tempfile::Builder::new().suffix(".py").tempfile().expect("a temporary file");
    std::fs::write(file.path(), content).expect("a writable file");
    let message = PromptPack::load(file.path()).expect_err("this is no pack").to_string();
    message.split_once(".py, ").expect("file and line").1.to_owned()
}

#[test]
fn what_cannot_be_read_is_named_with_its_line() {
    let hint = "; write the value out as a literal, or leave it out";
    assert_eq!(
        error("import os\n\nprompt_avl = os.environ['X']\n"),
        format!(
            "line 3: cannot read `prompt_avl`: it depends on `os`: it is imported (line 1){hint}"
        )
    );
    assert_eq!(
        error("x = 'a'\nP = {\n  'prompt_avl': x,\n  'prompt_avm': load(x),\n}\n"),
        format!("line 4: cannot read `P`: calls are not read: nothing is executed{hint}")
    );
    assert_eq!(
        error("prompt_a = f'{unknown}'\n"),
        format!("line 1: cannot read `prompt_a`: `unknown` was not assigned before{hint}")
    );
    assert_eq!(
        error("for i in range(3):\n    prompt_a = 'x'\n"),
        format!(
            "line 1: cannot read `i`, `prompt_a`: this kind of statement is not read: nothing \
                 is executed{hint}"
        )
    );
    assert_eq!(
        error("A = {'AVL': {'prompt_avl': 'x'}}\nAVL_B = {'prompt_avl': 'y'}\n"),
        "line 2: `prompt_avl` says something else than on line 1; keep one of them"
    );
    assert!(error("x = 'a\n").starts_with("line 1: not Python: "));
    assert!(error("\n\n\tx = (\n").starts_with("line 3: not Python: "));
}

#[test]
fn files_that_unfold_or_nest_without_end_are_refused() {
    let doubled: Vec<String> = (0..60).map(|i| format!("a{} = [a{i}, a{i}]", i + 1)).collect();
    let bomb = format!("a0 = 'x' * 1000\n{}\n", doubled.join("\n"));
    assert!(error(&bomb).contains("unfolds to too much text"));
    assert!(error("prompt_x = 'x' * 10**30\n").contains("line 1"));
    for piece in ["[", "(", "-", "1+", "f'{", "{1:", "x[", "not ", "lambda:"] {
        let content = format!("prompt_x = {}", piece.repeat(40_000 / piece.len()));
        assert!(error(&content).contains("line 1"), "{piece}");
    }
    let deep = format!("prompt_x = {}1{}\n", "(1,".repeat(10_000), ")".repeat(10_000));
    assert!(error(&deep).contains("line 1"));
    let long = format!("prompt_x = {}'x'\n", "'x' + ".repeat(20_000));
    assert!(error(&long).contains("nested too deeply"));
}
