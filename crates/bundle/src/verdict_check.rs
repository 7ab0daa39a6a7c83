//! Verdicts, made anew from journals, formatted answers and the data set.

use std::path::Path;

use avibench_assess::{AssessSettings, Assessor, CaptionRater, CaptionStandIn};
use avibench_files::FileError;
use avibench_protocol::Folder;
use avibench_results::{Program, ScoringMode};
use avibench_score::{FolderVerdicts, GuessBaselines, Parts, Verdict};
use serde_json::Value;

use crate::member_names::label_files;
use crate::numbers_diff::{NumbersDiff, TOLERANCE};
use crate::private_check::{NAMED, is_same_value};
use crate::public_bundle::MODES;
use crate::stored_ratings::StoredRatings;
use crate::{BundleError, ModeNumbers, PrivateBundle, Verification};

/// Judges every answer anew and compares verdicts, numbers and reasons. Only files whose names this program
/// chose are put into a temporary folder, which is gone in the end.
pub(crate) fn check_verdicts(
    bundle: &PrivateBundle,
    data_root: &Path,
    found: &mut Verification,
) -> Result<(), BundleError> {
    let report = &bundle.run.report;
    let temporary = std::env::temp_dir();
    let folder = tempfile::tempdir().map_err(FileError::at("make a folder in", &temporary))?;
    let (outputs, refined) = (folder.path().join("asked"), folder.path().join("refined"));
    for file in label_files() {
        let Some((_, content)) = bundle.files.iter().find(|(name, _)| *name == file.name) else {
            continue;
        };
        let root = if file.is_refined { &refined } else { &outputs };
        let path = root.join(bundle.label.as_str()).join(&file.place);
        let parent = path.parent().unwrap_or(&path);
        std::fs::create_dir_all(parent).map_err(FileError::at("create", parent))?;
        std::fs::write(&path, content).map_err(FileError::at("write", &path))?;
    }
    let settings = AssessSettings {
        data_root: data_root.to_owned(),
        outputs,
        refined,
        resampling: report.resampling,
        only_asked: false,
        baselines: bundle.baselines().unwrap_or_else(|| GuessBaselines::embedded().clone()),
        flags: String::new(),
    };
    let ratings = StoredRatings::of(&bundle.run);
    // The stand-in needs no models, so that captions are rated anew where the rules are the same.
    let rates_anew = report.captions.as_ref() == Some(&CaptionStandIn::report());
    let rater: &dyn CaptionRater = if rates_anew { &CaptionStandIn } else { &ratings };
    let assessor = Assessor::open(settings, rater)?;
    let other_data = report.data.iter().filter(|scored| {
        !assessor.folders().any(|data| data.folder == scored.folder && data.sha256 == scored.sha256)
    });
    let other_data: Vec<&str> = other_data.map(|scored| scored.folder.name()).collect();
    if !other_data.is_empty() {
        found.differs(
            "data",
            format!("data.json of {}", other_data.join(", ")),
            format!("other files, or none, in {}", data_root.display()),
        );
        found.leaves_out("verdicts", "they were made against other data than --data-root names");
        return Ok(());
    }
    let assessment = assessor.assess(&bundle.label)?;
    for mode in MODES {
        let stored = bundle.run.verdicts(mode);
        compare_verdicts(mode, &stored, assessment.verdicts(mode), found);
    }
    if ratings.count() > 0 && !rates_anew {
        found.leaves_out(
            format!("{} ratings of captions", ratings.count()),
            "they were taken as they stand, since rating takes models that are not in the bundle, or rules \
             of another version",
        );
    }
    let scored = assessor.score(Program::default(), assessment)?;
    for mode in MODES {
        let (stored, again) = (report.mode(mode), scored.report.mode(mode));
        if let (Some(stored), Some(again)) = (ModeNumbers::of(stored), ModeNumbers::of(again)) {
            let scoring = report.scoring;
            let has_baselines = bundle.baselines().is_some();
            let end_tolerance = TOLERANCE;
            NumbersDiff { mode, scoring, has_baselines, end_tolerance, found }
                .compare_again(&stored, &again);
        }
    }
    compare_values("divergence", &report.divergence, &scored.report.divergence, found);
    compare_values("outcomes", &report.outcomes, &scored.report.outcomes, found);
    compare_values("reading", &report.reading, &scored.report.reading, found);
    Ok(())
}

fn compare_verdicts(
    mode: ScoringMode,
    stored: &[FolderVerdicts],
    again: &[FolderVerdicts],
    found: &mut Verification,
) {
    let mut different = 0;
    for stored in stored {
        let folder: Folder = stored.folder;
        let Some(again) = again.iter().find(|again| again.folder == folder) else {
            found.differs(format!("{folder} ({})", mode.name()), "verdicts", "none");
            continue;
        };
        found.count("verdicts made anew", stored.records.len());
        if stored.records.len() != again.records.len() {
            let count = |of: &FolderVerdicts| format!("{} samples", of.records.len());
            found.differs(format!("{folder} ({})", mode.name()), count(stored), count(again));
        }
        for (one, other) in stored.records.iter().zip(&again.records) {
            if is_same_verdict(one, other) {
                continue;
            }
            different += 1;
            if different <= NAMED {
                let place = format!("{folder} {} ({})", one.position.0, mode.name());
                found.differs(place, told(one), told(other));
            }
        }
    }
    if different > NAMED {
        let more = format!("{} more {} verdicts", different - NAMED, mode.name());
        found.differs("verdicts", more, "others");
    }
}

fn is_same_verdict(stored: &Verdict, again: &Verdict) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= TOLERANCE;
    // Rows tell nothing of what was not asked, and no indices.
    let is_same_score = match (&stored.parts, &again.parts) {
        (Some(a), Some(b)) => near(a.score(), b.score()),
        (None, Some(_)) => again.outcome == avibench_score::VerdictOutcome::NotAsked,
        (None, None) => true,
        (Some(_), None) => false,
    };
    let is_same_match = match (&stored.parts, &again.parts) {
        (Some(Parts::Match(a)), Some(Parts::Match(b))) => a == b,
        _ => true,
    };
    is_same_score
        && is_same_match
        && (stored.outcome, stored.rule, stored.is_check, &stored.read)
            == (again.outcome, again.rule, again.is_check, &again.read)
        && stored.span == again.span
}

fn told(verdict: &Verdict) -> String {
    let score =
        verdict.score().map_or_else(|| "no score".to_owned(), |score| format!("{score:.5}"));
    format!("{} by {}, {score}", verdict.outcome, verdict.rule)
}

/// Compares a part of two reports that is no number of scoring.
fn compare_values<T: serde::Serialize>(
    name: &'static str,
    stored: &T,
    again: &T,
    found: &mut Verification,
) {
    let value = |of: &T| serde_json::to_value(of).unwrap_or(Value::Null);
    found.count("parts of the report made anew", 1);
    if !is_same_value(&value(stored), &value(again)) {
        found.differs(name, "what the report says", "something else from the same answers");
    }
}
