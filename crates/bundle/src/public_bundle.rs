//! A public bundle that was read: its numbers, and what they are computed from.

use std::collections::{BTreeMap, BTreeSet};

use avibench_protocol::{Family, Folder, NotJson, read_json_as};
use avibench_results::{CaptionRaterReport, Report, ScoringMode, stored_folder};
use avibench_score::{
    CaptionMeasure, FolderVerdicts, GuessBaselines, Parts, UNCERTAINTY_VERSION, Verdict,
    repeat_factor,
};
use avibench_store::AskOutcome;
use serde_json::Value;

use crate::baselines::stored_baselines;
use crate::member_names::{REPORT, SAMPLES};
use crate::numbers::Judged;
use crate::numbers_diff::{END_TOLERANCE, NumbersDiff, TOLERANCE, is_same};
use crate::private_check::NAMED;
use crate::unpacking::Unpacked;
use crate::{
    BundleDifference, BundleForm, BundleProblem, ModeNumbers, PublicReport, PublicSample,
    Verification,
};

/// The numbers of a label, and what each sample scored under shuffled numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicBundle {
    /// The numbers, and what they are of.
    pub report: PublicReport,
    /// The samples, folder by folder in the order of their numbers.
    pub samples: Vec<PublicSample>,
}

impl PublicBundle {
    pub(crate) const fn new(report: PublicReport, samples: Vec<PublicSample>) -> Self {
        Self { report, samples }
    }

    pub(crate) fn read(unpacked: &Unpacked) -> Result<Self, BundleProblem> {
        let text = unpacked.required(REPORT)?;
        let broken = |reason: NotJson| BundleProblem::Json { member: REPORT.to_owned(), reason };
        let report: PublicReport = read_json_as(text).map_err(broken)?;
        // A number under a name that nobody reads would be passed over, as if it had not been told.
        let written: Value = read_json_as(text).map_err(broken)?;
        if serde_json::to_value(&report).ok().as_ref() != Some(&written) {
            let reason =
                "a field of it has a name that this version does not write, or lacks".to_owned();
            return Err(BundleProblem::Contradiction { member: REPORT, reason });
        }
        let samples = read_samples(unpacked.required(SAMPLES)?)?;
        let bundle = Self { report, samples };
        bundle.check(unpacked)?;
        Ok(bundle)
    }

    /// Numbers and clusters count up from 0, folder by folder, and the two places that name data agree.
    fn check(&self, unpacked: &Unpacked) -> Result<(), BundleProblem> {
        let contradiction =
            |member, reason: String| Err(BundleProblem::Contradiction { member, reason });
        let manifest = &unpacked.manifest;
        if manifest.label != self.report.label || manifest.data != self.report.data {
            let reason = "its label or data are not those of manifest.json".to_owned();
            return contradiction(REPORT, reason);
        }
        let mut last: Option<(Folder, usize, usize)> = None;
        for (at, sample) in self.samples.iter().enumerate() {
            let (number, clusters) = match last {
                Some((folder, number, clusters)) if folder == sample.folder => {
                    (number + 1, clusters)
                }
                Some((folder, ..)) if folder > sample.folder => {
                    let reason = format!("line {}: {} comes after {folder}", at + 1, sample.folder);
                    return contradiction(SAMPLES, reason);
                }
                _ => (0, 0),
            };
            if sample.number != number || sample.cluster > clusters {
                let reason = format!(
                    "line {}: expected number {number} of {} and a cluster up to {clusters}",
                    at + 1,
                    sample.folder
                );
                return contradiction(SAMPLES, reason);
            }
            last = Some((sample.folder, number, clusters.max(sample.cluster + 1)));
        }
        let mut folders = BTreeSet::new();
        if !self.report.repeat_factors.iter().all(|of| folders.insert(of.folder)) {
            return contradiction(REPORT, "a folder has two factors".to_owned());
        }
        Ok(())
    }

    /// The verdicts of a mode by folder, in the order of shuffled numbers, with the links between samples and
    /// their checks: what every number is computed from. How answers were read is not in them.
    ///
    /// Two bundles have different orders, so that verdicts of two models cannot be paired by sample;
    /// [`unpaired_rankings`](crate::unpaired_rankings) says what can be compared.
    #[must_use]
    pub fn verdicts(&self, mode: ScoringMode) -> Vec<FolderVerdicts> {
        let of_folder = |samples: &[PublicSample]| {
            let folder = samples[0].folder;
            let records: Vec<Verdict> = samples.iter().map(|of| of.verdict(mode)).collect();
            let clusters = samples.iter().map(|of| of.cluster + 1).max().unwrap_or_default();
            let clusters = (0..clusters).map(|number| number.to_string()).collect();
            let is_drawn = self.report.drawn.contains(&folder);
            let mut verdicts = stored_folder(folder, records, clusters, is_drawn);
            if mode == ScoringMode::Official {
                let mut factors = self.report.repeat_factors.iter();
                let factor = factors.find(|of| of.folder == folder).map(|of| of.factor);
                verdicts.diversity = factor.unwrap_or(1.0);
            }
            verdicts
        };
        self.samples.chunk_by(|a, b| a.folder == b.folder).map(of_folder).collect()
    }

    /// The numbers of a mode, as the bundle states them.
    #[must_use]
    pub const fn numbers(&self, mode: ScoringMode) -> &ModeNumbers {
        self.report.numbers(mode)
    }

    /// Computes every number anew from the samples, and compares.
    #[must_use]
    pub fn verify(&self) -> Verification {
        let mut found = Verification::new(BundleForm::Public);
        self.compare(TOLERANCE, &mut found);
        for of in &self.report.repeat_factors {
            found.leaves_out(
                format!("the factor {:.5} for repeated answers of {}", of.factor, of.folder),
                "it is computed from the answers, which are not in a public bundle; taken as it stands",
            );
        }
        found.leaves_out(
            "readings and verdicts",
            "a public bundle holds no answers and no truths; the private one does",
        );
        found
    }

    /// Whether it was made of the scores in this report: of the same data, with the same numbers but for the
    /// ends of intervals, which are those of another order.
    #[must_use]
    pub fn is_of(&self, report: &Report) -> bool {
        let mut found = Verification::new(BundleForm::Public);
        let scoring = self.report.scoring;
        for mode in MODES {
            let Some(own) = ModeNumbers::of(report.mode(mode)) else { return false };
            let end_tolerance = END_TOLERANCE;
            let found = &mut found;
            let diff = NumbersDiff { mode, scoring, has_baselines: true, end_tolerance, found };
            diff.compare_again(&own, self.numbers(mode));
        }
        found.agrees() && self.report.data == report.data
    }

    /// Takes the ends of intervals as they come out in the order of the samples, if the numbers follow from
    /// the samples; else gives what differs.
    pub(crate) fn settle(&mut self) -> Result<(), Box<BundleDifference>> {
        let mut found = Verification::new(BundleForm::Public);
        let numbers = self.compare(END_TOLERANCE, &mut found);
        if let Some(first) = found.differences.into_iter().next() {
            return Err(Box::new(first));
        }
        let has_intervals = self.report.scoring.uncertainty_version == UNCERTAINTY_VERSION;
        if let Some([official, strict]) = numbers.filter(|_| has_intervals) {
            self.report.official.take_ends(&official);
            self.report.strict.take_ends(&strict);
        }
        Ok(())
    }

    /// Compares the numbers with those that the samples give, which it hands back if there are any.
    fn compare(&self, end_tolerance: f64, found: &mut Verification) -> Option<[ModeNumbers; 2]> {
        let contradictions = self.samples.iter().filter_map(PublicSample::contradiction);
        for contradiction in contradictions.take(NAMED) {
            found.differs(SAMPLES, contradiction, "what scoring gives");
        }
        let judged = self.judged();
        check_caption_rater(
            self.report.captions.as_ref(),
            [judged.official.as_slice(), judged.strict.as_slice()],
            found,
        );
        self.check_factors(&judged.official, found);
        let told = self.report.guess_baselines.iter();
        let baselines = stored_baselines(told.map(|of| (of.task, of.percent, of.is_open)));
        let has_baselines = baselines.is_some();
        let baselines = baselines.unwrap_or_else(|| GuessBaselines::embedded().clone());
        let numbers = match judged.numbers(&baselines) {
            Ok(numbers) => numbers,
            Err(error) => {
                found.differs(SAMPLES, "samples of two modes", error.to_string());
                return None;
            }
        };
        let scoring = self.report.scoring;
        for (mode, recomputed) in MODES.into_iter().zip(&numbers) {
            let diff = NumbersDiff { mode, scoring, has_baselines, end_tolerance, found };
            diff.compare(self.numbers(mode), recomputed);
        }
        Some(numbers)
    }

    /// Whether some number of distinct answers gives each factor for answers that repeat each other.
    fn check_factors(&self, official: &[FolderVerdicts], found: &mut Verification) {
        for of in &self.report.repeat_factors {
            let verdicts = official.iter().find(|verdicts| verdicts.folder == of.folder);
            let samples = verdicts.map_or(0, |verdicts| verdicts.parts().count());
            let mut possible = (1..=samples).map(|distinct| repeat_factor(distinct, samples));
            if of.folder.family() != Family::Retrieval
                || !possible.any(|exact| is_same(exact, of.factor))
            {
                let place = format!("repeat_factors.{}", of.folder);
                let gives = format!("no number of distinct answers to {samples} samples gives it");
                found.differs(place, of.factor.to_string(), gives);
            }
        }
    }

    fn judged(&self) -> Judged {
        let mut asked: BTreeMap<Folder, Vec<AskOutcome>> = BTreeMap::new();
        for sample in self.samples.iter().filter(|sample| !sample.is_check) {
            asked.entry(sample.folder).or_default().extend(sample.asked);
        }
        Judged {
            official: self.verdicts(ScoringMode::Official),
            strict: self.verdicts(ScoringMode::Strict),
            asked,
        }
    }
}

/// The modes in the order of reports.
pub(crate) const MODES: [ScoringMode; 2] = [ScoringMode::Official, ScoringMode::Strict];

/// Whether the report names the stand-in for FENSE exactly where it rated captions: without that, its
/// numbers would pass for FENSE, or the other way round.
pub(crate) fn check_caption_rater(
    rater: Option<&CaptionRaterReport>,
    modes: [&[FolderVerdicts]; 2],
    found: &mut Verification,
) {
    let told = match rater {
        Some(rater) if rater.is_stand_in() => CaptionMeasure::StandIn,
        _ => CaptionMeasure::Fense,
    };
    let parts = modes.into_iter().flatten().flat_map(FolderVerdicts::parts);
    let others = parts
        .filter(|parts| matches!(parts, Parts::Caption(parts) if parts.measure != told))
        .count();
    if others > 0 {
        let (is, other) = ("the stand-in for FENSE", "FENSE");
        let names = if told == CaptionMeasure::StandIn { (is, other) } else { (other, is) };
        found.differs(
            "captions",
            format!("rated by {}", names.0),
            format!("{others} ratings by {}", names.1),
        );
    }
}

fn read_samples(text: &[u8]) -> Result<Vec<PublicSample>, BundleProblem> {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let read = |(at, line): (usize, &[u8])| {
        serde_json::from_slice(line).map_err(|error| BundleProblem::Line {
            member: SAMPLES,
            line: at + 1,
            reason: error.to_string(),
        })
    };
    lines.enumerate().map(read).collect()
}
