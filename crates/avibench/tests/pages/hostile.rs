//! Content that wants to be more than text: in answers, labels, ids, questions, options, file names, model
//! names, errors and kinds of questions.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::made::avibench;
use crate::view::Served;
use avibench_pages::escaped;

/// What every field holds: an end of the script, an element that runs, quotes, directions, zero widths.
const EVIL: &str = "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 2'>\"'`\u{202e}abc\u{200b}\u{0}<!--<svg onload=window.ran=3>";

/// As much of it as names of labels may hold.
const EVIL_LABEL: &str = "a&lt;img src=x onerror='window.ran = 6'&gt;";

fn write(path: &Path, value: &Value) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, value.to_string()).unwrap();
}

fn record(id: &str, text: &str, truth: &Value, media: &Value) -> Value {
    json!({
        "id": id, "task": "AVQA", "subtask": EVIL,
        "input": {
            "question": {"prompt": EVIL, "options": EVIL, "text": text},
            "image_list": media["images"], "audio_list": media["sounds"], "video": media["video"],
        },
        "output": {"question_answer": truth},
    })
}

#[test]
fn hostile_texts_are_texts() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("data/levels/reasoning/AVQA");
    let no_media = json!({"images": null, "sounds": null, "video": null});
    let ways = [
        json!({"images": ["javascript:window.ran=4", "../../../../../etc/passwd"], "sounds": null, "video": null}),
        json!({"images": ["in<img src=x onerror=window.ran=5>.png"], "sounds": ["//evil.example/a.wav"], "video": "http://evil.example/a.mp4"}),
    ];
    let long = format!("{EVIL}{}", "long ".repeat(200_000));
    let mut records = vec![
        record(EVIL, EVIL, &json!(EVIL), &no_media),
        record("pre_1", "is it there?", &json!("yes"), &no_media),
        record("1", &long, &json!("yes"), &ways[0]),
        record("2", "what?", &json!("no"), &ways[1]),
    ];
    records.push(record("__proto__", "constructor", &json!("toString"), &no_media));
    write(&folder.join("data.json"), &json!(records));
    let label = "evil'&b;$(x)";
    let answers = [EVIL, "yes", &long, "The answer is </script> no", "__proto__"];
    let tasks: Vec<Value> = records
        .iter()
        .zip(answers)
        .map(|(record, answer)| json!({"id": record["id"], "task": "AVQA", "predict": answer}))
        .collect();
    for home in ["user_outputs", "user_outputs_refined"] {
        write(&root.path().join(format!("{home}/{label}/tasks/AVQA.json")), &json!(tasks));
    }
    avibench(root.path(), &["score", "--models", label, "--data-root", "data"]);
    avibench(root.path(), &["report", label, "--data-root", "data", "--out", "page.html"]);
    let mut browser = Browser::start();
    browser.open(&root.path().join("page.html"));
    let title = browser.run("document.title");
    assert!(title.as_str().unwrap().starts_with(label), "{title}");
    for place in [
        "#/",
        "#/task/AVQA",
        "#/samples",
        "#/samples?search=%3C%2Fscript%3E",
        "#/sample/AVQA/0",
        "#/sample/AVQA/2",
        "#/sample/AVQA/3",
        "#/sample/AVQA/4",
        "#/sample/__proto__/0",
        "#/__proto__",
        "#/task/%3Cimg%20onerror%3E",
    ] {
        browser.go(place);
        browser.run("document.querySelectorAll('details').forEach(details => { details.open = true; }); new Promise(done => setTimeout(done, 150))");
        assert_eq!(browser.run("window.ran ?? null"), Value::Null, "{place} ran something");
        // Nothing that the texts hold became an element.
        let foreign = browser.run(
            "document.querySelectorAll('[onerror], [onload], b, svg[onload], main script').length",
        );
        assert_eq!(foreign, json!(0), "{place}");
        let ends = browser.run("!!document.querySelector('.page.current h1') && document.querySelectorAll('script').length");
        assert_eq!(ends, json!(2), "{place}");
    }
    browser.go("#/sample/AVQA/0");
    let answer = browser.run("document.querySelector('.answer pre.text').textContent");
    // Invisible marks stand as escapes; everything else as it is.
    let shown = EVIL
        .replace('\u{202e}', "⟨U+202E⟩")
        .replace('\u{200b}', "⟨U+200B⟩")
        .replace('\u{0}', "⟨U+0000⟩");
    assert_eq!(answer.as_str(), Some(shown.as_str()));
    browser.go("#/sample/AVQA/2");
    let links = browser.run("[...document.querySelectorAll('.media img, .media audio, .media video')].map(medium => medium.getAttribute('src'))");
    for link in links.as_array().unwrap() {
        let link = link.as_str().unwrap();
        assert!(
            link.starts_with("./data/levels/reasoning/AVQA/") && !link.contains(".."),
            "{link}"
        );
    }
    let length = browser.run("document.querySelector('.question pre.text').textContent.length");
    assert!(length.as_u64().unwrap() < 30_000, "a text of a megabyte is shown at once: {length}");
    // Files that are not there are no problem of the page; nothing else may be one.
    let problems = browser.problems();
    let real: Vec<&String> =
        problems.iter().filter(|problem| !problem.contains("ERR_FILE_NOT_FOUND")).collect();
    assert!(real.is_empty(), "{real:?}");
    // The same from a server: on the page of labels and on its own.
    fs::create_dir_all(root.path().join(format!("user_outputs/{EVIL_LABEL}/tasks"))).unwrap();
    fs::write(root.path().join(format!("user_outputs/{EVIL_LABEL}/run.json")), EVIL).unwrap();
    let view = Served::view(root.path(), &[]);
    browser.allow(&format!("http://{}/", view.host()));
    browser.visit(&view.address);
    let labels =
        browser.run("[...document.querySelectorAll('[data-label]')].map(row => row.dataset.label)");
    assert_eq!(labels, json!([EVIL_LABEL, label]));
    for place in [format!("/report/{}", escaped(label)), format!("/so-far/{}", escaped(label))] {
        browser.visit(&format!("http://{}{place}", view.host()));
        for place in ["#/", "#/samples", "#/sample/AVQA/2", "#/sample/AVQA/3"] {
            browser.go(place);
            browser.run("new Promise(done => setTimeout(done, 150))");
            assert_eq!(browser.run("window.ran ?? null"), Value::Null, "{place} ran something");
        }
    }
    let problems = browser.problems();
    let real: Vec<&String> = problems.iter().filter(|problem| !problem.contains("404")).collect();
    assert!(real.is_empty(), "{real:?}");
}
