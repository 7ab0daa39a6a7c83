//! The key goes to the server and nowhere else, whatever the server makes of it.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;

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

/// The key in writings that servers and programs have for text. The last ones are base64, some of them with
/// what a password stands with in a header, and hexadecimal.
fn writings() -> Vec<String> {
    let each = |write: &dyn Fn(char) -> String| KEY.chars().map(write).collect::<String>();
    let code = |c: char| c as u32;
    let mut writings = vec![
        KEY.to_owned(),
        each(&|c| format!("\\u{:04x}", code(c))),
        each(&|c| format!("\\\\u{:04X}", code(c))),
        each(&|c| format!("\\x{:02x}", code(c))),
        each(&|c| if c == '-' { "\\-".to_owned() } else { c.to_string() }),
        each(&|c| format!("%{:02X}", code(c))),
        each(&|c| if c == '-' { "%2d".to_owned() } else { c.to_string() }),
        each(&|c| format!("&#{};", code(c))),
        each(&|c| format!("&#x{:x};", code(c))),
    ];
    let others = [
        "c2stbmV2ZXItdG8tYmUtc2Vlbi0wMTIzNDU2Nzg5",
        "dXNlcjpzay1uZXZlci10by1iZS1zZWVuLTAxMjM0NTY3ODk=",
        "bWU6c2stbmV2ZXItdG8tYmUtc2Vlbi0wMTIzNDU2Nzg5QGhvc3Q=",
        "YTpzay1uZXZlci10by1iZS1zZWVuLTAxMjM0NTY3ODk",
        "736b2d6e657665722d746f2d62652d7365656e2d30313233343536373839",
    ];
    writings.extend(others.map(str::to_owned));
    writings
}

#[test]
fn the_key_is_told_in_no_writing() {
    let root = folder();
    let elsewhere = folder();
    let written = writings();
    let said = written.join(" , ");
    let script = elsewhere.path().join("script.jsonl");
    let lines = [
        json!({"contains": "beat", "answer": format!("<think>{said}</think>yes {said}")}),
        json!({"answer": said}),
    ];
    std::fs::write(&script, lines.map(|line| line.to_string()).join("\n")).unwrap();
    let fault = |status: u16, every: u8| {
        let message = json!(said);
        format!(
            "[[fault]]\nkind = 'status'\nstatus = {status}\nretry_after = 0\nfirst_tries = 1\n\
             every = {every}\nmessage = {message}\n"
        )
    };
    let faults = elsewhere.path().join("faults.toml");
    std::fs::write(&faults, fault(500, 3) + &fault(400, 5)).unwrap();
    let (script, faults) = (script.to_str().unwrap(), faults.to_str().unwrap());
    let served = Served::start_with(&["--script", script, "--faults", faults]);
    let mut talk = String::new();
    let data = smoke_set();
    let mut take = |ended: Ended, codes: &[i32]| {
        assert!(ended.code.is_some_and(|code| codes.contains(&code)), "{ended:?}");
        talk += &(ended.stdout.clone() + &ended.stderr);
        ended
    };
    for (label, more) in [("whole", &[][..]), ("streamed", &["--stream"])] {
        let run = avibench(root.path())
            .args(["-v", "run", "--base-url", &served.base_url, "--model-path", "m"])
            .args(["--model-label", label, "--tasks", "AVM,VSQA_V", "--log-json", "log.jsonl"])
            .args(["--data-root", data.to_str().unwrap()])
            .args(more)
            .env("OPENAI_API_KEY", KEY)
            .output();
        take(run.unwrap().into(), &[0, 2]);
    }
    // A worker that was told the key elsewhere, and tells it on every channel.
    let worker = root.path().join("worker.py");
    let told = elsewhere.path().join("told");
    std::fs::write(&told, &said).unwrap();
    let body = r"
import json, os, sys
told = open(sys.argv[1]).read()
print(told, file=sys.stderr)
print(told, flush=True)
for line in sys.stdin:
    request = json.loads(line)
    key = os.environ.get('OPENAI_API_KEY', 'none')
    other = os.environ.get('KEY_OF_ANOTHER_NAME', 'none')
    kind = 'error' if request['id'] % 2 else 'answer'
    print(json.dumps({'id': request['id'], kind: f'{key} {other} {told}'}), flush=True)
";
    std::fs::write(&worker, body).unwrap();
    let run = avibench(root.path())
        .args([
            "run",
            "--backend",
            &format!("exec:python3 {} {}", worker.display(), told.display()),
        ])
        .args(["--model-path", "w", "--tasks", "AVM", "--log-json", "log.jsonl", "--tries", "1"])
        .args(["--data-root", data.to_str().unwrap()])
        .env("OPENAI_API_KEY", KEY)
        .env("KEY_OF_ANOTHER_NAME", KEY)
        .output();
    take(run.unwrap().into(), &[0, 2]);
    for bad in [
        "http:/me:KEY@127.0.0.1/v1",
        "me:KEY@127.0.0.1/v1",
        "ftp://me:KEY@a.org",
        "http://me:KEY@:x/v1",
    ] {
        let run = avibench(root.path())
            .args(["run", "--model-path", "m", "--tasks", "AVM", "--tries", "1"])
            .args(["--connect-timeout", "1", "--data-root", data.to_str().unwrap()])
            .env("OPENAI_BASE_URL", bad.replace("KEY", KEY))
            .env("OPENAI_API_KEY", "EMPTY")
            .output();
        take(run.unwrap().into(), &[1, 2]);
    }
    for command in ["run", "refine"] {
        let help = avibench(root.path())
            .args([command, "--help"])
            .env("OPENAI_BASE_URL", format!("http://me:{KEY}@127.0.0.1/v1"))
            .env("OPENAI_API_KEY", KEY)
            .output();
        take(help.unwrap().into(), &[0]);
    }
    let mut files = contents(root.path());
    files.insert("standard streams".into(), talk.into_bytes());
    for (path, content) in &files {
        for writing in &written {
            assert!(!holds(content, writing), "{} holds {writing}", path.display());
        }
    }
    let task = files.iter().find(|(path, _)| path.ends_with("user_outputs/w/tasks/AVM.json"));
    let answers = String::from_utf8_lossy(task.unwrap().1);
    assert!(answers.contains("none none [key] , [key]"), "a worker gets no key: {answers}");
}
