//! The page for everybody: numbers, and nothing that the data set or a model wrote.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::made::{avibench, made};
use crate::selection::MEASURED;

/// The verdicts of a list in their order.
const CHIPS: &str =
    "[...document.querySelectorAll('.page.current .chip')].map(chip => chip.className).join()";

#[test]
fn a_public_page_holds_no_text_of_the_data_and_no_medium() {
    let made = made();
    avibench(
        made.root(),
        &["report", "signal", "chance", "--public", "--data-root", "data", "--out", "public.html"],
    );
    let page = std::fs::read_to_string(made.root().join("public.html")).unwrap();
    let mut texts = BTreeSet::new();
    for row in made.rows("signal").iter().chain(&made.rows("chance")) {
        for name in ["question", "raw_answer", "refined_answer", "truth", "options"] {
            // Short words such as `yes` or names of kinds also occur in the page's own words.
            texts.extend(row[name].as_str().filter(|text| text.len() > 24).map(str::to_owned));
        }
    }
    assert!(texts.len() > 100, "{}", texts.len());
    let found: Vec<&String> = texts.iter().filter(|text| page.contains(text.as_str())).collect();
    assert!(found.is_empty(), "{found:?}");
    for mark in [".wav", ".mp4", ".png", "file:", made.root().to_str().unwrap(), "/levels/"] {
        let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
        assert!(!data.contains(mark), "{mark} stands in the page's data");
    }
    let mut browser = Browser::start();
    browser.open(&made.root().join("public.html"));
    let data = browser.run("JSON.parse(document.getElementById('data').textContent)");
    assert_eq!(data["form"], json!("public"));
    // Every text is a name of this program: verdicts, rules, outcomes, reasons.
    let known = |text: &Value| {
        text.as_str().is_some_and(|text| {
            text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
        })
    };
    assert!(data["strings"].as_array().unwrap().iter().all(known), "{}", data["strings"]);
    // The same scores as on the private page, in another order.
    browser.go("#/samples?filter=task%20%3D%3D%20%22AVQA%22");
    browser.wait_for(MEASURED);
    let public = browser.run("document.querySelector('table.selection tbody tr').dataset.exact");
    // Those of all samples: few of one task may look the same in any order.
    browser.go("#/samples");
    browser.wait_for(MEASURED);
    let order = browser.run(CHIPS);
    browser.open(&made.report());
    browser.go("#/samples?filter=task%20%3D%3D%20%22AVQA%22");
    browser.wait_for(MEASURED);
    assert_eq!(
        public,
        browser.run("document.querySelector('table.selection tbody tr').dataset.exact")
    );
    browser.go("#/samples");
    browser.wait_for(MEASURED);
    assert_ne!(order, browser.run(CHIPS));
    assert_eq!(browser.problems(), Vec::<String>::new());
}
