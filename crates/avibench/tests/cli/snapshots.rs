//! What people see, held word for word at widths from 60 to 120 columns.
//!
//! Help and tables fold to the width of the terminal (`COLUMNS` where there is none). Help has a
//! snapshot at two widths, and `src/help.rs` tries all; a table has one that holds each of its forms once. `cargo insta review` shows
//! and takes what changed.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use regex::Regex;
use tempfile::TempDir;

use crate::program::{Ended, Served, avibench, folder, run, smoke_set, with_answers_of_signal};

const WIDTHS: [usize; 2] = [80, 120];
const TABLE_WIDTHS: [usize; 4] = [60, 80, 100, 120];

/// What the program prints on a terminal of so many columns.
fn at_width(folder: &Path, line: &str, width: usize) -> Ended {
    avibench(folder)
        .env("COLUMNS", width.to_string())
        .args(line.split_whitespace())
        .output()
        .unwrap()
        .into()
}

/// Runs under both labels, a killed one's like, and their scores; made once for all tests.
fn runs() -> &'static Path {
    static RUNS: OnceLock<TempDir> = OnceLock::new();
    let root = RUNS.get_or_init(|| {
        let root = folder();
        let data = smoke_set().display().to_string();
        let ran = |line: &str| run(root.path(), &format!("{line} --data-root {data}")).expect(0);
        with_answers_of_signal(root.path());
        ran("run --backend chance --chance-seed 3 --model-label chance");
        ran("run --backend chance --model-label part --tasks perception --n-samples 3");
        ran("refine --refine rules");
        let pack = run(root.path(), "prompts export").expect(0).stdout;
        let pack = pack.replace("Listen closely and work out", "Say");
        std::fs::write(root.path().join("mine.toml"), pack).unwrap();
        let small = "synth prise --seed 11 --tasks ASQA --scale 0.1 --out small";
        run(root.path(), small).expect(0);
        root
    });
    root.path()
}

/// Text with everything replaced that differs between machines, versions and moments.
fn steady(text: &str) -> String {
    let mut text = text.to_owned();
    let mut paths: Vec<(PathBuf, &str)> = vec![(smoke_set(), "[data]"), (runs().into(), "[root]")];
    paths.push((std::env::temp_dir(), "[tmp]"));
    for (path, name) in paths {
        text = text.replace(&path.display().to_string(), name);
    }
    steady_words(&text)
}

/// Text without paths, of which everything else is replaced that differs so.
pub(crate) fn steady_words(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, name) in [
        (r"http://127\.0\.0\.1:\d+", "[url]"),
        (r"\b[0-9a-f]{12,64}\b", "[hash]"),
        (r"\b\d+(\.\d+)? (ms|s|min \d+ s)\b", "[time]"),
        (r"(?m)\b(no|yes)( +)\d+\.\d$", "$1$2[MB]"),
        (r"avibench \d+\.\d+\.\d+\S*( \([^)]*\))?", "avibench [version]"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, name).into_owned();
    }
    text
}

#[track_caller]
fn assert_fits(text: &str, width: usize, line: &str) {
    for found in text.lines().filter(|found| found.chars().count() > width) {
        // Only what cannot be broken may stick out: a path or an address alone on its line.
        assert!(!found.trim().contains(' '), "{line}: {} columns: {found}", found.chars().count());
    }
}

/// Holds what a command prints to stdout.
#[track_caller]
fn table(name: &str, line: &str, code: i32) {
    // What would be sent is printed letter for letter, on one line, as are rows of Markdown.
    let folds = !line.starts_with("prompts show --tasks") && !line.contains("markdown");
    let mut forms: Vec<(Vec<String>, String)> = Vec::new();
    for width in TABLE_WIDTHS {
        let printed = steady(&at_width(runs(), line, width).expect(code).stdout);
        if folds {
            assert_fits(&printed, width, line);
        }
        match forms.iter_mut().find(|(_, known)| *known == printed) {
            Some((widths, _)) => widths.push(width.to_string()),
            None => forms.push((vec![width.to_string()], printed)),
        }
    }
    let held: Vec<String> = forms
        .iter()
        .map(|(widths, printed)| format!("=== at {} columns ===\n{printed}", widths.join(", ")))
        .collect();
    insta::assert_snapshot!(name, held.join("\n"));
}

/// Commands and subcommands, by their words.
fn commands(above: &str) -> Vec<String> {
    let help = at_width(runs(), &format!("{above} --help"), 200).expect(0).stdout;
    let below = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names: Vec<String> = below
        .take_while(|line| line.starts_with("  "))
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|name| name != "help")
        .map(|name| format!("{above} {name}").trim().to_owned())
        .collect();
    let further: Vec<String> = names.iter().flat_map(|name| commands(name)).collect();
    names.into_iter().chain(further).collect()
}

#[test]
fn help_of_every_command() {
    let all = commands("");
    assert!(all.len() > 15 && all.contains(&"refine explain".to_owned()), "{all:?}");
    for command in std::iter::once(String::new()).chain(all) {
        for width in WIDTHS {
            let line = format!("{command} --help");
            let help = steady(&at_width(runs(), &line, width).expect(0).stdout);
            assert_fits(&help, width, &line);
            let name = format!("help {command}").trim().replace(' ', "_");
            insta::assert_snapshot!(format!("{name}_{width}"), help);
        }
    }
    for line in ["-h", "run -h"] {
        let short = at_width(runs(), line, 80).expect(0).stdout;
        assert_fits(&short, 80, line);
        assert!(short.lines().count() <= 40 && !short.contains("Examples:"), "{short}");
    }
}

#[test]
fn tables_of_scores() {
    let data = smoke_set();
    let data = data.display();
    table("score_one", &format!("score --models ear --data-root {data}"), 0);
    table("score_two", &format!("score --models ear,chance --data-root {data}"), 0);
    table("score_part", &format!("score --models part --data-root {data}"), 0);
    table(
        "score_markdown",
        &format!("score --models ear,chance --format markdown --data-root {data}"),
        0,
    );
    table(
        "compare_markdown",
        &format!("compare ear chance --format markdown --data-root {data}"),
        0,
    );
    table("compare", &format!("compare ear chance --data-root {data}"), 0);
    table("compare_strict_part", &format!("compare part chance --strict --data-root {data}"), 0);
}

#[test]
fn tables_of_questions() {
    let data = smoke_set();
    let data = data.display();
    let served = Served::start("--model chance");
    let endpoint = format!("--base-url {} --model-path chance", served.base_url);
    let dry = format!("run {endpoint} --model-label new --dry-run --data-root {data}");
    let dry = format!("{dry} --price input=0.1,output=2");
    table("run_dry", &dry, 0);
    table("smoke", &format!("smoke {endpoint} --n-samples 1 --data-root {data}"), 0);
    table("prompts_show", &format!("prompts show --tasks perception --data-root {data}"), 0);
    let line = format!("prompts show --prompts mine.toml --tasks AMIC --data-root {data}");
    table("prompts_show_file", &line, 0);
    table("labels", "labels list --eval-dir nowhere", 0);
    let failing = Served::start_with(&["--model", "chance", "--fault", "status status=400"]);
    let endpoint = format!("--base-url {} --model-path chance", failing.base_url);
    let line = format!("smoke {endpoint} --n-samples 1 --tasks AVM --data-root {data}");
    table("smoke_failing", &line, 2);
}

#[test]
fn table_of_a_check() {
    table("synth_check", "synth check small", 0);
}

#[test]
fn words_of_run_and_refine() {
    let data = smoke_set();
    for width in WIDTHS {
        let root = folder();
        for (name, line) in [
            ("run", "run --backend chance --model-label a"),
            ("refine", "refine --models a --refine rules"),
        ] {
            let line = format!("{line} --data-root {}", data.display());
            let told = steady(&at_width(root.path(), &line, width).expect(0).stderr);
            let told = told.replace(&root.path().display().to_string(), "[root]");
            // Lines of progress tell of a moment.
            let is_steady =
                |line: &&str| !line.starts_with("asking: ") && !line.starts_with("refining");
            let told = told.lines().filter(is_steady).collect::<Vec<_>>().join("\n");
            insta::assert_snapshot!(format!("{name}_{width}"), told);
        }
    }
}
