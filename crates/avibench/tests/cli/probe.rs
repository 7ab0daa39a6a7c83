//! What an endpoint really receives: every defect that a server can play is told by the real binary, and
//! goes with the label to its tables.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::program::{Ended, NO_PROBE, Served, avibench, contents, folder, run, smoke_set};

/// Runs the program with its probe.
fn probing(root: &Path, line: &str) -> Ended {
    let mut command = avibench(root);
    command.env_remove(NO_PROBE).args(line.split_whitespace());
    command.output().unwrap().into()
}

fn asks(served: &Served) -> String {
    format!("--model-path m --base-url {}", served.base_url)
}

/// The verdicts of `probe`, by ability, and the rest of what it prints.
fn verdicts(served: &Served, more: &str) -> (BTreeMap<String, String>, Value) {
    let root = folder();
    let line = format!("probe --json --seed 5 {} {more}", asks(served));
    let ended = run(root.path(), &line).expect(0);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    let found = findings.map(|finding| (text(&finding["ability"]), text(&finding["verdict"])));
    (found.collect(), report)
}

/// Those that are not there.
fn lacking(found: &BTreeMap<String, String>) -> Vec<&str> {
    assert_eq!(found.len(), 10);
    assert!(found.values().all(|verdict| verdict == "yes" || verdict == "no"), "{found:?}");
    found.iter().filter(|(_, verdict)| *verdict == "no").map(|(name, _)| name.as_str()).collect()
}

#[test]
fn a_sound_endpoint_passes_in_every_profile() {
    let served = Served::start("");
    for profile in ["gateway", "vllm", "openai"] {
        let (found, report) = verdicts(&served, &format!("--profile {profile}"));
        assert!(lacking(&found).is_empty(), "{profile}: {found:?}");
        assert_eq!(report["spending"]["questions"], 46, "{profile}");
        assert!(report["profile"].as_str().unwrap().starts_with(profile));
    }
}

#[test]
fn every_defect_that_can_be_played_is_told() {
    for (flags, profile, wanted) in [
        ("--deaf", "gateway", "hear sound-order sync video-sound"),
        ("--deaf", "openai", "hear sound-order sync video-sound"),
        ("--blind", "vllm", "boxes image-order see sync video-end video-middle video-start"),
        ("--silent-video", "gateway", "sync video-sound"),
        ("--silent-video", "openai", "sync video-sound"),
        ("--first-frame-only", "gateway", "sync video-end video-middle"),
        ("--order-lost", "vllm", "image-order sound-order"),
    ] {
        let served = Served::start(flags);
        let (found, _) = verdicts(&served, &format!("--profile {profile}"));
        assert_eq!(lacking(&found).join(" "), wanted, "{flags} {profile}");
    }
    let served = Served::start("--boxes yxyx-thousandths");
    let (found, report) = verdicts(&served, "");
    assert!(lacking(&found).is_empty(), "{found:?}");
    let form = &report["findings"][9]["boxes"];
    assert_eq!((&form["order"], &form["scale"]), (&"yxyx".into(), &"thousandths".into()));
}

#[test]
fn a_run_is_probed_once_warns_and_the_findings_go_with_the_label() {
    let root = folder();
    let served = Served::start("--deaf");
    let data = smoke_set();
    let asked = |label: &str, more: &str| {
        let (data, asks) = (data.display(), asks(&served));
        format!("run --tasks VMIC --data-root {data} {asks} --model-label {label} {more}")
    };
    // So few questions are probed only where something is required.
    let first = probing(root.path(), &asked("a", "--require see")).expect(0);
    for said in [
        "probing what the endpoint receives",
        "the endpoint of `m` does not hear recordings: 0 of 3 right",
        " questions in ",
        "try another --profile",
    ] {
        assert!(first.stderr.contains(said), "{said}: {}", first.stderr);
    }
    let of_label = root.path().join("user_outputs/a/probe.json");
    let kept = std::fs::read(&of_label).unwrap();

    // Once answered, nothing is probed; another label takes what is kept.
    let again = probing(root.path(), &asked("a", "")).expect(0);
    assert!(!again.stderr.contains("prob"), "{}", again.stderr);
    let other = probing(root.path(), &asked("b", "")).expect(0);
    assert!(other.stderr.contains("a probe of "), "{}", other.stderr);
    assert_eq!(std::fs::read(root.path().join("user_outputs/b/probe.json")).unwrap(), kept);
    let packed = probing(root.path(), &asked("c", "--profile vllm --require see")).expect(0);
    assert!(!packed.stderr.contains("a probe of "), "another packing is probed anew");
    for more in ["--dry-run", "--no-probe"] {
        let without = probing(root.path(), &asked("d", more)).expect(0);
        assert!(!without.stderr.contains("prob"), "{more}: {}", without.stderr);
    }
    assert!(!root.path().join("user_outputs/d/probe.json").exists());

    // What is required stops a run before anything is asked, on resuming too.
    for label in ["e", "a"] {
        let stopped = probing(root.path(), &asked(label, "--require see,hear")).expect(3);
        assert!(stopped.stderr.contains("--require hear: "), "{}", stopped.stderr);
        assert!(!stopped.stderr.contains("--require see: "), "{}", stopped.stderr);
    }
    assert!(!root.path().join("user_outputs/e").exists());
    probing(root.path(), &asked("f", "--require see,image-order")).expect(0);
    let unknown = probing(root.path(), &asked("g", "--require smell")).expect(1);
    assert!(unknown.stderr.contains("expected one of hear, see, "), "{}", unknown.stderr);

    // The verdicts stand on the tables and in the report, and move with the label.
    run(root.path(), "labels rename b ohr").expect(0);
    let data = data.display();
    run(root.path(), &format!("refine --data-root {data}")).expect(0);
    let line = "the probe of the endpoint found that see, image-order";
    let scored = run(root.path(), &format!("score --data-root {data} --models ohr")).expect(0);
    assert!(scored.stdout.contains(line), "{}", scored.stdout);
    let compared = run(root.path(), &format!("compare a d --data-root {data}")).expect(0);
    assert!(compared.stdout.contains(&format!("a: {line}")), "{}", compared.stdout);
    let report = std::fs::read(root.path().join("eval_outputs/ohr.report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["probe"]["findings"][0]["verdict"], "no");

    // Findings about something else count for nothing.
    let text = String::from_utf8(kept).unwrap().replace("\"model\": \"m\"", "\"model\": \"n\"");
    std::fs::write(root.path().join("user_outputs/ohr/probe.json"), text).unwrap();
    let other = run(root.path(), &format!("score --data-root {data} --models ohr")).expect(0);
    assert!(other.stderr.contains("is about another model"), "{}", other.stderr);
    assert!(!other.stdout.contains("probe of"), "{}", other.stdout);
    std::fs::write(root.path().join("user_outputs/ohr/probe.json"), "{").unwrap();
    let broken = run(root.path(), &format!("score --data-root {data} --models ohr")).expect(2);
    assert!(broken.stderr.contains("probe.json holds no findings"), "{}", broken.stderr);
}

#[test]
fn the_table_says_what_was_heard_and_an_endpoint_that_is_gone_stops_all() {
    let root = folder();
    let served = Served::start("--deaf");
    let shown = run(root.path(), &format!("probe --seed 5 {}", asks(&served))).expect(0);
    let line = |name: &str| -> String {
        shown.stdout.lines().find(|line| line.starts_with(name)).unwrap().to_owned()
    };
    assert!(line("hear").contains("no") && line("hear").contains("0 of 3 right"));
    assert!(line("hear").contains("got: i dont know"), "{}", line("hear"));
    assert!(line("image-order").contains("7 of 7 right"), "{}", line("image-order"));
    assert!(line("boxes").contains("4 of 4 right"), "{}", line("boxes"));
    assert!(shown.stdout.lines().all(|line| line.chars().count() <= 80), "{}", shown.stdout);

    let url = served.base_url.clone();
    drop(served);
    let line = format!("--model-path m --base-url {url} --tries 1");
    let gone = run(root.path(), &format!("probe {line}")).expect(1);
    assert_eq!(gone.stdout, "", "nothing was found out");
    assert!(gone.stderr.contains("cannot connect"), "{}", gone.stderr);
    let gone = run(root.path(), &format!("probe {line} --json")).expect(1);
    let found: Value = serde_json::from_str(&gone.stdout).unwrap();
    let verdicts = found["findings"].as_array().unwrap().iter().map(|finding| &finding["verdict"]);
    assert!(verdicts.eq(std::iter::repeat_n("unknown", 10)), "{}", gone.stdout);
    let gone = run(root.path(), &format!("probe {line} --require hear")).expect(3);
    assert!(gone.stderr.contains("cannot connect"), "{}", gone.stderr);
    let data = smoke_set();
    let line = format!("run --tasks sensation --data-root {} {line} --stream", data.display());
    let ended = probing(root.path(), &line).expect(1);
    assert!(ended.stderr.contains("cannot connect"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("asking: "), "the run does not begin: {}", ended.stderr);
    assert!(!root.path().join("user_outputs/m").exists(), "no label is left");
    let kept = contents(root.path());
    let kept = kept.keys().filter(|path| path.starts_with("user_outputs/.probes"));
    assert_eq!(kept.count(), 1, "what is not known is not kept");
}

#[test]
fn a_small_run_and_a_server_that_refuses_are_not_burdened() {
    let root = folder();
    let data = smoke_set();
    let served = Served::start("");
    let line = |tasks: &str, served: &Served| {
        format!("run --tasks {tasks} --data-root {} {}", data.display(), asks(served))
    };
    let small = probing(root.path(), &line("AVM", &served)).expect(0);
    assert!(!small.stderr.contains("prob"), "{}", small.stderr);
    assert!(small.stderr.contains("6 requests"), "{}", small.stderr);

    let refusing = Served::start_with(&["--fault", "status status=429"]);
    let more = "--model-label refused --max-wait 1s --log-json log.jsonl";
    let ended = probing(root.path(), &format!("{} {more}", line("sensation", &refusing))).expect(1);
    assert!(ended.stderr.contains(" and boxes are not known"), "{}", ended.stderr);
    let asked = ended.stderr.lines().find(|line| line.contains(" questions in ")).unwrap();
    let requests =
        asked.split(&[';', ','][..]).find_map(|part| part.trim().strip_suffix(" requests"));
    let requests: usize = requests.unwrap().parse().unwrap();
    // Four at a time, until the fourth refusal.
    assert!(requests <= 7, "{asked}");
}

/// What no waiting mends is said before anything is asked, with what is likely meant.
#[test]
fn a_server_that_knows_nothing_at_the_address_is_not_asked() {
    let root = folder();
    let data = smoke_set();
    let served = Served::start("");
    let address = served.base_url.trim_end_matches("/v1");
    let line = |url: &str, more: &str| {
        format!(
            "evaluate --tasks sensation --model-path m --base-url {url} --data-root {} {more}",
            data.display()
        )
    };
    let ended = probing(root.path(), &line(address, "")).expect(1);
    let said = ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("error: the server refuses every request: HTTP 404"));
    assert!(said.contains(&format!("below /v1, at {address}/v1; check address")), "{said}");
    assert!(!root.path().join("user_outputs/m").exists(), "no label is left");

    // Who leaves out the probe meets the same in the run, whose label binds nobody.
    let ended = run(root.path(), &line(address, "--no-probe --profile vllm")).expect(2);
    assert!(
        ended.stderr.contains("No reply came for 96 samples: 96 rejected."),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("answers: "), "{}", ended.stderr);
    let ended = probing(root.path(), &line(&served.base_url, "--profile gateway")).expect(0);
    assert!(ended.stderr.contains("the probe found that "), "{}", ended.stderr);
    let manifest = std::fs::read_to_string(root.path().join("user_outputs/m/run.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    assert!(manifest["profile"].as_str().unwrap().starts_with("gateway@"));
    assert_eq!(manifest["sessions"].as_array().unwrap().len(), 2, "{manifest}");
    let ended = probing(root.path(), &line(&served.base_url, "--profile vllm")).expect(1);
    assert!(ended.stderr.contains("holds another run: profile was gateway"), "{}", ended.stderr);
}

/// The convention that the probe finds is that in which the answers are read.
#[test]
fn boxes_are_read_in_the_convention_that_the_probe_finds() {
    let data = smoke_set();
    let score = |flags: &str, is_probed: bool| {
        let root = folder();
        let served = Served::start(flags);
        let data = data.display();
        let line = format!("run --tasks AVL --data-root {data} {}", asks(&served));
        let require = if is_probed { " --require boxes" } else { "" };
        probing(root.path(), &(line + require)).expect(0);
        run(root.path(), &format!("refine --data-root {data}")).expect(0);
        run(root.path(), &format!("score --data-root {data}")).expect(0);
        let report = std::fs::read(root.path().join("eval_outputs/m.report.json")).unwrap();
        let report: Value = serde_json::from_slice(&report).unwrap();
        let form = report["reading"]["boxes"]["usual"].clone();
        (report["strict"]["scores"]["perception"]["avl"]["mIoU"].as_f64().unwrap(), form)
    };
    let (sound, _) = score("", false);
    let (probed, form) = score("--boxes yxyx-thousandths", true);
    let (unprobed, _) = score("--boxes yxyx-thousandths", false);
    assert_eq!((&form["order"], &form["scale"]), (&"yxyx".into(), &"thousandths".into()));
    assert!(unprobed < 0.7, "without the probe the order stays open: {unprobed}");
    // Thousandths are coarser than fractions of four decimals.
    assert!((probed - sound).abs() < 0.01 && sound > 0.9, "{probed} {sound}");
}
