//! The table of `refine --judge-repeat`: agreement of a language model with itself.

use avibench_refine::{Agreement, ScoreRange};

use super::{align, new_table};

/// A line a folder.
pub(crate) fn repeat_table(folders: &[Agreement], repeats: u32) -> String {
    let mut table = new_table();
    table.set_header([
        "Folder",
        "Answers",
        "Always the same",
        "Pairs that agree",
        "Official score",
        "Strict score",
        "Scores that moved",
    ]);
    for agreement in folders {
        let unanimous = agreement.unanimous as f64 / agreement.answers.max(1) as f64;
        table.add_row([
            agreement.folder.name().to_owned(),
            agreement.answers.to_string(),
            format!("{:.1}%", 100.0 * unanimous),
            format!("{:.1}%", 100.0 * agreement.pairs),
            range(agreement.official),
            range(agreement.strict),
            agreement.moved.to_string(),
        ]);
    }
    align(&mut table, 1);
    format!(
        "{table}\nScores are means over the sampled answers that count, lowest to highest of \
         {repeats} repeats."
    )
}

/// In percent.
fn range(range: Option<ScoreRange>) -> String {
    range.map_or_else(
        || "-".to_owned(),
        |range| format!("{:.2} to {:.2}", 100.0 * range.low, 100.0 * range.high),
    )
}
