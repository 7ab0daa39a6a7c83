//! `avibench synth`: data sets from a seed.

use std::path::{Path, PathBuf};
use std::time::Instant;

use avibench_stimuli::{SetKind, SetOptions, Summary, generate};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::exit::Exit;
use crate::terminal;

/// Make data sets from a seed.
#[derive(Debug, Args)]
pub(crate) struct Synth {
    #[command(subcommand)]
    set: Set,
}

#[derive(Debug, Subcommand)]
enum Set {
    /// All 15 folders with a few records each, to try a pipeline with; never comparable
    Smoke(Smoke),
}

#[derive(Debug, Args)]
struct Smoke {
    /// Everything random comes from here: the same seed gives the same bytes
    #[arg(long, default_value_t = 7, value_name = "SEED")]
    seed: u64,
    /// Folder for the set
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write into a folder that holds other files
    #[arg(long)]
    force: bool,
}

impl Synth {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let (options, out) = match self.set {
            Set::Smoke(smoke) => (
                SetOptions {
                    kind: SetKind::Smoke,
                    seed: smoke.seed,
                    force: smoke.force,
                    ..SetOptions::default()
                },
                smoke.out,
            ),
        };
        make(&options, &out)?;
        terminal::hint(format!("avibench run --backend signal --data-root {}", out.display()));
        Ok(Exit::Done)
    }
}

/// Makes a set with a progress bar, and says what was made.
pub(crate) fn make(options: &SetOptions, out: &Path) -> anyhow::Result<Summary> {
    let begun = Instant::now();
    // Hidden where stderr is no terminal; the closing line says all there.
    let bar = ProgressBar::new(0).with_style(
        ProgressStyle::with_template("making data   {bar:24} {pos:>5}/{len} records, {eta} left")
            .expect("the template is constant")
            .progress_chars("█▌░"),
    );
    let summary = generate(options, out, &|done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let summary = summary?;
    terminal::note(format!(
        "made a {} set of {} records in {} folders ({} files, {:.1} MB) in {}: {}",
        options.kind.name(),
        summary.records.values().sum::<usize>(),
        summary.records.len(),
        summary.files,
        summary.bytes as f64 / 1e6,
        terminal::duration(begun.elapsed()),
        out.display()
    ));
    Ok(summary)
}
