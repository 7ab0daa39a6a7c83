//! A plain table whose cells are printed as they are: nothing is wrapped or cut, and what a terminal
//! must not see is escaped before widths are measured.
//!
//! The first column holds names and leans left, all others hold numbers and lean right unless they
//! are said to hold text. A cell may have several lines, such as a number with its interval below.
//! Where the terminal is too narrow for all columns, those that do not fit follow in a further table
//! below, with the names beside them again.

use std::fmt;
use std::ops::Range;

use super::layout::{is_markdown, prose_width, width};
use super::printable::{on_one_line, printable};

/// Blanks between columns.
const GAP: usize = 2;

/// A table under construction.
pub(crate) struct Grid {
    header: Vec<String>,
    /// Columns beside the first that lean left.
    texts: Vec<usize>,
    rows: Vec<Row>,
}

enum Row {
    /// A line of its own, such as the label that the next rows belong to.
    Heading(String),
    Cells(Vec<String>),
}

impl Grid {
    /// A table with these column heads; a head may have several lines.
    pub(crate) fn new(header: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let header = header.into_iter().map(|head| printable(&head.into())).collect();
        Self { header, texts: Vec::new(), rows: Vec::new() }
    }

    /// Has these columns, counted from 0, hold text, which leans left.
    pub(crate) fn with_texts(mut self, columns: impl IntoIterator<Item = usize>) -> Self {
        self.texts.extend(columns);
        self
    }

    /// A line of its own, which sets no column's width.
    pub(crate) fn heading(&mut self, text: impl Into<String>) {
        self.rows.push(Row::Heading(on_one_line(&text.into())));
    }

    /// A row of cells.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(Row::Cells(cells.into_iter().map(|cell| printable(&cell.into())).collect()));
    }

    /// Columns of the terminal that the table takes, headings apart.
    pub(crate) fn width(&self) -> usize {
        let widths = self.widths();
        widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = vec![0; self.header.len()];
        let rows = self.rows.iter().filter_map(|row| match row {
            Row::Cells(cells) => Some(cells),
            Row::Heading(_) => None,
        });
        for cells in rows.chain([&self.header]) {
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = cell.lines().map(length).fold(*width, usize::max);
            }
        }
        widths
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_markdown() { self.write_markdown(f) } else { self.write_within(f, width()) }
    }
}

impl Grid {
    /// Writes the table in lines of at most `columns`, unless a single column is wider.
    fn write_within(&self, f: &mut dyn fmt::Write, columns: usize) -> fmt::Result {
        let widths = self.widths();
        for (index, block) in blocks(&widths, columns).into_iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            let shown: Vec<usize> = std::iter::once(0).chain(block).collect();
            let width = shown.iter().map(|&column| widths[column]).sum::<usize>();
            self.write_cells(f, &self.header, &shown, &widths)?;
            write!(f, "{}", "─".repeat(width + GAP * (shown.len() - 1)))?;
            for row in &self.rows {
                writeln!(f)?;
                match row {
                    Row::Heading(text) => write!(f, "{text}")?,
                    Row::Cells(cells) => {
                        let mut text = String::new();
                        self.write_cells(&mut text, cells, &shown, &widths)?;
                        write!(f, "{}", text.trim_end_matches('\n'))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Writes the lines of a row, of which only the columns `shown` appear.
    fn write_cells(
        &self,
        out: &mut dyn fmt::Write,
        cells: &[String],
        shown: &[usize],
        widths: &[usize],
    ) -> fmt::Result {
        let cells = || shown.iter().filter_map(|&column| Some((column, cells.get(column)?)));
        let height = cells().map(|(_, cell)| cell.lines().count()).max().unwrap_or(0);
        for line in 0..height {
            let mut text = String::new();
            for (column, cell) in cells() {
                let part = cell.lines().nth(line).unwrap_or_default();
                let blanks = " ".repeat(widths[column].saturating_sub(length(part)));
                if column > 0 {
                    text.push_str(&" ".repeat(GAP));
                }
                let leans_left = column == 0 || self.texts.contains(&column);
                let (first, second) = if leans_left { (part, &*blanks) } else { (&*blanks, part) };
                text.push_str(first);
                text.push_str(second);
            }
            writeln!(out, "{}", text.trim_end())?;
        }
        Ok(())
    }

    /// Writes the table as GitHub's Markdown has it, after an empty line, which ends a paragraph
    /// above.
    fn write_markdown(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let line = |cells: &[String]| -> String {
            let cell = |text: &String| {
                let lines: Vec<String> = text.lines().map(|line| escaped(line.trim())).collect();
                format!(" {} |", lines.join("<br>"))
            };
            format!("|{}", cells.iter().map(cell).collect::<String>())
        };
        write!(f, "\n{}\n|", line(&self.header))?;
        for column in 0..self.header.len() {
            let leans_left = column == 0 || self.texts.contains(&column);
            f.write_str(if leans_left { " :-- |" } else { " --: |" })?;
        }
        for row in &self.rows {
            match row {
                Row::Heading(text) => {
                    let blanks = vec![String::new(); self.header.len().saturating_sub(1)];
                    write!(f, "\n| **{}** {}", escaped(text.trim()), line(&blanks))?;
                }
                Row::Cells(cells) => write!(f, "\n{}", line(cells))?,
            }
        }
        f.write_str("\n")
    }
}

/// Which columns beyond the first stand beside each other in lines of at most `columns`: as few tables
/// as possible, and these of about the same width.
fn blocks(widths: &[usize], columns: usize) -> Vec<Range<usize>> {
    let widest = filled(widths, columns);
    let narrower = (0..columns).find(|&narrower| filled(widths, narrower).len() == widest.len());
    narrower.map_or(widest, |narrower| filled(widths, narrower))
}

/// As [`blocks`], each as wide as it can be.
fn filled(widths: &[usize], columns: usize) -> Vec<Range<usize>> {
    let first = widths.first().copied().unwrap_or(0);
    let mut blocks = Vec::new();
    let (mut start, mut taken) = (1, first);
    for (column, width) in widths.iter().enumerate().skip(1) {
        if taken + GAP + width > columns && column > start {
            blocks.push(start..column);
            (start, taken) = (column, first);
        }
        taken += GAP + width;
    }
    blocks.push(start..widths.len());
    blocks
}

/// Text that Markdown shows as it is.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '|' | '*' | '_' | '`' | '<' | '\\' | '[' | ']' | '~' | '&') {
            shown.push('\\');
        }
        shown.push(letter);
    }
    shown
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Text in lines that fit the terminal, broken at blanks; the first line starts with `first`, all
/// others with as many blanks.
pub(crate) fn wrapped(first: &str, text: &str) -> String {
    let mut lines = vec![first.to_owned()];
    fold_onto(&mut lines, &" ".repeat(length(first)), &printable(text), prose_width());
    lines.join("\n")
}

/// Text in lines of at most `width` columns, broken at blanks, and within words that are longer.
pub(crate) fn folded(text: &str, width: usize) -> String {
    let pieces: Vec<String> = printable(text)
        .split_whitespace()
        .flat_map(|word| {
            let letters: Vec<char> = word.chars().collect();
            letters.chunks(width.max(1)).map(String::from_iter).collect::<Vec<_>>()
        })
        .collect();
    let mut lines = vec![String::new()];
    fold_onto(&mut lines, "", &pieces.join(" "), width);
    lines.join("\n")
}

/// A number and its noun, which gets an `s` unless there is one of it.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Continues the last of `lines` with words; new lines begin with `indent`.
pub(super) fn fold_onto(lines: &mut Vec<String>, indent: &str, text: &str, width: usize) {
    let mut is_empty = true;
    for word in text.split_whitespace() {
        let last = lines.last().map_or(0, |line| length(line));
        if !is_empty && last + 1 + length(word) > width {
            lines.push(indent.to_owned());
            is_empty = true;
        }
        if let Some(line) = lines.last_mut() {
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
        }
        is_empty = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(grid: &Grid, columns: usize) -> String {
        let mut text = String::new();
        grid.write_within(&mut text, columns).unwrap();
        text
    }

    #[test]
    fn columns_that_do_not_fit_follow_below_beside_their_names() {
        let mut grid = Grid::new(["", "One", "Two", "Three"]);
        grid.heading("a label");
        grid.row(["name", "1.00", "2.00", "3.00"]);
        assert_eq!(
            within(&grid, 16),
            "       One   Two\n────────────────\na label\nname  1.00  2.00\n\n      Three\n───────────\n\
             a label\nname   3.00"
        );
        assert_eq!(within(&grid, 23), within(&grid, 200));
        assert_eq!(within(&grid, 22).lines().filter(|line| line.starts_with('─')).count(), 2);
        // What fits nowhere is not cut.
        assert!(within(&grid, 3).lines().any(|line| line == "name  2.00"));
    }

    #[test]
    fn markdown_shows_every_cell_as_it_is() {
        let mut grid = Grid::new(["", "A\nhead", "Said"]).with_texts([2]);
        grid.heading("*x*");
        grid.row(["a|b", "1.00\n0.5–1.5", "~2"]);
        let mut text = String::new();
        grid.write_markdown(&mut text).unwrap();
        assert_eq!(
            text,
            "\n|  | A<br>head | Said |\n| :-- | --: | :-- |\n| **\\*x\\*** |  |  |\n\
             | a\\|b | 1.00<br>0.5–1.5 | \\~2 |\n"
        );
    }

    #[test]
    fn numbers_stand_below_each_other_and_keep_their_lines() {
        let mut grid = Grid::new(["", "One", "Another\nhead"]);
        grid.heading("a label that is longer than any name");
        grid.row([" official", "1.00\n0.5–1.5", "-"]);
        grid.row([" x", "10.00", "2.00*"]);
        assert_eq!(
            within(&grid, 80),
            "               One  Another\n                       head\n\
             ───────────────────────────\n\
             a label that is longer than any name\n \
             official     1.00        -\n           0.5–1.5\n \
             x           10.00    2.00*"
        );
    }

    #[test]
    fn texts_lean_left_and_are_folded() {
        let mut grid = Grid::new(["", "Said", "N"]).with_texts([1]);
        grid.row(["a".to_owned(), folded("of the longest", 6), "7".to_owned()]);
        assert_eq!(within(&grid, 80), "   Said    N\n────────────\na  of the  7\n   longes\n   t");
        assert_eq!(grid.width(), 12);
    }

    #[test]
    fn one_is_singular() {
        let said = [0, 1, 2].map(|number| counted(number, "sample"));
        assert_eq!(said, ["0 samples", "1 sample", "2 samples"]);
    }

    #[test]
    fn notes_break_at_blanks() {
        let text = "word ".repeat(30);
        let note = wrapped("* ", &text);
        assert!(note.lines().all(|line| line.chars().count() <= prose_width()));
        assert!(note.lines().count() > 1);
        assert!(note.starts_with("* word") && note.contains("\n  word"));
    }
}
