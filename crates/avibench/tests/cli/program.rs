//! Running the binary, and the data it runs on.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// What a finished program left.
#[derive(Debug)]
pub(crate) struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// Panics with everything that was printed unless the exit code is `code`.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The environment variables that the program reads.
pub(crate) const VARIABLES: [&str; 35] = [
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "MODEL_PATH",
    "MODEL_LABEL",
    "MODEL_BACKEND",
    "DATA_ROOT",
    "OUTPUT_DIR",
    "CONCURRENCY",
    "REFINE_MODEL",
    "REFINE_CONCURRENCY",
    "REFINED_DIR",
    "EVAL_OUTPUT_DIR",
    "AVIBENCH_FENSE_MODELS",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "AVIBENCH_CONFIG",
    "AVIBENCH_LOG",
    "AVIBENCH_PYTHON",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "AVIBENCH_SHARDS",
    "SLURM_ARRAY_TASK_ID",
    "PBS_ARRAY_INDEX",
    "PBS_ARRAYID",
    "LSB_JOBINDEX",
    "SGE_TASK_ID",
    "JOB_COMPLETION_INDEX",
];

/// The environment variable that leaves out the probe before a run.
pub(crate) const NO_PROBE: &str = "AVIBENCH_NO_PROBE";

/// The binary with a clean environment: nothing of the caller's settings leaks in.
pub(crate) fn avibench(folder: &Path) -> Command {
    clean(Command::new(env!("CARGO_BIN_EXE_avibench")), folder)
}

/// A program in that environment, such as a shell that starts the binary.
pub(crate) fn clean(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder);
    for name in VARIABLES {
        command.env_remove(name);
    }
    // Lines are as wide as where nothing says how wide the terminal is.
    command.env_remove("COLUMNS");
    // No test downloads anything.
    command.env("HF_HUB_OFFLINE", "1");
    command.env("NO_COLOR", "1");
    // Servers of tests count their questions; those about the probe take this away again.
    command.env(NO_PROBE, "1");
    command
}

/// Runs it with arguments split at white space.
pub(crate) fn run(folder: &Path, line: &str) -> Ended {
    avibench(folder).args(line.split_whitespace()).output().unwrap().into()
}

/// Starts it in the same way, and reads what it prints once it has ended.
pub(crate) fn begin(folder: &Path, line: &str) -> Child {
    avibench(folder)
        .args(line.split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// A folder of a test's own.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A smoke set, made once for all tests. Read only.
pub(crate) fn smoke_set() -> PathBuf {
    static SET: OnceLock<TempDir> = OnceLock::new();
    let set = SET.get_or_init(|| {
        let set = folder();
        run(set.path(), "synth smoke --seed 11 --out data").expect(0);
        set
    });
    set.path().join("data")
}

/// A copy of [`smoke_set`] that may be changed.
pub(crate) fn copy_smoke_set(to: &Path) {
    copy(&smoke_set(), to);
}

/// What `run --backend signal --model-label ear` leaves of the smoke set, put into a folder of a test's own: the
/// observer answers several tests, but once.
pub(crate) fn with_answers_of_signal(root: &Path) {
    static ANSWERS: OnceLock<TempDir> = OnceLock::new();
    let answers = ANSWERS.get_or_init(|| {
        let answers = folder();
        let data = smoke_set();
        let line = "run --backend signal --model-label ear --data-root";
        run(answers.path(), &format!("{line} {}", data.display())).expect(0);
        answers
    });
    copy(answers.path(), root);
}

/// Copies every file below a folder.
fn copy(from: &Path, to: &Path) {
    for (path, content) in contents(from) {
        let path = to.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}

/// A served model; it ends with the value.
pub(crate) struct Served {
    child: Child,
    pub base_url: String,
    /// Where it keeps uploaded files: it is killed, and clears nothing away.
    _temporary: TempDir,
}

impl Served {
    /// Starts `serve` on a free port and waits for its address.
    pub(crate) fn start(arguments: &str) -> Self {
        Self::start_with(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    /// As [`Served::start`], with arguments that may hold spaces.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        use std::io::BufRead as _;
        let temporary = folder();
        let mut child = avibench(&std::env::temp_dir())
            .args(["serve", "--port", "0"])
            .env("TMPDIR", temporary.path())
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, base_url: line.trim().to_owned(), _temporary: temporary }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every file below a folder with its content, by relative path.
pub(crate) fn contents(root: &Path) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let content = std::fs::read(&path).unwrap();
                files.insert(path.strip_prefix(root).unwrap().to_owned(), content);
            }
        }
    }
    files
}
