//! A small benchmark on disk, and runs over it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use avibench_engine::{
    Backend, Event, FolderJobs, Http, HttpSettings, Listener, Packing, Price, Profile, RetryPolicy,
    Run, RunError, RunSettings, RunSummary, Secret, Snapshot, StopHandle,
};
use avibench_media::{Sound, encode_wav};
use avibench_protocol::{Folder, FolderData, Record};
use avibench_store::{Journal, Label, Locking, OnDifference, read_journal, read_predictions};
use serde_json::{Map, json};
use tempfile::TempDir;

pub(crate) const KEY: &str = "sk-very-secret-0123456789";

/// A temporary directory with data, and settings for runs over it.
pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) folders: Vec<(Folder, usize)>,
    pub(crate) settings: RunSettings,
    pub(crate) http: HttpSettings,
}

/// Events in their order, and snapshots after the last.
#[derive(Clone, Default)]
pub(crate) struct Tape(Arc<Mutex<Vec<Event>>>, Arc<Mutex<Option<Snapshot>>>);

impl Tape {
    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn last_snapshot(&self) -> Snapshot {
        self.1.lock().unwrap().clone().unwrap()
    }

    pub(crate) fn limits(&self) -> Vec<usize> {
        let limit = |event: &Event| match event {
            Event::LimitChanged { limit } => Some(*limit),
            _ => None,
        };
        self.events().iter().filter_map(limit).collect()
    }
}

impl Listener for Tape {
    fn on_event(&mut self, event: &Event, snapshot: &Snapshot) {
        self.0.lock().unwrap().push(event.clone());
        *self.1.lock().unwrap() = Some(snapshot.clone());
    }
}

impl World {
    /// `folders` with so many samples each, asked at `url`. Waits are milliseconds.
    pub(crate) fn new(url: &str, folders: &[(Folder, usize)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for &(folder, count) in folders {
            let path = dir.path().join("levels").join(folder.name());
            std::fs::create_dir_all(path.join("input")).unwrap();
            let sound = Sound::new(8_000, vec![0.25; 80]).unwrap();
            std::fs::write(path.join("input/a.wav"), encode_wav(&sound).unwrap()).unwrap();
            let records: Vec<_> = (0..count)
                .map(|i| {
                    json!({"id": format!("{i:05}"), "task": folder.name(), "input": {
                        "question": {"text": format!("{folder}-{i}")},
                        "audio_list": ["./input/a.wav"]}, "output": {}})
                })
                .collect();
            let json = serde_json::to_vec(&records).unwrap();
            std::fs::write(path.join("data.json"), json).unwrap();
        }
        let retry = RetryPolicy {
            base: Duration::from_millis(1),
            longest: Duration::from_millis(5),
            ..RetryPolicy::default()
        };
        let settings = RunSettings {
            program: "avibench 0".to_owned(),
            label: Label::new("m").unwrap(),
            directory: dir.path().join("user_outputs/m"),
            model: "asked-1".to_owned(),
            backend: "openai".to_owned(),
            request: None,
            parameters: Map::new(),
            prompt_pack: "pack".to_owned(),
            wording: None,
            ablation: None,
            rewritten: None,
            subset: None,
            order: None,
            epochs: 1,
            sequence: None,
            shard: None,
            locking: Locking::System,
            concurrency: 4,
            requests_per_minute: None,
            tokens_per_minute: None,
            retry,
            grace: Duration::from_millis(300),
            price: Some(Price { input: 10.0, output: 100.0, audio: None, batch: None }),
            max_cost: None,
            spent_elsewhere: 0.0,
            on_difference: OnDifference::Refuse,
            finish: None,
        };
        let http = HttpSettings {
            base_urls: vec![url.to_owned()],
            key: Some(Secret::new(KEY)),
            profile: Some(Profile::Gateway.into()),
            timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(1),
            inflight_bytes: 1 << 20,
            ..HttpSettings::new(url, "asked-1")
        };
        let mut world = Self { dir, folders: folders.to_vec(), settings, http };
        world.pack(Profile::Gateway.into());
        world
    }

    /// The settings of a run, with the request format that the endpoint has by now.
    pub(crate) fn settings(&self) -> RunSettings {
        let request = self.settings.request.as_ref().map(|_| self.http.request_format().unwrap());
        RunSettings { request, ..self.settings.clone() }
    }

    /// Has media packed like this.
    pub(crate) fn pack(&mut self, packing: Packing) {
        self.http.profile = Some(packing);
        self.settings.request = Some(self.http.request_format().unwrap());
    }

    pub(crate) fn jobs(&self) -> Vec<FolderJobs> {
        let read = |&(folder, _): &(Folder, usize)| {
            let path = self.dir.path().join("levels").join(folder.name());
            let data = FolderData::read(folder, &path).unwrap();
            FolderJobs::new(&data, None, |sample| sample.text.clone().unwrap_or_default())
        };
        self.folders.iter().map(read).collect()
    }

    pub(crate) fn open(&self) -> Result<Run, RunError> {
        Run::open(self.settings(), self.jobs())
    }

    pub(crate) async fn run(&self) -> (RunSummary, Tape) {
        self.run_until(&StopHandle::new()).await
    }

    pub(crate) async fn run_until(&self, stop: &StopHandle) -> (RunSummary, Tape) {
        let tape = Tape::default();
        let backend = Backend::Http(Http::new(self.http.clone()).unwrap());
        let run = self.open().unwrap();
        let summary = run.execute(backend, vec![Box::new(tape.clone())], stop).await.unwrap();
        (summary, tape)
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.settings.directory.join(path)
    }

    pub(crate) fn predictions(&self, folder: Folder) -> Vec<Option<Record>> {
        read_predictions(&self.path(&format!("tasks/{folder}.json"))).unwrap()
    }

    /// Answers by position; `None` for null.
    pub(crate) fn answers(&self, folder: Folder) -> Vec<Option<String>> {
        let text = |slot: Option<Record>| slot?.predict.as_str().map(str::to_owned);
        self.predictions(folder).into_iter().map(text).collect()
    }

    pub(crate) fn journal(&self, folder: Folder) -> Journal {
        read_journal(&self.path(&format!("journal/{folder}.jsonl"))).unwrap()
    }
}

/// Whether any file below `path` holds `text`.
pub(crate) fn any_file_holds(path: &Path, text: &str) -> bool {
    std::fs::read_dir(path).unwrap().any(|entry| {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            return any_file_holds(&entry.path(), text);
        }
        let bytes = std::fs::read(entry.path()).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}
