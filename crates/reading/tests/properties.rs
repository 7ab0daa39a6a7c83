//! What holds of every answer, whatever it says.

use avibench_protocol::{Folder, option_list};
use avibench_reading::{Question, Read, Reading, ReadingValue, read};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

/// A folder, the key of its options, a question, and answers to it.
#[derive(Debug)]
struct Case {
    folder: Folder,
    options: &'static str,
    question: &'static str,
    answers: &'static [&'static str],
}

const CASES: [Case; 5] = [
    Case {
        folder: Folder::Avh,
        options: "avh_options_list",
        question: "Is the dog barking?",
        answers: &["yes", "no"],
    },
    Case {
        folder: Folder::Asqa,
        options: "options_sound_volume",
        question: "Which sound is louder?",
        answers: &["first", "last", "same"],
    },
    Case {
        folder: Folder::VsqaI,
        options: "get_from_color",
        question: "What is the colour of the cube?",
        answers: &["red", "blue", "green"],
    },
    Case {
        folder: Folder::Avqa,
        options: "",
        question: "How many dogs are barking?",
        answers: &["0", "3", "12", "four"],
    },
    Case {
        folder: Folder::Avsqa,
        options: "avsqa_options_list_color",
        question: "Which of the objects are sounding?",
        answers: &["red", "red; blue", "blue and green"],
    },
];

fn read_case(case: &Case, answer: &str) -> Reading {
    let options = option_list(case.folder, case.options).unwrap_or_default();
    read(&Question { folder: case.folder, text: case.question, options }, answer)
}

fn case() -> impl Strategy<Value = &'static Case> {
    (0..CASES.len()).prop_map(|at| &CASES[at])
}

fn case_and_answer() -> impl Strategy<Value = (&'static Case, &'static str)> {
    case().prop_flat_map(|case| (Just(case), select(case.answers)))
}

/// Ways to put an answer into something else.
const WRAPPERS: [fn(&str) -> String; 20] = [
    |answer| format!("<think>It may be yes, no, red, the last or 7. Hmm.</think>\n\n{answer}"),
    |answer| format!("It may be 7 or no, red or the last.\n</think>\n{answer}"),
    |answer| format!("◁think▷no, the first, 5◁/think▷{answer}"),
    |answer| format!("```\n{answer}\n```"),
    |answer| format!("```json\n{}\n```", json!({"answer": answer})),
    |answer| format!("**{answer}**"),
    |answer| format!("\"{answer}\""),
    |answer| format!("“{answer}”"),
    |answer| format!("`{answer}`"),
    |answer| json!({"answer": answer}).to_string(),
    |answer| json!({"reasoning": "It could be anything.", "answer": answer}).to_string(),
    |answer| format!("\\boxed{{{answer}}}"),
    |answer| format!("$\\boxed{{\\text{{{answer}}}}}$"),
    |answer| format!("<answer>{answer}</answer>"),
    |answer| format!("<answer>\n{answer}\n</answer><|im_end|>"),
    |answer| format!("The answer is {answer}."),
    |answer| format!("Final answer: {answer}"),
    |answer| format!("The clip was looked at closely. Therefore, the answer is {answer}."),
    |answer| format!("{answer}<|endoftext|>The next question is whether it is so."),
    |answer| format!("<|begin_of_box|>{answer}<|end_of_box|>"),
];

const CANNOT_DETERMINE: &str = "It is impossible to determine this.";

/// Sentences that decline.
const REFUSALS: [&str; 6] = [
    "I'm sorry, but I cannot hear the audio.",
    "No audio was provided.",
    "As an AI language model, I cannot process video.",
    "I do not have access to the clip.",
    CANNOT_DETERMINE,
    "抱歉，我无法听到音频。",
];

/// Pieces from which texts are put together that resemble answers.
const PIECES: [&str; 44] = [
    "yes",
    "no",
    "not ",
    "Not sure",
    "red",
    "blue",
    "the first",
    "last",
    "louder than ",
    "3",
    "4.5",
    "１２",
    "two",
    "dogs",
    "barking",
    "the answer is ",
    "Therefore, ",
    "\\boxed{",
    "}",
    "{",
    "[",
    "]",
    "<answer>",
    "</answer>",
    "<think>",
    "</think>",
    "<|im_end|>",
    "**",
    "\"answer\": ",
    "```",
    "\n",
    ". ",
    ", ",
    ": ",
    "; ",
    " ",
    "|",
    "#",
    "是",
    "不是，",
    "é",
    "👍",
    "[x] ",
    "at least ",
];

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "\\PC{0,80}",
        prop::collection::vec(select(&PIECES[..]), 0..40).prop_map(|pieces| pieces.concat()),
        prop::collection::vec(select(&PIECES[..]), 0..20).prop_map(|pieces| pieces.join(" ")),
    ]
}

proptest! {
    #[test]
    fn a_wrapped_answer_reads_as_without(
        (case, answer) in case_and_answer(),
        wrapper in select(&WRAPPERS[..]),
    ) {
        let bare = read_case(case, answer);
        prop_assert!(matches!(bare.read, Read::Value(_)), "{answer}");
        let wrapped = wrapper(answer);
        prop_assert_eq!(read_case(case, &wrapped).read, bare.read, "{}", wrapped);
    }

    #[test]
    fn a_letter_before_an_option_changes_nothing(
        (case, answer) in case_and_answer(),
        letter in "[A-D]",
        form in 0..4,
    ) {
        prop_assume!(!case.options.is_empty() && case.folder != Folder::Avsqa);
        let lettered = match form {
            0 => format!("({letter}) {answer}"),
            1 => format!("{letter}. {answer}"),
            2 => format!("**{letter})** {answer}"),
            _ => format!("The answer is ({letter}) {answer}."),
        };
        let (bare, lettered_read) = (read_case(case, answer), read_case(case, &lettered));
        prop_assert_eq!(lettered_read.read, bare.read, "{}", lettered);
    }

    #[test]
    fn a_denied_answer_is_never_read(
        (case, answer) in case_and_answer(),
        form in 0..5,
    ) {
        let denial = match form {
            0 => format!("not {answer}"),
            1 => format!("The answer is not {answer}."),
            2 => format!("It is not {answer}."),
            3 => format!("Definitely not {answer}."),
            _ => format!("The answer cannot be {answer}."),
        };
        let (bare, denied) = (read_case(case, answer), read_case(case, &denial));
        prop_assert_ne!(denied.read, bare.read, "{}", denial);
    }

    #[test]
    fn a_refusal_beside_a_text_makes_no_other_value_of_it(
        case in case(),
        text in texts(),
        refusal in select(&REFUSALS[..]),
        before in any::<bool>(),
    ) {
        let beside = if before { format!("{refusal}\n{text}") } else { format!("{text}\n{refusal}") };
        // Who cannot determine something may be taken to be not sure of it.
        let may_be_unsure = |value: &ReadingValue| {
            refusal == CANNOT_DETERMINE && *value == ReadingValue::Option("not sure".to_owned())
        };
        if let Read::Value(value) = read_case(case, &beside).read
            && !may_be_unsure(&value)
        {
            prop_assert_eq!(Read::Value(value), read_case(case, &text).read, "{:?}", beside);
        }
    }

    #[test]
    fn every_text_is_read_without_panic_and_always_the_same(
        folder in select(&Folder::ALL[..]),
        text in texts(),
    ) {
        let options = ["red", "blue", "yes", "no", "not sure", "first", "last"].map(str::to_owned);
        for options in [&[][..], &options[..2], &options[2..5], &options[5..]] {
            let question = Question { folder, text: "Is the red dog louder than two cats?", options };
            let reading = read(&question, &text);
            prop_assert_eq!(&read(&question, &text), &reading);
            if let Some(span) = reading.evidence.span {
                prop_assert!(text.get(span.clone()).is_some(), "{:?} of {:?}", span, text);
            }
            if let Read::Value(ReadingValue::Option(option)) = &reading.read {
                prop_assert!(options.contains(option));
            }
        }
    }
}
