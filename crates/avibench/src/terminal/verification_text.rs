//! What verifying a bundle found, in words.

use std::path::Path;

use avibench_bundle::{Bundle, BundleForm, Verification};

use super::grid::{Grid, counted, folded, wrapped};
use super::printable::printable;

/// Columns of a narrow terminal.
const WIDTH: usize = 80;
/// Most differences that are named.
const NAMED: usize = 40;

/// What was compared, what differs, and what could not be checked.
pub(crate) fn verification_text(bundle: &Bundle, found: &Verification) -> String {
    let manifest = &bundle.manifest;
    let mut blocks = vec![format!(
        "{}\nsha256 {}",
        folded(
            &format!(
                "{} bundle of {}, made by {} {}",
                if found.form == BundleForm::Public { "Public" } else { "Private" },
                manifest.label,
                manifest.program.name,
                manifest.program.version_and_commit(),
            ),
            WIDTH
        ),
        bundle.sha256
    )];
    let mut grid = Grid::new(["Computed anew", "Compared"]);
    for compared in &found.compared {
        grid.row([compared.what.to_owned(), compared.count.to_string()]);
    }
    blocks.push(grid.to_string());
    if !found.differences.is_empty() {
        let mut lines = vec!["Differs:".to_owned()];
        for difference in found.differences.iter().take(NAMED) {
            lines.push(wrapped("- ", &difference.place));
            lines.push(wrapped("  stored:     ", &difference.stored));
            lines.push(wrapped("  recomputed: ", &difference.recomputed));
        }
        if found.differences.len() > NAMED {
            lines.push(format!("- ... and {} more", found.differences.len() - NAMED));
        }
        blocks.push(lines.join("\n"));
    }
    if !found.unchecked.is_empty() {
        let lines =
            found.unchecked.iter().map(|of| wrapped("- ", &format!("{}: {}", of.what, of.why)));
        blocks.push(format!("Not checked:\n{}", lines.collect::<Vec<_>>().join("\n")));
    }
    blocks.push(folded(&conclusion(found), WIDTH));
    blocks.join("\n\n")
}

fn conclusion(found: &Verification) -> String {
    let compared: usize = found.compared.iter().map(|of| of.count).sum();
    if !found.agrees() {
        return format!(
            "{} of {compared} comparisons. Do not use these numbers: ask whoever made the bundle for \
             another one.",
            counted(found.differences.len(), "difference"),
        );
    }
    let (from, made_up) = match found.form {
        BundleForm::Public => ("what each sample scored", "what samples scored"),
        BundleForm::Private => ("what the bundle holds", "answers"),
    };
    format!(
        "All {compared} agree (numbers to within 1e-9): they follow from {from}. This shows that the bundle \
         is consistent, not that it is honest: whoever makes up {made_up} and computes numbers from that \
         makes a bundle that agrees, too."
    )
}

/// A member whose hash is not the one that the bundle names.
pub(crate) fn changed_member(path: &Path, member: &str, by: &str, hashes: [&str; 2]) -> String {
    let [expected, found] = hashes.map(printable);
    let place = format!("{} of {} was changed:", printable(member), path.display());
    format!(
        "{}\n- sha256 by {by}:\n  {expected}\n- sha256 of what is there:\n  {found}\n\n{}",
        folded(&place, WIDTH),
        folded(
            "Nothing was computed. Do not use these numbers: ask whoever made the bundle for another one.",
            WIDTH
        )
    )
}
