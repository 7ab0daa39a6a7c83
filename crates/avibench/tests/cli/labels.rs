//! Labels listed, renamed and deleted by the program.

use std::fs::File;

use crate::program::{contents, folder, run, smoke_set};

#[test]
fn labels_are_listed_renamed_and_deleted() {
    let root = folder();
    let made = "synth prise --seed 5 --sweep --tasks ASQA --scale 0.25 --out data";
    run(root.path(), made).expect(0);
    for label in ["ear", "ear.2"] {
        let line = format!("run --backend signal --model-label {label} --data-root data");
        run(root.path(), &line).expect(0);
    }
    run(root.path(), "refine --data-root data").expect(0);
    run(root.path(), "score --data-root data --resamples 50").expect(0);

    let listed = run(root.path(), "labels list").expect(0).stdout;
    for text in ["ear ", "ear.2", "signal", "126", "yes"] {
        assert!(listed.contains(text), "{text}: {listed}");
    }
    assert!(listed.lines().all(|line| line.chars().count() <= 80), "{listed}");
    assert!(!listed.contains("mixed"), "{listed}");

    // Nothing is overwritten, and a label in use is left alone.
    let before = contents(root.path());
    let refused = run(root.path(), "labels rename ear ear.2").expect(1);
    assert!(refused.stderr.contains("never overwrites"), "{}", refused.stderr);
    let unknown = run(root.path(), "labels rename eye eyes").expect(1);
    assert!(unknown.stderr.contains("no label `eye`; there are: ear, ear.2"), "{}", unknown.stderr);
    run(root.path(), "labels rename ear ../ear").expect(1);
    let lock = File::open(root.path().join("user_outputs/ear/.lock")).unwrap();
    lock.lock().unwrap();
    for line in ["labels rename ear ohr", "labels delete ear --yes"] {
        let refused = run(root.path(), line).expect(1);
        assert!(refused.stderr.contains("`ear` is in use"), "{}", refused.stderr);
    }
    drop(lock);
    assert!(contents(root.path()).keys().eq(before.keys()));

    // Under its new name a label goes on, and its report is read.
    run(root.path(), "labels rename ear ohr").expect(0);
    let eval = root.path().join("eval_outputs");
    let svg = std::fs::read_to_string(eval.join("ohr.psychometric.svg")).unwrap();
    assert!(svg.contains("Where the senses of ohr end") && !eval.join("ear.json").exists());
    let again = run(root.path(), "run --backend signal --model-label ohr --data-root data");
    assert!(again.expect(0).stderr.contains("126"), "all is answered already");
    run(root.path(), "refine --data-root data --models ohr").expect(0);
    let diff =
        "score --data-root data --resamples 50 --models ohr --diff eval_outputs/ohr.report.json";
    let scored = run(root.path(), diff).expect(0);
    assert!(!scored.stderr.contains("another label"), "{}", scored.stderr);

    // Deleting wants a yes.
    let unasked = run(root.path(), "labels delete ohr").expect(1);
    assert!(unasked.stderr.contains("add --yes"), "{}", unasked.stderr);
    assert!(eval.join("ohr.json").exists());
    run(root.path(), "labels delete ohr ear --yes").expect(1);
    assert!(eval.join("ohr.json").exists(), "a wrong name deletes nothing");
    run(root.path(), "labels delete ohr --yes").expect(0);
    let left = contents(root.path());
    let is_left = |name: &str| left.keys().any(|path| path.to_string_lossy().contains(name));
    assert!(!is_left("ohr") && !is_left(".partial") && is_left("ear.2"));
}

#[test]
fn a_misspelt_label_is_told_with_those_that_there_are() {
    let root = folder();
    let data = smoke_set().display().to_string();
    run(root.path(), &format!("run --backend chance --tasks AVM --data-root {data}")).expect(0);
    run(root.path(), &format!("refine --refine rules --data-root {data}")).expect(0);
    run(root.path(), &format!("score --data-root {data}")).expect(0);
    let near = "; did you mean `chance`? There are: chance";
    for line in [
        format!("score --models chanse --data-root {data}"),
        format!("refine --refine rules --models chanse --data-root {data}"),
        format!("compare chance chanse --data-root {data}"),
        format!("report chanse --data-root {data}"),
        format!("bundle chanse --data-root {data}"),
        format!("export eee chanse --data-root {data}"),
        format!("export hf chanse --data-root {data}"),
        format!("merge chanse --data-root {data}"),
        "leaderboard entry chanse".to_owned(),
        "labels delete chanse --yes".to_owned(),
        "labels rename chanse other".to_owned(),
    ] {
        let told = run(root.path(), &line).expect(1).stderr;
        assert!(told.contains(near), "{line}: {told}");
    }
    let told = run(root.path(), "labels delete x --yes").expect(1).stderr;
    assert!(told.contains("no label `x`; there are: chance\n"), "{told}");
}

#[test]
fn commands_that_come_next_bear_the_flags_of_the_folders() {
    let root = folder();
    let data = smoke_set().display().to_string();
    let out = "--output-dir here/answers";
    let refined = "--refined-dir here/formatted";
    let asked =
        run(root.path(), &format!("run --backend chance --tasks AVM --data-root {data} {out}"));
    let next = format!("avibench score --models chance --data-root {data} {out}\n");
    assert!(asked.expect(0).stderr.ends_with(&next));
    let folders = format!("--data-root {data} {out} {refined}");
    let told = run(root.path(), &format!("compare chance other {folders}")).expect(1).stderr;
    assert!(
        told.contains(&format!("`avibench refine --models chance {folders}` formats")),
        "{told}"
    );
    let told = run(root.path(), &format!("score {folders}")).expect(1).stderr;
    assert!(told.contains(&format!("avibench refine --models chance {folders}\n")), "{told}");
    let told = run(root.path(), &format!("refine --refine rules {folders}")).expect(0).stderr;
    assert!(told.ends_with(&format!("next: avibench score --models chance {folders}\n")), "{told}");
    for command in ["report", "bundle", "export eee"] {
        let line = format!("{command} chance {folders} --eval-dir scores");
        let told = run(root.path(), &line).expect(1).stderr;
        let next =
            format!("run `avibench score --models chance {folders} --eval-dir scores` first\n");
        assert!(told.ends_with(&next), "{told}");
    }
}

#[test]
fn where_there_are_no_labels_it_is_said_what_comes_first() {
    let root = folder();
    let data = smoke_set().display().to_string();
    let told = run(root.path(), &format!("score --data-root {data}")).expect(1).stderr;
    for words in
        ["no labels here", "found in user_outputs_refined; `avibench evaluate`", "--refined-dir"]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
    let told =
        run(root.path(), &format!("refine --refine rules --data-root {data}")).expect(1).stderr;
    for words in ["no labels here", "found in user_outputs; `avibench run`", "--output-dir"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let told = run(root.path(), &format!("compare a b --data-root {data}")).expect(1).stderr;
    assert!(told.contains("there are no labels here, and `avibench run` or `evaluate`"), "{told}");
    let told = run(root.path(), "labels delete x --yes").expect(1).stderr;
    assert!(told.contains("there is no label `x`; there are none here"), "{told}");
}
