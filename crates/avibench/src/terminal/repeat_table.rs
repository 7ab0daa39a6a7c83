//! The table of `refine --judge-repeat`: agreement of a language model with itself.

use avibench_refine::{Agreement, ScoreRange};

use super::grid::{Grid, wrapped};

/// A line a folder.
pub(crate) fn repeat_table(folders: &[Agreement], repeats: u32) -> String {
    let mut grid = Grid::new([
        "Folder",
        "Answers",
        "Always\nthe same",
        "Pairs that\nagree",
        "Official\nscore",
        "Strict\nscore",
        "Strict\nerror",
        "Scores\nthat moved",
    ]);
    for agreement in folders {
        let unanimous = agreement.unanimous as f64 / agreement.answers.max(1) as f64;
        grid.row([
            agreement.folder.name().to_owned(),
            agreement.answers.to_string(),
            format!("{:.1}%", 100.0 * unanimous),
            format!("{:.1}%", 100.0 * agreement.pairs),
            range(agreement.official),
            range(agreement.strict),
            agreement
                .strict_error
                .map_or_else(|| "-".to_owned(), |error| format!("{:.2}", 100.0 * error)),
            agreement.moved.to_string(),
        ]);
    }
    let note = format!(
        "Scores are means in percent over the sampled answers that count, lowest to highest of \
         {repeats} repeats. Error: the standard error that the language model alone adds to the strict \
         mean of one formatting, in points."
    );
    format!("{grid}\n{}", wrapped("", &note))
}

/// In percent.
fn range(range: Option<ScoreRange>) -> String {
    range.map_or_else(
        || "-".to_owned(),
        |range| format!("{:.2}–{:.2}", 100.0 * range.low, 100.0 * range.high),
    )
}
