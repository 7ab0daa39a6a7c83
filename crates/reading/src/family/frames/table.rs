//! Tables with a row for each frame, with a column for each number or one for the whole box.

use std::ops::Range;

use super::numbering::of_key;
use super::values::{Numbered, is_nothing, named};
use super::{Candidate, Said};
use crate::ReadingRule;
use crate::box_numbers::{FRAME_KEYS, Row, Written, is_among, mentions, rows, says_absent};

/// A table has at least so many rows of frames.
const ROWS: usize = 2;

/// Lines longer than this are no rows.
const LONG: usize = 1_000;

/// Reads the frames of a table; `None` if the text holds none.
pub(super) fn read(text: &str) -> Option<Candidate> {
    let (numbered, span) = by_columns(text).or_else(|| by_cells(text))?;
    let has_box = numbered.iter().any(|(.., said)| matches!(said, Said::Box(_)));
    let frames = named(numbered)?;
    has_box.then_some((frames, span, ReadingRule::Container))
}

/// `| Frame | x_min | y_min | x_max | y_max |`.
fn by_columns(text: &str) -> Option<(Numbered, Range<usize>)> {
    let rows = rows(text);
    let span = rows.first()?.span.start..rows.last()?.span.end;
    let mut numbered = Numbered::new();
    for row in &rows {
        let (frames, _) = frames_of(row)?;
        let said = match row.written {
            Some(written) => of_written(&written),
            None if row.is_absent => Said::Absent,
            None => Said::Unreadable,
        };
        numbered.extend(frames.into_iter().map(|frame| (frame, true, said)));
    }
    (rows.len() >= ROWS).then_some((numbered, span))
}

/// The frames of a row: in the column that is named so, else in the first one.
fn frames_of(row: &Row<'_>) -> Option<(Vec<u32>, bool)> {
    let column = row.cells.iter().find(|(column, _)| is_among(column, &FRAME_KEYS));
    let (_, cell) = column.or(row.cells.first())?;
    of_cell(cell)
}

/// `3`, `frame_3`, `3-9`.
fn of_cell(cell: &str) -> Option<(Vec<u32>, bool)> {
    of_key(cell).or_else(|| of_key(&format!("frames {cell}")))
}

fn of_written(written: &Written) -> Said {
    if is_nothing(written) { Said::Absent } else { Said::Box(*written) }
}

/// `| 3 | [1, 2, 3, 4] |`, with any other columns that hold no box.
fn by_cells(text: &str) -> Option<(Numbered, Range<usize>)> {
    let mut numbered = Numbered::new();
    let (mut count, mut start) = (0, 0);
    let mut span: Option<Range<usize>> = None;
    for line in text.split_inclusive('\n') {
        let place = start..start + line.trim_end().len();
        start += line.len();
        let line = line.trim();
        if !line.contains('|') || line.len() > LONG {
            continue;
        }
        let blank = |c: char| c.is_whitespace() || "*`\"'".contains(c);
        let line = line.strip_prefix('|').unwrap_or(line);
        let mut cells =
            line.strip_suffix('|').unwrap_or(line).split('|').map(|cell| cell.trim_matches(blank));
        let Some((frames, _)) = cells.next().and_then(of_cell) else { continue };
        let said = of_cells(&cells.collect::<Vec<_>>());
        count += 1;
        let first = span.map_or(place.start, |span| span.start);
        span = Some(first..place.end);
        numbered.extend(frames.into_iter().map(|frame| (frame, true, said)));
    }
    span.filter(|_| count >= ROWS).map(|span| (numbered, span))
}

fn of_cells(cells: &[&str]) -> Said {
    let mut boxes = cells.iter().flat_map(|cell| mentions(cell));
    match (boxes.next(), boxes.next()) {
        (Some(found), None) => {
            return found.written.map_or(Said::Unreadable, |written| of_written(&written));
        }
        (Some(_), Some(_)) => return Said::Unreadable,
        (None, _) => {}
    }
    let is_blank = cells.iter().all(|cell| cell.is_empty());
    // Four columns without names.
    match &mentions(&cells.join(", "))[..] {
        [found] => found.written.map_or(Said::Unreadable, |written| of_written(&written)),
        [] if is_blank || cells.iter().any(|cell| says_absent(cell)) => Said::Absent,
        _ => Said::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let shown = |(frame, said): &(u32, Said)| match said {
            Said::Absent => format!("{frame}-"),
            Said::Box(written) => format!("{frame}:{}", written.numbers[0]),
            Said::Unreadable => format!("{frame}?"),
        };
        read(text).map_or(String::new(), |(frames, ..)| {
            frames.iter().map(shown).collect::<Vec<_>>().join(" ")
        })
    }

    #[test]
    fn rows_are_frames() {
        let header = "| Frame | x_min | y_min | x_max | y_max |\n|---|---|---|---|---|\n";
        for (rows, wanted) in [
            ("| 0 | 1 | 2 | 3 | 4 |\n| 1 | - | - | - | - |", "0:1 1-"),
            ("| 0 | 1 | 2 | 3 | 4 |\n| 1 | none | none | none | none |", "0:1 1-"),
            ("| 0 | 1 | 2 | 3 | 4 |\n| 1 | | | | |\n| 2 | 5 | 6 | 7 | 8 |", "0:1 1- 2:5"),
            ("| frame_0 | 1 | 2 | 3 | 4 |\n| frame_1 | not visible | | | |", "0:1 1-"),
            ("| 0 | 1 | 2 | 3 | 4 |\n| 1 | absent |\n| 2 | 0 | 0 | 0 | 0 |", "0:1 1- 2-"),
            ("| 0 | 1 | 2 | 3 | 4 |\n| 1-3 | — | — | — | — |", "0:1 1- 2- 3-"),
            ("| 0 | 1 | 2 | 3 | 4 |\n| 1 | 1 | 2 | 3 | left |", "0:1 1?"),
            ("| 3 | 1 | 2 | 3 | 4 |\n| 4 | - | - | - | - |", ""),
        ] {
            assert_eq!(shown(&format!("{header}{rows}")), wanted, "{rows}");
        }
        for (text, wanted) in [
            ("| Frame | Box |\n|---|---|\n| 0 | [1, 2, 3, 4] |\n| 1 | none |", "0:1 1-"),
            ("| 0 | [1, 2, 3, 4] |\n| 1 | - |", "0:1 1-"),
            ("| 0 | 1, 2, 3, 4 | runs |\n| 1 | – | gone |", "0:1 1-"),
            ("| 0 | 1 | 2 | 3 | 4 |\n| 1 | - | - | - | - |", "0:1 1-"),
            (
                "frame | Visible | y1 | x1 | y2 | x2\n0 | yes | 2 | 1 | 4 | 3\n1 | no | - | - | - | -",
                "0:1 1-",
            ),
            ("| 0 | [1, 2, 3, 4] | [5, 6, 7, 8] |\n| 1 | [1, 2, 3, 4] |", "0? 1:1"),
            ("| Frame 0 | [1, 2, 3] |\n| Frame 1 | [1, 2, 3, 4] |", "0? 1:1"),
            ("| dog | [1, 2, 3, 4] |\n| cat | none |", ""),
            ("| 0 | none |\n| 1 | none |", ""),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }
}
