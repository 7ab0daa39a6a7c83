use crate::read::Found;
use crate::{Question, Unread};

/// Reads the visible part of an answer, whose offsets are those of the raw answer.
pub(crate) fn read(_question: &Question<'_>, _text: &str) -> Found {
    Found::unread(Unread::NothingFound)
}
