//! Which step of how many a command is at that does several in a row. Progress lines, and what is
//! said when a signal ends the program, name it.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::message::note;

static CURRENT: Mutex<Option<Step>> = Mutex::new(None);

/// A step of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// Its number, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// What it does, such as `refine`.
    pub name: &'static str,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} of {} ({})", self.number, self.of, self.name)
    }
}

/// The steps of a command, begun one after the other. When it is dropped, no step is under way.
pub(crate) struct Steps {
    names: &'static [&'static str],
}

impl Steps {
    /// Steps of these names.
    pub(crate) const fn new(names: &'static [&'static str]) -> Self {
        Self { names }
    }

    /// Begins the step `name` and says so.
    pub(crate) fn begin(&self, name: &'static str) {
        let at = self.names.iter().position(|known| *known == name).unwrap_or_default();
        let step = Step { number: at + 1, of: self.names.len(), name };
        *CURRENT.lock().unwrap_or_else(PoisonError::into_inner) = Some(step);
        note(step);
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        *CURRENT.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The step that is under way, if the command has steps.
pub(crate) fn current_step() -> Option<Step> {
    *CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}
