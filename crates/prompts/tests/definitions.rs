//! A definitions file read as data, against what Python itself makes of it.

use std::path::{Path, PathBuf};

use avibench_prompts::{NotAsked, PromptPack, PromptWarning};
use avibench_protocol::{Folder, Position, Sample};
use serde::Deserialize;
use serde_json::{Value, json};

/// What `expected.py` wrote.
#[derive(Deserialize)]
struct Expected {
    tables: Vec<Table>,
    /// Texts as data.json has them, and as questions show them.
    texts: Vec<(Value, String)>,
}

/// The keys of a folder; every two of them make a question.
#[derive(Deserialize)]
struct Table {
    folder: Folder,
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    #[serde(rename = "key")]
    value: Value,
    /// The first piece of a question whose `prompt` this is; `None` where the original stops.
    prompt: Option<String>,
    /// The second piece of one whose `options` it is.
    options: Option<String>,
    /// Whether the key stands in the question as it is.
    leaked: bool,
}

fn definitions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/definitions/definitions.py")
}

fn expected() -> Expected {
    serde_json::from_str(include_str!("definitions/expected.json")).expect("expected.py wrote it")
}

fn sample(folder: Folder, question: &Value) -> Sample {
    let record = json!({"id": "0", "task": folder.name(), "input": {"question": question}});
    Sample::from_json(folder, Position(0), &record).expect("a valid record")
}

fn leaked(folder: Folder, keys: &[&Key]) -> Vec<PromptWarning> {
    let of_question = keys.iter().filter(|key| key.leaked).map(|key| {
        let key = match &key.value {
            Value::String(text) => text.clone(),
            Value::Bool(bit) => if *bit { "True" } else { "False" }.to_owned(),
            other => other.to_string(),
        };
        PromptWarning::Leaked { folder, key }
    });
    of_question.collect()
}

fn check(pack: &PromptPack) {
    let Expected { tables, texts } = expected();
    let mut asked = 0;
    for Table { folder, keys } in &tables {
        for (prompt, options) in keys.iter().flat_map(|p| keys.iter().map(move |o| (p, o))) {
            for (text, written) in &texts {
                let question =
                    json!({"prompt": prompt.value, "options": options.value, "text": text});
                let prompted = pack.prompt(&sample(*folder, &question));
                let (Some(first), Some(second)) = (&prompt.prompt, &options.options) else {
                    assert!(prompted.is_err(), "{question}");
                    continue;
                };
                let prompted = prompted.expect("nothing on which the original stops");
                assert_eq!(prompted.text, [first, second, written].map(String::as_str).join(". "));
                assert_eq!(prompted.warnings, leaked(*folder, &[prompt, options]), "{question}");
                asked += 1;
            }
        }
    }
    assert!(asked > 15_000, "{asked} questions");
}

#[test]
fn questions_are_letter_for_letter_the_originals() {
    check(&PromptPack::load(&definitions()).unwrap());
}

#[test]
fn a_definitions_pack_survives_its_export() {
    let pack = PromptPack::load(&definitions()).unwrap();
    let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    std::fs::write(file.path(), pack.export()).unwrap();
    let again = PromptPack::load(file.path()).unwrap();
    assert_eq!(again.hash(), pack.hash());
    check(&again);
}

#[test]
fn where_the_original_stops_nothing_is_asked() {
    let pack = PromptPack::load(&definitions()).unwrap();
    let question = json!({"prompt": "x", "options": "number", "text": "Is it?"});
    let why = |sample: &Sample| pack.prompt(sample).expect_err("nothing to ask").to_string();
    assert_eq!(
        why(&sample(Folder::Avm, &question)),
        "the options `number` of AVM lead to `3`, where the original stops; correct data.json or \
         the definitions"
    );
    assert!(why(&sample(Folder::Avr, &question)).contains("no entry `AVR`"));
    let question = json!({"prompt": ["x"], "text": "Is it?"});
    assert_eq!(
        why(&sample(Folder::Avm, &question)),
        "`input.question.prompt` should be a string or null, but is an array of 1, so it cannot be \
         asked; correct data.json"
    );
    let mut other = sample(Folder::Avm, &json!({"text": "Is it?"}));
    assert_eq!(pack.prompt(&other).expect("a question").text, ". . Is it?");
    for (task, found) in [(Some("AVH"), "the string \"AVH\""), (None, "absent")] {
        other.task = task.map(str::to_owned);
        assert_eq!(
            why(&other),
            format!(
                "`task` should be the name of the folder, but is {found}, so it cannot be asked; \
                 correct data.json"
            )
        );
    }
    let mut void = sample(Folder::VsqaI, &json!({"text": null}));
    assert_eq!(pack.prompt(&void).expect("a question").text, ". . None");
    void.id = "pre_0".to_owned();
    assert_eq!(pack.prompt(&void), Err(NotAsked::VoidCheck));
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
    let hint = "; write the value out as a literal";
    assert_eq!(
        error("import os\n\nhavib_constants = {'AVL': {'p': os.environ['X']}}\n"),
        format!(
            "line 3: cannot read `havib_constants`: it depends on `os`: it is imported (line \
             1){hint}"
        )
    );
    assert_eq!(
        error("x = 'a'\nhavib_constants = {\n  'AVL': x,\n  'AVM': load(x),\n}\n"),
        format!(
            "line 4: cannot read `havib_constants`: calls are not read: nothing is executed{hint}"
        )
    );
    assert_eq!(
        error("havib_constants = {}\nfor i in range(3):\n    havib_constants['x'] = i\n"),
        format!(
            "line 2: cannot read `havib_constants`: this kind of statement is not read: nothing is \
             executed{hint}"
        )
    );
    assert!(error("prompt_avl = 'x'\n").contains("assigns no `havib_constants`"));
    assert_eq!(
        error("\nhavib_constants = 'x'\n"),
        "line 2: `havib_constants` should be a dict of dicts"
    );
    assert!(error("x = 'a\n").starts_with("line 1: not Python: "));
    assert!(error("\n\n\tx = (\n").starts_with("line 3: not Python: "));
}

#[test]
fn files_that_unfold_or_nest_without_end_are_refused() {
    let doubled: Vec<String> = (0..60).map(|i| format!("a{} = [a{i}, a{i}]", i + 1)).collect();
    let bomb = format!("a0 = 'x' * 1000\n{}\nhavib_constants = {{'x': a60}}\n", doubled.join("\n"));
    assert!(error(&bomb).contains("unfolds to more than 5000000 characters and values"));
    assert!(error("havib_constants = 'x' * 10**30\n").contains("line 1"));
    for piece in ["[", "(", "-", "1+", "f'{", "{1:", "x[", "not ", "lambda:"] {
        let content = format!("havib_constants = {}", piece.repeat(40_000 / piece.len()));
        assert!(error(&content).contains("line 1"), "{piece}");
    }
    let deep = format!("havib_constants = {}1{}\n", "(1,".repeat(10_000), ")".repeat(10_000));
    assert!(error(&deep).contains("line 1"));
    let long = format!("havib_constants = {}'x'\n", "'x' + ".repeat(20_000));
    assert!(error(&long).contains("nested too deeply"));
}

/// Text that grows by what is done to it, each line within the bounds of what a file may hold.
#[test]
fn growth_is_refused_before_it_happens() {
    let long = "a = 'x' * 400000\n";
    let targets = (0..20_000).map(|i| format!("a{i} = ")).collect::<Vec<_>>().concat();
    for growth in [
        "a.replace('x', a)",
        "a.replace('', a)",
        "a.join([\"\"] * 9 + [a])",
        "a.join(['', '', '', '', '', '', '', '', '', '', '', '', '', '', ''])",
        "('{0}' * 100000).format(a)",
        "('{0!r:.1}' * 100000).format(a)",
        "('{:>9999}' * 1000).format(*['' for i in a])",
        "('{0:>9999}' * 1000).format('')",
        "'x' * 10**30",
        "a * 400000",
        "f'{a * 9}{a * 9}'",
    ] {
        let message = error(&format!("{long}\nhavib_constants = {growth}\n"));
        let refused = message.contains("line 3") && message.contains("cannot read");
        assert!(refused, "{growth}: {message}");
    }
    for growth in
        ["a.replace('x', a)", "a.join(['a', a] + [a, a, a])", "('{0}' * 100000).format(a)"]
    {
        let message = error(&format!("{long}havib_constants = {growth}\n"));
        assert!(message.contains("line 2") && message.contains("more than 5000000"), "{message}");
    }
    let message = error(&format!("{long}{targets}havib_constants = a\n"));
    assert!(message.contains("line 2") && message.contains("more than 5000000"), "{message}");
}

/// Every name that depends on an unknown one has a reason of its own, which leads back to the first.
#[test]
fn reasons_of_long_chains_are_short() {
    let chain: Vec<String> = (1..30_000).map(|i| format!("a{i} = a{}\n", i - 1)).collect();
    let chain = chain.concat();
    let message = error(&format!("a0 = f()\n{chain}havib_constants = a29999\n"));
    assert!(message.contains("line 30001: cannot read `havib_constants`"), "{message}");
    assert!(message.contains("calls are not read") && message.len() < 1_000, "{message}");
    let name = "n".repeat(400_000);
    let targets = (0..20_000).map(|i| format!("a{i} = ")).collect::<Vec<_>>().concat();
    let message = error(&format!("{targets}havib_constants = {name}\n"));
    assert!(message.contains("was not assigned") && message.len() < 1_000, "{message}");
}
