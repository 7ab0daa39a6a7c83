//! Full match: yes or no, one option of a list, or a number.

mod choice;
mod choices;
mod corners;
mod number;
mod question;
mod statement;
mod testimony;
mod yes_no;

pub(crate) use choices::{Choices, Mention, choices_of, mentions};
pub(crate) use question::Asked;

use crate::Question;
use crate::read::Found;

/// Reads the visible part of an answer, whose offsets are those of the raw answer.
pub(crate) fn read(question: &Question<'_>, text: &str) -> Found {
    let has = |wanted: &str| question.options.iter().any(|option| option == wanted);
    if question.options.is_empty() {
        number::read(question, text)
    } else if has("yes") && has("no") {
        yes_no::read(question, text)
    } else {
        choice::read(question, text)
    }
}

/// Whether a text takes back what it said before.
pub(crate) fn corrects_itself(text: &str) -> bool {
    testimony::corrects(text)
}

/// A text without the letter before an option: `(B) no`.
pub(crate) fn without_letter(text: &str) -> &str {
    yes_no::after_letter(text)
}
