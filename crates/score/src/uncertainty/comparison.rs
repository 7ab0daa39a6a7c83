//! Two or more models on the same samples.

use avibench_protocol::{Stage, Task};
use avibench_statistics::holm;
use serde::{Deserialize, Serialize};

use super::ranking::rank;
use super::reading::check_alignment;
use super::{Difference, Estimates, Misaligned, PairComparison, Ranking, estimate};
use crate::{FolderVerdicts, GuessBaselines};

/// Version of the shape of a [`Comparison`].
pub const COMPARISON_SCHEMA: u32 = 2;

/// A model to compare.
#[derive(Debug, Clone, Copy)]
pub struct ComparedModel<'a> {
    /// Its label; labels must differ.
    pub label: &'a str,
    /// Its verdicts, all models in the same mode.
    pub verdicts: &'a [FolderVerdicts],
}

/// Why models cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// Nothing to compare with.
    #[error("{0} model(s) to compare; name two or more")]
    TooFew(usize),
    /// A label that stands for two models.
    #[error("`{0}` is named twice; compare runs with different labels")]
    Repeated(String),
    /// Other samples.
    #[error(transparent)]
    Misaligned(#[from] Misaligned),
}

/// Numbers of tests, over all pairs of models. P-values are corrected within each family by Holm's
/// method: the chance of even one false finding in a family stays at or below 5%.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestFamilies {
    /// Tasks.
    pub tasks: usize,
    /// Stages, Overall and levels.
    pub above_tasks: usize,
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// [`COMPARISON_SCHEMA`].
    pub schema_version: u32,
    /// [`UNCERTAINTY_VERSION`](crate::UNCERTAINTY_VERSION).
    pub uncertainty_version: u32,
    /// How many tests each correction allows for.
    pub families: TestFamilies,
    /// Each model's own numbers on all its samples, in the order given.
    pub models: Vec<(String, Estimates)>,
    /// Every pair, the model that was named first standing first.
    pub pairs: Vec<PairComparison>,
    /// Ranks by task, stage, `overall` and level, for those that two or more models have.
    pub rankings: Vec<Ranking>,
}

impl Comparison {
    /// A comparison in which nothing is compared.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            schema_version: COMPARISON_SCHEMA,
            uncertainty_version: crate::UNCERTAINTY_VERSION,
            families: TestFamilies { tasks: 0, above_tasks: 0 },
            models: Vec::new(),
            pairs: Vec::new(),
            rankings: Vec::new(),
        }
    }
}

/// Compares every pair of models on the formal samples that are judged for both, checks as they are.
pub fn compare(
    models: &[ComparedModel<'_>],
    baselines: &GuessBaselines,
) -> Result<Comparison, CompareError> {
    if models.len() < 2 {
        return Err(CompareError::TooFew(models.len()));
    }
    for (i, model) in models.iter().enumerate() {
        if models[..i].iter().any(|earlier| earlier.label == model.label) {
            return Err(CompareError::Repeated(model.label.to_owned()));
        }
    }
    let sets: Vec<(&str, &[FolderVerdicts])> =
        models.iter().map(|model| (model.label, model.verdicts)).collect();
    check_alignment(&sets)?;
    let own: Vec<(&str, Estimates)> =
        sets.iter().map(|(label, _)| *label).zip(estimate(&sets, baselines)?).collect();
    let mut pairs = Vec::new();
    for (i, &first) in sets.iter().enumerate() {
        for &second in &sets[i + 1..] {
            pairs.push(PairComparison::new(first, second, baselines));
        }
    }
    let families = TestFamilies {
        tasks: correct(pairs.iter_mut().flat_map(PairComparison::of_tasks)),
        above_tasks: correct(pairs.iter_mut().flat_map(PairComparison::of_means)),
    };
    let names = Task::ALL.map(Task::name).into_iter().chain(Stage::ALL.map(Stage::name));
    let names = names.chain(["overall", "l1", "l2", "l3", "l4"]);
    let rankings = names.filter_map(|name| rank(name, &own, &pairs)).collect();
    let models = own.into_iter().map(|(label, found)| (label.to_owned(), found)).collect();
    Ok(Comparison { families, models, pairs, rankings, ..Comparison::empty() })
}

/// Corrects the p-values of a family of tests; returns how many there are.
fn correct<'a>(differences: impl Iterator<Item = &'a mut Difference>) -> usize {
    let differences: Vec<&mut Difference> = differences.collect();
    let corrected = holm(&differences.iter().map(|difference| difference.p).collect::<Vec<_>>());
    let tests = differences.len();
    for (difference, p) in differences.into_iter().zip(corrected) {
        difference.correct(p, tests);
    }
    tests
}
