//! `--format`: in which form a command prints its numbers.

use clap::ValueEnum;

use crate::terminal;

/// The form of what goes to stdout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// Tables that fit the terminal.
    #[default]
    Table,
    /// The same tables in Markdown.
    Markdown,
    /// One line a number with its interval, in comma-separated values.
    Csv,
    /// The numbers as JSON.
    Json,
}

impl OutputFormat {
    /// As it is written on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Markdown => "markdown",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// Whether tables and sentences are printed.
    pub(crate) const fn is_for_people(self) -> bool {
        matches!(self, Self::Table | Self::Markdown)
    }

    /// Has the program write tables in this form from now on.
    pub(crate) fn apply(self) {
        if self == Self::Markdown {
            terminal::write_markdown();
        }
    }
}
