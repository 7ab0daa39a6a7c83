//! Where data goes: stdout, which a reader such as `head` may close before everything is written.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a write to stdout found that nobody reads it any more.
static READER_LEFT: AtomicBool = AtomicBool::new(false);

/// Stdout that remembers whether its reader left.
pub(crate) struct Stdout<W>(W);

/// Stdout for people: colour only where a terminal shows it.
pub(crate) fn stdout() -> Stdout<anstream::AutoStream<io::StdoutLock<'static>>> {
    Stdout(anstream::stdout().lock())
}

/// Stdout for bytes that must arrive as they are.
pub(crate) fn raw_stdout() -> Stdout<io::StdoutLock<'static>> {
    Stdout(io::stdout().lock())
}

/// Whether stdout's reader left. The command's error then only says so, and nobody needs to hear it.
pub(crate) fn reader_left() -> bool {
    READER_LEFT.load(Ordering::Relaxed)
}

impl<W: Write> Write for Stdout<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).inspect_err(remember)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().inspect_err(remember)
    }
}

fn remember(error: &io::Error) {
    if error.kind() == io::ErrorKind::BrokenPipe {
        READER_LEFT.store(true, Ordering::Relaxed);
    }
}
