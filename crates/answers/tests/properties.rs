//! What holds for every answer, whatever a model writes.

use std::time::{Duration, Instant};

use avibench_answers::{RuleReading, clean_refined, explain, format};
use avibench_protocol::{Family, Folder, option_list};
use avibench_python::{Value, json_loads, literal_eval};
use proptest::prelude::*;
use proptest::sample::select;

/// A folder of each kind, with options of its own.
const FOLDERS: [(Folder, Option<&str>); 9] = [
    (Folder::Amic, Some("amic_cls_list")),
    (Folder::Vmic, None),
    (Folder::Avl, Some("avl_cls_list")),
    (Folder::Avlg, None),
    (Folder::Var, None),
    (Folder::Avqa, Some("avqa_options_list_is")),
    (Folder::Asqa, None),
    (Folder::VsqaV, Some("spacial_change")),
    (Folder::Avsqa, Some("avsqa_options_list_object")),
];

fn options(folder: Folder, key: Option<&str>) -> &'static [String] {
    key.map_or(&[], |key| option_list(folder, key).expect("a known list"))
}

/// Pieces that answers are made of, the nasty ones more than the nice ones.
fn pieces() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "'",
        "\"",
        "`",
        "```",
        "```json\n",
        "\n",
        " ",
        ",",
        ", ",
        ":",
        ": ",
        ";",
        "#",
        "*",
        "**",
        "\\",
        "/",
        "=",
        "answer=",
        "Answer: ",
        "The answer is ",
        "yes",
        "no",
        "not sure",
        "cube",
        "cone",
        "dog",
        "cat",
        "tuba_1",
        "banjo",
        "frame_0",
        "frame_1",
        "Frame 2",
        "None",
        "null",
        "true",
        "0",
        "1",
        "3",
        "0.5",
        "-1",
        "1e3",
        "08",
        "four",
        "and",
        "or",
        "but",
        "<think>",
        "</think>",
        "<answer>",
        "</answer>",
        "<box>",
        "</box>",
        "<ref>",
        "</ref>",
        "“",
        "”",
        "«",
        "‘",
        "’",
        "是",
        "é",
        "\u{200b}",
        "<|im_end|>",
        "Bottom-left to top-right",
        "[0, 3]",
        "{'dog': 2}",
        "{'tuba_1': [0, 0, 1, 1]}",
        "{'frame_0': [0, 0, 1, 1]}",
        "I hear ",
        "There are ",
        "#cube#",
        "Yes, ",
        "No. ",
        "\\boxed{",
        "x_min=",
        "y_max=",
        "audio 3",
        "none",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// Checks everything that holds for any answer.
fn check(folder: Folder, options: &[String], raw: &str) {
    let formatted = format(folder, raw, options);
    match &formatted.reading {
        RuleReading::Read { span, version, .. } => {
            assert!(raw.get(span.clone()).is_some(), "{span:?} is no part of {raw:?}");
            assert!(*version > 0);
            check_format(folder, &formatted.text);
            let again = format(folder, &formatted.text, options);
            assert!(again.is_read(), "{raw:?} was read as {:?}, which is not read", formatted.text);
            assert_eq!(again.text, formatted.text, "{raw:?}");
        }
        RuleReading::Unread { reason } => {
            assert_eq!(formatted.text, raw);
            assert!(!reason.to_string().is_empty());
        }
    }
    let explanation = explain(folder, raw, options);
    assert_eq!(explanation.formatted, formatted);
    assert!(explanation.steps.iter().filter(|step| step.decides).count() <= 1);
}

/// What was read is what the official scoring reads.
fn check_format(folder: Folder, text: &str) {
    match folder.family() {
        Family::Instances => {
            let counts =
                json_loads(&text.replace('\'', "\"")).expect("JSON once quotes are doubled");
            let counts = counts.as_dict().expect("an object");
            for (name, count) in counts.iter() {
                assert!(name.as_str().is_some_and(|name| !name.contains(' ')), "{text:?}");
                let count = count.as_str().expect("a count is a string");
                assert!(count.bytes().all(|b| b.is_ascii_digit()), "{text:?}");
            }
        }
        Family::Boxes | Family::FrameBoxes => {
            let boxes = literal_eval(text).expect("a Python literal");
            let boxes = boxes.as_dict().expect("a dict");
            for (_, corners) in boxes.iter() {
                let corners = match corners {
                    Value::Str(text) => literal_eval(text).expect("a string holds a literal"),
                    corners => corners.clone(),
                };
                let corners = corners.as_sequence().expect("a box is a list");
                let is_absent = folder == Folder::Avlg && corners.is_empty();
                assert!(is_absent || corners.len() == 4, "{text:?}");
                let is_number = |value: &Value| matches!(value, Value::Int(_) | Value::Float(_));
                assert!(corners.iter().all(is_number), "{text:?}");
            }
        }
        Family::Retrieval => {
            let indices = literal_eval(text).expect("a Python literal");
            let indices = indices.as_sequence().expect("a list");
            assert!(indices.iter().all(|index| matches!(index, Value::Int(_))), "{text:?}");
        }
        Family::FullMatch | Family::SetMatch => {
            assert!(text == "i dont know" || text.starts_with("**") && text.ends_with("**"));
        }
        Family::Caption => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8 * ProptestConfig::default().cases))]

    #[test]
    fn pieces_of_answers(raw in pieces(), (folder, key) in select(FOLDERS.to_vec())) {
        check(folder, options(folder, key), &raw);
    }

    #[test]
    fn any_text_at_all(raw in any::<String>(), (folder, key) in select(FOLDERS.to_vec())) {
        check(folder, options(folder, key), &raw);
        let cleaned = clean_refined(folder, &raw);
        prop_assert!(cleaned.len() <= raw.len());
    }

    #[test]
    fn clean_counts_are_unchanged(counts in prop::collection::btree_map("[a-z]{3,8}(-[a-z]{3,5})?", 0_u32..99, 0..8)) {
        let entries: Vec<String> = counts.iter().map(|(name, count)| format!("'{name}': '{count}'")).collect();
        let text = format!("{{{}}}", entries.join(", "));
        unless_reserved(Folder::Vmic, &text);
    }

    #[test]
    fn clean_boxes_are_unchanged(boxes in prop::collection::btree_map(("[a-z]{3,8}", 1_u32..9), prop::array::uniform4(0.0..1.0_f64), 0..6)) {
        let entries: Vec<String> = boxes
            .iter()
            .map(|((name, number), corners)| format!("'{name}_{number}': '{corners:?}'"))
            .collect();
        unless_reserved(Folder::Avl, &format!("{{{}}}", entries.join(", ")));
    }

    #[test]
    fn clean_frames_are_unchanged(boxes in prop::collection::vec(prop::option::of(prop::array::uniform4(0.0..1.0_f64)), 0..=10)) {
        let entries: Vec<String> = boxes
            .iter()
            .enumerate()
            .map(|(frame, corners)| match corners {
                Some(corners) => format!("'frame_{frame}': {corners:?}"),
                None => format!("'frame_{frame}': []"),
            })
            .collect();
        let text = format!("{{{}}}", entries.join(", "));
        prop_assert_eq!(format(Folder::Avlg, &text, &[]).text, text.clone());
        prop_assert!(format(Folder::Avlg, &text, &[]).is_read());
    }

    #[test]
    fn clean_indices_are_unchanged(indices in prop::collection::vec(0_u32..1000, 0..12)) {
        let text = format!("{indices:?}");
        prop_assert_eq!(format(Folder::Avr, &text, &[]).text, text.clone());
        prop_assert!(format(Folder::Avr, &text, &[]).is_read());
    }
}

/// Names such as `count` are placeholders and not read; all others must come out as they are.
fn unless_reserved(folder: Folder, text: &str) {
    let formatted = format(folder, text, &[]);
    assert_eq!(formatted.text, text);
    let reserved =
        ["count", "name", "label", "object", "source", "answer", "total", "bbox", "frame"];
    assert!(
        formatted.is_read() || reserved.iter().any(|name| text.contains(name)),
        "{formatted:?}"
    );
}

#[test]
fn every_option_of_the_benchmark_is_clean() {
    for folder in [Folder::Asqa, Folder::VsqaI, Folder::VsqaV, Folder::Avqa, Folder::Avsqa] {
        for key in [
            "options_sound_clarity",
            "options_sound_order",
            "options_sound_volume",
            "options_yes_no",
            "get_from_background_binary",
            "get_from_image_triple",
            "get_from_3d-task1",
            "get_from_3d-task2",
            "get_from_space_hard",
            "get_from_color",
            "get_lines_direction",
            "get_from_space_easy_area",
            "which_object",
            "what_shape",
            "what_movement_2d",
            "what_movement_3d",
            "what_surface",
            "spacial_change",
            "avqa_cls_list",
            "avqa_options_list_is",
            "avsqa_options_list_object",
            "avsqa_options_list_color",
        ] {
            for option in option_list(folder, key).unwrap_or_default() {
                let options = options(folder, Some(key));
                let wanted = format!("**{option}**");
                for written in [option.clone(), wanted.clone(), format!("The answer is {option}.")]
                {
                    let formatted = format(folder, &written, options);
                    assert_eq!(formatted.text, wanted, "{folder} {key} {written}");
                }
            }
        }
    }
}

/// Pieces that tempt a reader to look at the same text again and again.
const REPEATED: [&str; 55] = [
    "(",
    "`",
    "```",
    "1,",
    "[1,",
    "{'a':",
    "{'a':1,",
    "{“",
    "{[",
    "[{",
    "#",
    "**a",
    "**a**",
    "answer=",
    "answer={",
    "answer=[1",
    "<think>",
    "</think>",
    "<answer>",
    "<answer>a",
    "\\boxed{",
    "#a",
    "yes ",
    "yes. ",
    "yes\n",
    "The answer is ",
    "The answer is yes. ",
    "no, ",
    "a: 1\n",
    "a: 1, ",
    "<ref>a</ref><box>",
    "<ref>a",
    " ",
    "\n",
    "{ ",
    "{#",
    "[1, 2] ",
    "0 and ",
    "not ",
    "-",
    "é",
    "**yes** ",
    "top left ",
    "```\n[1]",
    "{}",
    "('",
    "[\n",
    "{'a':[1,1,1,1],",
    "answer is",
    "I am ",
    "cube;",
    "cube and ",
    "x_min=1 ",
    "- dog",
    "No",
];

/// A quadratic rule would take far longer than the bound for each of these.
#[test]
fn long_answers_take_linear_time() {
    const LENGTH: usize = 1 << 17;
    let plain = ["[", "]", "{", "}", "'", "\"", "\\", ",", "1"];
    let plain = plain.iter().map(|piece| piece.repeat(LENGTH));
    let repeated = REPEATED.iter().map(|piece| piece.repeat(LENGTH / 16 / piece.len()));
    let closed = [
        format!("{}{}", "[".repeat(LENGTH / 2), "]".repeat(LENGTH / 2)),
        format!("answer={{'dog': {}", "1".repeat(LENGTH)),
        format!("{{{}}}", "'dog': 1, ".repeat(LENGTH / 10)),
        format!("[{}]", "3, ".repeat(LENGTH / 3)),
    ];
    for input in plain.chain(repeated).chain(closed) {
        for (folder, key) in FOLDERS.into_iter().filter(|(folder, _)| *folder != Folder::Vmic) {
            let start = Instant::now();
            let formatted = format(folder, &input, options(folder, key));
            let elapsed = start.elapsed();
            let shown: String = input.chars().take(20).collect();
            assert!(elapsed < Duration::from_secs(5), "{folder}: {shown}... took {elapsed:?}");
            assert!(formatted.is_read() || formatted.text == input);
        }
    }
}
