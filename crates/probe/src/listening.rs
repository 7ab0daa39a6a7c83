//! What an answer to a question says.

use avibench_protocol::Folder;
use avibench_reading::{Question, Read, Reading, ReadingValue, Unread, read};

use crate::boxes::BoxAnswer;
use crate::question::Truth;
use crate::{ProbeQuestion, TrialOutcome};

/// Numbers from 1 on, in words.
const NUMBERS: [&str; 4] = ["one", "two", "three", "four"];

/// What was heard.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Heard {
    /// An answer that is right or wrong, or none at all.
    Outcome(TrialOutcome),
    /// A box, which is right in some conventions.
    Box(BoxAnswer),
}

/// Reads an answer by the rules that read answers to the benchmark's questions.
pub(crate) fn listen(question: &ProbeQuestion, said: &str) -> Heard {
    match &question.truth {
        Truth::Option { right, options } => {
            let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
            let question =
                Question { folder: Folder::Asqa, text: &question.text, options: &options };
            Heard::Outcome(match read(&question, &in_digits(said)).read {
                Read::Value(ReadingValue::Option(found) | ReadingValue::Number(found))
                    if found.eq_ignore_ascii_case(right) =>
                {
                    TrialOutcome::Right
                }
                // It may have been on the way to the right answer.
                Read::Unread(Unread::CutOff) => TrialOutcome::Silent,
                Read::Value(_) | Read::Unread(_) => TrialOutcome::Wrong,
            })
        }
        Truth::Square(square) => {
            let options = ["square".to_owned()];
            let text = "Where is the square?";
            let reading = read(&Question { folder: Folder::Avl, text, options: &options }, said);
            if reading.read == Read::Unread(Unread::CutOff) {
                return Heard::Outcome(TrialOutcome::Silent);
            }
            Heard::Box((*square, only_box(&reading)))
        }
    }
}

/// The same with numbers in digits that are asked for and may be written as words.
fn in_digits(said: &str) -> String {
    let is_between = |c: char| !c.is_alphanumeric();
    let of_piece = |piece: &str| {
        let word = piece.trim_end_matches(is_between);
        match NUMBERS.iter().position(|number| number.eq_ignore_ascii_case(word)) {
            Some(at) => format!("{}{}", at + 1, &piece[word.len()..]),
            None => piece.to_owned(),
        }
    };
    said.split_inclusive(is_between).map(of_piece).collect()
}

/// The numbers of the box, if the answer gives just one.
fn only_box(
    reading: &Reading,
) -> Option<(avibench_reading::Corners, avibench_reading::Convention)> {
    let Some(ReadingValue::Boxes(found)) = reading.value() else { return None };
    match &found.boxes[..] {
        [only] => Some((only.numbers?, found.convention)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ability;

    /// A question of an ability with this right answer.
    fn asked(ability: Ability, right: &str) -> ProbeQuestion {
        let questions = (0..).map(|seed| ProbeQuestion::make(ability, seed, 0).unwrap());
        questions.into_iter().find(|made| made.right_answer() == right).unwrap()
    }

    #[test]
    fn answers_are_read_as_models_give_them() {
        let three = asked(Ability::Hear, "3");
        for said in ["3", "3.", "Three", "three."] {
            assert_eq!(listen(&three, said), Heard::Outcome(TrialOutcome::Right), "{said}");
        }
        assert_eq!(in_digits("none but Two, or four"), "none but 2, or 4");
        let red = asked(Ability::See, "red");
        assert_eq!(listen(&red, "red"), Heard::Outcome(TrialOutcome::Right));
        for said in ["blue", "i dont know"] {
            assert_eq!(listen(&red, said), Heard::Outcome(TrialOutcome::Wrong), "{said}");
        }
    }

    #[test]
    fn a_box_is_read_in_the_form_that_is_asked_for() {
        let question = ProbeQuestion::make(Ability::Boxes, 1, 0).unwrap();
        let said = "answer={'square_1': '[0.1, 0.2, 0.3, 0.4]'}";
        let Heard::Box((_, Some((numbers, _)))) = listen(&question, said) else {
            panic!("{said}");
        };
        assert_eq!(numbers.map(|number| (10.0 * number).round() as u8), [1, 2, 3, 4]);
        assert!(matches!(listen(&question, "i dont know"), Heard::Box((_, None))));
    }
}
