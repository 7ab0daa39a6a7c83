//! How far work on this machine has come, such as decoding media or comparing captions: a bar in a
//! terminal, a line every ten seconds elsewhere.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{duration, message};

/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// A progress display for work that several threads do.
pub(crate) struct Measuring {
    what: &'static str,
    bar: Option<ProgressBar>,
    begun: Instant,
    last_line: Mutex<Instant>,
}

impl Measuring {
    /// A display with nothing done so far; `what` says what is being done.
    pub(crate) fn new(what: &'static str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(&format!(
                "{what} {{bar:24}} {{pos:>5}}/{{len}}, {{eta}} left"
            ))
            .expect("the template is well-formed")
            .progress_chars("█▌░");
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8))
                .with_style(style)
        });
        let begun = Instant::now();
        Self { what, bar, begun, last_line: Mutex::new(begun) }
    }

    /// Shows that so many of all are done.
    pub(crate) fn tell(&self, done: usize, all: usize) {
        if let Some(bar) = &self.bar {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
            return;
        }
        let mut last = self.last_line.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= LINE_EVERY {
            *last = Instant::now();
            message::note(line(self.what, done, all, self.begun.elapsed()));
        }
    }

    /// Takes the display away.
    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A line of progress, with rate and time left once there are any.
fn line(what: &str, done: usize, all: usize, elapsed: Duration) -> String {
    let mut line = format!("{what}: {done}/{all}");
    let rate = done as f64 / elapsed.as_secs_f64();
    if done > 0 && rate.is_finite() {
        let _ = write!(line, ", {rate:.1}/s");
        let left = all.saturating_sub(done) as f64 / rate;
        if let Some(left) = Duration::try_from_secs_f64(left).ok().filter(|left| !left.is_zero()) {
            let _ = write!(line, ", {} left", duration(left));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_rate_and_time_left_once_there_are_any() {
        let after = |done, seconds| line("rating", done, 100, Duration::from_secs(seconds));
        assert_eq!(after(0, 10), "rating: 0/100");
        assert_eq!(after(20, 10), "rating: 20/100, 2.0/s, 40.0 s left");
        assert_eq!(after(100, 10), "rating: 100/100, 10.0/s");
        assert_eq!(after(5, 0), "rating: 5/100");
    }
}
