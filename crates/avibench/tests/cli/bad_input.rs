//! Bad input: one clear error that names the place and the mend, and no damage.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Served, avibench, contents, folder, run, smoke_set};

/// A copy of one folder of the smoke set, to be spoilt.
pub(crate) fn copied(root: &Path, folder: &str) -> std::path::PathBuf {
    let from = smoke_set().join("levels").join(folder);
    let to = root.join("data/levels").join(folder);
    for (path, content) in contents(&from) {
        let path = to.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    to
}

pub(crate) fn change(data: &Path, edit: impl FnOnce(&mut Value)) {
    let path = data.join("data.json");
    let mut records: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    edit(&mut records);
    std::fs::write(path, records.to_string()).unwrap();
}

const CHANCE: &str = "run --backend chance --data-root data --tasks AVM";

#[test]
fn data_that_cannot_be_used_is_named_with_its_place() {
    let root = folder();
    let ended = run(root.path(), "run --backend chance --data-root nowhere").expect(1);
    assert!(ended.stderr.contains("no dataset folder nowhere"), "{}", ended.stderr);

    let data = copied(root.path(), "perception/AVM");
    let file = data.join("data.json");
    for (content, message) in [
        ("[{\"id\": ", "is not JSON: it ends too early at line 1, column 9; the file is cut off"),
        ("[{'id': 1}]", "at line 1, column 3; this is how Python prints values"),
        ("{\"id\": 1}\n{\"id\": 2}\n", "is not JSON: it is JSON Lines"),
        ("[\0{\0\"\0i\0d\0", "it is text in UTF-16; save it as UTF-8"),
        ("<html><body>404", "is not JSON: it is an HTML page"),
        ("version https://git-lfs.github.com/spec/v1\n", "run `git lfs pull`"),
        ("", "is not JSON: it is empty"),
        ("{}", "should hold a JSON array of samples, but holds an object"),
        ("[]", "holds no samples"),
    ] {
        std::fs::write(&file, content).unwrap();
        let ended = run(root.path(), CHANCE).expect(1);
        assert!(ended.stderr.contains("AVM/data.json"), "{}", ended.stderr);
        assert!(ended.stderr.contains(message), "{}", ended.stderr);
        assert!(!root.path().join("user_outputs").exists(), "nothing is left behind");
    }
    let ended = run(root.path(), "run --backend chance --data-root data --tasks AVMM").expect(1);
    assert!(ended.stderr.contains("did you mean `AVM`?"), "{}", ended.stderr);
    let ended = run(root.path(), "run --backend chance --data-root data --tasks AVL").expect(1);
    assert!(ended.stderr.contains("AVL is not in the data set"), "{}", ended.stderr);
}

#[test]
fn a_record_of_another_shape_costs_no_other() {
    let root = folder();
    let data = copied(root.path(), "perception/AVM");
    change(&data, |records| {
        records[0]["input"]["video"] = json!(7);
        records[1] = json!("no record");
        records[2]["output"]["question_answer"] = json!(4);
    });
    let ended = run(root.path(), CHANCE).expect(2);
    assert!(ended.stderr.contains("`input.video` should be a string or null"), "{}", ended.stderr);
    let tasks = root.path().join("user_outputs/chance/tasks/AVM.json");
    let slots: Value = serde_json::from_slice(&std::fs::read(tasks).unwrap()).unwrap();
    assert_eq!([&slots[0], &slots[1]], [&Value::Null; 2]);
    assert!(slots[2]["predict"].is_string());
    run(root.path(), "refine --refine rules --data-root data").expect(0);
    run(root.path(), "score --data-root data").expect(0);
}

#[test]
fn media_that_are_missing_or_lead_elsewhere_are_never_sent() {
    let root = folder();
    let data = copied(root.path(), "perception/AVM");
    change(&data, |records| {
        records[0]["input"]["video"] = json!("../../../../../../etc/passwd");
        records[1]["input"]["video"] = json!("./input/videos/absent.mp4");
    });
    let ended = run(root.path(), CHANCE).expect(2);
    assert!(ended.stderr.contains("leaves its task folder"), "{}", ended.stderr);
    let tasks = root.path().join("user_outputs/chance/tasks/AVM.json");
    let slots: Value = serde_json::from_slice(&std::fs::read(tasks).unwrap()).unwrap();
    assert_eq!([&slots[0], &slots[1]], [&Value::Null; 2]);
    assert!(slots[2]["predict"].is_string());
}

#[test]
fn servers_that_refuse_or_are_not_there_stop_the_run_without_damage() {
    let root = folder();
    let line = |url: &str| {
        format!(
            "run --base-url {url} --model-path m --tasks AVM --tries 2 --data-root {}",
            smoke_set().display()
        )
    };
    let ended = run(root.path(), &line("https://example.invalid/v1")).expect(1);
    assert!(ended.stderr.contains("no API key: set OPENAI_API_KEY"), "{}", ended.stderr);

    let ended = run(root.path(), &line("not-a-url")).expect(1);
    assert!(
        ended.stderr.contains("not-a-url") || ended.stderr.contains("no API key"),
        "{}",
        ended.stderr
    );

    // A port that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let ended = run(root.path(), &line(&format!("http://127.0.0.1:{port}/v1"))).expect(1);
    assert!(ended.stderr.contains("is the server running"), "{}", ended.stderr);

    let without_model =
        format!("run --base-url http://127.0.0.1:{port}/v1 --data-root {}", smoke_set().display());
    let ended = run(root.path(), &without_model).expect(1);
    assert!(ended.stderr.contains("no model: name it with --model-path"), "{}", ended.stderr);
}

#[test]
fn statuses_that_no_retry_mends_are_said_in_the_servers_words() {
    let data = smoke_set();
    for (fault, code, message) in [
        ("status status=401", 1, "does not accept the API key"),
        ("quota", 1, "out of quota"),
        ("status status=404", 2, "request refused"),
        ("status status=500", 2, "server error (5xx)"),
    ] {
        let root = folder();
        let served = Served::start_with(&["--model", "chance", "--fault", fault]);
        let line = format!(
            "run --base-url {} --model-path m --tasks AVM --n-samples 2 --tries 2 --data-root {}",
            served.base_url,
            data.display()
        );
        let ended = run(root.path(), &line).expect(code);
        assert!(ended.stderr.contains(message), "{fault}: {}", ended.stderr);
        let tasks = root.path().join("user_outputs/m/tasks/AVM.json");
        if let Ok(text) = std::fs::read_to_string(tasks) {
            let slots: Value = serde_json::from_str(&text).unwrap();
            assert!(slots.as_array().unwrap().iter().all(Value::is_null), "{fault}: {text}");
        }
    }
}

#[test]
fn answers_of_the_wrong_shape_are_named() {
    let root = folder();
    let tasks = root.path().join("user_outputs_refined/m/tasks");
    std::fs::create_dir_all(&tasks).unwrap();
    std::fs::write(tasks.join("AVM.json"), "[nul").unwrap();
    let line = format!("score --data-root {}", smoke_set().display());
    let ended = run(root.path(), &line).expect(1);
    assert!(ended.stderr.contains("nothing of `m` can be scored"), "{}", ended.stderr);
    let ended = run(root.path(), "score --data-root nowhere").expect(1);
    assert!(ended.stderr.contains("no dataset folder nowhere"), "{}", ended.stderr);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_named_before_anything_is_asked() {
    let root = folder();
    std::fs::write(root.path().join("user_outputs"), b"a file where a folder belongs").unwrap();
    let line = format!("run --backend chance --tasks AVM --data-root {}", smoke_set().display());
    let ended = run(root.path(), &line).expect(1);
    assert!(ended.stderr.contains("user_outputs"), "{}", ended.stderr);
}

#[test]
fn a_key_given_as_a_flag_is_not_repeated() {
    let root = folder();
    let key = "sk-0123456789abcdef";
    for words in [["--api-key", key], ["--token", key], ["--api-key-file", key]] {
        let arguments = ["run", "--base-url", "http://127.0.0.1:9/v1", "--model-path", "m"];
        let mut command = avibench(root.path());
        command.args(arguments).args(words).arg("--data-root").arg(smoke_set());
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("OPENAI_API_KEY") && !said.contains(key), "{said}");
    }
}

#[test]
fn usage_errors_are_no_failed_samples() {
    let root = folder();
    let ended = run(root.path(), "run --profile gemini").expect(1);
    let message = "unknown profile `gemini`; known: gateway, vllm, openai";
    assert!(ended.stderr.contains(message), "{}", ended.stderr);
    let output = avibench(root.path()).arg("run").env("CONCURRENCY", "none").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("expected a whole number from 1 to 65535"), "{said}");
    run(root.path(), "--help").expect(0);
    run(root.path(), "--version").expect(0);
    let key = "sk-not-to-be-seen-anywhere";
    let output =
        avibench(root.path()).args(["run", "--help"]).env("OPENAI_API_KEY", key).output().unwrap();
    assert!(!String::from_utf8(output.stdout).unwrap().contains(key));
}

#[test]
fn numbers_out_of_range_are_refused_with_the_range() {
    let root = folder();
    let (time, dollars) = ("at most 86400 (a day)", "an amount of US dollars from 0 to 1000000000");
    for (line, range) in [
        ("run --workers", "from 1 to 1024"),
        ("run --concurrency", "from 1 to 65535"),
        ("smoke --concurrency", "from 1 to 65535"),
        ("refine --concurrency", "from 1 to 65535"),
        ("run --frames", "from 1 to 1024"),
        ("run --frame-size", "from 1 to 8192"),
        ("run --sample-rate", "from 4000 to 192000"),
        ("run --tries", "from 1 to 1000"),
        ("run --rpm", "from 1 to 10000000"),
        ("run --tpm", "from 1 to 1000000000000"),
        ("run --max-inflight-mib", "from 1 to 1048576"),
        ("run --n-samples", "from 1 to 10000000"),
        ("smoke --n-samples", "from 1 to 10000000"),
        ("run --timeout", time),
        ("run --connect-timeout", time),
        ("refine --timeout", time),
        ("run --max-wait", "at most 168h"),
        ("run --max-cost", dollars),
        ("run --chance-seed", "from 0 to 18446744073709551615"),
        ("run --ablation-seed", "from 0 to 18446744073709551615"),
        ("run --ablation-cache-mib", "from 0 to 16777216"),
        ("run --subset-seed", "from 0 to 18446744073709551615"),
        ("run --subset", "above 0 and below 1"),
        ("probe --seed", "from 0 to 18446744073709551615"),
        ("demo --seed", "from 0 to 18446744073709551615"),
        ("refine --judge-repeat", "from 2 to 100"),
        ("refine --judge-sample", "from 1 to 10000000"),
        ("refine --judge-seed", "from 0 to 18446744073709551615"),
        ("score --resamples", "from 1 to 1000000"),
        ("compare a b --resamples", "from 1 to 1000000"),
        ("score --seed", "from 0 to 18446744073709551615"),
        ("prompts show --sample", "from 0 to 10000000"),
        ("serve --port", "from 0 to 65535"),
        ("serve --seed", "from 0 to 18446744073709551615"),
        ("synth prise --out set --seed", "from 0 to 18446744073709551615"),
        ("synth smoke --out set --seed", "from 0 to 18446744073709551615"),
        ("synth prise --out set --seed 1 --scale", "not above 0 and at most 100"),
        ("synth smoke --out set --scale", "not above 0 and at most 100"),
    ] {
        for number in ["-1", "1e18", "99999999999999999999999", "nan", "inf"] {
            let is_scale = line.ends_with("--scale");
            let ended = run(root.path(), &format!("{line} {number}")).expect(1);
            assert!(ended.stderr.contains(range), "{line} {number}: {}", ended.stderr);
            assert!(is_scale || ended.stderr.contains("expected"), "{}", ended.stderr);
        }
        let may_be_nothing = ["seed", "sample", "port", "max-cost", "max-wait", "cache-mib"]
            .iter()
            .any(|end| line.ends_with(end));
        if !may_be_nothing {
            let ended = run(root.path(), &format!("{line} 0")).expect(1);
            assert!(ended.stderr.contains(range), "{line} 0: {}", ended.stderr);
        }
    }
    assert!(contents(root.path()).is_empty(), "nothing is left behind");
}

#[test]
fn parameters_and_prices_are_finite_and_said_with_their_place() {
    let root = folder();
    let data = smoke_set();
    let data = data.display().to_string();
    let ask = |flags: &[&str]| {
        let line = ["run", "--base-url", "http://127.0.0.1:9/v1", "--model-path", "m"];
        let mut command = avibench(root.path());
        command.args(line).args(["--data-root", &data]).args(flags);
        crate::program::Ended::from(command.output().unwrap()).expect(1).stderr
    };
    for (flags, said) in [
        (["--extra-body", "{\"a\": 1,\n \"b\": 'c'}"], "line 2, column 7"),
        (["--extra-body", "{\"a\": [NaN]}"], "--extra-body holds nan"),
        (["--param", "top_p=[-Infinity]"], "--param top_p holds -inf"),
        (["--param", "top_p=nan"], "--param top_p is nan"),
    ] {
        let stderr = ask(&flags);
        assert!(stderr.contains(said), "{said}: {stderr}");
    }
    for price in ["nan", "inf", "-1.0"] {
        let table = format!("[[model]]\nname = \"m\"\ninput = {price}\noutput = 1.0\n");
        std::fs::write(root.path().join("prices.toml"), table).unwrap();
        let stderr = ask(&["--prices", "prices.toml"]);
        assert!(stderr.contains("prices.toml is no price table: the price of `m`"), "{stderr}");
    }
}

/// Characters of arguments that would move the cursor, turn the direction of writing or hide are shown
/// as escapes in messages of the command line's parser, too.
#[test]
fn arguments_are_repeated_visibly() {
    let root = folder();
    let hidden = "a\u{202e}b\u{200b}c\u{1b}[31md\nerror: e";
    let both = format!("x,{hidden}");
    let flag = format!("--{hidden}");
    let with_value = format!("--workers={hidden}");
    for arguments in [
        vec![hidden],
        vec!["run", &flag],
        vec!["run", "--workers", hidden],
        vec!["run", &with_value],
        vec!["run", "--profile", hidden],
        vec!["score", "--models", &both],
        vec!["serve", "--model", hidden],
        vec!["labels", hidden],
    ] {
        let output = avibench(root.path()).args(&arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {stderr}");
        for raw in ["\u{202e}", "\u{200b}", "\u{1b}", "\nerror: e"] {
            assert!(!stderr.contains(raw), "{arguments:?}: {stderr:?}");
        }
        assert!(stderr.contains("\\u{202e}b\\u{200b}c\\u{1b}"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn settings_of_videos_are_part_of_what_a_label_holds() {
    let root = folder();
    let served = Served::start("--model chance");
    let line = format!(
        "run --base-url {} --model-path m --tasks AVM --n-samples 2 --data-root {}",
        served.base_url,
        smoke_set().display()
    );
    let ended = run(root.path(), &format!("{line} --frames 4")).expect(1);
    assert!(ended.stderr.contains("no effect with the profile `gateway`"), "{}", ended.stderr);
    assert!(!root.path().join("user_outputs").exists(), "nothing is left behind");
    let ended = run(root.path(), &format!("{line} --backend chance --frames 4")).expect(1);
    assert!(ended.stderr.contains("no effect with the backend `chance`"), "{}", ended.stderr);

    let openai = format!("{line} --profile openai");
    run(root.path(), &format!("{openai} --frames 4 --frame-size 64 --sample-rate 16000")).expect(0);
    let text = std::fs::read_to_string(root.path().join("user_outputs/m/run.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["profile_description"]["video"]["frames"], 4);
    let ended = run(root.path(), &openai).expect(1);
    assert!(ended.stderr.contains("holds another run: profile was openai@"), "{}", ended.stderr);
}

#[test]
fn answers_to_other_data_are_neither_formatted_nor_scored() {
    let root = folder();
    let data = copied(root.path(), "perception/AVM");
    let other = copied(root.path(), "reasoning/AVH");
    run(root.path(), "run --backend chance --data-root data").expect(0);
    run(root.path(), "refine --data-root data").expect(0);
    run(root.path(), "score --data-root data").expect(0);
    change(&data, |records| records[0]["output"]["question_answer"] = json!("not sure"));
    // AVH is formatted all the same.
    let refused = run(root.path(), "refine --data-root data").expect(2);
    assert!(refused.stderr.contains("answers another data.json of AVM"), "{}", refused.stderr);
    let scored = run(root.path(), "score --data-root data").expect(2);
    let line = "AVM is not scored: its answers were formatted for another data.json";
    assert!(scored.stdout.contains(line), "{}", scored.stdout);

    // Records of a run that are damaged prove nothing and stop nothing.
    for folder in ["user_outputs", "user_outputs_refined"] {
        std::fs::write(root.path().join(folder).join("chance/run.json"), "{").unwrap();
    }
    let scored = run(root.path(), "score --data-root data").expect(2);
    assert!(scored.stderr.contains("what was asked is left out"), "{}", scored.stderr);
    let refined = run(root.path(), "refine --data-root data").expect(2);
    assert!(refined.stderr.contains("run.json cannot be read"), "{}", refined.stderr);

    // A folder that cannot be read is left out, and the exit code remembers.
    change(&data, |records| records[0]["output"]["question_answer"] = json!("yes"));
    std::fs::write(other.join("data.json"), "[{").unwrap();
    let line = "run --backend chance --data-root data --model-label n";
    let ended = run(root.path(), line).expect(2);
    assert!(
        ended.stderr.contains("left out, because data.json cannot be read: AVH"),
        "{}",
        ended.stderr
    );
}
