//! How fast and how big: runs against a server in this process that reads bodies and answers
//! after a while, then prints throughput and, on Linux, the peak of memory.
//!
//!     cargo run --release -p avibench-engine --example load -- SAMPLES MEDIA_KIB LATENCY_MS CONCURRENCY

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made should say where")]

use std::time::{Duration, Instant};

use avibench_engine::{
    Backend, FolderJobs, Http, HttpSettings, Profile, Run, RunSettings, StopHandle,
};
use avibench_protocol::{Folder, FolderData, Label};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Different files, so that the cache does not hide what reading costs.
const FILES: usize = 200;

#[tokio::main]
async fn main() {
    let numbers: Vec<usize> =
        std::env::args().skip(1).map(|argument| argument.parse().unwrap()).collect();
    let &[samples, media_kib, latency, concurrency] = &numbers[..] else {
        eprintln!("usage: load SAMPLES MEDIA_KIB LATENCY_MS CONCURRENCY");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("levels/perception/AVM");
    std::fs::create_dir_all(folder.join("input")).unwrap();
    let files = FILES.min(samples);
    for file in 0..files {
        let bytes = vec![file as u8; media_kib << 10];
        std::fs::write(folder.join(format!("input/{file}.mp4")), bytes).unwrap();
    }
    let records: Vec<_> = (0..samples)
        .map(|i| {
            json!({"id": i.to_string(), "output": {}, "input": {
                "question": {"text": "do they match?"}, "video": format!("input/{}.mp4", i % files)}})
        })
        .collect();
    std::fs::write(folder.join("data.json"), serde_json::to_vec(&records).unwrap()).unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Duration::from_millis(latency as u64)));
        }
    });

    let data = FolderData::read(Folder::Avm, &folder).unwrap();
    let jobs = FolderJobs::new(&data, None, |sample| sample.text.clone().unwrap_or_default());
    let settings = RunSettings {
        profile: Some(Profile::Gateway.into()),
        concurrency,
        ..RunSettings::new(Label::new("load").unwrap(), dir.path().join("out"), "none")
    };
    let backend = Backend::Http(Http::new(HttpSettings::new(&url, "none")).unwrap());
    let run = Run::open(settings, vec![jobs]).unwrap();
    let started = Instant::now();
    let summary = run.execute(backend, Vec::new(), &StopHandle::new()).await.unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let total = summary.total();
    println!(
        "{} of {} answered in {seconds:.2} s: {:.0} a second, {:.0} MiB of media a second",
        total.answered,
        total.total,
        samples as f64 / seconds,
        (samples * media_kib) as f64 / 1024.0 / seconds
    );
    if let Ok(status) = std::fs::read_to_string("/proc/self/status")
        && let Some(peak) = status.lines().find(|line| line.starts_with("VmHWM"))
    {
        println!("{peak}");
    }
}

/// Reads requests to their end and answers each after `latency`.
async fn serve(mut stream: TcpStream, latency: Duration) {
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
        tokio::time::sleep(latency).await;
        let body = r#"{"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}"#;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
