//! What a run that is not scored, or not finished, scores so far: its answers as they are, formatted by
//! rules where nobody has formatted them.

use avibench_assess::{AssessSettings, Assessor, CaptionRater, CaptionsUnavailable, RatedCaptions};
use avibench_prompts::PromptPack;
use avibench_refine::{Formatter, RefineSettings};
use avibench_results::{Detail, RunFile, StoredRun, read_run};
use avibench_score::{CaptionPair, Resampling};
use avibench_store::Label;

use crate::ViewSettings;
use crate::pages::NoPage;

/// Captions wait for `score`, which has the models.
struct NotRated;

impl CaptionRater for NotRated {
    fn rate(
        &self,
        _: [&[CaptionPair<'_>]; 2],
        _: usize,
    ) -> Result<[RatedCaptions; 2], CaptionsUnavailable> {
        let reason = "captions are rated by `avibench score`, which has the models for that";
        Err(CaptionsUnavailable::Missing(reason.to_owned()))
    }
}

/// The label as `refine` by rules and `score` would leave it now, counting what was asked alone. Their
/// files go to a folder of their own, which is removed again.
pub(crate) fn run_so_far(settings: &ViewSettings, label: &Label) -> Result<StoredRun, NoPage> {
    let folder = tempfile::tempdir().map_err(NoPage::Temporary)?;
    let refined = folder.path().join("refined");
    let refine = RefineSettings {
        program: settings.program.version_and_commit(),
        ..RefineSettings::by_rules(settings.outputs.clone(), refined.clone())
    };
    let mut notes = Vec::new();
    let mut formatter =
        Formatter::new(&refine, &settings.folders, PromptPack::embedded(), &mut notes);
    let plan = formatter.plan(label, &mut notes)?;
    let readings = plan.readings.clone();
    formatter.execution(plan)?.write_known()?;
    formatter.attach(readings, &mut notes)?;
    for note in notes {
        tracing::debug!(%label, "{note}");
    }
    let assessing = AssessSettings {
        data_root: settings.data_root.clone(),
        outputs: settings.outputs.clone(),
        refined,
        resampling: Resampling::default(),
        only_asked: true,
        baselines: settings.baselines.clone(),
        flags: String::new(),
    };
    let assessor = Assessor::open(assessing, &NotRated)?;
    let assessment = assessor.assess(label)?;
    let scored = assessor.score(settings.program.clone(), assessment)?;
    let scores = folder.path().join("scores");
    scored.write(&scores, Detail::Full)?;
    Ok(read_run(&RunFile::Report.path(&scores, label))?)
}
