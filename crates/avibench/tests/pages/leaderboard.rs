//! The leaderboard's page: entries made, checked, added, shown, sorted and removed.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::made::{avibench, avibench_fails, made};

/// What a text holds that wants to be more than text.
const EVIL: &str =
    "</td></table><script>window.ran = 1</script><img src=x onerror='window.ran = 2'>\u{202e}abc";

/// Where the scores lie whose captions FENSE rated.
const BY_FENSE: &str = "by_fense";

fn entry(id: &str, name: &str, overall: Option<f64>, l4: Option<f64>) -> Value {
    json!({
        "id": id, "model_name": name, "provider": "Lab", "model_id": "m",
        "model_release_date": "2026-01-02", "model_release_source_url": "https://example.org/",
        "benchmark_version": "v1", "source": {"type": "participant", "url": "https://example.org/r"},
        "coverage": {"status": "full", "tasks_completed": 14, "tasks_total": 14},
        "scores": {"overall": overall, "taxonomy": {"l4_domain": l4}},
    })
}

fn document(entries: &[Value]) -> String {
    let root = json!({"schema_version": 2, "chart_benchmark_version": "v1", "entries": entries});
    format!("{}\n", serde_json::to_string_pretty(&root).unwrap())
}

fn built(folder: &Path, entries: &[Value]) -> Browser {
    fs::write(folder.join("board.json"), document(entries)).unwrap();
    avibench(folder, &["leaderboard", "build", "board.json", "--out", "site"]);
    let mut browser = Browser::start();
    browser.open(&folder.join("site/index.html"));
    browser
}

/// Names with their ranks, from above, in the first table.
const ROWS: &str = "[...document.querySelector('table.board').tBodies[0].rows].map(row => \
    row.querySelector('td.rank').textContent + ' ' + row.querySelector('.name').textContent)";

fn click(browser: &mut Browser, head: &str) -> Value {
    browser.run(&format!(
        "[...document.querySelectorAll('table.board')[0].querySelectorAll('button.sort')]
            .find(button => button.textContent === '{head}').click()"
    ));
    browser.run(ROWS)
}

#[test]
fn tables_sort_with_nulls_last_and_ties_together() {
    let root = tempfile::tempdir().unwrap();
    let entries = [
        entry("b1", "Beta", Some(50.0), Some(1.0)),
        entry("n1", "None", None, None),
        entry("a1", "Alpha", Some(50.0), Some(2.0)),
        entry("z1", "Zeta", Some(70.25), Some(3.0)),
        entry("c1", "Gamma", Some(9.5), Some(4.0)),
    ];
    let mut browser = built(root.path(), &entries);
    let best_first = json!(["1 Zeta", "2= Alpha", "2= Beta", "4 Gamma", "– None"]);
    assert_eq!(browser.run(ROWS), best_first, "as it stands without a click");
    let worst_first = json!(["4 Gamma", "2= Alpha", "2= Beta", "1 Zeta", "– None"]);
    assert_eq!(click(&mut browser, "Overall"), worst_first, "ranks stay, and nulls stay last");
    assert_eq!(click(&mut browser, "Overall"), best_first);
    let by_name = json!(["2= Alpha", "2= Beta", "4 Gamma", "– None", "1 Zeta"]);
    assert_eq!(click(&mut browser, "Model"), by_name, "ranks are still those of the score");
    let sorted = "[...document.querySelector('table.board').querySelectorAll('[aria-sort]')]
        .map(head => head.textContent + ' ' + head.getAttribute('aria-sort'))";
    assert_eq!(browser.run(sorted), json!(["Model ascending"]));
    assert_eq!(
        browser.run("document.getElementById('status').textContent"),
        json!("Sorted by Model, ascending")
    );
    // Four entries of one day: the best of them is the frontier.
    let best = "[...document.querySelectorAll('svg text.level')].map(text => text.textContent)";
    assert_eq!(browser.run(best), json!(["Gamma 4.00"]));
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[test]
fn published_rows_stand_beside_entries_with_the_source_of_each_number() {
    let root = tempfile::tempdir().unwrap();
    let mut own = entry("g1", "GPT-4o", Some(40.68), Some(0.55));
    own["benchmark_version"] = json!("paper-2606.07643");
    own["source"]["type"] = json!("paper");
    let mut browser = built(root.path(), &[entry("b1", "Beta", Some(50.0), None), own]);
    let names = "[...document.querySelectorAll('section.version')].map(section => \
        [...section.querySelector('table.board').tBodies[0].rows].map(row => row.querySelector('.name').textContent))";
    let names = browser.run(names);
    assert_eq!(names[0], json!(["Beta"]));
    let paper = names[1].as_array().unwrap();
    assert_eq!(paper[0], "Gemini-2.5-Pro");
    assert_eq!(paper.iter().filter(|name| *name == "GPT-4o").count(), 1, "one row a model");
    // Its Overall is the entry's, its tasks were read in the digest, its L4 has a remark.
    let marks = "[...document.querySelectorAll('section.version')[1].querySelectorAll('tr[data-id=g1]')].map(row => \
        [...row.querySelectorAll('td.number:not(.rank)')].map(cell => cell.innerText.replace(/\\s/g, '')))";
    let marks = browser.run(marks);
    assert_eq!(marks[0], json!(["40.68", "40.45p", "48.60p", "56.87p", "16.81p"]));
    assert_eq!(marks[1], json!(["48.64p", "47.19p", "41.93p", "0.55*"]));
    assert_eq!(marks[2][1], json!("24.18d"));
    let people = "document.querySelectorAll('tbody.people .rank')[0].textContent";
    assert_eq!(browser.run(people), json!("–"), "people take part in no rank");
    let unmarked = "[...document.querySelectorAll('tr.published td[data-value]')].filter(cell => !cell.querySelector('sup')).length";
    assert_eq!(browser.run(unmarked), json!(0), "every published number names its source");
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[test]
fn hostile_entries_are_text() {
    let root = tempfile::tempdir().unwrap();
    let mut evil = entry("e1", EVIL, Some(50.0), Some(1.0));
    for field in ["provider", "model_id", "submitter", "notes"] {
        evil[field] = json!(EVIL);
    }
    evil["benchmark_version"] = json!(EVIL);
    evil["model_release_source_url"] = json!("https://a'\"><script>window.ran = 3</script>/");
    evil["source"]["url"] = json!("\u{0}HTTPS://user:x@b.example/\"onmouseover=window.ran=4");
    evil["coverage"]["tasks_completed"] = json!(14);
    let mut other = evil.clone();
    (other["id"], other["scores"]["taxonomy"]["l4_domain"]) = (json!("e2"), json!(2.0));
    let entries = [entry("b1", "Beta", Some(50.0), None), evil, other];
    let mut browser = built(root.path(), &entries);
    assert_eq!(browser.run("window.ran"), Value::Null);
    let name = browser.run("document.querySelector('tr[data-id=e1] .name').textContent");
    assert_eq!(name, json!(EVIL.replace('\u{202e}', "⟨U+202E⟩")));
    assert_eq!(browser.run("document.querySelectorAll('main img, main script').length"), json!(0));
    // An address whose host no browser takes has no protocol, and leads nowhere.
    let hrefs = "[...document.querySelectorAll('main a')].every(link => ['https:', ':'].includes(link.protocol))";
    assert_eq!(browser.run(hrefs), json!(true));
    browser.run("document.querySelectorAll('button.sort').forEach(button => button.click())");
    browser.look(390, 844, "dark");
    assert_eq!(browser.run("document.documentElement.scrollWidth <= innerWidth"), json!(true));
    assert_eq!(browser.run("window.ran"), Value::Null);
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[test]
fn an_entry_goes_in_and_out_and_leaves_the_document_as_it_was() {
    let folder = made().root();
    let there = document(&[entry("b1", "Beta", Some(50.0), None)]).replace('\n', "\r\n");
    fs::write(folder.join("round.json"), &there).unwrap();
    let flags = "--id signal-1 --model-name Signal --provider avibench --model-id signal \
        --released 2026-11-01 --release-source https://example.org/s --benchmark-version v2 \
        --source-type participant --source-url https://example.org/r --evaluated 2026-11-02";
    // The demo's captions are rated by a stand-in, which no entry takes.
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fense/tests/data");
    let models = models.to_str().unwrap();
    let score = ["score", "--data-root", "data", "--fense-models", models, "--eval-dir", BY_FENSE];
    avibench(folder, &score);
    for label in ["signal", "chance"] {
        let out = format!("{label}.zip");
        avibench(folder, &["bundle", label, "--out", &out, "--eval-dir", BY_FENSE]);
    }
    let mut args = vec!["leaderboard", "entry", "signal", "--bundle", "signal.zip"];
    args.extend(["--eval-dir", BY_FENSE]);
    args.extend(flags.split_whitespace());
    let made = avibench(folder, &args);
    let other: Vec<&str> =
        args.iter().map(|arg| if *arg == "signal.zip" { "chance.zip" } else { *arg }).collect();
    let refused = avibench_fails(folder, &other);
    assert!(refused.contains("holds other numbers than the scores of signal"), "{refused}");
    fs::write(folder.join("entry.json"), &made).unwrap();
    avibench(folder, &["leaderboard", "add", "round.json", "entry.json"]);
    let checked = avibench(folder, &["leaderboard", "check", "round.json"]);
    assert!(checked.ends_with("valid: 2 entries\n") && !checked.contains("warning"), "{checked}");
    let twice = avibench_fails(folder, &["leaderboard", "add", "round.json", "entry.json"]);
    assert!(twice.contains("an entry `signal-1` already"), "{twice}");
    avibench(folder, &["leaderboard", "build", "round.json", "--out", "board"]);

    let entry: Value = serde_json::from_str(&made).unwrap();
    let mut browser = Browser::start();
    browser.open(&folder.join("board/index.html"));
    let cells = "[...document.querySelectorAll('tr[data-id=signal-1]')].at(-1).querySelectorAll('td.number:not(.rank)')";
    let avm = browser.run(&format!("[...{cells}][4].innerText.split(/\\s+/)"));
    let avm_entry = &entry["scores"]["tasks"]["AVM"];
    let number = |name: &str| avm_entry[name].as_f64().unwrap();
    let interval = format!("{:.1}–{:.1}", number("low"), number("high"));
    let strict = format!("{:.2}", number("strict"));
    assert_eq!(avm, json!([format!("{:.2}", number("official")), interval, "strict", strict]));
    assert_eq!(browser.problems(), Vec::<String>::new());
    ranks_are_those_of_bundles(
        folder,
        &flags.replace("signal", "chance").replace("Signal", "Chance"),
    );

    avibench(folder, &["leaderboard", "remove", "round.json", "signal-1"]);
    assert_eq!(fs::read_to_string(folder.join("round.json")).unwrap(), there);
    let last = avibench_fails(folder, &["leaderboard", "remove", "round.json", "b1"]);
    assert!(last.contains("the last entry of the benchmark version `v1`"), "{last}");
    assert_eq!(fs::read_to_string(folder.join("round.json")).unwrap(), there);
}

/// The observer is better than guessing where that is more than noise, and both share a rank elsewhere.
fn ranks_are_those_of_bundles(folder: &Path, flags: &str) {
    let mut args = vec!["leaderboard", "entry", "chance", "--bundle", "chance.zip"];
    args.extend(["--eval-dir", BY_FENSE]);
    args.extend(flags.split_whitespace());
    fs::write(folder.join("chance.entry.json"), avibench(folder, &args)).unwrap();
    let build = ["leaderboard", "build", "round.json", "--out", "ranked", "--bundle", "signal.zip"];
    let alone = [&build[..], &["--bundle", "chance.zip"]].concat();
    let said = avibench_fails(folder, &alone);
    assert!(said.contains("no entry names the bundle chance.zip"), "{said}");
    avibench(folder, &[&alone[..], &["chance.entry.json"]].concat());
    let mut browser = Browser::start();
    browser.open(&folder.join("ranked/index.html"));
    let ranks = "Object.fromEntries([...document.querySelectorAll('[aria-label^=\"Rank sets, strict\"] tbody tr')].map(row => \
        [row.cells[0].textContent, [...row.cells].slice(1).map(cell => [...cell.querySelectorAll('.ranked')].map(model => model.textContent.split(' ')[0]))]))";
    let ranks = browser.run(ranks);
    assert_eq!(ranks["VSQA"], json!([["Signal"], ["Chance"]]), "{ranks}");
    assert_eq!(ranks["AVH"], json!([["Signal", "Chance"], []]), "{ranks}");
    assert_eq!(browser.problems(), Vec::<String>::new());
}
