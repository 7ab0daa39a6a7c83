//! What must hold for boxes however they are written.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::time::{Duration, Instant};

use avibench_protocol::Folder;
use avibench_reading::{
    Boxes, Convention, FrameBox, Order, Question, Read, ReadingValue as Value, RunConventions,
    Scale, corners_in_pixels, read,
};
use proptest::prelude::*;

const PICTURE: [f64; 2] = [1920.0, 1080.0];
const NAMES: [&str; 5] = ["dog", "violin", "lawn-mower", "person", "bass"];

/// A category and its box in thousandths.
type Truth = (&'static str, [u32; 4]);

fn reading(folder: Folder, answer: &str) -> Read {
    let text = match folder {
        Folder::Avlg => "Where is the dog in each frame?",
        _ => "Where are the sounding instances?",
    };
    read(&Question { folder, text, options: &[] }, answer).read
}

fn boxes(answer: &str) -> Boxes {
    match reading(Folder::Avl, answer) {
        Read::Value(Value::Boxes(boxes)) => boxes,
        other => panic!("{answer} was read as {other:?}"),
    }
}

/// Names and corners as fractions of the picture.
fn settled(answer: &str) -> Vec<(String, [f64; 4])> {
    let found = boxes(answer);
    let asked = Convention { order: Some(Order::Xyxy), scale: Some(Scale::Unit) };
    let value = Value::Boxes(found.clone());
    let form = RunConventions::new(asked).settle().of(&value, Some(PICTURE)).unwrap().form;
    let unit = |numbers| {
        let corners = corners_in_pixels(numbers, form.order, form.scale, PICTURE);
        let [width, height] = PICTURE;
        [corners[0] / width, corners[1] / height, corners[2] / width, corners[3] / height]
    };
    found.boxes.into_iter().map(|found| (found.name, unit(found.numbers.unwrap()))).collect()
}

fn any_boxes() -> impl Strategy<Value = Vec<Truth>> {
    let side = || (0_u32..900, 20_u32..1000).prop_map(|(low, size)| (low, (low + size).min(1000)));
    let one = (prop::sample::select(NAMES.to_vec()), side(), side())
        .prop_map(|(name, (left, right), (top, bottom))| (name, [left, top, right, bottom]));
    // One box reaches far, so that thousandths are never taken for fractions.
    (one.clone(), prop::collection::vec(one, 0..4)).prop_map(|((name, mut far), mut boxes)| {
        far[2] = far[2].max(400);
        boxes.push((name, far));
        boxes
    })
}

/// Ways to write boxes with keys, units or words that say the convention.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Writing {
    Fractions,
    NamedCorners,
    NamedSizes,
    NamedCentre,
    Percent,
    Pixels,
    YFirst,
    Tokens,
    Locations,
    Lines,
    Prose,
    Said,
}

const WRITINGS: [Writing; 12] = [
    Writing::Fractions,
    Writing::NamedCorners,
    Writing::NamedSizes,
    Writing::NamedCentre,
    Writing::Percent,
    Writing::Pixels,
    Writing::YFirst,
    Writing::Tokens,
    Writing::Locations,
    Writing::Lines,
    Writing::Prose,
    Writing::Said,
];

impl Writing {
    fn is_text(self) -> bool {
        matches!(self, Self::Lines | Self::Prose | Self::Tokens | Self::Locations)
    }

    fn one(self, at: usize, (name, [a, b, c, d]): Truth) -> String {
        let unit = |n: u32| f64::from(n) / 1000.0;
        let [left, top, right, bottom] = [a, b, c, d].map(unit);
        let (width, height) = (unit(c - a), unit(d - b));
        match self {
            Self::Fractions => format!("'{name}_{at}': '[{left}, {top}, {right}, {bottom}]'"),
            Self::NamedCorners => format!(
                r#""{name} {at}": {{"y_min": {top}, "x_min": {left}, "y_max": {bottom}, "x_max": {right}}}"#
            ),
            Self::NamedSizes => format!(
                r#"{{"bbox": {{"x": {left}, "y": {top}, "width": {width}, "height": {height}}}, "label": "{name}"}}"#
            ),
            Self::NamedCentre => {
                let (x, y) = (unit(a + c) / 2.0, unit(b + d) / 2.0);
                format!(
                    r#"{{"label": "{name}", "cx": {x}, "cy": {y}, "w": {width}, "h": {height}}}"#
                )
            }
            Self::Percent => {
                let [a, b, c, d] = [a, b, c, d].map(|n| f64::from(n) / 10.0);
                format!(r#""{name}_{at}": ["{a}%", "{b}%", "{c}%", "{d}%"]"#)
            }
            Self::Pixels => {
                let (x, y) = (|n: u32| unit(n) * PICTURE[0], |n: u32| unit(n) * PICTURE[1]);
                let [a, b, c, d] = [x(a), y(b), x(c), y(d)];
                format!(r#"{{"bbox_pixels": [{a}, {b}, {c}, {d}], "label": "{name}"}}"#)
            }
            Self::YFirst => format!(r#"{{"box_2d": [{b}, {a}, {d}, {c}], "label": "{name}"}}"#),
            Self::Tokens => format!("<ref>{name}</ref><box>({a},{b}),({c},{d})</box>"),
            Self::Locations => {
                let part = |n: u32| (unit(n) * 1024.0).round().min(1023.0);
                let [a, b, c, d] = [a, b, c, d].map(part);
                format!("<loc{b:04}><loc{a:04}><loc{d:04}><loc{c:04}> {name}")
            }
            Self::Lines => format!("- **{name}_{at}**: ({left}, {top}, {right}, {bottom})"),
            Self::Prose => {
                format!(
                    "A {name} is at top-left ({left}, {top}), bottom-right ({right}, {bottom})."
                )
            }
            Self::Said => format!(r#""{name}_{at}": [{b}, {a}, {d}, {c}]"#),
        }
    }

    fn all(self, boxes: &[Truth]) -> String {
        let each = |between: &str| {
            let all = boxes.iter().enumerate().map(|(at, found)| self.one(at, *found));
            all.collect::<Vec<_>>().join(between)
        };
        match self {
            Self::Fractions | Self::NamedCorners | Self::Percent => format!("{{{}}}", each(", ")),
            Self::NamedSizes => format!("{{\"objects\": [{}]}}", each(", ")),
            Self::NamedCentre | Self::Pixels | Self::YFirst => format!("[{}]", each(",\n")),
            Self::Tokens | Self::Lines => each("\n"),
            Self::Locations => each(" ; "),
            Self::Prose => each(" "),
            Self::Said => format!(
                "As [y_min, x_min, y_max, x_max], normalized to 0-1000:\n{{{}}}",
                each(", ")
            ),
        }
    }
}

/// How many ways there are to wrap an answer without changing what it says.
const WRAPPERS: usize = 9;

fn wrapped(answer: &str, way: usize) -> String {
    match way {
        0 => answer.to_owned(),
        1 => format!("```json\n{answer}\n```"),
        2 => format!("<think>Is there a cat at [1, 2, 3, 4]?</think>\n{answer}"),
        3 => format!("  \n{answer}\n\n"),
        4 => format!("Here are the boxes:\n\n{answer}"),
        5 => format!("<answer>{answer}</answer>"),
        6 => format!("{answer}<|im_end|>"),
        7 => format!("{answer}\n\nLet me know if you need anything else!"),
        _ => {
            format!("{answer}\n\nQuestion: And the cat?\nAnswer: {{'cat_1': [0.5, 0.5, 0.6, 0.6]}}")
        }
    }
}

fn is_near(one: [f64; 4], other: [f64; 4]) -> bool {
    one.iter().zip(other).all(|(one, other)| (one - other).abs() < 0.002)
}

/// Ways to write the frames of a video.
fn frames(truth: &[Option<[f64; 4]>], writing: usize) -> String {
    let shown = |found: Option<[f64; 4]>, none: &str| {
        found.map_or(none.to_owned(), |[a, b, c, d]| format!("[{a}, {b}, {c}, {d}]"))
    };
    let each = |write: &dyn Fn(usize, Option<[f64; 4]>) -> String, between: &str| {
        let all = truth.iter().enumerate().map(|(at, found)| write(at, *found));
        all.collect::<Vec<_>>().join(between)
    };
    match writing {
        0 => {
            let one = |at, found| format!("'frame_{at}': {}", shown(found, "None"));
            format!("{{{}}}", each(&one, ", "))
        }
        1 => each(&|at, found| format!("Frame {at}: {}", shown(found, "not visible")), "\n"),
        2 => format!("[{}]", each(&|_, found| shown(found, "null"), ", ")),
        3 => {
            let one =
                |at, found| format!("{{\"frame\": {at}, \"bbox\": {}}}", shown(found, "null"));
            format!("[{}]", each(&one, ", "))
        }
        4 => {
            let one = |at, found| format!("\"{at}\": {}", shown(found, "[]"));
            format!("{{\"dog\": {{{}}}}}", each(&one, ", "))
        }
        _ => {
            let one = |at, found| format!("| {at} | {} |", shown(found, "-"));
            format!("| Frame | Box |\n|---|---|\n{}", each(&one, "\n"))
        }
    }
}

proptest! {
    #[test]
    fn every_convention_comes_back_to_the_same_corners(
        truth in any_boxes(),
        writing in prop::sample::select(WRITINGS.to_vec()),
        way in 0..WRAPPERS,
    ) {
        let answer = wrapped(&writing.all(&truth), way);
        let found = settled(&answer);
        let mut truth = truth;
        if writing.is_text() {
            // Text that says a box twice means it once.
            let mut known = Vec::new();
            truth.retain(|one| {
                let is_new = !known.contains(one);
                known.push(*one);
                is_new
            });
        }
        prop_assert_eq!(found.len(), truth.len(), "{}: {:?}", answer, found);
        for ((name, found), (category, corners)) in found.iter().zip(&truth) {
            let wanted = corners.map(|n| f64::from(n) / 1000.0);
            prop_assert!(is_near(*found, wanted), "{}: {:?} for {:?}", answer, found, wanted);
            let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
            prop_assert_eq!(stem.trim_end_matches('_'), *category, "{}", answer);
        }
    }

    #[test]
    fn wrapping_changes_no_reading(
        truth in any_boxes(),
        writing in prop::sample::select(WRITINGS.to_vec()),
        way in 1..WRAPPERS,
    ) {
        let bare = writing.all(&truth);
        prop_assert_eq!(reading(Folder::Avl, &bare), reading(Folder::Avl, &wrapped(&bare, way)));
    }

    #[test]
    fn frames_come_back(
        truth in prop::collection::vec(prop::option::weighted(0.7, (0_u32..500, 0_u32..500)), 10),
        writing in 0_usize..6,
        way in 0..WRAPPERS - 1,
    ) {
        prop_assume!(truth.iter().any(Option::is_some));
        let corners = |(x, y): (u32, u32)| [x, y, x + 300, y + 400].map(|n| f64::from(n) / 1000.0);
        let truth: Vec<Option<[f64; 4]>> =
            truth.into_iter().map(|found| found.map(corners)).collect();
        let answer = wrapped(&frames(&truth, writing), way);
        let found = reading(Folder::Avlg, &answer);
        let Read::Value(Value::Frames(frames, _)) = &found else {
            return Err(TestCaseError::fail(format!("{answer}: {found:?}")));
        };
        for (at, wanted) in (0..).zip(&truth) {
            let is_fine = match (frames.get(&at), wanted) {
                (None | Some(FrameBox::Absent), None) => true,
                (Some(FrameBox::Box(found)), Some(wanted)) => is_near(*found, *wanted),
                _ => false,
            };
            prop_assert!(is_fine, "frame {} of {}: {:?}", at, answer, frames);
        }
    }

    #[test]
    fn no_pieces_of_answers_stop_the_reading(
        text in "([\\[\\](){}<>,.:;|'\"`*\\-\n ]|[0-9.%]{1,4}|dog|frames? |frame_|box|bbox|label|x_min|ymax|width|<loc|</?box>|answer=|not|visible|狗|第|帧|é){0,60}",
    ) {
        for folder in [Folder::Avl, Folder::Avlg] {
            prop_assert_eq!(reading(folder, &text), reading(folder, &text));
        }
    }

    #[test]
    fn no_text_stops_the_reading(text in any::<String>()) {
        for folder in [Folder::Avl, Folder::Avlg] {
            let _ = reading(folder, &text);
        }
    }
}

/// In the square of its length such a text takes minutes.
#[test]
fn long_answers_are_read_in_linear_time() {
    for part in [
        "{'dog_1': [0.1, 0.2, 0.3, 0.4]}\n",
        "dog at [0.1, 0.2, 0.3, 0.4] and ",
        "Frame 3: not visible. ",
        "Frame 3: same as frame 2, ",
        "{\"bbox\": [",
        "x_min: 1 ",
        "<loc0001>",
        "<ref>dog</ref><box>(1,2),(3,4)</box>",
        "[1, 2], ",
        "answer=",
        "dog ",
        "狗",
    ] {
        let text = part.repeat(50_000 / part.len());
        for folder in [Folder::Avl, Folder::Avlg] {
            let start = Instant::now();
            let _ = reading(folder, &text);
            let elapsed = start.elapsed();
            assert!(elapsed < Duration::from_secs(5), "{folder}: {part:?} took {elapsed:?}");
        }
    }
}

#[test]
fn boxes_that_cannot_be_read_keep_their_entry() {
    let answer = "{'dog_1': [0.1, 0.2, 0.5, 0.9], 'cat_1': [0.3, 0.4], 'dog_2': '[a, b, c, d]'}";
    let found = boxes(answer).boxes;
    let entries: Vec<(&str, bool)> =
        found.iter().map(|found| (found.name.as_str(), found.numbers.is_some())).collect();
    assert_eq!(entries, [("dog_1", true), ("cat_1", false), ("dog_2", false)]);
}
