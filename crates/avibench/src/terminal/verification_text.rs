//! What verifying a bundle found, in words.

use std::collections::BTreeSet;
use std::path::Path;

use avibench_bundle::{Bundle, BundleContent, BundleForm, Verification};
use avibench_protocol::{Stage, Task, WordingSource};
use avibench_results::{STAND_IN_CAUTION, STAND_IN_MARK, ScoringMode};
use avibench_score::{Completeness, Estimate, ScoreKey};

use super::grid::{Grid, counted, folded, wrapped};
use super::layout::prose_width;
use super::number_names::shown_name;
use super::printable::printable;
use super::score_tables::{percent, range};
use super::stand_in::stand_in_mark;

/// Most differences that are named.
const NAMED: usize = 40;

/// What was compared, what differs, and what could not be checked.
pub(crate) fn verification_text(bundle: &Bundle, found: &Verification) -> String {
    let manifest = &bundle.manifest;
    let mut blocks = vec![format!(
        "{}\nsha256 {}\n{}",
        folded(
            &format!(
                "{} bundle of {}, made by {} {}",
                if found.form == BundleForm::Public { "Public" } else { "Private" },
                manifest.label,
                manifest.program.name,
                manifest.program.version_and_commit(),
            ),
            prose_width()
        ),
        bundle.sha256,
        wrapped("", "(compare it with that of the entry or page that names this bundle)")
    )];
    blocks.push(about(bundle));
    let mut grid = Grid::new(["Computed anew", "Compared"]);
    for compared in &found.compared {
        grid.row([compared.what.to_owned(), compared.count.to_string()]);
    }
    blocks.push(grid.to_string());
    if found.agrees() {
        blocks.push(numbers(bundle).to_string());
    }
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
    blocks.push(folded(&conclusion(found), prose_width()));
    blocks.join("\n\n")
}

/// What the numbers are of, as the bundle says it.
fn about(bundle: &Bundle) -> String {
    let (wording, unscored) = match &bundle.content {
        BundleContent::Public(public) => {
            let report = &public.report;
            (report.asking.as_ref().and_then(|asking| asking.wording), report.unscored.clone())
        }
        BundleContent::Private(private) => {
            let report = &private.run.report;
            let unscored = report.official.unscored.iter().map(|unscored| unscored.task);
            (report.asking.as_ref().and_then(|asking| asking.wording), unscored.collect())
        }
    };
    let mut said = Vec::new();
    if let Some(kind) = &bundle.manifest.generated {
        said.push(format!("The data are a `{kind}` set that avibench made, not the benchmark's."));
    }
    said.push(match wording {
        Some(WordingSource::Benchmark) => "Questions were put in the benchmark's words.".to_owned(),
        Some(_) => {
            "Questions were not put in the benchmark's words, so that scores do not compare with \
                    published ones."
                .to_owned()
        }
        None => "Whose words questions were put in is not recorded.".to_owned(),
    });
    if !unscored.is_empty() {
        let names: Vec<&str> = unscored.iter().map(|task: &Task| task.name()).collect();
        said.push(format!(
            "The run has no score of {}; stages and levels that need more than there is have none either.",
            names.join(", ")
        ));
    }
    let modes = [ScoringMode::Official, ScoringMode::Strict].map(|mode| bundle.estimates(mode));
    if modes.iter().any(|of| of.is_by_stand_in("avc")) {
        said.push(format!("What bears the mark {STAND_IN_MARK} {STAND_IN_CAUTION}"));
    }
    let mut text = folded(&said.join(" "), prose_width());
    if let Some(private) = &bundle.manifest.private_sha256 {
        let more = "Whoever has the data set can ask for the private bundle of the same run, in which every \
                    verdict is made anew by `avibench verify FILE --data-root DATA`; its sha256 is";
        text = format!("{text}\n{}\n{private}", folded(more, prose_width()));
    }
    text
}

/// The numbers of a bundle, which are those that were computed.
fn numbers(bundle: &Bundle) -> Grid {
    let modes = [ScoringMode::Official, ScoringMode::Strict].map(|mode| bundle.estimates(mode));
    let coverage = match &bundle.content {
        BundleContent::Public(bundle) => &bundle.numbers(ScoringMode::Strict).coverage,
        BundleContent::Private(bundle) => &bundle.run.report.strict.coverage,
    };
    // What cannot be computed is not shown: strict numbers over samples that were not asked.
    let unfinished = coverage
        .iter()
        .filter(|of| of.judged.completeness == Some(Completeness::Unfinished))
        .map(|of| of.judged.key.as_str());
    let unfinished: BTreeSet<&str> = unfinished.collect();
    let cell = |name: &str, estimate: Option<Estimate>, scale: f64| {
        let Some(estimate) = estimate.filter(|estimate| estimate.value.is_some()) else {
            return "-".to_owned();
        };
        let mark = modes.iter().map(|of| stand_in_mark(of, name)).max().unwrap_or_default();
        let value = percent(estimate.value.map(|value| value * scale)) + mark;
        range(estimate, scale).map_or(value.clone(), |range| format!("{value} ({range})"))
    };
    let mut grid = Grid::new(["Percent (95% interval)", "Official", "Strict"]);
    let names: BTreeSet<usize> = modes
        .iter()
        .flat_map(|estimates| &estimates.tasks)
        .filter_map(|task| ScoreKey::ALL.iter().position(|key| key.name() == task.key))
        .collect();
    for key in names.into_iter().map(|at| ScoreKey::ALL[at].name()) {
        let headlines = modes.map(|of| of.task(&key).map(|task| task.headline));
        let is_computed = !unfinished.contains(key.as_str());
        let official = cell(&key, headlines[0], 100.0);
        let strict = cell(&key, headlines[1].filter(|_| is_computed), 100.0);
        grid.row([key.to_uppercase(), official, strict]);
    }
    let above = Stage::ALL.map(Stage::name).into_iter().chain(["overall"]);
    for (name, scale) in above.map(|name| (name, 100.0)).chain(LEVELS.map(|name| (name, 1.0))) {
        let [official, strict] = modes.map(|of| of.above_tasks(name));
        let strict = cell(name, strict.filter(|_| unfinished.is_empty()), scale);
        let official = cell(name, official, scale);
        grid.row([shown_name(name).to_owned(), official, strict]);
    }
    grid
}

/// Levels, which are in percent already.
const LEVELS: [&str; 4] = ["l1", "l2", "l3", "l4"];

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
        folded(&place, prose_width()),
        folded(
            "Nothing was computed. Do not use these numbers: ask whoever made the bundle for another one.",
            prose_width()
        )
    )
}
