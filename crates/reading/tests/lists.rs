//! What holds for every list of counts or indices and every caption, however it is wrapped.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use avibench_protocol::{Folder, option_lists};
use avibench_reading::{Count, Question, Read, ReadingValue as Value, Unread, read};
use proptest::prelude::*;

fn reading(folder: Folder, answer: &str) -> Read {
    read(&Question { folder, text: "", options: &[] }, answer).read
}

fn counts(folder: Folder, answer: &str) -> Option<BTreeMap<String, u64>> {
    let Read::Value(Value::Counts(counts)) = reading(folder, answer) else { return None };
    let whole = |(name, count)| match count {
        Count::Whole(count) => Some((name, count)),
        Count::Unclear => None,
    };
    counts.named.into_iter().map(whole).collect()
}

fn indices(answer: &str) -> Option<Vec<u64>> {
    match reading(Folder::Avr, answer) {
        Read::Value(Value::Indices(indices)) => Some(indices),
        _ => None,
    }
}

fn caption(answer: &str) -> Option<String> {
    match reading(Folder::Avc, answer) {
        Read::Value(Value::Caption(caption)) => Some(caption),
        _ => None,
    }
}

fn categories(folder: Folder) -> Vec<String> {
    let listed = option_lists(folder).flat_map(|(_, list)| list.iter().cloned());
    listed.filter(|name| name != "not sure" && name != "no available option").collect()
}

/// Some categories of AMIC or VMIC, and how many of each.
fn scenes() -> impl Strategy<Value = (Folder, BTreeMap<String, u64>)> {
    prop_oneof![Just(Folder::Amic), Just(Folder::Vmic)].prop_flat_map(|folder| {
        let names = prop::sample::select(categories(folder));
        (Just(folder), prop::collection::btree_map(names, 1_u64..13, 1..5))
    })
}

fn joined(
    scene: &BTreeMap<String, u64>,
    between: &str,
    one: impl Fn(&str, u64) -> String,
) -> String {
    scene.iter().map(|(name, count)| one(name, *count)).collect::<Vec<_>>().join(between)
}

/// Ways to write the same counts.
fn written(scene: &BTreeMap<String, u64>) -> Vec<String> {
    vec![
        format!("{{{}}}", joined(scene, ", ", |name, count| format!("'{name}': {count}"))),
        format!("answer={{{}}}", joined(scene, ", ", |name, count| format!("'{name}':'{count}'"))),
        format!("{{\n{}\n}}", joined(scene, ",\n", |name, count| format!("  \"{name}\": {count}"))),
        format!(
            "[{}]",
            joined(scene, ", ", |name, count| format!(
                "{{\"name\": \"{name}\", \"count\": {count}}}"
            ))
        ),
        format!(
            "{{{}}}",
            joined(scene, ", ", |name, count| format!("\"{name}\": {{\"count\": {count}}}"))
        ),
        joined(scene, "\n", |name, count| format!("- {name}: {count}")),
        joined(scene, "\n", |name, count| format!("* **{}**: {count}", name.to_uppercase())),
        joined(scene, "; ", |name, count| format!("{name}={count}")),
        joined(scene, ", ", |name, count| format!("{name} x{count}")),
        joined(scene, ", ", |name, count| format!("{count}x {name}")),
        format!(
            "| object | count |\n|---|---|\n{}",
            joined(scene, "\n", |name, count| format!("| {name} | {count} |"))
        ),
    ]
}

/// Wrappings that change nothing.
fn wrapped(answer: &str) -> Vec<String> {
    vec![
        answer.to_owned(),
        format!("<think>Could it be {{'dog': 9}} or [7, 8]? No.</think>\n{answer}"),
        format!("```\n{answer}\n```"),
        format!("<answer>{answer}</answer>"),
        format!("Some reasoning.\n<answer>\n{answer}\n</answer>"),
        format!("{answer}<|im_end|>"),
        format!("\n  {answer}  \n"),
        format!("{answer}\n\nQuestion: And the next one?\nAnswer: I wonder."),
    ]
}

proptest! {
    #[test]
    fn counts_do_not_depend_on_how_they_are_written((folder, scene) in scenes()) {
        for answer in written(&scene).iter().flat_map(|answer| wrapped(answer)) {
            prop_assert_eq!(counts(folder, &answer), Some(scene.clone()), "{}", answer);
        }
    }

    #[test]
    fn counts_after_a_preamble_are_the_same((folder, scene) in scenes()) {
        for answer in written(&scene).iter().take(5) {
            for wrapped in [
                format!("Here is the answer: {answer}"),
                format!("I listened twice and looked closely.\n\nFinal answer: {answer}"),
                format!("{{\"reasoning\": \"It is simple.\", \"answer\": {answer}}}").replace("answer=", ""),
                format!("\\boxed{{{answer}}}"),
            ] {
                prop_assert_eq!(counts(folder, &wrapped), Some(scene.clone()), "{}", wrapped);
            }
        }
    }

    #[test]
    fn what_is_denied_is_not_counted((folder, scene) in scenes()) {
        let first = scene.keys().next().cloned().unwrap_or_default();
        let answer = format!("{{{}}}", joined(&scene, ", ", |name, count| {
            format!("'{name}': {}", if name == first { 0 } else { count })
        }));
        let mut rest = scene.clone();
        rest.remove(&first);
        prop_assert_eq!(counts(folder, &answer), Some(rest));
    }

    #[test]
    fn indices_do_not_depend_on_how_they_are_written(
        chosen in prop::collection::hash_set(0_u64..20, 1..6).prop_map(|chosen| chosen.into_iter().collect::<Vec<_>>()),
    ) {
        let join = |between: &str, one: fn(u64) -> String| {
            chosen.iter().map(|index| one(*index)).collect::<Vec<_>>().join(between)
        };
        for answer in [
            format!("[{}]", join(", ", |index| index.to_string())),
            format!("answer=[{}]", join(",", |index| index.to_string())),
            join(", ", |index| index.to_string()),
            join(" > ", |index| format!("[{index}]")),
            format!("[{}]", join(", ", |index| format!("\"image_{index}\""))),
            format!("{{\"indices\": [{}]}}", join(", ", |index| index.to_string())),
            format!("Images {} match.", join(", ", |index| index.to_string())),
            join("\n", |index| format!("Image {index}: yes")) + "\nImage 40: no",
            format!("[{}] (1-based)", join(", ", |index| (index + 1).to_string())),
        ] {
            for wrapped in wrapped(&answer) {
                prop_assert_eq!(indices(&wrapped), Some(chosen.clone()), "{}", wrapped);
            }
        }
    }

    #[test]
    fn denied_indices_are_left_out(chosen in prop::collection::vec(any::<bool>(), 2..9)) {
        let lines: Vec<String> = chosen
            .iter()
            .enumerate()
            .map(|(index, fits)| format!("Image {index}: {}", if *fits { "matches" } else { "does not match" }))
            .collect();
        let expected: Vec<u64> = (0..).zip(&chosen).filter(|(_, fits)| **fits).map(|(index, _)| index).collect();
        prop_assert_eq!(indices(&lines.join("\n")), Some(expected.clone()));
        prop_assert_eq!(indices(&lines.join("; ")), Some(expected));
    }

    #[test]
    fn a_caption_comes_out_of_its_wrapping(
        plain in "(A|The|Two|In the video, a) [a-z]{3,9} [a-z]{2,7} [a-z]{3,8}(, and [a-z]{3,8} [a-z]{3,8}| while a \"[a-z]{3,6}\" is heard)?\\.",
    ) {
        for before in ["", "Sure! Here is the caption:\n\n", "**Caption:** ", "Final caption: ", "### Description\n"] {
            for after in ["", "\n\nLet me know if you want it shorter!"] {
                for answer in wrapped(&format!("{before}{plain}{after}")) {
                    prop_assert_eq!(caption(&answer), Some(plain.clone()), "{}", answer);
                }
            }
        }
    }

    #[test]
    fn refusals_are_never_read(
        subject in "(audio|video|image|file)",
        verb in "(process|access|analyze)",
        opening in "(I'm sorry, but I can't|I am unable to|I cannot|As an AI language model, I cannot)",
        rest in "( \\{'dog': 2\\}| \\[0, 1\\]| 2 dogs)?",
    ) {
        let answer = format!("{opening} {verb} the {subject}.{rest}");
        for folder in [Folder::Amic, Folder::Vmic, Folder::Avr, Folder::Var, Folder::Avc] {
            prop_assert_eq!(reading(folder, &answer), Read::Unread(Unread::Refused), "{}", answer);
        }
    }

    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        for folder in [Folder::Amic, Folder::Vmic, Folder::Avr, Folder::Avc] {
            reading(folder, &text);
        }
    }

    #[test]
    fn any_text_of_such_pieces_is_read_without_panic(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "{", "}", "[", "]", "(", ")", "\"", "'", "“", "”", "\\", "\\boxed{", "<answer>", "</answer>", ":", "=", ",", "\n", " ",
                "dog", "cats", "image", "2", "0", "two", "狗", "两只", "犬が", "é", "|", "**", "```", "Caption:", "not", "no", "#", "-",
            ]),
            0..60,
        ),
    ) {
        let text = pieces.concat();
        for folder in [Folder::Amic, Folder::Vmic, Folder::Avr, Folder::Avc] {
            let found = read(&Question { folder, text: "", options: &[] }, &text);
            if let Some(span) = found.evidence.span {
                prop_assert!(text.get(span).is_some());
            }
        }
    }
}

/// In the square of its length such a text takes minutes.
#[test]
fn long_answers_are_read_in_linear_time() {
    for piece in [
        "[",
        "{",
        "{\"a\":",
        "dog ",
        "2 dogs, ",
        "- dog: 2\n",
        "image 3 ",
        "no ",
        "<answer>",
        "\\boxed{",
        "```",
        "\"",
        "狗",
        "Caption: ",
        "| dog | 2 |\n",
        "A dog barks. ",
        "[1] ",
        "Image 1: yes\n",
        "a a a a ",
        "\n\n",
        "**",
        "I can't ",
    ] {
        let text = piece.repeat(50_000 / piece.len());
        for folder in [Folder::Amic, Folder::Avr, Folder::Avc] {
            let start = Instant::now();
            reading(folder, &text);
            let elapsed = start.elapsed();
            assert!(elapsed < Duration::from_secs(5), "{folder}: {piece:?} took {elapsed:?}");
        }
    }
}
