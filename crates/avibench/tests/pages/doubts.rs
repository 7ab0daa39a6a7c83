//! Doubts that a page saved, and what `score` makes of them.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::made::{avibench, avibench_fails, made};

#[test]
fn what_the_page_saves_is_what_score_takes() {
    let made = made();
    let mut browser = Browser::start();
    browser.open(&made.report());
    browser.go("#/sample/AVQA/2");
    browser.run(
        "document.querySelector('.doubt').open = true; document.getElementById('doubt-note').value = 'two answers fit'; document.querySelector('.doubt button').click()",
    );
    // The file that the browser would save.
    browser.run(
        "window.saved = null; URL.createObjectURL = blob => { blob.text().then(text => { window.saved = text; }); return 'blob:x'; }; HTMLAnchorElement.prototype.click = () => {}",
    );
    browser.go("#/samples");
    browser.run("document.getElementById('save-doubts').click()");
    browser.wait_for("window.saved !== null");
    let saved = browser.run("window.saved");
    let saved: Value = serde_json::from_str(saved.as_str().unwrap()).unwrap();
    let doubt = &saved["doubts"][0];
    assert_eq!((&doubt["folder"], &doubt["position"]), (&json!("AVQA"), &json!(2)));
    let file = made.root().join("doubts.json");
    std::fs::write(&file, saved.to_string()).unwrap();
    let args = [
        "score",
        "--models",
        "signal",
        "--data-root",
        "data",
        "--eval-dir",
        "doubted",
        "--doubts",
        "doubts.json",
    ];
    let tables = avibench(made.root(), &args);
    assert_eq!(tables.matches("1 counted sample in doubt").count(), 2, "{tables}");
    let after = tables.split("in doubt").nth(1).unwrap();
    let line = after.lines().find(|line| line.starts_with("AVQA")).unwrap();
    assert!(line.contains("+0.00"), "the observer is right about all of AVQA: {line}");
    // Doubts hold for the data that were looked at.
    let mut other = saved.clone();
    other["doubts"][0]["data_sha256"] = json!("0".repeat(64));
    std::fs::write(&file, other.to_string()).unwrap();
    let said = avibench_fails(made.root(), &args);
    assert!(said.contains("AVQA 2 is about another data.json"), "{said}");
    let mut far = saved;
    far["doubts"][0]["position"] = json!(10_000);
    std::fs::write(&file, far.to_string()).unwrap();
    let said = avibench_fails(made.root(), &args);
    assert!(said.contains("there is no sample AVQA 10000 to doubt"), "{said}");
}
