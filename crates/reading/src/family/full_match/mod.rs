//! Full match: yes or no, one option of a list, or a number.

mod choice;
mod choices;
mod corners;
mod denial;
mod layout;
mod letter;
mod number;
mod question;
mod statement;
mod testimony;
mod yes_no;

pub(super) use choices::{Choices, Mention, choices_of, mentions};
pub(super) use letter::after_letter;
pub(super) use question::Asked;
pub(super) use testimony::corrects;

use crate::Question;
use crate::read::Found;
use crate::text::Excerpt;

/// Reads the visible part of an answer, whose offsets are those of the raw answer.
pub(crate) fn read(question: &Question<'_>, text: &str) -> Found {
    let excerpt = Excerpt::new(text);
    let text = &excerpt.text;
    let has = |wanted: &str| question.options.iter().any(|option| option == wanted);
    let mut found = if question.options.is_empty() {
        number::read(question, text)
    } else if has("yes") && has("no") {
        yes_no::read(question, text)
    } else {
        choice::read(question, text)
    };
    found.span = found.span.map(|span| excerpt.in_whole(span));
    found
}
