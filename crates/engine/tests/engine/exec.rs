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
        command: format!("python3 {WORKER} '{}' some/model", path.display()),
        workers: 2,
        model: "m".to_owned(),
        parameters: Map::new(),
        timeout: Duration::from_secs(20),
        startup: Duration::from_secs(20),
        log: world.path("workers.log"),
    };
    (world, settings)
}

async fn run(world: &World, settings: &ExecSettings) -> RunSummary {
    let backend = Backend::Exec(Exec::new(settings.clone()).unwrap());
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
    settings.command =
        format!("env TMPDIR_OF_TEST={} {}", world.dir.path().display(), settings.command);
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

    settings.command = "/no/such/program".to_owned();
    let summary = run(&world, &settings).await;
    assert!(matches!(summary.end, End::Refused { kind: FailureKind::Settings, .. }));
    settings.command = "unclosed 'quote".to_owned();
    assert!(Exec::new(settings).is_err());
}

#[tokio::test]
async fn a_simple_worker_needs_neither_greeting_nor_ids() {
    let (world, mut settings) = world(3, "");
    settings.command =
        r#"sh -c 'while read -r line; do echo "{\"answer\": \"yes\"}"; done'"#.into();
    assert!(run(&world, &settings).await.is_complete());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nothing_outlives_the_run() {
    let (world, mut settings) = world(3, "");
    let mark = world.dir.path().join("child");
    // The worker starts a child of its own and then hangs.
    settings.command = format!("sh -c 'sleep 77 & echo $! > {}; read x; wait'", mark.display());
    settings.workers = 1;
    let stop = StopHandle::new();
    let backend = Backend::Exec(Exec::new(settings).unwrap());
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
