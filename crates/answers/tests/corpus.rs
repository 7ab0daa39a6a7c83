//! Nasty answers and their right readings: every one of them, every time.

use avibench_answers::{Formatted, format};
use avibench_protocol::{Folder, option_list};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Corpus {
    group: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    why: String,
    folder: Folder,
    options: Option<String>,
    #[serde(default)]
    read: Vec<(String, String)>,
    #[serde(default)]
    unread: Vec<String>,
}

const FILES: [&str; 6] = [
    include_str!("corpus/questions.toml"),
    include_str!("corpus/sets.toml"),
    include_str!("corpus/instances.toml"),
    include_str!("corpus/boxes.toml"),
    include_str!("corpus/frames.toml"),
    include_str!("corpus/retrieval.toml"),
];

fn groups() -> impl Iterator<Item = Group> {
    FILES
        .into_iter()
        .flat_map(|file| toml::from_str::<Corpus>(file).expect("the corpus is TOML").group)
}

impl Group {
    fn options(&self) -> &'static [String] {
        self.options
            .as_deref()
            .map_or(&[], |key| option_list(self.folder, key).expect("a known list"))
    }

    fn format(&self, answer: &str) -> Formatted {
        format(self.folder, answer, self.options())
    }
}

#[test]
fn every_answer_is_read_right() {
    let mut cases = 0;
    let mut wrong = Vec::new();
    for group in groups() {
        for (answer, wanted) in &group.read {
            cases += 1;
            let formatted = group.format(answer);
            if !formatted.is_read() || formatted.text != *wanted {
                wrong.push(format!(
                    "{}: {answer:?}\n  wanted {wanted}\n  got {formatted:?}",
                    group.why
                ));
            }
        }
        for answer in &group.unread {
            cases += 1;
            let formatted = group.format(answer);
            if formatted.is_read() || formatted.text != *answer {
                wrong.push(format!(
                    "{}: {answer:?}\n  wanted no reading\n  got {formatted:?}",
                    group.why
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cases} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 300, "the corpus has shrunk to {cases} cases");
}

#[test]
fn reading_a_reading_changes_nothing() {
    for group in groups() {
        for (_, wanted) in &group.read {
            let again = group.format(wanted);
            assert!(again.is_read(), "{wanted}: {again:?}");
            assert_eq!(again.text, *wanted);
        }
    }
}
