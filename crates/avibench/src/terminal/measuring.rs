//! How far a dry run has come in measuring media, or a check in decoding them: a bar in a terminal, a line every ten seconds
//! elsewhere.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::message;

/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// A progress display for files that are measured on several threads.
pub(crate) struct Measuring {
    what: &'static str,
    bar: Option<ProgressBar>,
    last_line: Mutex<Instant>,
}

impl Measuring {
    /// A display without files so far; `what` says what is done to them.
    pub(crate) fn new(what: &'static str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style =
                ProgressStyle::with_template(&format!("{what} {{bar:24}} {{pos:>5}}/{{len}}"))
                    .expect("the template is well-formed");
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8))
                .with_style(style)
        });
        Self { what, bar, last_line: Mutex::new(Instant::now()) }
    }

    /// Shows that so many files of all are done.
    pub(crate) fn tell(&self, done: usize, all: usize) {
        if let Some(bar) = &self.bar {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
            return;
        }
        let mut last = self.last_line.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= LINE_EVERY {
            *last = Instant::now();
            message::note(format!("{}: {done}/{all}", self.what));
        }
    }

    /// Takes the display away.
    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
