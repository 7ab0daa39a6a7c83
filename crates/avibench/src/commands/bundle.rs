//! `avibench bundle`: a scored label as one file that anyone can recompute.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use avibench_bundle::{LabelSources, PackedBundle};
use avibench_files::write_atomic;
use avibench_protocol::Dataset;
use avibench_results::{RunFile, read_report};
use avibench_store::Label;
use clap::Args;

use super::common::{OutputArgs, RefinedArgs, ScoresArgs, flag, output_file};
use super::session;
use crate::exit::Exit;
use crate::terminal;

/// Make one file of a scored label that anyone can recompute.
///
/// The public form is meant for a web page: all numbers, and what each sample scored under shuffled
/// numbers; no question, truth or answer, no hash of one, no path, no host. `--with-answers` makes the
/// form for those who have the data set. Both are the same, byte for byte, whenever this version makes them
/// of the same label.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench bundle my-model --data-root DATA\n\
\x20 avibench bundle my-model --with-answers")]
pub(crate) struct Bundle {
    /// A label that `score` has scored
    #[arg(value_name = "LABEL")]
    label: Label,
    /// Put in report, rows, journals and formatted answers as they are; the benchmark's policy forbids
    /// passing its texts on
    #[arg(long, help_heading = "Output")]
    with_answers: bool,
    /// The file to make (default: `<label>.bundle.zip`, or `<label>.private.zip` with answers, among the
    /// score files)
    #[arg(long, help_heading = "Output", value_name = "FILE")]
    out: Option<PathBuf>,
    /// Folder that holds `levels/<stage>/<TASK>/data.json`: tells whether the data were generated
    #[arg(
        long,
        help_heading = "Data",
        alias = "data_root",
        env = "DATA_ROOT",
        default_value = ".",
        value_name = "DIR"
    )]
    data_root: PathBuf,
    #[command(flatten)]
    scores: ScoresArgs,
    #[command(flatten)]
    outputs: OutputArgs,
    #[command(flatten)]
    refined: RefinedArgs,
}

impl Bundle {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let begun = Instant::now();
        let label = &self.label;
        let answers: [&Path; 2] = [&self.outputs.output_dir, &self.refined.refined_dir];
        let data = flag("data-root", &self.data_root, ".");
        let flags = [data, self.outputs.flag(), self.refined.flag()].concat();
        let report = self.scores.report_of(label, &answers, &flags)?;
        let dataset = Dataset::open(&self.data_root).ok();
        let program = session::program();
        let sources = LabelSources {
            label,
            eval_dir: &self.scores.eval_dir,
            outputs: &self.outputs.output_dir,
            refined: &self.refined.refined_dir,
            dataset: dataset.as_ref(),
            program: &program,
        };
        let (bundle, file) = if self.with_answers {
            (sources.private()?, RunFile::PrivateBundle)
        } else {
            (sources.public()?, RunFile::PublicBundle)
        };
        let out = self.out.clone().unwrap_or_else(|| file.path(&self.scores.eval_dir, label));
        let out = output_file(&out)?;
        anyhow::ensure!(
            holds_nothing_else(&out),
            "{} holds something else than a bundle, so that nothing was written; name another file with --out, \
             or remove this one",
            out.display()
        );
        write_atomic(&out, |file| file.write_all(&bundle.bytes))?;
        let form = bundle.manifest.form.name();
        terminal::note(format!(
            "{form} bundle of {label}: {} ({}, made in {})",
            out.display(),
            size(bundle.bytes.len()),
            terminal::duration(begun.elapsed()),
        ));
        self.tell(&bundle, read_report(&report)?.has_stand_in_captions());
        Ok(Exit::Done)
    }

    fn tell(&self, bundle: &PackedBundle, is_by_stand_in: bool) {
        terminal::note(format!("sha256 {}", bundle.sha256));
        if let Some(private) = &bundle.manifest.private_sha256 {
            terminal::note(format!("its private bundle (--with-answers) has sha256 {private}"));
        } else if bundle.manifest.generated.is_none() {
            terminal::warning(
                "the file holds questions, truths and answers. Unless the data set is a generated one, \
                 they are the benchmark's, whose policy forbids passing them on",
            );
        }
        if is_by_stand_in {
            terminal::warning(
                "captions (AVC) were rated by the stand-in for FENSE, and the bundle says so: its AVC, stage, \
                 Overall and levels compare with no others, and the leaderboard takes none of them",
            );
        }
        if bundle.manifest.generated.is_none() {
            terminal::warning(format!(
                "taken for the benchmark's data: {} holds no generated set with the hashes that were \
                 scored against; if it was one, name its folder with --data-root",
                self.data_root.display()
            ));
        }
    }
}

/// A length in kilobytes, or in megabytes where it has some.
fn size(bytes: usize) -> String {
    let (kilobytes, megabytes) = (bytes as f64 / 1e3, bytes as f64 / 1e6);
    if megabytes < 1.0 { format!("{kilobytes:.1} kB") } else { format!("{megabytes:.1} MB") }
}

/// Whether a file may be replaced: it is not there, is empty, or is a ZIP file.
fn holds_nothing_else(path: &Path) -> bool {
    let mut beginning = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4).read_to_end(&mut beginning));
    read.is_err() || beginning.is_empty() || beginning == b"PK\x03\x04"
}
