//! Worker programs, and the Python worker that ships beside the program.

use std::time::Duration;

use avibench_engine::{Backend, End, Exec, ExecSettings, RunSummary, StopHandle};
use avibench_protocol::Folder;
use avibench_store::FailureKind;
use serde_json::Map;

use crate::world::World;

const AVM: Folder = Folder::Avm;
const WORKER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python/avibench_worker.py");

/// A world whose model is an adapter with this source.
fn world(samples: usize, adapter: &str) -> (World, ExecSettings) {
    let mut world = World::new("http://127.0.0.1:1/v1", &[(AVM, samples)]);
    world.settings.request = None;
    let path = world.dir.path().join("my adapter.py");
    std::fs::write(&path, adapter).unwrap();
    let settings = ExecSettings {
        command: ["python3", WORKER, path.to_str().unwrap(), "some/model"]
            .map(str::to_owned)
            .into(),
        workers: 2,
        model: "m".to_owned(),
        parameters: Map::new(),
        timeout: Duration::from_secs(20),
        inflight_bytes: 1 << 20,
        startup: Duration::from_secs(20),
        log: world.path("workers.log"),
        withheld: Vec::new(),
        secrets: avibench_engine::Secrets::default(),
    };
    (world, settings)
}

async fn run(world: &World, settings: &ExecSettings) -> RunSummary {
    let backend = Backend::Exec(Box::new(Exec::new(settings.clone()).unwrap()));
    let stop = StopHandle::new();
    world.open().unwrap().execute(backend, Vec::new(), &stop).await.unwrap()
}

const PLAIN: &str = r#"
import os, sys
print("printing on import")

def set_model(model_path):
    print("loading", model_path)
    return "the model", "the processor"

def get_response(conversation, processor, model):
    os.write(1, b"{\"id\": 0, \"answer\": \"a print is no answer\"}\n")
    system, user = conversation
    assert system == {"role": "system", "content": [
        {"type": "text", "text": "You are a helpful assistant."}]}
    audio, text = user["content"]
    assert audio["audio"].startswith("file:///") and audio["audio"].endswith("a.wav")
    assert open(audio["audio"][7:], "rb").read(4) == b"RIFF"
    return [f"{model}, {processor}: {text['text']} \u00e4\ud800"]
"#;

#[tokio::test]
async fn adapters_of_the_original_are_served() {
    let (world, settings) = world(5, PLAIN);
    let summary = run(&world, &settings).await;
    assert!(summary.is_complete(), "{summary:?}");
    let answers = world.answers(AVM);
    assert_eq!(answers[3].as_deref(), Some("the model, the processor: AVM-3 ä?"));
    let log = std::fs::read_to_string(&settings.log).unwrap();
    assert!(log.contains("printing on import") && log.contains("a print is no answer"), "{log}");
}

#[tokio::test]
async fn a_worker_that_dies_or_hangs_is_started_again() {
    let (world, mut settings) = world(
        8,
        r#"
import os, time
def set_model(model_path):
    return None, None
def get_response(conversation, processor, model):
    text = conversation[1]["content"][-1]["text"]
    mark = f"{os.environ['TMPDIR_OF_TEST']}/{text}"
    if text in ("AVM-2", "AVM-4") and not os.path.exists(mark):
        open(mark, "w").close()
        if text == "AVM-2":
            os._exit(3)
        time.sleep(60)
    if text == "AVM-5":
        raise ValueError("cannot hear this")
    return text
"#,
    );
    let variable = format!("TMPDIR_OF_TEST={}", world.dir.path().display());
    settings.command.splice(0..0, ["env".to_owned(), variable]);
    settings.timeout = Duration::from_millis(1_500);
    let summary = run(&world, &settings).await;
    assert_eq!((summary.total().answered, summary.total().failed), (7, 1), "{summary:?}");
    assert_eq!(summary.errors[&FailureKind::Timeout], 1);
    let trouble = &summary.troubles[&FailureKind::Worker];
    assert!(trouble.message.contains("ValueError: cannot hear this"), "{}", trouble.message);
    let entries = world.journal(AVM).entries;
    let failed = entries.iter().find(|entry| entry.position.0 == 5).unwrap();
    assert_eq!(failed.tries, 3, "the same words three times are believed");
}

#[tokio::test]
async fn a_worker_that_cannot_start_ends_the_run_with_its_last_words() {
    let (world, mut settings) = world(50, "import a_module_that_is_not_there\n");
    let summary = run(&world, &settings).await;
    let End::Refused { kind: FailureKind::Settings, message } = &summary.end else {
        panic!("{:?}", summary.end)
    };
    assert!(message.contains("a_module_that_is_not_there"), "{message}");
    assert_eq!(summary.total().not_attempted, 50);

    settings.command = vec!["/no/such/program".to_owned()];
    let summary = run(&world, &settings).await;
    assert!(matches!(summary.end, End::Refused { kind: FailureKind::Settings, .. }));
    assert!(ExecSettings::split("unclosed 'quote").is_err());
}

#[tokio::test]
async fn a_simple_worker_needs_neither_greeting_nor_ids() {
    let (world, mut settings) = world(3, "");
    let command = r#"sh -c 'while read -r line; do echo "{\"answer\": \"yes\"}"; done'"#;
    settings.command = ExecSettings::split(command).unwrap();
    assert!(run(&world, &settings).await.is_complete());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nothing_outlives_the_run() {
    let (world, mut settings) = world(3, "");
    let mark = world.dir.path().join("child");
    // The worker starts a child of its own and then hangs.
    let command = format!("sh -c 'sleep 77 & echo $! > {}; read x; wait'", mark.display());
    settings.command = ExecSettings::split(&command).unwrap();
    settings.workers = 1;
    let stop = StopHandle::new();
    let backend = Backend::Exec(Box::new(Exec::new(settings).unwrap()));
    let execution = world.open().unwrap().execute(backend, Vec::new(), &stop);
    let (summary, ()) = tokio::join!(execution, async {
        while !mark.exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.stop();
        stop.stop();
    });
    assert_eq!(summary.unwrap().end, End::Interrupted);
    let child = std::fs::read_to_string(&mark).unwrap();
    let started = std::time::Instant::now();
    while is_running(child.trim()) {
        assert!(started.elapsed() < Duration::from_secs(5), "the worker's child is still there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[cfg(target_os = "linux")]
fn is_running(process: &str) -> bool {
    // A zombie waits for its parent and runs no more.
    std::fs::read_to_string(format!("/proc/{process}/stat"))
        .is_ok_and(|stat| !stat.contains(") Z "))
}

/// A worker of a few lines of Python: `ask()` gives the next request, `say(...)` writes a line.
fn scripted(body: &str) -> String {
    format!(
        "import json, os, sys, time\n\
         def ask():\n    line = sys.stdin.readline()\n    if not line: sys.exit()\n    return json.loads(line)\n\
         def say(*lines):\n    sys.stdout.write(''.join(line + chr(10) for line in lines)); sys.stdout.flush()\n\
         {body}\n"
    )
}

/// A world whose workers run this script.
fn scripted_world(samples: usize, body: &str) -> (World, ExecSettings) {
    let (world, mut settings) = world(samples, "");
    let path = world.dir.path().join("worker.py");
    std::fs::write(&path, scripted(body)).unwrap();
    settings.command = vec!["python3".to_owned(), path.display().to_string()];
    settings.workers = 1;
    (world, settings)
}

/// The text of each answer should be that of its question.
fn check_answers(world: &World) {
    for (position, answer) in world.answers(AVM).into_iter().enumerate() {
        assert!(
            answer.as_ref().is_none_or(|answer| *answer == format!("AVM-{position}")),
            "{position}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn a_line_is_never_the_answer_to_another_question() {
    for (name, body, answered) in [
        (
            "ids as text",
            "while True:\n    r = ask(); say(json.dumps({'id': str(r['id']), 'answer': r['text']}))",
            4,
        ),
        (
            "foreign ids before the answer",
            "while True:\n    r = ask()\n    say(json.dumps({'id': r['id'] - 1, 'answer': 'late'}), \
             json.dumps({'id': 'x', 'answer': 'odd'}), json.dumps({'answer': 'chatter'}), \
             json.dumps({'id': r['id'], 'answer': r['text']}))",
            4,
        ),
        (
            "two answers each",
            "while True:\n    r = ask()\n    say(json.dumps({'answer': r['text']}), json.dumps({'answer': 'again'}))",
            4,
        ),
        (
            "the second one later",
            "while True:\n    r = ask()\n    say(json.dumps({'answer': r['text']}))\n    time.sleep(0.005)\n    \
             say(json.dumps({'answer': 'again'}))",
            4,
        ),
        (
            "chatter around answers without ids",
            "print(json.dumps({'progress': 1}))\nwhile True:\n    r = ask()\n    \
             say('thinking', json.dumps({'score': 2}), json.dumps({'answer': r['text']}), 'done')",
            4,
        ),
    ] {
        let (world, settings) = scripted_world(4, body);
        let summary = run(&world, &settings).await;
        assert_eq!(summary.total().answered, answered, "{name}: {summary:?}");
        check_answers(&world);
    }
}

#[tokio::test]
async fn what_comes_after_its_time_is_dropped_with_its_worker() {
    let body = "r = ask()\nif r['text'] == 'AVM-0' and not os.path.exists(sys.argv[0] + '.late'):\n    \
        open(sys.argv[0] + '.late', 'w').close()\n    time.sleep(1.2)\n\
        while True:\n    say(json.dumps({'answer': r['text']})); r = ask()";
    let (world, mut settings) = scripted_world(3, body);
    settings.timeout = Duration::from_millis(500);
    settings.startup = Duration::from_millis(500);
    let summary = run(&world, &settings).await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(summary.errors[&FailureKind::Timeout], 1);
    check_answers(&world);
}

#[tokio::test]
async fn talking_buys_no_time() {
    let body = "say(json.dumps({'ready': True}))\nr = ask()\nwhile True:\n    say('still thinking'); time.sleep(0.05)";
    let (mut world, mut settings) = scripted_world(1, body);
    world.settings.retry.tries = 1;
    settings.timeout = Duration::from_millis(400);
    let started = std::time::Instant::now();
    let summary = run(&world, &settings).await;
    assert_eq!(summary.errors[&FailureKind::Timeout], 1, "{summary:?}");
    assert!(started.elapsed() < settings.startup, "the time to load is not given twice");
}

#[tokio::test]
async fn a_line_without_an_end_costs_one_sample() {
    for (stream, bound) in
        [("sys.stdout", "16 MiB as an answer"), ("sys.stderr", "1 MiB to its standard error")]
    {
        let body = format!(
            "while True:\n    r = ask()\n    if r['text'] == 'AVM-1':\n        \
             while True: {stream}.write('x' * 65536); {stream}.flush()\n    \
             say(json.dumps({{'id': r['id'], 'answer': r['text']}}))"
        );
        let (mut world, settings) = scripted_world(3, &body);
        world.settings.retry.tries = 1;
        let summary = run(&world, &settings).await;
        assert_eq!((summary.total().answered, summary.total().failed), (2, 1), "{summary:?}");
        let message = &summary.troubles[&FailureKind::Worker].message;
        assert!(message.contains(bound), "{message}");
        check_answers(&world);
    }
}

#[tokio::test]
async fn a_worker_may_talk_before_it_listens() {
    let body = "sys.stdout.write(('x' * 1000 + chr(10)) * 1000); sys.stdout.flush()\n\
        while True:\n    r = ask(); say(json.dumps({'id': r['id'], 'answer': r['text'][:5]}))";
    let (mut world, settings) = scripted_world(1, body);
    // More than a pipe holds.
    let long = "long ".repeat(100_000);
    let data = world.dir.path().join("levels/AVM/data.json");
    let text = std::fs::read_to_string(&data).unwrap().replace("AVM-0", &long);
    std::fs::write(&data, text).unwrap();
    world.settings.retry.tries = 1;
    assert!(run(&world, &settings).await.is_complete());
}

#[tokio::test]
async fn thinking_of_a_worker_is_kept_apart() {
    let body = "while True:\n    r = ask(); t = r['text']\n    line = {'id': r['id'], 'answer': '<think>hm</think>' + t}\n    \
        if t == 'AVM-1': line = {'id': r['id'], 'answer': t, 'reasoning': 'hm'}\n    \
        if t == 'AVM-2': line['finish_reason'] = 'error'\n    say(json.dumps(line))";
    let (world, settings) = scripted_world(3, body);
    let summary = run(&world, &settings).await;
    assert_eq!((summary.total().answered, summary.total().failed), (2, 1), "{summary:?}");
    check_answers(&world);
    for entry in world.journal(AVM).entries.iter().filter(|entry| entry.position.0 < 2) {
        assert_eq!(entry.reasoning.as_deref(), Some("hm"));
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_path_that_is_no_text_is_named() {
    use std::os::unix::ffi::OsStrExt as _;
    let (world, settings) =
        scripted_world(1, "while True:\n    r = ask(); say(json.dumps({'answer': 'yes'}))");
    let input = world.dir.path().join("levels").join(std::ffi::OsStr::from_bytes(b"AVM-\xff"));
    std::fs::rename(world.dir.path().join("levels/AVM"), &input).unwrap();
    let data = avibench_protocol::FolderData::read(AVM, &input).unwrap();
    let jobs = vec![avibench_engine::FolderJobs::new(&data, None, |_| "question".to_owned())];
    let backend = Backend::Exec(Box::new(Exec::new(settings).unwrap()));
    let run = avibench_engine::Run::open(world.settings(), jobs).unwrap();
    let summary = run.execute(backend, Vec::new(), &StopHandle::new()).await.unwrap();
    assert_eq!(summary.total().rejected, 1, "{summary:?}");
    let message = &summary.troubles[&FailureKind::Medium].message;
    assert!(message.contains("is not UTF-8") && message.contains("rename"), "{message}");
}

#[tokio::test]
async fn a_worker_neither_gets_nor_tells_a_key() {
    let key = "sk-not-for-workers-0123456789";
    let body = "k = sys.argv[1]\nprint(k, file=sys.stderr)\nwhile True:\n    r = ask()\n    \
        say(k, json.dumps({'id': r['id'], 'answer': k + str(os.environ.get('HOME'))}))";
    let (world, mut settings) = scripted_world(1, body);
    settings.command.push(key.to_owned());
    settings.withheld = vec!["HOME".to_owned()];
    settings.secrets = [avibench_engine::Secret::new(key)].into_iter().collect();
    assert!(run(&world, &settings).await.is_complete());
    assert_eq!(world.answers(AVM), [Some("[key]None".to_owned())]);
    assert!(!crate::world::any_file_holds(world.dir.path(), key));
}
