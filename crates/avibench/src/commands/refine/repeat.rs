//! `refine --judge-repeat N`: how often the language model agrees with itself, and what that does
//! to scores.

use std::io::Write as _;

use avibench_refine::{Formatter, RefineNote, RepeatSettings, Repeated};
use avibench_store::Label;
use clap::Args;

use super::format::Endpoint;
use crate::commands::ranges::{self, whole};
use crate::commands::session::{self, AskedFor};
use crate::exit::Exit;
use crate::terminal::{self, repeat_table};

/// Whether and how to repeat.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct RepeatArgs {
    /// Instead of formatting, send a sample of answers to the language model N times and say how
    /// often it agrees with itself, and how much scores move
    #[arg(long = "judge-repeat", help_heading = "Repeats", value_name = "N", value_parser = whole::<u32>(2..=100))]
    repeats: Option<u32>,
    /// Answers in that sample, at most
    #[arg(long = "judge-sample", help_heading = "Repeats", default_value_t = 100, value_name = "N", value_parser = whole::<u32>(ranges::SAMPLES))]
    size: u32,
    /// Seed of that sample
    #[arg(long = "judge-seed", help_heading = "Repeats", default_value_t = 0, value_parser = whole::<u64>(ranges::SEED), value_name = "SEED")]
    seed: u64,
}

impl RepeatArgs {
    /// What is repeated, if anything is.
    pub(super) fn settings(&self) -> Option<RepeatSettings> {
        let (size, seed) = (self.size as usize, self.seed);
        self.repeats.map(|repeats| RepeatSettings { repeats, size, seed })
    }
}

/// Repeats a label's sample and prints what came of it.
pub(super) async fn repeat_label(
    formatter: &Formatter<'_>,
    label: &Label,
    settings: &RepeatSettings,
    endpoint: Endpoint<'_>,
) -> anyhow::Result<Exit> {
    let model = &formatter.settings().refiner.model;
    let execute = async |execution| Box::pin(endpoint.execute(execution, model)).await;
    let tell = |note: RefineNote| {
        if note.is_warning() {
            terminal::warning(note);
        } else {
            terminal::note(format!("{label}: {note}"));
        }
    };
    match Box::pin(formatter.repeat(label, settings, execute, tell)).await? {
        Repeated::NothingToAsk => {
            terminal::note(format!("{label}: no answer needs the language model"));
            Ok(Exit::Done)
        }
        Repeated::Stopped(summary) => session::close(&summary, AskedFor::Replies, ""),
        Repeated::Done { sample, folders } => {
            let repeats = settings.repeats;
            writeln!(
                terminal::stdout(),
                "{label}: {sample} answers sent to {model} {repeats} times\n{}",
                repeat_table(&folders, repeats)
            )?;
            Ok(Exit::Done)
        }
    }
}
