//! `avibench synth`: data sets from a seed.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use avibench_stimuli::{
    CheckReport, Difficulty, SetKind, SetOptions, SetSummary, check, contact_sheets, generate,
};
use clap::{Args, Subcommand, ValueEnum};

use super::by_name::by_name;
use super::ranges::{self, whole};
use super::task_choice::TaskChoice;
use crate::exit::Exit;
use crate::terminal::{self, Grid, Measuring, counted, wrapped};

/// Make data sets from a seed.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench synth smoke --out data/smoke\n\
\x20 avibench synth prise --seed 7 --out data/prise")]
pub(crate) struct Synth {
    #[command(subcommand)]
    set: Set,
}

#[derive(Debug, Subcommand)]
enum Set {
    /// Fresh primitive-sensation stimuli: four folders with as many records as the benchmark's
    Prise(Prise),
    /// Decode a set, let the observer answer it, and look for answers that leak
    Check(Check),
    /// All 15 folders, to try a pipeline with; never comparable
    ///
    /// A few records each, or as many as the benchmark has with --scale 1. The four sensation folders
    /// hold true PriSe questions, the others simple stand-ins; ids repeat, and some checks of VSQA_I
    /// are void, as in the benchmark.
    Smoke(Smoke),
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench synth prise --seed 7 --out data/prise\n\
\x20 avibench synth prise --seed 7 --sweep --out data/sweep")]
struct Prise {
    /// Everything random comes from here: the same seed gives the same bytes
    #[arg(long, value_parser = whole::<u64>(ranges::SEED), value_name = "SEED")]
    seed: u64,
    /// Folder for the set
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Number of records relative to the published benchmark
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR")]
    scale: f64,
    /// How hard the stimuli are
    #[arg(long, value_enum, default_value_t = Hardness::Normal)]
    difficulty: Hardness,
    /// Spread intensities evenly over the widest range, for psychometric curves
    #[arg(long)]
    sweep: bool,
    /// Only these of ASQA, VSQA_I, VSQA_V, AVSQA; comma or space between
    #[arg(long, num_args = 1.., value_delimiter = ',', hide_possible_values = true, value_parser = by_name::<TaskChoice>(["ASQA", "VSQA_I", "VSQA_V", "AVSQA"]), value_name = "TASK")]
    tasks: Vec<TaskChoice>,
    /// Write into a folder that holds other files, or replace another generated set
    #[arg(long)]
    force: bool,
    /// Draw a contact sheet (PNG) for each folder
    #[arg(long)]
    contact_sheet: bool,
}

/// How hard stimuli are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Hardness {
    /// Plain to anybody
    Easy,
    /// Clear, without being crude
    Normal,
    /// Down to where some differences cannot be sensed
    Hard,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench synth check data/prise")]
struct Check {
    /// Folder of the set
    dir: PathBuf,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench synth smoke --out data/smoke\n\
\x20 avibench synth smoke --scale 1 --out data/full-size")]
struct Smoke {
    /// Everything random comes from here: the same seed gives the same bytes
    #[arg(long, default_value_t = 7, value_parser = whole::<u64>(ranges::SEED), value_name = "SEED")]
    seed: u64,
    /// Folder for the set
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Number of records relative to the benchmark: 1 makes 5,864 [default: a few of each folder]
    #[arg(long, value_name = "FACTOR")]
    scale: Option<f64>,
    /// Write into a folder that holds other files, or replace another generated set
    #[arg(long)]
    force: bool,
}

impl Synth {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let (options, out, sheets) = match self.set {
            Set::Check(check) => return check.run(),
            Set::Smoke(smoke) => {
                let Smoke { seed, out, scale, force } = smoke;
                let kind = SetKind::Smoke;
                (SetOptions { kind, seed, scale, force, ..SetOptions::default() }, out, false)
            }
            Set::Prise(prise) => {
                let folders = match prise.tasks.as_slice() {
                    [] => Vec::new(),
                    tasks => TaskChoice::folders(tasks),
                };
                let options = SetOptions {
                    kind: SetKind::Prise,
                    seed: prise.seed,
                    scale: Some(prise.scale),
                    difficulty: match prise.difficulty {
                        Hardness::Easy => Difficulty::Easy,
                        Hardness::Normal => Difficulty::Normal,
                        Hardness::Hard => Difficulty::Hard,
                    },
                    sweep: prise.sweep,
                    folders,
                    force: prise.force,
                };
                (options, prise.out, prise.contact_sheet)
            }
        };
        make(&options, &out)?;
        if sheets {
            for sheet in contact_sheets(&out)? {
                terminal::note(format!("contact sheet: {}", sheet.display()));
            }
        }
        terminal::hint(format!("avibench run --backend signal --data-root {}", out.display()));
        Ok(Exit::Done)
    }
}

impl Check {
    fn run(self) -> anyhow::Result<Exit> {
        let bar = Measuring::new("checking records");
        let report = check(&self.dir, &|done, all| {
            bar.tell(done, all);
        });
        bar.clear();
        let report = report?;
        if self.json {
            terminal::print_json(&report)?;
        } else {
            writeln!(terminal::stdout(), "{}", check_tables(&report))?;
        }
        let leaks = report.leaks.iter().filter(|leak| leak.is_real()).count();
        let sound = report.altered.is_empty() && leaks == 0;
        Ok(if sound { Exit::Done } else { Exit::SomeFailed })
    }
}

/// Accuracy and balance of each subtask, mistakes, the likeliest leaks, altered files.
fn check_tables(report: &CheckReport) -> String {
    let mut grid =
        Grid::new(["Folder", "Subtask", "Records", "Observer\nright", "Balanced"]).with_texts([1]);
    for subtask in &report.subtasks {
        grid.row([
            subtask.folder.name().to_owned(),
            subtask.name.clone(),
            subtask.records.to_string(),
            format!("{:.1}%", subtask.accuracy() * 100.0),
            if subtask.is_balanced() { "yes" } else { "no" }.to_owned(),
        ]);
    }
    let mut lines =
        vec![format!("The observer is right on {:.2}% of all records.", report.accuracy() * 100.0)];
    lines.extend(report.floors.iter().map(|floor| {
        format!(
            "Guessing on {}: {} of {} right, {:.1} ± {:.1} expected.",
            floor.folder, floor.right, floor.records, floor.expected, floor.standard_error
        )
    }));
    let of_mistakes = report.mistakes.iter().map(|mistake| {
        format!(
            "Mistake: {} {} {}: {} for {}",
            mistake.folder,
            mistake.position,
            mistake.subtask,
            terminal::printable(&mistake.answer),
            terminal::printable(&mistake.truth)
        )
    });
    lines.extend(of_mistakes);
    let of_files = report.altered.iter().map(|path| format!("Altered: {path}"));
    let real: Vec<_> = report.leaks.iter().filter(|leak| leak.is_real()).collect();
    let of_leaks = real.iter().map(|leak| {
        format!(
            "Leak: {} {} can be guessed by {}: {:.1}% right, {:.1}% by chance.",
            leak.folder,
            leak.subtask,
            leak.by,
            leak.accuracy * 100.0,
            leak.chance * 100.0
        )
    });
    lines.extend(of_files);
    lines.extend(of_leaks);
    if real.is_empty() {
        lines.push(format!("No leak was found in {}.", counted(report.leaks.len(), "attempt")));
    }
    let lines: Vec<String> = lines.iter().map(|line| wrapped("", line)).collect();
    format!("{grid}\n{}", lines.join("\n"))
}

/// Makes a set with a progress bar, and says what was made.
pub(crate) fn make(options: &SetOptions, out: &Path) -> anyhow::Result<SetSummary> {
    let begun = Instant::now();
    let bar = Measuring::new("making records");
    let summary = generate(options, out, &|done, all| {
        bar.tell(done, all);
    });
    bar.clear();
    let summary = summary?;
    terminal::note(format!(
        "made a {} set of {} in {} ({}, {:.1} MB) in {}: {}",
        options.kind.name(),
        counted(summary.records.values().sum(), "record"),
        counted(summary.records.len(), "folder"),
        counted(summary.files, "file"),
        summary.bytes as f64 / 1e6,
        terminal::duration(begun.elapsed()),
        out.display()
    ));
    Ok(summary)
}
