//! Fetching, against folders and a loopback server made on the spot.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use avibench_fense::{FenseError, PUBLISHED_CHECKPOINT, Places, SENTENCE_MODEL, locate};
use sha2::{Digest as _, Sha256};

use crate::download::{Downloader, Outcome};
use crate::fetch::{REACH, ensure_within, fetch_with};
use crate::{FetchError, ensure};

const PAUSE: Duration = Duration::from_millis(1);

/// What the server does with the next request for a path; the last answer stays.
#[derive(Clone)]
enum Answer {
    /// The whole or, where asked for, the rest of a file.
    File(Vec<u8>),
    /// As `File`, but the connection closes after so many bytes of the body.
    Torn(Vec<u8>, usize),
    /// The whole file even if a part was asked for.
    NoRanges(Vec<u8>),
    /// To another path, with the file's hash stated.
    Redirect(&'static str, String),
    /// Only a status line.
    Status(&'static str),
}

/// A path that was asked for, with its `Range`.
type Request = (String, Option<String>);

struct Server {
    address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

fn serve(answers: &[(&str, Vec<Answer>)]) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let mut answers: HashMap<String, Vec<Answer>> =
        answers.iter().map(|(path, answers)| ((*path).to_owned(), answers.clone())).collect();
    let log = Arc::clone(&requests);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let path = match lines.next() {
                Some(Ok(line)) => line.split(' ').nth(1).unwrap_or_default().to_owned(),
                _ => continue,
            };
            let mut range = None;
            for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
                if let Some(value) = line.to_lowercase().strip_prefix("range: ") {
                    range = Some(value.to_owned());
                }
            }
            log.lock().unwrap().push((path.clone(), range.clone()));
            let next = match answers.get_mut(&path) {
                Some(answers) if answers.len() > 1 => answers.remove(0),
                Some(answers) => answers[0].clone(),
                None => Answer::Status("404 Not Found"),
            };
            // A client that hangs up early is part of some tests.
            let _ = stream.write_all(&respond(&next, range.as_deref()));
        }
    });
    Server { address, requests }
}

fn respond(answer: &Answer, range: Option<&str>) -> Vec<u8> {
    let with_body = |status: &str, extra: &str, body: &[u8], sent: usize| {
        let length = body.len();
        let mut bytes = format!(
            "HTTP/1.1 {status}\r\n{extra}Content-Length: {length}\r\nConnection: close\r\n\r\n"
        )
        .into_bytes();
        bytes.extend(&body[..sent.min(length)]);
        bytes
    };
    match answer {
        Answer::Status(status) => with_body(status, "", b"", 0),
        Answer::Redirect(to, hash) => with_body(
            "302 Found",
            &format!("Location: {to}\r\nX-Linked-Etag: \"{hash}\"\r\n"),
            b"",
            0,
        ),
        Answer::NoRanges(file) => with_body("200 OK", "", file, file.len()),
        Answer::File(file) | Answer::Torn(file, _) => {
            let sent = if let Answer::Torn(_, sent) = answer { *sent } else { usize::MAX };
            let start = range
                .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
            match start {
                None => with_body("200 OK", "", file, sent),
                Some(start) if start >= file.len() => {
                    with_body("416 Range Not Satisfiable", "", b"", 0)
                }
                Some(start) => {
                    let extra = format!(
                        "Content-Range: bytes {start}-{}/{}\r\n",
                        file.len() - 1,
                        file.len()
                    );
                    with_body("206 Partial Content", &extra, &file[start..], sent)
                }
            }
        }
    }
}

fn content() -> Vec<u8> {
    (0..100_000_u32).map(|i| (i.wrapping_mul(i) / 7) as u8).collect()
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Fetches `/file` of a server, with and without a known hash, into a fresh folder.
fn fetch_file(server: &Server, folder: &Path, hash: Option<&str>) -> Result<Outcome, FetchError> {
    let url = format!("{}/file", server.address);
    Downloader::new(PAUSE).unwrap().fetch(&url, &folder.join("file"), hash, &mut |_, _| {})
}

#[test]
fn a_torn_transfer_is_resumed_where_it_tore() {
    let file = content();
    let server = serve(&[(
        "/file",
        vec![
            Answer::Torn(file.clone(), 30_000),
            Answer::Torn(file.clone(), 30_000),
            Answer::Status("503 Service Unavailable"),
            Answer::File(file.clone()),
        ],
    )]);
    let folder = tempfile::tempdir().unwrap();
    let outcome = fetch_file(&server, folder.path(), Some(&hash(&file))).unwrap();
    assert_eq!(outcome, Outcome::Fetched);
    assert_eq!(std::fs::read(folder.path().join("file")).unwrap(), file);
    assert!(!folder.path().join("file.part").exists());
    let ranges: Vec<_> =
        server.requests.lock().unwrap().iter().map(|(_, range)| range.clone()).collect();
    let from = |start: u32| Some(format!("bytes={start}-"));
    assert_eq!(ranges, [None, from(30_000), from(60_000), from(60_000)]);
}

#[test]
fn a_server_without_ranges_starts_over() {
    let file = content();
    let server =
        serve(&[("/file", vec![Answer::Torn(file.clone(), 500), Answer::NoRanges(file.clone())])]);
    let folder = tempfile::tempdir().unwrap();
    fetch_file(&server, folder.path(), Some(&hash(&file))).unwrap();
    assert_eq!(std::fs::read(folder.path().join("file")).unwrap(), file);
}

#[test]
fn a_resumption_that_could_not_be_verified_starts_over() {
    let file = content();
    let server = serve(&[("/file", vec![Answer::File(file.clone())])]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.part"), "of another version").unwrap();
    fetch_file(&server, folder.path(), None).unwrap();
    assert_eq!(std::fs::read(folder.path().join("file")).unwrap(), file);
}

#[test]
fn a_part_longer_than_the_file_starts_over() {
    let file = content();
    let server = serve(&[("/file", vec![Answer::File(file.clone())])]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.part"), vec![0; 200_000]).unwrap();
    fetch_file(&server, folder.path(), Some(&hash(&file))).unwrap();
    assert_eq!(std::fs::read(folder.path().join("file")).unwrap(), file);
}

#[test]
fn a_wrong_checksum_is_an_error_and_leaves_nothing() {
    let server = serve(&[("/file", vec![Answer::File(content())])]);
    let folder = tempfile::tempdir().unwrap();
    let error = fetch_file(&server, folder.path(), Some(&hash(b"other"))).unwrap_err();
    assert!(matches!(error, FetchError::Checksum { .. }), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_hash_stated_on_the_way_counts() {
    for (stated, good) in [(hash(&content()), true), (hash(b"other"), false)] {
        let server = serve(&[
            ("/file", vec![Answer::Redirect("/storage/1", stated)]),
            ("/storage/1", vec![Answer::Torn(content(), 10), Answer::File(content())]),
        ]);
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(fetch_file(&server, folder.path(), None).is_ok(), good);
    }
}

#[test]
fn what_is_not_there_is_not_retried() {
    let server = serve(&[]);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(fetch_file(&server, folder.path(), None).unwrap(), Outcome::NotFound);
    assert_eq!(server.requests.lock().unwrap().len(), 1);
}

#[test]
fn a_server_that_stays_down_is_given_up_on() {
    let server = serve(&[("/file", vec![Answer::Status("502 Bad Gateway")])]);
    let folder = tempfile::tempdir().unwrap();
    let error = fetch_file(&server, folder.path(), None).unwrap_err().to_string();
    assert!(error.contains("/file: the server answers 502 Bad Gateway; try again"), "{error}");
    assert_eq!(server.requests.lock().unwrap().len(), 4);
    let refused = serve(&[("/file", vec![Answer::Status("401 Unauthorized")])]);
    assert!(fetch_file(&refused, folder.path(), None).is_err());
    assert_eq!(refused.requests.lock().unwrap().len(), 1);
    let gone = Server { address: "http://127.0.0.1:9".into(), requests: Arc::default() };
    assert!(fetch_file(&gone, folder.path(), None).is_err());
}

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fense/tests/data")
}

/// Places below one folder, in which nothing lies yet.
fn places(root: &Path, address: &str) -> Places {
    Places {
        folder: None,
        hub_cache: Some(root.join("hub")),
        sentence_transformers: Some(root.join("st")),
        detector_data: Some(root.join("fense_data")),
        own: Some(root.join("own")),
        offline: false,
        hub_address: address.to_owned(),
        detector_address: address.to_owned(),
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(from, to).unwrap();
    }
}

#[test]
fn offline_nothing_is_asked_for() {
    let root = tempfile::tempdir().unwrap();
    let server = serve(&[]);
    let mut places = places(root.path(), &server.address);
    places.offline = true;
    for outcome in [ensure(&places, &mut |_| {}), fetch_with(&places, PAUSE, &mut |_| {})] {
        let error = outcome.unwrap_err();
        assert!(matches!(error, FetchError::Models(FenseError::ModelsMissing(_))));
        assert!(error.to_string().contains("HF_HUB_OFFLINE"), "{error}");
    }
    assert!(server.requests.lock().unwrap().is_empty());
}

#[test]
fn a_server_that_cannot_be_reached_is_tried_once_in_a_while() {
    let root = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let places = places(root.path(), &address);
    let ask = || ensure(&places, &mut |_| {}).unwrap_err();
    let first = ask();
    assert!(matches!(first, FetchError::Unreachable { ago: None, .. }), "{first}");
    let second = ask();
    assert!(matches!(second, FetchError::Unreachable { ago: Some(_), .. }), "{second}");
    for said in [first.to_string(), second.to_string()] {
        assert!(said.contains(&address) && said.contains("avibench fense fetch"), "{said}");
    }
    // Another server is tried, whatever is remembered of this one, and answers.
    let server = serve(&[]);
    let other = Places { hub_address: server.address.clone(), ..places.clone() };
    let found = ensure_within(&other, REACH, PAUSE, &mut |_| {}).unwrap_err();
    assert!(matches!(found, FetchError::Download { .. }), "{found}");
    assert!(!server.requests.lock().unwrap().is_empty());
    // What it answered is remembered, too; to ask by name tries it all the same.
    let asked = server.requests.lock().unwrap().len();
    let again = ensure_within(&other, REACH, PAUSE, &mut |_| {}).unwrap_err();
    assert!(matches!(again, FetchError::Unreachable { ago: Some(_), .. }), "{again}");
    assert_eq!(server.requests.lock().unwrap().len(), asked);
    assert!(fetch_with(&other, PAUSE, &mut |_| {}).is_err());
    assert!(server.requests.lock().unwrap().len() > asked);
}

/// The files of a repository as the hub serves them, but for `model.safetensors`.
fn repository(name: &str, folder: &str, files: &[&str]) -> Vec<(String, Vec<Answer>)> {
    files
        .iter()
        .map(|file| {
            let bytes = std::fs::read(data().join(folder).join(file)).unwrap();
            (format!("/{name}/resolve/main/{file}"), vec![Answer::File(bytes)])
        })
        .collect()
}

#[test]
fn missing_models_are_fetched_and_then_found() {
    let mut answers = repository(
        SENTENCE_MODEL,
        "sbert",
        &[
            "pytorch_model.bin",
            "tokenizer.json",
            "config.json",
            "1_Pooling/config.json",
            "modules.json",
            "sentence_bert_config.json",
        ],
    );
    answers.extend(repository("bert-base-uncased", "echecker_base", &["vocab.txt", "config.json"]));
    let answers: Vec<(&str, Vec<Answer>)> =
        answers.iter().map(|(path, answers)| (path.as_str(), answers.clone())).collect();
    let server = serve(&answers);
    let root = tempfile::tempdir().unwrap();
    let mut places = places(root.path(), &server.address);

    // The detector is a published file whose hash is fixed, so a server has none of its own.
    let error = fetch_with(&places, PAUSE, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains(PUBLISHED_CHECKPOINT.0) && error.contains("404"), "{error}");

    copy(
        &data().join("echecker.ckpt"),
        &root.path().join("fense_data").join(PUBLISHED_CHECKPOINT.0),
    );
    let mut heard = Vec::new();
    let files = fetch_with(&places, PAUSE, &mut |event| heard.push(event.clone())).unwrap();
    assert_eq!(files.base, root.path().join("own").join("echecker_base"));
    assert!(
        heard
            .iter()
            .any(|event| event.target.ends_with("vocab.txt") && event.total == Some(event.done))
    );
    assert!(heard.iter().all(|event| !event.target.ends_with("pytorch_model.bin")));
    assert!(avibench_fense::Fense::read(&files, avibench_fense::FenseOptions::default()).is_ok());

    let asked = server.requests.lock().unwrap().len();
    assert_eq!(ensure(&places, &mut |_| {}).unwrap(), files);
    assert_eq!(server.requests.lock().unwrap().len(), asked);

    places.folder = Some(root.path().join("named"));
    copy(&data().join("echecker.ckpt"), &root.path().join("named").join("echecker.ckpt"));
    let named = fetch_with(&places, PAUSE, &mut |_| {}).unwrap();
    assert_eq!(named.sentence, root.path().join("named").join("sbert"));
}

#[test]
fn a_detector_of_another_hash_is_refused() {
    let bytes = std::fs::read(data().join("echecker.ckpt")).unwrap();
    let path = format!("/{}", PUBLISHED_CHECKPOINT.0);
    let server = serve(&[(&path, vec![Answer::File(bytes)])]);
    let root = tempfile::tempdir().unwrap();
    let places = places(root.path(), &server.address);
    copy(&data().join("sbert"), &root.path().join("own").join("sbert"));
    let error = fetch_with(&places, PAUSE, &mut |_| {}).unwrap_err();
    assert!(matches!(error, FetchError::Checksum { .. }), "{error}");
    assert!(locate(&places).findings[1].path().is_none());
}

#[test]
fn several_processes_fetch_once() {
    let mut answers = repository("bert-base-uncased", "echecker_base", &["tokenizer.json"]);
    answers.extend(repository("bert-base-uncased", "echecker_base", &["config.json"]));
    let answers: Vec<(&str, Vec<Answer>)> =
        answers.iter().map(|(path, answers)| (path.as_str(), answers.clone())).collect();
    let server = serve(&answers);
    let root = tempfile::tempdir().unwrap();
    let places = places(root.path(), &server.address);
    copy(&data().join("sbert"), &root.path().join("own").join("sbert"));
    copy(&data().join("echecker.ckpt"), &root.path().join("own").join("echecker.ckpt"));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| fetch_with(&places, PAUSE, &mut |_| {}).unwrap());
        }
    });
    let requests = server.requests.lock().unwrap();
    let asked = requests.iter().filter(|(path, _)| path.ends_with("tokenizer.json")).count();
    assert_eq!(asked, 1);
}

#[test]
fn what_is_there_is_not_fetched() {
    let mut places = places(Path::new("/nowhere"), "http://127.0.0.1:9");
    places.folder = Some(data());
    let files = locate(&places).files().unwrap();
    assert_eq!(ensure(&places, &mut |_| panic!("nothing is fetched")).unwrap(), files);
}
