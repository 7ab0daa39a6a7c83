//! The command line of avibench: a thin layer over the libraries. stdout carries data, stderr
//! talk.

mod commands;
mod exit;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::COULD_NOT_RUN;

/// Evaluate omni-modal language models on AVI-Bench: 14 tasks, 4 stages, from asking to scores.
#[derive(Debug, Parser)]
#[command(
    name = "avibench",
    version,
    max_term_width = 100,
    after_help = "\
Exit codes: 0 all done; 1 could not run; 2 finished, but some samples failed; 130 interrupted.\n\
First steps: `avibench demo` shows everything offline; `avibench smoke` tries your endpoint."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the whole path offline: make a data set, serve two models, ask, refine, score.
    Demo(commands::demo::Demo),
    /// Ask a model every question of a data set; resumes where an earlier run stopped.
    Run(commands::run::Run),
    /// Bring a run's answers into the format that scoring reads.
    Refine(commands::refine::Refine),
    /// Score refined answers and show them beside the published results.
    Score(commands::score::Score),
    /// Compare models on the samples that both answered.
    Compare(commands::compare::Compare),
    /// Try an endpoint with a few samples of every folder.
    Smoke(commands::smoke::Smoke),
    /// Make data sets from a seed.
    Synth(commands::synth::Synth),
    /// Serve a built-in model on 127.0.0.1 behind an OpenAI-compatible interface.
    Serve(commands::serve::Serve),
    /// Fetch or check the models that captions (AVC) are scored with.
    Fense(commands::fense::Fense),
    /// Show, check or export the prompts.
    Prompts(commands::prompts::Prompts),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are data; usage errors are talk. clap's own code for the latter
            // is 2, which here means that samples failed.
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::from(COULD_NOT_RUN)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let result = match cli.command {
        Command::Demo(command) => command.run(),
        Command::Run(command) => command.run(),
        Command::Refine(command) => command.run(),
        Command::Score(command) => command.run(),
        Command::Compare(command) => command.run(),
        Command::Smoke(command) => command.run(),
        Command::Synth(command) => command.run(),
        Command::Serve(command) => command.run(),
        Command::Fense(command) => command.run(),
        Command::Prompts(command) => command.run(),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            terminal::error(&error);
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}
