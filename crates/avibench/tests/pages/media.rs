//! Media play, boxes lie where they should, and the words that were read are marked.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::made::{avibench, made};

/// The records of a folder as the data set has them.
fn records(stage: &str, folder: &str) -> Vec<Value> {
    let path = made().root().join(format!("data/levels/{stage}/{folder}/data.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn sounds_and_clips_play_and_seek() {
    let mut browser = Browser::start();
    browser.open(&made().report());
    browser.go("#/sample/ASQA/1");
    browser.run("document.querySelector('audio').play()");
    browser.wait_for("document.querySelector('audio').currentTime > 0.05");
    let pieces = browser
        .run("document.querySelector('.waveform path').getAttribute('d').split('M').length - 1");
    assert_eq!(pieces, json!(150));
    let clips = records("reasoning", "AVQA");
    let at = clips.iter().position(|record| record["input"]["video"].is_string()).unwrap();
    browser.go(&format!("#/sample/AVQA/{at}"));
    browser.wait_for("document.querySelector('video')?.readyState >= 1");
    browser.run("document.querySelector('video').play()");
    browser.wait_for("document.querySelector('video').currentTime > 0.05");
    browser.run("new Promise(done => { const clip = document.querySelector('video'); clip.pause(); clip.onseeked = done; clip.currentTime = clip.duration * 0.75; })");
    let share = browser.run(
        "document.querySelector('video').currentTime / document.querySelector('video').duration",
    );
    assert!((share.as_f64().unwrap() - 0.75).abs() < 0.05, "{share}");
    // A click into the waveform seeks, too.
    browser.run("const wave = document.querySelector('.waveform'); const box = wave.getBoundingClientRect(); wave.dispatchEvent(new MouseEvent('click', {clientX: box.left + box.width / 4, clientY: box.top + 5, bubbles: true}))");
    let share = browser.run(
        "document.querySelector('video').currentTime / document.querySelector('video').duration",
    );
    assert!((share.as_f64().unwrap() - 0.25).abs() < 0.1, "{share}");
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[test]
fn boxes_lie_where_the_truth_and_the_answer_say() {
    let mut browser = Browser::start();
    browser.look(1440, 900, "light");
    browser.open(&made().report());
    let record = &records("perception", "AVL")[0];
    let answer = &record["output"]["question_answer"];
    let [width, height] = [0, 1].map(|at| answer["original_wh"][at].as_f64().unwrap());
    browser.go("#/sample/AVL/0");
    browser.run("document.querySelector('.framed').scrollIntoView()");
    browser.wait_for("document.querySelector('.framed img').complete && document.querySelector('.framed img').naturalWidth > 0");
    let drawn = browser.run(
        "(() => { const picture = document.querySelector('.framed img').getBoundingClientRect(); return ['rect.truth', 'rect.run-0'].map(kind => [...document.querySelectorAll('.boxes ' + kind)].map(rect => { const box = rect.getBoundingClientRect(); return [(box.left - picture.left) / picture.width, (box.top - picture.top) / picture.height, (box.right - picture.left) / picture.width, (box.bottom - picture.top) / picture.height]; })); })()",
    );
    let expected: Vec<[f64; 4]> = answer["bbox"]
        .as_object()
        .unwrap()
        .values()
        .map(|numbers| {
            let [x, y, w, h] = [0, 1, 2, 3].map(|at| numbers[at].as_f64().unwrap());
            [x / width, y / height, (x + w) / width, (y + h) / height]
        })
        .collect();
    let drawn: [Vec<[f64; 4]>; 2] = serde_json::from_value(drawn).unwrap();
    // The observer finds every box, so that both lie on the truth; the line has a width of its own.
    for boxes in &drawn {
        assert_eq!(boxes.len(), expected.len());
        for (drawn, expected) in boxes.iter().zip(&expected) {
            for (found, right) in drawn.iter().zip(expected) {
                assert!((found - right).abs() < 0.02, "{drawn:?} instead of {expected:?}");
            }
        }
    }
    // Frames of a clip are cut by seeking, each with its boxes.
    browser.go("#/sample/AVLG/0");
    browser.wait_for("document.querySelectorAll('.strip .frame').length === 10");
    let said = browser.run("document.querySelector('.strip .frame figcaption').textContent");
    assert!(
        said.as_str().unwrap().contains("IoU") || said.as_str().unwrap().contains("none"),
        "{said}"
    );
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[test]
fn the_words_that_were_read_are_marked() {
    let rows = made().rows("signal");
    let mut browser = Browser::start();
    browser.open(&made().report());
    let mut checked = 0;
    for folder in ["AVM", "AVQA", "AMIC", "AVL", "VAR", "AVC", "AVSQA"] {
        let row = rows
            .iter()
            .find(|row| {
                row["mode"] == "strict"
                    && row["folder"] == folder
                    && row["reading"]["span"].is_array()
            })
            .unwrap_or_else(|| panic!("no row of {folder} has a span"));
        let answer = row["raw_answer"].as_str().unwrap();
        let [from, to] = [0, 1].map(|at| row["reading"]["span"][at].as_u64().unwrap() as usize);
        browser.go(&format!("#/sample/{folder}/{}", row["position"]));
        let marked = browser.run("document.querySelector('.answer mark').textContent");
        assert_eq!(marked.as_str(), Some(&answer[from..to]), "{folder}");
        let shown = browser.run("document.querySelector('.answer pre.text').textContent");
        assert_eq!(shown.as_str(), Some(answer));
        checked += 1;
    }
    assert_eq!(checked, 7);
    // The request as it was sent, without media bytes.
    browser.go("#/sample/AVM/0");
    browser.run("[...document.querySelectorAll('.answer summary')].find(summary => summary.textContent === 'Request').parentElement.open = true");
    browser.wait_for("[...document.querySelectorAll('.answer pre')].some(pre => pre.textContent.includes('\"messages\"'))");
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[test]
fn embedded_media_need_no_data_set_and_have_spectrograms() {
    let alone = tempfile::tempdir().unwrap();
    let page = alone.path().join("alone.html");
    let out = page.display().to_string();
    avibench(
        made().root(),
        &["report", "signal", "--data-root", "data", "--embed-media", "64", "--out", &out],
    );
    let mut browser = Browser::start();
    browser.open(&page);
    browser.go("#/sample/ASQA/1");
    browser.run("document.querySelector('audio').play()");
    browser.wait_for("document.querySelector('audio').currentTime > 0.05");
    browser.run("[...document.querySelectorAll('button')].find(button => button.textContent === 'Show spectrogram').click()");
    // A tone has energy at some pitch: not every pixel is black.
    browser.wait_for(
        "(() => { const canvas = document.querySelector('canvas.spectrogram'); return !!canvas && canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value, at) => at % 4 < 3 && value > 100); })()",
    );
    browser.go("#/sample/AVL/0");
    browser.wait_for("document.querySelector('.framed img')?.naturalWidth > 0");
    assert_eq!(browser.problems(), Vec::<String>::new());
}
