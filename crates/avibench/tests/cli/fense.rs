//! `fense fetch` that is stopped in the middle of a file: the next one goes on from there.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use crate::program::{Ended, avibench, folder};

const WEIGHTS: &str = "pytorch_model.bin";

/// A hub that serves small models. It states hashes, and may stop half-way through the weights.
struct Hub {
    address: String,
    /// Whether it stops half-way.
    stops: Arc<AtomicBool>,
    /// From which byte on the weights were asked for, each time.
    starts: Arc<Mutex<Vec<usize>>>,
}

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fense/tests/data")
}

impl Hub {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let hub = Self { address, stops: Arc::default(), starts: Arc::default() };
        let (stops, starts) = (Arc::clone(&hub.stops), Arc::clone(&hub.starts));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (stops, starts) = (Arc::clone(&stops), Arc::clone(&starts));
                // A client that is killed hangs up.
                std::thread::spawn(move || serve(stream, &stops, &starts));
            }
        });
        hub
    }
}

fn serve(
    mut stream: TcpStream,
    stops: &AtomicBool,
    starts: &Mutex<Vec<usize>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut start = 0;
    for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
        if let Some(range) = line.to_lowercase().strip_prefix("range: bytes=") {
            start = range.trim_end_matches('-').parse().unwrap();
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let (repository, name) = path.split_once("/resolve/main/").unwrap_or_default();
    let folder = if repository.ends_with("bert-base-uncased") { "echecker_base" } else { "sbert" };
    let Ok(file) = std::fs::read(models().join(folder).join(name)) else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    };
    let hash = hex::encode(Sha256::digest(&file));
    let status = if start > 0 { "206 Partial Content" } else { "200 OK" };
    let (rest, last) = (file.len() - start, file.len() - 1);
    write!(
        stream,
        "HTTP/1.1 {status}\r\nX-Linked-Etag: \"{hash}\"\r\nContent-Range: bytes {start}-{last}/{}\r\n\
         Content-Length: {rest}\r\nConnection: close\r\n\r\n",
        file.len()
    )?;
    let stops = name == WEIGHTS && stops.load(Ordering::SeqCst);
    if name == WEIGHTS {
        starts.lock().unwrap().push(start);
    }
    stream.write_all(if stops { &file[start..file.len() / 2] } else { &file[start..] })?;
    if stops {
        // Until the client is gone.
        let _ = stream.read(&mut [0]);
    }
    Ok(())
}

fn fetch(root: &Path, hub: &Hub) -> Child {
    avibench(root)
        .args(["fense", "fetch", "--fense-models", "models"])
        .env("HF_HUB_OFFLINE", "0")
        .env("HF_ENDPOINT", &hub.address)
        .env("HOME", root)
        .env_remove("XDG_CACHE_HOME")
        .env_remove("HF_HOME")
        .env_remove("HF_HUB_CACHE")
        .env_remove("TORCH_HOME")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[cfg(unix)]
#[test]
fn a_download_that_a_signal_ended_goes_on_where_it_was() {
    let half = std::fs::metadata(models().join("sbert").join(WEIGHTS)).unwrap().len() / 2;
    for (signal, stopped) in [
        ("-TERM", Some(("SIGTERM", 143))),
        ("-HUP", Some(("SIGHUP", 129))),
        ("-INT", Some(("Ctrl-C", 130))),
        ("-KILL", None),
    ] {
        let root = folder();
        let hub = Hub::start();
        let target = root.path().join("models");
        std::fs::create_dir(&target).unwrap();
        // The published one, whose address is fixed.
        std::fs::copy(models().join("echecker.ckpt"), target.join("echecker.ckpt")).unwrap();
        hub.stops.store(true, Ordering::SeqCst);
        let child = fetch(root.path(), &hub);
        let part = target.join("sbert").join(format!("{WEIGHTS}.part"));
        let begun = Instant::now();
        while part.metadata().map_or(0, |metadata| metadata.len()) < half {
            assert!(begun.elapsed() < Duration::from_mins(1), "nothing is fetched");
            std::thread::sleep(Duration::from_millis(5));
        }
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let ended = Ended::from(child.wait_with_output().unwrap());
        assert_eq!(ended.code, stopped.map(|(_, code)| code), "{signal}: {ended:?}");
        if let Some((name, _)) = stopped {
            assert!(ended.stderr.contains(&format!("stopped by {name}; what was fetched stays")));
        }
        assert!(!target.join("sbert").join(WEIGHTS).exists(), "half a file passes for a whole one");

        hub.stops.store(false, Ordering::SeqCst);
        Ended::from(fetch(root.path(), &hub).wait_with_output().unwrap()).expect(0);
        assert_eq!(*hub.starts.lock().unwrap(), [0, half as usize], "{signal}");
        let fetched = std::fs::read(target.join("sbert").join(WEIGHTS)).unwrap();
        assert!(fetched == std::fs::read(models().join("sbert").join(WEIGHTS)).unwrap());
        assert!(!part.exists());
    }
}

#[test]
fn where_nothing_can_be_fetched_the_other_ways_are_named() {
    let root = folder();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let ended: Ended = avibench(root.path())
        .args(["fense", "fetch"])
        .env("HF_HUB_OFFLINE", "0")
        .env("HF_ENDPOINT", &address)
        .env("HOME", root.path())
        .output()
        .unwrap()
        .into();
    let told = ended.expect(1).stderr;
    for words in [
        "403",
        "run `avibench fense fetch --fense-models DIR` on a machine that has one",
        "`--captions stand-in`",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}
