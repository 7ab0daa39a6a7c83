//! Tables with a column for each number of a box, in Markdown, CSV or with tabs.

use std::ops::Range;

use super::Written;
use super::coordinate::{Coordinate, by_name, coordinate, scale_of_name};

/// Tables have at least so many columns: one of names, four of numbers.
const COLUMNS: usize = 5;

/// A row of a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row<'a> {
    /// What stands in its other columns, from left to right: the column's name and the cell.
    pub(crate) cells: Vec<(&'a str, &'a str)>,
    /// Its box; `None` if its numbers make none.
    pub(crate) written: Option<Written>,
    /// Where it stands.
    pub(crate) span: Range<usize>,
}

/// The rows of all tables of a text with named columns for the numbers of a box.
pub(crate) fn rows(text: &str) -> Vec<Row<'_>> {
    let mut found = Vec::new();
    let mut header: Option<(char, Vec<&str>)> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let span = start..start + line.trim_end().len();
        start += line.len();
        let line = line.trim();
        if let Some(columns) = columns(line) {
            header = Some(columns);
            continue;
        }
        let Some((separator, columns)) = &header else { continue };
        if line.chars().all(|c| "|-: \t+=".contains(c)) && !line.is_empty() {
            continue;
        }
        let cells = cells(line, *separator);
        if cells.len() != columns.len() {
            header = None;
            continue;
        }
        let pairs = || columns.iter().copied().zip(cells.iter().copied());
        let numbers: Vec<(Coordinate, f64)> = pairs()
            .filter_map(|(column, cell)| {
                let value = cell.trim_end_matches(['%', ' ']).trim_end_matches("px").trim();
                Some((coordinate(column)?, value.parse().ok()?))
            })
            .collect();
        let scale = pairs().find_map(|(column, cell)| scale_of_name(column, cell));
        let written = by_name(&numbers).map(|mut written| {
            written.hints.scale = written.hints.scale.or(scale);
            written
        });
        let others = pairs().filter(|(column, _)| coordinate(column).is_none());
        found.push(Row { cells: others.collect(), written, span });
    }
    found
}

fn cells(line: &str, separator: char) -> Vec<&str> {
    let line = if separator == '|' { line.trim_matches('|') } else { line };
    line.split(separator).map(|cell| cell.trim_matches([' ', '*', '`', '"', '\''])).collect()
}

/// The columns of a header that names the numbers of a box.
fn columns(line: &str) -> Option<(char, Vec<&str>)> {
    let separator = ['|', '\t', ','].into_iter().find(|&separator| line.contains(separator))?;
    let columns = cells(line, separator);
    let named: Vec<(Coordinate, f64)> =
        columns.iter().filter_map(|column| Some((coordinate(column)?, 0.0))).collect();
    let is_header = columns.len() >= COLUMNS && by_name(&named).is_some();
    is_header.then_some((separator, columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_boxes_by_their_columns() {
        let text = "| # | object | y_min | x_min | y_max | x_max | score |\n|-|-|-|-|-|-|-|\n\
                    | 1 | dog | 2 | 1 | 4 | 3 | 0.9 |\n| 2 | cat | - | - | - | - | 0 |\n\ntext";
        let found = rows(text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].written.map(|found| found.numbers), Some([1.0, 2.0, 3.0, 4.0]));
        assert_eq!(found[0].cells[1], ("object", "dog"));
        assert_eq!(found[1].written, None);
        assert_eq!(rows("name,x1,y1,x2,y2\ndog,1,2,3,4").len(), 1);
        assert!(rows("x_min, y_min, x_max, y_max").is_empty());
    }
}
