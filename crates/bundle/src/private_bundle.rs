//! A private bundle that was read: a scored run with its journals and formatted answers.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use avibench_protocol::{Family, Folder};
use avibench_results::{ScoringMode, StoredRun};
use avibench_score::{FolderVerdicts, ScoreFile, Verdict, repeat_factor, score_folders};
use avibench_store::{AskOutcome, Label};

use crate::baselines::stored_baselines;
use crate::member_names::{REPORT, SAMPLES};
use crate::numbers::Judged;
use crate::numbers_diff::{NumbersDiff, TOLERANCE, is_same};
use crate::private_check::check_readings;
use crate::public_bundle::{MODES, check_caption_rater};
use crate::unpacking::Unpacked;
use crate::verdict_check::check_verdicts;
use crate::{BundleError, BundleForm, BundleProblem, ModeNumbers, Verification};

/// A scored run with everything behind it.
#[derive(Debug)]
pub struct PrivateBundle {
    /// The label.
    pub label: Label,
    /// Report and rows.
    pub run: StoredRun,
    /// Journals, manifests and prediction files by their names in the bundle.
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

impl PrivateBundle {
    /// Without its files yet.
    pub(crate) fn read(unpacked: &Unpacked) -> Result<Self, BundleProblem> {
        let contradiction =
            |reason: String| BundleProblem::Contradiction { member: REPORT, reason };
        let (report, rows) = (unpacked.required(REPORT)?, unpacked.required(SAMPLES)?);
        let run = StoredRun::from_bytes([report, rows], [Path::new(REPORT), Path::new(SAMPLES)])
            .map_err(|error| BundleProblem::Rows(Box::new(error)))?;
        let manifest = &unpacked.manifest;
        if manifest.label != run.report.label || manifest.data != run.report.data {
            let reason = "its label or data are not those of manifest.json".to_owned();
            return Err(contradiction(reason));
        }
        let label =
            Label::new(manifest.label.clone()).map_err(|error| contradiction(error.to_string()))?;
        Ok(Self { label, run, files: Vec::new() })
    }

    pub(crate) fn with(mut self, members: Vec<(String, Vec<u8>)>) -> Self {
        self.files = members
            .into_iter()
            .filter(|(name, _)| ![REPORT, SAMPLES].contains(&name.as_str()))
            .collect();
        self
    }

    pub(crate) fn verify(&self, data_root: Option<&Path>) -> Result<Verification, BundleError> {
        let mut found = Verification::new(BundleForm::Private);
        self.check_numbers(&mut found);
        check_readings(&self.run, &mut found);
        match data_root {
            Some(data_root) => check_verdicts(self, data_root, &mut found)?,
            None => found.leaves_out(
                "verdicts",
                "they need the data set that was scored against; name it with --data-root",
            ),
        }
        Ok(found)
    }

    /// What guessing scores, by the report; `None` if it cannot be told.
    pub(crate) fn baselines(&self) -> Option<avibench_score::GuessBaselines> {
        let told = self.run.report.guess_baselines.iter();
        stored_baselines(told.map(|of| (of.task, of.percent, of.is_open)))
    }

    fn check_numbers(&self, found: &mut Verification) {
        let report = &self.run.report;
        let known = self.baselines();
        let used =
            known.clone().unwrap_or_else(|| avibench_score::GuessBaselines::embedded().clone());
        let judged = self.judged();
        let modes = [judged.official.as_slice(), judged.strict.as_slice()];
        check_caption_rater(report.captions.as_ref(), modes, found);
        check_factors(&judged.official, found);
        let numbers = match judged.numbers(&used) {
            Ok(numbers) => numbers,
            Err(error) => {
                found.differs(SAMPLES, "rows of two modes", error.to_string());
                return;
            }
        };
        for (mode, recomputed) in MODES.into_iter().zip(&numbers) {
            let Some(stored) = ModeNumbers::of(report.mode(mode)) else {
                let why = "the report is of an early version, which did not write them";
                found.leaves_out(format!("{} numbers", mode.name()), why);
                continue;
            };
            let scoring = report.scoring;
            let has_baselines = known.is_some();
            let end_tolerance = TOLERANCE;
            let diff = NumbersDiff { mode, scoring, has_baselines, end_tolerance, found };
            diff.compare(&stored, recomputed);
        }
        for (mode, verdicts) in MODES.into_iter().zip([&judged.official, &judged.strict]) {
            let is_unfinished = |key: &str| {
                let mut coverage = report.mode(mode).coverage.iter();
                let unfinished = Some(avibench_score::Completeness::Unfinished);
                coverage.any(|of| of.judged.key == key && of.judged.completeness == unfinished)
            };
            let rounded = ScoreFile::new(&score_folders(verdicts));
            for (key, score) in report.mode(mode).scores.iter() {
                if mode == ScoringMode::Strict && is_unfinished(&key.name()) {
                    continue;
                }
                let parts =
                    rounded.get(key).map(avibench_score::TaskScore::parts).unwrap_or_default();
                for (name, value) in score.parts() {
                    found.count("rounded scores", 1);
                    let again = parts.iter().find(|(known, _)| *known == name);
                    if !again.is_some_and(|(_, again)| is_same(*again, value)) {
                        let place = format!("{}.scores.{}.{name}", mode.name(), key.name());
                        let again =
                            again.map_or_else(|| "nothing".to_owned(), |(_, of)| of.to_string());
                        found.differs(place, value.to_string(), again);
                    }
                }
            }
        }
    }

    fn judged(&self) -> Judged {
        let mut asked: BTreeMap<Folder, Vec<AskOutcome>> = BTreeMap::new();
        let strict = self.run.rows.iter().filter(|row| row.mode == ScoringMode::Strict);
        for row in strict.filter(|row| !row.is_check) {
            asked.entry(row.folder).or_default().extend(row.ask_outcome);
        }
        let [official, strict] = MODES.map(|mode| self.run.verdicts(mode));
        Judged { official, strict, asked }
    }
}

/// Rows hold so many bytes of what was read of an answer.
const CUT: usize = 500;

/// Whether as many answers repeat each other as the report's scores say.
fn check_factors(official: &[FolderVerdicts], found: &mut Verification) {
    for verdicts in official.iter().filter(|of| of.folder.family() == Family::Retrieval) {
        let counted = verdicts.records.iter().filter(|record| record.parts.is_some());
        let counted: Vec<&Verdict> = counted.collect();
        // Where everything scores 0, it does so with any factor.
        if !counted.iter().any(|record| record.score() > Some(0.0)) {
            continue;
        }
        if counted.iter().any(|record| record.read.len() >= CUT) {
            let what = format!("the factor for repeated answers of {}", verdicts.folder);
            found.leaves_out(what, "an answer is longer than what rows hold of it");
            continue;
        }
        let distinct: HashSet<&str> = counted.iter().map(|record| record.read.as_str()).collect();
        let factor = repeat_factor(distinct.len(), counted.len());
        found.count("factors for repeated answers", 1);
        if !is_same(factor, verdicts.diversity) {
            let place = format!("official factor for repeated answers of {}", verdicts.folder);
            found.differs(place, verdicts.diversity.to_string(), factor.to_string());
        }
    }
}
