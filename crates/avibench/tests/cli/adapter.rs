//! Adapters by name and by file: the program brings the Python worker along, finds an interpreter, and
//! says what is wrong with an adapter.

use std::path::Path;

use serde_json::Value;

use crate::program::{Ended, avibench, folder, smoke_set};

const PAGE: &str = include_str!("../../../../docs/adapters.md");

/// Python code in the page about adapters.
fn example() -> String {
    let code = PAGE.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(code.contains("def set_model") && code.contains("def get_response"));
    code.to_owned()
}

fn put(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// `run` on one folder of the smoke set, with these variables.
fn ask(root: &Path, more: &[&str], variables: &[(&str, &str)]) -> Ended {
    let mut command = avibench(root);
    command.args(["run", "--tasks", "AVM", "--data-root"]).arg(smoke_set()).args(more);
    for (name, value) in variables {
        command.env(name, value);
    }
    command.output().unwrap().into()
}

fn answers(root: &Path, label: &str) -> Vec<String> {
    let path = root.join(format!("user_outputs/{label}/tasks/AVM.json"));
    let slots: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let slots = slots.as_array().unwrap().iter();
    slots.map(|slot| slot["predict"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_example_of_the_documentation_answers_by_name_and_by_file() {
    let root = folder();
    put(root.path(), "models/example/run.py", &example());
    put(root.path(), "else where/it.py", &example());
    ask(root.path(), &["--model-path", "weights/v1"], &[("MODEL_BACKEND", "example")]).expect(0);
    ask(root.path(), &["--backend", "adapter:else where/it.py"], &[]).expect(0);
    for label in ["weights_v1", "it"] {
        let all = answers(root.path(), label);
        assert_eq!(all.len(), 6);
        assert!(all.iter().all(|answer| answer.starts_with("yes, 1 media and ")), "{all:?}");
    }
    let manifest =
        std::fs::read_to_string(root.path().join("user_outputs/weights_v1/run.json")).unwrap();
    assert!(manifest.contains("\"backend\": \"example\""), "{manifest}");
}

#[test]
fn an_adapter_gets_its_path_its_number_and_the_imports_of_the_original() {
    let root = folder();
    put(root.path(), "models/__init__.py", "");
    put(root.path(), "models/toy/__init__.py", "");
    put(root.path(), "models/toy/tools.py", "PREFIX = 'yes'\n");
    put(
        root.path(),
        "models/toy/run.py",
        "import os\nfrom models.toy.tools import PREFIX\nimport tools\n\
         def set_model(model_path):\n    return model_path, None\n\
         def get_response(conversation, processor, model):\n    \
         return f\"{PREFIX} {model} {os.environ['AVIBENCH_WORKER']}/{os.environ['AVIBENCH_WORKERS']}\"\n",
    );
    ask(root.path(), &["--backend", "toy", "--workers", "2", "--model-label", "none"], &[])
        .expect(0);
    for answer in answers(root.path(), "none") {
        assert!(answer == "yes None 1/2" || answer == "yes None 2/2", "{answer}");
    }
}

#[test]
fn what_is_wrong_with_an_adapter_is_said_once() {
    for (name, code, told) in [
        ("broken", "import no_such_module_at_all\n", "No module named 'no_such_module_at_all'"),
        ("syntax", "def set_model(:\n", "SyntaxError"),
        ("leaves", "raise SystemExit('not today')\n", "SystemExit: not today"),
        ("half", "def set_model(path):\n    return 1, 2\n", "has no function get_response()"),
        ("empty", "", "no function set_model() and no function get_response()"),
        (
            "weights",
            "def set_model(path):\n    raise OSError('no weights at ' + str(path))\n\
             def get_response(c, p, m):\n    return ''\n",
            "OSError: no weights at w",
        ),
    ] {
        let root = folder();
        put(root.path(), &format!("models/{name}/run.py"), code);
        let ended = ask(root.path(), &["--backend", name, "--model-path", "w"], &[]).expect(1);
        assert!(ended.stderr.contains(told), "{name}: {}", ended.stderr);
        assert_eq!(ended.stderr.matches(told).count(), 1, "{name}: {}", ended.stderr);
        assert!(!ended.stderr.contains("3 times"), "{name}: {}", ended.stderr);
    }
}

#[test]
fn an_adapter_that_is_not_there_is_named() {
    let root = folder();
    let ended = ask(root.path(), &["--backend", "chnce"], &[]).expect(1);
    for words in ["no backend `chnce`", "models/chnce/run.py", "signal", "adapter:FILE.py"] {
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    let ended = ask(root.path(), &["--backend", "adapter:gone.py"], &[]).expect(1);
    assert!(ended.stderr.contains("there is no adapter gone.py"), "{}", ended.stderr);
    let ended = ask(root.path(), &["--backend", "../toy"], &[]).expect(1);
    assert!(ended.stderr.contains("name of a folder below models/"), "{}", ended.stderr);
}

#[cfg(unix)]
#[test]
fn the_interpreter_is_chosen_by_the_variable_then_by_the_environment() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = folder();
    put(root.path(), "models/toy/run.py", &example());
    // Interpreters that note who they are.
    for name in ["venv", "own"] {
        let script = format!(
            "#!/bin/sh\necho x >> '{}/{name}.used'\nexec python3 \"$@\"\n",
            root.path().display()
        );
        put(root.path(), &format!("{name}/bin/python"), &script);
        let path = root.path().join(name).join("bin/python");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let used = |name: &str| root.path().join(format!("{name}.used")).exists();
    let venv = root.path().join("venv").display().to_string();
    let own = root.path().join("own/bin/python").display().to_string();
    ask(root.path(), &["--backend", "toy", "--model-label", "a"], &[("VIRTUAL_ENV", &venv)])
        .expect(0);
    assert!(used("venv") && !used("own"));
    std::fs::remove_file(root.path().join("venv.used")).unwrap();
    let both = [("VIRTUAL_ENV", venv.as_str()), ("AVIBENCH_PYTHON", own.as_str())];
    ask(root.path(), &["--backend", "toy", "--model-label", "b"], &both).expect(0);
    assert!(used("own") && !used("venv"));

    let gone = [("AVIBENCH_PYTHON", "/no/such/python")];
    let ended = ask(root.path(), &["--backend", "toy", "--model-label", "c"], &gone).expect(1);
    for words in ["cannot start Python as `/no/such/python`", "chosen by AVIBENCH_PYTHON"] {
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    let other = [("AVIBENCH_PYTHON", "true")];
    let ended = ask(root.path(), &["--backend", "toy", "--model-label", "c"], &other).expect(1);
    assert!(ended.stderr.contains("does not work as Python"), "{}", ended.stderr);
}
