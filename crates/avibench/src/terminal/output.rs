//! Where data goes: stdout, which a reader such as `head` may close before everything is written.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use super::printable::{printable, printable_json};

/// Whether a write to stdout found that nobody reads it any more.
static READER_LEFT: AtomicBool = AtomicBool::new(false);

/// Stdout that remembers whether its reader left.
pub(crate) struct Stdout {
    lock: io::StdoutLock<'static>,
    /// Whether bytes arrive as they are.
    is_raw: bool,
}

/// Stdout for people: all that is written shows as [`printable`] does, wherever it comes from.
pub(crate) fn stdout() -> Stdout {
    Stdout { lock: io::stdout().lock(), is_raw: false }
}

/// Stdout for bytes that must arrive as they are.
pub(crate) fn raw_stdout() -> Stdout {
    Stdout { lock: io::stdout().lock(), is_raw: true }
}

/// Prints a value as JSON over several lines, safe for a terminal.
pub(crate) fn print_json(value: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_string_pretty(value)?;
    writeln!(raw_stdout(), "{}", printable_json(&json))
}

/// Prints rows as comma-separated values below their names, safe for a terminal; what is null is an
/// empty cell.
pub(crate) fn print_csv<T: Serialize>(rows: impl IntoIterator<Item = T>) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(stdout());
    for row in rows {
        writer.serialize(row)?;
    }
    writer.flush()?;
    Ok(())
}

/// Whether stdout's reader left. The command's error then only says so, and nobody needs to hear it.
pub(crate) fn reader_left() -> bool {
    READER_LEFT.load(Ordering::Relaxed)
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_raw {
            return self.lock.write(bytes).inspect_err(remember);
        }
        let shown = printable(&String::from_utf8_lossy(bytes));
        self.lock.write_all(shown.as_bytes()).inspect_err(remember)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lock.flush().inspect_err(remember)
    }
}

fn remember(error: &io::Error) {
    if error.kind() == io::ErrorKind::BrokenPipe {
        READER_LEFT.store(true, Ordering::Relaxed);
    }
}
