//! Pages of runs, made when somebody asks for them.

use std::path::Path;
use std::time::SystemTime;

use avibench_assess::AssessError;
use avibench_pages::{MediaLinks, PageError, PageForm, PageSettings, ReportPage, Serving};
use avibench_prompts::PromptPack;
use avibench_refine::RefineError;
use avibench_results::{ResultsError, RunFile, StoredRun, read_run};
use avibench_store::Label;
use axum::body::Bytes;

use crate::routes::NEWS;
use crate::so_far::run_so_far;
use crate::{ViewSettings, doubt_file, media};

/// Which page.
#[derive(Debug)]
pub(crate) enum PageOf {
    /// Of labels as they were scored.
    Scored(Vec<Label>),
    /// Of a label's answers as they are.
    Answers(Label),
}

/// The last page of scored labels, which stays the same as long as their files do.
pub(crate) struct KeptPage {
    labels: Vec<Label>,
    changed: Vec<SystemTime>,
    page: Bytes,
}

/// Why a page cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoPage {
    #[error("{label} is named twice; name each label once")]
    Twice { label: Label },
    #[error("{label} has no scores; run `avibench score --models {label}` first")]
    NotScored { label: Label },
    #[error(transparent)]
    Results(#[from] ResultsError),
    #[error(transparent)]
    Page(#[from] PageError),
    #[error(transparent)]
    Refine(#[from] RefineError),
    #[error(transparent)]
    Assess(#[from] AssessError),
    #[error("a folder for the scores so far cannot be made: {0}")]
    Temporary(std::io::Error),
}

impl PageOf {
    /// Makes the page. `is_open` tells whether the run of a label may still get answers.
    pub(crate) fn make(
        &self,
        settings: &ViewSettings,
        is_open: &dyn Fn(&Label) -> bool,
        kept: &mut Option<KeptPage>,
    ) -> Result<Bytes, NoPage> {
        match self {
            Self::Scored(labels) => scored(settings, labels, is_open, kept),
            Self::Answers(label) => {
                let run = run_so_far(settings, label)?;
                let counts = run.report.outcomes.as_ref().map(|outcomes| outcomes.all.counts);
                let (asked, planned) = counts
                    .map_or((0, 0), |counts| (counts.total - counts.not_attempted, counts.total));
                let is_so_far = asked < planned || is_open(label);
                let extent = if is_so_far {
                    format!(
                        "Not final: {asked} of {planned} samples were asked when this page was made. Scores \
                         are of what was asked, which is no random part, so that unfinished tasks have no \
                         intervals."
                    )
                } else {
                    "Of the answers as they are now, not of scores that were written.".to_owned()
                };
                let banner = Some(format!(
                    "{extent} Answers are formatted and read by rules alone; captions are rated by \
                     `avibench score`."
                ));
                let serving = Serving {
                    doubts: doubt_file::ADDRESS.to_owned(),
                    news: is_open(label).then(|| NEWS.to_owned()),
                    asked: vec![asked],
                    banner,
                    is_so_far,
                };
                page(settings, vec![run], serving)
            }
        }
    }
}

fn scored(
    settings: &ViewSettings,
    labels: &[Label],
    is_open: &dyn Fn(&Label) -> bool,
    kept: &mut Option<KeptPage>,
) -> Result<Bytes, NoPage> {
    let mut changed = Vec::new();
    for (at, label) in labels.iter().enumerate() {
        if labels[..at].contains(label) {
            return Err(NoPage::Twice { label: label.clone() });
        }
        let time = modified(&RunFile::Report.path(&settings.scores, label));
        changed.push(time.ok_or_else(|| NoPage::NotScored { label: label.clone() })?);
    }
    if let Some(kept) =
        kept.as_ref().filter(|kept| kept.labels == labels && kept.changed == changed)
    {
        return Ok(kept.page.clone());
    }
    // Two large pages need not be in memory at once.
    *kept = None;
    let read = |label: &Label| read_run(&RunFile::Report.path(&settings.scores, label));
    let runs = labels.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let serving = Serving {
        doubts: doubt_file::ADDRESS.to_owned(),
        news: None,
        asked: Vec::new(),
        banner: None,
        is_so_far: false,
    };
    let page = page(settings, runs, serving)?;
    // Whether a run goes on is not part of the key, so that only pages of ended runs are kept.
    if !labels.iter().any(is_open) {
        *kept = Some(KeptPage { labels: labels.to_vec(), changed, page: page.clone() });
    }
    Ok(page)
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).ok()?.modified().ok()
}

fn page(settings: &ViewSettings, runs: Vec<StoredRun>, serving: Serving) -> Result<Bytes, NoPage> {
    let packs: Vec<&PromptPack> = settings.packs.iter().collect();
    let page_settings = PageSettings {
        form: PageForm::Private,
        generated: settings.generated.as_deref(),
        links: MediaLinks::Served { base: media::BASE.to_owned() },
        serving: Some(serving),
        packs,
        baselines: &settings.baselines,
        waveforms: &settings.waveforms,
        embed: 0,
    };
    let mut page = ReportPage::new(page_settings, &settings.folders);
    for run in runs {
        page.add(run)?;
    }
    let mut html = Vec::new();
    page.write(&mut html)?;
    Ok(html.into())
}
