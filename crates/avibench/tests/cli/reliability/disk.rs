//! Disks that are full: the run says which file, damages nothing, and goes on once there is room.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::program::{Ended, avibench, contents, folder, run, smoke_set};

/// The prediction files of an undisturbed run.
fn undisturbed(line: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
    let root = folder();
    let ended: Ended = avibench(root.path()).args(line).output().unwrap().into();
    ended.expect(0);
    contents(&root.path().join("user_outputs/chance/tasks"))
}

/// What is there can be read: files that are replaced as a whole are whole, journals hold whole
/// lines, and nothing half-written lies about.
fn check(label: &Path) {
    if !label.exists() {
        return;
    }
    for (path, content) in contents(label) {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => {
                assert!(serde_json::from_slice::<Value>(&content).is_ok(), "{}", path.display());
            }
            Some("jsonl") => {
                let whole = content.is_empty() || content.ends_with(b"\n");
                assert!(whole, "{}", path.display());
                for line in content.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
                    assert!(serde_json::from_slice::<Value>(line).is_ok(), "{}", path.display());
                }
            }
            _ => assert!(path.ends_with(".lock"), "{} was left behind", path.display()),
        }
    }
}

/// Whether a journal could not be written; then the words say that what stands in it is kept, and how
/// many answers are not.
#[track_caller]
fn tells_what_is_lost(words: &str, label: &Path) -> bool {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if !words.contains("cannot write") || !words.contains("/journal/") {
        return false;
    }
    assert!(words.contains("What was answered before is kept"), "{words}");
    let (lost, _) = words.split_once(" that had just come").unwrap();
    let mut lost = lost.rsplit(' ').take(2);
    let (noun, count) = (lost.next().unwrap(), lost.next().unwrap());
    let count: usize = count.parse().unwrap();
    assert_eq!(noun, if count == 1 { "answer" } else { "answers" });
    assert!(words.contains("lost and will be asked for again"), "{words}");
    let kept: usize = contents(&label.join("journal"))
        .values()
        .map(|journal| journal.split(|&byte| byte == b'\n').count() - 1)
        .sum();
    println!("{kept} answers kept, {count} lost");
    true
}

/// A limit on the size of files is a disk that is full for them, and needs no rights.
#[test]
fn files_that_cannot_grow_end_the_run_by_name_and_cost_nothing() {
    let data = smoke_set();
    let data = data.to_str().unwrap();
    let line = ["run", "--backend", "chance", "--tasks", "AVLG,VMIC", "--data-root", data];
    let expected = undisturbed(&line);
    let (mut refused, mut asked_for_again) = (0, 0);
    for blocks in 0..12 {
        let root = folder();
        let label = root.path().join("user_outputs/chance");
        let limited = "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"";
        let ended: Ended = Command::new("sh")
            .current_dir(root.path())
            .args(["-c", limited, "sh", &blocks.to_string(), env!("CARGO_BIN_EXE_avibench")])
            .args(line)
            .output()
            .unwrap()
            .into();
        if ended.code != Some(0) {
            refused += 1;
            let ended = ended.expect(1);
            let named = ended.stderr.contains("user_outputs/chance/");
            let told = ended.stderr.contains("free some space");
            assert!(named && told, "{blocks} blocks: {}", ended.stderr);
            asked_for_again += usize::from(tells_what_is_lost(&ended.stderr, &label));
        }
        check(&label);
        let ended: Ended = avibench(root.path()).args(line).output().unwrap().into();
        ended.expect(0);
        check(&label);
        assert_eq!(contents(&label.join("tasks")), expected, "{blocks} blocks");
    }
    assert!((2..12).contains(&refused), "{refused} limits were met");
    assert!(asked_for_again > 0, "no limit was met by a journal");
}

/// The same on a file system of a few pages, where this user may mount one. Where not, it says so;
/// in the long form of the campaign it must be possible.
#[cfg(target_os = "linux")]
#[test]
fn a_full_file_system_ends_the_run_by_name_and_costs_nothing() {
    let mount = |root: &Path, script: &str, arguments: &[&str]| {
        let script = format!("mount -t tmpfs -o size=\"$1\" none disk || exit 99; {script}");
        std::fs::create_dir_all(root.join("disk")).unwrap();
        let unshared = Command::new("unshare")
            .current_dir(root)
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script, "sh"])
            .args(arguments)
            .output();
        unshared.map(Ended::from)
    };
    let probe = folder();
    match mount(probe.path(), "true", &["16k"]) {
        Ok(ended) if ended.code == Some(0) => {}
        other => {
            let why = other.map_or_else(|error| error.to_string(), |ended| ended.stderr);
            assert!(std::env::var_os("RELIABILITY_KILLS").is_none(), "no tmpfs: {why}");
            eprintln!(
                "NOT TRIED: no tmpfs can be mounted here ({}); files that cannot grow are tried instead",
                why.trim()
            );
            return;
        }
    }
    let data = smoke_set();
    let data = data.to_str().unwrap();
    let line = ["run", "--backend", "chance", "--data-root", data];
    let expected = undisturbed(&line);
    let script = "size=$1; shift; cd disk
        \"$@\" 2> ../full.txt; echo $? > ../code.txt
        cp -a user_outputs ../when_full 2> /dev/null
        mount -o remount,size=16m . && cd ../disk && \"$@\" || exit 98
        cp -a user_outputs ../after";
    let mut refused = 0;
    for pages in [1, 2, 3, 5, 8, 12, 18, 24, 32, 40] {
        let root = folder();
        let size = format!("{}k", 4 * pages);
        let arguments = [&[size.as_str(), env!("CARGO_BIN_EXE_avibench")], &line[..]].concat();
        mount(root.path(), script, &arguments).unwrap().expect(0);
        let read = |name: &str| std::fs::read_to_string(root.path().join(name)).unwrap();
        let words = read("full.txt");
        if read("code.txt").trim() != "0" {
            refused += 1;
            assert_eq!(read("code.txt").trim(), "1", "{pages} pages: {words}");
            let told = words.contains("user_outputs") && words.contains("free some space");
            assert!(told, "{pages} pages: {words}");
            tells_what_is_lost(&words, &root.path().join("when_full/chance"));
        }
        check(&root.path().join("when_full/chance"));
        check(&root.path().join("after/chance"));
        let after = contents(&root.path().join("after/chance/tasks"));
        assert_eq!(after, expected, "{pages} pages");
    }
    assert!(refused >= 3, "{refused} sizes were too small");
    let read_only = "shift; cd disk; mount -o remount,ro . && exec \"$@\"";
    let root = folder();
    let arguments = [&["1m", env!("CARGO_BIN_EXE_avibench")], &line[..]].concat();
    let ended = mount(root.path(), read_only, &arguments).unwrap().expect(1);
    let words = ended.stderr;
    let told = words.contains("user_outputs") && words.contains("choose a folder that you may");
    assert!(told, "{words}");
    println!("a full tmpfs: {refused} of 10 sizes refused the run, all went on to the same files");
}

#[test]
fn media_that_vanish_while_the_run_goes_on_are_named() {
    let root = folder();
    for (path, content) in contents(&smoke_set().join("levels/perception/AVM")) {
        let path = root.path().join("data/levels/perception/AVM").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let served =
        crate::program::Served::start_with(&["--model", "chance", "--fault", "latency ms=400"]);
    let line = format!(
        "run --base-url {} --model-path m --concurrency 1 --data-root data",
        served.base_url
    );
    let child = avibench(root.path())
        .args(line.split_whitespace())
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let journal = root.path().join("user_outputs/m/journal/AVM.jsonl");
    let begun = std::time::Instant::now();
    while std::fs::metadata(&journal).map_or(0, |metadata| metadata.len()) == 0 {
        assert!(begun.elapsed() < std::time::Duration::from_mins(1), "nothing is asked");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let input = root.path().join("data/levels/perception/AVM/input");
    std::fs::rename(&input, input.with_extension("gone")).unwrap();
    let ended: Ended = child.wait_with_output().unwrap().into();
    let ended = ended.expect(2);
    assert!(ended.stderr.contains("unusable medium"), "{}", ended.stderr);
    assert!(ended.stderr.contains("perception/AVM/input"), "{}", ended.stderr);
    std::fs::rename(input.with_extension("gone"), &input).unwrap();
    run(root.path(), &line).expect(0);
    check(&root.path().join("user_outputs/m"));
}
