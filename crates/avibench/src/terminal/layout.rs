//! How wide lines may be, and in which form tables are written. Both hold for the whole program.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Columns of a line where nothing says how wide the terminal is.
const USUAL: usize = 80;

/// The narrowest width that is believed; below it not even one number fits beside its name.
pub(super) const LEAST: usize = 40;

/// The widest line of prose: longer ones are hard to read.
const PROSE: usize = 100;

static MARKDOWN: AtomicBool = AtomicBool::new(false);

/// Has all tables be written as Markdown from now on, and prose without line breaks.
pub(crate) fn write_markdown() {
    MARKDOWN.store(true, Ordering::Relaxed);
}

/// Whether tables are written as Markdown.
pub(crate) fn is_markdown() -> bool {
    MARKDOWN.load(Ordering::Relaxed)
}

/// Columns of a line: what the variable `COLUMNS` says, else what the terminal does, else 80.
pub(crate) fn width() -> usize {
    static WIDTH: OnceLock<usize> = OnceLock::new();
    *WIDTH.get_or_init(|| {
        let told = std::env::var("COLUMNS").ok().and_then(|told| told.trim().parse().ok());
        let of_terminal = || {
            terminal_size::terminal_size().map(|(terminal_size::Width(columns), _)| columns.into())
        };
        told.or_else(of_terminal).unwrap_or(USUAL).max(LEAST)
    })
}

/// Columns of a line of prose.
pub(crate) fn prose_width() -> usize {
    if is_markdown() { usize::MAX } else { width().min(PROSE) }
}
