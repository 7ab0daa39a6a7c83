//! Packs as their users meet them.

use std::path::Path;

use serde_json::json;

use crate::{NotAsked, PromptPack, PromptPackError, PromptWarning};
use avibench_protocol::{Folder, Position, Sample, SampleError, WordingSource};

fn sample(folder: Folder, prompt: Option<&str>, options: Option<&str>) -> Sample {
    let record = json!({"id": "00000", "input": {"question":
        {"prompt": prompt, "text": "Is it?", "options": options}}});
    Sample::from_json(folder, Position(0), &record).unwrap()
}

fn user_pack(content: &str) -> Result<PromptPack, PromptPackError> {
    let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    std::fs::write(file.path(), content).unwrap();
    PromptPack::load(file.path())
}

/// The message without the temporary file's name.
fn message(content: &str) -> String {
    let message = user_pack(content).unwrap_err().to_string();
    message.split_once(".toml, ").unwrap().1.to_owned()
}

#[test]
fn a_question_has_three_parts() {
    let pack = PromptPack::embedded();
    let asked =
        pack.prompt(&sample(Folder::Avh, Some("prompt_avh"), Some("avh_options_list"))).unwrap();
    assert_eq!(
        asked.text,
        "Answer the question from the audio and the video you are given. \
         Available options are: ['yes', 'no', 'not sure']. Is it?"
    );
    assert_eq!(asked.warnings, []);
    let bare = pack.prompt(&sample(Folder::Avc, None, None)).unwrap();
    assert_eq!(bare.text, "Is it?");
}

#[test]
fn unknown_keys_are_named_and_never_leak() {
    let asked = PromptPack::embedded()
        .prompt(&sample(Folder::Avm, Some("prompt_typo"), Some("list_typo")))
        .unwrap();
    assert_eq!(
        asked.text,
        "Answer the question from the audio and the video you are given. Is it?"
    );
    assert_eq!(
        asked.warnings,
        [
            PromptWarning::UnknownPrompt { folder: Folder::Avm, key: "prompt_typo".into() },
            PromptWarning::UnknownOptions { folder: Folder::Avm, key: "list_typo".into() },
        ]
    );
    assert!(asked.warnings[0].to_string().contains("`prompt_typo`"));
    let asked = PromptPack::embedded()
        .prompt(&sample(Folder::Avqa, Some("prompt_avqa"), Some("avqa_options_list_is")))
        .unwrap();
    assert_eq!(asked.text, "Available options are: ['yes', 'no', 'not sure']. Is it?");
    assert_eq!(asked.warnings, [], "data of the benchmark use a key that nobody defines");
}

#[test]
fn what_is_not_asked_says_why() {
    let record = |id: &str, question: serde_json::Value| {
        let record = json!({"id": id, "input": {"question": question}});
        Sample::from_json(Folder::VsqaI, Position(0), &record).unwrap()
    };
    let pack = PromptPack::embedded();
    let void = record("pre_1", json!({"text": null}));
    assert_eq!(pack.prompt(&void), Err(NotAsked::VoidCheck));
    assert_eq!(pack.prompt(&record("1", json!({"text": null}))).unwrap().text, "None");
    assert_eq!(
        pack.prompt(&record("1", json!({}))).unwrap_err().to_string(),
        "`input.question.text` should be a string, but is absent, so it cannot be asked; correct \
         data.json"
    );
    let mut broken = record("1", json!({"text": "?"}));
    broken.defect = Some(SampleError::no_text());
    assert!(matches!(pack.prompt(&broken), Err(NotAsked::Field(_))));
}

#[test]
fn a_pack_says_whose_wording_it_is() {
    assert_eq!(PromptPack::embedded().source(), WordingSource::Embedded);
    let own = user_pack("format = 1\n[AVH.prompts]\nprompt_avh = \"Look!\"\n").unwrap();
    assert_eq!(own.source(), WordingSource::Custom);
    let exact = user_pack("format = 1\nwording = \"exact\"\n").unwrap();
    assert_eq!(exact.source(), WordingSource::Benchmark);
}

#[test]
fn exact_wording_can_be_written_by_hand() {
    let pack = user_pack(
        "format = 1\nwording = \"exact\"\n[AVH]\nconstants = \"{'x': ['cls', 1]}\"\n\
         [AVH.prompts]\np = \"Look\"\n[shared.options]\ns = \"a\"\n",
    )
    .unwrap();
    let ask = |prompt, options| {
        let mut sample = sample(Folder::Avh, Some(prompt), Some(options));
        sample.task = Some("AVH".to_owned());
        pack.prompt(&sample).unwrap().text
    };
    assert_eq!(ask("p", "x"), "Look. Available semantic categories are: ['cls', 1]. Is it?");
    assert_eq!(ask("s", "s"), "a. Available options are: a. Is it?");
    assert_eq!(
        message("format = 1\nwording = \"exact\"\n[AVH]\nconstants = \"[1]\"\n"),
        "line 4, `AVH.constants`: should hold a Python dict"
    );
    let careful = message("format = 1\n[AVH]\nconstants = \"{}\"\n");
    assert!(careful.contains("belongs to packs with `wording"), "{careful}");
}

#[test]
fn every_folder_has_a_default_and_the_wanted_format() {
    let pack = PromptPack::embedded();
    let wanted = [
        (Folder::Amic, "answer={'dog': 2, 'cat': 3}"),
        (Folder::Vmic, "answer={'dog': 2, 'cat': 3}"),
        (Folder::Avl, "answer={'category_1': '[x_min, y_min, x_max, y_max]'"),
        (Folder::Avlg, "answer={'frame_0': [x_min, y_min, x_max, y_max], 'frame_1': None,"),
        (Folder::Var, "[], [0, 3] or [1, 4, 9]"),
        (Folder::Avr, "[], [0, 3] or [1, 4, 9]"),
        (Folder::Avsqa, "#cone;sphere#"),
    ];
    for folder in Folder::ALL {
        let asked = pack.prompt(&sample(folder, Some("no such key"), None)).unwrap();
        assert_eq!(asked.warnings.len(), 1, "{folder}");
        assert!(asked.text.ends_with("Is it?"), "{folder}");
        if let Some((_, format)) = wanted.iter().find(|(wanted, _)| *wanted == folder) {
            assert!(asked.text.contains(format), "{folder}: {}", asked.text);
        }
        let passes = matches!(folder, Folder::Avm | Folder::Avc | Folder::Avh | Folder::Vah);
        assert_eq!(pack.refine_prompt(folder).is_none(), passes, "{folder}");
    }
}

#[test]
fn category_lists_go_with_the_prompts_that_speak_of_them() {
    let pack = PromptPack::embedded();
    let with_key = pack.prompt(&sample(Folder::Vmic, Some("prompt_vmic"), Some("vmic_cls_list")));
    let without = pack.prompt(&sample(Folder::Vmic, Some("prompt_vmic"), None));
    assert_eq!(with_key, without);
    assert!(without.unwrap().text.contains("Available options are: ['sushi', 'banana',"));
}

#[test]
fn a_user_pack_needs_only_what_differs() {
    let pack = user_pack(
        "format = 1\nname = \"mine\"\n[AVH.prompts]\nprompt_avh = \"Look and listen!\"\n\
         [AVH.options]\navh_options_list = [\"ja\", \"n'ein\"]\n",
    )
    .unwrap();
    let asked =
        pack.prompt(&sample(Folder::Avh, Some("prompt_avh"), Some("avh_options_list"))).unwrap();
    assert_eq!(asked.text, "Look and listen! Available options are: ['ja', \"n'ein\"]. Is it?");
    let other = sample(Folder::Avm, Some("prompt_avm"), None);
    assert_eq!(pack.prompt(&other), PromptPack::embedded().prompt(&other));
    assert_ne!(pack.hash(), PromptPack::embedded().hash());
}

#[test]
fn export_reads_back_as_the_same_pack() {
    let pack = PromptPack::embedded();
    let again = user_pack(&pack.export()).unwrap();
    assert_eq!(*pack, again);
    assert_eq!(pack.hash(), again.hash());
}

#[test]
fn the_hash_ignores_the_name_and_comments_only() {
    let one = user_pack("format = 1\nname = \"a\" # comment\n").unwrap();
    assert_eq!(one.hash(), PromptPack::embedded().hash());
    let other = user_pack("format = 1\n[shared.prompts]\nx = \"\"\n").unwrap();
    assert_ne!(one.hash(), other.hash());
}

#[test]
fn errors_name_line_and_key() {
    assert_eq!(
        message("format = 1\n[AVL]\n[AVL.prompts]\nprompt_avl = 3\n"),
        "line 4, `AVL.prompts.prompt_avl`: should be a string"
    );
    assert_eq!(
        message("format = 1\n[AVQQ]\n"),
        "line 2, `AVQQ`: unknown task `AVQQ`; did you mean `AVQA`?; a section is `shared` or a \
         folder's name"
    );
    assert_eq!(
        message("format = 1\n[AVL]\ndefault = \"x\"\n"),
        "line 3, `AVL.default`: there is no prompt `x` here or in [shared]"
    );
    assert_eq!(
        message("format = 1\n[AVL.options]\na = [\n\"x\",\n1]\n"),
        "line 5, `AVL.options.a`: should be an array of strings"
    );
    assert_eq!(message("name = \"x\"\n"), "line 1, `format`: is missing; write `format = 1`");
    assert_eq!(message("format = 2\n"), "line 1, `format`: this program reads format 1 only");
    assert!(message("format = 1\n\n[AVL\n").starts_with("line 3, column 5: "));
    assert!(message("format = 1\n[AVL]\nrefined = \"\"\n").starts_with("line 3, `AVL.refined`: "));
    let absent = PromptPack::load(Path::new("no/such/pack.toml")).unwrap_err().to_string();
    assert!(absent.starts_with("cannot read no/such/pack.toml: "));
}

#[test]
fn refining_shows_question_and_options_and_the_answer_last() {
    let pack = PromptPack::embedded();
    let text = pack
        .refine_text(&sample(Folder::Avqa, None, Some("avqa_options_list_is")), "Sure, yes.")
        .unwrap();
    assert!(text.contains("Is it?") && text.contains("['yes', 'no', 'not sure']"));
    assert!(text.ends_with("\n\nSure, yes."));
    assert_eq!(pack.refine_text(&sample(Folder::Avc, None, None), "x"), None);
}
