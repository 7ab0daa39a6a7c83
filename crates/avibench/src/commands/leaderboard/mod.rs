//! `avibench leaderboard`: the document of the public leaderboard, and its page.

mod build;
mod check;
mod entry;
mod rank_sets;
mod splice;

use clap::{Args, Subcommand};

use crate::exit::Exit;

/// Work with the document of the public leaderboard (`results.json`, schema version 2).
///
/// `check` decides as the public validator does, and names every violation with its place. `add` and
/// `remove` change nothing but the entry they are about.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench leaderboard check leaderboard.json\n\
\x20 avibench leaderboard entry my-model > entry.json")]
pub(crate) struct Leaderboard {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Check(check::Check),
    Entry(Box<entry::Entry>),
    Add(splice::Add),
    Remove(splice::Remove),
    Build(build::Build),
}

impl Leaderboard {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self.action {
            Action::Check(check) => check.run(),
            Action::Entry(entry) => entry.run(),
            Action::Add(add) => add.run(),
            Action::Remove(remove) => remove.run(),
            Action::Build(build) => build.run(),
        }
    }
}
