//! The command lines of the pages, run by the real program in a folder of their own.
//!
//! A block of `console` holds commands behind `$ ` and what they print. `? 2` behind a command is
//! its exit code, where that is not 0. A line `...` stands for any number of lines, and numbers
//! that differ between runs (times, hashes, ports) are compared by their kind. A block of `sh run`
//! holds commands alone, which must succeed; `avibench view` among them is left out, since it serves
//! until Ctrl-C. Comments such as `<!-- $ avibench ... -->` prepare what a page supposes to be there, and
//! must succeed as well.
//!
//! All blocks of a page share one folder. In it `DATA` is a small generated set and `FILE.py` a file of
//! definitions; `https://host/v1` and the environment's `OPENAI_BASE_URL` are a served model. `avibench serve
//! ... &` gets a free port of as many digits as the page names, `kill %1` ends it.
//! `INSTA_UPDATE=always` writes what is printed now into the pages.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use regex::Regex;
use tempfile::TempDir;

use super::pages::{Page, Piece, PieceKind, pages, root};
use crate::program::{NO_PROBE, Served, clean, folder, smoke_set};
use crate::snapshots::steady_words;

/// The line that stands for any number of lines.
const LEFT_OUT: &str = "...";

/// The address of an endpoint on pages.
const HOST: &str = "https://host/v1";

/// Definitions by which every question is put in its own words.
const DEFINITIONS: &str = "havib_constants = {\n\
    'AMIC': {}, 'VMIC': {}, 'AVL': {}, 'AVM': {}, 'VAR': {}, 'AVR': {}, 'AVC': {}, 'AVH': {}, 'VAH': {}, 'AVQA': {},\n\
    'AVLG': {}, 'ASQA': {}, 'AVSQA': {}, 'VSQA_I': {}, 'VSQA_V': {}}\n";

/// A command of a block, with what the page says that it prints.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    /// As the page has it, with `$ ` and all lines.
    typed: String,
    /// As a shell gets it.
    command: String,
    code: i32,
    printed: String,
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// The commands of a block of `console`.
fn steps(block: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut goes_on = false;
    for line in block.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                typed: String::new(),
                command: command.to_owned(),
                code: 0,
                printed: String::new(),
            });
            push_line(&mut steps.last_mut().unwrap().typed, line);
        } else {
            let step = steps.last_mut().unwrap_or_else(|| panic!("no command before: {line}"));
            if goes_on {
                let more =
                    line.strip_prefix("> ").unwrap_or_else(|| panic!("expected `> `: {line}"));
                push_line(&mut step.typed, line);
                step.command.push('\n');
                step.command.push_str(more);
            } else if let Some(code) = line.strip_prefix("? ").filter(|_| step.printed.is_empty()) {
                push_line(&mut step.typed, line);
                step.code = code.parse().unwrap();
            } else {
                push_line(&mut step.printed, line);
            }
        }
        goes_on = (line.starts_with("$ ") || goes_on) && line.ends_with('\\');
    }
    steps
}

/// A served model that a page has started, and what stands for its address on the page.
struct Job {
    child: Child,
    said: String,
    real: String,
}

/// What the commands of one page share.
struct Session<'a> {
    folder: TempDir,
    endpoint: &'a Served,
    jobs: Vec<Job>,
    variables: Vec<(String, String)>,
}

impl Session<'_> {
    fn new(endpoint: &Served) -> Session<'_> {
        let folder = folder();
        std::os::unix::fs::symlink(smoke_set(), folder.path().join("DATA")).unwrap();
        std::fs::write(folder.path().join("FILE.py"), DEFINITIONS).unwrap();
        Session { folder, endpoint, jobs: Vec::new(), variables: Vec::new() }
    }

    /// Runs a command. Returns its exit code and what it printed, on both ways.
    fn run(&mut self, command: &str) -> (i32, String) {
        if let Some(arguments) =
            command.strip_prefix("avibench serve").and_then(|c| c.strip_suffix('&'))
        {
            return (0, self.serve(arguments.trim()));
        }
        if command.starts_with("kill %") {
            self.jobs.clear();
            return (0, String::new());
        }
        if let Some((name, value)) = command.strip_prefix("export ").and_then(|c| c.split_once('='))
        {
            self.variables.push((name.to_owned(), value.to_owned()));
            return (0, String::new());
        }
        let (mut reader, writer) = std::io::pipe().unwrap();
        let mut shell = self.shell();
        shell.args(["-c", &self.to_real(command)]);
        shell.stdout(writer.try_clone().unwrap()).stderr(writer).stdin(Stdio::null());
        let mut child = shell.spawn().unwrap();
        // It holds the writing ends, for which the reader would wait.
        drop(shell);
        let mut printed = Vec::new();
        reader.read_to_end(&mut printed).unwrap();
        let code = child.wait().unwrap().code().unwrap_or(-1);
        (code, self.to_said(&without_progress(&String::from_utf8(printed).unwrap())))
    }

    fn shell(&self) -> Command {
        let mut shell = clean(Command::new("sh"), self.folder.path());
        let program = Path::new(env!("CARGO_BIN_EXE_avibench")).parent().unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(program.to_owned()).chain(std::env::split_paths(&path));
        shell.env("PATH", std::env::join_paths(path).unwrap());
        shell.env_remove(NO_PROBE);
        shell.env("OPENAI_BASE_URL", &self.endpoint.base_url);
        shell.envs(self.variables.iter().cloned());
        shell
    }

    /// Starts a server in the background and returns what it printed until it answers.
    fn serve(&mut self, arguments: &str) -> String {
        let words: Vec<&str> = arguments.split_whitespace().collect();
        let said =
            words.iter().position(|word| *word == "--port").map_or("8077", |at| words[at + 1]);
        let rest = arguments.replace(&format!("--port {said}"), "");
        // Ports with as many digits fold lines at the same places. Others may take one first.
        let least = 10_u16.pow(said.len() as u32 - 1).max(2000);
        for port in
            std::iter::repeat_with(|| fastrand::u16(least..least.saturating_mul(4).min(32_000)))
                .take(50)
        {
            let (reader, writer) = std::io::pipe().unwrap();
            let mut shell = self.shell();
            shell.args(["-c", &format!("exec avibench serve {rest} --port {port}")]);
            shell.stdout(writer.try_clone().unwrap()).stderr(writer).stdin(Stdio::null());
            let mut child = shell.spawn().unwrap();
            drop(shell);
            let mut reader = BufReader::new(reader);
            let mut printed = String::new();
            while reader.read_line(&mut printed).unwrap() > 0 {
                if printed.lines().last().is_some_and(|line| line.ends_with("until Ctrl-C")) {
                    // What it prints from now on, nobody reads; it must not wait for that.
                    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
                    let address = |port: &str| format!("127.0.0.1:{port}");
                    let (said, real) = (address(said), address(&port.to_string()));
                    self.jobs.push(Job { child, said, real });
                    return self.to_said(&printed);
                }
            }
            child.wait().unwrap();
        }
        panic!("avibench serve {arguments}: found no free port");
    }

    /// A command with the addresses that are there, in place of those that the page names.
    fn to_real(&self, command: &str) -> String {
        let command = command.replace(HOST, &self.endpoint.base_url);
        self.jobs.iter().fold(command, |command, job| command.replace(&job.said, &job.real))
    }

    /// The reverse.
    fn to_said(&self, printed: &str) -> String {
        let printed = printed.replace(&self.endpoint.base_url, HOST);
        self.jobs.iter().fold(printed, |printed, job| printed.replace(&job.real, &job.said))
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Output without the lines of progress, which terminals show as bars that go away.
fn without_progress(printed: &str) -> String {
    static PROGRESS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^(\d/\d )?[a-z ]+: \d+/\d+.*\n").unwrap());
    PROGRESS.replace_all(printed, "").into_owned()
}

/// Text of which everything is replaced that differs between machines, versions and moments.
fn steady(text: &str) -> String {
    static MOMENT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( UTC|Z)").unwrap()
    });
    steady_words(&MOMENT.replace_all(text, "[moment]"))
}

/// Whether a page says what is printed. It is compared word by word, because lines fold elsewhere where a time has
/// more digits.
fn agree(printed: &str, said: &str) -> bool {
    let (printed, said) = (steady(printed), steady(said));
    let printed: Vec<&str> = printed.split_whitespace().collect();
    // The words between the lines that stand for others.
    let mut runs: Vec<Vec<&str>> = vec![Vec::new()];
    for line in said.lines() {
        if line == LEFT_OUT {
            runs.push(Vec::new());
        } else {
            runs.last_mut().unwrap().extend(line.split_whitespace());
        }
    }
    let Some(mut left) = printed.strip_prefix(runs[0].as_slice()) else { return false };
    let Some((last, between)) = runs[1..].split_last() else { return left.is_empty() };
    for run in between.iter().filter(|run| !run.is_empty()) {
        let Some(at) = left.windows(run.len()).position(|words| words == run) else { return false };
        left = &left[at + run.len()..];
    }
    left.ends_with(last)
}

/// What a page should say: its own lines where they agree with what is printed, and no lines where it leaves some out, as
/// long as the line that follows is printed.
fn rewritten(printed: &str, said: &str) -> String {
    let same = |one: &str, other: &str| steady(one) == steady(other);
    let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
    let mut now: Vec<&str> = Vec::new();
    let mut at = 0;
    let mut said = said.lines().peekable();
    while let Some(line) = said.next() {
        if line == LEFT_OUT {
            let left = &printed[at..];
            let end = match said.peek() {
                Some(next) => left.iter().position(|line| same(line, next)),
                None => Some(left.len()),
            };
            if let Some(end) = end {
                now.push(LEFT_OUT);
                at += end;
            }
        } else if let Some(shown) = printed.get(at) {
            now.push(if same(shown, line) { line } else { shown });
            at += 1;
        }
    }
    now.extend(&printed[at..]);
    let mut text = String::new();
    for line in now {
        push_line(&mut text, line);
    }
    text
}

/// Runs the commands of a page. Returns what is wrong with it, and the page with what was printed now.
fn checked(page: &Page, endpoint: &Served) -> (Vec<String>, String) {
    let mut session = Session::new(endpoint);
    let mut faults = Vec::new();
    let mut text = page.text.clone();
    // What was put in so far moves what follows.
    let mut moved = 0_isize;
    for piece in page.pieces() {
        let place = format!("{}:{}", page.path, piece.line);
        let (steps, is_shown) = commands(&piece);
        let mut block = String::new();
        for step in steps {
            let (code, printed) = session.run(&step.command);
            if code != step.code {
                faults.push(format!(
                    "{place}: `{}` ended with {code}, not {}:\n{printed}",
                    step.command, step.code
                ));
            }
            block.push_str(&step.typed);
            if !is_shown || agree(&printed, &step.printed) {
                block.push_str(&step.printed);
                continue;
            }
            let now = rewritten(&printed, &step.printed);
            faults.push(format!(
                "{place}: `{}` prints\n{now}\nand the page says\n{}",
                step.command, step.printed
            ));
            block.push_str(&now);
        }
        if is_shown {
            let range =
                piece.range.unwrap_or_else(|| panic!("{place}: a block of `console` is indented"));
            let at = |byte: usize| byte.strict_add_signed(moved);
            text.replace_range(at(range.start)..at(range.end), &block);
            moved += block.len() as isize - range.len() as isize;
        }
    }
    (faults, text)
}

/// The commands of a piece that are run, and whether the page shows what they print.
fn commands(piece: &Piece) -> (Vec<Step>, bool) {
    match &piece.kind {
        PieceKind::Block(info) if info == "console" => (steps(&piece.text), true),
        PieceKind::Block(info) if info == "sh run" => {
            let lines = piece.text.replace("\\\n", " ");
            let ends = |line: &&str| !line.starts_with("avibench view ");
            let typed: Vec<String> =
                lines.lines().filter(ends).map(|line| format!("$ {line}\n")).collect();
            (steps(&typed.concat()), false)
        }
        PieceKind::Comment => {
            let text = piece.text.trim().trim_start_matches("<!--").trim_end_matches("-->").trim();
            let is_command = text.starts_with("$ ");
            (if is_command { steps(text) } else { Vec::new() }, false)
        }
        _ => (Vec::new(), false),
    }
}

#[test]
fn command_lines_of_pages_print_what_the_pages_say() {
    let endpoint = Served::start("--model chance");
    let pages = pages();
    let runs = |page: &&Page| page.pieces().iter().any(|piece| !commands(piece).0.is_empty());
    let checked: Vec<(&Page, Vec<String>, String)> = std::thread::scope(|scope| {
        let endpoint = &endpoint;
        let threads: Vec<_> = pages
            .iter()
            .filter(runs)
            .map(|page| scope.spawn(move || (page, checked(page, endpoint))))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join().unwrap());
        joined.map(|(page, (faults, text))| (page, faults, text)).collect()
    });
    assert!(checked.len() >= 4, "too few pages have commands that run: {}", checked.len());
    let mut faults = String::new();
    for (page, found, text) in checked {
        for fault in found {
            writeln!(faults, "{fault}").unwrap();
        }
        if text != page.text && std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always")
        {
            std::fs::write(root().join(&page.path), text).unwrap();
        }
    }
    assert!(
        faults.is_empty(),
        "{faults}\nINSTA_UPDATE=always writes what is printed into the pages"
    );
}

#[test]
fn a_page_that_says_something_else_is_found() {
    let printed = "made 3 files in 1.5 s: data\nnext: look\n";
    assert!(agree(printed, "made 3 files in 22 s: data\nnext: look\n"));
    assert!(agree(printed, "made 3 files in 22 s:\ndata\n...\n"));
    assert!(!agree(printed, "made 4 files in 22 s: data\nnext: look\n"));
    assert!(!agree(printed, "made 3 files in 22 s: data\n"));
    assert!(!agree(printed, "...\nnext: listen\n"));
    assert!(agree("a b a c\nd\n", "...\na\nc\n...\n") && !agree("a b\n", "...\nb\n...\na\n"));
    let said = "made 4 files in 22 s: data\n...\n";
    assert_eq!(rewritten(printed, said), "made 3 files in 1.5 s: data\n...\n");
    let said = "made 3 files in 9 s: data\nnext: listen\n";
    assert_eq!(rewritten(printed, said), "made 3 files in 9 s: data\nnext: look\n");
    assert_eq!(
        rewritten(printed, "made 3 files in 9 s: data\n...\n"),
        "made 3 files in 9 s: data\n...\n"
    );
    let block = "$ avibench run \\\n>   --x\n? 2\nout\n\n$ next\n";
    let found = steps(block);
    assert_eq!(found[0].command, "avibench run \\\n  --x");
    assert_eq!((found[0].code, found[0].printed.as_str()), (2, "out\n\n"));
    let typed: Vec<&str> = found.iter().flat_map(|step| [&*step.typed, &*step.printed]).collect();
    assert_eq!(typed.concat(), block);
}

#[test]
fn a_page_with_a_wrong_exit_code_is_found() {
    let endpoint = Served::start("--model chance");
    let text = "# Page\n\n```console\n$ avibench labels list\n? 1\n```\n".to_owned();
    let page = Page { path: "page.md".into(), text };
    let (faults, _) = checked(&page, &endpoint);
    assert!(
        faults[0].starts_with("page.md:4: `avibench labels list` ended with 0, not 1"),
        "{faults:?}"
    );
    let text = page.text.replace("? 1\n", "none\n");
    let (faults, now) = checked(&Page { path: "page.md".into(), text }, &endpoint);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(!now.contains("none\n") && now.ends_with("```\n"), "{now}");
}
