//! `avibench fense`, and what `score` and `compare` need of it: ratings of captions.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use avibench_assess::{CaptionModels, CaptionRater, CaptionStandIn, CaptionsUnavailable};
use avibench_fense::{
    Fense as Models, FenseOptions, ModelFiles, Places, ScoreStage, identify_checkpoint, locate,
};
use avibench_fetch::{FetchError, FetchProgress, ensure, fetch};
use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use crate::exit::Exit;
use crate::interrupt::Handed;
use crate::terminal::{self, Measuring, duration};

/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Fetch or check the models that captions (AVC) are scored with.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench fense check\n\
\x20 avibench fense fetch")]
pub(crate) struct Fense {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Download what is missing (about 700 MB in all)
    #[command(after_long_help = "\
Examples:\n\
\x20 avibench fense fetch --fense-models models/fense")]
    Fetch(FenseArgs),
    /// Say what is found where
    #[command(after_long_help = "\
Examples:\n\
\x20 avibench fense check --fense-models models/fense")]
    Check(FenseArgs),
}

/// Where the models are.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct FenseArgs {
    /// Folder with `sbert/`, `echecker.ckpt` and `echecker_base/` (default: `AVIBENCH_FENSE_MODELS`,
    /// then the caches of Hugging Face and torch, then a download unless `HF_HUB_OFFLINE=1`)
    #[arg(long, help_heading = "Scoring", value_name = "DIR")]
    pub fense_models: Option<PathBuf>,
}

/// What captions are rated by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RatedBy {
    /// The published models
    #[default]
    Fense,
    /// Rules that need no models: for a first look, with numbers that compare with nothing else
    StandIn,
}

/// What captions are rated by, and where its models are.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CaptionArgs {
    /// What captions (AVC) are rated by
    #[arg(long, help_heading = "Scoring", value_enum, default_value_t, value_name = "RATER")]
    captions: RatedBy,
    #[command(flatten)]
    models: FenseArgs,
}

impl CaptionArgs {
    /// Rates captions, if there are any.
    pub(crate) fn rater(&self) -> anyhow::Result<Box<dyn CaptionRater>> {
        match self.captions {
            RatedBy::Fense => Ok(Box::new(self.models.rater())),
            RatedBy::StandIn => {
                anyhow::ensure!(
                    self.models.fense_models.is_none(),
                    "--captions stand-in uses no models; leave --fense-models out, or --captions"
                );
                Ok(Box::new(CaptionStandIn))
            }
        }
    }

    /// Rates captions with what is on this machine, and says nothing while it does.
    pub(crate) fn quiet_rater(&self) -> Box<dyn CaptionRater> {
        match self.captions {
            RatedBy::Fense => {
                let places = Places::from_env(self.models.fense_models.clone());
                Box::new(CaptionModels::on_this_machine(places))
            }
            RatedBy::StandIn => Box::new(CaptionStandIn),
        }
    }

    /// The flags with a blank before each, for a command to copy; nothing for what is usual.
    pub(crate) fn flags(&self) -> String {
        let mut flags = String::new();
        if self.captions == RatedBy::StandIn {
            flags.push_str(" --captions stand-in");
        }
        if let Some(models) = &self.models.fense_models {
            flags.push_str(" --fense-models ");
            flags.push_str(&models.display().to_string());
        }
        flags
    }

    /// Whether the stand-in rates captions.
    pub(crate) fn is_stand_in(&self) -> bool {
        self.captions == RatedBy::StandIn
    }

    /// Whether models that are not there may be downloaded, so that rating again may go further.
    pub(crate) fn may_fetch(&self) -> bool {
        self.captions == RatedBy::Fense && self.models.may_fetch()
    }

    /// What rates captions on this machine, by name or by place; none if it is not there.
    pub(crate) fn found(&self) -> Option<String> {
        match self.captions {
            RatedBy::Fense => self.models.found(),
            RatedBy::StandIn => Some("stand-in".to_owned()),
        }
    }
}

impl Fense {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self.action {
            Action::Fetch(args) => {
                let mut bar = FetchBar::default();
                let _signals = Handed::to(|stop| {
                    terminal::note(format!(
                        "stopped by {}; what was fetched stays, and the same command goes on \
                         from there",
                        stop.name()
                    ));
                    std::process::exit(stop.code().into());
                });
                let files =
                    fetch(&Places::from_env(args.fense_models), &mut |event| bar.show(event));
                bar.end();
                say_files(&files.map_err(|error| other_way(error.into()))?);
                Ok(Exit::Done)
            }
            Action::Check(args) => args.check(),
        }
    }
}

/// What else leads to the models where a download does not.
fn other_way(error: anyhow::Error) -> anyhow::Error {
    if !matches!(error.downcast_ref(), Some(FetchError::Download { .. })) {
        return error;
    }
    anyhow::anyhow!(
        "{error}. Without a network, run `avibench fense fetch --fense-models DIR` on a machine that has one, \
         copy DIR to this one, and name it with --fense-models DIR; `--captions stand-in` rates captions \
         without the models, for a first look"
    )
}

fn say_files(files: &ModelFiles) {
    terminal::note(format!("sentence encoder: {}", files.sentence.display()));
    terminal::note(format!("error detector: {}", files.checkpoint.display()));
    terminal::note(format!("its tokenizer: {}", files.base.display()));
}

impl FenseArgs {
    fn check(self) -> anyhow::Result<Exit> {
        use std::io::Write as _;
        let located = locate(&Places::from_env(self.fense_models));
        let mut out = terminal::stdout();
        for finding in &located.findings {
            writeln!(out, "{}", finding.part.title())?;
            for place in &finding.looked {
                match &place.missing {
                    None => writeln!(out, "  found   {}", place.path.display())?,
                    Some(why) => writeln!(out, "  not in  {}: {why}", place.path.display())?,
                }
            }
        }
        let files = located.files()?;
        match identify_checkpoint(&files.checkpoint)? {
            Some(name) => writeln!(out, "the checkpoint is the published {name}")?,
            None => writeln!(out, "the checkpoint is none of the published ones")?,
        }
        // Reading both is the only proof that they can be used.
        Models::read(&files, FenseOptions::default())?;
        writeln!(out, "both models can be read")?;
        Ok(Exit::Done)
    }

    /// Whether models that are not there may be downloaded.
    fn may_fetch(&self) -> bool {
        !Places::from_env(self.fense_models.clone()).offline
    }

    /// Where the models are, if all of them are on this machine.
    fn found(&self) -> Option<String> {
        let files = locate(&Places::from_env(self.fense_models.clone())).files().ok()?;
        Some(format!("{} {}", files.sentence.display(), files.checkpoint.display()))
    }

    /// Rates captions by FENSE, if there are any.
    fn rater(&self) -> CaptionModels<'static> {
        let places = Places::from_env(self.fense_models.clone());
        let vectors = places.own.as_ref().map(|own| own.join("vectors"));
        // What could not be fetched for one label is not tried for the next.
        let failed: RefCell<Option<String>> = RefCell::default();
        let find = move || {
            if let Some(reason) = &*failed.borrow() {
                return Err(CaptionsUnavailable::NotFound(reason.clone()));
            }
            let mut bar = FetchBar::default();
            let files = ensure(&places, &mut |event| bar.show(event));
            bar.end();
            files.map_err(|error| match error {
                FetchError::Models(error) => error.into(),
                other => {
                    let reason = other.to_string();
                    failed.replace(Some(reason.clone()));
                    CaptionsUnavailable::NotFound(reason)
                }
            })
        };
        let shown: RefCell<Option<(ScoreStage, Measuring)>> = RefCell::default();
        CaptionModels::new(find, vectors).with_progress(move |progress| {
            let mut shown = shown.borrow_mut();
            if shown.as_ref().is_none_or(|(stage, _)| *stage != progress.stage) {
                if let Some((_, before)) = shown.take() {
                    before.clear();
                }
                let what = match progress.stage {
                    ScoreStage::Embedding => "comparing captions",
                    ScoreStage::Detecting => "looking for errors in captions",
                };
                *shown = Some((progress.stage, Measuring::new(what)));
            }
            if let Some((_, bar)) = &*shown {
                bar.tell(progress.done, progress.total);
            }
            if progress.stage == ScoreStage::Detecting
                && progress.done == progress.total
                && let Some((_, bar)) = shown.take()
            {
                bar.clear();
            }
        })
    }
}

/// One bar a file.
#[derive(Default)]
struct FetchBar {
    url: String,
    bar: Option<ProgressBar>,
    /// When the file was begun, and what was there of it.
    begun: Option<(Instant, u64)>,
    /// When the last line was written, where there is no terminal.
    last_line: Option<Instant>,
}

impl FetchBar {
    fn show(&mut self, event: &FetchProgress) {
        if self.url != event.url {
            self.end();
            self.url.clone_from(&event.url);
            self.last_line = Some(Instant::now());
            self.begun = None;
            terminal::note(format!("fetching {} to {}", event.url, event.target.display()));
            let style = ProgressStyle::with_template(
                "{bar:24} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left",
            )
            .expect("the template is constant")
            .progress_chars("█▌░");
            self.bar = Some(ProgressBar::new(event.total.unwrap_or(0)).with_style(style));
        }
        if let Some(bar) = &self.bar {
            if let Some(total) = event.total {
                bar.set_length(total);
            }
            bar.set_position(event.done);
        }
        let is_shown = self.bar.as_ref().is_some_and(|bar| !bar.is_hidden());
        let (begun, first) = *self.begun.get_or_insert((Instant::now(), event.done));
        let is_due = self.last_line.is_some_and(|last| last.elapsed() >= LINE_EVERY);
        if !is_shown && is_due {
            self.last_line = Some(Instant::now());
            let rate = event.done.saturating_sub(first) as f64 / begun.elapsed().as_secs_f64();
            let total = event.total.map_or_else(String::new, |total| {
                let left = total.saturating_sub(event.done) as f64 / rate;
                let left = Duration::try_from_secs_f64(left).map(duration);
                let left = left.map_or_else(|_| String::new(), |left| format!(", {left} left"));
                format!(" of {:.1} MB{left}", total as f64 / 1e6)
            });
            let (done, rate) = (event.done as f64 / 1e6, rate / 1e6);
            terminal::note(format!("fetched {done:.1} MB{total}, {rate:.1} MB/s"));
        }
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
