//! Filters, search, order, keys and links, and the statistics of what is selected.

use std::collections::BTreeMap;

use avibench_statistics::{ClusterSum, ClusteredMean, Z_95};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::made::made;

/// Whether the statistics are those of the list.
pub(crate) const MEASURED: &str = "!!document.querySelector('table.selection') && !document.querySelector('.statistics[aria-busy]')";

/// Formal strict scores of a label by folder and position.
fn scores(label: &str) -> BTreeMap<(String, u64), (String, f64)> {
    let rows = made().rows(label).into_iter().filter(|row| row["mode"] == "strict");
    let score = |row: Value| {
        let key = (row["folder"].as_str()?.to_owned(), row["position"].as_u64()?);
        row["counted"].as_bool().filter(|counted| *counted)?;
        Some((key, (row["cluster"].as_str()?.to_owned(), row["score"].as_f64()?)))
    };
    rows.filter_map(score).collect()
}

fn sums(values: impl IntoIterator<Item = (String, f64)>) -> Vec<ClusterSum> {
    let mut sums: BTreeMap<String, ClusterSum> = BTreeMap::new();
    for (cluster, value) in values {
        let sum = sums.entry(cluster).or_insert(ClusterSum { sum: 0.0, weight: 0.0 });
        sum.sum += value;
        sum.weight += 1.0;
    }
    sums.into_values().collect()
}

fn near(found: &Value, expected: f64, what: &str) {
    let found = found.as_f64().unwrap_or(f64::NAN);
    assert!((found - expected).abs() < 1e-6, "{what}: {found} instead of {expected}");
}

/// What the table of the selection says, by its heads.
fn statistics(browser: &mut Browser) -> BTreeMap<String, Value> {
    browser.wait_for(MEASURED);
    let rows = browser.run(
        "[...document.querySelectorAll('table.selection tbody tr')].map(row => [row.querySelector('th').textContent, JSON.parse(row.dataset.exact)])",
    );
    let rows: Vec<(String, Value)> = serde_json::from_value(rows).unwrap();
    rows.into_iter().collect()
}

#[test]
fn a_selection_has_the_intervals_and_tests_of_the_library() {
    let (signal, chance) = (scores("signal"), scores("chance"));
    let mut browser = Browser::start();
    browser.open(&made().report());
    for (filter, holds) in [
        ("", (|_| true) as fn(&str) -> bool),
        (r#"task == "AVL""#, |folder| folder == "AVL"),
        (r#"stage == "sensation" and not check"#, |folder| {
            matches!(folder, "ASQA" | "VSQA_I" | "VSQA_V" | "AVSQA")
        }),
        (r#"folder in ("AVC", "AVLG", "AMIC")"#, |folder| {
            matches!(folder, "AVC" | "AVLG" | "AMIC")
        }),
    ] {
        browser.go(&format!("#/samples?filter={}", avibench_pages::escaped(filter)));
        let found = statistics(&mut browser);
        for (name, scores) in [("A signal, strict", &signal), ("B chance, strict", &chance)] {
            let of = scores.iter().filter(|(key, _)| holds(&key.0)).map(|(_, value)| value.clone());
            let of: Vec<(String, f64)> = of.collect();
            let Some(shown) = found.get(name) else {
                assert!(of.is_empty(), "{filter}: {name} is missing");
                continue;
            };
            let mean = ClusteredMean::new(sums(of), (0.0, 1.0)).unwrap();
            near(&shown["value"], mean.value(), name);
            near(&shown["low"], mean.lower_limit(Z_95), name);
            near(&shown["high"], mean.upper_limit(Z_95), name);
        }
        let differences = signal
            .iter()
            .filter(|(key, _)| holds(&key.0))
            .filter_map(|(key, value)| Some((value.0.clone(), value.1 - chance.get(key)?.1)));
        let mean = ClusteredMean::of_differences(sums(differences)).unwrap();
        let shown = &found["A − B, strict"];
        near(&shown["value"], mean.value(), filter);
        // The library's own rule: where the exact test finds nothing, the interval holds 0.
        let p = shown["p"].as_f64().unwrap();
        if p <= 0.05 {
            near(&shown["low"], mean.lower_limit(Z_95), filter);
            near(&shown["high"], mean.upper_limit(Z_95), filter);
        } else {
            assert!(
                shown["low"].as_f64().unwrap() <= 0.0 && shown["high"].as_f64().unwrap() >= 0.0
            );
        }
        if mean.informative() > avibench_statistics::SIGN_FLIP_LIMIT {
            near(
                &shown["p"],
                mean.p(0.0).max(avibench_statistics::least_sign_flip_p(mean.informative())),
                filter,
            );
        }
    }
    assert_eq!(browser.problems(), Vec::<String>::new());
}

fn count(browser: &mut Browser) -> u64 {
    let words = browser.run("document.querySelector('.found').textContent");
    let first = words.as_str().unwrap().split(' ').next().unwrap().replace(',', "");
    first.parse().unwrap()
}

#[test]
fn filters_take_what_they_say_and_say_what_is_wrong() {
    let rows = made().rows("signal");
    let strict: Vec<&Value> = rows.iter().filter(|row| row["mode"] == "strict").collect();
    let holds =
        |test: &dyn Fn(&Value) -> bool| strict.iter().filter(|row| test(row)).count() as u64;
    let mut browser = Browser::start();
    browser.open(&made().report());
    let mut filtered = |filter: &str| {
        browser.go(&format!("#/samples?filter={}", avibench_pages::escaped(filter)));
        let problem = browser.run("document.getElementById('filter-problem').textContent");
        (count(&mut browser), problem.as_str().unwrap().to_owned())
    };
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_lowercase();
    assert_eq!(filtered("").0, strict.len() as u64);
    assert_eq!(filtered("check").0, holds(&|row| row["is_check"] == true));
    let below =
        holds(&|row| row["counted"] == true && row["score"].as_f64().is_some_and(|s| s < 0.5));
    assert_eq!(filtered("strict < 0.5").0, below);
    assert_eq!(filtered("strict < 50%").0, below);
    let right_a = holds(&|row| row["outcome"] == "right" && text(row, "truth").contains('a'));
    assert_eq!(filtered(r#"outcome == "right" and truth contains "A""#).0, right_a);
    let no_score = holds(&|row| row["counted"] != true || row["score"].is_null());
    assert_eq!(filtered("strict == none").0, no_score);
    let (_, problem) = filtered("tusk == 1");
    assert!(problem.contains("did you mean `task`"), "{problem}");
    let (_, problem) = filtered(r#"task == "AVL"#);
    assert!(problem.contains("At character 9") && problem.contains("not closed"), "{problem}");
    let (_, problem) = filtered("task == ");
    assert!(problem.contains("missing at the end"), "{problem}");
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[test]
fn keys_and_links_lead_through_the_samples() {
    let mut browser = Browser::start();
    browser.open(&made().report());
    browser.press("f");
    browser.wait_for("document.activeElement.id === 'filter'");
    browser.type_in("ta");
    browser.wait_for("!document.getElementById('choices').hidden");
    browser.press("ArrowDown");
    browser.press("Enter");
    browser.wait_for("document.getElementById('filter').value === 'task '");
    browser.type_in(r#"== "AVM""#);
    browser.press("Enter");
    browser.wait_for("location.hash.includes('AVM') && document.querySelector('table.list tbody th a').textContent === 'AVM 0'");
    browser.press("Escape");
    browser.wait_for("document.activeElement.id !== 'filter'");
    browser.press("ArrowDown");
    browser.press("ArrowDown");
    browser.wait_for("document.activeElement.textContent === 'AVM 1'");
    browser.press("Enter");
    browser.wait_for("document.querySelector('.page.current').dataset.route === '/sample'");
    let title = browser.run("document.querySelector('.page.current h1').textContent");
    assert_eq!(title, json!("AVM 1"));
    browser.press("ArrowRight");
    browser.wait_for("document.querySelector('.page.current h1').textContent === 'AVM 2'");
    browser.press("ArrowLeft");
    browser.wait_for("document.querySelector('.page.current h1').textContent === 'AVM 1'");
    let deep = browser.run("location.href").as_str().unwrap().to_owned();
    browser.press("Escape");
    browser.wait_for("document.querySelector('.page.current').dataset.route === '/samples' && location.hash.includes('AVM')");
    // The address of a sample opens it in its selection.
    browser.visit(&deep);
    let title = browser.run("document.querySelector('.page.current h1').textContent");
    assert_eq!(title, json!("AVM 1"));
    let place = browser.run("document.getElementById('sample-list').textContent");
    assert!(place.as_str().unwrap().starts_with("List (2 of "), "{place}");
    // Search looks into answers.
    browser.go("#/samples?search=dog");
    let found = count(&mut browser);
    assert!(found > 0 && found < made().rows("signal").len() as u64 / 2, "{found}");
    // Doubts stay with the sample.
    browser.go("#/sample/AVM/3");
    browser.run("document.querySelector('.doubt').open = true; const note = document.getElementById('doubt-note'); note.value = 'the label is wrong'; document.querySelector('.doubt button').click()");
    browser.go("#/samples?pick=doubted");
    assert_eq!(count(&mut browser), 1);
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[test]
fn two_runs_stand_side_by_side() {
    let mut browser = Browser::start();
    browser.open(&made().report());
    let (signal, chance) = (scores("signal"), scores("chance"));
    let apart = |sign: f64| {
        let differ = |(key, value): (&(String, u64), &(String, f64))| {
            chance.get(key).is_some_and(|other| sign * (value.1 - other.1) >= 0.5)
        };
        signal.iter().filter(|pair| differ(*pair)).count() as u64
    };
    browser.go("#/samples?pick=a-right");
    assert_eq!(count(&mut browser), apart(1.0));
    browser.go("#/samples?pick=b-right");
    assert_eq!(count(&mut browser), apart(-1.0));
    browser.go("#/sample/AVQA/0");
    let heads = browser.run(
        "[...document.querySelectorAll('.page.current .answer h2')].map(head => head.textContent)",
    );
    assert_eq!(heads, json!(["A: signal", "B: chance"]));
    assert_eq!(browser.problems(), Vec::<String>::new());
}
