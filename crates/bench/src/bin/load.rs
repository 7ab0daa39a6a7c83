//! How fast, how big, how costly: a run against a server in a process of its own that reads bodies
//! and answers after a while. Prints throughput against the ideal, and on Linux the CPU time of
//! both sides, the client's peak of memory and the bytes it wrote.
//!
//!     cargo run --release -p avibench-bench --bin load -- \
//!         SAMPLES MEDIA_KIB LATENCY_MS CONCURRENCY [ROOM]
//!
//! With ROOM the server takes only so many requests at a time and answers 429 beyond.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made should say where")]

use std::io::BufRead as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use avibench_engine::{
    Backend, Event, FolderJobs, Http, HttpSettings, Listener, Run, RunSettings, Snapshot,
    StopHandle,
};
use avibench_media::{Clip, Picture, encode_mp4};
use avibench_protocol::{Folder, FolderData};
use avibench_store::{FailureKind, Label};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Different files, so that the cache does not hide what reading costs.
const FILES: usize = 200;
/// Ticks a second in `/proc/<id>/stat`.
const TICKS: f64 = 100.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (is_server, numbers) = match arguments.split_first() {
        Some((first, rest)) if first == "serve" => (true, rest),
        _ => (false, &arguments[..]),
    };
    let numbers: Vec<usize> = numbers.iter().map(|number| number.parse().unwrap()).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match numbers[..] {
        [latency, room] if is_server => {
            runtime.block_on(answer_all(Duration::from_millis(latency as u64), room));
        }
        [samples, media_kib, latency, concurrency] => {
            runtime.block_on(measure(samples, media_kib, latency, concurrency, usize::MAX));
        }
        [samples, media_kib, latency, concurrency, room] => {
            runtime.block_on(measure(samples, media_kib, latency, concurrency, room));
        }
        _ => eprintln!("usage: load SAMPLES MEDIA_KIB LATENCY_MS CONCURRENCY [ROOM]"),
    }
}

/// The server's process; it ends with the value.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(latency: usize, room: usize) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["serve", &latency.to_string(), &room.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Adds up the sizes of the files that are written, as they are written.
struct Written {
    directory: PathBuf,
    bytes: Arc<AtomicU64>,
}

impl Listener for Written {
    fn on_event(&mut self, event: &Event, _: &Snapshot) {
        if let Event::Saved { folder } = event {
            let path = self.directory.join(format!("tasks/{folder}.json"));
            let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
            self.bytes.fetch_add(size, Ordering::Relaxed);
        }
    }
}

async fn measure(
    samples: usize,
    media_kib: usize,
    latency: usize,
    concurrency: usize,
    room: usize,
) {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("levels/perception/AVM");
    std::fs::create_dir_all(folder.join("input")).unwrap();
    let files = FILES.min(samples);
    let clip = Clip::new(vec![Picture::filled(16, 16, [9; 3]).unwrap(); 2], 2.0, None).unwrap();
    let clip = encode_mp4(&clip).unwrap();
    for file in 0..files {
        // A box that all readers pass over makes a clip of any size.
        let surplus = ((media_kib << 10).saturating_sub(clip.len())).max(8);
        let mut bytes = clip.clone();
        bytes.extend_from_slice(&(surplus as u32).to_be_bytes());
        bytes.extend_from_slice(b"free");
        bytes.resize(clip.len() + surplus, file as u8);
        std::fs::write(folder.join(format!("input/{file}.mp4")), bytes).unwrap();
    }
    let records: Vec<_> = (0..samples)
        .map(|i| {
            json!({"id": i.to_string(), "output": {}, "input": {
                "question": {"text": "do they match?"}, "video": format!("input/{}.mp4", i % files)}})
        })
        .collect();
    std::fs::write(folder.join("data.json"), serde_json::to_vec(&records).unwrap()).unwrap();

    let server = Server::start(latency, room);
    let data = FolderData::read(Folder::Avm, &folder).unwrap();
    let jobs = FolderJobs::new(&data, None, |sample| sample.text.clone().unwrap_or_default());
    let endpoint = HttpSettings::new(&server.url, "none");
    let settings = RunSettings {
        request: Some(endpoint.request_format().unwrap()),
        concurrency,
        ..RunSettings::new(Label::new("load").unwrap(), dir.path().join("out"), "none")
    };
    let written = Arc::new(AtomicU64::new(0));
    let listener = Written { directory: settings.directory.clone(), bytes: Arc::clone(&written) };
    let journal = settings.directory.join("journal/AVM.jsonl");
    let backend = Backend::Http(Http::new(endpoint).unwrap());
    let run = Run::open(settings, vec![jobs]).unwrap();
    let before = cpu("self");
    let started = Instant::now();
    let summary = run.execute(backend, vec![Box::new(listener)], &StopHandle::new()).await.unwrap();
    let seconds = started.elapsed().as_secs_f64();

    let total = summary.total();
    let rate = samples as f64 / seconds;
    let ideal = concurrency.min(room) as f64 / (latency as f64 / 1e3);
    println!(
        "{} of {} answered in {seconds:.2} s: {rate:.0} a second of {ideal:.0} at best ({:.0} %), \
         {:.0} MiB of media a second",
        total.answered,
        total.total,
        100.0 * rate / ideal,
        (samples * media_kib) as f64 / 1024.0 / seconds
    );
    println!(
        "{} requests, {} of them refused with 429",
        summary.requests,
        summary.errors.get(&FailureKind::RateLimited).copied().unwrap_or(0)
    );
    if let (Some(before), Some(after)) = (before, cpu("self")) {
        let server = cpu(&server.child.id().to_string()).unwrap_or(f64::NAN);
        let each = |seconds: f64| 1e3 * seconds / samples as f64;
        println!(
            "CPU a request: client {:.3} ms, server {:.3} ms",
            each(after - before),
            each(server)
        );
    }
    let journal = std::fs::metadata(journal).map_or(0, |metadata| metadata.len());
    let written = journal + written.load(Ordering::Relaxed);
    println!("written: {written} bytes, {:.0} an answer", written as f64 / samples as f64);
    if let Ok(status) = std::fs::read_to_string("/proc/self/status")
        && let Some(peak) = status.lines().find(|line| line.starts_with("VmHWM"))
    {
        println!("{peak}");
    }
}

/// User and system time of a process in seconds.
fn cpu(process: &str) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in brackets may hold anything; the rest is numbers.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    Some(ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS)
}

async fn answer_all(latency: Duration, room: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}/v1", listener.local_addr().unwrap());
    let in_flight = Arc::new(AtomicUsize::new(0));
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, latency, room, Arc::clone(&in_flight)));
    }
}

/// Reads requests to their end and answers each after `latency`, or with 429 at once.
async fn answer(
    mut stream: TcpStream,
    latency: Duration,
    room: usize,
    in_flight: Arc<AtomicUsize>,
) {
    let mut buffer = vec![0; 64 << 10];
    let mut head = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            match stream.read(&mut buffer).await {
                Ok(count) if count > 0 => head.extend_from_slice(&buffer[..count]),
                _ => return,
            }
        };
        let text = String::from_utf8_lossy(&head[..end]).to_ascii_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut left = length.unwrap().parse::<usize>().unwrap() - (head.len() - end);
        head.clear();
        while left > 0 {
            match stream.read(&mut buffer).await {
                Ok(count) if count > 0 => left -= count,
                _ => return,
            }
        }
        let has_room = in_flight.fetch_add(1, Ordering::SeqCst) < room;
        if has_room {
            tokio::time::sleep(latency).await;
        }
        in_flight.fetch_sub(1, Ordering::SeqCst);
        let (status, body) = if has_room {
            ("200 OK", r#"{"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}"#)
        } else {
            ("429 Too Many Requests", r#"{"error": {"message": "too many at a time"}}"#)
        };
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
