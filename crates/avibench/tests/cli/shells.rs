//! Completions as shells take them, manual pages as `man` shows them, and the version.

use std::process::Command;

use crate::program::{Ended, avibench, folder, run};

/// Whether a program is on this machine.
fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// What bash offers at the end of these words.
fn offered(words: &[&str]) -> Vec<String> {
    let root = folder();
    let script = run(root.path(), "completions bash").expect(0).stdout;
    std::fs::write(root.path().join("script"), script).unwrap();
    let line = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
    let ask = format!(
        "source ./script && COMP_WORDS=({line}); COMP_CWORD={}; _avibench avibench '{last}' '{before}'; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.len() - 1
    );
    let mut bash = Command::new("bash");
    let told = bash.current_dir(root.path()).args(["--norc", "-c", &ask]).output().unwrap();
    let told = Ended::from(told).expect(0).stdout;
    told.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_flags_and_choices() {
    assert_eq!(offered(&["avibench", "eva"]), ["evaluate"]);
    assert_eq!(offered(&["avibench", "run", "--data-r"]), ["--data-root"]);
    assert_eq!(offered(&["avibench", "refine", "--refine", ""]), ["hybrid", "llm", "rules"]);
    assert_eq!(offered(&["avibench", "synth", "pr"]), ["prise"]);
    assert_eq!(offered(&["avibench", "run", "--profile", "g"]), ["gateway"]);
    assert_eq!(offered(&["avibench", "run", "--backend", "ch"]), ["chance"]);
    assert_eq!(offered(&["avibench", "run", "--tasks", "VSQA"]), ["VSQA", "VSQA_I", "VSQA_V"]);
    assert_eq!(offered(&["avibench", "doctor", "--tasks", "se"]), ["sensation"]);
    for command in ["export", "import"] {
        assert_eq!(offered(&["avibench", "batch", command, "--format", "g"]), ["gemini"]);
    }
}

#[test]
fn every_shell_gets_a_script() {
    let root = folder();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(root.path(), &format!("completions {shell}")).expect(0).stdout;
        assert!(script.contains("refine-model"), "{shell}");
    }
    run(root.path(), "completions tcsh").expect(1);
}

#[test]
fn every_command_has_a_manual_page() {
    let root = folder();
    run(root.path(), "man --out pages").expect(0);
    let pages = root.path().join("pages");
    for name in ["avibench", "avibench-run", "avibench-synth-prise", "avibench-config-show"] {
        let page = std::fs::read_to_string(pages.join(format!("{name}.1"))).unwrap();
        assert!(page.contains(&format!(".TH {name} 1")), "{page}");
        if !is_there("man") {
            continue;
        }
        let shown = Command::new("man")
            .args(["--warnings", "-E", "UTF-8", "-l"])
            .arg(pages.join(format!("{name}.1")))
            .env("MANWIDTH", "80")
            .env("MANPAGER", "cat")
            .output()
            .unwrap();
        let shown = Ended::from(shown).expect(0);
        assert!(shown.stdout.contains("SYNOPSIS"), "{}", shown.stdout);
        assert!(!shown.stderr.contains("warning"), "{name}: {}", shown.stderr);
    }
    let whole = avibench(root.path()).arg("man").output().unwrap();
    let whole = Ended::from(whole).expect(0).stdout;
    assert_eq!(whole, std::fs::read_to_string(pages.join("avibench.1")).unwrap());
}

#[test]
fn the_version_names_commit_and_features() {
    let root = folder();
    let told = run(root.path(), "--version").expect(0).stdout;
    assert!(told.contains("(commit ") && told.contains("\nfeatures: "), "{told}");
}
