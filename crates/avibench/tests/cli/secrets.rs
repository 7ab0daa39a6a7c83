//! The key goes to the server and nowhere else, whatever the server makes of it.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::program::{Ended, Served, avibench, contents, folder, smoke_set};

const KEY: &str = "sk-never-to-be-seen-0123456789";
const PASSWORD: &str = "hidden-9876543210";

/// A server that quotes the key in errors of every kind and in its answers.
fn talkative(root: &Path) -> Served {
    let script = root.join("script.jsonl");
    std::fs::write(&script, format!("{{\"answer\": \"yes; your key is {KEY}\"}}\n")).unwrap();
    // In a file: a command line is what the test looks into.
    let quoting = |status: u16, every: u8| {
        format!(
            "[[fault]]\nkind = 'status'\nstatus = {status}\nretry_after = 0\nfirst_tries = 1\n\
             every = {every}\nmessage = 'you sent {KEY}'\n"
        )
    };
    let slow = "[[fault]]\nkind = 'jitter'\nmin_ms = 1\nmax_ms = 40\n".to_owned();
    let plan = slow + &quoting(500, 3) + &quoting(429, 4) + &quoting(400, 5);
    let faults = root.join("faults.toml");
    std::fs::write(&faults, plan).unwrap();
    let (script, faults) = (script.to_str().unwrap(), faults.to_str().unwrap());
    Served::start_with(&["--script", script, "--faults", faults])
}

/// Command lines of all processes that can be seen.
#[cfg(target_os = "linux")]
fn command_lines() -> Vec<Vec<u8>> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok()).collect()
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

#[test]
fn the_key_appears_in_no_file_log_error_or_process_list() {
    let root = folder();
    // The server's own files hold the key, since it is to quote it.
    let elsewhere = folder();
    let served = talkative(elsewhere.path());
    let key_file = elsewhere.path().join("key");
    std::fs::write(&key_file, format!("{KEY}\n")).unwrap();
    let data = smoke_set();
    for (label, by_file, stream) in
        [("environment", false, false), ("streamed", false, true), ("file", true, false)]
    {
        let mut command = avibench(root.path());
        command
            .args(["run", "--base-url", &served.base_url, "--model-path", "m", "--model-label"])
            .args([label, "--tasks", "AVM,VSQA_V", "--log-json", "log.jsonl", "--data-root"])
            .arg(&data)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if stream {
            command.arg("--stream");
        }
        if by_file {
            command.arg("--api-key-file").arg(&key_file);
        } else {
            command.env("OPENAI_API_KEY", KEY);
        }
        let child = command.spawn().unwrap();
        let journal = root.path().join("user_outputs").join(label).join("journal");
        let begun = Instant::now();
        while !journal.exists() {
            assert!(begun.elapsed() < Duration::from_mins(1), "nothing is written");
            std::thread::sleep(Duration::from_millis(2));
        }
        #[cfg(target_os = "linux")]
        assert!(!command_lines().iter().any(|line| holds(line, KEY)));
        let ended: Ended = child.wait_with_output().unwrap().into();
        assert!(matches!(ended.code, Some(0 | 2)), "{ended:?}");
        assert!(!holds(ended.stderr.as_bytes(), KEY), "{ended:?}");
        assert!(!holds(ended.stdout.as_bytes(), KEY), "{ended:?}");
    }
    let files = contents(root.path());
    for (path, content) in &files {
        assert!(!holds(content, KEY), "{} holds the key", path.display());
    }
    let quoted =
        |text: &str| files.values().any(|content| String::from_utf8_lossy(content).contains(text));
    assert!(quoted("your key is [key]") && quoted("you sent [key]"), "the server did quote it");
}

#[test]
fn a_password_in_the_address_is_not_shown() {
    let root = folder();
    let data = smoke_set();
    // A port that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let ended: Ended = avibench(root.path())
        .args(["run", "--base-url", &format!("http://me:{PASSWORD}@127.0.0.1:{port}/v1")])
        .args(["--model-path", "m", "--tasks", "AVM", "--tries", "2", "--data-root"])
        .arg(&data)
        .env("OPENAI_API_KEY", "EMPTY")
        .output()
        .unwrap()
        .into();
    let ended = ended.expect(1);
    assert!(ended.stderr.contains(&format!("127.0.0.1:{port}")), "{}", ended.stderr);
    assert!(!holds(ended.stderr.as_bytes(), PASSWORD), "{}", ended.stderr);
    assert!(!contents(root.path()).values().any(|content| holds(content, PASSWORD)));
}
