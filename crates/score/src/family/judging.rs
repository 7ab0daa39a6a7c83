//! What judging the answers of a folder needs beside a sample and its answer.

use crate::cleaning::OptionTables;
use crate::strict_readings::StrictAnswers;
use crate::{Captions, WarningKind};

/// What the answers of a folder share while they are judged.
pub(crate) struct Judging<'a> {
    /// Where ratings of captions come from.
    pub(crate) captions: Captions<'a>,
    /// The option lists that were cleaned so far.
    pub(crate) tables: &'a mut OptionTables,
    /// Takes what was passed over in the record that is judged.
    pub(crate) warn: &'a mut dyn FnMut(WarningKind),
}

/// What judging readings of a folder needs beside a sample and its reading.
pub(crate) struct StrictJudging<'a> {
    /// Where ratings of captions come from.
    pub(crate) captions: Captions<'a>,
    /// The readings of the folder, and how their boxes are meant.
    pub(crate) answers: &'a StrictAnswers<'a>,
}
