//! Caption models that are damaged or hostile cost the score of captions and nothing else.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Ended, VARIABLES, contents, folder};

/// A label with an answer to AVC and one to AVM, both to be scored.
fn two_tasks(root: &Path) {
    let record = |answer: Value, options: &str| {
        json!([{"id": "0", "input": {"question": {"text": "?", "options": options}},
            "output": {"question_answer": answer}}])
    };
    let answer = |text: &str| json!([{"id": "0", "predict": text}]);
    for (path, content) in [
        ("levels/perception/AVM/data.json", record(json!("yes"), "avm_options_list")),
        ("levels/understand/AVC/data.json", record(json!("a dog barks"), "")),
        ("user_outputs_refined/m/tasks/AVM.json", answer("yes")),
        ("user_outputs_refined/m/tasks/AVC.json", answer("a dog barks loud")),
    ] {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content.to_string()).unwrap();
    }
}

/// Copies the tiny models that the caption crate is tested with.
fn models(root: &Path) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fense/tests/data");
    for (path, content) in contents(&data) {
        let path = root.join("models").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}

/// `score` with 3 GB of address space, and what it wrote.
fn score(root: &Path) -> (Ended, Value) {
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -v 3000000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_avibench")]);
    command.args(["score", "--fense-models", "models"]).current_dir(root);
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.env("HF_HUB_OFFLINE", "1").env("NO_COLOR", "1");
    // Each thread reserves address space, which a machine with many of them would run out of.
    command.env("RAYON_NUM_THREADS", "2").env("MALLOC_ARENA_MAX", "2");
    let ended = Ended::from(command.output().unwrap());
    let file = std::fs::read(root.join("eval_outputs/m.json")).unwrap_or_default();
    (ended, serde_json::from_slice(&file).unwrap_or_default())
}

/// Changes a JSON file of the models.
fn change(root: &Path, file: &str, edit: impl FnOnce(&mut Value)) {
    let path = root.join("models").join(file);
    let mut value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    edit(&mut value);
    std::fs::write(path, value.to_string()).unwrap();
}

#[test]
fn tokenizers_unlike_berts_leave_captions_unscored() {
    let nested = (0..100).fold(
        json!({"type": "Lowercase"}),
        |inner, _| json!({"type": "Sequence", "normalizers": [inner]}),
    );
    let backtracking = json!({"type": "Split", "pattern": {"Regex": "(a|a)*$"},
        "behavior": "Isolated", "invert": false});
    let precompiled = json!({"type": "Precompiled", "precompiled_charsmap": "//////8="});
    let beyond = json!([{"id": u32::MAX, "content": "[NEW]", "single_word": false,
        "lstrip": false, "rstrip": false, "normalized": false, "special": true}]);
    for (field, value, said) in [
        ("/added_tokens", beyond, "added_tokens[0].content"),
        ("/model/vocab/dog", json!(u32::MAX), "has id 4294967295"),
        ("/model/unk_token", json!("nowhere"), "model.unk_token"),
        ("/model/type", json!("Unigram"), "model.type"),
        ("/normalizer", precompiled, "normalizer.type"),
        ("/normalizer", nested, "normalizer.type"),
        ("/pre_tokenizer", backtracking, "pre_tokenizer.type"),
        ("/post_processor/special_tokens/[CLS]/ids", json!([u32::MAX]), "has id 4294967295"),
    ] {
        let root = folder();
        two_tasks(root.path());
        models(root.path());
        change(root.path(), "sbert/tokenizer.json", |root| {
            *root.pointer_mut(field).unwrap() = value;
        });
        let (ended, file) = score(root.path());
        let ended = ended.expect(2);
        assert_eq!(file["perception"], json!({"avm": 1.0}), "{}", ended.stderr);
        assert_eq!(file["understand"], json!({}));
        // Tables are folded, so words may stand on two lines.
        let printed = ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(printed.contains("AVC is not scored:"), "{printed}");
        assert!(printed.contains("tokenizer.json") && printed.contains(said), "{said}: {printed}");
    }
}

#[test]
fn what_is_not_needed_of_a_tokenizer_is_not_read() {
    let root = folder();
    two_tasks(root.path());
    models(root.path());
    let (before, whole) = score(root.path());
    before.expect(0);
    change(root.path(), "sbert/tokenizer.json", |tokenizer| {
        tokenizer["padding"] = json!({"strategy": {"Fixed": 4_000_000_000_u32},
            "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0,
            "pad_token": "[PAD]"});
        tokenizer["truncation"] = json!({"max_length": 0, "stride": 9});
        tokenizer["decoder"] = json!({"type": "Unheard"});
    });
    let (after, file) = score(root.path());
    after.expect(0);
    assert!(whole["understand"]["avc"]["fense"].is_f64());
    assert_eq!(file, whole);
}

/// What is done to the models in a folder.
type Damage = Box<dyn FnOnce(&Path)>;

#[test]
fn hostile_weights_and_configurations_leave_captions_unscored() {
    let sparse = |name: &str, begin: &[u8], length: u64| {
        let (name, begin) = (name.to_owned(), begin.to_owned());
        move |root: &Path| {
            let path = root.join("models").join(&name);
            std::fs::write(&path, &begin).unwrap();
            let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(length).unwrap();
        }
    };
    let number = |file: &'static str, field: &'static str, value: Value| {
        move |root: &Path| change(root, file, |config| config[field] = value)
    };
    let text = |file: &'static str, text: &'static str| {
        move |root: &Path| std::fs::write(root.join("models").join(file), text).unwrap()
    };
    let tensor = br#"{"embeddings.word_embeddings.weight":{"dtype":"F32","shape":[2147483648],"data_offsets":[0,8589934592]}}"#;
    let mut safetensors = (tensor.len() as u64).to_le_bytes().to_vec();
    safetensors.extend(tensor);
    let length = safetensors.len() as u64 + (8 << 30);
    let header = (6_u64 << 30).to_le_bytes();
    let damages: [(Damage, &str); 11] = [
        (Box::new(sparse("sbert/config.json", b"{", 8 << 30)), "config.json: it is larger than"),
        (
            Box::new(sparse("sbert/tokenizer.json", b"{", 8 << 30)),
            "tokenizer.json: it is larger than",
        ),
        (Box::new(sparse("sbert/model.safetensors", &header, 8 << 30)), "a header of 6442450944"),
        (Box::new(sparse("sbert/model.safetensors", &safetensors, length)), "has shape"),
        (Box::new(sparse("echecker.ckpt", b"PK\x03\x04", 8 << 30)), "echecker.ckpt"),
        (Box::new(text("echecker.ckpt", "\u{80}")), "echecker.ckpt"),
        (
            Box::new(number("sbert/config.json", "hidden_size", json!(200_000))),
            "weights, more than",
        ),
        (Box::new(number("sbert/config.json", "num_hidden_layers", json!(1e300))), "is no size"),
        (Box::new(number("sbert/config.json", "max_position_embeddings", json!(2))), "too short"),
        (Box::new(text("sbert/config.json", "{'model_type': 'bert'}")), "how Python prints values"),
        (Box::new(text("sbert/1_Pooling/config.json", "[")), "1_Pooling/config.json: is not JSON"),
    ];
    for (damage, said) in damages {
        let root = folder();
        two_tasks(root.path());
        models(root.path());
        damage(root.path());
        let (ended, file) = score(root.path());
        let ended = ended.expect(2);
        assert_eq!(file["perception"], json!({"avm": 1.0}), "{said}: {}", ended.stderr);
        let printed = ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(printed.contains("AVC is not scored:"), "{printed}");
        assert!(printed.contains(said), "{said}: {printed}");
    }
}

#[test]
fn configurations_that_python_wrote_are_read() {
    let root = folder();
    two_tasks(root.path());
    models(root.path());
    let (before, whole) = score(root.path());
    before.expect(0);
    for file in ["sbert/config.json", "sbert/tokenizer_config.json", "echecker_base/config.json"] {
        let path = root.path().join("models").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let rest = text.strip_prefix('{').unwrap();
        let odd = "\"loss\": NaN, \"limit\": Infinity, \"name\": \"\\ud800\",";
        std::fs::write(path, format!("\u{feff}{{{odd}{rest}")).unwrap();
    }
    let (after, file) = score(root.path());
    after.expect(0);
    assert!(whole["understand"]["avc"]["fense"].is_f64());
    assert_eq!(file, whole);
}
