//! Captions rated by the stand-in for FENSE: only when asked for, marked wherever their numbers go, and
//! mixed with nothing that FENSE rated.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ended, folder, run, smoke_set, with_answers_of_signal};

/// Numbers that rest on captions, as tables and reports name them.
const MARKED: [&str; 7] =
    ["AVC", "Understanding", "Overall", "L1 task", "L2 modality", "L3 stage", "L4 domain"];

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fense/tests/data")
}

fn with_data(root: &Path, line: &str) -> Ended {
    run(root, &format!("{line} --data-root {}", smoke_set().display()))
}

/// Two labels, `ear` scored by the stand-in and `guess` by the tiny models of FENSE, each into a folder of its
/// name, and both into `eval_outputs`. Read only.
fn scored() -> &'static Path {
    static RUNS: OnceLock<TempDir> = OnceLock::new();
    let root = RUNS.get_or_init(|| {
        let root = folder();
        with_answers_of_signal(root.path());
        with_data(root.path(), "run --backend chance --model-label guess").expect(0);
        with_data(root.path(), "refine --refine rules").expect(0);
        let fense = format!("--fense-models {}", models().display());
        for (label, flags) in [("ear", "--captions stand-in"), ("guess", &fense)] {
            let line = format!("score --models {label} {flags}");
            with_data(root.path(), &line).expect(0);
        }
        let by_fense = format!("score --models ear {fense} --eval-dir by_fense");
        with_data(root.path(), &by_fense).expect(0);
        root
    });
    root.path()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn nothing_stands_in_unless_it_is_asked_for() {
    let to = folder();
    let out = to.path().display().to_string();
    let plain = with_data(scored(), &format!("score --models ear --eval-dir {out}")).expect(0);
    assert!(plain.stdout.contains("AVC is not scored"), "{}", plain.stdout);
    assert!(!plain.stdout.contains('§'), "{}", plain.stdout);
    assert!(json(&to.path().join("ear.report.json"))["captions"].is_null());
    let both = with_data(scored(), "score --captions stand-in --fense-models x").expect(1);
    assert!(both.stderr.contains("leave --fense-models out"), "{}", both.stderr);
}

#[test]
fn tables_files_and_rows_carry_the_mark() {
    let to = folder();
    let out = to.path().display().to_string();
    let line = format!("score --models ear --captions stand-in --eval-dir {out}");
    let ended = with_data(scored(), &line).expect(0);
    assert!(ended.stderr.contains("AVC is left out of ear.json"), "{}", ended.stderr);
    let row = |name: &str| ended.stdout.lines().find(|line| line.starts_with(name)).unwrap();
    assert_eq!(row("AVC ").matches('§').count(), 2, "{}", ended.stdout);
    assert_eq!(row("AVR ").matches('§').count(), 0, "{}", ended.stdout);
    let means: Vec<&str> =
        ended.stdout.lines().filter(|line| line.starts_with(" official")).collect();
    assert_eq!(means[0].matches('§').count(), 2, "Understanding and Overall: {}", means[0]);
    assert_eq!(means[1].matches('§').count(), 4, "all levels: {}", means[1]);
    assert!(ended.stdout.contains("§ rests on captions (AVC)"), "{}", ended.stdout);

    let csv = with_data(scored(), &format!("{line} --format csv")).expect(0).stdout;
    let marked = csv.lines().filter(|line| line.ends_with(",true")).count();
    // Two modes: AVC with its four parts, Understanding, Overall and four levels.
    assert_eq!(marked, 2 * (1 + 4 + 1 + 1 + 4), "{csv}");

    assert!(json(&to.path().join("ear.json"))["understand"]["avc"].is_null());
    let report = json(&to.path().join("ear.report.json"));
    assert_eq!(report["captions"]["stand_in_version"], 1);
    let avc = &report["official"]["scores"]["understand"]["avc"];
    assert!(avc["stand_in"].is_number() && avc["fense"].is_null(), "{avc}");
    assert_eq!(report["official"]["summary"]["overall"]["by_stand_in"][0], "understand");
    let rows = std::fs::read_to_string(to.path().join("ear.samples.jsonl")).unwrap();
    let rows = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let captions: Vec<Value> = rows.filter(|row| row["folder"] == "AVC").collect();
    assert!(!captions.is_empty());
    for row in captions {
        assert!(row["fense"].is_null() && row["similarity"].is_null(), "{row}");
        assert!(row["fluency_error"].is_null() && row["p_error"].is_null(), "{row}");
        assert_eq!(row["stand_in"], row["score"]);
    }
}

#[test]
fn comparisons_are_marked_and_made_within_one_rater() {
    let ended = with_data(scored(), "compare ear guess --captions stand-in").expect(0);
    for name in MARKED {
        let marked = format!("{name}§ ");
        let is_there = ended.stdout.lines().any(|line| line.starts_with(&marked));
        assert!(is_there, "{name}: {}", ended.stdout);
    }
    assert!(ended.stdout.contains("§ rests on captions (AVC)"), "{}", ended.stdout);
    let found = with_data(scored(), "compare ear guess --captions stand-in --json").expect(0);
    let found: Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(found["outcomes"][0]["captions"]["stand_in_version"], 1);

    // An earlier scoring by FENSE: what rests on captions is left out, and the rest compared.
    let to = folder();
    let out = to.path().display().to_string();
    let line = format!(
        "score --models ear --captions stand-in --eval-dir {out} --diff by_fense/ear.report.json"
    );
    let diff = with_data(scored(), &line).expect(0).stdout;
    let (_, diff) = diff.split_once("AVC, its stage, Overall and the levels are left out").unwrap();
    assert!(diff.contains("captions rated by: FENSE"), "{diff}");
    assert!(!diff.contains("official avc") && !diff.contains("l1"), "{diff}");
}

#[test]
fn pages_mark_the_numbers_and_do_not_compare_raters() {
    let to = folder();
    let page = to.path().join("page.html");
    let line = format!("report ear guess --out {}", page.display());
    with_data(scored(), &line).expect(0);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("The captions of ear and guess were not rated by the same measure"));
    assert!(page.contains("Captions (AVC) were rated by a stand-in for FENSE"));
    let mark =
        "<span class=\"mark\" title=\"rests on captions by the stand-in for FENSE\">§</span>";
    // Two modes: AVC in the table of tasks, its four parts on its page, Understanding, Overall, four levels.
    assert!(page.matches(mark).count() >= 2 * (1 + 4 + 2 + 4), "{}", page.matches(mark).count());
    let with_link = "#/task/AVC\"";
    let (_, comparison) = page.split_once("<h1>Comparison</h1>").unwrap();
    let (comparison, _) = comparison.split_once("</article>").unwrap();
    assert!(!comparison.contains(with_link), "captions of two raters are compared");
}

#[test]
fn bundles_say_so_and_the_leaderboard_refuses() {
    let to = folder();
    let file = to.path().join("ear.zip");
    let line = format!("bundle ear --with-answers --out {}", file.display());
    let packed = with_data(scored(), &line).expect(0);
    assert!(packed.stderr.contains("the leaderboard takes none of them"), "{}", packed.stderr);
    // The rules are at hand, so that captions are rated anew.
    let told = with_data(scored(), &format!("verify {}", file.display())).expect(0).stdout;
    assert!(told.contains("What bears the mark § rests on captions"), "{told}");
    assert!(!told.contains("ratings of captions"), "{told}");
    assert!(told.lines().any(|line| line.starts_with("AVC") && line.contains('§')), "{told}");
    let refused = run(
        scored(),
        "leaderboard entry ear --id my-1 --model-name M --provider P --model-id m --released 2026-01-31 \
         --release-source https://x.y/ --benchmark-version v1 --source-type participant \
         --source-url https://x.y/",
    )
    .expect(1);
    assert!(refused.stderr.contains("avibench fense fetch"), "{}", refused.stderr);
    assert_eq!(refused.stdout, "");
}
