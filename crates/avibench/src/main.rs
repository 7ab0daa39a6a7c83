//! The command line of avibench: a thin layer over the libraries. stdout carries data, stderr
//! talk.

mod commands;
mod exit;
mod interrupt;
mod terminal;

use std::process::ExitCode;

use clap::builder::Resettable;
use clap::{ArgAction, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::exit::{COULD_NOT_RUN, READER_LEFT};

/// Evaluate omni-modal language models on AVI-Bench: 14 tasks, 4 stages, from asking to scores.
#[derive(Debug, Parser)]
#[command(
    name = "avibench",
    version = avibench_build::LONG_VERSION,
    max_term_width = 100,
    after_help = "\
Exit codes: 0 all done; 1 could not run; 2 finished, but some samples failed,\n\
a file or folder could not be read, most answers are empty or cut off, a\n\
document is not valid, or what `verify` computes is not what a bundle says;\n\
3 a probe does not show what --require names; 130 interrupted; 141 nobody reads the output.\n\
First steps: `avibench demo` shows everything offline; `avibench smoke` tries your endpoint."
)]
struct Cli {
    /// Say on stderr what happens inside; twice for every step. `AVIBENCH_LOG` takes finer filters,
    /// such as `avibench_engine=trace`
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

/// Each command's help stands at its arguments.
#[derive(Debug, Subcommand)]
enum Command {
    Demo(commands::demo::Demo),
    Evaluate(commands::evaluate::Evaluate),
    Run(commands::run::Run),
    Refine(commands::refine::Refine),
    Score(commands::score::Score),
    Compare(commands::compare::Compare),
    Report(commands::report::Report),
    View(commands::view::View),
    Bundle(commands::bundle::Bundle),
    Verify(commands::verify::Verify),
    Smoke(commands::smoke::Smoke),
    Probe(commands::probe::Probe),
    Doctor(commands::doctor::Doctor),
    Labels(commands::labels::Labels),
    Leaderboard(commands::leaderboard::Leaderboard),
    Synth(commands::synth::Synth),
    Serve(commands::serve::Serve),
    Fense(commands::fense::Fense),
    Prompts(commands::prompts::Prompts),
}

fn main() -> ExitCode {
    let cli = adapted(Cli::command())
        .try_get_matches()
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match cli {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are data; usage errors are talk. clap's own code for the latter
            // is 2, which here means that samples failed.
            if error.use_stderr() {
                terminal::usage_error(&error);
                return ExitCode::from(COULD_NOT_RUN);
            }
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
    };
    trace(cli.verbose);
    // A server ends by itself, and has nothing half-written.
    if !matches!(cli.command, Command::Serve(_)) {
        interrupt::listen();
    }
    let result = match cli.command {
        Command::Demo(command) => command.run(),
        Command::Evaluate(command) => command.run(),
        Command::Run(command) => command.run(),
        Command::Refine(command) => command.run(),
        Command::Score(command) => command.run(),
        Command::Compare(command) => command.run(),
        Command::Report(command) => command.run(),
        Command::View(command) => command.run(),
        Command::Bundle(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Smoke(command) => command.run(),
        Command::Probe(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::Labels(command) => command.run(),
        Command::Leaderboard(command) => command.run(),
        Command::Synth(command) => command.run(),
        Command::Serve(command) => command.run(),
        Command::Fense(command) => command.run(),
        Command::Prompts(command) => command.run(),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(_) if terminal::reader_left() => ExitCode::from(READER_LEFT),
        Err(error) => {
            terminal::error(&error);
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

/// The command line with those variables left out that are set and empty, as scripts and containers
/// leave them: they count as unset. A negative number is a flag's value and no flag, so that what is
/// wrong with it is said.
fn adapted(command: clap::Command) -> clap::Command {
    let is_empty = |name: &std::ffi::OsStr| {
        std::env::var_os(name).is_some_and(|value| value.to_string_lossy().trim().is_empty())
    };
    let command = command.mut_args(|arg| {
        let arg = match arg.get_env() {
            Some(name) if is_empty(name) => arg.env(Resettable::Reset),
            _ => arg,
        };
        let has_value = arg.get_long().is_some() && arg.get_action().takes_values();
        if has_value { arg.allow_negative_numbers(true) } else { arg }
    });
    let names: Vec<String> =
        command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, adapted))
}

/// Sends what the libraries trace to stderr, if it was asked for.
fn trace(verbose: u8) {
    let filter =
        match (std::env::var("AVIBENCH_LOG").ok().filter(|filter| !filter.is_empty()), verbose) {
            (Some(filter), _) => EnvFilter::new(filter),
            (None, 0) => return,
            (None, 1) => EnvFilter::new("avibench=debug"),
            (None, _) => EnvFilter::new("avibench=trace"),
        };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| terminal::Shown(std::io::stderr()))
        // Its own complaint about stderr would go there and end the run.
        .log_internal_errors(false)
        .with_ansi(false)
        .init();
}
