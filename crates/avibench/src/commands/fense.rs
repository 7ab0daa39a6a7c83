//! `avibench fense`, and what `score` needs of it: ratings of captions.

use std::path::PathBuf;

use avibench_fense::{
    Caption, Fense as Models, FenseError, FenseOptions, FetchProgress, FluencyError, ModelFiles,
    Places, ScoreStage, ensure, fetch, identify_checkpoint, locate,
};
use avibench_score::{CaptionPair, CaptionRating};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::exit::Exit;
use crate::terminal;

/// Probabilities of fluency errors of a folder's captions, by position.
pub(crate) type Fluency = Vec<Option<[f64; 6]>>;

/// What is known of a folder's captions, by position.
#[derive(Debug, Default)]
pub(crate) struct Rated {
    pub(crate) ratings: Vec<Option<CaptionRating>>,
    pub(crate) fluency: Fluency,
}

/// Fetch or check the models that captions (AVC) are scored with.
#[derive(Debug, Args)]
pub(crate) struct Fense {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Download what is missing (about 700 MB in all)
    Fetch(FenseArgs),
    /// Say what is found where
    Check(FenseArgs),
}

/// Where the models are.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct FenseArgs {
    /// Folder with sbert/, echecker.ckpt and `echecker_base`/ (default: `AVIBENCH_FENSE_MODELS`,
    /// then the caches of Hugging Face and torch, then a download unless `HF_HUB_OFFLINE`=1)
    #[arg(long, value_name = "DIR")]
    pub fense_models: Option<PathBuf>,
}

impl Fense {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self.action {
            Action::Fetch(args) => {
                let mut bar = FetchBar::default();
                let files =
                    fetch(&Places::from_env(args.fense_models), &mut |event| bar.show(event));
                bar.end();
                say_files(&files?);
                Ok(Exit::Done)
            }
            Action::Check(args) => args.check(),
        }
    }
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
        let mut out = std::io::stdout().lock();
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

    /// Rates sets of captions of one folder with `samples` records, by position. `Err` holds the
    /// one line that says why they cannot be rated. With `may_fetch` missing models are
    /// downloaded first.
    pub(crate) fn rate<const N: usize>(
        &self,
        sets: &[Vec<CaptionPair<'_>>; N],
        samples: usize,
        may_fetch: bool,
    ) -> Result<[Rated; N], String> {
        let mut rated = std::array::from_fn(|_| Rated {
            ratings: vec![None; samples],
            fluency: vec![None; samples],
        });
        let pairs =
            || sets.iter().enumerate().flat_map(|(i, set)| set.iter().map(move |pair| (i, pair)));
        if pairs().next().is_none() {
            return Ok(rated);
        }
        let mut places = Places::from_env(self.fense_models.clone());
        places.offline |= !may_fetch;
        let mut bar = FetchBar::default();
        let files = ensure(&places, &mut |event| bar.show(event));
        bar.end();
        let files = files.map_err(|error| match error {
            FenseError::ModelsMissing(complaint) => complaint,
            other => format!("{other}; or name a folder that holds the models by --fense-models"),
        })?;
        let options = FenseOptions {
            cache: places.own.as_ref().map(|own| own.join("vectors")),
            ..FenseOptions::default()
        };
        let models = Models::read(&files, options).map_err(|error| error.to_string())?;
        let captions: Vec<Caption<'_>> = pairs()
            .map(|(_, pair)| Caption {
                candidate: &pair.candidate,
                references: pair.references.clone(),
            })
            .collect();
        let bar = ProgressBar::new(0).with_style(
            ProgressStyle::with_template("{msg:24} {bar:24} {pos:>5}/{len}, {eta} left")
                .expect("the template is constant")
                .progress_chars("█▌░"),
        );
        let report = models.score(&captions, &mut |progress| {
            bar.set_message(match progress.stage {
                ScoreStage::Embedding => "comparing captions",
                ScoreStage::Detecting => "looking for errors",
            });
            bar.set_length(progress.total as u64);
            bar.set_position(progress.done as u64);
        });
        bar.finish_and_clear();
        let report = report.map_err(|error| error.to_string())?;
        for warning in &report.warnings {
            terminal::warning(warning);
        }
        for ((set, pair), score) in pairs().zip(report.captions) {
            let position = pair.position.0;
            rated[set].ratings[position] = score.as_ref().map(|score| CaptionRating {
                similarity: score.similarity,
                error_probability: score.probability(FluencyError::Error),
            });
            rated[set].fluency[position] = score.map(|score| score.probabilities);
        }
        Ok(rated)
    }
}

/// One bar a file.
#[derive(Default)]
struct FetchBar {
    url: String,
    bar: Option<ProgressBar>,
}

impl FetchBar {
    fn show(&mut self, event: &FetchProgress) {
        if self.url != event.url {
            self.end();
            self.url.clone_from(&event.url);
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
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
