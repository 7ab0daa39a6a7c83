//! `avibench batch export`: a run's requests as files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use avibench_batch::{
    Export as BatchExport, ExportLimits, ExportManifest, ExportSummary, Submission,
};
use avibench_engine::{BatchFormat, LEAST_MEDIUM_BYTES, Price, RunSettings};
use avibench_store::{Ablation, Label, OnDifference};
use clap::Args;

use crate::commands::ablation::{self, AblationArgs};
use crate::commands::by_name::by_name;
use crate::commands::common::{DataArgs, OutputArgs, PromptArgs};
use crate::commands::endpoint::EndpointArgs;
use crate::commands::epochs::EpochArgs;
use crate::commands::locks::LockArgs;
use crate::commands::ranges::{self, whole};
use crate::commands::run::{Asking, wording_line};
use crate::commands::sharding;
use crate::exit::Exit;
use crate::terminal::{self, Measuring, counted};

/// Samples that cannot be exported of which each is named.
const NAMED: usize = 5;
/// Tokens of an answer, as dry runs count.
const ANSWER: u64 = 100;

/// Write what `run` would send as files for a batch interface.
///
/// Takes the flags of `run`, and writes the requests of all samples that have no answer yet. Nothing is
/// sent, and nothing changes under the label.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench batch export --model-path my-model \\\n\
\x20     --data-root DATA\n\
\x20 avibench batch export --model-path my-model \\\n\
\x20     --data-root DATA --format gemini --out export")]
pub(crate) struct Export {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    endpoint: EndpointArgs,
    #[command(flatten)]
    prompts: PromptArgs,
    #[command(flatten)]
    outputs: OutputArgs,
    /// Only the first N samples of each folder, which need not be like the others: to estimate
    /// scores, take --subset
    #[arg(long, help_heading = "Data", alias = "n_samples", value_parser = whole::<usize>(ranges::SAMPLES), value_name = "N")]
    n_samples: Option<usize>,
    #[command(flatten)]
    ablation: AblationArgs,
    #[command(flatten)]
    epochs: EpochArgs,
    #[command(flatten)]
    locks: LockArgs,
    /// Go on under a label that holds another model, prompt pack, data set or profile
    #[arg(long, help_heading = "What is done")]
    force: bool,
    /// Form of the requests: `openai`, also for vLLM's `run_batch`, or `gemini`
    #[arg(long, help_heading = "Output", hide_possible_values = true, value_parser = by_name::<BatchFormat>(BatchFormat::ALL.map(BatchFormat::name)), default_value_t = BatchFormat::default(), value_name = "FORM")]
    format: BatchFormat,
    /// Folder to make (default: `batches/<label>/<number>`)
    #[arg(long, help_heading = "Output", value_name = "DIR")]
    out: Option<PathBuf>,
    /// Most requests of a file (default: 50000)
    #[arg(long, help_heading = "Output", value_parser = whole::<u64>(ranges::SAMPLES), value_name = "N")]
    max_requests: Option<u64>,
    /// Most megabytes of a file, of a million bytes each (default: 200, and 2000 for `gemini`)
    #[arg(long, help_heading = "Output", value_parser = whole::<u64>(ranges::FILE_MB), value_name = "MB")]
    max_mb: Option<u64>,
    /// Export although an earlier export of the label is submitted and not fetched; its requests are
    /// then paid for twice
    #[arg(long, help_heading = "What is done")]
    again: bool,
    /// Prices in US dollars per million tokens, as of `run`
    #[arg(long, help_heading = "Cost", value_name = "FILE")]
    prices: Option<PathBuf>,
}

impl Export {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let data = self.data.load_to_ask(self.n_samples)?;
        let pack = self.prompts.load()?;
        let base = self.endpoint.label()?;
        let ablation = self.ablation.ablation(&base)?;
        let label = ablation.as_ref().map_or(Ok(base), Ablation::label)?;
        let folder = match &self.out {
            Some(folder) => folder.clone(),
            None => self.next_folder(&label)?,
        };
        let output_dir = &self.outputs.output_dir;
        let media_bytes = self.endpoint.max_inflight_mib << 20;
        let flags = [self.data.dataset.flag(), self.outputs.flag()].concat();
        let directory = output_dir.join(label.as_str());
        sharding::check_whole(&label, &directory, self.force, &flags)?;
        let settings = self.endpoint.settings(label, output_dir, &pack)?;
        terminal::note(wording_line(&pack));
        let asking = Asking {
            settings: RunSettings {
                price: super::import::price(self.prices.as_deref(), &settings.model)?,
                on_difference: if self.force { OnDifference::Force } else { OnDifference::Refuse },
                ablation,
                rewritten: self.ablation.rewritten(output_dir, media_bytes.max(LEAST_MEDIUM_BYTES)),
                subset: self.ablation.subset(),
                epochs: self.epochs.epochs,
                locking: self.locks.locking(),
                ..settings
            },
            n_samples: self.n_samples,
            pack: &pack,
        };
        self.epochs.warn(&asking.settings.parameters);
        let jobs = asking.jobs(&data.folders);
        if let Some(ablation) = &asking.settings.ablation {
            terminal::note(ablation::described(ablation, &jobs));
        }
        let limits = ExportLimits::of(self.format);
        let export = BatchExport {
            settings: &asking.settings,
            format: self.format,
            limits: ExportLimits {
                requests: self.max_requests.unwrap_or(limits.requests),
                bytes: self.max_mb.map_or(limits.bytes, |megabytes| megabytes * 1_000_000),
            },
            folder: folder.clone(),
            media_bytes,
            media_time: Duration::from_secs_f64(self.endpoint.timeout),
        };
        let runtime = tokio::runtime::Runtime::new()?;
        let measuring = Measuring::new("writing requests");
        let tell = |done, all| measuring.tell(done, all);
        let summary = export.write(&jobs, runtime.handle(), &tell);
        measuring.clear();
        Ok(data.exit(report(&summary?, &folder, asking.settings.price)))
    }

    /// The next folder below `batches/<label>`; earlier exports there must not be on their way.
    fn next_folder(&self, label: &Label) -> anyhow::Result<PathBuf> {
        let root = Path::new("batches").join(label.as_str());
        let mut last = 0;
        for entry in std::fs::read_dir(&root).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(number) = name.to_str().and_then(|name| name.parse::<u64>().ok()) else {
                continue;
            };
            let folder = entry.path();
            // One without a manifest is left of an export that was killed.
            if ExportManifest::is_in(&folder) {
                last = last.max(number);
            }
            anyhow::ensure!(
                self.again || !Submission::is_under_way(&folder)?,
                "{} is submitted and not fetched, and its requests would be exported once more; \
                 fetch it first (`avibench batch fetch {}`), or export all the same with --again",
                folder.display(),
                folder.display()
            );
        }
        Ok(root.join((last + 1).to_string()))
    }
}

/// Says what was exported, and what comes next.
fn report(summary: &ExportSummary, folder: &Path, price: Option<Price>) -> Exit {
    for notice in &summary.notices {
        terminal::warning(notice);
    }
    for left_out in summary.left_out.iter().take(NAMED) {
        terminal::warning(format!("not exported: {left_out}"));
    }
    let more = summary.left_out.len().saturating_sub(NAMED);
    if more > 0 {
        terminal::warning(format!("{} not exported either", counted(more, "more sample")));
    }
    let exit = if summary.left_out.is_empty() { Exit::Done } else { Exit::SomeFailed };
    let answered = match summary.reused {
        0 => String::new(),
        1 => "; 1 sample is answered already".to_owned(),
        count => format!("; {count} samples are answered already"),
    };
    let Some(manifest) = &summary.manifest else {
        terminal::note(format!("no request is left to be exported{answered}"));
        return exit;
    };
    let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    terminal::note(format!(
        "exported {} in {} of {bytes} bytes{answered}: {}",
        counted(manifest.requests() as usize, "request"),
        counted(manifest.files.len(), "file"),
        folder.display()
    ));
    terminal::note(cost(manifest, price));
    terminal::hint(next(manifest, folder));
    exit
}

/// What the export costs, in a batch and one by one.
fn cost(manifest: &ExportManifest, price: Option<Price>) -> String {
    let Some(price) = price else {
        return "no price table has this model, so its cost is unknown; add it with --prices FILE"
            .to_owned();
    };
    let tokens_out = manifest.requests() * ANSWER;
    let cost = |price: Price| {
        terminal::dollars(price.cost(manifest.tokens_in, manifest.tokens_audio, tokens_out))
    };
    format!("cost, roughly: {} in a batch, {} one by one", cost(price.in_batch()), cost(price))
}

fn next(manifest: &ExportManifest, folder: &Path) -> String {
    let folder = folder.display();
    match manifest.format {
        BatchFormat::OpenAi => format!(
            "avibench batch submit {folder} --base-url URL, or upload the files by hand and bring in what \
             comes back with avibench batch import {folder} FILE"
        ),
        BatchFormat::Gemini => format!(
            "upload the files with Google's tools, then bring in what comes back with avibench batch \
             import {folder} FILE"
        ),
    }
}
