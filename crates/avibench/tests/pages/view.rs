//! The pages as a server gives them: of scored labels, of runs under way, and to nobody else.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::made::{avibench, made};
use crate::selection::MEASURED;

/// A program that serves until it is dropped.
pub(crate) struct Served {
    child: Child,
    /// The first line of what it printed.
    pub(crate) address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    fn start(folder: &Path, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_avibench"))
            .args(args)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { child, address: address.trim().to_owned() }
    }

    pub(crate) fn view(folder: &Path, more: &[&str]) -> Self {
        let served = Self::start(folder, &[&["view", "--port", "0"], more].concat());
        assert!(served.address.starts_with("http://127.0.0.1:"), "{}", served.address);
        served
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn host(&self) -> &str {
        self.address.split('/').nth(2).unwrap()
    }

    /// The status, head and body that a request gets.
    fn ask(&self, request: &str) -> (u16, String, Vec<u8>) {
        let mut stream = TcpStream::connect(self.host()).unwrap();
        write!(stream, "{}\r\nConnection: close\r\n\r\n", request.replace('\n', "\r\n")).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head, answer[end + 4..].to_vec())
    }

    /// The cookie that the printed address gives.
    fn cookie(&self) -> String {
        let path = self.address.split(self.host()).nth(1).unwrap();
        let (status, head, _) = self.ask(&format!("GET {path} HTTP/1.1\nHost: {}", self.host()));
        assert_eq!(status, 200);
        let line = head.lines().find(|line| line.starts_with("set-cookie: ")).unwrap();
        assert!(line.contains("HttpOnly") && line.contains("SameSite=Strict"), "{line}");
        line["set-cookie: ".len()..].split(';').next().unwrap().to_owned()
    }
}

/// Follows the link with this address.
fn follow_link(browser: &mut Browser, address: &str) {
    let link = format!("a[href={}]", json!(address));
    browser.run(&format!("document.querySelector({}).click()", json!(link)));
    browser.wait_for(
        "document.readyState === 'complete' && !!document.querySelector('#data') && !!document.querySelector('.page.current')",
    );
}

#[test]
fn scored_labels_have_their_pages_and_doubts_go_to_a_file() {
    let made = made();
    let view = Served::view(made.root(), &["--doubts", "noted.json"]);
    let mut browser = Browser::start();
    browser.allow(&format!("http://{}/", view.host()));
    browser.visit(&view.address);
    let labels = browser.run(
        "[...document.querySelectorAll('table.labels tbody tr')].map(row => [row.dataset.label, row.querySelector('[data-cell=asked]').textContent, row.querySelector('[data-cell=state]').textContent])",
    );
    let asked = made.json("signal")["outcomes"]["all"]["total"].to_string();
    let row = |label: &str| json!([label, format!("{asked} of {asked}"), "finished"]);
    assert_eq!(labels, json!([row("chance"), row("signal")]));
    // Both labels side by side.
    browser.run("document.querySelectorAll('[data-choose]').forEach(box => box.click())");
    follow_link(&mut browser, "/report/chance/signal");
    let reports = [made.json("chance"), made.json("signal")];
    let cells = browser.run(
        "[...document.querySelectorAll('[data-place]:not([data-comparison])')].map(cell => ({...cell.dataset, text: cell.textContent}))",
    );
    let mut numbers = 0;
    for cell in cells.as_array().unwrap() {
        let run: usize = cell["run"].as_str().unwrap().parse().unwrap();
        let value = reports[run].pointer(cell["place"].as_str().unwrap()).unwrap();
        if let (Some(value), Ok(scale)) =
            (value.as_f64(), cell["scale"].as_str().unwrap().parse::<f64>())
        {
            assert_eq!(cell["text"], json!(format!("{:.2}", value * scale)));
            numbers += 1;
        }
    }
    assert!(numbers > 500, "only {numbers} numbers stand on the page");
    let current =
        "[...document.querySelectorAll('header.top [aria-current]')].map(link => link.textContent)";
    assert_eq!(browser.run(current), json!(["Overview"]));
    // Media come from the server, in parts; sounds can be looked at.
    browser.go("#/sample/ASQA/1");
    browser.run("document.querySelector('audio').play()");
    browser.wait_for("document.querySelector('audio').currentTime > 0.05");
    browser.run("[...document.querySelectorAll('button')].find(button => button.textContent === 'Show spectrogram').click()");
    browser.wait_for("!!document.querySelector('canvas.spectrogram')");
    browser.go("#/sample/AVLG/0");
    browser.wait_for("document.querySelectorAll('.strip .frame').length === 10");
    browser.run("new Promise(done => { const clip = document.querySelector('video'); clip.onseeked = done; clip.currentTime = clip.duration * 0.75; })");
    let share = browser.run(
        "document.querySelector('video').currentTime / document.querySelector('video').duration",
    );
    assert!((share.as_f64().unwrap() - 0.75).abs() < 0.05, "{share}");
    browser.go("#/sample/AVL/0");
    browser.wait_for("document.querySelector('.framed img')?.naturalWidth > 0");
    // A doubt is in the file, stays after the page, and is what `score` takes.
    browser.go("#/sample/AVQA/2");
    browser.run("document.querySelector('.doubt').open = true; document.getElementById('doubt-note').value = 'two answers <fit>'; document.querySelector('.doubt button').click()");
    browser.wait_for("document.querySelector('.doubt').textContent.includes('Noted in the file')");
    let file = made.root().join("noted.json");
    let doubts = || -> Value { serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap() };
    assert_eq!(doubts()["doubts"][0]["note"], json!("two answers <fit>"));
    browser.run("window.isOld = true; location.reload()");
    browser.wait_for(
        "!window.isOld && document.getElementById('doubt-note')?.value === 'two answers <fit>'",
    );
    let tables = avibench(
        made.root(),
        &[
            "score",
            "--models",
            "signal",
            "--data-root",
            "data",
            "--eval-dir",
            "noted",
            "--doubts",
            "noted.json",
        ],
    );
    assert_eq!(tables.matches("1 counted sample in doubt").count(), 2, "{tables}");
    browser.run("document.querySelectorAll('.doubt button')[1].click()");
    browser.wait_for("document.querySelector('.doubt').textContent.includes('No doubt noted')");
    assert_eq!(doubts()["doubts"], json!([]));
    // The page goes back to all labels.
    browser.run("document.querySelector('header.top a').click()");
    browser.wait_for("!!document.querySelector('table.labels')");
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[test]
fn shards_have_a_table_of_their_own_on_the_first_page() {
    let root = tempfile::tempdir().unwrap();
    let data = made().root().join("data");
    let data = data.to_str().unwrap();
    let run = |shard: &str| {
        let line =
            ["run", "--backend", "chance", "--model-label", "m", "--tasks", "AVM", "--shard"];
        avibench(root.path(), &[&line[..], &[shard, "--data-root", data]].concat());
    };
    run("1/2");
    let view = Served::view(root.path(), &["--data-root", data]);
    let cookie = view.cookie();
    let page = || {
        let request = format!("GET / HTTP/1.1\nHost: {}\nCookie: {cookie}", view.host());
        let (status, _, body) = view.ask(&request);
        assert_eq!(status, 200);
        String::from_utf8_lossy(&body).into_owned()
    };
    let told = page();
    for text in [
        "Shards of m",
        "in shards, not merged yet",
        "data-cell=\"shard 1/2 done\">3 of 3<",
        "data-cell=\"shard 1/2 state\">finished<",
        "data-cell=\"shard 1/2 merged\">no<",
        "avibench merge m",
    ] {
        assert!(told.contains(text), "{text}: {told}");
    }
    run("2/2");
    avibench(root.path(), &["merge", "m", "--data-root", data]);
    let told = page();
    for text in ["merged from shards", "shard 2/2 merged\">yes<", "data-cell=\"asked\">6 of 6<"] {
        assert!(told.contains(text), "{text}: {told}");
    }
    assert!(!told.contains("avibench merge m"), "{told}");
}

#[test]
fn a_run_under_way_is_followed_and_its_numbers_are_not_final() {
    let root = tempfile::tempdir().unwrap();
    let data = made().root().join("data");
    let data = data.to_str().unwrap();
    let slow = Served::start(
        root.path(),
        &["serve", "--model", "signal", "--port", "0", "--fault", "latency ms=300"],
    );
    let view = Served::view(root.path(), &["--data-root", data]);
    let mut browser = Browser::start();
    browser.allow(&format!("http://{}/", view.host()));
    browser.visit(&view.address);
    assert_eq!(browser.run("document.querySelectorAll('table.labels').length"), json!(0));
    let mut run = Command::new(env!("CARGO_BIN_EXE_avibench"))
        .args(["run", "--base-url", &slow.address, "--model-path", "signal"])
        .args(["--model-label", "live", "--concurrency", "2", "--data-root", data])
        .current_dir(root.path())
        .env("AVIBENCH_NO_PROBE", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The label appears by itself, and its numbers move.
    let asked = "Number(document.querySelector('[data-label=live] [data-cell=asked]')?.textContent.split(' ')[0] ?? -1)";
    browser.wait_for(&format!("{asked} > 0"));
    assert_eq!(
        browser.run("document.querySelector('[data-label=live] [data-cell=state]').textContent"),
        json!("asking")
    );
    browser.run(&format!("window.before = {asked}; window.isSame = true"));
    browser.wait_for(&format!("{asked} > window.before"));
    assert_eq!(browser.run("window.isSame"), json!(true), "the page is not loaded anew for that");
    browser.wait_for("[...document.querySelectorAll('[data-cell$=\"so far\"]')].some(cell => /\\d/.test(cell.textContent))");
    // What is there so far can be looked at, without intervals for what is not whole.
    browser
        .wait_for("!!document.querySelector('[data-label=live] .pages a[href=\"/so-far/live\"]')");
    follow_link(&mut browser, "/so-far/live");
    let banner = browser.run("document.querySelector('.banner').textContent");
    assert!(banner.as_str().unwrap().starts_with("Not final: "), "{banner}");
    for mode in ["official", "strict"] {
        let place = format!("[data-place=\"/{mode}/estimates/overall/value\"]");
        let cell = format!("document.querySelector({}).parentElement", json!(place));
        assert_eq!(browser.run(&format!("{cell}.querySelector('.interval')")), Value::Null);
    }
    browser.go("#/samples");
    browser.wait_for(MEASURED);
    let intervals = browser.run("[...document.querySelectorAll('table.selection tbody tr')].map(row => row.cells[2].textContent)");
    assert!(intervals.as_array().unwrap().iter().all(|text| text == "–"), "{intervals}");
    browser.wait_for("document.getElementById('news').hidden === false");
    assert!(run.wait().unwrap().success());
    // In the end the numbers are those of the files.
    browser.run("document.querySelector('header.top a').click()");
    browser.wait_for(
        "document.querySelector('[data-label=live] [data-cell=state]')?.textContent === 'finished'",
    );
    let total = made().json("signal")["outcomes"]["all"]["total"].clone();
    assert_eq!(browser.run(asked), total);
    follow_link(&mut browser, "/so-far/live");
    let banner = browser.run("document.querySelector('.banner').textContent");
    assert!(banner.as_str().unwrap().starts_with("Of the answers as they are now"), "{banner}");
    // The same answers as those of the demo, so the same strict numbers, but for captions, which wait for
    // `score`.
    let strict = made().json("signal")["strict"]["estimates"]["stages"].clone();
    for (at, stage) in strict.as_array().unwrap().iter().enumerate() {
        let Some(value) = stage["value"].as_f64() else { continue };
        let shown = browser.run(&format!("document.querySelector('[data-place=\"/strict/estimates/stages/{at}/value\"]').textContent"));
        let is_unrated = stage["name"] == "understand";
        let expected = if is_unrated { "–".to_owned() } else { format!("{:.2}", value * 100.0) };
        assert_eq!(shown, json!(expected), "{stage}");
    }
    assert_eq!(browser.problems(), Vec::<String>::new());
    // Nothing was written but by the run.
    let mut written: Vec<String> = std::fs::read_dir(root.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    written.sort();
    assert_eq!(written, ["eval_outputs", "user_outputs"]);
}

#[test]
fn strangers_get_nothing() {
    let made = made();
    let view = Served::view(made.root(), &[]);
    let (host, cookie) = (view.host().to_owned(), view.cookie());
    let status = |request: &str| view.ask(request).0;
    let get = |path: &str, more: &str| {
        status(&format!("GET {path} HTTP/1.1\nHost: {host}\nCookie: {cookie}{more}"))
    };
    let record: Value = serde_json::from_slice(
        &std::fs::read(made.root().join("data/levels/sensation/ASQA/data.json")).unwrap(),
    )
    .unwrap();
    let sound = record[1]["input"]["audio_list"][0].as_str().unwrap().trim_start_matches("./");
    let medium = format!("/media/sensation/ASQA/{sound}");
    for path in ["/", "/report/signal", "/so-far/signal", "/doubts", &medium] {
        assert_eq!(get(path, ""), 200, "{path}");
        assert_eq!(status(&format!("GET {path} HTTP/1.1\nHost: {host}")), 403, "{path}");
        let wrong = cookie.replace('=', "=0");
        assert_eq!(status(&format!("GET {path} HTTP/1.1\nHost: {host}\nCookie: {wrong}")), 403);
        for foreign in ["evil.example", "evil.example:80", "127.0.0.1.evil.example"] {
            let request = format!("GET {path} HTTP/1.1\nHost: {foreign}\nCookie: {cookie}");
            assert_eq!(status(&request), 403, "{path} as {foreign}");
        }
        assert_eq!(get(path, "\nOrigin: http://evil.example"), 403, "{path}");
        assert_eq!(get(path, "\nSec-Fetch-Site: same-site"), 403, "{path}");
        // A tunnel has a port of its own.
        assert_eq!(
            status(&format!("GET {path} HTTP/1.1\nHost: localhost:1\nCookie: {cookie}")),
            200
        );
    }
    assert_eq!(status(&format!("GET /enter/{} HTTP/1.1\nHost: {host}", "0".repeat(48))), 403);
    let entrance = view.address.split(&host).nth(1).unwrap();
    assert_eq!(status(&format!("GET {entrance} HTTP/1.1\nHost: evil.example")), 403);
    assert_eq!(get("/", "\nHost: evil.example"), 400, "of two hosts neither counts");
    assert_eq!(get("/", "\nOrigin: http://a\nOrigin: http://b"), 400);
    // Media of samples, and nothing else.
    for path in [
        "/media/sensation/ASQA/data.json",
        "/media/sensation/ASQA/../../../../doubts.json",
        "/media/sensation/ASQA/..%2f..%2f..%2f..%2fCargo.toml",
        "/media/sensation/ASQA/%2fetc%2fpasswd",
        "/media/perception/ASQA/x.wav",
        "/etc/passwd",
    ] {
        assert_eq!(get(path, ""), 404, "{path}");
    }
    let (status_of_part, head, part) = view
        .ask(&format!("GET {medium} HTTP/1.1\nHost: {host}\nCookie: {cookie}\nRange: bytes=0-3"));
    assert_eq!((status_of_part, part.as_slice()), (206, b"RIFF".as_slice()), "{head}");
    assert!(head.contains("content-type: audio/wav") && head.contains("nosniff"), "{head}");
    // Doubts are taken from this server's own pages only, and only about samples that there are.
    let data = made.json("signal")["data"].as_array().unwrap().clone();
    let hash = data.iter().find(|data| data["folder"] == "AVQA").unwrap()["sha256"].clone();
    let doubt = json!({"folder": "AVQA", "position": 0, "data_sha256": hash, "note": "x"});
    let send = |doubt: &Value, origin: &str| {
        let body = doubt.to_string();
        view.ask(&format!(
            "POST /doubts HTTP/1.1\nHost: {host}\nCookie: {cookie}\nContent-Type: application/json\nContent-Length: {}{origin}\nConnection: close\n\n{body}",
            body.len()
        ))
    };
    let own = format!("\nOrigin: http://{host}");
    assert_eq!(send(&doubt, "").0, 403);
    assert_eq!(send(&doubt, "\nOrigin: null").0, 403);
    assert_eq!(send(&doubt, "\nOrigin: http://evil.example").0, 403);
    for (name, wrong) in [
        ("position", json!(100_000)),
        ("data_sha256", json!("0")),
        ("note", json!("x".repeat(3_000))),
        ("folder", json!("../x")),
    ] {
        let mut other = doubt.clone();
        other[name] = wrong;
        let (status, _, said) = send(&other, &own);
        assert_eq!(status, 422, "{name}: {}", String::from_utf8_lossy(&said));
    }
    let mut long = doubt.clone();
    long["note"] = json!("x".repeat(100_000));
    assert_eq!(send(&long, &own).0, 413);
    // What is asked of no label is said.
    let (status, _, said) =
        view.ask(&format!("GET /report/none HTTP/1.1\nHost: {host}\nCookie: {cookie}"));
    let said = String::from_utf8(said).unwrap();
    assert_eq!(status, 422);
    assert!(said.contains("run `avibench score --models none` first"), "{said}");
}

/// Copies a folder with everything in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).unwrap();
        }
    }
}

/// The text of a cell of the page of labels.
fn cell(page: &str, name: &str) -> String {
    let after = page.split(&format!("data-cell=\"{name}\">")).nth(1).unwrap();
    after.split('<').next().unwrap().to_owned()
}

#[test]
fn numbers_so_far_are_those_of_the_scores_and_torn_lines_wait() {
    let root = tempfile::tempdir().unwrap();
    let label = root.path().join("user_outputs/signal");
    copy(&made().root().join("user_outputs/signal"), &label);
    // As a run leaves it that was killed: no end, and no prediction file yet.
    let path = label.join("run.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    for session in manifest["sessions"].as_array_mut().unwrap() {
        session["ended"] = Value::Null;
        session["end"] = Value::Null;
    }
    std::fs::write(&path, manifest.to_string()).unwrap();
    std::fs::remove_dir_all(label.join("tasks")).unwrap();
    let data = made().root().join("data");
    let view = Served::view(root.path(), &["--data-root", data.to_str().unwrap()]);
    let (host, cookie) = (view.host().to_owned(), view.cookie());
    let page = || {
        let (_, _, page) = view.ask(&format!("GET / HTTP/1.1\nHost: {host}\nCookie: {cookie}"));
        String::from_utf8(page).unwrap()
    };
    let found = page();
    let strict = made().json("signal")["strict"]["estimates"]["tasks"].clone();
    let mut compared = 0;
    for task in strict.as_array().unwrap() {
        let name = task["key"].as_str().unwrap().to_uppercase();
        let value = task["headline"]["value"].as_f64().unwrap();
        if name == "AVC" {
            assert_eq!(cell(&found, "AVC so far"), "–", "captions wait for `score`");
            continue;
        }
        assert_eq!(
            cell(&found, &format!("{name} so far")),
            format!("{:.2}", value * 100.0),
            "{name}"
        );
        compared += 1;
    }
    assert_eq!(compared, 13);
    // A journal that was cut within a line is read up to the line before.
    let journal = label.join("journal/AVM.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
    std::fs::write(&journal, &text[..ends[2] + 40]).unwrap();
    assert_eq!(cell(&page(), "AVM asked"), format!("3 of {}", ends.len()));
    std::fs::write(&journal, &text).unwrap();
    assert_eq!(cell(&page(), "AVM asked"), format!("{0} of {0}", ends.len()));
    assert_eq!(std::fs::read_to_string(&journal).unwrap(), text, "nothing is written");
}
