//! The config file: what comes before what, for every kind of flag, and files that cannot be used.

use std::path::Path;

use serde_json::Value;

use crate::canned::{Canned, completion};
use crate::program::{Ended, Served, avibench, folder, run, smoke_set};

fn with_config(root: &Path, text: &str) {
    std::fs::write(root.join("avibench.toml"), text).unwrap();
}

/// The row of a flag in `config show`: where its value comes from, and the value.
fn shown(ended: &Ended, flag: &str) -> String {
    let row = ended.stdout.lines().find(|line| line.split_whitespace().next() == Some(flag));
    assert!(row.is_some(), "no {flag}: {}", ended.stdout);
    row.unwrap_or_default().split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
}

fn ended(root: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let mut command = avibench(root);
    command.args(arguments);
    for (name, value) in variables {
        command.env(name, value);
    }
    command.output().unwrap().into()
}

/// What `run --dry-run` would do, as JSON.
fn plan(root: &Path, more: &[&str], variables: &[(&str, &str)]) -> Value {
    let run = ["run", "--dry-run", "--json", "--model-path", "m"];
    let told = ended(root, &[&run[..], more].concat(), variables).expect(0);
    serde_json::from_str(&told.stdout).unwrap()
}

#[test]
fn a_flag_comes_before_the_environment_and_that_before_the_file() {
    let root = folder();
    let data = smoke_set().display().to_string();
    // A value, a list, a switch, a path, a choice, and what only a parser of its own reads.
    with_config(
        root.path(),
        &format!(
            "[defaults]\ndata-root = {data:?}\n[run]\ntasks = [\"AVM\", \"AVH\"]\nn_samples = 2\n\
             concurrency = 3\nmax-wait = \"90s\"\nprofile = \"vllm\"\nno-probe = false\n\
             [run.param]\ntemperature = 0\nstop = [\"a\"]\n"
        ),
    );
    let samples = |plan: &Value| -> u64 {
        let folders = plan["folders"].as_object().unwrap().values();
        folders.map(|folder| folder["requests"].as_u64().unwrap()).sum()
    };
    let base = ["--base-url", "http://127.0.0.1:9/v1"];
    let of_file = plan(root.path(), &base, &[]);
    assert_eq!(samples(&of_file), 4, "{of_file}");
    let by_flag =
        plan(root.path(), &[&base[..], &["--n-samples", "1", "--tasks", "AVM"]].concat(), &[]);
    assert_eq!(samples(&by_flag), 1, "{by_flag}");

    let show = |variables: &[(&str, &str)]| {
        ended(root.path(), &["config", "show", "run"], variables).expect(0)
    };
    let told = show(&[]);
    for (flag, row) in [
        ("--concurrency", "[run] line 6 3"),
        ("--max-wait", "[run] line 7 90s"),
        ("--profile", "[run] line 8 vllm"),
        ("--no-probe", "AVIBENCH_NO_PROBE 1"),
        ("--tasks", "[run] line 4 AVM AVH"),
        ("--param", "[run] line 10 stop=[\"a\"] temperature=0"),
        ("--tries", "default 5"),
        ("--rpm", "not set"),
    ] {
        assert_eq!(shown(&told, flag), row);
    }
    assert_eq!(shown(&told, "--data-root"), format!("[defaults] line 2 {data}"));
    assert_eq!(shown(&show(&[("CONCURRENCY", "7")]), "--concurrency"), "CONCURRENCY 7");
    assert_eq!(shown(&show(&[("CONCURRENCY", "")]), "--concurrency"), "[run] line 6 3");
    let elsewhere = ended(root.path(), &["config", "show", "refine"], &[]).expect(0);
    assert_eq!(shown(&elsewhere, "--concurrency"), "default 8");

    // The real command takes them in the same order.
    let ask = |more: &[&str], variables: &[(&str, &str)], code| {
        let run = [&["run", "--backend", "chance", "--dry-run"], more].concat();
        ended(root.path(), &run, variables).expect(code)
    };
    let told = ask(&[], &[], 0);
    assert!(told.stderr.contains("avibench.toml sets --data-root"), "{}", told.stderr);
}

#[test]
fn every_source_gives_way_to_the_one_above() {
    let root = folder();
    let [file, environment, flag] = ["file", "environment", "flag"];
    with_config(root.path(), "[score]\nrefined-dir = \"file\"\ndata-root = \"nowhere\"\n");
    let data = smoke_set().display().to_string();
    let told = |arguments: &[&str], variables: &[(&str, &str)]| {
        let all = [&["score", "--data-root", &data], arguments].concat();
        ended(root.path(), &all, variables).expect(1).stderr
    };
    assert!(told(&[], &[]).contains(file));
    let variables = [("REFINED_DIR", environment)];
    assert!(told(&[], &variables).contains(environment));
    assert!(told(&["--refined-dir", flag], &variables).contains(flag));
    std::fs::remove_file(root.path().join("avibench.toml")).unwrap();
    assert!(told(&[], &[]).contains("user_outputs_refined"));
}

#[test]
fn a_switch_of_the_file_can_be_turned_off() {
    let root = folder();
    with_config(root.path(), "[fense]\n[prompts.show]\n[score]\nslim = true\n");
    let data = smoke_set().display().to_string();
    run(root.path(), &format!("run --backend chance --tasks AVM --data-root {data}")).expect(0);
    run(root.path(), &format!("refine --refine rules --data-root {data}")).expect(0);
    let rows = |more: &str| {
        run(root.path(), &format!("score {more} --data-root {data}")).expect(0);
        std::fs::read_to_string(root.path().join("eval_outputs/chance.samples.jsonl")).unwrap()
    };
    let (slim, full) = (rows(""), rows("--slim=false"));
    assert!(slim.len() < full.len(), "{} and {}", slim.len(), full.len());
    assert_eq!(rows("--slim"), slim);
}

#[test]
fn paths_in_a_file_start_from_its_folder() {
    let root = folder();
    std::fs::create_dir_all(root.path().join("settings/a")).unwrap();
    std::fs::write(root.path().join("settings/a/run.py"), "").unwrap();
    let file = root.path().join("settings/mine.toml");
    std::fs::write(&file, "[run]\noutput-dir = \"out\"\nbackend = \"adapter:a/run.py\"\n").unwrap();
    let show = ["--config", "settings/mine.toml", "config", "show", "run"];
    let told = ended(root.path(), &show, &[]).expect(0);
    assert_eq!(shown(&told, "--output-dir"), "[run] line 2 settings/out");
    assert_eq!(shown(&told, "--backend"), "[run] line 3 adapter:settings/a/run.py");
    let variable = [("AVIBENCH_CONFIG", "settings/mine.toml")];
    let told = ended(root.path(), &["config", "show", "run"], &variable).expect(0);
    assert_eq!(shown(&told, "--output-dir"), "[run] line 2 settings/out");
    let told = ended(root.path(), &["run", "--config", "gone.toml"], &[]).expect(1);
    assert!(told.stderr.contains("gone.toml"), "{}", told.stderr);
}

#[test]
fn a_models_table_is_picked_by_name() {
    let root = folder();
    let served = Canned::start(vec![completion(Some("yes"), "stop")]);
    let other = Canned::start(vec![completion(Some("no"), "stop")]);
    with_config(
        root.path(),
        &format!(
            "[defaults]\ndata-root = {:?}\ntasks = \"AVM\"\n[models.one]\nbase-url = \"{}\"\nmodel = \"m/one\"\n\
             label = \"first\"\nkey-variable = \"KEY_OF_ONE\"\n[models.one.parameters]\ntemperature = 0\n\
             [models.one.prices]\ninput = 1.5\noutput = 6\n",
            smoke_set(),
            served.base_url
        ),
    );
    // The table that is named comes before the environment, whose server must not get its key.
    let variables = [
        ("KEY_OF_ONE", "secret-of-one"),
        ("OPENAI_BASE_URL", other.base_url.as_str()),
        ("MODEL_PATH", "another"),
    ];
    let asked = ended(root.path(), &["run", "--use", "one"], &variables).expect(0);
    assert_eq!((served.requests(), other.requests()), (6, 0), "{}", asked.stderr);
    let manifest = std::fs::read(root.path().join("user_outputs/first/run.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["model"], "m/one");
    assert_eq!(manifest["parameters"]["temperature"], 0);
    assert!(manifest["spending"]["cost"].as_f64().unwrap() > 0.0, "{manifest}");

    let lacking = ended(root.path(), &["run", "--use", "one", "--model-label", "x"], &[]).expect(1);
    assert!(lacking.stderr.contains("KEY_OF_ONE, which"), "{}", lacking.stderr);
    let unknown = ended(root.path(), &["run", "--use", "two"], &[]).expect(1);
    assert!(unknown.stderr.contains("no table [models.two]; it has one"), "{}", unknown.stderr);
    // To format with, a model's name is the refiner's.
    let told =
        ended(root.path(), &["config", "show", "refine", "--use", "one"], &variables).expect(0);
    assert!(shown(&told, "--refine-model").ends_with("m/one"), "{}", told.stdout);
    assert!(!told.stdout.contains("secret-of-one"));
    // Another server gets neither the key nor its variable's name.
    let elsewhere = ["run", "--use", "one", "--base-url", &other.base_url, "--model-label", "y"];
    ended(root.path(), &elsewhere, &[]).expect(0);
    assert_eq!(other.requests(), 6);
}

#[test]
fn what_is_wrong_in_a_file_is_named_with_its_line() {
    let root = folder();
    for (text, told) in [
        (
            "[run]\nconcurency = 3\n",
            "avibench.toml:2: `avibench run` has no `concurency`; did you mean `concurrency`?",
        ),
        ("[runn]\n", "avibench.toml:1: the program has no `runn`; did you mean `run`?"),
        ("[models.a]\nmodle = \"x\"\n", "2: a model has no `modle`; did you mean `model`?"),
        (
            "[models.a]\noutput-dir = \"x\"\n",
            "2: a model has no `output-dir`; docs/configuration.md lists what there is",
        ),
        (
            "[run]\nsomething-else-entirely = 1\n",
            "2: `avibench run` has no `something-else-entirely`; `avibench run --help` lists what there is",
        ),
        (
            "[run]\ntasks = [\"AVM\", \"AVQQ\"]\n",
            "2: `tasks` has a value that --tasks does not take: unknown task `AVQQ`; did you mean `AVQA`?",
        ),
        ("[doctor]\ntasks = \"AVQQ\"\n", "unknown task `AVQQ`; did you mean `AVQA`?"),
        ("base_url = \"http://host/v1\"\n", "1: `base_url` is a flag, and flags stand in tables: "),
        ("[defaults]\nbase-url = \"host/v1\"\n", "2: `base-url`: `host/v1` is no base URL"),
        ("[run]\nparam = [\"x\"]\n", "2: `param`: --param should be NAME=VALUE, but is `x`"),
        ("[run]\nextra-body = \"x\"\n", "2: `extra-body`: --extra-body is not JSON: "),
        ("[models.a]\nheader = \"x\"\n", "2: `header`: --header should be NAME=VARIABLE"),
        (
            "[models.a]\nheader = { x = \"my value\" }\n",
            "there is no environment variable of the name",
        ),
        (
            "[defaults]\ndata-rot = \"x\"\n",
            "2: no command has `data-rot`; did you mean `data-root`?",
        ),
        ("run = 3\n", "1: `run` is a value, but should be a table"),
        ("[run]\nconcurrency = \"many\"\n", "expected a whole number from 1 to 65535"),
        ("[run]\nconcurrency = 0\n", "expected a whole number from 1 to 65535"),
        (
            "[run]\nconcurrency = true\n",
            "`concurrency` is true or false, but should be text or a number",
        ),
        ("[run]\nconcurrency = [1, 2]\n", "is a list, but should be one value"),
        ("[run]\nconcurrency = nan\n", "is no finite number, but should be a finite number"),
        ("[run]\ntimeout = inf\n", "is no finite number"),
        ("[run]\nparam = { temperature = nan }\n", "`param.temperature` is no finite number"),
        ("[run]\nstream = \"yes\"\n", "is text, but should be true or false"),
        ("[run]\nprofile = \"vlm\"\n", "--profile does not take"),
        ("[run]\nconcurrency = 1979-05-27\n", "is a date or time"),
        ("[run]\nforce = true\n[run]\nforce = true\n", "avibench.toml:3: this is not TOML"),
        ("[run]\ndata-root = \"a\"\ndata_root = \"b\"\n", "is set twice in [run]"),
        ("[run]\nn-samples = 3\nsubset = 0.5\n", "exclude each other"),
        ("[run]\nconfig = \"x\"\n", "has no `config`"),
        ("[run\n", "avibench.toml:1: this is not TOML"),
        ("concurrency = 3\n", "avibench.toml:1: `concurrency` is a flag"),
        ("[all]\nconcurrency = 3\n", "avibench.toml:1: the program has no `all`"),
    ] {
        with_config(root.path(), text);
        let ended = run(root.path(), "run --backend chance --data-root nowhere").expect(1);
        assert!(ended.stderr.contains(told), "{text}: {}", ended.stderr);
    }
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    let root = folder();
    with_config(
        root.path(),
        "[defaults]\ntasks = \"AVQQ\"\nkey = \"x\"\n[run]\nconcurency = 3\nstream = 1\n[runn]\na = 1\n\
         [models.a]\nmodle = \"x\"\n\"two\\nlines\" = 1\n",
    );
    for line in ["score", "config show", "config show run"] {
        let told = run(root.path(), line).expect(1);
        insta::allow_duplicates! { insta::assert_snapshot!("mistakes", told.stderr); }
    }
    let many: Vec<String> = (0..30).map(|at| format!("entirely-unknown-{at} = 1\n")).collect();
    with_config(root.path(), &format!("[run]\n{}", many.concat()));
    let told = run(root.path(), "score").expect(1).stderr;
    assert!(told.contains("has 30 mistakes:") && told.ends_with("\nand 10 more\n"), "{told}");
    // Of what is no TOML, every line; nothing is made of the rest.
    with_config(root.path(), "[run]\na = = 1\nb = 1\nc\n");
    let told = run(root.path(), "score").expect(1).stderr;
    assert!(told.contains("toml:2: this is not TOML") && told.contains("toml:4: "), "{told}");
    assert!(!told.contains("`b`"), "{told}");
}

#[test]
fn showing_a_file_says_what_its_commands_would_refuse() {
    let root = folder();
    with_config(
        root.path(),
        "[run]\nbackend = \"chanse\"\nn-samples = 3\nsubset = 0.5\n[models.a]\napi-key-variable = \"K\"\n\
         api-key-file = \"k\"\n",
    );
    let told = run(root.path(), "config show").expect(1).stderr;
    for (line, what) in [
        (2, "`backend`: there is no backend `chanse`: it is none of openai, "),
        (4, "`subset` and `n-samples` (line 3) exclude each other; keep one"),
        (7, "`api-key-file` and `api-key-variable` (line 6) exclude each other; keep one"),
    ] {
        let place = format!("avibench.toml:{line}: {what}");
        assert!(told.contains(&place), "{place}: {told}");
    }
    // The command says the same of its own, and others go on.
    let told = run(root.path(), "run --subset 0.5 --data-root .").expect(1).stderr;
    assert!(!told.contains("exclude"), "{told}");
    let data = smoke_set().display().to_string();
    run(root.path(), &format!("doctor {data} --tasks AVM")).expect(0);
    let told = run(root.path(), &format!("run --subset 0.5 --data-root {data}")).expect(1).stderr;
    assert!(told.contains("there is no backend `chanse`: it is none of openai, "), "{told}");
}

#[test]
fn keys_are_refused_and_not_repeated() {
    let root = folder();
    for text in [
        "[models.a]\nkey = \"sk-THESECRET123\"\n",
        "[models.a]\napi_key = \"THESECRET\"\n",
        "[models.a]\nkey-variable = \"sk-THESECRET123\"\n",
        "[models.a]\nmodel = \"sk-THESECRET123\"\n",
        "[models.a]\nbase-url = \"https://me:THESECRET@host/v1\"\n",
        "[models.a]\nbase-url = \"https://host/v1?key=THESECRET\"\n",
        "[run]\nbackend = \"exec:worker --key sk-THESECRET123\"\n",
        "[models.a.parameters]\napi_key = \"THESECRET\"\n",
        "[run]\nextra-body = { user = { token = \"THESECRET\" } }\n",
        "[run.header]\nAuthorization = \"Bearer THESECRET12345\"\n",
        "api_key = \"THESECRET\"\n",
        "OPENAI_API_KEY = \"THESECRET\"\n",
        "[run]\nparam = [\"a=1\", \"sk-THESECRET123\"]\n",
        "[run]\nmodel-path = \"THESECRET-of-the-environment\"\n",
    ] {
        with_config(root.path(), text);
        for line in ["run --backend chance", "config show", "config show run"] {
            let mut command = avibench(root.path());
            command.env("OPENAI_API_KEY", "THESECRET-of-the-environment");
            let ended = Ended::from(command.args(line.split(' ')).output().unwrap()).expect(1);
            assert!(!ended.stderr.contains("THESECRET"), "{text}: {}", ended.stderr);
            assert!(
                ended.stderr.contains("must not stand in this file"),
                "{text}: {}",
                ended.stderr
            );
            assert!(ended.stderr.contains("key-variable"), "{}", ended.stderr);
        }
    }
    // Addresses of the environment may hold one, and are shown without it.
    with_config(root.path(), "");
    let variables = [("OPENAI_BASE_URL", "https://me:THESECRET@host/v1?key=THESECRET")];
    let told = ended(root.path(), &["config", "show", "run"], &variables).expect(0);
    assert_eq!(shown(&told, "--base-url"), "OPENAI_BASE_URL https://...@host/v1?...");
    // What is not TOML is not quoted either.
    with_config(root.path(), "[models.a]\nkey = sk-THESECRET\n");
    let ended = run(root.path(), "run --backend chance").expect(1);
    assert!(!ended.stderr.contains("THESECRET"), "{}", ended.stderr);
}

#[test]
fn files_that_are_none_are_named() {
    let root = folder();
    let path = root.path().join("avibench.toml");
    std::fs::write(&path, b"[run]\nmodel-path = \"\xff\"\n").unwrap();
    let told = || run(root.path(), "run --backend chance").expect(1).stderr;
    assert!(told().contains("it is not UTF-8 from byte 20 on"), "{}", told());
    std::fs::File::create(&path).unwrap().set_len(1 << 32).unwrap();
    assert!(told().contains("larger than 1 MiB"), "{}", told());
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert!(told().contains("cannot read avibench.toml"), "{}", told());
    // Help, the version and completions do not need it.
    for line in ["--help", "run --help", "--version", "completions bash"] {
        run(root.path(), line).expect(0);
    }
    std::fs::remove_dir(&path).unwrap();
    std::fs::write(&path, "\u{feff}[run]\nbackend = \"chance\"\n").unwrap();
    let ended = run(root.path(), "config show run").expect(0);
    assert_eq!(shown(&ended, "--backend"), "[run] line 2 chance");
    let nested = format!("[run]\nparam = {}{}\n", "[".repeat(5000), "]".repeat(5000));
    std::fs::write(&path, nested).unwrap();
    assert!(told().contains("avibench.toml:2: "), "{}", told());
    let tables = (0..20_000).map(|number| format!("[models.m{number}]\nmodel = \"a\"\n"));
    let many: Vec<String> = tables.collect();
    std::fs::write(&path, many.concat()).unwrap();
    run(root.path(), "config show run --use m19999").expect(0);
}

#[test]
fn a_flag_that_excludes_a_setting_of_the_file_replaces_it() {
    let root = folder();
    with_config(root.path(), "[run]\nn-samples = 1\n");
    let data = smoke_set().display().to_string();
    let served = Served::start("--model chance");
    let line = format!(
        "run --subset 0.5 --tasks AVM --model-path m --base-url {} --dry-run --json --data-root {data}",
        served.base_url
    );
    let ended = run(root.path(), &line).expect(0);
    assert!(!ended.stderr.contains("--n-samples"), "{}", ended.stderr);
}
