//! What stands in place of a file that is read whole: a sparse file of many GiB, a device without an
//! end, a pipe that nobody writes into. Each ends in one clear error, at once and without taking memory.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bad_input::copied;
use crate::program::{Ended, avibench, folder, run};

/// No command may take longer; on an idle machine each takes a few hundredths of a second.
const PATIENCE: Duration = Duration::from_secs(10);

/// In place of a file, with the words that say so.
#[derive(Debug, Clone, Copy)]
enum Impostor {
    /// Far more zeros than fit into memory, which take no room on disk.
    Sparse,
    /// Zeros without an end.
    Device,
    /// What waits for a writer.
    Pipe,
}

impl Impostor {
    const ALL: [Self; 3] = [Self::Sparse, Self::Device, Self::Pipe];

    /// Puts it at `path`, in place of what stands there.
    fn put(self, path: &Path) {
        let _ = std::fs::remove_file(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        match self {
            Self::Sparse => std::fs::File::create(path).unwrap().set_len(40 << 30).unwrap(),
            Self::Device => std::os::unix::fs::symlink("/dev/zero", path).unwrap(),
            Self::Pipe => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Sparse => "it is larger than",
            Self::Device => "it is a device, not a file",
            Self::Pipe => "it is a pipe, not a file",
        }
    }
}

/// Runs the program with a GiB of address space, and ends it when it takes too long.
fn within_bounds(root: &Path, line: &str, environment: &[(&str, &str)]) -> Ended {
    let begun = Instant::now();
    let command = avibench(root);
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -v 1048576; exec \"$@\"", "sh"])
        .arg(command.get_program())
        .args(line.split_whitespace())
        .current_dir(root)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut is_late = false;
    while child.try_wait().unwrap().is_none() && !is_late {
        std::thread::sleep(Duration::from_millis(5));
        is_late = begun.elapsed() > PATIENCE;
    }
    if is_late {
        child.kill().unwrap();
    }
    let ended: Ended = child.wait_with_output().unwrap().into();
    assert!(!is_late, "`{line}` took longer than {PATIENCE:?}: {}", ended.stderr);
    ended
}

/// Runs `line` with each impostor at `path`; the error names the path as the program knows it, and what
/// is wrong with it.
#[track_caller]
fn is_refused(root: &Path, path: &str, line: &str, mend: &str) {
    is_refused_with(root, path, line, mend, &[]);
}

#[track_caller]
fn is_refused_with(root: &Path, path: &str, line: &str, mend: &str, environment: &[(&str, &str)]) {
    for impostor in Impostor::ALL {
        impostor.put(&root.join(path));
        let ended = within_bounds(root, line, environment);
        let told = format!("{impostor:?}: {line}: {ended:?}");
        assert!(matches!(ended.code, Some(1 | 2)), "{told}");
        // Lines are folded at some widths, and findings of `doctor` are what it prints.
        let said = ended.stdout + &ended.stderr;
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = Path::new(path).file_name().unwrap().to_str().unwrap();
        for words in [name, impostor.words(), mend] {
            assert!(said.contains(words), "no `{words}` in {told}");
        }
    }
    std::fs::remove_file(root.join(path)).unwrap();
}

const ENDPOINT: &str = "--base-url http://127.0.0.1:9/v1 --model-path m --data-root data";

#[test]
fn files_of_settings_are() {
    let root = folder();
    copied(root.path(), "perception/AVM");
    let root = root.path();
    let right = "look whether it is the right file";
    is_refused(root, "prices.toml", &format!("run {ENDPOINT} --prices prices.toml"), right);
    is_refused(root, "faults.toml", "serve --port 0 --faults faults.toml", right);
    is_refused(root, "script.jsonl", "serve --port 0 --script script.jsonl", right);
    is_refused(root, "own.toml", &format!("run {ENDPOINT} --prompts own.toml"), right);
    is_refused(root, "havib.py", "prompts export --prompts havib.py", right);
    is_refused(root, "guess.json", "score --data-root data --guess-baselines guess.json", right);
    is_refused(root, "ca.pem", &format!("run {ENDPOINT} --ca-file ca.pem"), right);
    let ca = [("SSL_CERT_FILE", "ca.pem"), ("OPENAI_API_KEY", "k")];
    let secured = ENDPOINT.replace("http:", "https:");
    is_refused_with(root, "ca.pem", &format!("run {secured}"), right, &ca);
    let alone = "name a file that holds nothing but the value itself";
    is_refused(root, "key", &format!("run {ENDPOINT} --api-key-file key"), alone);
    is_refused(root, "value", &format!("run {ENDPOINT} --header x-key=@value"), alone);
}

#[test]
fn data_are() {
    let root = folder();
    copied(root.path(), "perception/AVM");
    let root = root.path();
    let data = "data/levels/perception/AVM/data.json";
    let original = std::fs::read(root.join(data)).unwrap();
    let restore = "restore the file from the dataset's archive";
    for line in [
        "run --backend chance --data-root data",
        "smoke --backend chance --data-root data",
        "doctor data",
    ] {
        is_refused(root, data, line, restore);
    }
    std::fs::write(root.join(data), original).unwrap();
    let anew = "make the set anew with `avibench synth`";
    is_refused(root, "data/manifest.json", "synth check data", anew);
    // Whoever does not need it does without.
    for impostor in Impostor::ALL {
        impostor.put(&root.join("data/manifest.json"));
        within_bounds(root, "run --backend chance --data-root data --dry-run", &[]).expect(0);
    }
}

#[test]
fn what_earlier_commands_left_is() {
    let root = folder();
    copied(root.path(), "perception/AVM");
    let root = root.path();
    let ask = "run --backend chance --data-root data";
    let format = "refine --refine rules --data-root data";
    let score = "score --data-root data";
    for line in [ask, format, score] {
        run(root, line).expect(0);
    }
    let kept = |path: &str, line: &str, mend: &str| {
        let original = std::fs::read(root.join(path)).unwrap();
        is_refused(root, path, line, mend);
        std::fs::write(root.join(path), original).unwrap();
    };
    let copy = "restore it from a copy";
    kept("user_outputs/chance/run.json", ask, copy);
    kept("user_outputs/chance/journal/AVM.jsonl", ask, copy);
    kept("user_outputs/chance/tasks/AVM.json", ask, "remove or restore the file");
    kept("user_outputs_refined/chance/tasks/AVM.json", score, "remove or restore the file");
    kept("user_outputs_refined/chance/journal/AVM.jsonl", score, copy);
    let again = "score the predictions again";
    let diff = "score --data-root data --diff earlier.report.json";
    for name in ["report.json", "samples.jsonl"] {
        let from = root.join("eval_outputs").join(format!("chance.{name}"));
        std::fs::copy(from, root.join(format!("earlier.{name}"))).unwrap();
    }
    kept("earlier.report.json", diff, again);
    let rename = "labels rename chance other";
    kept("eval_outputs/chance.report.json", rename, again);
    kept("user_outputs/chance/run.json", rename, copy);
    let explain = "refine explain --task AVM --data-root data --predictions p.json";
    std::fs::write(root.join("p.json"), "[]").unwrap();
    kept("p.json", explain, "remove or restore the file");
}

#[test]
fn rows_without_an_end_are() {
    let root = folder();
    copied(root.path(), "perception/AVM");
    let root = root.path();
    for line in [
        "run --backend chance --data-root data",
        "refine --refine rules --data-root data",
        "score --data-root data",
    ] {
        run(root, line).expect(0);
    }
    let diff = "score --data-root data --diff earlier.report.json --eval-dir again";
    let report = root.join("eval_outputs/chance.report.json");
    let text = std::fs::read_to_string(report).unwrap();
    std::fs::write(
        root.join("earlier.report.json"),
        text.replace("\"chance.samples", "\"earlier.samples"),
    )
    .unwrap();
    is_refused(root, "earlier.samples.jsonl", diff, "score the predictions again");
    // Below the limit of the file, a line has one of its own.
    let rows = std::fs::File::create(root.join("earlier.samples.jsonl")).unwrap();
    rows.set_len(6 << 30).unwrap();
    let ended = within_bounds(root, diff, &[]).expect(1);
    let said = "earlier.samples.jsonl, line 1: a line of more than 128 MiB is no sample row";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
}

#[test]
fn what_is_handed_over_open_is_read_as_far_as_the_limit() {
    let root = folder();
    copied(root.path(), "perception/AVM");
    let answer_of = |line: &str, input: &str| -> Ended {
        let program = avibench(root.path());
        let ended = Command::new("sh")
            .args(["-c", &format!("ulimit -v 1048576; {input} | exec \"$@\""), "sh"])
            .arg(program.get_program())
            .args(line.split_whitespace())
            .current_dir(root.path())
            .output();
        ended.unwrap().into()
    };
    let dry = "run --backend chance --data-root data --dry-run --prices";
    let table = "printf '[[model]]\\nname = \"chance\"\\ninput = 1.0\\noutput = 2.0\\n'";
    for path in ["/dev/stdin", "/dev/fd/0"] {
        answer_of(&format!("{dry} {path}"), table).expect(0);
        let ended = answer_of(&format!("{dry} {path}"), "yes").expect(1);
        assert!(ended.stderr.contains("it is larger than 16 MiB"), "{}", ended.stderr);
    }
    let explain = "refine explain --task AVM";
    assert!(answer_of(explain, "echo yes").expect(0).stdout.contains("yes"));
    let ended = answer_of(explain, "yes").expect(1);
    assert!(ended.stderr.contains("it is larger than 16 MiB"), "{}", ended.stderr);
    assert!(ended.stderr.contains("give the answer alone"), "{}", ended.stderr);
}

#[test]
fn probe_findings_are() {
    let root = folder();
    copied(root.path(), "perception/AVM");
    let root = root.path();
    run(root, "run --backend chance --data-root data").expect(0);
    run(root, "refine --refine rules --data-root data").expect(0);
    // They are only told of: what cannot be read is said, and costs no score.
    for impostor in Impostor::ALL {
        impostor.put(&root.join("user_outputs/chance/probe.json"));
        let ended = within_bounds(root, "score --data-root data", &[]);
        assert!(matches!(ended.code, Some(0 | 2)), "{impostor:?}: {ended:?}");
        let said = ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("probe.json") && said.contains(impostor.words()), "{said}");
    }
}
