//! Every number of every table is that of the JSON.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::made::{avibench, made};

#[test]
fn every_number_is_that_of_the_report() {
    let made = made();
    let reports = [made.json("signal"), made.json("chance")];
    let compared = ["official", "strict"].map(|mode| -> Value {
        let mut args = vec!["compare", "signal", "chance", "--json", "--data-root", "data"];
        args.extend(["--captions", "stand-in"]);
        if mode == "strict" {
            args.push("--strict");
        }
        serde_json::from_str(&avibench(made.root(), &args)).unwrap()
    });
    let mut browser = Browser::start();
    browser.open(&made.report());
    let cells = browser.run(
        "[...document.querySelectorAll('[data-place]')].map(cell => ({...cell.dataset, text: cell.textContent}))",
    );
    let cells = cells.as_array().unwrap();
    let mut numbers = 0;
    for cell in cells {
        let place = cell["place"].as_str().unwrap();
        let json = match cell["comparison"].as_str() {
            Some("official") => &compared[0],
            Some(_) => &compared[1],
            None => &reports[cell["run"].as_str().unwrap().parse::<usize>().unwrap()],
        };
        let value = json.pointer(place).unwrap_or_else(|| panic!("nothing at {place}"));
        let shown = cell["text"].as_str().unwrap();
        let expected = match (value, cell["scale"].as_str().unwrap()) {
            (Value::Null, _) => "–".to_owned(),
            (Value::Array(items), "length") => items.len().to_string(),
            (value, "count") => value.to_string(),
            (value, scale) => {
                let scaled = value.as_f64().unwrap() * scale.parse::<f64>().unwrap();
                format!("{scaled:.2}")
            }
        };
        assert_eq!(shown, expected, "{place}");
        numbers += usize::from(!value.is_null());
    }
    assert!(numbers > 1_000, "only {numbers} numbers stand on the page");
    // Tasks in the order of the report, and each with a page.
    let tasks = browser.run(
        "[...document.querySelectorAll('.page')].map(page => page.dataset.route).filter(route => route.startsWith('/task/'))",
    );
    assert_eq!(tasks.as_array().unwrap().len(), 14, "{tasks}");
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[test]
fn every_page_is_whole_in_both_schemes_and_at_every_width() {
    let mut browser = Browser::start();
    for (width, scheme) in [(1440, "light"), (390, "dark")] {
        browser.look(width, 844, scheme);
        browser.open(&made().report());
        let routes =
            browser.run("[...document.querySelectorAll('.page')].map(page => page.dataset.route)");
        for route in routes.as_array().unwrap() {
            let route = route.as_str().unwrap();
            if route == "/sample" {
                continue;
            }
            browser.go(&format!("#{route}"));
            let shown = browser.run("document.querySelector('.page.current').dataset.route");
            assert_eq!(shown, json!(route));
            let wide = browser.run("document.documentElement.scrollWidth - innerWidth");
            assert!(wide.as_i64().unwrap() <= 0, "{route} is {wide} pixels too wide at {width}");
            let title = browser.run("document.querySelector('.page.current h1').textContent");
            assert!(!title.as_str().unwrap().is_empty(), "{route} has no title");
            assert_eq!(browser.run(UNEVEN), json!([]), "{route}");
        }
    }
    assert_eq!(browser.problems(), Vec::<String>::new());
}

/// Rows of tables on the current page that have more or fewer cells than their head.
const UNEVEN: &str = "
    (() => {
        const cells = row => [...row.cells].reduce((sum, cell) => sum + cell.colSpan, 0);
        return [...document.querySelectorAll('.page.current table')].flatMap(table => {
            const head = table.tHead && cells(table.tHead.rows[0]);
            const rows = head ? [...table.tBodies].flatMap(body => [...body.rows]) : [];
            return rows.filter(row => cells(row) !== head).map(row => row.textContent);
        });
    })()
";

#[test]
fn confusions_are_shaded_by_their_number() {
    let mut browser = Browser::start();
    browser.open(&made().report());
    browser.go("#/task/AVM");
    let colours = browser.run(
        "[...document.querySelectorAll('.page.current .confusion td.diagonal')].map(cell => getComputedStyle(cell).backgroundColor)",
    );
    let colours = colours.as_array().unwrap();
    assert!(!colours.is_empty());
    let clear = json!("rgba(0, 0, 0, 0)");
    assert!(colours.iter().any(|colour| *colour != clear), "{colours:?}");
}

/// Whoever has the rows can add them up again: of every family, in both modes.
#[test]
fn the_rows_of_a_run_add_up_to_its_report() {
    use avibench_results::{ScoringMode, read_run};
    use avibench_score::{GuessBaselines, estimate};
    for label in ["signal", "chance"] {
        let path = made().root().join(format!("eval_outputs/{label}.report.json"));
        let run = read_run(&path).unwrap();
        for mode in [ScoringMode::Official, ScoringMode::Strict] {
            let verdicts = run.verdicts(mode);
            let found = estimate(&[(label, &verdicts)], GuessBaselines::embedded()).unwrap();
            let expected = &run.report.mode(mode).estimates;
            assert_eq!(found[0].tasks.len(), expected.tasks.len());
            let near = |a: Option<f64>, b: Option<f64>, what: &str| match (a, b) {
                (Some(a), Some(b)) => assert!((a - b).abs() < 1e-9, "{what}: {a} instead of {b}"),
                (a, b) => assert_eq!(a, b, "{what}"),
            };
            for (found, expected) in found[0].tasks.iter().zip(&expected.tasks) {
                for (found, expected) in found.parts.iter().zip(&expected.parts) {
                    let what = format!("{label} {} {}", mode.name(), expected.name);
                    near(found.estimate.value, expected.estimate.value, &what);
                    near(found.estimate.low, expected.estimate.low, &what);
                    near(found.estimate.high, expected.estimate.high, &what);
                }
            }
            for (found, expected) in found[0].stages.iter().zip(&expected.stages) {
                near(found.estimate.value, expected.estimate.value, &expected.name);
                near(found.estimate.high, expected.estimate.high, &expected.name);
            }
        }
    }
}
